#include "log/group_buffer.h"

#include "log/record.h"

namespace baton {

void GroupBuffer::StartSegment(uint32_t seed) {
  CHECK(buffer_.empty());
  seed_ = seed;
  selected_db_ = -1;
}

void GroupBuffer::Append(const Mutation& mutation) {
  char* to = buffer_.Reserve(kSelectBytesMax + EncodedBytesMax(mutation));
  if (mutation.db != selected_db_ && NeedsSelect(mutation)) [[unlikely]] {
    to = EncodeSelect(mutation.db, to);
    selected_db_ = mutation.db;
  }
  buffer_.FinishAt(Encode(mutation, to));
  // Most batches are of one change, and only the second one tells: the bracket is then put before the first. Notes
  // that stand alone are no commands to bracket.
  if (in_batch_ && mutation.kind != MutationKind::kQueue && ++batch_count_ == 2) buffer_.Insert(batch_start_, kMultiRecord);
}

void GroupBuffer::EndBracket() { buffer_.Append(kExecRecord); }

void GroupBuffer::CloseGroup(uint64_t synced, char policy) {
  CHECK(!in_batch_);
  char* to = buffer_.Reserve(kGroupLineBytesMax);
  GroupLine line;
  line.position = open_position_;
  line.before = check_;
  line.synced = synced;
  line.policy = policy;
  buffer_.FinishAt(EncodeGroupLine(buffer_.view(open_start_), seed_, &line, to));
  check_ = line.check;
  ++open_position_;
  open_start_ = buffer_.size();
}

void GroupBuffer::DropClosed() {
  buffer_.Drop(open_start_);
  if (in_batch_) batch_start_ -= open_start_;
  open_start_ = 0;
}

}  // namespace baton
