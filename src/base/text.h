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

// Bytes that would break a line of words: those up to the space, '%', from 0x7f on, and those in `also`, as %xx.
void AppendPercentForm(std::string_view bytes, std::string_view also, std::string* text);

// Redis's quoted form of arbitrary bytes: "a\x00b\n".
std::string QuoteBytes(std::string_view bytes);

}  // namespace baton
