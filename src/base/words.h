#pragma once

#include <string>
#include <string_view>

namespace baton {

// Whether it can be typed in redis-cli, or stand in a configuration file, as it is.
bool IsPlainWord(std::string_view word);
// As one types it: itself where it is plain, else in quotes.
std::string AsTyped(std::string_view word);

}  // namespace baton
