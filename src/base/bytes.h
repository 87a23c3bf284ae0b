#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace baton {

// Names of keys and elements of lists are mostly short. For those a call into libc costs as much as the work itself, so
// it is done in place: two loads that overlap take any length between one and two of their widths.

namespace internal {

struct Sixteen {
  uint64_t halves[2];
};

template <typename Word>
inline void CopyEnds(char* to, const char* from, size_t bytes) {
  Word first, last;
  std::memcpy(&first, from, sizeof first);
  std::memcpy(&last, from + bytes - sizeof last, sizeof last);
  std::memcpy(to, &first, sizeof first);
  std::memcpy(to + bytes - sizeof last, &last, sizeof last);
}

template <typename Word>
inline bool SameEnds(const char* a, const char* b, size_t bytes) {
  Word first[2], last[2];
  std::memcpy(&first[0], a, sizeof(Word));
  std::memcpy(&first[1], b, sizeof(Word));
  std::memcpy(&last[0], a + bytes - sizeof(Word), sizeof(Word));
  std::memcpy(&last[1], b + bytes - sizeof(Word), sizeof(Word));
  return ((first[0] ^ first[1]) | (last[0] ^ last[1])) == 0;
}

}  // namespace internal

// The two must not overlap. Neither pointer is looked at when there is nothing to copy.
inline void CopyBytes(char* to, const char* from, size_t bytes) {
  if (bytes > 64) {
    std::memcpy(to, from, bytes);
  } else if (bytes > 32) {
    internal::CopyEnds<internal::Sixteen>(to, from, 32);
    internal::CopyEnds<internal::Sixteen>(to + bytes - 32, from + bytes - 32, 32);
  } else if (bytes >= 16) {
    internal::CopyEnds<internal::Sixteen>(to, from, bytes);
  } else if (bytes >= 8) {
    internal::CopyEnds<uint64_t>(to, from, bytes);
  } else if (bytes >= 4) {
    internal::CopyEnds<uint32_t>(to, from, bytes);
  } else if (bytes > 0) {
    const char middle = from[bytes / 2];
    const char last = from[bytes - 1];
    to[0] = from[0];
    to[bytes / 2] = middle;
    to[bytes - 1] = last;
  }
}
inline void CopyBytes(char* to, std::string_view from) { CopyBytes(to, from.data(), from.size()); }

inline bool SameBytes(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a.size() > 16) return std::memcmp(a.data(), b.data(), a.size()) == 0;
  if (a.size() >= 8) return internal::SameEnds<uint64_t>(a.data(), b.data(), a.size());
  if (a.size() >= 4) return internal::SameEnds<uint32_t>(a.data(), b.data(), a.size());
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace baton
