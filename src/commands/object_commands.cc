// OBJECT: how a value is kept, in the words that redis-server 7.0.15 would use for it. None of these looks is an
// access.

#include <algorithm>

#include "base/numbers.h"
#include "commands/context.h"
#include "commands/encoding.h"
#include "commands/families.h"
#include "commands/help_reply.h"

namespace baton {
namespace {

// The key's entry; or nullptr, and the null has been answered.
const Entry* FindObject(CommandContext& context) {
  const Entry* entry = context.Peek(context.Ref(context.arg(2)), CommandContext::Miss::kIsNotTold);
  if (entry == nullptr) context.reply().Null();
  return entry;
}

void Encoding(CommandContext& context) {
  if (const Entry* entry = FindObject(context)) context.reply().Bulk(EncodingOf(*entry));
}

void RefCount(CommandContext& context) {
  const Entry* entry = FindObject(context);
  if (entry == nullptr) return;
  // Redis shares the objects of small numbers, and shows this for them.
  constexpr int64_t kSharedNumbers = 10'000;
  int64_t value = 0;
  bool shared =
      EncodingOf(*entry) == "int" && ParseInt64(entry->string(), &value) && value >= 0 && value < kSharedNumbers;
  context.reply().Integer(shared ? INT32_MAX : 1);
}

void IdleTime(CommandContext& context) {
  const Entry* entry = FindObject(context);
  if (entry == nullptr) return;
  // The wall clock may have been set back since.
  context.reply().Integer(std::max<int64_t>(context.now_ms() / 1000 - entry->access_seconds(), 0));
}

void Freq(CommandContext& context) {
  if (FindObject(context) == nullptr) return;
  context.Error(
      "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching "
      "between policies at runtime LRU and LFU data will take some time to adjust.");
}

void Help(CommandContext& context) {
  constexpr std::string_view kLines[] = {
      "ENCODING <key>",
      "    Return the kind of internal representation used in order to store the value",
      "    associated with a <key>.",
      "FREQ <key>",
      "    Return the access frequency index of the <key>. The returned integer is",
      "    proportional to the logarithm of the recent access frequency of the key.",
      "IDLETIME <key>",
      "    Return the idle time of the <key>, that is the approximated number of",
      "    seconds elapsed since the last access to the key.",
      "REFCOUNT <key>",
      "    Return the number of references of the value associated with the specified",
      "    <key>.",
  };
  ReplyHelp(context, kLines);
}

constexpr CommandRow kSubcommands[] = {
    {.name = "freq",
     .arity = 3,
     .flags = kReadonly,
     .categories = "keyspace read slow",
     .first_key = 2,
     .last_key = 2,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key",
     .summary = "Get the logarithmic access frequency counter of a Redis object",
     .complexity = "O(1)",
     .since = "4.0.0",
     .handler = Freq},
    {.name = "idletime",
     .arity = 3,
     .flags = kReadonly,
     .categories = "keyspace read slow",
     .first_key = 2,
     .last_key = 2,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key",
     .summary = "Get the time since a Redis object was last accessed",
     .complexity = "O(1)",
     .since = "2.2.3",
     .handler = IdleTime},
    {.name = "refcount",
     .arity = 3,
     .flags = kReadonly,
     .categories = "keyspace read slow",
     .first_key = 2,
     .last_key = 2,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key",
     .summary = "Get the number of references to the value of the key",
     .complexity = "O(1)",
     .since = "2.2.3",
     .handler = RefCount},
    {.name = "encoding",
     .arity = 3,
     .flags = kReadonly,
     .categories = "keyspace read slow",
     .first_key = 2,
     .last_key = 2,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key",
     .summary = "Inspect the internal encoding of a Redis object",
     .complexity = "O(1)",
     .since = "2.2.3",
     .handler = Encoding},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .categories = "keyspace slow",
     .group = CommandGroup::kGeneric,
     .syntax = "",
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "6.2.0",
     .handler = Help},
};

constexpr CommandRow kRows[] = {
    {.name = "object",
     .arity = -2,
     .categories = "slow",
     .group = CommandGroup::kGeneric,
     .syntax = "",
     .summary = "A container for object introspection commands",
     .complexity = "Depends on subcommand.",
     .since = "2.2.3",
     .subcommands = kSubcommands},
};

}  // namespace

std::span<const CommandRow> ObjectCommands() { return kRows; }

}  // namespace baton
