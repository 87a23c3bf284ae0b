#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/job_runner.h"
#include "base/status.h"
#include "env/file_system.h"

namespace baton {

// How long syncs took: counts in buckets of a sixteenth of a power of two, so that a percentile is right to 7 %.
class SyncTimes {
 public:
  void Add(int64_t us);
  int64_t PercentileUs(int percent) const;
  int64_t max_us() const { return max_us_; }
  int64_t last_us() const { return last_us_; }
  uint64_t count() const { return count_; }

 private:
  static size_t BucketOf(uint64_t us);
  static uint64_t UpperEnd(size_t bucket);

  std::array<uint64_t, 16 * 40> counts_{};
  uint64_t count_ = 0;
  int64_t max_us_ = 0, last_us_ = 0;
};

// Makes what has been written durable, on the log's own thread, one request at a time. Loop thread only, but for the
// job itself, which gets values.
class Syncer {
 public:
  // `done` runs on the loop thread.
  using Done = std::function<void(const Status& status, uint64_t position)>;
  Syncer(JobRunner& runner, Clock& clock, Done done);

  struct File {
    std::shared_ptr<AppendFile> file;
    uint64_t bytes_max = UINT64_MAX;  // what is behind that is cut off: room that was not used
    Status Sync() const;
  };
  struct Request {
    std::vector<File> files;                         // in the order of their age
    FileSystem* directory_files = nullptr;           // not null: sync this directory first
    std::string directory;
    uint64_t position = 0;  // durable when it is all done
  };
  bool busy() const { return busy_; }
  void Start(Request request);
  int64_t started_ns() const { return started_ns_; }  // of the newest request

  const SyncTimes& times() const { return times_; }
  uint64_t failed() const { return failed_; }
  // A sync done elsewhere (at start, at the end).
  void CountElsewhere(int64_t us) { times_.Add(us); }

 private:
  JobRunner& runner_;
  Clock& clock_;
  Done done_;
  bool busy_ = false;
  int64_t started_ns_ = 0;
  SyncTimes times_;
  uint64_t failed_ = 0;
  // Ends that arrive after this is gone are let go: they hold it weakly.
  std::shared_ptr<Syncer*> self_;
};

}  // namespace baton
