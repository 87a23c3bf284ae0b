#pragma once

#include <cstdint>
#include <memory>

#include "log/base_writer.h"
#include "log/group.h"
#include "log/log.h"
#include "log/rewrite_room.h"

namespace baton {

// What the jobs of a rewrite (log_rewrite.cc) work on; they hold it together with the loop thread, but at different
// times: while a job runs, the loop thread touches only `purpose` and what is atomic.
struct Log::RewriteJob {
  // The last to hold it is the loop thread, or whoever stops the runner.
  ~RewriteJob() { ReleaseSnapshot(); }
  void ReleaseSnapshot() {
    if (snapshot != nullptr) keyspace->ReleaseSnapshot(std::move(snapshot));
    if (queue_snapshot != nullptr) queues->ReleaseSnapshot(std::move(queue_snapshot));
  }

  RewritePurpose purpose;  // of the loop thread: it may change meanwhile
  FileSystem* files;
  LogFileNames names;
  // Step 1
  Manifest::File segment_name;
  FileHeader segment_header;
  uint64_t file_bytes = 0;             // with room behind the header; 0: none
  std::unique_ptr<Manifest> prepared;  // the manifest in force with the new segment; a mend has none
  std::shared_ptr<AppendFile> segment;
  uint64_t header_bytes = 0;
  RewriteRoom room;
  uint64_t segment_ahead = 0;  // room on the disk that the new segment has got
  bool segment_in_force = false;
  // Step 3
  Keyspace* keyspace = nullptr;  // outlives the runner's jobs
  std::unique_ptr<Snapshot> snapshot;
  QueueBook* queues = nullptr;  // the same
  std::unique_ptr<QueueSnapshot> queue_snapshot;
  uint64_t keys_total = 0;
  uint64_t allocated = 0;  // bytes in memory when the snapshot was taken
  Clock* clock;
  Manifest::File base_name;
  FileHeader base_header;
  Manifest finished;
  bool in_force = false;
  BaseProgress progress;
  // Of the step that has run last
  Status status = Status::Ok();

  bool cancelled() const { return progress.cancelled.load(std::memory_order_relaxed); }

  // On the runner's thread
  void Prepare();
  void RemovePrepared();
  void WriteAndSwap();

 private:
  Status MakeSegment();
  void RemoveSuperseded();
};

}  // namespace baton
