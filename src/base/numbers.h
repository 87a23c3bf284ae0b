#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/decimal.h"

namespace baton {

// Decimal digits of a 64-bit integer with sign never need more.
inline constexpr size_t kInt64CharsMax = 20;

// Strict, as Redis reads integers in arguments: optional '-', no '+', no spaces, no leading zeros ("0" itself is
// fine, "-0" is not), fits int64. False leaves *value alone.
bool ParseInt64(std::string_view text, int64_t* value);

// Writes the decimal form at `to` (room for kInt64CharsMax) and returns how many bytes were written.
inline size_t FormatInt64(int64_t value, char* to) {
  char* at = to;
  auto magnitude = static_cast<uint64_t>(value);
  if (value < 0) {
    *at++ = '-';
    magnitude = -magnitude;
  }
  return static_cast<size_t>(PutDecimal(magnitude, at) - to);
}

// As Redis reads floats in arguments (blocking timeouts, INCRBYFLOAT): the whole text, no leading space, no NaN;
// "inf"/"infinity" are read. False leaves *value alone.
bool ParseLongDouble(std::string_view text, long double* value);

// Redis's human form for INCRBYFLOAT: %.17Lf without trailing zeros, "-0" printed as "0".
std::string FormatLongDouble(long double value);

// RESP3 doubles: %.17g, "inf", "-inf", "nan".
std::string FormatDouble(double value);

}  // namespace baton
