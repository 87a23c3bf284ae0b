// Whole databases: SELECT, SWAPDB, FLUSHDB, FLUSHALL, DBSIZE.

#include "base/numbers.h"
#include "base/text.h"
#include "commands/arguments.h"
#include "commands/context.h"
#include "commands/families.h"

namespace baton {
namespace {

void Select(CommandContext& context) {
  uint32_t db = 0;
  if (!DatabaseArg(context, 1, &db)) return;
  context.client().db = db;
  context.reply().Ok();
}

bool SwapArg(CommandContext& context, size_t i, std::string_view error, int64_t* index) {
  if (ParseInt64(context.arg(i), index) && *index >= INT32_MIN && *index <= INT32_MAX) return true;
  context.Error(error);
  return false;
}

void SwapDb(CommandContext& context) {
  int64_t first = 0, second = 0;
  if (!SwapArg(context, 1, "ERR invalid first DB index", &first) ||
      !SwapArg(context, 2, "ERR invalid second DB index", &second)) {
    return;
  }
  int64_t count = context.keyspace().databases();
  if (first < 0 || first >= count || second < 0 || second >= count) {
    context.Error(errors::kDbIndexOutOfRange);
    return;
  }
  auto one = static_cast<uint32_t>(first), other = static_cast<uint32_t>(second);
  context.LooksAtEverything();
  bool changes = one != other && context.keyspace().size(one) + context.keyspace().size(other) > 0;
  if (changes) context.Commit(Mutation::SwapDb(one, other));
  context.reply().Ok();
}

// ASYNC and SYNC are one: what is removed is freed in slices in any case.
bool FlushArgs(CommandContext& context) {
  if (context.argc() == 1) return true;
  if (context.argc() == 2 && (EqualsIgnoreCase(context.arg(1), "async") || EqualsIgnoreCase(context.arg(1), "sync"))) {
    return true;
  }
  context.Error(errors::kSyntax);
  return false;
}

void FlushDb(CommandContext& context) {
  if (!FlushArgs(context)) return;
  context.LooksAtEverything();
  if (context.keyspace().size(context.db()) > 0) context.Commit(Mutation::FlushDb(context.db()));
  context.reply().Ok();
}

bool AnyKey(const Keyspace& keyspace) {
  for (uint32_t db = 0; db < keyspace.databases(); ++db) {
    if (keyspace.size(db) > 0) return true;
  }
  return false;
}

void FlushAll(CommandContext& context) {
  if (!FlushArgs(context)) return;
  context.LooksAtEverything();
  if (AnyKey(context.keyspace())) context.Commit(Mutation::FlushAll());
  context.reply().Ok();
}

void DbSize(CommandContext& context) {
  context.LooksAtEverything();
  context.reply().Integer(static_cast<int64_t>(context.keyspace().size(context.db())));
}

constexpr CommandRow kRows[] = {
    {.name = "select",
     .arity = 2,
     .flags = kLoading | kStale | kFast,
     .categories = "fast connection",
     .group = CommandGroup::kConnection,
     .syntax = "index",
     .summary = "Change the selected database for the current connection",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Select},
    {.name = "swapdb",
     .arity = 3,
     .flags = kWrite | kFast,
     .categories = "keyspace write fast dangerous",
     .group = CommandGroup::kServer,
     .syntax = "index1 index2",
     .summary = "Swaps two Redis databases",
     .complexity = "O(N) where N is the count of clients watching or blocking on keys from both databases.",
     .since = "4.0.0",
     .handler = SwapDb},
    {.name = "flushdb",
     .arity = -1,
     .flags = kWrite,
     .categories = "keyspace write slow dangerous",
     .group = CommandGroup::kServer,
     .syntax = "[ASYNC|SYNC]",
     .summary = "Remove all keys from the current database",
     .complexity = "O(N) where N is the number of keys in the selected database",
     .since = "1.0.0",
     .handler = FlushDb},
    {.name = "flushall",
     .arity = -1,
     .flags = kWrite,
     .categories = "keyspace write slow dangerous",
     .group = CommandGroup::kServer,
     .syntax = "[ASYNC|SYNC]",
     .summary = "Remove all keys from all databases",
     .complexity = "O(N) where N is the total number of keys in all databases",
     .since = "1.0.0",
     .handler = FlushAll},
    {.name = "dbsize",
     .arity = 1,
     .flags = kReadonly | kFast,
     .categories = "keyspace read fast",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Return the number of keys in the selected database",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = DbSize},
};

}  // namespace

std::span<const CommandRow> DatabaseCommands() { return kRows; }

}  // namespace baton
