#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/entry.h"
#include "data/keyspace.h"
#include "doubles/manual_clock.h"
#include "doubles/manual_job_runner.h"
#include "doubles/sim_file_system.h"
#include "log/log.h"

namespace baton {

inline constexpr char kLogDirectory[] = "data/appendonlydir";

inline LogOptions DefaultLogOptions(SyncPolicy policy = SyncPolicy::kAlways) {
  LogOptions options;
  options.directory = kLogDirectory;
  options.policy = policy;
  options.random_seed = 11;
  options.rewrite_percentage = 0;
  return options;
}

// One process with a log and a keyspace, on a disk and a clock that outlive it. Syncs and jobs run at once unless the
// test sets their mode.
class LogLife final : public ReplayTarget {
 public:
  explicit LogLife(FileSystem& files, Clock& clock, LogOptions options = DefaultLogOptions())
      : logger_(LogLevel::kDebug, [this](LogLevel, std::string_view line) { lines_.emplace_back(line); }),
        keyspace_(16, 7),
        log_(std::make_unique<Log>(options, files, clock, syncs_, jobs_, logger_, keyspace_, [this] { ++progress_; })) {
  }
  ~LogLife() override {
    syncs_.Forget();
    jobs_.Forget();
  }

  Result<RecoveryReport> Open() { return log_->Open(*this); }

  // One change, applied and appended, as Server::Commit does. Returns the position that carries it.
  uint64_t Commit(const Mutation& mutation) {
    const uint64_t position = log_->open_position();
    log_->BeginBatch();
    log_->Append(mutation);
    EXPECT_EQ(keyspace_.Apply(mutation, position), ApplyOutcome::kChanged);
    log_->EndBatch();
    return position;
  }
  uint64_t Push(std::string_view key, std::string_view value, uint32_t db = 0) {
    const std::string_view values[] = {value};
    return Commit(Mutation::Push(db, keyspace_.Ref(key), Side::kRight, values));
  }
  uint64_t Set(std::string_view key, std::string_view value) {
    return Commit(Mutation::Set(0, keyspace_.Ref(key), value, 0, false));
  }
  uint64_t Pop(std::string_view key) { return Commit(Mutation::Pop(0, keyspace_.Ref(key), Side::kLeft, 1)); }

  // Everything, one line a key: "0/q: a b c".
  std::string State() {
    std::vector<std::string> keys;
    for (uint32_t db = 0; db < keyspace_.databases(); ++db) {
      keyspace_.Visit(db, 0, [&](const Entry& entry) {
        std::string line = std::to_string(db) + "/" + std::string(entry.key()) + ":";
        if (entry.type() == ValueType::kString) line += " \"" + std::string(entry.string()) + "\"";
        if (entry.type() == ValueType::kList) {
          for (auto cursor = entry.list().CursorAt(0, Side::kRight); cursor.valid(); cursor.Next()) {
            line += " " + std::string(cursor.element());
          }
        }
        if (entry.has_expiry()) line += " until " + std::to_string(entry.expire_at_ms());
        keys.push_back(line + "\n");
        return true;
      });
    }
    std::sort(keys.begin(), keys.end());
    std::string text;
    for (const std::string& key : keys) text += key;
    return text;
  }
  bool Said(std::string_view words) const {
    for (const std::string& line : lines_) {
      if (line.find(words) != std::string::npos) return true;
    }
    return false;
  }

  Log& log() { return *log_; }
  Keyspace& keyspace() { return keyspace_; }
  ManualJobRunner& syncs() { return syncs_; }
  ManualJobRunner& jobs() { return jobs_; }
  int progress() const { return progress_; }
  const std::vector<std::string>& lines() const { return lines_; }
  std::vector<std::vector<std::string>>& foreign() { return foreign_; }

  // --- ReplayTarget
  ApplyOutcome Replay(const Mutation& mutation) override { return keyspace_.Apply(mutation, log_->open_position()); }
  KeyRef Ref(std::string_view name) override { return keyspace_.Ref(name); }
  Status ReplayForeign(uint32_t, std::span<const std::string_view> argv) override {
    if (argv[0] == "UNHEARDOF") return Status::Error("unknown command");
    foreign_.emplace_back(argv.begin(), argv.end());
    return Status::Ok();
  }
  void Progress(uint64_t, uint64_t) override {}

 private:
  std::vector<std::string> lines_;
  std::vector<std::vector<std::string>> foreign_;
  int progress_ = 0;
  Logger logger_;
  ManualJobRunner syncs_{ManualJobRunner::Mode::kAtOnce};
  ManualJobRunner jobs_{ManualJobRunner::Mode::kAtOnce};
  Keyspace keyspace_;
  std::unique_ptr<Log> log_;
};

// A disk on which dir exists, as a server finds it.
inline void MakeDataDirectory(SimFileSystem& disk) {
  EXPECT_TRUE(disk.CreateDirectory("data").ok());
  EXPECT_TRUE(disk.SyncDirectory(".").ok());
}
inline std::string LogPath(std::string_view name) { return std::string(kLogDirectory) + "/" + std::string(name); }

}  // namespace baton
