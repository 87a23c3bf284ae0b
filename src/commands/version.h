#pragma once

#include <string_view>

namespace baton {

// What HELLO and INFO say that we are: frameworks refuse to work when this is older than what they need, so it is the
// version whose commands and replies ours are equal to. Our own version stands beside it as baton_version.
inline constexpr std::string_view kRedisVersion = "7.0.15";
inline constexpr std::string_view kBatonVersion = BATON_VERSION;

}  // namespace baton
