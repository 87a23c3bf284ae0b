#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "data/mutation.h"
#include "data/node_heap.h"
#include "data/packed.h"

namespace baton {

// A run of packed elements (packed.h) with the free room on the sides:
//
//   header | gap | elements [begin, end) | gap
//
// Its label says where in its list it stands: labels go up from left to right, with gaps for those that come between. A
// clone and a successor of another size keep it.
struct Chunk {
  uint32_t epoch;
  uint32_t capacity;  // of bytes()
  uint32_t begin;
  uint32_t end;
  uint32_t count;
  uint32_t label_halves[2];  // alignment of 4 keeps the header short

  static constexpr int kLabelBits = 40;
  static constexpr uint64_t kFirstLabel = uint64_t{1} << (kLabelBits - 1);
  static constexpr uint64_t kLabelGap = uint64_t{1} << 14;
  uint64_t label() const { return uint64_t{label_halves[1]} << 32 | label_halves[0]; }
  void set_label(uint64_t label) {
    label_halves[0] = static_cast<uint32_t>(label);
    label_halves[1] = static_cast<uint32_t>(label >> 32);
  }

  // The bytes that a chunk takes when it has grown up, for a list whose elements are like one of `packed_bytes`: large
  // enough that the 28 bytes of header, the allocator's and the tree's share, and the rest that fits no element stay
  // under a byte for each small element; small enough that cloning one after a snapshot takes microseconds.
  static size_t FullBytes(size_t packed_bytes);
  // The same for a list with an index by value: elements are found and taken away within a chunk, so it holds few.
  static size_t IndexedBytes(size_t packed_bytes);
  // An element whose packed form is larger stands alone in a chunk of its own size.
  static constexpr size_t kAloneBytes = 16 * 1024;
  static constexpr size_t kFullBytesMax = 64 * 1024;

  static Chunk* New(NodeHeap& heap, size_t capacity, uint64_t label);
  // A chunk of `capacity` with the elements of `from`, `front_gap` bytes from the front.
  static Chunk* Copy(NodeHeap& heap, const Chunk& from, size_t capacity, size_t front_gap);

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  const char* first() const { return bytes() + begin; }
  const char* last() const { return bytes() + end; }  // one past
  uint32_t used() const { return end - begin; }
  size_t gap(Side side) const { return side == Side::kLeft ? begin : capacity - end; }
  size_t allocated_bytes() const { return RoundToClass(sizeof(Chunk) + capacity); }

  std::string_view element(Side side) const {  // count > 0
    return side == Side::kLeft ? ElementAt(first()) : ElementBefore(last());
  }
  std::string_view At(uint32_t index) const { return ElementOf(first(), last(), count, index); }

  // gap(side) has room for the packed element.
  void Push(Side side, std::string_view element) {
    const auto packed = static_cast<uint32_t>(PackedBytes(element.size()));
    if (side == Side::kLeft) {
      begin -= packed;
      PackElement(bytes() + begin, element);
    } else {
      PackElement(bytes() + end, element);
      end += packed;
    }
    ++count;
  }
  void Pop(Side side) {
    const auto packed = static_cast<uint32_t>(PackedBytes(element(side).size()));
    if (side == Side::kLeft) {
      begin += packed;
    } else {
      end -= packed;
    }
    --count;
  }
  // No element is left, and all room is on `side`.
  void Clear(Side side) {
    begin = end = side == Side::kLeft ? capacity : 0;
    count = 0;
  }
  // Nobody may have looked at them for long, and where an element ends is only known when its length has come.
  void PrefetchElements() const {
    constexpr size_t kAtMost = 2048;
    const char* const stop = first() + (used() < kAtMost ? used() : kAtMost);
    for (const char* at = first(); at < stop; at += 64) __builtin_prefetch(at);
  }
  bool Contains(std::string_view view) const { return Overlaps(view, this, sizeof(Chunk) + capacity); }
};
static_assert(sizeof(Chunk) == 28);

}  // namespace baton
