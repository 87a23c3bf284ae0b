// Strings as whole values: SET and its relatives. Parts of strings are in substring_commands.cc, numbers in
// counter_commands.cc.

#include <string_view>
#include <vector>

#include "base/text.h"
#include "commands/arguments.h"
#include "commands/context.h"
#include "commands/families.h"

namespace baton {
namespace {

// --- the options of SET and GETEX

enum Option : uint32_t {
  kNx = 1u << 0,
  kXx = 1u << 1,
  kGet = 1u << 2,
  kKeepTtl = 1u << 3,
  kPersist = 1u << 4,
  kEx = 1u << 5,
  kPx = 1u << 6,
  kExAt = 1u << 7,
  kPxAt = 1u << 8,
};
constexpr uint32_t kTimes = kEx | kPx | kExAt | kPxAt;
constexpr uint32_t kOptionsOfSet = kNx | kXx | kGet | kKeepTtl | kTimes;
constexpr uint32_t kOptionsOfGetEx = kPersist | kTimes;

struct OptionWord {
  std::string_view word;
  uint32_t option;
  uint32_t excludes;  // an option may stand twice, but not beside one of these
};
constexpr uint32_t kLifetimes = kTimes | kKeepTtl | kPersist;
constexpr OptionWord kOptionWords[] = {
    {"nx", kNx, kXx},
    {"xx", kXx, kNx},
    {"get", kGet, 0},
    {"keepttl", kKeepTtl, kLifetimes & ~kKeepTtl},
    {"persist", kPersist, kLifetimes & ~kPersist},
    {"ex", kEx, kLifetimes & ~kEx},
    {"px", kPx, kLifetimes & ~kPx},
    {"exat", kExAt, kLifetimes & ~kExAt},
    {"pxat", kPxAt, kLifetimes & ~kPxAt},
};

struct Options {
  uint32_t given = 0;
  size_t time_index = 0;  // of the number behind EX, PX, EXAT or PXAT; the last one counts

  bool Has(uint32_t any_of) const { return (given & any_of) != 0; }
  TimeForm time_form() const { return {.in_seconds = Has(kEx | kExAt), .absolute = Has(kExAt | kPxAt)}; }
};

const OptionWord* FindOption(std::string_view word) {
  for (const OptionWord& row : kOptionWords) {
    if (EqualsIgnoreCase(word, row.word)) return &row;
  }
  return nullptr;
}

// Reads the words from argv[first] on, or replies with the syntax error. The numbers are not looked at: Redis does
// that only once the words are right.
bool ReadOptions(CommandContext& context, size_t first, uint32_t allowed, Options* options) {
  for (size_t i = first; i < context.argc(); ++i) {
    const OptionWord* row = FindOption(context.arg(i));
    bool has_number = row != nullptr && (row->option & kTimes) != 0;
    if (row == nullptr || (row->option & allowed) == 0 || options->Has(row->excludes) ||
        (has_number && i + 1 == context.argc())) {
      context.Error(errors::kSyntax);
      return false;
    }
    options->given |= row->option;
    if (has_number) options->time_index = ++i;
  }
  return true;
}

// --- answering with a string. A command that also changes it answers first: the entry dies at Commit.

// Finds the string that is to be answered; *entry is nullptr when there is none. False: another type, and the error has
// been answered. Such a look counts as a hit or a miss in commands that write, too.
bool LookUpString(CommandContext& context, const KeyRef& key, const Entry** entry) {
  bool ok = true;
  *entry = context.FindTyped(key, ValueType::kString, &ok);
  if ((context.row().flags & kWrite) != 0) context.CountLookup(key, *entry != nullptr);
  return ok;
}

void Answer(CommandContext& context, const Entry* entry) {
  if (entry == nullptr) {
    context.reply().Null();
  } else {
    context.reply().Bulk(entry->string());
  }
}

// --- writing

void Set(CommandContext& context) {
  Options options;
  if (!ReadOptions(context, 3, kOptionsOfSet, &options)) return;
  int64_t expire_at_ms = 0;
  if (options.Has(kTimes) && !PositiveInstantArg(context, options.time_index, options.time_form(), &expire_at_ms)) {
    return;
  }
  KeyRef key = context.Ref(context.arg(1));
  // KEEPTTL looks too, so that a key whose time is up hands nothing on.
  if (options.Has(kNx | kXx | kGet | kKeepTtl)) {
    const Entry* old = nullptr;
    if (!options.Has(kGet)) {
      old = context.Find(key);
    } else if (LookUpString(context, key, &old)) {
      Answer(context, old);
    } else {
      return;
    }
    if (options.Has(old != nullptr ? kNx : kXx)) {
      if (!options.Has(kGet)) context.reply().Null();
      return;
    }
  }
  if (!options.Has(kGet)) context.reply().Ok();
  context.Commit(Mutation::Set(context.db(), key, context.arg(2), expire_at_ms, options.Has(kKeepTtl)));
}

void SetNx(CommandContext& context) {
  KeyRef key = context.Ref(context.arg(1));
  bool exists = context.Find(key) != nullptr;
  if (!exists) context.Commit(Mutation::Set(context.db(), key, context.arg(2), 0, false));
  context.reply().Integer(exists ? 0 : 1);
}

void SetWithTime(CommandContext& context, TimeForm form) {
  int64_t expire_at_ms = 0;
  if (!PositiveInstantArg(context, 2, form, &expire_at_ms)) return;
  KeyRef key = context.Ref(context.arg(1));
  context.Commit(Mutation::Set(context.db(), key, context.arg(3), expire_at_ms, false));
  context.reply().Ok();
}

void SetEx(CommandContext& context) { SetWithTime(context, {.in_seconds = true, .absolute = false}); }
void PSetEx(CommandContext& context) { SetWithTime(context, {.in_seconds = false, .absolute = false}); }

bool HasValueForEachKey(CommandContext& context) {
  if (context.argc() % 2 == 1) return true;
  context.Error(errors::WrongArity(context.row().name));
  return false;
}

void CommitPairs(CommandContext& context) {
  std::vector<Mutation> batch;
  batch.reserve(context.argc() / 2);
  for (size_t i = 1; i < context.argc(); i += 2) {
    batch.push_back(Mutation::Set(context.db(), context.Ref(context.arg(i)), context.arg(i + 1), 0, false));
  }
  context.Commit(batch);
}

void MSet(CommandContext& context) {
  if (!HasValueForEachKey(context)) return;
  CommitPairs(context);
  context.reply().Ok();
}

void MSetNx(CommandContext& context) {
  if (!HasValueForEachKey(context)) return;
  for (size_t i = 1; i < context.argc(); i += 2) {
    if (context.Find(context.Ref(context.arg(i))) != nullptr) {
      context.reply().Integer(0);
      return;
    }
  }
  CommitPairs(context);
  context.reply().Integer(1);
}

// --- reading, and reading with a change

void Get(CommandContext& context) {
  const Entry* entry = nullptr;
  if (LookUpString(context, context.Ref(context.arg(1)), &entry)) Answer(context, entry);
}

void MGet(CommandContext& context) {
  context.reply().Array(static_cast<int64_t>(context.argc() - 1));
  for (size_t i = 1; i < context.argc(); ++i) {
    const Entry* entry = context.Find(context.Ref(context.arg(i)));
    bool is_string = entry != nullptr && entry->type() == ValueType::kString;
    Answer(context, is_string ? entry : nullptr);
  }
}

void GetDel(CommandContext& context) {
  KeyRef key = context.Ref(context.arg(1));
  const Entry* entry = nullptr;
  if (!LookUpString(context, key, &entry)) return;
  Answer(context, entry);
  if (entry != nullptr) context.Commit(Mutation::Delete(context.db(), key));
}

void GetSet(CommandContext& context) {
  KeyRef key = context.Ref(context.arg(1));
  const Entry* old = nullptr;
  if (!LookUpString(context, key, &old)) return;
  Answer(context, old);
  context.Commit(Mutation::Set(context.db(), key, context.arg(2), 0, false));
}

void GetEx(CommandContext& context) {
  Options options;
  if (!ReadOptions(context, 2, kOptionsOfGetEx, &options)) return;
  KeyRef key = context.Ref(context.arg(1));
  const Entry* entry = nullptr;
  if (!LookUpString(context, key, &entry)) return;
  // Redis looks at the number only now: a missing key is a null even beside a number that is none.
  int64_t expire_at_ms = 0;
  if (entry != nullptr && options.Has(kTimes) &&
      !PositiveInstantArg(context, options.time_index, options.time_form(), &expire_at_ms)) {
    return;
  }
  Answer(context, entry);
  if (entry == nullptr) return;
  if (options.Has(kTimes)) {
    bool is_past = expire_at_ms <= context.now_ms();
    context.Commit(is_past ? Mutation::Delete(context.db(), key) : Mutation::ExpireAt(context.db(), key, expire_at_ms));
  } else if (options.Has(kPersist) && entry->has_expiry()) {
    context.Commit(Mutation::Persist(context.db(), key));
  }
}

constexpr CommandRow kRows[] = {
    {.name = "set",
     .arity = -3,
     .flags = kWrite | kDenyOom,
     .categories = "write string slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key value [NX|XX] [GET] [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT "
               "unix-time-milliseconds|KEEPTTL]",
     .summary = "Set the string value of a key",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Set},
    {.name = "setnx",
     .arity = 3,
     .flags = kWrite | kDenyOom | kFast,
     .categories = "write string fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key value",
     .summary = "Set the value of a key, only if the key does not exist",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = SetNx},
    {.name = "setex",
     .arity = 4,
     .flags = kWrite | kDenyOom,
     .categories = "write string slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key seconds value",
     .summary = "Set the value and expiration of a key",
     .complexity = "O(1)",
     .since = "2.0.0",
     .handler = SetEx},
    {.name = "psetex",
     .arity = 4,
     .flags = kWrite | kDenyOom,
     .categories = "write string slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key milliseconds value",
     .summary = "Set the value and expiration in milliseconds of a key",
     .complexity = "O(1)",
     .since = "2.6.0",
     .handler = PSetEx},
    {.name = "mset",
     .arity = -3,
     .flags = kWrite | kDenyOom,
     .categories = "write string slow",
     .first_key = 1,
     .last_key = -1,
     .key_step = 2,
     .group = CommandGroup::kString,
     .syntax = "key value [key value ...]",
     .summary = "Set multiple keys to multiple values",
     .complexity = "O(N) where N is the number of keys to set.",
     .since = "1.0.1",
     .handler = MSet},
    {.name = "msetnx",
     .arity = -3,
     .flags = kWrite | kDenyOom,
     .categories = "write string slow",
     .first_key = 1,
     .last_key = -1,
     .key_step = 2,
     .group = CommandGroup::kString,
     .syntax = "key value [key value ...]",
     .summary = "Set multiple keys to multiple values, only if none of the keys exist",
     .complexity = "O(N) where N is the number of keys to set.",
     .since = "1.0.1",
     .handler = MSetNx},
    {.name = "get",
     .arity = 2,
     .flags = kReadonly | kFast,
     .categories = "read string fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key",
     .summary = "Get the value of a key",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Get},
    {.name = "mget",
     .arity = -2,
     .flags = kReadonly | kFast,
     .categories = "read string fast",
     .first_key = 1,
     .last_key = -1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key [key ...]",
     .summary = "Get the values of all the given keys",
     .complexity = "O(N) where N is the number of keys to retrieve.",
     .since = "1.0.0",
     .handler = MGet},
    {.name = "getdel",
     .arity = 2,
     .flags = kWrite | kFast,
     .categories = "write string fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key",
     .summary = "Get the value of a key and delete the key",
     .complexity = "O(1)",
     .since = "6.2.0",
     .handler = GetDel},
    {.name = "getset",
     .arity = 3,
     .flags = kWrite | kDenyOom | kFast,
     .categories = "write string fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key value",
     .summary = "Set the string value of a key and return its old value",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = GetSet},
    {.name = "getex",
     .arity = -2,
     .flags = kWrite | kFast,
     .categories = "write string fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kString,
     .syntax = "key [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT unix-time-milliseconds|PERSIST]",
     .summary = "Get the value of a key and optionally set its expiration",
     .complexity = "O(1)",
     .since = "6.2.0",
     .handler = GetEx},
};

}  // namespace

std::span<const CommandRow> StringCommands() { return kRows; }

}  // namespace baton
