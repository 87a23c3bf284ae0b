// Keys by name, whatever they hold. Looks at many keys are in scan_commands.cc, times to live in expiry_commands.cc.

#include "base/text.h"
#include "commands/arguments.h"
#include "commands/context.h"
#include "commands/families.h"
#include "commands/type_name.h"

namespace baton {
namespace {

// DEL and UNLINK are one: what is removed is freed in slices in any case.
void Del(CommandContext& context) {
  int64_t deleted = 0;
  for (size_t i = 1; i < context.argc(); ++i) {
    KeyRef key = context.Ref(context.arg(i));
    if (context.Find(key) == nullptr) continue;
    context.Commit(Mutation::Delete(context.db(), key));
    ++deleted;
  }
  context.reply().Integer(deleted);
}

void Exists(CommandContext& context) {
  int64_t found = 0;
  for (size_t i = 1; i < context.argc(); ++i) found += context.Peek(context.Ref(context.arg(i))) != nullptr;
  context.reply().Integer(found);
}

void Touch(CommandContext& context) {
  int64_t found = 0;
  for (size_t i = 1; i < context.argc(); ++i) found += context.Find(context.Ref(context.arg(i))) != nullptr;
  context.reply().Integer(found);
}

void Type(CommandContext& context) {
  const Entry* entry = context.Peek(context.Ref(context.arg(1)));
  context.reply().Simple(entry != nullptr ? TypeName(entry->type()) : "none");
}

void Rename(CommandContext& context) {
  KeyRef from = context.Ref(context.arg(1)), to = context.Ref(context.arg(2));
  if (context.Find(from) == nullptr) {
    context.Error(errors::kNoSuchKey);
    return;
  }
  if (from.name != to.name) context.Commit(Mutation::Rename(context.db(), from, to));
  context.reply().Ok();
}

void RenameNx(CommandContext& context) {
  KeyRef from = context.Ref(context.arg(1)), to = context.Ref(context.arg(2));
  if (context.Find(from) == nullptr) {
    context.Error(errors::kNoSuchKey);
    return;
  }
  bool taken = context.Find(to) != nullptr;  // also when both are one key
  if (!taken) context.Commit(Mutation::Rename(context.db(), from, to));
  context.reply().Integer(taken ? 0 : 1);
}

void Copy(CommandContext& context) {
  uint32_t to_db = context.db();
  bool replace = false;
  for (size_t i = 3; i < context.argc(); ++i) {
    if (EqualsIgnoreCase(context.arg(i), "replace")) {
      replace = true;
    } else if (EqualsIgnoreCase(context.arg(i), "db") && i + 1 < context.argc()) {
      if (!DatabaseArg(context, ++i, &to_db)) return;
    } else {
      context.Error(errors::kSyntax);
      return;
    }
  }
  KeyRef from = context.Ref(context.arg(1)), to = context.Ref(context.arg(2));
  if (to_db == context.db() && from.name == to.name) {
    context.Error(errors::kSameObject);
    return;
  }
  bool found = context.Find(from) != nullptr;
  context.CountLookup(from, found);
  bool possible = found && (context.FindIn(to_db, to) == nullptr || replace);
  if (possible) context.Commit(Mutation::Copy(context.db(), from, to_db, to));
  context.reply().Integer(possible ? 1 : 0);
}

void Move(CommandContext& context) {
  uint32_t to_db = 0;
  if (!DatabaseArg(context, 2, &to_db)) return;
  if (to_db == context.db()) {
    context.Error(errors::kSameObject);
    return;
  }
  KeyRef key = context.Ref(context.arg(1));
  bool possible = context.Find(key) != nullptr && context.FindIn(to_db, key) == nullptr;
  if (possible) context.Commit(Mutation::MoveToDb(context.db(), key, to_db));
  context.reply().Integer(possible ? 1 : 0);
}

constexpr CommandRow kRows[] = {
    {.name = "del",
     .arity = -2,
     .flags = kWrite,
     .categories = "keyspace write slow",
     .first_key = 1,
     .last_key = -1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key [key ...]",
     .summary = "Delete a key",
     .complexity = "O(N) where N is the number of keys that will be removed. When a key to remove holds a value other "
                   "than a string, the individual complexity for this key is O(M) where M is the number of elements in "
                   "the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).",
     .since = "1.0.0",
     .handler = Del},
    {.name = "unlink",
     .arity = -2,
     .flags = kWrite | kFast,
     .categories = "keyspace write fast",
     .first_key = 1,
     .last_key = -1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key [key ...]",
     .summary = "Delete a key asynchronously in another thread. Otherwise it is just as DEL, but non blocking.",
     .complexity =
         "O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in "
         "order to reclaim memory, where N is the number of allocations the deleted objects where composed of.",
     .since = "4.0.0",
     .handler = Del},
    {.name = "exists",
     .arity = -2,
     .flags = kReadonly | kFast,
     .categories = "keyspace read fast",
     .first_key = 1,
     .last_key = -1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key [key ...]",
     .summary = "Determine if a key exists",
     .complexity = "O(N) where N is the number of keys to check.",
     .since = "1.0.0",
     .handler = Exists},
    {.name = "touch",
     .arity = -2,
     .flags = kReadonly | kFast,
     .categories = "keyspace read fast",
     .first_key = 1,
     .last_key = -1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key [key ...]",
     .summary = "Alters the last access time of a key(s). Returns the number of existing keys specified.",
     .complexity = "O(N) where N is the number of keys that will be touched.",
     .since = "3.2.1",
     .handler = Touch},
    {.name = "type",
     .arity = 2,
     .flags = kReadonly | kFast,
     .categories = "keyspace read fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key",
     .summary = "Determine the type stored at key",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Type},
    {.name = "rename",
     .arity = 3,
     .flags = kWrite,
     .categories = "keyspace write slow",
     .first_key = 1,
     .last_key = 2,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key newkey",
     .summary = "Rename a key",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Rename},
    {.name = "renamenx",
     .arity = 3,
     .flags = kWrite | kFast,
     .categories = "keyspace write fast",
     .first_key = 1,
     .last_key = 2,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key newkey",
     .summary = "Rename a key, only if the new key does not exist",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = RenameNx},
    {.name = "copy",
     .arity = -3,
     .flags = kWrite | kDenyOom,
     .categories = "keyspace write slow",
     .first_key = 1,
     .last_key = 2,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "source destination [DB destination-db] [REPLACE]",
     .summary = "Copy a key",
     .complexity = "O(N) worst case for collections, where N is the number of nested items. O(1) for string values.",
     .since = "6.2.0",
     .handler = Copy},
    {.name = "move",
     .arity = 3,
     .flags = kWrite | kFast,
     .categories = "keyspace write fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key db",
     .summary = "Move a key to another database",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Move},
};

}  // namespace

std::span<const CommandRow> KeyCommands() { return kRows; }

}  // namespace baton
