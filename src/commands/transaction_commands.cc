// MULTI EXEC DISCARD WATCH UNWATCH. Queueing is the server's: between MULTI and EXEC it keeps requests instead of
// running them, but for those marked kTransactionControl, and remembers in multi_failed that one was refused.

#include <algorithm>

#include "commands/context.h"
#include "commands/families.h"

namespace baton {
namespace {

void LeaveMulti(CommandContext& context) {
  ClientState& client = context.client();
  client.in_multi = client.multi_failed = false;
  client.queued.clear();
  context.host().Unwatch(client);
}

void Multi(CommandContext& context) {
  if (context.client().in_multi) {
    context.Error("ERR MULTI calls can not be nested");
    return;
  }
  context.client().in_multi = true;
  context.client().multi_failed = false;
  context.reply().Ok();
}

// Whether a watched key was changed. One whose time has come since WATCH counts as changed, deleted yet or not.
bool WatchIsBroken(CommandContext& context) {
  const ClientState& client = context.client();
  return client.watch_dirty ||
         std::any_of(client.watched.begin(), client.watched.end(), [&](const WatchedKey& watched) {
           const Entry* entry = context.keyspace().Find(watched.db, context.Ref(watched.name));
           return !watched.was_expired && entry != nullptr && entry->ExpiredAt(context.now_ms());
         });
}

void Exec(CommandContext& context) {
  ClientState& client = context.client();
  if (!client.in_multi) {
    context.Error("ERR EXEC without MULTI");
    return;
  }
  if (client.multi_failed) {
    LeaveMulti(context);
    context.Error(errors::kExecAbort);
    return;
  }
  if (WatchIsBroken(context)) {
    // The nil tells of a change that somebody else made: it waits until that change is safe. Which one it was is not
    // known any more.
    context.LooksAtEverything();
    LeaveMulti(context);
    context.reply().NullArray();
    return;
  }
  // Before anything runs: what the client itself changes now breaks no watch of its own.
  context.host().Unwatch(client);
  context.host().ExecuteQueued(context);
}

void Discard(CommandContext& context) {
  if (!context.client().in_multi) {
    context.Error("ERR DISCARD without MULTI");
    return;
  }
  LeaveMulti(context);
  context.reply().Ok();
}

void Watch(CommandContext& context) {
  if (context.client().in_multi) {
    context.Error("ERR WATCH inside MULTI is not allowed");
    return;
  }
  for (size_t i = 1; i < context.argc(); ++i) context.host().Watch(context.client(), context.arg(i));
  context.reply().Ok();
}

void Unwatch(CommandContext& context) {
  context.host().Unwatch(context.client());
  context.reply().Ok();
}

constexpr uint32_t kAlways = kNoScript | kLoading | kStale;
constexpr uint32_t kControl = kAlways | kFast | kAllowBusy;

constexpr CommandRow kRows[] = {
    {.name = "multi",
     .arity = 1,
     .flags = kControl | kTransactionControl,
     .categories = "fast transaction",
     .group = CommandGroup::kTransactions,
     .syntax = "",
     .summary = "Mark the start of a transaction block",
     .complexity = "O(1)",
     .since = "1.2.0",
     .handler = Multi},
    {.name = "exec",
     .arity = 1,
     .flags = kAlways | kSkipSlowlog | kTransactionControl,
     .categories = "slow transaction",
     .group = CommandGroup::kTransactions,
     .syntax = "",
     .summary = "Execute all commands issued after MULTI",
     .complexity = "Depends on commands in the transaction",
     .since = "1.2.0",
     .handler = Exec},
    {.name = "discard",
     .arity = 1,
     .flags = kControl | kTransactionControl,
     .categories = "fast transaction",
     .group = CommandGroup::kTransactions,
     .syntax = "",
     .summary = "Discard all commands issued after MULTI",
     .complexity = "O(N), when N is the number of queued commands",
     .since = "2.0.0",
     .handler = Discard},
    {.name = "watch",
     .arity = -2,
     .flags = kControl | kTransactionControl,
     .categories = "fast transaction",
     .first_key = 1,
     .last_key = -1,
     .key_step = 1,
     .group = CommandGroup::kTransactions,
     .syntax = "key [key ...]",
     .summary = "Watch the given keys to determine execution of the MULTI/EXEC block",
     .complexity = "O(1) for every key.",
     .since = "2.2.0",
     .handler = Watch},
    {.name = "unwatch",
     .arity = 1,
     .flags = kControl,
     .categories = "fast transaction",
     .group = CommandGroup::kTransactions,
     .syntax = "",
     .summary = "Forget about all watched keys",
     .complexity = "O(1)",
     .since = "2.2.0",
     .handler = Unwatch},
};

}  // namespace

std::span<const CommandRow> TransactionCommands() { return kRows; }

}  // namespace baton
