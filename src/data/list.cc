#include "data/list.h"

#include "data/list_index.h"
#include "data/list_root.h"
#include "data/packed.h"

namespace baton {
namespace {

// Of a chunk that nobody has looked at for long: where an element ends is only known when its length has come, so
// what stands so far behind it is asked for meanwhile.
constexpr size_t kAheadBytes = 512;

}  // namespace

int64_t ListView::size() const { return root_ != nullptr ? root_->count : inline_.count; }

std::string_view ListView::Front() const { return At(0); }

std::string_view ListView::Back() const { return At(size() - 1); }

std::string_view ListView::At(int64_t index) const {
  uint32_t within;
  const Run run = RunOf(index, &within);
  return ElementOf(run.begin, run.end, run.count, within);
}

int64_t ListView::CountEqual(std::string_view value, Side from, int64_t limit, int64_t* walked) const {
  *walked = 0;
  int64_t found = 0;
  if (root_ == nullptr || root_->index == nullptr || !root_->index->complete()) {
    auto cursor = CursorAt(from == Side::kLeft ? 0 : size() - 1, Other(from));
    for (; cursor.valid() && found < limit; cursor.Next()) {
      ++*walked;
      if (SameBytes(cursor.element(), value)) ++found;
    }
    return found;
  }
  ListIndex& index = *root_->index;
  index.WasAsked();
  const uint64_t hash = index.Hash(value);
  uint64_t behind = from == Side::kLeft ? ListIndex::kBeforeAll : ListIndex::kBehindAll;
  while (found < limit) {
    const std::optional<uint64_t> label = index.Next(hash, from, behind);
    if (!label) break;
    behind = *label;
    const Chunk& chunk = *root_->FindLabel(behind);
    const char* at = chunk.first();
    for (uint32_t i = 0; i < chunk.count && found < limit; ++i) {
      __builtin_prefetch(at + kAheadBytes);
      const std::string_view element = ElementAt(at);
      if (SameBytes(element, value)) ++found;
      at = PackedEnd(element);
    }
  }
  return found;
}

bool ListView::RemovesAtAnEnd(std::string_view value, Side from, Side* end) const {
  constexpr int64_t kWalkMax = 256;
  const auto stands_at = [&](Side side) { return SameBytes(side == Side::kLeft ? Front() : Back(), value); };
  *end = from;
  if (stands_at(from)) return true;
  *end = Other(from);
  const bool is_quick = size() <= kWalkMax || (root_->index != nullptr && root_->index->complete());
  int64_t walked;
  return is_quick && stands_at(*end) && CountEqual(value, from, 2, &walked) == 1;
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
    const char* at = chunk.first();
    for (uint32_t i = 0; i < chunk.count; ++i) {
      __builtin_prefetch(at + kAheadBytes);
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
