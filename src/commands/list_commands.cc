// The list commands that answer at once. Replies, errors and the order of checks are redis-server 7.0.15's: some
// commands read their numbers first, others look at the key first.

#include <algorithm>
#include <span>

#include "base/text.h"
#include "commands/families.h"
#include "commands/list_support.h"
#include "queue/book.h"

namespace baton {
namespace {

// --- LPUSH RPUSH LPUSHX RPUSHX

enum class Absent : uint8_t { kCreate, kLeave };

void Push(CommandContext& context, Side side, Absent absent) {
  KeyRef key = context.Ref(context.arg(1));
  bool ok;
  const Entry* entry = context.FindTyped(key, ValueType::kList, &ok);
  if (!ok) return;
  if (entry == nullptr && absent == Absent::kLeave) {
    context.reply().Integer(0);
    return;
  }
  auto elements = std::span(context.argv()).subspan(2);
  int64_t size = entry != nullptr ? entry->list_size() : 0;
  context.reply().Integer(size + static_cast<int64_t>(elements.size()));
  context.Commit(Mutation::Push(context.db(), key, side, elements));
}

void LPush(CommandContext& context) { Push(context, Side::kLeft, Absent::kCreate); }
void RPush(CommandContext& context) { Push(context, Side::kRight, Absent::kCreate); }
void LPushX(CommandContext& context) { Push(context, Side::kLeft, Absent::kLeave); }
void RPushX(CommandContext& context) { Push(context, Side::kRight, Absent::kLeave); }

// --- LPOP RPOP LMPOP

void Pop(CommandContext& context, Side side) {
  if (context.argc() > 3) {
    context.Error(errors::WrongArity(context.row().name));
    return;
  }
  bool has_count = context.argc() == 3;
  int64_t count = 1;
  if (has_count) {
    if (!context.IntegerArg(2, &count, errors::kOutOfRangePositive)) return;
    if (count < 0) {
      context.Error(errors::kOutOfRangePositive);
      return;
    }
  }
  KeyRef key = context.Ref(context.arg(1));
  bool ok;
  const Entry* entry = context.FindTyped(key, ValueType::kList, &ok);
  if (!ok) return;
  if (entry == nullptr) {
    has_count ? context.reply().NullArray() : context.reply().Null();
    return;
  }
  ListView list = entry->list();
  if (has_count) {
    PopSeveral(context, key, list, side, count);
    return;
  }
  context.reply().Bulk(side == Side::kLeft ? list.Front() : list.Back());
  context.Commit(Mutation::Pop(context.db(), key, side, 1));
}

void LPop(CommandContext& context) { Pop(context, Side::kLeft); }
void RPop(CommandContext& context) { Pop(context, Side::kRight); }

void LMPop(CommandContext& context) {
  MultiPop request;
  if (!request.Parse(context, 1)) return;
  for (size_t i = request.first_key; i <= request.last_key; ++i) {
    if (request.PopFrom(context, i) == Attempt::kAnswered) return;
  }
  context.reply().NullArray();
}

int LMPopKeys(std::span<const std::string_view> argv, int* positions, int max) {
  return MultiPop::FindKeys(argv, 1, positions, max);
}

// --- LMOVE RPOPLPUSH

void LMove(CommandContext& context) {
  Side from, to;
  if (!SideArg(context, 3, &from) || !SideArg(context, 4, &to)) return;
  if (MoveElement(context, context.arg(1), context.arg(2), from, to) == Attempt::kEmpty) context.reply().Null();
}

void RPopLPush(CommandContext& context) {
  Attempt attempt = MoveElement(context, context.arg(1), context.arg(2), Side::kRight, Side::kLeft);
  if (attempt == Attempt::kEmpty) context.reply().Null();
}

// --- LLEN LRANGE LINDEX LPOS

void LLen(CommandContext& context) {
  bool ok;
  const Entry* entry = context.FindTyped(context.Ref(context.arg(1)), ValueType::kList, &ok);
  if (ok) context.reply().Integer(entry != nullptr ? entry->list_size() : 0);
}

// From a request's start and stop, which may count from the end and lie outside, to indexes; empty when start > stop.
struct Range {
  int64_t start, stop;
  static Range Of(int64_t start, int64_t stop, int64_t size) {
    if (start < 0) start = std::max<int64_t>(start + size, 0);
    if (stop < 0) stop += size;
    stop = std::min(stop, size - 1);
    if (start > stop) return {1, 0};
    return {start, stop};
  }
  int64_t size() const { return stop - start + 1; }
};

void LRange(CommandContext& context) {
  int64_t start, stop;
  if (!context.IntegerArg(2, &start) || !context.IntegerArg(3, &stop)) return;
  bool ok;
  const Entry* entry = context.FindTyped(context.Ref(context.arg(1)), ValueType::kList, &ok);
  if (!ok) return;
  if (entry == nullptr) {
    context.reply().Array(0);
    return;
  }
  ListView list = entry->list();
  Range range = Range::Of(start, stop, list.size());
  context.reply().Array(range.size());
  ReplyBuilder::Bulks elements(context.reply());
  list.ForEachRun(range.start, range.size(), [&](const char* at, int64_t count) {
    elements.Add(count, [&at] {
      const std::string_view element = ElementAt(at);
      at = PackedEnd(element);
      return element;
    });
  });
}

void LIndex(CommandContext& context) {
  bool ok;
  const Entry* entry = context.FindTyped(context.Ref(context.arg(1)), ValueType::kList, &ok);
  if (!ok) return;
  if (entry == nullptr) {
    context.reply().Null();
    return;
  }
  int64_t index;
  if (!context.IntegerArg(2, &index)) return;
  ListView list = entry->list();
  if (index < 0) index += list.size();
  if (index < 0 || index >= list.size()) {
    context.reply().Null();
    return;
  }
  context.reply().Bulk(list.At(index));
}

struct PositionSearch {
  bool has_count = false;
  int64_t rank = 1;    // which match is the first to count; negative: from the tail
  int64_t count = 1;   // 0: all
  int64_t maxlen = 0;  // elements looked at; 0: all

  bool Parse(CommandContext& context) {
    constexpr std::string_view kRankIsZero =
        "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start "
        "from "
        "the end of the list";
    for (size_t i = 3; i < context.argc(); i += 2) {
      std::string_view word = context.arg(i);
      bool has_value = i + 1 < context.argc();
      if (has_value && EqualsIgnoreCase(word, "rank")) {
        if (!context.IntegerArg(i + 1, &rank)) return false;
        if (rank == 0) {
          context.Error(kRankIsZero);
          return false;
        }
      } else if (has_value && EqualsIgnoreCase(word, "count")) {
        has_count = true;
        if (!NotNegative(context, i + 1, &count, "ERR COUNT can't be negative")) return false;
      } else if (has_value && EqualsIgnoreCase(word, "maxlen")) {
        if (!NotNegative(context, i + 1, &maxlen, "ERR MAXLEN can't be negative")) return false;
      } else {
        context.Error(errors::kSyntax);
        return false;
      }
    }
    return true;
  }

 private:
  static bool NotNegative(CommandContext& context, size_t i, int64_t* value, std::string_view error) {
    if (!context.IntegerArg(i, value, error)) return false;
    if (*value < 0) context.Error(error);
    return *value >= 0;
  }
};

void LPos(CommandContext& context) {
  PositionSearch search;
  if (!search.Parse(context)) return;
  bool ok;
  const Entry* entry = context.FindTyped(context.Ref(context.arg(1)), ValueType::kList, &ok);
  if (!ok) return;
  if (entry == nullptr) {
    search.has_count ? context.reply().Array(0) : context.reply().Null();
    return;
  }
  // The smallest RANK has no positive twin: redis-server then finds every match from the tail, whatever COUNT says.
  bool unlimited = search.count == 0 || search.rank == INT64_MIN;
  int64_t skip = search.rank > 0 ? search.rank - 1 : search.rank == INT64_MIN ? 0 : -search.rank - 1;

  ListView list = entry->list();
  int64_t size = list.size();
  int64_t left = search.maxlen == 0 ? size : std::min(search.maxlen, size);
  int64_t step = search.rank > 0 ? 1 : -1;
  int64_t index = search.rank > 0 ? 0 : size - 1;
  auto cursor = list.CursorAt(index, search.rank > 0 ? Side::kRight : Side::kLeft);
  uint64_t mark = search.has_count ? context.reply().BeginDeferredArray() : 0;
  int64_t found = 0;
  for (; left > 0; --left, index += step, cursor.Next()) {
    if (cursor.element() != context.arg(2) || skip-- > 0) continue;
    context.reply().Integer(index);
    ++found;
    if (!search.has_count || (!unlimited && found == search.count)) break;
  }
  if (search.has_count) {
    context.reply().EndDeferredArray(mark, found);
  } else if (found == 0) {
    context.reply().Null();
  }
}

// --- LINSERT LSET LREM LTRIM

void LInsert(CommandContext& context) {
  bool before = EqualsIgnoreCase(context.arg(2), "before");
  if (!before && !EqualsIgnoreCase(context.arg(2), "after")) {
    context.Error(errors::kSyntax);
    return;
  }
  KeyRef key = context.Ref(context.arg(1));
  bool ok;
  const Entry* entry = context.FindTyped(key, ValueType::kList, &ok);
  if (!ok) return;
  if (entry == nullptr) {
    context.reply().Integer(0);
    return;
  }
  ListView list = entry->list();
  if (list.FindEqual(context.arg(3), Side::kLeft, 1).count == 0) {
    context.reply().Integer(-1);
    return;
  }
  context.reply().Integer(list.size() + 1);
  context.Commit(Mutation::ListInsert(context.db(), key, before, context.arg(3), context.arg(4)));
}

void LSet(CommandContext& context) {
  KeyRef key = context.Ref(context.arg(1));
  bool ok;
  const Entry* entry = context.FindTyped(key, ValueType::kList, &ok);
  if (!ok) return;
  if (entry == nullptr) {
    context.Error(errors::kNoSuchKey);
    return;
  }
  int64_t index;
  if (!context.IntegerArg(2, &index)) return;
  int64_t size = entry->list().size();
  if (index < 0) index += size;
  if (index < 0 || index >= size) {
    context.Error(errors::kIndexOutOfRange);
    return;
  }
  context.reply().Ok();
  context.Commit(Mutation::ListSet(context.db(), key, index, context.arg(3)));
}

void LRem(CommandContext& context) {
  int64_t count;
  if (!context.IntegerArg(2, &count)) return;
  KeyRef key = context.Ref(context.arg(1));
  const QueueBook& queues = context.host().queues();
  const QueueBook::Expected expected = queues.Expect(context.db(), key.name, context.arg(3));
  bool ok;
  const Entry* entry = context.FindTyped(key, ValueType::kList, &ok);
  if (!ok) return;
  if ((count == 1 || count == -1) && context.TakePushedAgain(key, context.arg(3))) [[unlikely]] {
    context.reply().Integer(1);
    return;
  }
  ListView::Equals doomed;
  if (entry != nullptr) {
    doomed = entry->list().FindEqual(context.arg(3), RemovesFrom(count), RemovesAtMost(count));
    context.WalkedOver(key, doomed.walked);
  }
  queues.Fetch(expected);
  if (doomed.count == 0) {
    context.reply().Integer(context.AcknowledgeLate(key, context.arg(3)) ? 1 : 0);
    return;
  }
  context.reply().Integer(doomed.count);
  Mutation removal =
      Mutation::ListRemove(context.db(), key, count < 0 ? -doomed.count : doomed.count, context.arg(3));
  removal.flag = doomed.count == 1 && entry->list().StandsAtAnEnd(doomed.nearest, &removal.from);
  context.Commit(removal);
}

void LTrim(CommandContext& context) {
  int64_t start, stop;
  if (!context.IntegerArg(2, &start) || !context.IntegerArg(3, &stop)) return;
  KeyRef key = context.Ref(context.arg(1));
  bool ok;
  const Entry* entry = context.FindTyped(key, ValueType::kList, &ok);
  if (!ok) return;
  context.reply().Ok();
  if (entry == nullptr) return;
  int64_t size = entry->list().size();
  Range kept = Range::Of(start, stop, size);
  const Mutation trim = Mutation::Trim(context.db(), key, kept.start, kept.stop);
  if (kept.size() == size) {
    context.NoteAsChange(trim);  // redis-server calls the key changed all the same
    return;
  }
  context.Commit(trim);
}

constexpr uint32_t kPushFlags = kWrite | kDenyOom | kFast;
constexpr uint32_t kMoveFlags = kWrite | kDenyOom | kNeverGrows;

constexpr CommandRow kRows[] = {
    {.name = "lpush",
     .arity = -3,
     .flags = kPushFlags,
     .categories = "write list fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key element [element ...]",
     .summary = "Prepend one or multiple elements to a list",
     .complexity = "O(1) for each element added, so O(N) to add N elements when the command is called with multiple "
                   "arguments.",
     .since = "1.0.0",
     .handler = LPush},
    {.name = "rpush",
     .arity = -3,
     .flags = kPushFlags,
     .categories = "write list fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key element [element ...]",
     .summary = "Append one or multiple elements to a list",
     .complexity = "O(1) for each element added, so O(N) to add N elements when the command is called with multiple "
                   "arguments.",
     .since = "1.0.0",
     .handler = RPush},
    {.name = "lpushx",
     .arity = -3,
     .flags = kPushFlags,
     .categories = "write list fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key element [element ...]",
     .summary = "Prepend an element to a list, only if the list exists",
     .complexity = "O(1) for each element added, so O(N) to add N elements when the command is called with multiple "
                   "arguments.",
     .since = "2.2.0",
     .handler = LPushX},
    {.name = "rpushx",
     .arity = -3,
     .flags = kPushFlags,
     .categories = "write list fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key element [element ...]",
     .summary = "Append an element to a list, only if the list exists",
     .complexity = "O(1) for each element added, so O(N) to add N elements when the command is called with multiple "
                   "arguments.",
     .since = "2.2.0",
     .handler = RPushX},
    {.name = "lpop",
     .arity = -2,
     .flags = kWrite | kFast,
     .categories = "write list fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key [count]",
     .summary = "Remove and get the first elements in a list",
     .complexity = "O(N) where N is the number of elements returned",
     .since = "1.0.0",
     .handler = LPop},
    {.name = "rpop",
     .arity = -2,
     .flags = kWrite | kFast,
     .categories = "write list fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key [count]",
     .summary = "Remove and get the last elements in a list",
     .complexity = "O(N) where N is the number of elements returned",
     .since = "1.0.0",
     .handler = RPop},
    {.name = "llen",
     .arity = 2,
     .flags = kReadonly | kFast,
     .categories = "read list fast",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key",
     .summary = "Get the length of a list",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = LLen},
    {.name = "lrange",
     .arity = 4,
     .flags = kReadonly,
     .categories = "read list slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key start stop",
     .summary = "Get a range of elements from a list",
     .complexity =
         "O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or "
         "TAIL) for large lists; and N is the number of elements in the specified range.",
     .since = "1.0.0",
     .handler = LRange},
    {.name = "lindex",
     .arity = 3,
     .flags = kReadonly,
     .categories = "read list slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key index",
     .summary = "Get an element from a list by its index",
     .complexity =
         "O(N) where N is the number of elements to traverse to get to the element at index. This makes asking "
         "for the first or the last element of the list O(1).",
     .since = "1.0.0",
     .handler = LIndex},
    {.name = "linsert",
     .arity = 5,
     .flags = kWrite | kDenyOom,
     .categories = "write list slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key BEFORE|AFTER pivot element",
     .summary = "Insert an element before or after another element in a list",
     .complexity =
         "O(N) where N is the number of elements to traverse before seeing the value pivot. This means that "
         "inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere "
         "on the right end (tail) is O(N).",
     .since = "2.2.0",
     .handler = LInsert},
    {.name = "lset",
     .arity = 4,
     .flags = kWrite | kDenyOom,
     .categories = "write list slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key index element",
     .summary = "Set the value of an element in a list by its index",
     .complexity =
         "O(N) where N is the length of the list. Setting either the first or the last element of the list is "
         "O(1).",
     .since = "1.0.0",
     .handler = LSet},
    {.name = "lrem",
     .arity = 4,
     .flags = kWrite,
     .categories = "write list slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key count element",
     .summary = "Remove elements from a list",
     .complexity = "O(N+M) where N is the length of the list and M is the number of elements removed.",
     .since = "1.0.0",
     .handler = LRem},
    {.name = "ltrim",
     .arity = 4,
     .flags = kWrite,
     .categories = "write list slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key start stop",
     .summary = "Trim a list to the specified range",
     .complexity = "O(N) where N is the number of elements to be removed by the operation.",
     .since = "1.0.0",
     .handler = LTrim},
    {.name = "lpos",
     .arity = -3,
     .flags = kReadonly,
     .categories = "read list slow",
     .first_key = 1,
     .last_key = 1,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
     .summary = "Return the index of matching elements on a list",
     .complexity =
         "O(N) where N is the number of elements in the list, for the average case. When searching for elements "
         "near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in "
         "constant time.",
     .since = "6.0.6",
     .handler = LPos},
    {.name = "lmove",
     .arity = 5,
     .flags = kMoveFlags,
     .categories = "write list slow",
     .first_key = 1,
     .last_key = 2,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "source destination LEFT|RIGHT LEFT|RIGHT",
     .summary = "Pop an element from a list, push it to another list and return it",
     .complexity = "O(1)",
     .since = "6.2.0",
     .handler = LMove},
    {.name = "rpoplpush",
     .arity = 3,
     .flags = kMoveFlags,
     .categories = "write list slow",
     .first_key = 1,
     .last_key = 2,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "source destination",
     .summary = "Remove the last element in a list, prepend it to another list and return it",
     .complexity = "O(1)",
     .since = "1.2.0",
     .handler = RPopLPush},
    {.name = "lmpop",
     .arity = -4,
     .flags = kWrite | kMovableKeys,
     .categories = "write list slow",
     .group = CommandGroup::kList,
     .syntax = "numkeys key [key ...] LEFT|RIGHT [COUNT count]",
     .summary = "Pop elements from a list",
     .complexity = "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
     .since = "7.0.0",
     .handler = LMPop,
     .find_keys = LMPopKeys},
};

}  // namespace

std::span<const CommandRow> ListCommands() { return kRows; }

}  // namespace baton
