#pragma once

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "data/mutation.h"
#include "log/group.h"
#include "log/log_buffer.h"

namespace baton {

// The head of the log, in memory: turns changes into records, records into batches, batches into groups. What it holds:
//
//   | closed groups, not on file yet | open group: batch, batch, ... |
//   0                                open_start
//
// Closed groups leave by DropClosed once they are on file.
class GroupBuffer {
 public:
  // Groups are numbered from `position` + 1; `check` is that of the group at `position`.
  void Restart(uint64_t position, uint32_t check) {
    open_position_ = position + 1;
    check_ = check;
  }
  // What is added from now on goes to another file: it begins with a select, and its checks start from `seed`. Nothing
  // may be held that belongs to the file before.
  void StartSegment(uint32_t seed);

  void BeginBatch() {
    CHECK(!in_batch_);
    in_batch_ = true;
    batch_start_ = buffer_.size();
    batch_count_ = 0;
  }
  void Append(const Mutation& mutation);
  void EndBatch() {
    CHECK(in_batch_);
    in_batch_ = false;
    if (batch_count_ > 1) EndBracket();
  }

  bool open_group_is_empty() const { return buffer_.size() == open_start_; }
  uint64_t open_position() const { return open_position_; }
  uint32_t check() const { return check_; }  // of the newest closed group

  // Ends the open group, empty or not: an empty one is a mark.
  void CloseGroup(uint64_t synced, char policy);

  std::string_view closed() const { return buffer_.view().substr(0, open_start_); }
  void DropClosed();
  // Bytes held, all of which still have to be written.
  size_t size() const { return buffer_.size(); }

 private:
  void EndBracket();

  LogBuffer buffer_;
  size_t open_start_ = 0;
  uint64_t open_position_ = 0;
  uint32_t check_ = 0;
  uint32_t seed_ = 0;
  int64_t selected_db_ = -1;
  bool in_batch_ = false;
  size_t batch_start_ = 0;
  size_t batch_count_ = 0;
};

}  // namespace baton
