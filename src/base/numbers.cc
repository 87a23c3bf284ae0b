#include "base/numbers.h"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace baton {
namespace {

// Redis reads floats through a buffer of this size; longer text is no float.
constexpr size_t kFloatCharsMax = 5 * 1024 - 1;

}  // namespace

bool ParseInt64(std::string_view text, int64_t* value) {
  const char* p = text.data();
  const char* end = p + text.size();
  if (p == end) return false;
  bool negative = *p == '-';
  if (negative && ++p == end) return false;
  if (*p == '0') {
    if (negative || p + 1 != end) return false;
    *value = 0;
    return true;
  }
  if (end - p > 19) return false;  // so that the sum below fits a uint64_t
  uint64_t magnitude = 0;
  for (; p != end; ++p) {
    auto digit = static_cast<uint8_t>(*p - '0');
    if (digit > 9) return false;
    magnitude = magnitude * 10 + digit;
  }
  uint64_t limit = static_cast<uint64_t>(INT64_MAX) + (negative ? 1 : 0);
  if (magnitude > limit) return false;
  *value = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
  return true;
}

bool ParseLongDouble(std::string_view text, long double* value) {
  if (text.empty() || text.size() > kFloatCharsMax) return false;
  if (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r')) return false;  // strtold would skip it
  char terminated[kFloatCharsMax + 1];
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  char* end = nullptr;
  errno = 0;
  long double parsed = std::strtold(terminated, &end);
  if (end != terminated + text.size()) return false;
  if (errno == ERANGE && (std::isinf(parsed) || parsed == 0)) return false;  // a denormal also says ERANGE, and is fine
  if (std::isnan(parsed)) return false;
  *value = parsed;
  return true;
}

std::string FormatLongDouble(long double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  int length = std::snprintf(nullptr, 0, "%.17Lf", value);
  std::string text(static_cast<size_t>(length), '\0');
  std::snprintf(text.data(), text.size() + 1, "%.17Lf", value);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

std::string FormatDouble(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char text[40];
  int length = std::snprintf(text, sizeof text, "%.17g", value);
  return std::string(text, static_cast<size_t>(length));
}

}  // namespace baton
