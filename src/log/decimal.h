#pragma once

#include <cstdint>
#include <string_view>

namespace baton {

inline constexpr size_t kDecimalCharsMax = 20;

// Writes `value` at `to`; returns the end. Lengths are what it mostly writes, hence the short cuts.
inline char* PutDecimal(uint64_t value, char* to) {
  if (value < 10) {
    *to = static_cast<char>('0' + value);
    return to + 1;
  }
  if (value < 100) {
    to[0] = static_cast<char>('0' + value / 10);
    to[1] = static_cast<char>('0' + value % 10);
    return to + 2;
  }
  char digits[kDecimalCharsMax];
  char* at = digits + sizeof digits;
  for (; value != 0; value /= 10) *--at = static_cast<char>('0' + value % 10);
  while (at != digits + sizeof digits) *to++ = *at++;
  return to;
}

// Reads the digits at *at, at most up to `end`, and leaves *at behind them. False when there is no digit, when the
// number does not fit, or when it is written in another way than PutDecimal writes it (a leading zero).
inline bool TakeDecimal(const char** at, const char* end, uint64_t* value) {
  const char* digit = *at;
  uint64_t sum = 0;
  while (digit != end && *digit >= '0' && *digit <= '9') {
    if (__builtin_mul_overflow(sum, uint64_t{10}, &sum)) return false;
    if (__builtin_add_overflow(sum, static_cast<uint64_t>(*digit - '0'), &sum)) return false;
    ++digit;
  }
  if (digit == *at || (**at == '0' && digit - *at > 1)) return false;
  *at = digit;
  *value = sum;
  return true;
}

}  // namespace baton
