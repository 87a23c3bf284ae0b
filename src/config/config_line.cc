#include "config/config_line.h"

#include <utility>

namespace baton {
namespace {

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Reads the escape behind a backslash at line[*at] and moves *at behind it.
char Escape(std::string_view line, size_t* at) {
  if (line[*at] == 'x' && *at + 2 < line.size() && HexDigit(line[*at + 1]) >= 0 && HexDigit(line[*at + 2]) >= 0) {
    char byte = static_cast<char>(HexDigit(line[*at + 1]) * 16 + HexDigit(line[*at + 2]));
    *at += 3;
    return byte;
  }
  switch (line[(*at)++]) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return line[*at - 1];
  }
}

// Appends what stands between the quote at line[*at] and its twin, and moves *at behind that one. False when there is
// none.
bool ReadQuoted(std::string_view line, size_t* at, std::string* text) {
  char quote = line[(*at)++];
  while (*at < line.size()) {
    char c = line[*at];
    if (c == quote) {
      ++*at;
      return true;
    }
    ++*at;
    if (c == '\\' && *at < line.size()) {
      if (quote == '"') {
        *text += Escape(line, at);
        continue;
      }
      if (line[*at] == '\'') {
        *text += line[(*at)++];
        continue;
      }
    }
    *text += c;
  }
  return false;
}

}  // namespace

Result<std::vector<ConfigWord>> SplitConfigLine(std::string_view line, size_t* error_column) {
  std::vector<ConfigWord> words;
  size_t at = 0;
  for (;;) {
    while (at < line.size() && IsBlank(line[at])) ++at;
    if (at == line.size() || (words.empty() && line[at] == '#')) return words;
    ConfigWord word;
    word.column = at + 1;
    while (at < line.size() && !IsBlank(line[at])) {
      if (line[at] != '"' && line[at] != '\'') {
        word.text += line[at++];
        continue;
      }
      size_t opened = at;
      if (!ReadQuoted(line, &at, &word.text)) {
        *error_column = opened + 1;
        return Status::Error("this quote is never closed");
      }
      if (at < line.size() && !IsBlank(line[at])) {
        *error_column = at + 1;
        return Status::Error("a closing quote must be followed by a blank");
      }
    }
    words.push_back(std::move(word));
  }
}

}  // namespace baton
