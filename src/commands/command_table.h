#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "commands/command.h"

namespace baton {

// All rows of all families, found by name without regard to case. Immutable once built.
class CommandTable {
 public:
  CommandTable();

  // nullptr when there is no such command. Does not allocate. Rows of absent commands (kAbsent) are found too.
  const CommandRow* Find(std::string_view name) const;
  // A container's subcommand; nullptr when there is none.
  static const CommandRow* FindSubcommand(const CommandRow& container, std::string_view name);
  // What this server can do, sorted by name: without the absent commands.
  const std::vector<const CommandRow*>& rows() const { return rows_; }

 private:
  // A name as two words, in lower case: its first and its last eight bytes. Names of up to 16 bytes are equal when
  // these are, so that finding one compares three integers.
  struct Name {
    uint64_t head = 0, tail = 0;
    size_t bytes = 0;
    explicit Name(std::string_view text);
    Name() = default;
    bool operator==(const Name&) const = default;
    size_t Slot(uint64_t mask) const;
  };
  struct Slot {
    Name name;
    const CommandRow* row = nullptr;
  };

  void Add(const CommandRow& row);

  std::vector<const CommandRow*> rows_;
  std::vector<Slot> slots_;  // open addressing; a power of two, mostly empty
  uint64_t mask_ = 0;
};

}  // namespace baton
