// Times to live. What is committed is an absolute time, and a time that has passed is a deletion.

#include <string>

#include "base/text.h"
#include "commands/arguments.h"
#include "commands/context.h"
#include "commands/families.h"

namespace baton {
namespace {

// --- setting

struct Conditions {
  bool nx = false, xx = false, gt = false, lt = false;

  // A key without expiry lives for ever: no time is greater, every time is less.
  bool Hold(const Entry& entry, int64_t at_ms) const {
    bool has = entry.has_expiry();
    if (nx && has) return false;
    if (xx && !has) return false;
    if (gt && (!has || at_ms <= entry.expire_at_ms())) return false;
    if (lt && has && at_ms >= entry.expire_at_ms()) return false;
    return true;
  }
};

bool ReadConditions(CommandContext& context, Conditions* conditions) {
  for (size_t i = 3; i < context.argc(); ++i) {
    std::string_view word = context.arg(i);
    if (EqualsIgnoreCase(word, "nx")) {
      conditions->nx = true;
    } else if (EqualsIgnoreCase(word, "xx")) {
      conditions->xx = true;
    } else if (EqualsIgnoreCase(word, "gt")) {
      conditions->gt = true;
    } else if (EqualsIgnoreCase(word, "lt")) {
      conditions->lt = true;
    } else {
      context.Error("ERR Unsupported option " + errors::Shown(word));
      return false;
    }
  }
  if (conditions->nx && (conditions->xx || conditions->gt || conditions->lt)) {
    context.Error("ERR NX and XX, GT or LT options at the same time are not compatible");
    return false;
  }
  if (conditions->gt && conditions->lt) {
    context.Error("ERR GT and LT options at the same time are not compatible");
    return false;
  }
  return true;
}

void SetExpiry(CommandContext& context, TimeForm form) {
  Conditions conditions;
  int64_t at_ms = 0;
  if (!ReadConditions(context, &conditions) || !InstantArg(context, 2, form, &at_ms)) return;
  KeyRef key = context.Ref(context.arg(1));
  const Entry* entry = context.Find(key);
  bool changes = entry != nullptr && conditions.Hold(*entry, at_ms);
  if (changes) {
    bool is_past = at_ms <= context.now_ms();
    context.Commit(is_past ? Mutation::Delete(context.db(), key) : Mutation::ExpireAt(context.db(), key, at_ms));
  }
  context.reply().Integer(changes ? 1 : 0);
}

void Expire(CommandContext& context) { SetExpiry(context, {.in_seconds = true, .absolute = false}); }
void PExpire(CommandContext& context) { SetExpiry(context, {.in_seconds = false, .absolute = false}); }
void ExpireAt(CommandContext& context) { SetExpiry(context, {.in_seconds = true, .absolute = true}); }
void PExpireAt(CommandContext& context) { SetExpiry(context, {.in_seconds = false, .absolute = true}); }

void Persist(CommandContext& context) {
  KeyRef key = context.Ref(context.arg(1));
  const Entry* entry = context.Find(key);
  bool changes = entry != nullptr && entry->has_expiry();
  if (changes) context.Commit(Mutation::Persist(context.db(), key));
  context.reply().Integer(changes ? 1 : 0);
}

// --- asking

constexpr int64_t kNoSuchKey = -2;
constexpr int64_t kNoExpiry = -1;

void AnswerExpiry(CommandContext& context, TimeForm form) {
  const Entry* entry = context.Peek(context.Ref(context.arg(1)));
  if (entry == nullptr || !entry->has_expiry()) {
    context.reply().Integer(entry == nullptr ? kNoSuchKey : kNoExpiry);
    return;
  }
  int64_t ms = entry->expire_at_ms() - (form.absolute ? 0 : context.now_ms());
  int64_t rounded_seconds = ms / 1000 + (ms % 1000 >= 500 ? 1 : 0);
  context.reply().Integer(form.in_seconds ? rounded_seconds : ms);
}

void Ttl(CommandContext& context) { AnswerExpiry(context, {.in_seconds = true, .absolute = false}); }
void PTtl(CommandContext& context) { AnswerExpiry(context, {.in_seconds = false, .absolute = false}); }
void ExpireTime(CommandContext& context) { AnswerExpiry(context, {.in_seconds = true, .absolute = true}); }
void PExpireTime(CommandContext& context) { AnswerExpiry(context, {.in_seconds = false, .absolute = true}); }

constexpr CommandRow kRows[] = {
    {.name = "expire",
     .arity = -3,
     .flags = kWrite | kFast,
     .categories = "keyspace write fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key seconds [NX|XX|GT|LT]",
     .summary = "Set a key's time to live in seconds",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Expire},
    {.name = "pexpire",
     .arity = -3,
     .flags = kWrite | kFast,
     .categories = "keyspace write fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key milliseconds [NX|XX|GT|LT]",
     .summary = "Set a key's time to live in milliseconds",
     .complexity = "O(1)",
     .since = "2.6.0",
     .handler = PExpire},
    {.name = "expireat",
     .arity = -3,
     .flags = kWrite | kFast,
     .categories = "keyspace write fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key unix-time-seconds [NX|XX|GT|LT]",
     .summary = "Set the expiration for a key as a UNIX timestamp",
     .complexity = "O(1)",
     .since = "1.2.0",
     .handler = ExpireAt},
    {.name = "pexpireat",
     .arity = -3,
     .flags = kWrite | kFast,
     .categories = "keyspace write fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key unix-time-milliseconds [NX|XX|GT|LT]",
     .summary = "Set the expiration for a key as a UNIX timestamp specified in milliseconds",
     .complexity = "O(1)",
     .since = "2.6.0",
     .handler = PExpireAt},
    {.name = "persist",
     .arity = 2,
     .flags = kWrite | kFast,
     .categories = "keyspace write fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key",
     .summary = "Remove the expiration from a key",
     .complexity = "O(1)",
     .since = "2.2.0",
     .handler = Persist},
    {.name = "ttl",
     .arity = 2,
     .flags = kReadonly | kFast,
     .categories = "keyspace read fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key",
     .summary = "Get the time to live for a key in seconds",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Ttl},
    {.name = "pttl",
     .arity = 2,
     .flags = kReadonly | kFast,
     .categories = "keyspace read fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key",
     .summary = "Get the time to live for a key in milliseconds",
     .complexity = "O(1)",
     .since = "2.6.0",
     .handler = PTtl},
    {.name = "expiretime",
     .arity = 2,
     .flags = kReadonly | kFast,
     .categories = "keyspace read fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key",
     .summary = "Get the expiration Unix timestamp for a key",
     .complexity = "O(1)",
     .since = "7.0.0",
     .handler = ExpireTime},
    {.name = "pexpiretime",
     .arity = 2,
     .flags = kReadonly | kFast,
     .categories = "keyspace read fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kGeneric,
     .syntax = "key",
     .summary = "Get the expiration Unix timestamp for a key in milliseconds",
     .complexity = "O(1)",
     .since = "7.0.0",
     .handler = PExpireTime},
};

}  // namespace

std::span<const CommandRow> ExpiryCommands() { return kRows; }

}  // namespace baton
