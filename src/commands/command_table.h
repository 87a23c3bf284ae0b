#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "commands/command.h"

namespace baton {

// All rows of all families, found by name without regard to case. Immutable once built.
class CommandTable {
 public:
  CommandTable();

  // nullptr when there is no such command. Does not allocate.
  const CommandRow* Find(std::string_view name) const;
  // A container's subcommand; nullptr when there is none.
  static const CommandRow* FindSubcommand(const CommandRow& container, std::string_view name);
  const std::vector<const CommandRow*>& rows() const { return rows_; }  // sorted by name

 private:
  std::vector<const CommandRow*> rows_;
  std::vector<const CommandRow*> slots_;  // open addressing over the lower-case name
  uint64_t mask_ = 0;
};

}  // namespace baton
