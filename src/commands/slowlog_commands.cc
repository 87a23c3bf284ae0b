// SLOWLOG ...: the commands that took long.

#include <algorithm>

#include "commands/context.h"
#include "commands/families.h"
#include "commands/help_reply.h"
#include "commands/slowlog.h"

namespace baton {
namespace {

void SlowlogGet(CommandContext& context) {
  if (context.argc() > 3) return ReplyUnknownForm(context);
  constexpr std::string_view kBadCount = "ERR count should be greater than or equal to -1";
  int64_t count = 10;
  if (context.argc() == 3) {
    if (!context.IntegerArg(2, &count, kBadCount)) return;
    if (count < -1) return context.Error(kBadCount);
  }
  const auto& items = context.host().slowlog().items();
  size_t shown = count < 0 ? items.size() : std::min(items.size(), static_cast<size_t>(count));
  ReplyBuilder& reply = context.reply();
  reply.Array(static_cast<int64_t>(shown));
  for (size_t i = 0; i < shown; ++i) {
    const Slowlog::Item& item = items[i];
    reply.Array(6);
    reply.Integer(static_cast<int64_t>(item.id));
    reply.Integer(item.unix_seconds);
    reply.Integer(item.duration_us);
    reply.Array(static_cast<int64_t>(item.arguments.size()));
    for (const std::string& argument : item.arguments) reply.Bulk(argument);
    reply.Bulk(item.client_address);
    reply.Bulk(item.client_name);
  }
}

void SlowlogLen(CommandContext& context) {
  context.reply().Integer(static_cast<int64_t>(context.host().slowlog().items().size()));
}

void SlowlogReset(CommandContext& context) {
  context.host().slowlog().Reset();
  context.reply().Ok();
}

void SlowlogHelp(CommandContext& context) {
  static constexpr std::string_view kLines[] = {
      "GET [<count>]",
      "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
      "    Entries are made of:",
      "    id, timestamp, time in microseconds, arguments array, client IP and port,",
      "    client name",
      "LEN",
      "    Return the length of the slowlog.",
      "RESET",
      "    Reset the slowlog.",
  };
  ReplyHelp(context, kLines);
}

constexpr uint32_t kFlags = kAdmin | kLoading | kStale;
constexpr std::string_view kCategories = "admin slow dangerous";

constexpr CommandRow kSubcommands[] = {
    {.name = "get",
     .arity = -2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "[count]",
     .summary = "Get the slow log's entries",
     .complexity = "O(N) where N is the number of entries returned",
     .since = "2.2.12",
     .handler = SlowlogGet},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .categories = "slow",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Show helpful text about the different subcommands",
     .complexity = "O(1)",
     .since = "6.2.0",
     .handler = SlowlogHelp},
    {.name = "len",
     .arity = 2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Get the slow log's length",
     .complexity = "O(1)",
     .since = "2.2.12",
     .handler = SlowlogLen},
    {.name = "reset",
     .arity = 2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Clear all entries from the slow log",
     .complexity = "O(N) where N is the number of entries in the slowlog",
     .since = "2.2.12",
     .handler = SlowlogReset},
};

constexpr CommandRow kRows[] = {
    {.name = "slowlog",
     .arity = -2,
     .categories = "slow",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "A container for slow log commands",
     .complexity = "Depends on subcommand.",
     .since = "2.2.12",
     .subcommands = kSubcommands},
};

}  // namespace

std::span<const CommandRow> SlowlogCommands() { return kRows; }

}  // namespace baton
