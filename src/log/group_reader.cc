#include "log/group_reader.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "log/filler.h"
#include "log/note_record.h"
#include "log/record.h"

namespace baton {
namespace {

// No line of ours begins with "##". Room of one byte there is none.
bool BeginsWithRoom(std::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == kFiller && (bytes[1] == kFiller || bytes[1] == '\n');
}

}  // namespace

FileWindow::FileWindow(std::unique_ptr<ReadFile> file, size_t piece_bytes)
    : file_(std::move(file)), piece_bytes_(piece_bytes) {}

std::string_view FileWindow::From(uint64_t offset) const {
  CHECK(offset >= first_ && offset <= first_ + used_);
  return {bytes_.get() + (offset - first_), used_ - static_cast<size_t>(offset - first_)};
}

Status FileWindow::More(uint64_t keep_from) {
  CHECK(!complete() && keep_from >= first_);
  const size_t dropped = std::min(static_cast<size_t>(keep_from - first_), used_);
  const size_t kept = used_ - dropped;
  // Doubling, so that a group of any size is copied only a few times while the window grows over it.
  const uint64_t left = file_->size() - (first_ + used_);
  const size_t wanted = kept + std::min<uint64_t>(std::max(piece_bytes_, kept), left);
  if (wanted > capacity_) {
    auto larger = std::make_unique_for_overwrite<char[]>(wanted);
    if (kept > 0) std::memcpy(larger.get(), bytes_.get() + dropped, kept);
    bytes_ = std::move(larger);
    capacity_ = wanted;
  } else if (kept > 0) {
    std::memmove(bytes_.get(), bytes_.get() + dropped, kept);
  }
  first_ += dropped;
  used_ = kept;
  const size_t want = std::min<uint64_t>(capacity_ - used_, file_->size() - (first_ + used_));
  auto n = file_->ReadAt(first_ + used_, bytes_.get() + used_, want);
  if (!n.ok()) return n.status();
  // Nothing else writes to a log that is being read; a file that shrinks under us is the world being wrong.
  if (*n != want) return Status::Error("the file became shorter while it was read");
  used_ += *n;
  return Status::Ok();
}

ReadOutcome GroupReader::Next() {
  start_ = end_;
  uint64_t at = start_;
  while (true) {
    const std::string_view bytes = window_.From(start_);
    const size_t here = static_cast<size_t>(at - start_);
    RecordScan scan{RecordOutcome::kIncomplete, here};
    if (here == 0 && BeginsWithRoom(bytes)) return PassRoom();
    if (here < bytes.size()) scan = SkipRecord(bytes, here);
    if (scan.outcome == RecordOutcome::kCommand) {
      at = start_ + scan.end;
      continue;
    }
    if (scan.outcome == RecordOutcome::kAnnotation) {
      const std::string_view text = bytes.substr(here, scan.end - here);
      if (IsNoteLine(text)) {
        at = start_ + scan.end;
        continue;
      }
      // There is no other line in version 1: it is a changed byte.
      end_ = start_ + scan.end;
      bad_at_ = start_ + here;
      bad_until_ = end_ - 1;
      if (ParseGroupLine(text, &line_) != text.size()) return ReadOutcome::kBad;
      if (GroupCheckHolds(bytes.substr(0, here), text, seed_, line_)) return ReadOutcome::kRead;
      return ReadOutcome::kBad;
    }
    if (scan.outcome == RecordOutcome::kBad) {
      // A line without an end has no byte that could be named.
      bad_at_ = bytes[here] == '#' ? start_ + here : start_ + scan.end;
      bad_until_ = std::min(start_ + scan.end, window_.file_size() - 1);
      return ReadOutcome::kBad;
    }
    if (window_.complete()) {
      if (start_ == window_.file_size()) return ReadOutcome::kEnd;
      return ReadOutcome::kCutShort;
    }
    status_ = window_.More(start_);
    if (!status_.ok()) return ReadOutcome::kFailed;
  }
}

ReadOutcome GroupReader::PassRoom() {
  uint64_t at = start_;
  while (true) {
    const std::string_view bytes = window_.From(at);
    const size_t room = FillerPrefix(bytes, window_.complete());
    at += room;
    if (room < bytes.size()) {
      bad_at_ = start_;
      bad_until_ = at;
      return ReadOutcome::kBad;
    }
    if (window_.complete()) return ReadOutcome::kRoom;
    status_ = window_.More(at);
    if (!status_.ok()) return ReadOutcome::kFailed;
  }
}

ReadOutcome ForeignReader::Next() {
  start_ = end_;
  uint64_t at = start_;
  bool in_multi = false;
  transaction_ = false;
  while (true) {
    const std::string_view bytes = window_.From(start_);
    const size_t here = static_cast<size_t>(at - start_);
    RecordScan scan{RecordOutcome::kIncomplete, here};
    if (here < bytes.size()) scan = ReadRecord(bytes, here, &argv_);
    if (scan.outcome == RecordOutcome::kBad) {
      bad_at_ = start_ + scan.end;
      return ReadOutcome::kBad;
    }
    if (scan.outcome == RecordOutcome::kIncomplete) {
      if (window_.complete()) return start_ == window_.file_size() ? ReadOutcome::kEnd : ReadOutcome::kCutShort;
      status_ = window_.More(start_);
      if (!status_.ok()) return ReadOutcome::kFailed;
      continue;
    }
    at = start_ + scan.end;
    if (scan.outcome == RecordOutcome::kAnnotation) {
      const std::string_view text = bytes.substr(here);
      if (text.starts_with(kGroupLineStart) || text.starts_with(kFileHeaderStart)) {
        bad_at_ = start_ + here;
        return ReadOutcome::kBad;
      }
      if (!in_multi) start_ = at;
      continue;
    }
    bool foreign = false;
    const ControlWord control = ControlWordOf(argv_, &foreign);
    if (control == ControlWord::kMulti) in_multi = transaction_ = true;
    if (control == ControlWord::kExec) in_multi = false;
    if (in_multi) continue;
    end_ = at;
    return ReadOutcome::kRead;
  }
}

}  // namespace baton
