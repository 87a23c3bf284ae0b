#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace baton {

// jemalloc's size classes (its manual, "IMPLEMENTATION NOTES"): multiples of 16 up to 128, then four classes to each
// doubling. Nodes are cut to these so that an allocation has no room that we don't use, and so that the bytes
// counted are the bytes taken. An index fits a byte for every size that we can ever ask for.
constexpr size_t RoundToClass(size_t bytes) {
  if (bytes <= 128) return bytes <= 16 ? 16 : (bytes + 15) & ~size_t{15};
  const size_t step = size_t{1} << (std::bit_width(bytes - 1) - 3);
  return (bytes + step - 1) & ~(step - 1);
}

constexpr uint8_t ClassIndex(size_t class_bytes) {
  if (class_bytes <= 128) return static_cast<uint8_t>(class_bytes / 16);
  const unsigned group = static_cast<unsigned>(std::bit_width(class_bytes - 1)) - 1;  // 7 for 160 ... 256
  return static_cast<uint8_t>(8 + (group - 7) * 4 + (class_bytes >> (group - 2)) - 4);
}

constexpr size_t ClassBytes(uint8_t index) {
  if (index <= 8) return size_t{index} * 16;
  const unsigned group = 7 + (index - 9u) / 4;
  return size_t{5 + (index - 9u) % 4} << (group - 2);
}

static_assert(RoundToClass(129) == 160 && RoundToClass(256) == 256 && RoundToClass(257) == 320);
static_assert(ClassBytes(ClassIndex(128)) == 128 && ClassBytes(ClassIndex(160)) == 160);
static_assert(ClassBytes(ClassIndex(256)) == 256 && ClassBytes(ClassIndex(320)) == 320);
static_assert(ClassBytes(ClassIndex(size_t{5} << 30)) == size_t{5} << 30);

}  // namespace baton
