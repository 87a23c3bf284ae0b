#include "commands/list_support.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "queue/book.h"

namespace baton {

bool SideArg(CommandContext& context, size_t i, Side* side) {
  if (EqualsIgnoreCase(context.arg(i), "left")) {
    *side = Side::kLeft;
  } else if (EqualsIgnoreCase(context.arg(i), "right")) {
    *side = Side::kRight;
  } else {
    context.Error(errors::kSyntax);
    return false;
  }
  return true;
}

const Entry* FindListToServe(CommandContext& context, const KeyRef& key, bool* ok) {
  if (context.served_key() == 0) return context.FindTyped(key, ValueType::kList, ok);
  *ok = true;
  const Entry* entry = context.Find(key);
  return entry != nullptr && entry->type() == ValueType::kList ? entry : nullptr;
}

void PopSeveral(CommandContext& context, const KeyRef& key, ListView list, Side side, int64_t count) {
  int64_t size = list.size();
  count = std::min(count, size);
  context.reply().Array(count);
  if (count == 0) return;
  auto cursor = side == Side::kLeft ? list.CursorAt(0, Side::kRight) : list.CursorAt(size - 1, Side::kLeft);
  for (int64_t i = 0; i < count; ++i, cursor.Next()) context.reply().Bulk(cursor.element());
  context.Commit(Mutation::Pop(context.db(), key, side, count));
}

bool LeaseRefused(CommandContext& context, const KeyRef& from, const KeyRef& to) {
  QueueBook& queues = context.host().queues();
  if (!queues.active()) [[likely]]
    return false;
  return queues.LeaseRefused(context.db(), from, to, static_cast<uint32_t>(context.client().id));
}

Attempt MoveElement(CommandContext& context, std::string_view source, std::string_view destination, Side from,
                    Side to) {
  KeyRef source_key = context.Ref(source);
  KeyRef destination_key = context.Ref(destination);
  bool ok;
  const Entry* entry = FindListToServe(context, source_key, &ok);
  if (!ok) return Attempt::kAnswered;
  if (entry == nullptr) return Attempt::kEmpty;
  const Entry* target = context.FindTyped(destination_key, ValueType::kList, &ok);
  if (!ok) return Attempt::kAnswered;
  if (LeaseRefused(context, source_key, destination_key)) return Attempt::kEmpty;
  // A target that is not there may have been deleted just now because its time was up, and with that `entry` died.
  if (target == nullptr) entry = context.keyspace().Find(context.db(), source_key);
  ListView list = entry->list();
  context.reply().Bulk(from == Side::kLeft ? list.Front() : list.Back());
  context.Commit(Mutation::Move(context.db(), source_key, destination_key, from, to));
  return Attempt::kAnswered;
}

bool MultiPop::Parse(CommandContext& context, size_t i) {
  constexpr std::string_view kBadNumkeys = "ERR numkeys should be greater than 0";
  constexpr std::string_view kBadCount = "ERR count should be greater than 0";
  auto positive = [&context](size_t index, int64_t* value, std::string_view error) {
    if (!context.IntegerArg(index, value, error)) return false;
    if (*value <= 0) context.Error(error);
    return *value > 0;
  };
  int64_t numkeys;
  if (!positive(i, &numkeys, kBadNumkeys)) return false;
  if (numkeys >= static_cast<int64_t>(context.argc() - i - 1)) {  // no room for LEFT|RIGHT
    context.Error(errors::kSyntax);
    return false;
  }
  first_key = i + 1;
  last_key = i + static_cast<size_t>(numkeys);
  if (!SideArg(context, last_key + 1, &side)) return false;
  size_t options = last_key + 2;
  if (options == context.argc()) return true;
  if (!EqualsIgnoreCase(context.arg(options), "count") || options + 1 == context.argc()) {
    context.Error(errors::kSyntax);
    return false;
  }
  if (!positive(options + 1, &count, kBadCount)) return false;
  if (options + 2 != context.argc()) {
    context.Error(errors::kSyntax);
    return false;
  }
  return true;
}

Attempt MultiPop::PopFrom(CommandContext& context, size_t key_index) const {
  KeyRef key = context.Ref(context.arg(key_index));
  bool ok;
  const Entry* entry = FindListToServe(context, key, &ok);
  if (!ok) return Attempt::kAnswered;
  if (entry == nullptr) return Attempt::kEmpty;
  context.reply().Array(2);
  context.reply().Bulk(key.name);
  PopSeveral(context, key, entry->list(), side, count);
  return Attempt::kAnswered;
}

int MultiPop::FindKeys(std::span<const std::string_view> argv, size_t numkeys_index, int* positions, int max) {
  if (numkeys_index >= argv.size()) return -1;
  // For naming the keys Redis reads the number with atoi: as far as it is one, cut to 32 bits.
  auto numkeys = static_cast<int>(std::strtol(std::string(argv[numkeys_index]).c_str(), nullptr, 10));
  if (numkeys <= 0 || numkeys > static_cast<int64_t>(argv.size() - numkeys_index - 1)) return -1;
  int written = std::min(numkeys, max);
  for (int k = 0; k < written; ++k) positions[k] = static_cast<int>(numkeys_index) + 1 + k;
  return written;
}

}  // namespace baton
