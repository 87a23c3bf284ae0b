#include "data/list.h"

#include "data/list_root.h"
#include "data/packed.h"

namespace baton {

int64_t ListView::size() const { return root_ != nullptr ? root_->count : inline_.count; }

std::string_view ListView::Front() const { return At(0); }

std::string_view ListView::Back() const { return At(size() - 1); }

std::string_view ListView::At(int64_t index) const {
  uint32_t within;
  const Run run = RunOf(index, &within);
  return ElementOf(run.begin, run.end, run.count, within);
}

ListView::Cursor ListView::CursorAt(int64_t index, Side towards) const { return Cursor(*this, index, towards); }

ListView::Run ListView::RunOf(int64_t index, uint32_t* within) const {
  if (root_ == nullptr) {
    *within = static_cast<uint32_t>(index);
    return inline_;
  }
  const Chunk* chunk = root_->Find(index, within);
  return {chunk->first(), chunk->last(), chunk->count};
}

ListView::Cursor::Cursor(const ListView& list, int64_t index, Side towards)
    : list_(list), index_(index), towards_(towards), valid_(index >= 0 && index < list.size()) {
  if (valid_) EnterRun();
}

void ListView::Cursor::Next() {
  if (towards_ == Side::kRight) {
    ++index_;
    const char* at = PackedEnd(element_);
    if (at != run_.end) {
      element_ = ElementAt(at);
      return;
    }
    valid_ = index_ < list_.size();
  } else {
    --index_;
    const char* end = PackedBegin(element_);
    if (end != run_.begin) {
      element_ = ElementBefore(end);
      return;
    }
    valid_ = index_ >= 0;
  }
  if (valid_) EnterRun();
}

void ListView::Cursor::EnterRun() {
  uint32_t within;
  run_ = list_.RunOf(index_, &within);
  element_ = ElementOf(run_.begin, run_.end, run_.count, within);
}

}  // namespace baton
