#pragma once

#include <cstdint>
#include <string_view>

#include "commands/context.h"

namespace baton {

// What list commands share, whether they block or not. A blocking command is its plain form tried at once, and tried
// again when an element has come (CommandContext::served_key); the functions here know both situations.

// Whether a look at one key settled the command.
enum class Attempt : uint8_t {
  kAnswered,  // one reply was written: elements, or an error
  kEmpty,     // nothing there: no reply was written, nothing changed
};

// LEFT or RIGHT in any case; anything else is a syntax error reply and false.
bool SideArg(CommandContext& context, size_t i, Side* side);

// The list at `key`, or nullptr. Another type is an error reply and *ok is false; but for a woken client it is
// nullptr, for it waits on until the key holds a list again.
const Entry* FindListToServe(CommandContext& context, const KeyRef& key, bool* ok);

// Writes min(count, size) elements from `side` inwards as an array and takes them away. count >= 0. `list` is dead
// after.
void PopSeveral(CommandContext& context, const KeyRef& key, ListView list, Side side, int64_t count);

// The managed queue `from` has handed out all that its policy allows: it is to be taken for empty.
bool LeaseRefused(CommandContext& context, const KeyRef& from, const KeyRef& to);

// LMOVE and its kin: replies with the element and moves it.
Attempt MoveElement(CommandContext& context, std::string_view source, std::string_view destination, Side from, Side to);

// "numkeys key [key ...] LEFT|RIGHT [COUNT count]", the tail of LMPOP and BLMPOP.
struct MultiPop {
  size_t first_key = 0, last_key = 0;  // indexes in argv
  Side side = Side::kLeft;
  int64_t count = 1;

  // Reads it from argv[i] on, or replies with the error and returns false.
  bool Parse(CommandContext& context, size_t i);
  // Replies with the key's name and its elements, and takes these away.
  Attempt PopFrom(CommandContext& context, size_t key_index) const;

  // KeyFinder for a command whose numkeys stands at argv[numkeys_index].
  static int FindKeys(std::span<const std::string_view> argv, size_t numkeys_index, int* positions, int max);
};

}  // namespace baton
