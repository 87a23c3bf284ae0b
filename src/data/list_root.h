#pragma once

#include <cstdint>

#include "data/chunk.h"
#include "data/chunk_tree.h"

namespace baton {

// The root of a list that is too long to stand packed in its entry:
//
//   ends[left] chunk | middle: a tree of chunks, or none | ends[right] chunk
//
// A short list has one chunk, which is both ends. An end chunk may be empty while the middle is not: taking the next
// one out is put off until it is needed, so that a list used as a stack doesn't move chunks to and fro. Chunks in
// the middle are never empty, and a single chunk isn't either.
struct ListRoot {
  int64_t count;
  Chunk* ends[2];  // by Side
  ChunkTreeNode* middle;

  Chunk*& end(Side side) { return ends[static_cast<int>(side)]; }
  const Chunk* end(Side side) const { return ends[static_cast<int>(side)]; }
  bool single() const { return ends[0] == ends[1]; }

  // The chunk that holds element `index`, and *within, its place in there. 0 <= index < count.
  const Chunk* Find(int64_t index, uint32_t* within) const {
    const int64_t left = ends[0]->count;
    if (index < left) {
      *within = static_cast<uint32_t>(index);
      return ends[0];
    }
    const int64_t right_begin = count - ends[1]->count;
    if (index >= right_begin) {
      *within = static_cast<uint32_t>(index - right_begin);
      return ends[1];
    }
    return ChunkTree::Find(middle, static_cast<uint64_t>(index - left), within);
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
