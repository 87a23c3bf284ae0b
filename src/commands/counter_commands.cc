// Strings as numbers: INCR and its relatives. What is committed is the result, never the step.

#include <cmath>
#include <string>
#include <string_view>

#include "base/numbers.h"
#include "commands/context.h"
#include "commands/families.h"

namespace baton {
namespace {

void CommitNumber(CommandContext& context, const KeyRef& key, const Entry* entry, std::string_view digits, SetBy by) {
  bool keep_ttl = entry != nullptr && entry->has_expiry();
  Mutation set = Mutation::Set(context.db(), key, digits, 0, keep_ttl);
  set.by = by;
  set.text = by == SetBy::kIncrByFloat;
  context.Commit(set);
}

void IncrementBy(CommandContext& context, int64_t step) {
  KeyRef key = context.Ref(context.arg(1));
  bool ok = true;
  const Entry* entry = context.FindTyped(key, ValueType::kString, &ok);
  if (!ok) return;
  int64_t value = 0;
  if (entry != nullptr && !ParseInt64(entry->string(), &value)) {
    context.Error(errors::kNotInteger);
    return;
  }
  if (__builtin_add_overflow(value, step, &value)) {
    context.Error("ERR increment or decrement would overflow");
    return;
  }
  char digits[kInt64CharsMax];
  CommitNumber(context, key, entry, {digits, FormatInt64(value, digits)}, SetBy::kIncrBy);
  context.reply().Integer(value);
}

void Incr(CommandContext& context) { IncrementBy(context, 1); }
void Decr(CommandContext& context) { IncrementBy(context, -1); }

void IncrBy(CommandContext& context) {
  int64_t step = 0;
  if (context.IntegerArg(2, &step)) IncrementBy(context, step);
}

void DecrBy(CommandContext& context) {
  int64_t step = 0;
  if (!context.IntegerArg(2, &step)) return;
  if (step == INT64_MIN) {  // has no negative
    context.Error("ERR decrement would overflow");
    return;
  }
  IncrementBy(context, -step);
}

void IncrByFloat(CommandContext& context) {
  KeyRef key = context.Ref(context.arg(1));
  bool ok = true;
  const Entry* entry = context.FindTyped(key, ValueType::kString, &ok);
  if (!ok) return;
  long double value = 0, step = 0;
  if ((entry != nullptr && !ParseLongDouble(entry->string(), &value)) || !ParseLongDouble(context.arg(2), &step)) {
    context.Error(errors::kNotFloat);
    return;
  }
  value += step;
  if (!std::isfinite(value)) {
    context.Error("ERR increment would produce NaN or Infinity");
    return;
  }
  std::string digits = FormatLongDouble(value);
  CommitNumber(context, key, entry, digits, SetBy::kIncrByFloat);
  context.reply().Bulk(digits);
}

constexpr CommandRow kRows[] = {
    {.name = "incr",
     .arity = 2,
     .flags = kWrite | kDenyOom | kFast,
     .categories = "write string fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key",
     .summary = "Increment the integer value of a key by one",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Incr},
    {.name = "decr",
     .arity = 2,
     .flags = kWrite | kDenyOom | kFast,
     .categories = "write string fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key",
     .summary = "Decrement the integer value of a key by one",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Decr},
    {.name = "incrby",
     .arity = 3,
     .flags = kWrite | kDenyOom | kFast,
     .categories = "write string fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key increment",
     .summary = "Increment the integer value of a key by the given amount",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = IncrBy},
    {.name = "decrby",
     .arity = 3,
     .flags = kWrite | kDenyOom | kFast,
     .categories = "write string fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key decrement",
     .summary = "Decrement the integer value of a key by the given number",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = DecrBy},
    {.name = "incrbyfloat",
     .arity = 3,
     .flags = kWrite | kDenyOom | kFast,
     .categories = "write string fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key increment",
     .summary = "Increment the float value of a key by the given amount",
     .complexity = "O(1)",
     .since = "2.6.0",
     .handler = IncrByFloat},
};

}  // namespace

std::span<const CommandRow> CounterCommands() { return kRows; }

}  // namespace baton
