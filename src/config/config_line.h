#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace baton {

// A word of a configuration line: its text with quotes and escapes resolved, and where it begins (in bytes, from 1).
struct ConfigWord {
  std::string text;
  size_t column = 0;
};

// Splits one line, without its newline, into words (the grammar stands in config.h). Blank lines and comments have
// none. On an error *error_column is where the offending quote stands.
Result<std::vector<ConfigWord>> SplitConfigLine(std::string_view line, size_t* error_column);

}  // namespace baton
