#include "config/config_line.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

using Texts = std::vector<std::string>;

Texts Split(std::string_view line) {
  size_t column = 0;
  auto words = SplitConfigLine(line, &column);
  if (!words.ok()) return {"error", std::to_string(column), words.status().message()};
  Texts texts;
  for (const ConfigWord& word : *words) texts.push_back(word.text);
  return texts;
}

TEST(ConfigLine, SplitsAtBlanks) {
  EXPECT_EQ(Split("maxmemory 1gb"), (Texts{"maxmemory", "1gb"}));
  EXPECT_EQ(Split("  maxmemory\t 1gb  \v\f "), (Texts{"maxmemory", "1gb"}));
}

TEST(ConfigLine, HasNoWordsInABlankLineOrAComment) {
  EXPECT_EQ(Split(""), Texts{});
  EXPECT_EQ(Split(" \t"), Texts{});
  EXPECT_EQ(Split("# maxmemory 1gb"), Texts{});
  EXPECT_EQ(Split("   # \"maxmemory"), Texts{});
}

TEST(ConfigLine, KnowsNoCommentBehindAValue) {
  EXPECT_EQ(Split("maxmemory 1gb # much"), (Texts{"maxmemory", "1gb", "#", "much"}));
}

TEST(ConfigLine, ResolvesEscapesInDoubleQuotes) {
  EXPECT_EQ(Split(R"(x "a\"b\n\t\r\b\a\\\q\x41\x7e\xZZ")"), (Texts{"x", "a\"b\n\t\r\b\a\\qA~xZZ"}));
  EXPECT_EQ(Split(R"("max\x6demory" "1\x67b")"), (Texts{"maxmemory", "1gb"}));
  EXPECT_EQ(Split(R"(x "")"), (Texts{"x", ""}));
  EXPECT_EQ(Split(R"(x "\x00")"), (Texts{"x", std::string(1, '\0')}));
}

TEST(ConfigLine, ResolvesOnlyTheQuoteInSingleQuotes) {
  EXPECT_EQ(Split(R"(x 'a\'b\n "c" #')"), (Texts{"x", "a'b\\n \"c\" #"}));
  EXPECT_EQ(Split("x ''"), (Texts{"x", ""}));
}

TEST(ConfigLine, LetsAQuoteBeginInsideAWord) { EXPECT_EQ(Split("x ab\"c d\""), (Texts{"x", "abc d"})); }

TEST(ConfigLine, NamesTheColumnOfAQuoteThatIsNeverClosed) {
  EXPECT_EQ(Split("maxmemory \"1gb"), (Texts{"error", "11", "this quote is never closed"}));
  EXPECT_EQ(Split("x a'b"), (Texts{"error", "4", "this quote is never closed"}));
  EXPECT_EQ(Split(R"(x "a\")"), (Texts{"error", "3", "this quote is never closed"}));
  EXPECT_EQ(Split(R"(x "a\)"), (Texts{"error", "3", "this quote is never closed"}));
}

TEST(ConfigLine, NamesTheColumnOfWhatFollowsAQuote) {
  EXPECT_EQ(Split("x \"a\"b"), (Texts{"error", "6", "a closing quote must be followed by a blank"}));
  EXPECT_EQ(Split("x 'a''b'"), (Texts{"error", "6", "a closing quote must be followed by a blank"}));
}

TEST(ConfigLine, KnowsWhereWordsBegin) {
  size_t column = 0;
  auto words = SplitConfigLine("  bind \"a b\"\t::1", &column);
  ASSERT_TRUE(words.ok());
  ASSERT_EQ(words->size(), 3u);
  EXPECT_EQ((*words)[0].column, 3u);
  EXPECT_EQ((*words)[1].column, 8u);
  EXPECT_EQ((*words)[2].column, 14u);
}

}  // namespace
}  // namespace baton
