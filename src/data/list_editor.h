#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data/list_index.h"
#include "data/list_root.h"

namespace baton {

// Changes one list in its long form. The root stands in an entry that may be changed; chunks and tree nodes that may
// not are cloned. No function leaves the list empty unless it says so: then the caller removes the entry, root and all.
class ListEditor {
 public:
  ListEditor(NodeHeap& heap, ListRoot& root) : heap_(heap), root_(root) {}

  // A list of one chunk made from `count` elements that are packed already; count may be 0 if a Push follows. `room`
  // bytes are left free on `side`.
  void Begin(std::string_view packed, uint32_t count, size_t room, Side side);
  void Push(Side side, std::string_view element) {
    const size_t packed = PackedBytes(element.size());
    Chunk* chunk = root_.end(side);
    if (!heap_.MayChange(chunk->epoch) || chunk->gap(side) < packed) [[unlikely]]
      chunk = MakeRoom(side, packed);
    chunk->Push(side, element);
    ++root_.count;
    if (root_.index != nullptr) [[unlikely]]
      IndexPushed(element, chunk->label());
  }
  // Not the last element.
  void Pop(Side side) {
    Chunk* chunk = root_.end(side);
    if (!heap_.MayChange(chunk->epoch) || chunk->count <= 1) [[unlikely]] {
      if (!PrepareToPop(side)) return;
      chunk = root_.end(side);
    }
    if (root_.index != nullptr) [[unlikely]]
      root_.index->Remove(chunk->element(side), chunk->label());
    chunk->Pop(side);
    --root_.count;
  }
  // `elements` < count.
  void Drop(Side side, int64_t elements);
  void Set(int64_t index, std::string_view element);
  // So that it becomes element `index`; 0 <= index <= count.
  void Insert(int64_t index, std::string_view element);
  // Removes up to `limit` elements that equal `element`, from the left or from the right; returns how many. May leave
  // the list empty.
  int64_t Remove(Side from, int64_t limit, std::string_view element);

  // --- The index by value. It is kept up to date by everything above.

  // Indexes about `elements` more, from the left; starts an index where there is none. True when it is complete.
  bool BuildIndex(const KeyHasher& hasher, int64_t elements);
  void DropIndex();
  // How many elements a search by value walks over before an index pays.
  static constexpr int64_t kIndexPays = 256;

  // True when the list has become so short that it should stand in its entry again.
  bool IsShort() const { return root_.single() && root_.ends[0]->used() <= kShortBytes; }
  // Gives room back after the list has become shorter.
  void Tidy() {
    if (root_.single() && root_.ends[0]->used() < root_.ends[0]->capacity / 8) [[unlikely]]
      Shrink();
  }

  // Well below the bytes at which a list leaves its entry, so that a list around that size doesn't go to and fro.
  static constexpr size_t kShortBytes = 96;

 private:
  // Where an element stands.
  struct Place {
    enum { kLeftEnd, kMiddle, kRightEnd } part;
    ChunkPath path;  // kMiddle only
    Chunk* chunk;
    uint32_t within;
  };

  size_t FullBytes(size_t packed) const {
    return root_.index != nullptr ? Chunk::IndexedBytes(packed) : Chunk::FullBytes(packed);
  }
  size_t NewChunkCapacity(size_t packed) const;
  uint64_t LabelBeyond(Side side);
  bool LabelPieces(const Place& place, std::span<Chunk* const> pieces);
  void RenewLabels();
  Chunk* MakeRoom(Side side, size_t packed);
  bool PrepareToPop(Side side);
  void RefillEnd(Side side);
  void SetEnd(Side side, Chunk* chunk);
  void Shrink();

  Place Find(int64_t index);
  Place FindLabel(uint64_t label);
  // The elements of a chunk that equal `element`, in the chunk's order: up to `limit` of them, from that side.
  static void CollectEqual(const Chunk& chunk, Side from, int64_t limit, std::string_view element,
                           std::vector<std::string_view>* found);
  int64_t RemoveIndexed(Side from, int64_t limit, std::string_view element);
  int64_t FirstNotCovered();
  void SplitForIndex(Place& place);
  void IndexPushed(std::string_view element, uint64_t label);
  void MoveInIndex(const Chunk& chunk, uint64_t from_label, uint64_t to_label);
  void IndexSpliced(const Chunk& chunk, uint32_t offset, uint32_t old_bytes, std::string_view element);
  void ReplaceChunk(Place& place, std::span<Chunk* const> pieces);
  void DropChunk(Place& place);
  // In the chunk at `place`, `old_bytes` at `offset` (an element, or nothing) become `element`. False: the chunk is too
  // large for that, split it first.
  bool Splice(Place& place, uint32_t offset, uint32_t old_bytes, std::string_view element);
  static void SpliceInPlace(Chunk* chunk, uint32_t offset, uint32_t old_bytes, std::string_view element);
  void Split(Place& place);
  void RemoveFromChunk(Place& place, const std::vector<std::string_view>& doomed);
  static void CloseGap(Chunk* chunk, uint32_t offset, uint32_t bytes);
  void JoinSmall(Place& place);

  static size_t Capacity(size_t allocation) { return RoundToClass(allocation) - sizeof(Chunk); }
  static size_t Allocation(const Chunk& chunk) { return sizeof(Chunk) + chunk.capacity; }

  NodeHeap& heap_;
  ListRoot& root_;
};

}  // namespace baton
