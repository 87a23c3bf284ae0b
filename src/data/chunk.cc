#include "data/chunk.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace baton {

size_t Chunk::FullBytes(size_t packed_bytes) {
  if (packed_bytes < 512) return 32 * 1024;
  // Few elements fit: take the class that leaves the least behind for each.
  size_t best = kFullBytesMax;
  size_t best_waste = SIZE_MAX;
  for (size_t bytes = 16 * 1024; bytes <= kFullBytesMax; bytes = RoundToClass(bytes + 1)) {
    const size_t fit = (bytes - sizeof(Chunk)) / packed_bytes;
    if (fit == 0) continue;
    const size_t waste = (bytes - fit * packed_bytes) / fit;
    if (waste <= best_waste) {
      best = bytes;
      best_waste = waste;
    }
  }
  return best;
}

size_t Chunk::IndexedBytes(size_t packed_bytes) {
  return std::min(FullBytes(packed_bytes), RoundToClass(std::max<size_t>(2048, packed_bytes * 16)));
}

Chunk* Chunk::New(NodeHeap& heap, size_t capacity, uint64_t label) {
  CHECK(capacity <= UINT32_MAX);
  auto* chunk = static_cast<Chunk*>(heap.Allocate(sizeof(Chunk) + capacity));
  *chunk = {heap.epoch(), static_cast<uint32_t>(capacity), 0, 0, 0, {}};
  chunk->set_label(label);
  return chunk;
}

Chunk* Chunk::Copy(NodeHeap& heap, const Chunk& from, size_t capacity, size_t front_gap) {
  Chunk* chunk = New(heap, capacity, from.label());
  chunk->begin = static_cast<uint32_t>(front_gap);
  chunk->end = chunk->begin + from.used();
  chunk->count = from.count;
  std::memcpy(chunk->bytes() + chunk->begin, from.first(), from.used());
  return chunk;
}

}  // namespace baton
