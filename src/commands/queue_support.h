#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "commands/context.h"
#include "queue/book.h"

namespace baton {

inline constexpr int64_t kLeaseMsMax = int64_t{49} * 24 * 3600 * 1000;
inline constexpr int64_t kMessagesMax = 1'000'000;  // in one reply

// What a consumer names a delivery by: "<message id>-<delivery>".
struct Token {
  uint64_t id = 0;
  uint16_t delivery = 0;
  static bool Parse(std::string_view text, Token* token);
};
std::string TokenOf(const Message& message);

// An integer argument within bounds, or an error reply that names them, and false.
bool RangeArg(CommandContext& context, size_t i, int64_t min, int64_t max, int64_t* value);

// The policy of a managed queue; nullptr: an error reply was written that says what to type.
const Policy* QueuePolicyArg(CommandContext& context, std::string_view queue);

// What is known of a message, as a map.
void ReplyMeta(CommandContext& context, uint32_t slot);

}  // namespace baton
