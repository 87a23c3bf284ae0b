#pragma once

#include <cstdint>

#include "data/chunk.h"
#include "data/chunk_tree.h"

namespace baton {

class ListIndex;

// The root of a list that is too long to stand packed in its entry:
//
//   ends[left] chunk | middle: a tree of chunks, or none | ends[right] chunk
//
// A short list has one chunk, which is both ends. An end chunk may be empty while the middle is not: taking the next
// one out is put off until it is needed, so that a list used as a stack doesn't move chunks to and fro. Chunks in
// the middle are never empty, and a single chunk isn't either.
// The index by value, where there is one, belongs to the list and goes with it; readers of snapshots leave it alone.
struct ListRoot {
  int64_t count;
  Chunk* ends[2];  // by Side
  ChunkTreeNode* middle;
  ListIndex* index;

  Chunk*& end(Side side) { return ends[static_cast<int>(side)]; }
  const Chunk* end(Side side) const { return ends[static_cast<int>(side)]; }
  bool single() const { return ends[0] == ends[1]; }

  // The chunk that holds the element in that place, and *within, its place in there. 0 <= place < count.
  const Chunk* Find(int64_t place, uint32_t* within) const {
    const int64_t left = ends[0]->count;
    if (place < left) {
      *within = static_cast<uint32_t>(place);
      return ends[0];
    }
    const int64_t right_begin = count - ends[1]->count;
    if (place >= right_begin) {
      *within = static_cast<uint32_t>(place - right_begin);
      return ends[1];
    }
    return ChunkTree::Find(middle, static_cast<uint64_t>(place - left), within);
  }

  // The chunk with that label, or the last one before it.
  const Chunk* FindLabel(uint64_t label) const {
    if (label >= ends[1]->label()) return ends[1];
    if (middle == nullptr || label < middle->labels[0]) return ends[0];
    return ChunkTree::FindLabel(middle, label);
  }

  // The first or last element of a list that has any.
  std::string_view Peek(Side side) const {
    const Chunk* chunk = end(side);
    if (chunk->count > 0) [[likely]]
      return chunk->element(side);
    uint32_t within;
    chunk = Find(side == Side::kLeft ? 0 : count - 1, &within);
    return chunk->At(within);
  }
};

inline Side Other(Side side) { return side == Side::kLeft ? Side::kRight : Side::kLeft; }

}  // namespace baton
