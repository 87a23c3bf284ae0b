// The list commands that wait for an element. Each tries its keys at once, in order; when nothing is there the client
// is parked (Host::Block), and when one of its keys has got elements the same handler runs again for that key alone.
//
// What redis-server 7.0.15 does in the corners, as asked of it (tests/protocol/blocking_list_test.cc):
// - A woken BLMOVE whose destination is of another type is answered -WRONGTYPE; the element stays for the next client.
// - A woken client whose own key is of another type by now, or gone again, waits on in its old place.
// - On a timeout every one of the five is answered with a null array, BLMOVE and BRPOPLPUSH too; inside MULTI,
//   where nobody waits, these two answer at once with a null bulk string instead.

#include <cmath>
#include <vector>

#include "base/numbers.h"
#include "commands/families.h"
#include "commands/list_support.h"

namespace baton {
namespace {

// Seconds, with fractions, to milliseconds, rounded up so that no positive time becomes "for ever" (0).
bool TimeoutArg(CommandContext& context, size_t i, int64_t* timeout_ms) {
  long double seconds;
  if (!ParseLongDouble(context.arg(i), &seconds)) {
    context.Error("ERR timeout is not a float or out of range");
    return false;
  }
  long double rounded_ms = std::ceil(seconds * 1000);
  // redis-server 7.0 says the same of a time too long for its counter, which it finds negative.
  constexpr long double kMsMax = 0x1p63L;
  if (rounded_ms < 0 || rounded_ms >= kMsMax) {
    context.Error("ERR timeout is negative");
    return false;
  }
  *timeout_ms = static_cast<int64_t>(rounded_ms);
  return true;
}

// Nothing is there, and the client may wait: for one of argv[first_key .. last_key].
void Park(CommandContext& context, size_t first_key, size_t last_key, int64_t timeout_ms) {
  std::vector<int> key_indexes;
  for (size_t i = first_key; i <= last_key; ++i) key_indexes.push_back(static_cast<int>(i));
  context.host().Block(context, key_indexes, timeout_ms);
}

// --- BLPOP BRPOP

Attempt PopOneFrom(CommandContext& context, size_t key_index, Side side) {
  KeyRef key = context.Ref(context.arg(key_index));
  bool ok;
  const Entry* entry = FindListToServe(context, key, &ok);
  if (!ok) return Attempt::kAnswered;
  if (entry == nullptr) return Attempt::kEmpty;
  ListView list = entry->list();
  context.reply().Array(2);
  context.reply().Bulk(key.name);
  context.reply().Bulk(side == Side::kLeft ? list.Front() : list.Back());
  context.Commit(Mutation::Pop(context.db(), key, side, 1));
  return Attempt::kAnswered;
}

void BlockingPop(CommandContext& context, Side side) {
  if (size_t key_index = context.served_key(); key_index != 0) {
    PopOneFrom(context, key_index, side);
    return;
  }
  size_t last_key = context.argc() - 2;
  int64_t timeout_ms;
  if (!TimeoutArg(context, last_key + 1, &timeout_ms)) return;
  for (size_t i = 1; i <= last_key; ++i) {
    if (PopOneFrom(context, i, side) == Attempt::kAnswered) return;
  }
  if (context.may_block()) {
    Park(context, 1, last_key, timeout_ms);
  } else {
    context.reply().NullArray();
  }
}

void BLPop(CommandContext& context) { BlockingPop(context, Side::kLeft); }
void BRPop(CommandContext& context) { BlockingPop(context, Side::kRight); }

// --- BLMOVE BRPOPLPUSH

void BlockingMove(CommandContext& context, Side from, Side to) {
  bool woken = context.served_key() != 0;
  int64_t timeout_ms = 0;
  if (!woken && !TimeoutArg(context, context.argc() - 1, &timeout_ms)) return;
  if (MoveElement(context, context.arg(1), context.arg(2), from, to) == Attempt::kAnswered || woken) return;
  if (context.may_block()) {
    Park(context, 1, 1, timeout_ms);
  } else {
    context.reply().Null();
  }
}

void BLMove(CommandContext& context) {
  Side from, to;
  if (!SideArg(context, 3, &from) || !SideArg(context, 4, &to)) return;
  BlockingMove(context, from, to);
}

void BRPopLPush(CommandContext& context) { BlockingMove(context, Side::kRight, Side::kLeft); }

// --- BLMPOP

void BLMPop(CommandContext& context) {
  MultiPop request;
  if (!request.Parse(context, 2)) return;
  if (size_t key_index = context.served_key(); key_index != 0) {
    request.PopFrom(context, key_index);
    return;
  }
  int64_t timeout_ms;
  if (!TimeoutArg(context, 1, &timeout_ms)) return;
  for (size_t i = request.first_key; i <= request.last_key; ++i) {
    if (request.PopFrom(context, i) == Attempt::kAnswered) return;
  }
  if (context.may_block()) {
    Park(context, request.first_key, request.last_key, timeout_ms);
  } else {
    context.reply().NullArray();
  }
}

int BLMPopKeys(std::span<const std::string_view> argv, int* positions, int max) {
  return MultiPop::FindKeys(argv, 2, positions, max);
}

constexpr uint32_t kPopFlags = kWrite | kNoScript | kBlocking;
constexpr uint32_t kMoveFlags = kWrite | kDenyOom | kNoScript | kBlocking | kNeverGrows;

constexpr CommandRow kRows[] = {
    {.name = "blpop",
     .arity = -3,
     .flags = kPopFlags,
     .categories = "write list slow blocking",
     .first_key = 1,
     .last_key = -2,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key [key ...] timeout",
     .summary = "Remove and get the first element in a list, or block until one is available",
     .complexity = "O(N) where N is the number of provided keys.",
     .since = "2.0.0",
     .handler = BLPop},
    {.name = "brpop",
     .arity = -3,
     .flags = kPopFlags,
     .categories = "write list slow blocking",
     .first_key = 1,
     .last_key = -2,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "key [key ...] timeout",
     .summary = "Remove and get the last element in a list, or block until one is available",
     .complexity = "O(N) where N is the number of provided keys.",
     .since = "2.0.0",
     .handler = BRPop},
    {.name = "blmove",
     .arity = 6,
     .flags = kMoveFlags,
     .categories = "write list slow blocking",
     .first_key = 1,
     .last_key = 2,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "source destination LEFT|RIGHT LEFT|RIGHT timeout",
     .summary = "Pop an element from a list, push it to another list and return it; or block until one is available",
     .complexity = "O(1)",
     .since = "6.2.0",
     .handler = BLMove},
    {.name = "brpoplpush",
     .arity = 4,
     .flags = kMoveFlags,
     .categories = "write list slow blocking",
     .first_key = 1,
     .last_key = 2,
     .key_step = 1,
     .group = CommandGroup::kList,
     .syntax = "source destination timeout",
     .summary = "Pop an element from a list, push it to another list and return it; or block until one is available",
     .complexity = "O(1)",
     .since = "2.2.0",
     .handler = BRPopLPush},
    {.name = "blmpop",
     .arity = -5,
     .flags = kWrite | kBlocking | kMovableKeys,
     .categories = "write list slow blocking",
     .group = CommandGroup::kList,
     .syntax = "timeout numkeys key [key ...] LEFT|RIGHT [COUNT count]",
     .summary = "Pop elements from a list, or block until one is available",
     .complexity = "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
     .since = "7.0.0",
     .handler = BLMPop,
     .find_keys = BLMPopKeys},
};

}  // namespace

std::span<const CommandRow> BlockingListCommands() { return kRows; }

}  // namespace baton
