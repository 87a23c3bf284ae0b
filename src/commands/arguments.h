#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "commands/context.h"

// Arguments that several families read in the same way. Each either yields a value, or has replied with Redis's error
// and returns false: then the handler returns.
namespace baton {

namespace errors {

inline constexpr std::string_view kDbIndexOutOfRange = "ERR DB index is out of range";
inline constexpr std::string_view kSameObject = "ERR source and destination objects are the same";

}  // namespace errors

// The index of an existing database (SELECT, MOVE, COPY).
bool DatabaseArg(CommandContext& context, size_t i, uint32_t* db);

// How an argument names an instant: EX 10, PX 10, EXAT 10, PXAT 10.
struct TimeForm {
  bool in_seconds;
  bool absolute;
};

// An instant in wall-clock milliseconds, which may lie in the past or before 1970. An error when it does not fit int64.
bool InstantArg(CommandContext& context, size_t i, TimeForm form, int64_t* at_ms);
// The same for options that must name a positive number (SET, SETEX, GETEX).
bool PositiveInstantArg(CommandContext& context, size_t i, TimeForm form, int64_t* at_ms);

}  // namespace baton
