#pragma once

#include <cstdint>

#include "data/chunk.h"
#include "data/mutation.h"
#include "data/node_heap.h"

namespace baton {

// A node of the tree between a list's two end chunks: a B+tree of chunks that knows how many elements are below each
// child, and where in the order of labels each begins. It is relaxed: any node may hold from one to kFanout children,
// so both ends grow and shrink without rebalancing and nodes that were filled in order stay full. All leaves have the
// same height (0). No upward pointers.
struct ChunkTreeNode {
  static constexpr unsigned kFanout = 63;  // makes 1,520 bytes

  uint32_t epoch;
  uint16_t height;  // 0: children are chunks
  uint16_t size;
  uint64_t counts[kFanout];  // elements below each child
  uint64_t labels[kFanout];  // of the first chunk below each child
  void* children[kFanout];

  ChunkTreeNode* node(unsigned slot) const { return static_cast<ChunkTreeNode*>(children[slot]); }
  Chunk* chunk(unsigned slot) const { return static_cast<Chunk*>(children[slot]); }
  uint64_t Sum() const;
};
static_assert(sizeof(ChunkTreeNode) == 1520);

// Where a chunk stands, every node on the way writable.
struct ChunkPath {
  static constexpr unsigned kHeightMax = 16;
  ChunkTreeNode* nodes[kHeightMax];
  unsigned slots[kHeightMax];
  unsigned depth = 0;  // of the leaf's level; 0 when the root is the leaf

  Chunk* chunk() const { return nodes[depth]->chunk(slots[depth]); }
  unsigned slot() const { return slots[depth]; }
  ChunkTreeNode* leaf() const { return nodes[depth]; }
  uint64_t ElementsBefore() const;  // that chunk, in the tree
};

// Looks and changes at one tree, whose root (nullptr: no chunk) the caller keeps.
class ChunkTree {
 public:
  ChunkTree(NodeHeap& heap, ChunkTreeNode*& root) : heap_(heap), root_(root) {}

  // The chunk that holds element `index`, and *within, its place in there.
  static Chunk* Find(const ChunkTreeNode* root, uint64_t index, uint32_t* within);
  // The chunk with that label, or the last one before it; the tree begins at or before it.
  static Chunk* FindLabel(const ChunkTreeNode* root, uint64_t label);

  void PushEnd(Side side, Chunk* chunk);
  // The chunk at that end, which is the caller's from now on. The tree is not empty.
  Chunk* PopEnd(Side side);
  // Retires the chunks that lie wholly within the first (last) `elements` elements; returns how many elements went.
  uint64_t Drop(Side side, uint64_t elements);

  // Makes the way to element `index` writable (not the chunk itself).
  ChunkPath PathTo(uint64_t index, uint32_t* within);
  ChunkPath PathToLabel(uint64_t label);
  // The chunk in that place has been replaced, or its count changed. The old one is the caller's.
  void Replace(const ChunkPath& path, Chunk* chunk);
  // Puts a chunk behind the one in that place. The path is void afterwards.
  void InsertAfter(const ChunkPath& path, Chunk* chunk);
  // Takes the chunk in that place out; it is the caller's. The path is void afterwards.
  void Remove(const ChunkPath& path);

  static ChunkTreeNode* Clone(NodeHeap& heap, const ChunkTreeNode& from);     // one node
  static ChunkTreeNode* CloneAll(NodeHeap& heap, const ChunkTreeNode& from);  // with its chunks

 private:
  ChunkTreeNode* NewNode(unsigned height);
  ChunkTreeNode* Spine(unsigned height, Chunk* chunk);
  ChunkTreeNode* Writable(ChunkTreeNode*& link);
  void PushInto(ChunkTreeNode*& link, Side side, Chunk* chunk);
  Chunk* PopFrom(ChunkTreeNode*& link, Side side);
  uint64_t DropFrom(ChunkTreeNode*& link, Side side, uint64_t elements);
  // Goes down from the root; at each node `choose` says which slot.
  template <typename Choose>
  ChunkPath WritablePath(const Choose& choose);
  void FixCounts(const ChunkPath& path, unsigned from_level);
  void MergeSmall(ChunkTreeNode* parent, unsigned slot);
  void Collapse();

  NodeHeap& heap_;
  ChunkTreeNode*& root_;
};

}  // namespace baton
