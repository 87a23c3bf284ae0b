#include "check_aof_stats.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <functional>

#include "base/check.h"
#include "base/text.h"
#include "log/base_writer.h"
#include "log/group.h"
#include "log/group_reader.h"
#include "log/record.h"

namespace baton {
namespace {

constexpr std::string_view kWholeDatabase[] = {"FLUSHALL", "FLUSHDB", "SWAPDB"};
constexpr std::string_view kOnlyTakesAway[] = {"LPOP",    "RPOP",   "LREM",     "LTRIM",   "DEL",    "UNLINK",
                                               "PERSIST", "GETDEL", "FLUSHALL", "FLUSHDB", "SWAPDB", "ZREM",
                                               "SREM",    "HDEL",   "XDEL",     "XTRIM",   "SPOP",   "XACK"};

bool IsAmong(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Takes a base, and hands on its bytes.
class BaseMeter final : public AppendFile {
 public:
  using Take = std::function<void(std::string_view whole_groups)>;
  explicit BaseMeter(Take take) : take_(std::move(take)) {}

  Status Append(std::string_view bytes, size_t* written) override {
    take_(bytes);
    *written = bytes.size();
    size_ += bytes.size();
    return Status::Ok();
  }
  Status Sync() override { return Status::Ok(); }
  Status WriteOver(uint64_t, std::string_view, size_t*) override { return NotHere(); }
  Status Reserve(uint64_t) override { return NotHere(); }
  Status Truncate(uint64_t) override { return NotHere(); }
  uint64_t size() const override { return size_; }

 private:
  static Status NotHere() { return Status::FromErrno(ENOSYS, "a base that is only measured"); }

  const Take take_;
  uint64_t size_ = 0;
};

void PrintUse(const char* indent, const std::string& what, uint64_t count, uint64_t bytes, uint64_t dead_bytes) {
  const int width = 40 - static_cast<int>(std::string_view(indent).size());
  std::printf("%s%-*s %12llu %15llu %15llu\n", indent, width, what.c_str(), static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(dead_bytes));
}

}  // namespace

Status LogStats::CountFile(FileSystem& files, const LogFileNames& names, const FileFindings& findings) {
  const std::string path = names.Path(findings.name);
  auto opened = files.OpenRead(path);
  if (!opened.ok()) return opened.status();
  FileWindow window(std::move(*opened));
  if (!window.complete()) {
    if (Status status = window.More(0); !status.ok()) return Status::Error(path + ": " + status.message());
  }
  db_ = 0;
  bytes_ += findings.good_bytes;
  uint64_t counted = 0;
  FileHeader header;
  if (findings.is_ours) {
    counted = ParseFileHeader(window.From(0), &header);
    framing_bytes_ += counted;
    GroupReader groups(window, counted, GroupSeed(header.salt));
    while (counted < findings.good_bytes && groups.Next() == ReadOutcome::kRead) {
      CountRecords(groups.records(), false);
      framing_bytes_ += groups.end() - groups.start() - groups.records().size();
      counted = groups.end();
    }
    if (!groups.status().ok()) return Status::Error(path + ": " + groups.status().message());
  }
  ForeignReader commands(window, counted);
  while (counted < findings.good_bytes && commands.Next() == ReadOutcome::kRead) {
    framing_bytes_ += commands.start() - counted;  // annotations
    CountRecords(commands.records(), false);
    counted = commands.end();
  }
  if (!commands.status().ok()) return Status::Error(path + ": " + commands.status().message());
  return Status::Ok();
}

Status LogStats::CountLive(Keyspace& keyspace, QueueBook& queues) {
  db_ = 0;
  BaseMeter meter([this](std::string_view bytes) {
    live_bytes_ += bytes.size();
    CountRecords(bytes, true);
  });
  SystemClock clock;
  BaseProgress progress;
  auto snapshot = keyspace.TakeSnapshot();
  auto queue_snapshot = queues.TakeSnapshot();
  const Status status =
      WriteBase(*snapshot, queue_snapshot.get(), FileHeader{FileKind::kBase, 0, 0, 0}, meter, clock, progress);
  queues.ReleaseSnapshot(std::move(queue_snapshot));
  keyspace.ReleaseSnapshot(std::move(snapshot));
  for (auto& [name, key] : keys_) ShareOut(key);
  return status;
}

void LogStats::CountRecords(std::string_view records, bool live) {
  for (size_t at = 0; at < records.size();) {
    const RecordScan scan = ReadRecord(records, at, &argv_);
    CHECK(scan.outcome == RecordOutcome::kCommand || scan.outcome == RecordOutcome::kAnnotation);
    const uint64_t bytes = scan.end - at;
    at = scan.end;
    bool foreign = false;
    const bool annotation = scan.outcome == RecordOutcome::kAnnotation;
    const ControlWord control = annotation ? ControlWord::kNone : ControlWordOf(argv_, &foreign);
    if (control == ControlWord::kSelect) (void)SelectedDb(argv_, &db_);  // what is no number was found when it was read
    if (annotation || control != ControlWord::kNone) {
      if (!live) framing_bytes_ += bytes;
      continue;
    }
    const std::string command = ToUpper(argv_[0]);
    const bool keyless = argv_.size() < 2 || IsAmong(kWholeDatabase, command);
    Key& key = keys_[{db_, keyless ? std::string() : std::string(argv_[1])}];
    if (live) {
      key.live_bytes += bytes;
      continue;
    }
    key.bytes += bytes;
    Use& use = key.commands[command];
    ++use.count;
    use.bytes += bytes;
  }
}

void LogStats::ShareOut(Key& key) {
  uint64_t giving_bytes = 0;
  for (const auto& [command, use] : key.commands) {
    if (!IsAmong(kOnlyTakesAway, command)) giving_bytes += use.bytes;
  }
  for (auto& [command, use] : key.commands) {
    use.dead_bytes = use.bytes;
    if (IsAmong(kOnlyTakesAway, command) || giving_bytes == 0) continue;
    const double share = static_cast<double>(use.bytes) / static_cast<double>(giving_bytes);
    const double live = std::min(static_cast<double>(key.live_bytes), static_cast<double>(giving_bytes)) * share;
    use.dead_bytes = use.bytes - std::min(use.bytes, static_cast<uint64_t>(live));
  }
}

void LogStats::Print(size_t keys_max) const {
  const uint64_t dead = bytes_ > live_bytes_ ? bytes_ - live_bytes_ : 0;
  std::printf("\nThe log takes %llu bytes; a rewrite now would take %llu: %llu (%.0f %%) are dead.\n",
              static_cast<unsigned long long>(bytes_), static_cast<unsigned long long>(live_bytes_),
              static_cast<unsigned long long>(dead),
              bytes_ == 0 ? 0.0 : 100.0 * static_cast<double>(dead) / static_cast<double>(bytes_));
  std::printf("\n%-40s %12s %15s %15s\n", "command", "count", "bytes", "dead bytes");
  std::map<std::string, Use> commands;
  for (const auto& [name, key] : keys_) {
    for (const auto& [command, use] : key.commands) {
      Use& all = commands[command];
      all.count += use.count;
      all.bytes += use.bytes;
      all.dead_bytes += use.dead_bytes;
    }
  }
  for (const auto& [command, use] : commands) PrintUse("", command, use.count, use.bytes, use.dead_bytes);
  std::printf("%-40s %12s %15llu\n", "(groups, transactions, select)", "",
              static_cast<unsigned long long>(framing_bytes_));

  std::vector<const std::pair<const KeyName, Key>*> order;
  for (const auto& row : keys_) {
    if (row.second.bytes > 0) order.push_back(&row);
  }
  const size_t shown = std::min(keys_max, order.size());
  const auto first = [](const auto* a, const auto* b) {
    if (a->second.dead_bytes() != b->second.dead_bytes()) return a->second.dead_bytes() > b->second.dead_bytes();
    return a->first < b->first;
  };
  std::partial_sort(order.begin(), order.begin() + static_cast<int64_t>(shown), order.end(), first);
  std::printf("\n%-40s %12s %15s %15s\n", "key", "count", "bytes", "dead bytes");
  for (size_t i = 0; i < shown; ++i) {
    const auto& [name, key] = *order[i];
    uint64_t count = 0;
    for (const auto& [command, use] : key.commands) count += use.count;
    const std::string title =
        "db" + std::to_string(name.first) + " " + (name.second.empty() ? "(whole databases)" : QuoteBytes(name.second));
    PrintUse("", title, count, key.bytes, key.dead_bytes());
    for (const auto& [command, use] : key.commands) PrintUse("  ", command, use.count, use.bytes, use.dead_bytes);
  }
  if (shown < order.size()) std::printf("... and %zu keys more, with fewer dead bytes\n", order.size() - shown);
}

}  // namespace baton
