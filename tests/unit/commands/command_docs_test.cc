#include "commands/command_docs.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/text.h"
#include "commands/command_table.h"

namespace baton {
namespace {

TEST(CommandDocs, NameEveryCommandAndSubcommand) {
  const std::string text = CommandTableMarkdown();
  const CommandTable table;
  for (const CommandRow* row : table.rows()) {
    std::string name = ToUpper(row->name);
    EXPECT_TRUE(text.find("| `" + name + " ") != std::string::npos ||
                text.find("| `" + name + "`") != std::string::npos)
        << name;
    for (const CommandRow& subcommand : row->subcommands) {
      if (subcommand.name == "help") continue;
      std::string full = name + " " + ToUpper(subcommand.name);
      EXPECT_TRUE(text.find("`" + full + " ") != std::string::npos || text.find("`" + full + "`") != std::string::npos)
          << full;
    }
  }
}

TEST(CommandDocs, HaveThreeCellsInEveryLineOfATable) {
  std::istringstream lines(CommandTableMarkdown());
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("|")) continue;
    size_t bars = 0;
    for (size_t i = 0; i < line.size(); ++i) bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    EXPECT_EQ(bars, 4u) << line;
  }
}

TEST(CommandDocs, NameTheOrderOfGrowthOnly) {
  const std::string text = CommandTableMarkdown();
  EXPECT_NE(text.find("| `LPUSH key element [element ...]` | "), std::string::npos);
  EXPECT_EQ(text.find(" where N is "), std::string::npos) << "COMMAND DOCS says what N is";
}

}  // namespace
}  // namespace baton
