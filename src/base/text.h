#pragma once

#include <string>
#include <string_view>

namespace baton {

// ASCII only, as the protocol's words are.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);

// "12.34M" as INFO prints sizes.
std::string HumanBytes(double bytes);

// Redis's quoted form of arbitrary bytes: "a\x00b\n".
std::string QuoteBytes(std::string_view bytes);

}  // namespace baton
