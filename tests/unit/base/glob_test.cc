#include "base/glob.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/random.h"

namespace baton {
namespace {

using std::string_view_literals::operator""sv;

struct Case {
  std::string_view pattern, text;
  bool matches;
};

// Each row was asked of redis-server 7.0.15 (KEYS on a database with this one key).
constexpr Case kAskedOfRedis[] = {
    {"["sv, "["sv, false},
    {"["sv, "a"sv, false},
    {"[a"sv, "a"sv, true},
    {"[a"sv, "b"sv, false},
    {"[^a"sv, "b"sv, true},
    {"[^a"sv, "a"sv, false},
    {"[^"sv, "a"sv, true},
    {"[^]"sv, "a"sv, true},
    {"[]"sv, "a"sv, false},
    {"[]a]"sv, "a"sv, false},
    {"[]a]"sv, "a]"sv, false},
    {"[z-a]"sv, "m"sv, true},
    {"[a-"sv, "a"sv, true},
    {"[a-"sv, "-"sv, true},
    {"[a-]"sv, "-"sv, false},
    {"[a-]"sv, "a"sv, true},
    {"[a-]"sv, "^"sv, true},
    {"[\\]]"sv, "]"sv, true},
    {"[\\"sv, "\\"sv, true},
    {"\\"sv, "\\"sv, true},
    {"\\"sv, "a"sv, false},
    {"a\\"sv, "a\\"sv, true},
    {"a\\"sv, "a"sv, false},
    {"[a-\\]]"sv, "]"sv, false},
    {"[a-\\]]"sv, "a"sv, false},
    {"[a-\\]]"sv, "\\"sv, false},
    {"[a-\\]]"sv, "^]"sv, true},
    {"[\\a-c]"sv, "b"sv, false},
    {"[!a]"sv, "b"sv, false},
    {"[!a]"sv, "!"sv, true},
    {"[^^]"sv, "^"sv, false},
    {"[a^]"sv, "^"sv, true},
    {""sv, ""sv, true},
    {""sv, "a"sv, false},
    {"?"sv, ""sv, false},
    {"*"sv, ""sv, true},
    {"**"sv, ""sv, false},
    {"[a]"sv, ""sv, false},
    {"a*"sv, "a"sv, true},
    {"a**"sv, "a"sv, true},
    {"a*?"sv, "a"sv, false},
    {"a["sv, "a"sv, false},
    {"a[^"sv, "a"sv, false},
    {"a[^"sv, "ab"sv, true},
    {"[\xf0-\xff]"sv, "\xf8"sv, true},
    {"[a-\xff]"sv, "\xf8"sv, false},
    {"[a-\xff]"sv, "0"sv, true},
    {"[a-zA]"sv, "A"sv, true},
    {"[-a]"sv, "-"sv, true},
    {"[--0]"sv, "."sv, true},
    {"[a-z"sv, "m"sv, true},
    {"[^\\"sv, "a"sv, true},
    {"[^\\"sv, "\\"sv, false},
    {"h?llo"sv, "hello"sv, true},
    {"h*llo"sv, "heeeello"sv, true},
    {"h[ae]llo"sv, "hillo"sv, false},
    {"*lo"sv, "hello"sv, true},
    {"a\\*b"sv, "a*b"sv, true},
    {"a\\*b"sv, "axb"sv, false},
    {"a\0b"sv, "a\0b"sv, true},
};

TEST(GlobMatch, AnswersAsRedisDoes) {
  for (const Case& c : kAskedOfRedis)
    EXPECT_EQ(GlobMatch(c.pattern, c.text), c.matches) << c.pattern << " on " << c.text;
}

TEST(GlobMatch, IgnoresCaseWhenAsked) {
  EXPECT_TRUE(GlobMatch("MAX*", "maxmemory", true));
  EXPECT_TRUE(GlobMatch("[K-O]axmemory", "maxmemory", true));
  EXPECT_TRUE(GlobMatch("[k-o]*", "MAXMEMORY", true));
  EXPECT_FALSE(GlobMatch("MAX*", "maxmemory"));
}

TEST(GlobMatch, TakesHostilePatternsInItsStride) {
  std::string pattern, text(100'000, 'a');
  for (int i = 0; i < 50; ++i) pattern += "a*";
  pattern += "b";
  EXPECT_FALSE(GlobMatch(pattern, text));
  EXPECT_TRUE(GlobMatch(pattern, text + "b"));
}

// The plain definition: a star stands for any run of bytes.
bool MatchesByTrying(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (size_t skip = 0; skip <= text.size(); ++skip) {
      if (MatchesByTrying(pattern.substr(1), text.substr(skip))) return true;
    }
    return false;
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         MatchesByTrying(pattern.substr(1), text.substr(1));
}

TEST(GlobMatch, AgreesWithTryingEverything) {
  uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int i = 0; i < 20000; ++i) {
    std::string pattern, text;
    for (uint64_t n = random.Below(7); n > 0; --n) pattern += "ab?**"[random.Below(5)];
    for (uint64_t n = 1 + random.Below(8); n > 0; --n) text += "ab"[random.Below(2)];
    ASSERT_EQ(GlobMatch(pattern, text), MatchesByTrying(pattern, text)) << pattern << " on " << text;
  }
}

TEST(GlobMatch, StaysInsideItsArgumentsWhateverTheyHold) {
  uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int i = 0; i < 20000; ++i) {
    // Exactly sized heap copies, so that the address sanitizer sees one byte too many.
    std::string pattern, text;
    for (uint64_t n = random.Below(40); n > 0; --n) pattern += "ab[]^-\\*?\xff\0"sv[random.Below(11)];
    for (uint64_t n = random.Below(40); n > 0; --n) text += "ab[]^-\\*?\xff\0"sv[random.Below(11)];
    std::vector<char> exact_pattern(pattern.begin(), pattern.end()), exact_text(text.begin(), text.end());
    std::string_view p(exact_pattern.data(), exact_pattern.size()), t(exact_text.data(), exact_text.size());
    GlobMatch(p, t);
    GlobMatch(p, t, true);
    EXPECT_TRUE(GlobMatch("*", t));
  }
}

}  // namespace
}  // namespace baton
