#include "data/list.h"

#include "data/list_index.h"
#include "data/list_root.h"
#include "data/packed.h"

namespace baton {

int64_t ListView::size() const { return root_ != nullptr ? root_->count : inline_.count; }

std::string_view ListView::Front() const {
  return root_ != nullptr ? root_->Peek(Side::kLeft) : ElementAt(inline_.begin);
}

std::string_view ListView::Back() const {
  return root_ != nullptr ? root_->Peek(Side::kRight) : ElementBefore(inline_.end);
}

std::string_view ListView::At(int64_t index) const {
  uint32_t within;
  const Run run = RunOf(index, &within);
  return ElementOf(run.begin, run.end, run.count, within);
}

ListView::Equals ListView::FindEqual(std::string_view value, Side from, int64_t limit) const {
  Equals equals;
  const Sought sought(value);
  const auto look_at = [&](std::string_view element) {
    if (!sought.Is(element)) return true;
    if (equals.count++ == 0) equals.nearest = element;
    return equals.count < limit;
  };
  if (limit <= 0) return equals;
  if (root_ == nullptr || root_->index == nullptr || !root_->index->complete()) {
    const auto walk_over = [&](std::string_view element) {
      ++equals.walked;
      return look_at(element);
    };
    for (int64_t seen = 0, total = size(); seen < total;) {
      uint32_t within;
      const Run run = RunOf(from == Side::kLeft ? seen : total - 1 - seen, &within);
      if (!WalkPacked(run.begin, run.end, run.count, from, walk_over)) break;
      seen += run.count;
    }
    return equals;
  }
  ListIndex& index = *root_->index;
  index.WasAsked();
  const uint64_t hash = index.Hash(value);
  uint64_t behind = from == Side::kLeft ? ListIndex::kBeforeAll : ListIndex::kBehindAll;
  while (const std::optional<uint64_t> label = index.Next(hash, from, behind)) {
    behind = *label;
    const Chunk& chunk = *root_->FindLabel(behind);
    chunk.PrefetchElements();
    if (!WalkPacked(chunk.first(), chunk.last(), chunk.count, from, look_at)) break;
  }
  return equals;
}

bool ListView::StandsAtAnEnd(std::string_view element, Side* end) const {
  const bool left = element.data() == Front().data();
  *end = left ? Side::kLeft : Side::kRight;
  return left || element.data() == Back().data();
}

bool ListView::RemovesAtAnEnd(std::string_view value, Side from, Side* end) const {
  constexpr int64_t kWalkMax = 256;
  const auto stands_at = [&](Side side) { return SameBytes(side == Side::kLeft ? Front() : Back(), value); };
  *end = from;
  if (stands_at(from)) return true;
  *end = Other(from);
  const bool is_quick = size() <= kWalkMax || (root_->index != nullptr && root_->index->complete());
  return is_quick && stands_at(*end) && StandsAtAnEnd(FindEqual(value, from, 1).nearest, end);
}

bool ListView::IsIndexed(const KeyHasher& hasher) const {
  return root_ != nullptr && root_->index != nullptr && root_->index->complete() && &root_->index->hasher() == &hasher;
}

std::optional<std::string_view> ListView::FindHashed(uint64_t hash, const KeyHasher& hasher,
                                                     const std::function<bool(std::string_view)>& is_it,
                                                     int64_t* walked) const {
  *walked = 0;
  const auto fits = [&](std::string_view element) { return hasher.Hash(element) == hash && is_it(element); };
  if (!IsIndexed(hasher)) {
    for (auto cursor = CursorAt(size() - 1, Side::kLeft); cursor.valid(); cursor.Next()) {
      ++*walked;
      if (fits(cursor.element())) return cursor.element();
    }
    return std::nullopt;
  }
  ListIndex& index = *root_->index;
  index.WasAsked();
  uint64_t behind = ListIndex::kBehindAll;
  while (const std::optional<uint64_t> label = index.Next(hash, Side::kRight, behind)) {
    behind = *label;
    const Chunk& chunk = *root_->FindLabel(behind);
    chunk.PrefetchElements();
    const char* at = chunk.first();
    for (uint32_t i = 0; i < chunk.count; ++i) {
      const std::string_view element = ElementAt(at);
      if (fits(element)) return element;
      at = PackedEnd(element);
    }
  }
  return std::nullopt;
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
