#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "commands/command.h"

namespace baton {

// One argument of a command as COMMAND DOCS tells it. The words of `type` are Redis's: "key", "string", "integer",
// "double", "pattern", "unix-time", "pure-token", "oneof" (one of `arguments`) and "block" (all of `arguments`, in
// order).
struct SyntaxArgument {
  std::string name;
  std::string_view type;
  std::string token = {};  // the fixed word before the value, or instead of one; empty: none
  bool optional = false;
  bool multiple = false;        // may be given again
  bool multiple_token = false;  // together with its token
  std::vector<SyntaxArgument> arguments = {};

  bool operator==(const SyntaxArgument&) const = default;
};

// Reads CommandRow::syntax, which is written as redis.io prints arguments:
//
//   sequence = { choice | "[" sequence ["..."] "]" }
//   choice   = unit { "|" unit }                          without spaces around the bar
//   unit     = TOKEN [ name { name } | TOKEN { "|" TOKEN } | "<" sequence { "|" sequence } ">" ]
//            | name | "<" sequence { "|" sequence } ">" | "[" sequence "]"
//
// Upper-case words are tokens, all others are names of values. The first unit of a choice decides whether its tokens
// take values: "EX seconds|PX milliseconds|KEEPTTL" is a choice of three, "LEFT|RIGHT timeout" a choice and a timeout.
// Between "<" and ">" a bar ends all that stands before it: "<NONE|LINEAR min max>" is a choice of two.
// A group that ends in "..." and says again what stands before it, or the last units of that, makes them `multiple`.
//
// Types follow from names. False when the brackets do not match.
bool ParseSyntax(const CommandRow& row, std::vector<SyntaxArgument>* arguments);

}  // namespace baton
