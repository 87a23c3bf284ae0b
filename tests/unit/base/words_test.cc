#include "base/words.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(Words, ArePlainWhereNoReaderTakesThemForMore) {
  for (const char* word : {"mail", "mail:dead", "jobs:*", "a[1]", "#1", "~"}) {
    EXPECT_TRUE(IsPlainWord(word));
    EXPECT_EQ(AsTyped(word), word);
  }
}

TEST(Words, AreQuotedElsewhere) {
  EXPECT_EQ(AsTyped(""), "\"\"");
  EXPECT_EQ(AsTyped("let ters"), "\"let ters\"");
  EXPECT_EQ(AsTyped("a\\*"), "\"a\\\\*\"");
  EXPECT_EQ(AsTyped("it's"), "\"it's\"");
  EXPECT_EQ(AsTyped("say \"no\""), "\"say \\\"no\\\"\"");
  EXPECT_EQ(AsTyped("\r\n\x7f"), "\"\\r\\n\\x7f\"");
}

}  // namespace
}  // namespace baton
