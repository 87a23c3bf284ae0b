#include "data/list_index.h"

#include <iterator>
#include <new>

#include "base/check.h"

namespace baton {

namespace {

// What the set takes for each of its elements: 8 bytes, in nodes that are two thirds full.
constexpr size_t kBytesEach = 12;

}  // namespace

ListIndex::ListIndex(NodeHeap& heap, const KeyHasher& hasher)
    : heap_(heap), hasher_(hasher), set_(std::less<Place>(), NodeAllocator<Place>(heap)) {}

ListIndex* ListIndex::New(NodeHeap& heap, const KeyHasher& hasher) {
  return new (heap.Allocate(sizeof(ListIndex))) ListIndex(heap, hasher);
}

void ListIndex::Add(std::string_view element, uint64_t label) {
  if (label >= covered_until_) return;
  set_.insert(PlaceOf(Hash(element), label));
  ++changes_unasked_;
}

void ListIndex::Remove(std::string_view element, uint64_t label) {
  if (label >= covered_until_) return;
  const auto found = set_.find(PlaceOf(Hash(element), label));
  CHECK(found != set_.end());
  set_.erase(found);
  ++changes_unasked_;
}

void ListIndex::Move(std::string_view element, uint64_t from_label, uint64_t to_label) {
  Remove(element, from_label);
  Add(element, to_label);
}

std::optional<uint64_t> ListIndex::Next(uint64_t hash, Side from, uint64_t label) const {
  CHECK(complete());
  const Place place = PlaceOf(hash, label);
  const auto label_if_same = [&](Place found) {
    const bool same = ((found ^ place) & ~kBehindAll) == 0;
    return same ? std::optional<uint64_t>(found & kBehindAll) : std::nullopt;
  };
  if (from == Side::kLeft) {
    const auto found = set_.upper_bound(place);
    return found == set_.end() ? std::nullopt : label_if_same(*found);
  }
  const auto found = set_.lower_bound(place);
  return found == set_.begin() ? std::nullopt : label_if_same(*std::prev(found));
}

size_t ListIndex::allocated_bytes() const { return sizeof(ListIndex) + set_.size() * kBytesEach; }

bool ListIndex::FreeSome(ListIndex* index, size_t elements) {
  auto& set = index->set_;
  if (set.size() > elements) {
    set.erase(set.begin(), std::next(set.begin(), static_cast<std::ptrdiff_t>(elements)));
    return false;
  }
  NodeHeap& heap = index->heap_;
  index->~ListIndex();
  heap.Deallocate(index, sizeof(ListIndex));
  return true;
}

}  // namespace baton
