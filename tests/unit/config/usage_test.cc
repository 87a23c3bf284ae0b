#include "config/usage.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "config/config.h"

namespace baton {
namespace {

TEST(DefaultConfig, TheFileInTheTreeIsInStepWithTheRows) {
  std::ifstream file("conf/baton.conf", std::ios::binary);  // tests run at the root of the tree
  ASSERT_TRUE(file.is_open());
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), DefaultConfigText()) << "run 'make docs'";
}

TEST(DefaultConfig, LoadsWithoutANoteAndChangesNothing) {
  Config config;
  std::vector<std::string> notes;
  Status loaded = config.LoadText(DefaultConfigText(), "default", &notes);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(notes, std::vector<std::string>{});
  EXPECT_EQ(config.Get("*"), Config().Get("*"));
}

TEST(DefaultConfig, NamesEveryOption) {
  std::string text = DefaultConfigText();
  for (const OptionRow& row : Config::Rows()) {
    std::string name(row.name);
    EXPECT_TRUE(text.find("\n" + name + " ") != std::string::npos ||
                text.find("\n# " + name + " ") != std::string::npos)
        << name;
    if (!row.alias.empty()) {
      EXPECT_NE(text.find("(also " + std::string(row.alias) + ")"), std::string::npos);
    }
  }
}

TEST(DefaultConfig, ShowsExamplesThatCanBeUncommented) {
  for (const OptionRow& row : Config::Rows()) {
    if (row.example.empty()) continue;
    Config config;
    EXPECT_TRUE(config.LoadText(std::string(row.name) + " " + std::string(row.example), "example", nullptr).ok())
        << row.name;
  }
}

TEST(DefaultConfig, FitsATerminal) {
  std::istringstream lines(DefaultConfigText());
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
}

TEST(Usage, NamesEveryOptionThatMeansSomething) {
  std::string text = UsageText();
  EXPECT_TRUE(text.starts_with("Usage: baton-server "));
  for (const OptionRow& row : Config::Rows()) {
    EXPECT_EQ(text.find("  --" + std::string(row.name) + " ") != std::string::npos, row.has_meaning) << row.name;
  }
}

TEST(Usage, TheVersionNamesBothVersions) {
  EXPECT_TRUE(VersionText().starts_with("Baton " BATON_VERSION " "));
  EXPECT_NE(VersionText().find("7.0.15"), std::string::npos);
}

}  // namespace
}  // namespace baton
