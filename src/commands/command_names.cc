#include "commands/command_names.h"

#include "commands/command_table.h"

namespace baton {

NamedCommand FindNamedCommand(const CommandTable& table, std::string_view name) {
  size_t bar = name.find('|');
  const CommandRow* row = table.Find(name.substr(0, bar));
  if (row == nullptr) return {};
  if (bar == std::string_view::npos) return {row, std::string(row->name)};
  const CommandRow* inner = CommandTable::FindSubcommand(*row, name.substr(bar + 1));
  if (inner == nullptr) return {};
  return {inner, std::string(row->name) + "|" + std::string(inner->name)};
}

void ForEachCommand(const CommandTable& table,
                    const std::function<void(const CommandRow& row, const std::string& name)>& visit) {
  for (const CommandRow* row : table.rows()) {
    std::string name(row->name);
    visit(*row, name);
    for (const CommandRow& inner : row->subcommands) visit(inner, name + "|" + std::string(inner.name));
  }
}

}  // namespace baton
