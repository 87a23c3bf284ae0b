#pragma once

#include <span>
#include <string_view>

namespace baton {

// Of `names` the one that `word` was probably meant to be: the fewest letters to insert, drop, change or swap with the
// next, without regard to case, and with '_' for '-'. Empty when none is near enough (a third of the letters may
// differ).
std::string_view NearestName(std::string_view word, std::span<const std::string_view> names);

}  // namespace baton
