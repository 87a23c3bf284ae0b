#pragma once

#include <absl/container/btree_set.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "data/chunk.h"
#include "data/key_hasher.h"
#include "data/mutation.h"
#include "data/node_heap.h"

namespace baton {

// Where the elements of one list stand, by value: what makes LREM O(log n) instead of a walk.
//
// A set of (hash of the element, label of its chunk), one for each element. Labels (chunk.h) go up from the left to the
// right of a list and stay with their chunk when it is cloned, so the first (last) label of a hash is the chunk in
// which Redis's walk from the left (right) would find that element, whatever has moved meanwhile. A hash that fits is a
// candidate only: the chunk is looked through for the element itself.
//
// Built from the left, in slices: covered are the chunks whose label is below a bound that moves to the right. No part
// of a snapshot; the entry that owns the list's chunks owns its index. Loop thread only.
class ListIndex {
 public:
  // As of a chunk whose label is below all others, and above.
  static constexpr uint64_t kBeforeAll = 0;
  static constexpr uint64_t kBehindAll = (uint64_t{1} << Chunk::kLabelBits) - 1;

  static ListIndex* New(NodeHeap& heap, const KeyHasher& hasher);

  bool complete() const { return covered_until_ == kBehindAll; }
  // The first label that is not covered.
  uint64_t covered_until() const { return covered_until_; }
  void set_covered_until(uint64_t label) { covered_until_ = label; }

  const KeyHasher& hasher() const { return hasher_; }
  uint64_t Hash(std::string_view element) const { return hasher_.Hash(element); }
  // Each does nothing where the chunk is not covered.
  void Add(std::string_view element, uint64_t label);
  void Remove(std::string_view element, uint64_t label);
  void Move(std::string_view element, uint64_t from_label, uint64_t to_label);

  // The nearest chunk behind `label`, seen from that side, with an element of this hash; complete().
  std::optional<uint64_t> Next(uint64_t hash, Side from, uint64_t label) const;

  size_t size() const { return set_.size(); }
  size_t Count(uint64_t hash, uint64_t label) const { return set_.count(PlaceOf(hash, label)); }
  size_t allocated_bytes() const;

  // It pays as long as it is asked now and then: it is not worth more changes without a question than some times the
  // elements that a question would have walked over.
  void WasAsked() { changes_unasked_ = 0; }
  bool Pays() const { return changes_unasked_ <= 8 * set_.size() + 4096; }

  // For NodeHeap: gives up to `elements` back; true when nothing is left.
  static bool FreeSome(ListIndex* index, size_t elements);

 private:
  // What of the hash leaves room for the label, above it. Elements that it does not tell apart cost a look into a chunk.
  using Place = uint64_t;
  static Place PlaceOf(uint64_t hash, uint64_t label) { return (hash & ~kBehindAll) | label; }

  ListIndex(NodeHeap& heap, const KeyHasher& hasher);

  // As in every node, but always "born after the newest snapshot": no snapshot sees it.
  const uint32_t epoch_ = UINT32_MAX;
  NodeHeap& heap_;
  const KeyHasher& hasher_;
  uint64_t covered_until_ = kBeforeAll;
  uint64_t changes_unasked_ = 0;
  absl::btree_multiset<Place, std::less<Place>, NodeAllocator<Place>> set_;
};

}  // namespace baton
