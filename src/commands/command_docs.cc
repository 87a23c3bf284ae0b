#include "commands/command_docs.h"

#include <string_view>

#include "base/text.h"
#include "commands/command_table.h"

namespace baton {
namespace {

struct GroupTitle {
  CommandGroup group;
  std::string_view title;
};
constexpr GroupTitle kGroups[] = {
    // in the order of the README
    {CommandGroup::kList, "Lists"},
    {CommandGroup::kQueue, "Queues"},
    {CommandGroup::kGeneric, "Keys"},
    {CommandGroup::kString, "Strings"},
    {CommandGroup::kTransactions, "Transactions"},
    {CommandGroup::kPubSub, "Publish and subscribe"},
    {CommandGroup::kConnection, "Connection"},
    {CommandGroup::kServer, "Server"},
};

// A cell of a Markdown table: a bar would end it.
std::string Cell(std::string_view text) {
  std::string cell;
  for (char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

// The README names the order of growth; COMMAND DOCS says what N is.
std::string_view Cost(std::string_view complexity) {
  if (!complexity.starts_with("O(")) return "depends";
  return complexity.substr(0, complexity.find(')') + 1);
}

std::string Line(const CommandRow& row, const std::string& name) {
  std::string usage = ToUpper(name);
  if (!row.syntax.empty()) usage += " " + std::string(row.syntax);
  std::string_view summary = row.summary;
  if (summary.ends_with('.')) summary.remove_suffix(1);
  return "| `" + Cell(usage) + "` | " + Cell(summary) + " | " + std::string(Cost(row.complexity)) + " |\n";
}

}  // namespace

std::string CommandTableMarkdown() {
  const CommandTable table;
  std::string text;
  for (const GroupTitle& group : kGroups) {
    std::string lines;
    for (const CommandRow* row : table.rows()) {
      if (row->group != group.group) continue;
      if (row->subcommands.empty()) lines += Line(*row, std::string(row->name));
      for (const CommandRow& subcommand : row->subcommands) {
        if (subcommand.name == "help") continue;  // every container has one
        lines += Line(subcommand, std::string(row->name) + " " + std::string(subcommand.name));
      }
    }
    if (lines.empty()) continue;
    if (!text.empty()) text += "\n";
    text += "### " + std::string(group.title) + "\n\n| Command | What it does | Cost |\n|---|---|---|\n" + lines;
  }
  return text;
}

}  // namespace baton
