#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "commands/command.h"

namespace baton {

// Where a request's keys stand, from what its row says: COMMAND GETKEYS, key specifications, and who else must know
// which keys a request names without running it.

inline bool MayHaveKeys(const CommandRow& row) {
  return (row.first_key > 0 && (row.flags & kKeysAreChannels) == 0) || row.find_keys != nullptr;
}

// The positions in argv of the request's keys; empty when the arguments make no sense. argv must fit the row's arity.
std::vector<int> FindKeys(const CommandRow& row, std::span<const std::string_view> argv);

// One of Redis's key specifications: where keys begin, and how many follow.
struct KeySpec {
  int begin_index;
  bool counted;                    // a number of keys stands at begin_index, and the keys behind it
  int last_key = 0, key_step = 1;  // not counted: relative to begin_index; negative: from the end of the request
};

// A row that names its keys one by one (source, destination) has a specification for each. Keys that only the row's own
// finder knows have none.
std::vector<KeySpec> KeySpecs(const CommandRow& row);

}  // namespace baton
