#include "base/text.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(EqualsIgnoreCase, FoldsLettersOfAsciiOnly) {
  EXPECT_TRUE(EqualsIgnoreCase("LPush", "lpUSH"));
  EXPECT_TRUE(EqualsIgnoreCase("", ""));
  EXPECT_FALSE(EqualsIgnoreCase("lpush", "lpushx"));
  EXPECT_FALSE(EqualsIgnoreCase("[", "{"));
  EXPECT_FALSE(EqualsIgnoreCase("@", "`"));
  EXPECT_FALSE(EqualsIgnoreCase("\xc4", "\xe4"));
}

TEST(ToLowerToUpper, LeaveOtherBytesAlone) {
  EXPECT_EQ(ToLower("Client|KILL\xc4"), "client|kill\xc4");
  EXPECT_EQ(ToUpper("Client|kill\xe4"), "CLIENT|KILL\xe4");
}

TEST(HumanBytes, PrintsAsInfoDoes) {
  EXPECT_EQ(HumanBytes(0), "0B");
  EXPECT_EQ(HumanBytes(1023), "1023B");
  EXPECT_EQ(HumanBytes(1024), "1.00K");
  EXPECT_EQ(HumanBytes(1'048'576), "1.00M");
  EXPECT_EQ(HumanBytes(12.34 * 1024 * 1024), "12.34M");
  EXPECT_EQ(HumanBytes(1024.0 * 1024 * 1024 * 1.5), "1.50G");
  EXPECT_EQ(HumanBytes(1024.0 * 1024 * 1024 * 1024), "1.00T");
  EXPECT_EQ(HumanBytes(1024.0 * 1024 * 1024 * 1024 * 1024 * 2048), "2048.00P");
}

TEST(QuoteBytes, EscapesWhatATerminalWouldNotShow) {
  EXPECT_EQ(QuoteBytes(""), "\"\"");
  EXPECT_EQ(QuoteBytes("plain text"), "\"plain text\"");
  EXPECT_EQ(QuoteBytes(std::string_view("a\0b\n\r\t\a\b\"\\\x7f\xff", 12)), R"("a\x00b\n\r\t\a\b\"\\\x7f\xff")");
}

}  // namespace
}  // namespace baton
