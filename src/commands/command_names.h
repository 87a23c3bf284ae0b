#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "commands/command.h"

namespace baton {

class CommandTable;

// Rows know their own word only; these know the whole name: "client|kill".
struct NamedCommand {
  const CommandRow* row = nullptr;  // nullptr: no such command
  std::string name;
};
// "lpush", "client", "client|kill"; any case.
NamedCommand FindNamedCommand(const CommandTable& table, std::string_view name);

// Every command and every subcommand, containers included, sorted by name within its level.
void ForEachCommand(const CommandTable& table,
                    const std::function<void(const CommandRow& row, const std::string& name)>& visit);

}  // namespace baton
