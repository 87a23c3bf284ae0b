#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace baton {

inline constexpr size_t kDecimalCharsMax = 20;

// "00", "01", ... "99", one behind the other.
inline constexpr std::array<char, 200> kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

inline constexpr std::array<uint64_t, kDecimalCharsMax> kPowersOfTen = [] {
  std::array<uint64_t, kDecimalCharsMax> powers{1};
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// How many digits `value` has.
inline size_t DecimalChars(uint64_t value) {
  // 1233 / 4096 is the logarithm of 2 to base 10, a little less: the guess is right or one too low.
  value |= 1;  // 0 has a digit, too
  const size_t guess = static_cast<size_t>(std::bit_width(value) * 1233 >> 12);
  return guess + (value >= kPowersOfTen[guess] ? 1 : 0);
}

// Writes `value` at `to`; returns the end. It mostly writes lengths, hence the short cuts.
inline char* PutDecimal(uint64_t value, char* to) {
  if (value < 10) {
    *to = static_cast<char>('0' + value);
    return to + 1;
  }
  if (value < 100) {
    std::memcpy(to, &kDigitPairs[2 * value], 2);
    return to + 2;
  }
  char* const end = to + DecimalChars(value);
  char* at = end;
  for (; value >= 100; value /= 100) std::memcpy(at -= 2, &kDigitPairs[2 * (value % 100)], 2);
  if (value >= 10) {
    std::memcpy(at - 2, &kDigitPairs[2 * value], 2);
  } else {
    at[-1] = static_cast<char>('0' + value);
  }
  return end;
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
