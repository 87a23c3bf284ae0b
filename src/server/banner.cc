#include "server/banner.h"

#include <algorithm>

namespace baton {

int64_t MeasureSyncUs(FileSystem& files, Clock& clock, const std::string& directory) {
  constexpr int kTrials = 5;
  const std::string path = directory + "/sync-trial.tmp";
  auto file = files.OpenAppend(path, FileSystem::OpenMode::kCreateOrTruncate);
  if (!file.ok()) return -1;
  const std::string record(128, '#');
  std::vector<int64_t> took_us;
  for (int i = 0; i < kTrials; ++i) {
    size_t written = 0;
    int64_t started_ns = clock.MonotonicNs();
    if (!(*file)->Append(record, &written).ok() || !(*file)->Sync().ok()) break;
    took_us.push_back((clock.MonotonicNs() - started_ns) / 1000);
  }
  file->reset();
  if (!files.Remove(path).ok() || took_us.empty()) return -1;
  std::sort(took_us.begin(), took_us.end());
  return took_us[took_us.size() / 2];
}

std::string_view WhatOkMeans(const Config& config) {
  if (!config.Bool("appendonly")) return "nothing is kept: data is gone when the process ends (appendonly no)";
  const std::string policy = config.String("appendfsync");
  if (policy == "always") return "the change is on disk: it survives a crash and a power cut (appendfsync always)";
  if (policy == "everysec") {
    return "the change is written: it survives a crash of the server; a power cut takes at most the last two seconds "
           "(appendfsync everysec)";
  }
  return "the change is written: it survives a crash of the server; a power cut takes what the system had not yet "
         "synced (appendfsync no)";
}

std::vector<std::string> Banner(const Config& config, const std::vector<std::string>& addresses,
                                const RecoveryReport& report, size_t keys, int64_t sync_us) {
  std::vector<std::string> lines;
  lines.push_back("Baton " BATON_VERSION ", a queue server that speaks the Redis protocol");
  std::string listening = "Listening on";
  for (const std::string& address : addresses) listening += " " + address;
  lines.push_back(std::move(listening));
  if (config.Bool("appendonly")) {
    lines.push_back("Data in " + config.String("dir") + "/" + config.String("appenddirname") + ": " +
                    std::to_string(keys) + " keys from " + std::to_string(report.commands) + " commands (" +
                    std::to_string(report.bytes) + " bytes)" + (report.note.empty() ? "" : "; " + report.note));
  }
  lines.push_back("OK means: " + std::string(WhatOkMeans(config)));
  if (sync_us >= 0) lines.push_back("One sync of this disk takes about " + std::to_string(sync_us) + " us");
  return lines;
}

}  // namespace baton
