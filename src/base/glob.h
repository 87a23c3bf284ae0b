#pragma once

#include <string_view>

namespace baton {

// Redis's glob: `*`, `?`, `[abc]`, `[^a]`, `[a-z]`, `\` escapes. Works on bytes. Linear-ish even for hostile
// patterns such as "a*a*a*a*b" (a star skips ahead at most once per later star).
bool GlobMatch(std::string_view pattern, std::string_view text, bool ignore_case = false);

}  // namespace baton
