#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "data/keyspace.h"
#include "env/file_system.h"
#include "log/group.h"
#include "queue/book.h"

namespace baton {

// How far a base has come, and how fast it may go on. Loop thread and job share it.
struct BaseProgress {
  std::atomic<uint64_t> keys{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<bool> cancelled{false};             // the loop thread wants it to end
  std::atomic<uint64_t> bytes_per_second_max{0};  // 0: as fast as the disk takes them
};

// Writes everything in `snapshot` to `file`, which is empty, and syncs it: Redis commands in groups, closed by a mark
// (log/group.h). A pure function of the snapshot but for the progress. Sleeps where it is ahead of the rate. Not ok:
// the file is worth nothing. Any thread.
// `queues`: what is known of messages, taken at the same instant; nullptr: nothing.
Status WriteBase(const Snapshot& snapshot, const QueueSnapshot* queues, const FileHeader& header, AppendFile& file,
                 Clock& clock, BaseProgress& progress);

// How long a base of the data can be at most, but for a share of a 64th and a few KiB. It never grows while data is only
// taken away, which an estimate by what the last base took could. O(databases).
uint64_t BaseBytesMax(const Keyspace& keyspace, const QueueBook* queues);

// The same for no data at all.
std::string EmptyBase(const FileHeader& header);

}  // namespace baton
