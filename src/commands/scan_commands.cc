// Looks at all keys of a database: KEYS, SCAN, RANDOMKEY.

#include <string>
#include <string_view>
#include <vector>

#include "base/glob.h"
#include "base/numbers.h"
#include "base/random.h"
#include "base/text.h"
#include "commands/context.h"
#include "commands/counters.h"
#include "commands/families.h"
#include "commands/type_name.h"

namespace baton {
namespace {

// A key whose time is up is left out, but stays: Redis's KEYS deletes nothing.
void Keys(CommandContext& context) {
  context.LooksAtEverything();
  std::string_view pattern = context.arg(1);
  int64_t now_ms = context.now_ms(), count = 0;
  uint64_t mark = context.reply().BeginDeferredArray();
  context.keyspace().Visit(context.db(), 0, [&](const Entry& entry) {
    if (GlobMatch(pattern, entry.key()) && !entry.ExpiredAt(now_ms)) {
      context.reply().Bulk(entry.key());
      ++count;
    }
    return true;
  });
  context.reply().EndDeferredArray(mark, count);
}

// A cursor is the leading bits of the hash of the next keys to return; 0 begins, and 0 ends. Databases are walked in
// the order of hashes, and all keys that share the leading bits are returned by one call. So a key that is there
// throughout is returned exactly once, whatever else comes and goes. 48 bits, because some clients keep cursors in a
// double.
constexpr int kCursorBits = 48;
constexpr int kCursorShift = 64 - kCursorBits;

struct ScanOptions {
  uint64_t cursor = 0;
  std::string_view pattern = "*";
  std::string_view type;  // empty: all
  int64_t count = 10;
};

// Redis reads cursors as C does unsigned numbers: signs, leading zeros and the empty text are fine, a number too large
// is not, and all ends at a NUL.
bool ParseCursor(std::string_view text, uint64_t* cursor) {
  text = text.substr(0, text.find('\0'));
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.empty()) return false;
  }
  uint64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    if (__builtin_mul_overflow(value, uint64_t{10}, &value)) return false;
    if (__builtin_add_overflow(value, static_cast<uint64_t>(c - '0'), &value)) return false;
  }
  *cursor = (negative ? 0 - value : value) & ((uint64_t{1} << kCursorBits) - 1);
  return true;
}

bool ReadScanOptions(CommandContext& context, ScanOptions* options) {
  if (!ParseCursor(context.arg(1), &options->cursor)) {
    context.Error("ERR invalid cursor");
    return false;
  }
  for (size_t i = 2; i < context.argc(); i += 2) {
    bool known = i + 1 < context.argc();
    if (known && EqualsIgnoreCase(context.arg(i), "count")) {
      if (!context.IntegerArg(i + 1, &options->count)) return false;
      known = options->count >= 1;
    } else if (known && EqualsIgnoreCase(context.arg(i), "match")) {
      options->pattern = context.arg(i + 1);
    } else if (known && EqualsIgnoreCase(context.arg(i), "type")) {
      options->type = context.arg(i + 1);
    } else {
      known = false;
    }
    if (!known) {
      context.Error(errors::kSyntax);
      return false;
    }
  }
  return true;
}

void DeleteExpired(CommandContext& context, const std::string& name) {
  context.WaitFor(context.host().ExpireKey(context.db(), context.Ref(name)));
  ++context.host().counters().expired_keys;
}

void Scan(CommandContext& context) {
  ScanOptions options;
  if (!ReadScanOptions(context, &options)) return;
  context.LooksAtEverything();
  int64_t now_ms = context.now_ms(), visited = 0;
  const bool looks_at_type = !options.type.empty();
  uint64_t last_prefix = 0, next_cursor = 0;
  std::vector<std::string_view> found;  // views into entries: nothing is committed before they are answered
  std::vector<std::string> expired;
  context.keyspace().Visit(context.db(), options.cursor << kCursorShift, [&](const Entry& entry) {
    uint64_t prefix = context.Ref(entry.key()).hash >> kCursorShift;
    if (visited >= options.count && prefix != last_prefix) {
      next_cursor = prefix;
      return false;
    }
    last_prefix = prefix;
    ++visited;
    if (!GlobMatch(options.pattern, entry.key())) return true;
    if (entry.ExpiredAt(now_ms)) {
      expired.emplace_back(entry.key());
      return true;
    }
    if (looks_at_type) context.CountLookup(context.Ref(entry.key()), true);
    if (!looks_at_type || EqualsIgnoreCase(options.type, TypeName(entry.type()))) found.push_back(entry.key());
    return true;
  });
  context.reply().Array(2);
  char digits[kInt64CharsMax];
  context.reply().Bulk({digits, FormatInt64(static_cast<int64_t>(next_cursor), digits)});
  context.reply().Array(static_cast<int64_t>(found.size()));
  for (std::string_view name : found) context.reply().Bulk(name);
  // Unlike KEYS, SCAN deletes what it finds to be over.
  for (const std::string& name : expired) {
    DeleteExpired(context, name);
    if (looks_at_type) context.CountLookup(context.Ref(name), false);
  }
}

void RandomKey(CommandContext& context) {
  context.LooksAtEverything();
  Random random(static_cast<uint64_t>(context.host().monotonic_ns()) ^ context.host().counters().commands_processed);
  while (const Entry* entry = context.keyspace().RandomEntry(context.db(), random.Next())) {
    if (!entry->ExpiredAt(context.now_ms())) {
      context.reply().Bulk(entry->key());
      return;
    }
    DeleteExpired(context, std::string(entry->key()));
  }
  context.reply().Null();
}

constexpr CommandRow kRows[] = {
    {.name = "keys",
     .arity = 2,
     .flags = kReadonly,
     .categories = "keyspace read slow dangerous",
     .group = CommandGroup::kGeneric,
     .syntax = "pattern",
     .summary = "Find all keys matching the given pattern",
     .complexity = "O(N) with N being the number of keys in the database, under the assumption that the key names in "
                   "the database and the given pattern have limited length.",
     .since = "1.0.0",
     .handler = Keys},
    {.name = "scan",
     .arity = -2,
     .flags = kReadonly,
     .categories = "keyspace read slow",
     .group = CommandGroup::kGeneric,
     .syntax = "cursor [MATCH pattern] [COUNT count] [TYPE type]",
     .summary = "Incrementally iterate the keys space",
     .complexity = "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor "
                   "to return back to 0. N is the number of elements inside the collection.",
     .since = "2.8.0",
     .handler = Scan},
    {.name = "randomkey",
     .arity = 1,
     .flags = kReadonly,
     .categories = "keyspace read slow",
     .group = CommandGroup::kGeneric,
     .syntax = "",
     .summary = "Return a random key from the keyspace",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = RandomKey},
};

}  // namespace

std::span<const CommandRow> ScanCommands() { return kRows; }

}  // namespace baton
