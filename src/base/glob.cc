#include "base/glob.h"

#include <cstddef>
#include <utility>

namespace baton {
namespace {

char Fold(char c, bool ignore_case) {
  return ignore_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// Does the class that opens at pattern[*at] hold `c`? Moves *at behind the class. Redis's rules for odd classes: one
// that never closes ends with the pattern, ']' can be a range's end, a range may be given backwards, and bytes
// compare as signed chars.
bool ClassHolds(std::string_view pattern, size_t* at, char c, bool ignore_case) {
  size_t p = *at + 1;
  bool negated = p < pattern.size() && pattern[p] == '^';
  if (negated) ++p;
  bool found = false;
  for (; p < pattern.size() && pattern[p] != ']'; ++p) {
    size_t left = pattern.size() - p;
    if (pattern[p] == '\\' && left >= 2) {
      found |= pattern[++p] == c;
    } else if (left >= 3 && pattern[p + 1] == '-') {
      auto low = static_cast<signed char>(Fold(pattern[p], ignore_case));
      auto high = static_cast<signed char>(Fold(pattern[p + 2], ignore_case));
      if (low > high) std::swap(low, high);
      auto value = static_cast<signed char>(Fold(c, ignore_case));
      found |= low <= value && value <= high;
      p += 2;
    } else {
      found |= Fold(pattern[p], ignore_case) == Fold(c, ignore_case);
    }
  }
  *at = p < pattern.size() ? p + 1 : p;
  return found != negated;
}

// Matches the one-byte element at pattern[*at] and moves *at behind it.
bool ElementMatches(std::string_view pattern, size_t* at, char c, bool ignore_case) {
  switch (pattern[*at]) {
    case '?':
      ++*at;
      return true;
    case '[':
      return ClassHolds(pattern, at, c, ignore_case);
    case '\\':
      if (*at + 1 < pattern.size()) ++*at;
      break;
    default:
      break;
  }
  return Fold(pattern[(*at)++], ignore_case) == Fold(c, ignore_case);
}

}  // namespace

bool GlobMatch(std::string_view pattern, std::string_view text, bool ignore_case) {
  // In Redis no pattern but these two matches an empty name, not even "**".
  if (text.empty()) return pattern.empty() || pattern == "*";
  constexpr size_t kNone = static_cast<size_t>(-1);
  size_t p = 0, t = 0;
  size_t star_p = kNone, star_t = 0;  // where to go on after the newest star, and where its match ends so far
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star_p = ++p;
      star_t = t;
    } else if (p < pattern.size() && ElementMatches(pattern, &p, text[t], ignore_case)) {
      ++t;
    } else if (star_p != kNone) {
      p = star_p;
      t = ++star_t;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace baton
