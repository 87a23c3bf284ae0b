#include "base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace baton {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }

}  // namespace

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

std::string ToLower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  return lower;
}

std::string ToUpper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(), Upper);
  return upper;
}

std::string HumanBytes(double bytes) {
  constexpr char kUnits[] = "BKMGTP";
  int unit = 0;
  while (bytes >= 1024 && kUnits[unit + 1] != '\0') {
    bytes /= 1024;
    ++unit;
  }
  char text[40];
  std::snprintf(text, sizeof text, "%.*f%c", unit == 0 ? 0 : 2, bytes, kUnits[unit]);
  return text;
}

std::string QuoteBytes(std::string_view bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (char c : bytes) {
    switch (c) {
      case '\\':
      case '"':
        quoted += {'\\', c};
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\a':
        quoted += "\\a";
        break;
      case '\b':
        quoted += "\\b";
        break;
      default:
        if (c >= ' ' && c <= '~') {
          quoted += c;
        } else {
          auto byte = static_cast<uint8_t>(c);
          quoted += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
  }
  return quoted + '"';
}

void AppendPercentForm(std::string_view bytes, std::string_view also, std::string* text) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7f && c != '%' && also.find(c) == std::string_view::npos) {
      *text += c;
      continue;
    }
    *text += '%';
    *text += kDigits[byte >> 4];
    *text += kDigits[byte & 15];
  }
}

}  // namespace baton
