#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "data/mutation.h"

namespace baton {

// How list elements stand side by side in a chunk or in an entry, walkable both ways:
//
//   length (varint, low groups first) | payload | length again, mirrored: read from its last byte towards the front
//
// Each group has 7 bits; the top bit says that another one follows in reading direction. 1 + 1 bytes under 128,
// 2 + 2 under 16,384.

constexpr size_t VarintBytes(size_t value) {
  size_t bytes = 1;
  while (value >= 128) {
    value >>= 7;
    ++bytes;
  }
  return bytes;
}

constexpr size_t PackedBytes(size_t payload_bytes) { return payload_bytes + 2 * VarintBytes(payload_bytes); }

// Writes PackedBytes(payload.size()) bytes at `to`. The payload must not overlap them.
inline void PackElement(char* to, std::string_view payload) {
  size_t length = payload.size();
  if (length < 128) [[likely]] {
    *to = to[1 + length] = static_cast<char>(length);
    CopyBytes(to + 1, payload);
    return;
  }
  const size_t width = VarintBytes(length);
  char* last = to + width + length + width - 1;
  for (size_t i = 0; i < width; ++i) {
    const char group = static_cast<char>((length & 127) | (i + 1 < width ? 128 : 0));
    to[i] = group;
    last[-static_cast<ptrdiff_t>(i)] = group;
    length >>= 7;
  }
  std::memcpy(to + width, payload.data(), payload.size());
}

// The element that begins at `at`.
inline std::string_view ElementAt(const char* at) {
  size_t length = static_cast<unsigned char>(*at++);
  if (length >= 128) [[unlikely]] {
    length &= 127;
    for (unsigned shift = 7;; shift += 7) {
      const auto group = static_cast<unsigned char>(*at++);
      length |= size_t{group & 127u} << shift;
      if (group < 128) break;
    }
  }
  return {at, length};
}

// The element that ends just before `end`.
inline std::string_view ElementBefore(const char* end) {
  size_t length = static_cast<unsigned char>(*--end);
  if (length >= 128) [[unlikely]] {
    length &= 127;
    for (unsigned shift = 7;; shift += 7) {
      const auto group = static_cast<unsigned char>(*--end);
      length |= size_t{group & 127u} << shift;
      if (group < 128) break;
    }
  }
  return {end - length, length};
}

// Where the packed form of `element` (a view into packed bytes) begins and ends.
inline const char* PackedBegin(std::string_view element) { return element.data() - VarintBytes(element.size()); }
inline const char* PackedEnd(std::string_view element) {
  return element.data() + element.size() + VarintBytes(element.size());
}

// The element at `index` of `count` packed in [begin, end), walking from the nearer end.
inline std::string_view ElementOf(const char* begin, const char* end, uint32_t count, uint32_t index) {
  if (index < count / 2) {
    for (uint32_t i = 0; i < index; ++i) begin = PackedEnd(ElementAt(begin));
    return ElementAt(begin);
  }
  for (uint32_t i = count - 1; i > index; --i) end = PackedBegin(ElementBefore(end));
  return ElementBefore(end);
}

// Calls `visit` with each of `count` elements that stand from `at` on.
template <typename Visit>
void ForEachPacked(const char* at, int64_t count, const Visit& visit) {
  for (; count > 0; --count) {
    const std::string_view element = ElementAt(at);
    visit(element);
    at = PackedEnd(element);
  }
}

// The same from either side, until `visit` returns false; then false. `begin` and `end` are those of the whole run.
template <typename Visit>
bool WalkPacked(const char* begin, const char* end, uint32_t count, Side from, const Visit& visit) {
  for (; count > 0; --count) {
    const std::string_view element = from == Side::kLeft ? ElementAt(begin) : ElementBefore(end);
    if (!visit(element)) return false;
    from == Side::kLeft ? begin = PackedEnd(element) : end = PackedBegin(element);
  }
  return true;
}

// A value that many elements are compared with. Most differ in length or in their last bytes, and that is seen at once.
class Sought {
 public:
  explicit Sought(std::string_view value) : value_(value), tail_(value.size() < kTailBytes ? 0 : Tail(value)) {}

  bool Is(std::string_view element) const {
    if (element.size() != value_.size()) return false;
    if (value_.size() >= kTailBytes && Tail(element) != tail_) return false;
    return SameBytes(element, value_);
  }

 private:
  static constexpr size_t kTailBytes = sizeof(uint64_t);
  static uint64_t Tail(std::string_view bytes) {
    uint64_t tail;
    std::memcpy(&tail, bytes.data() + bytes.size() - kTailBytes, kTailBytes);
    return tail;
  }

  std::string_view value_;
  uint64_t tail_;
};

// True when the two overlap: then writing the one may garble the other.
inline bool Overlaps(std::string_view view, const void* memory, size_t bytes) {
  const auto from = reinterpret_cast<uintptr_t>(view.data());
  const auto to = reinterpret_cast<uintptr_t>(memory);
  return from < to + bytes && to < from + view.size();
}

}  // namespace baton
