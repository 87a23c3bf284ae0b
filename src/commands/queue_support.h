#pragma once

#include <cstdint>
#include <span>
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

// An integer argument within bounds, or an error reply that names them, and false. `name`: what the error calls it,
// empty: the option before it.
bool RangeArg(CommandContext& context, size_t i, int64_t min, int64_t max, int64_t* value, std::string_view name = {});

struct OptionWord {
  std::string_view word;  // in capitals
  bool takes_value;
};
// The options that begin at argv[first], up to the first word that is none: each once, and with its value. Else an
// error reply, and false.
bool OptionsMakeSense(CommandContext& context, size_t first, std::span<const OptionWord> options);
// An error about wrong words, with the command's syntax behind it.
void SyntaxError(CommandContext& context, std::string_view what);

// The policy of a managed queue; nullptr: an error reply was written that says what to type.
const Policy* QueuePolicyArg(CommandContext& context, std::string_view queue);

// What is known of a message, as a map.
void ReplyMeta(CommandContext& context, uint32_t slot);

}  // namespace baton
