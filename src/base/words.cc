#include "base/words.h"

#include <algorithm>

#include "base/text.h"

namespace baton {

bool IsPlainWord(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '\'' && c != '\\';
  });
}

std::string AsTyped(std::string_view word) { return IsPlainWord(word) ? std::string(word) : QuoteBytes(word); }

}  // namespace baton
