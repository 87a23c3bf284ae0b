#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "data/size_class.h"

namespace baton {

// What a node of the copy-on-write tree can be. Every node begins with `uint32_t epoch`, the epoch of its birth.
enum class NodeKind : uint8_t { kEntry, kBlob, kChunk, kChunkTree, kListIndex, kTrieLeaf, kTrieInner };

// What stands `offset` bytes behind the begin of a node; the caller vouches for type and alignment.
template <typename T>
T* InNode(void* node, size_t offset) {
  return static_cast<T*>(static_cast<void*>(static_cast<char*>(node) + offset));
}
template <typename T>
const T* InNode(const void* node, size_t offset) {
  return static_cast<const T*>(static_cast<const void*>(static_cast<const char*>(node) + offset));
}

// Memory and time of the copy-on-write tree.
//
// Epochs number the times between snapshots: taking one freezes what was born up to now and starts the next epoch. So a
// node may be changed in place exactly when it was born after the newest live snapshot, one compare. An older node is
// cloned, and the old copy is retired:
//
//                        seen by a live snapshot?
//   Retire(node)     no  -> freed at the end of the running change (views into it may still be read until then)
//                    yes -> waits, first in first out, until no live snapshot is older than its removal
//   RetireTree(node) -> its nodes are looked at one by one, in slices (FreeSome), each then freed or left waiting
//
// With several live snapshots a node may wait for the oldest although only a newer one can see it: the queue
// stays a queue, and a long-lived snapshot costs memory, never time.
//
// Loop thread only.
class NodeHeap {
 public:
  NodeHeap() = default;
  ~NodeHeap();  // frees what was retired; the owner has retired the rest, and nobody reads a snapshot any more
  NodeHeap(const NodeHeap&) = delete;
  NodeHeap& operator=(const NodeHeap&) = delete;

  uint32_t epoch() const { return epoch_; }
  bool MayChange(uint32_t node_epoch) const { return node_epoch > frozen_; }

  // At least `bytes`, rounded up to a size class.
  void* Allocate(size_t bytes);
  // For what is no node: at once. `bytes` as given to Allocate.
  void Deallocate(void* memory, size_t bytes);
  // Each node knows its own size; see NodeBytes.
  void Retire(NodeKind kind, void* node) {
    uint32_t node_epoch = *static_cast<uint32_t*>(node);
    Garbage garbage{node, epoch_, kind, false};
    if (MayChange(node_epoch)) {
      doomed_.push_back(garbage);
    } else {
      waiting_.push_back(garbage);
    }
  }
  // The node and all below it. O(1).
  void RetireTree(NodeKind kind, void* node) { pending_.push_back({node, epoch_, kind, true}); }

  // Ends a change: what it replaced is freed now.
  void EndChange() {
    if (!doomed_.empty()) FreeDoomed();
  }
  // Frees about `budget` nodes. True when there is more that could be freed now.
  bool FreeSome(size_t budget);

  // A snapshot's number, to be given back when it ends. O(1).
  uint32_t Freeze();
  void Thaw(uint32_t snapshot);
  size_t live_snapshots() const { return live_.size(); }

  size_t allocated_bytes() const { return allocated_bytes_; }

 private:
  struct Garbage {
    void* node;
    uint32_t removed;  // the epoch of its removal
    NodeKind kind;
    bool deep;
  };

  bool SeenBySnapshot(const Garbage& garbage) const;
  bool FirstWaitingIsFree() const;
  void Free(const Garbage& garbage);
  void FreeIndex(const Garbage& garbage);
  void FreeDoomed();

  uint32_t epoch_ = 1;
  uint32_t frozen_ = 0;         // the newest live snapshot, 0 when there is none
  std::vector<uint32_t> live_;  // snapshots, oldest first
  std::vector<Garbage> doomed_;
  std::vector<Garbage> pending_;  // a stack: depth first keeps it short
  std::deque<Garbage> waiting_;
  size_t allocated_bytes_ = 0;
};

// For containers beside the tree whose bytes are to be counted with it.
template <typename T>
class NodeAllocator {
 public:
  using value_type = T;

  explicit NodeAllocator(NodeHeap& heap) : heap_(&heap) {}
  template <typename U>
  NodeAllocator(const NodeAllocator<U>& other) : heap_(other.heap()) {}  // NOLINT: a conversion, as allocators need it

  T* allocate(size_t count) { return static_cast<T*>(heap_->Allocate(count * sizeof(T))); }
  void deallocate(T* memory, size_t count) { heap_->Deallocate(memory, count * sizeof(T)); }
  NodeHeap* heap() const { return heap_; }
  bool operator==(const NodeAllocator& other) const = default;

 private:
  NodeHeap* heap_;
};

}  // namespace baton
