// Strings by their parts: APPEND, SETRANGE, GETRANGE, STRLEN.

#include <algorithm>
#include <string_view>

#include "commands/context.h"
#include "commands/families.h"
#include "config/config.h"

namespace baton {
namespace {

// Whether a string of this size may come into being; replies with the error when it may not.
bool MayGrowTo(CommandContext& context, uint64_t bytes) {
  if (bytes <= static_cast<uint64_t>(context.host().config().Integer("proto-max-bulk-len"))) return true;
  context.Error("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  return false;
}

void Append(CommandContext& context) {
  KeyRef key = context.Ref(context.arg(1));
  std::string_view value = context.arg(2);
  bool ok = true;
  const Entry* entry = context.FindTyped(key, ValueType::kString, &ok);
  if (!ok) return;
  if (entry == nullptr) {
    // A Set: OBJECT ENCODING says raw only for a string that was edited after it came to be.
    Mutation set = Mutation::Set(context.db(), key, value, 0, false);
    set.by = SetBy::kAppend;
    context.Commit(set);
    context.reply().Integer(static_cast<int64_t>(value.size()));
    return;
  }
  uint64_t bytes = entry->string().size() + value.size();
  if (!MayGrowTo(context, bytes)) return;
  // Even an empty value counts as an edit in Redis: it wakes WATCH.
  context.Commit(Mutation::Append(context.db(), key, value));
  context.reply().Integer(static_cast<int64_t>(bytes));
}

void SetRange(CommandContext& context) {
  int64_t offset = 0;
  if (!context.IntegerArg(2, &offset)) return;
  if (offset < 0) {
    context.Error("ERR offset is out of range");
    return;
  }
  KeyRef key = context.Ref(context.arg(1));
  std::string_view value = context.arg(3);
  bool ok = true;
  const Entry* entry = context.FindTyped(key, ValueType::kString, &ok);
  if (!ok) return;
  uint64_t bytes = entry != nullptr ? entry->string().size() : 0;
  if (!value.empty()) {
    uint64_t end = static_cast<uint64_t>(offset) + value.size();
    if (!MayGrowTo(context, end)) return;
    context.Commit(Mutation::SetRange(context.db(), key, offset, value));
    bytes = std::max(bytes, end);
  }
  context.reply().Integer(static_cast<int64_t>(bytes));
}

// Both ends belong to the range; negative ones count from the string's end. What lies before the string is its first
// byte (even at the range's end: GETRANGE key 0 -100), unless both ends are negative and crossed.
std::string_view Slice(std::string_view text, int64_t start, int64_t end) {
  auto size = static_cast<int64_t>(text.size());
  if (start < 0 && end < 0 && start > end) return {};
  if (start < 0) start = std::max<int64_t>(start + size, 0);
  if (end < 0) end = std::max<int64_t>(end + size, 0);
  end = std::min(end, size - 1);
  if (start > end) return {};
  return text.substr(static_cast<size_t>(start), static_cast<size_t>(end - start + 1));
}

void GetRange(CommandContext& context) {
  int64_t start = 0, end = 0;
  if (!context.IntegerArg(2, &start) || !context.IntegerArg(3, &end)) return;
  bool ok = true;
  const Entry* entry = context.FindTyped(context.Ref(context.arg(1)), ValueType::kString, &ok);
  if (!ok) return;
  context.reply().Bulk(entry != nullptr ? Slice(entry->string(), start, end) : std::string_view());
}

void StrLen(CommandContext& context) {
  bool ok = true;
  const Entry* entry = context.FindTyped(context.Ref(context.arg(1)), ValueType::kString, &ok);
  if (!ok) return;
  context.reply().Integer(entry != nullptr ? static_cast<int64_t>(entry->string().size()) : 0);
}

constexpr CommandRow kRows[] = {
    {.name = "append",
     .arity = 3,
     .flags = kWrite | kDenyOom | kFast,
     .categories = "write string fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key value",
     .summary = "Append a value to a key",
     .complexity = "O(1). The amortized time complexity is O(1) assuming the appended value is small and the already "
                   "present value is of any size, since the dynamic string library used by Redis will double the free "
                   "space available on every reallocation.",
     .since = "2.0.0",
     .handler = Append},
    {.name = "setrange",
     .arity = 4,
     .flags = kWrite | kDenyOom,
     .categories = "write string slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key offset value",
     .summary = "Overwrite part of a string at key starting at the specified offset",
     .complexity =
         "O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the "
         "amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.",
     .since = "2.2.0",
     .handler = SetRange},
    {.name = "getrange",
     .arity = 4,
     .flags = kReadonly,
     .categories = "read string slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key start end",
     .summary = "Get a substring of the string stored at a key",
     .complexity = "O(N) where N is the length of the returned string. The complexity is ultimately determined by the "
                   "returned length, but because creating a substring from an existing string is very cheap, it can be "
                   "considered O(1) for small strings.",
     .since = "2.4.0",
     .handler = GetRange},
    {.name = "substr",
     .arity = 4,
     .flags = kReadonly,
     .categories = "read string slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key start end",
     .summary = "Get a substring of the string stored at a key",
     .complexity = "O(N) where N is the length of the returned string. The complexity is ultimately determined by the "
                   "returned length, but because creating a substring from an existing string is very cheap, it can be "
                   "considered O(1) for small strings.",
     .since = "1.0.0",
     .handler = GetRange},
    {.name = "strlen",
     .arity = 2,
     .flags = kReadonly | kFast,
     .categories = "read string fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key",
     .summary = "Get the length of the value stored in a key",
     .complexity = "O(1)",
     .since = "2.2.0",
     .handler = StrLen},
};

}  // namespace

std::span<const CommandRow> SubstringCommands() { return kRows; }

}  // namespace baton
