#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace baton {

// Whether `text` looks like `pattern`, for replies whose figures differ from run to run: '#' stands for digits, '~' for
// a decimal number, '*' for anything that stays on the line, possibly nothing; all else stands for itself.
inline bool HasShape(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  char first = pattern.front();
  auto fits = [first](char c) {
    bool is_digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    return first == '*' ? c != '\r' && c != '\n' : is_digit || (first == '~' && c == '.');
  };
  if (first != '#' && first != '~' && first != '*') {
    return !text.empty() && text.front() == first && HasShape(text.substr(1), pattern.substr(1));
  }
  auto run = static_cast<size_t>(std::find_if_not(text.begin(), text.end(), fits) - text.begin());
  for (size_t length = first == '*' ? 0 : 1; length <= run; ++length) {
    if (HasShape(text.substr(length), pattern.substr(1))) return true;
  }
  return false;
}

// What stands between `before` and the next of `ends`; "(no ...)" when `before` is not there.
inline std::string Between(const std::string& text, const std::string& before, const char* ends) {
  size_t at = text.find(before);
  if (at == std::string::npos) return "(no " + before + ")";
  at += before.size();
  return text.substr(at, text.find_first_of(ends, at) - at);
}

}  // namespace baton
