#include "commands/arguments.h"

#include "base/numbers.h"

namespace baton {
namespace {

bool InvalidExpireTime(CommandContext& context) {
  context.Error("ERR invalid expire time in '" + std::string(context.row().name) + "' command");
  return false;
}

bool ToInstant(int64_t value, TimeForm form, int64_t now_ms, int64_t* at_ms) {
  if (form.in_seconds && __builtin_mul_overflow(value, int64_t{1000}, &value)) return false;
  if (!form.absolute && __builtin_add_overflow(value, now_ms, &value)) return false;
  *at_ms = value;
  return true;
}

}  // namespace

bool DatabaseArg(CommandContext& context, size_t i, uint32_t* db) {
  int64_t value = 0;
  if (!context.IntegerArg(i, &value)) return false;
  if (value < INT32_MIN || value > INT32_MAX) {
    context.Error("ERR value is out of range, value must between -2147483648 and 2147483647");
    return false;
  }
  if (value < 0 || value >= context.keyspace().databases()) {
    context.Error(errors::kDbIndexOutOfRange);
    return false;
  }
  *db = static_cast<uint32_t>(value);
  return true;
}

bool InstantArg(CommandContext& context, size_t i, TimeForm form, int64_t* at_ms) {
  int64_t value = 0;
  if (!context.IntegerArg(i, &value)) return false;
  return ToInstant(value, form, context.now_ms(), at_ms) || InvalidExpireTime(context);
}

bool PositiveInstantArg(CommandContext& context, size_t i, TimeForm form, int64_t* at_ms) {
  int64_t value = 0;
  if (!context.IntegerArg(i, &value)) return false;
  return (value > 0 && ToInstant(value, form, context.now_ms(), at_ms)) || InvalidExpireTime(context);
}

}  // namespace baton
