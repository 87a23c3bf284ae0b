// baton-check-aof: says whether a log is whole, and what a start would do with it. It reads with the server's own
// Recovery (log/recovery.h), so there is no second opinion on what the format is.

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/numbers.h"
#include "base/text.h"
#include "check_aof_data.h"
#include "check_aof_stats.h"
#include "check_aof_view.h"
#include "env/posix_file_system.h"
#include "log/recovery.h"

namespace baton {
namespace {

constexpr uint64_t kManifestBytesMax = 16 << 20;

constexpr const char* kUsage =
    R"(Usage: baton-check-aof [options] <log>

Checks an append-only log, Baton's or redis-server's, and says what a start of baton-server would do with it. Without
--fix nothing is written. <log> is the log directory (appendonlydir, or the one that holds it), its manifest, or one AOF
file; a file that a manifest beside it names is checked with its whole log.

  --fix             Do what a start would do: cut a torn tail. When the log is damaged, cut it where the damage begins,
                    which gives up everything behind it. What is cut is kept beside the log in *.cut files.
                    Refused while a baton-server runs on the directory (a redis-server takes no lock: stop it first).
  --stats           Bytes and dead bytes (those that a rewrite would drop) by command and by key.
  --keys <n>        How many keys --stats shows, those with the most dead bytes first (20).
  --checksums-only  Look at bytes and checksums only, not at whether the commands fit the data. Needs no memory for
                    the data; without it, as much as the server does.
  --quiet           Say nothing when the log is fine.
  --help, --version

Exit codes:
  0  The log is fine. With --fix: it is now.
  1  It ends in a torn tail, or an interrupted rewrite left files behind. A start puts that right by itself.
  2  A start would refuse it: it is damaged, or holds what Baton cannot load. The output names file and byte.
  3  The arguments are wrong, a file cannot be read or written, or a server holds the directory (--fix).
)";

constexpr uint32_t kDatabasesByDefault = 16;

enum ExitCode : int { kFine = 0, kTornTail = 1, kDamaged = 2, kNotDone = 3 };

struct Options {
  std::string path;
  bool fix = false, stats = false, checksums_only = false, quiet = false;
  size_t keys_max = 20;
};

int Fail(const std::string& message) {
  std::fprintf(stderr, "baton-check-aof: %s\n", message.c_str());
  return kNotDone;
}

std::string Counted(uint64_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

// --- which log is meant

struct Place {
  LogFileNames names;
  std::string one_file;  // when it is not a log but a file
  std::string problem;   // of a directory without a manifest
};

bool IsManifestName(const std::string& name) { return name.ends_with(".manifest") && !name.starts_with("temp-"); }

std::string StemOf(const std::string& manifest) {
  return manifest.substr(0, manifest.size() - std::string_view(".manifest").size());
}

Result<Place> FindInDirectory(FileSystem& disk, const std::string& directory) {
  auto listed = disk.List(directory);
  if (!listed.ok()) return listed.status();
  Place place{{directory, "appendonly.aof"}, "", ""};
  if (disk.Exists(place.names.Path(place.names.manifest()))) return place;
  std::string numbered;
  for (const std::string& name : *listed) {
    if (IsManifestName(name)) {
      place.names.stem = StemOf(name);
      return place;
    }
    if (name.ends_with(".base.aof") || name.ends_with(".incr.aof")) numbered = name;
  }
  if (numbered.empty()) {
    const std::string inner = directory + "/appendonlydir";
    if (!directory.ends_with("/appendonlydir") && disk.Exists(inner)) return FindInDirectory(disk, inner);
    return Status::Error(directory + " holds no log: there is neither a manifest nor an AOF file");
  }
  place.problem = directory + " holds " + numbered + ", but no manifest (" + place.names.manifest() + ") names it";
  return place;
}

Result<Place> FindLog(FileSystem& disk, std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return FindInDirectory(disk, path);
  const size_t slash = path.find_last_of('/');
  const std::string directory = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  if (!disk.Exists(path)) return Status::FromErrno(ENOENT, "open " + path);
  if (IsManifestName(name)) return Place{{directory, StemOf(name)}, "", ""};

  auto listed = disk.List(directory);
  if (!listed.ok()) return listed.status();
  for (const std::string& other : *listed) {
    if (!IsManifestName(other)) continue;
    auto text = ReadWholeFile(disk, directory + "/" + other, kManifestBytesMax);
    if (!text.ok()) return text.status();
    auto manifest = Manifest::Parse(*text);
    if (!manifest.ok()) return Status::Error(directory + "/" + other + ": " + manifest.status().message());
    const auto is_it = [&](const Manifest::File& file) { return file.name == name; };
    if ((manifest->base && is_it(*manifest->base)) ||
        std::any_of(manifest->segments.begin(), manifest->segments.end(), is_it)) {
      return Place{{directory, StemOf(other)}, "", ""};
    }
  }
  return Place{{directory, name}, name, ""};
}

// --- reading it

// A line on a terminal that is drawn over and over, and gone at the end.
class ProgressBar {
 public:
  ProgressBar() : shown_(isatty(STDERR_FILENO) != 0) {}
  ~ProgressBar() { Clear(); }
  void Draw(uint64_t done, uint64_t total) {
    const int percent = total == 0 ? 100 : static_cast<int>(done * 100 / total);
    if (!shown_ || percent == percent_) return;
    percent_ = percent;
    const std::string bar(static_cast<size_t>(percent) * kWidth / 100, '#');
    std::fprintf(stderr, "\r[%-*s] %3d %% of %s ", kWidth, bar.c_str(), percent,
                 HumanBytes(static_cast<double>(total)).c_str());
  }
  void Clear() {
    if (shown_ && percent_ >= 0) std::fputs("\r\x1b[K", stderr);
    percent_ = -1;
  }

 private:
  static constexpr int kWidth = 40;
  const bool shown_;
  int percent_ = -1;
};

class LogCheck {
 public:
  LogCheck(LogView& view, const Place& place, bool holds_data)
      : view_(view),
        place_(place),
        data_(holds_data, view, [this](uint64_t done, uint64_t total) { bar_.Draw(done, total); }),
        recovery_(place.names, true, view, data_),
        recovered_(recovery_.Read()) {
    bar_.Clear();
  }

  // What makes the log one that a start takes as it is; not ok when cutting cannot do that.
  Result<RecoveryPlan> PlanOfFix() {
    if (recovered_.ok()) return recovered_->plan;
    return PlanOfCutAtDamage();
  }
  // Carries it out; the check is of no further use then.
  Status Fix(RecoveryPlan& plan) {
    std::vector<std::string> lines;
    const Status status = recovery_.CarryOut(plan, &lines);
    for (const std::string& line : lines) std::printf("%s\n", line.c_str());
    return status;
  }

  Status PrintStats(size_t keys_max) {
    LogStats stats;
    for (const FileFindings& file : recovery_.findings()) {
      if (file.name == view_.invented_base()) continue;
      if (Status status = stats.CountFile(view_, place_.names, file); !status.ok()) return status;
    }
    if (Status status = stats.CountLive(data_.keyspace(), data_.queues()); !status.ok()) return status;
    stats.Print(keys_max);
    return Status::Ok();
  }

  ExitCode outcome() {
    if (!recovered_.ok()) return view_.disk_failed() ? kNotDone : kDamaged;
    const RecoveryPlan& plan = recovered_.value().plan;
    const bool changes = plan.cut || plan.manifest_changes || !plan.dropped.empty() || !plan.litter.empty();
    return changes ? kTornTail : kFine;
  }

  void Print() {
    for (const FileFindings& file : recovery_.findings()) {
      if (file.name != view_.invented_base()) PrintFile(file);
    }
    if (recovered_.ok()) {
      PrintPlan(recovered_.value());
    } else {
      std::printf("A start would refuse this log:\n  %s\n", recovered_.status().message().c_str());
    }
  }

 private:
  // Everything up to the last good group stays. Later files go, since they follow on from what is cut.
  Result<RecoveryPlan> PlanOfCutAtDamage() {
    const auto no_help = [](const std::string& why) {
      return Status::Error("cutting cannot mend this: " + why + ". Restore a backup; nothing was changed");
    };
    const auto& damage = recovery_.damage();
    if (!damage || recovery_.findings().empty()) return no_help("no place in a file is at fault");
    const FileFindings& file = recovery_.findings().back();
    if (file.is_base && file.is_ours) return no_help("the damage is in the base, on which all that follows builds");
    const std::string path = place_.names.Path(place_.names.manifest());
    auto text = ReadWholeFile(view_, path, kManifestBytesMax);
    if (!text.ok()) return text.status();
    auto manifest = Manifest::Parse(*text);
    if (!manifest.ok()) return manifest.status();
    RecoveryPlan plan;
    plan.manifest = std::move(*manifest);
    auto& segments = plan.manifest.segments;
    auto found = std::find_if(segments.begin(), segments.end(),
                              [&](const Manifest::File& segment) { return segment.name == file.name; });
    auto first_dropped = file.is_base ? segments.begin() : found;
    if (file.good_bytes > 0) {
      plan.cut = RecoveryPlan::Cut{file.name, file.good_bytes, file.bytes - file.good_bytes, true};
      if (!file.is_base) ++first_dropped;
    } else if (file.is_base || view_.shows_one_file() || (!plan.manifest.base && found == segments.begin())) {
      return no_help("nothing before the damage is good");
    }
    for (auto segment = first_dropped; segment != segments.end(); ++segment) plan.dropped.push_back(segment->name);
    plan.manifest_changes = !plan.dropped.empty();
    segments.erase(first_dropped, segments.end());
    return plan;
  }

  void PrintFile(const FileFindings& file) const {
    std::string line = file.name + ": " + (file.is_base ? "base" : "segment") + ", " +
                       (file.is_ours ? "" : "without checksums, ") + Counted(file.bytes, "byte") + ", ";
    if (file.is_ours) line += Counted(file.groups, "group") + " with right checksums, ";
    line += Counted(file.commands, "command");
    if (!file.is_base && file.groups > 0) {
      line += ", positions " + std::to_string(file.first_position) + " to " + std::to_string(file.last_position);
    }
    if (file.room_bytes > 0) line += ", room for " + Counted(file.room_bytes, "byte");
    std::printf("%s\n", line.c_str());
    if (file.good_bytes + file.room_bytes < file.bytes) {
      std::printf("  good up to byte %llu; the first bad %s starts there\n",
                  static_cast<unsigned long long>(file.good_bytes), file.is_ours ? "group" : "command");
    }
  }

  void PrintPlan(const RecoveredLog& log) const {
    std::printf("A start would load %s, up to position %llu.\n", Counted(log.report.commands, "command").c_str(),
                static_cast<unsigned long long>(log.position));
    if (data_.highest_db() >= kDatabasesByDefault) {
      std::printf("  It needs a server with `databases %u` or more.\n", data_.highest_db() + 1);
    }
    if (!log.report.note.empty()) std::printf("  %s\n", log.report.note.c_str());
    const RecoveryPlan& plan = log.plan;
    if (plan.cut) {
      std::printf("It would cut %s from byte %llu of %s on: a torn tail%s.\n", Counted(plan.cut->bytes, "byte").c_str(),
                  static_cast<unsigned long long>(plan.cut->offset), plan.cut->name.c_str(),
                  plan.cut->worth_keeping ? ", of which it would keep a copy" : " of zeros only");
    }
    if (log.report.cut_bytes > 0) {
      std::printf("  what is cut %s\n", log.report.cut_may_have_been_acknowledged
                                            ? "may have been acknowledged under the fsync policy of that time"
                                            : "was never acknowledged");
    }
    for (const std::string& name : plan.dropped) {
      std::printf("It would set %s aside: it is behind the torn tail, or never came into force.\n", name.c_str());
    }
    for (const std::string& name : plan.litter) {
      std::printf("It would delete %s, which an interrupted rewrite has left.\n", name.c_str());
    }
    if (plan.manifest_changes) std::printf("It would write the manifest anew.\n");
  }

  LogView& view_;
  const Place& place_;
  ProgressBar bar_;
  CheckedData data_;
  Recovery recovery_;
  Result<RecoveredLog> recovered_;
};

int Verify(const Options& options, const Place& place, LogView& view, bool holds_data) {
  LogCheck check(view, place, holds_data);
  if (!options.quiet || check.outcome() != kFine) check.Print();
  if (options.stats && check.outcome() != kNotDone) {
    if (Status status = check.PrintStats(options.keys_max); !status.ok()) return Fail(status.message());
  }
  return check.outcome();
}

int Fix(const Options& options, const Place& place, LogView& view, bool holds_data) {
  view.AllowWrites();
  std::unique_ptr<FileLock> lock;
  // A file that no log names is nobody's.
  if (!view.shows_one_file()) {
    auto locked = view.Lock(place.names.Path(place.names.lock()));
    if (!locked.ok() && locked.status().os_error() == EWOULDBLOCK) {
      return Fail(place.names.directory +
                  " is in use by a server, so nothing was changed: " + locked.status().message());
    }
    if (!locked.ok()) return Fail(locked.status().message());
    lock = std::move(*locked);
  }
  {
    LogCheck check(view, place, holds_data);
    if (check.outcome() == kNotDone) check.Print();
    if (check.outcome() == kNotDone) return kNotDone;
    if (check.outcome() != kFine) {
      check.Print();
      auto plan = check.PlanOfFix();
      if (!plan.ok()) {
        std::printf("%s.\n", plan.status().message().c_str());
        return view.disk_failed() ? kNotDone : kDamaged;
      }
      if (check.outcome() == kDamaged) {
        std::printf("Cutting the log where the damage begins. What is cut may have been acknowledged.\n");
      }
      if (Status status = check.Fix(*plan); !status.ok()) return Fail("the fix is not complete: " + status.message());
      std::printf("\nAfterwards:\n");
    }
  }
  return Verify(options, place, view, holds_data);
}

int Check(const Options& options) {
  PosixFileSystem disk;
  auto place = FindLog(disk, options.path);
  if (!place.ok()) return Fail(place.status().message());
  if (!place->problem.empty()) {
    std::printf("A start would refuse this log:\n  %s\n", place->problem.c_str());
    return kDamaged;
  }
  LogView view(disk);
  if (!place->one_file.empty()) {
    if (Status status = view.ShowOnly(place->names, place->one_file); !status.ok()) return Fail(status.message());
  }
  // What an incr file alone does cannot fit: what it is done to is not there.
  const bool holds_data = !options.checksums_only && view.invented_base().empty();
  if (options.stats && !holds_data) return Fail("--stats needs the data: a whole log, and no --checksums-only");
  return options.fix ? Fix(options, *place, view, holds_data) : Verify(options, *place, view, holds_data);
}

int Main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--help" || word == "-h") {
      std::fputs(kUsage, stdout);
      return kFine;
    }
    if (word == "--version" || word == "-v") {
      std::printf("baton-check-aof %s\n", BATON_VERSION);
      return kFine;
    }
    int64_t count = 0;
    if (word == "--checksums-only") {
      options.checksums_only = true;
    } else if (word == "--fix") {
      options.fix = true;
    } else if (word == "--stats") {
      options.stats = true;
    } else if (word == "--keys") {
      if (++i == argc || !ParseInt64(argv[i], &count) || count < 0) return Fail("--keys wants a number. See --help");
      options.keys_max = static_cast<size_t>(count);
    } else if (word == "--quiet") {
      options.quiet = true;
    } else if (word.starts_with("-") || !options.path.empty()) {
      return Fail("what is '" + word + "'? See --help");
    } else {
      options.path = word;
    }
  }
  if (options.path.empty()) return Fail("which log? See --help");
  return Check(options);
}

}  // namespace
}  // namespace baton

int main(int argc, char** argv) { return baton::Main(argc, argv); }
