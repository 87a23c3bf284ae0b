#include "resp/request_parser.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/random.h"

namespace baton {
namespace {

using std::string_literals::operator""s;
using Outcome = RequestParser::Outcome;
using Words = std::vector<std::string>;

// What came out of a stream of bytes: the requests (empty ones too), and the error that ended it.
struct Heard {
  std::vector<Words> requests;
  std::string error;
  size_t left = 0;
  bool operator==(const Heard&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Heard& heard) {
  for (const Words& words : heard.requests) {
    for (const std::string& word : words) out << '[' << word << ']';
    out << ' ';
  }
  return out << heard.error << " left " << heard.left;
}

// Feeds the pieces one after another. Each time the buffer is a fresh heap block of exactly its size, so that a view
// into an old buffer, or one byte read too many, is seen by the address sanitizer.
Heard Hear(const std::vector<std::string_view>& pieces, const RequestLimits& limits = {}) {
  Heard heard;
  RequestParser parser;
  std::string pending;
  for (std::string_view piece : pieces) {
    pending += piece;
    for (;;) {
      auto exact = std::make_unique<char[]>(pending.size());
      std::copy(pending.begin(), pending.end(), exact.get());
      Outcome outcome = parser.Next({exact.get(), pending.size()}, limits);
      if (outcome == Outcome::kError) {
        heard.error = parser.error();
        return heard;
      }
      if (outcome == Outcome::kNeedMore) {
        EXPECT_GE(parser.bytes_wanted(), 1u);
        break;
      }
      heard.requests.emplace_back(parser.argv().begin(), parser.argv().end());
      pending.erase(0, parser.consumed());
    }
  }
  heard.left = pending.size();
  return heard;
}

Heard HearWhole(std::string_view bytes, const RequestLimits& limits = {}) { return Hear({bytes}, limits); }

std::string ErrorOf(std::string_view bytes, const RequestLimits& limits = {}) { return HearWhole(bytes, limits).error; }

std::string Encode(const Words& words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return bytes;
}

TEST(RequestParser, ReadsArraysOfBulkStrings) {
  Heard heard = HearWhole("*3\r\n$5\r\nLPUSH\r\n$1\r\nk\r\n$0\r\n\r\n*1\r\n$4\r\nPING\r\n");
  EXPECT_EQ(heard.requests, (std::vector<Words>{{"LPUSH", "k", ""}, {"PING"}}));
  EXPECT_EQ(heard.left, 0u);
}

TEST(RequestParser, TakesAnyBytesInABulkString) {
  Words words = {"SET", "\r\n$3\r\n", "*1\r\n\0\xff"s};
  EXPECT_EQ(HearWhole(Encode(words)).requests, std::vector<Words>{words});
}

TEST(RequestParser, FindsTheSameRequestsWhereverTheBytesAreCut) {
  std::string stream = Encode({"LPUSH", "queue", "payload", "", "\r\n*1\r\n$"}) + "*0\r\n*-1\r\n\r\n" +
                       "PING\r\nECHO \"a\\x41\\n\" 'it\\'s' plain a\"b c\"\r\n" + Encode({"PING"}) +
                       Encode(Words(12, "word")) + Encode({"ECHO", std::string(300, 'x')}) + "GET k\n";
  Heard whole = HearWhole(stream);
  EXPECT_EQ(whole.requests.size(), 10u);
  EXPECT_EQ(whole.requests[5], (Words{"ECHO", "aA\n", "it's", "plain", "ab c"}));
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    std::string_view view = stream;
    ASSERT_EQ(Hear({view.substr(0, cut), view.substr(cut)}), whole) << "cut at " << cut;
  }
  std::vector<std::string_view> single_bytes;
  for (size_t i = 0; i < stream.size(); ++i) single_bytes.push_back(std::string_view(stream).substr(i, 1));
  EXPECT_EQ(Hear(single_bytes), whole);
}

TEST(RequestParser, SkipsOverEmptyRequests) {
  for (std::string_view nothing : {"*0\r\n", "*-1\r\n", "*-5\r\n", "\r\n", "\n", "  \t \r\n", "\r\r\n"}) {
    Heard heard = HearWhole(std::string(nothing) + "PING\r\n");
    EXPECT_EQ(heard.requests, (std::vector<Words>{{}, {"PING"}})) << nothing;
  }
}

TEST(RequestParser, LooksOnlyForTheCrOfALengthLineAsRedisDoes) {
  EXPECT_EQ(HearWhole("*1\rx$4\rxPINGzzPING\r\n").requests, (std::vector<Words>{{"PING"}, {"PING"}}));
}

TEST(RequestParser, SplitsInlineCommandsAsRedisDoes) {
  struct Case {
    std::string line;
    Words words;
  };
  for (const Case& c : {Case{"PING", {"PING"}},
                        {"PING\r", {"PING"}},
                        {"  ECHO\tfoo  ", {"ECHO", "foo"}},
                        {"ECHO \vfoo", {"ECHO", "foo"}},
                        {"ECHO\vfoo", {"ECHO\vfoo"}},
                        {"ECHO a\rb", {"ECHO", "a", "b"}},
                        {"ECHO \"\"", {"ECHO", ""}},
                        {"\"\"", {""}},
                        {"ECHO a''", {"ECHO", "a"}},
                        {"ECHO a\"b c\"", {"ECHO", "ab c"}},
                        {"ECHO 'a\\'b'", {"ECHO", "a'b"}},
                        {"ECHO 'a\\nb'", {"ECHO", "a\\nb"}},
                        {"ECHO a\\ b", {"ECHO", "a\\", "b"}},
                        {R"(ECHO "\n\r\t\b\a\q\\\"")", {"ECHO", "\n\r\t\b\aq\\\""}},
                        {R"(ECHO "a\x41\x0a\xfF")", {"ECHO", "aA\n\xff"}},
                        {R"(ECHO "\x4")", {"ECHO", "x4"}},
                        {R"(ECHO "\xzz")", {"ECHO", "xzz"}},
                        {"ECHO \"a\rb\"", {"ECHO", "a\rb"}},
                        {"ECHO \"a\"\v'b' c", {"ECHO", "a", "b", "c"}},
                        {"ECHO \x85", {"ECHO", "\x85"}}}) {
    EXPECT_EQ(HearWhole(c.line + "\r\n").requests, std::vector<Words>{c.words}) << c.line;
    EXPECT_EQ(HearWhole(c.line + "\n").requests, std::vector<Words>{c.words}) << c.line;
  }
}

// Redis finds no end of line behind a zero byte and keeps such a client waiting until 64 KiB have come. Here it is a
// byte like any other.
TEST(RequestParser, TakesAZeroByteInAnInlineCommandForAByte) {
  EXPECT_EQ(HearWhole("ECHO a\0b \"c\0d\"\r\n"s).requests, (std::vector<Words>{{"ECHO", "a\0b"s, "c\0d"s}}));
}

TEST(RequestParser, RefusesUnbalancedQuotes) {
  for (std::string_view line :
       {"ECHO \"a", "ECHO 'a", "ECHO \"a\"b", "ECHO 'a'b", "ECHO a\"b", "ECHO \"a\\", "'", "'a\\'"}) {
    EXPECT_EQ(ErrorOf(std::string(line) + "\r\n"), "ERR Protocol error: unbalanced quotes in request") << line;
  }
}

TEST(RequestParser, RefusesWrongLengthsInRedissWords) {
  for (std::string_view bytes :
       {"*x\r\n", "*\r\n", "*+1\r\n", "*01\r\n", "* 1\r\n", "*1 \r\n", "*-0\r\n", "*1\n$4\r\nPING\r\n",
        "*2147483648\r\n", "*9223372036854775807\r\n", "*99999999999999999999999\r\n", "*-99999999999999999999\r\n"}) {
    EXPECT_EQ(ErrorOf(bytes), "ERR Protocol error: invalid multibulk length") << bytes;
  }
  for (std::string_view line :
       {"$-1", "$x", "$", "$+4", "$04", "$536870913", "$9223372036854775807", "$4294967296", "$1 "}) {
    EXPECT_EQ(ErrorOf("*1\r\n" + std::string(line) + "\r\n"), "ERR Protocol error: invalid bulk length") << line;
  }
  EXPECT_EQ(ErrorOf("*1\r\nPING\r\n"), "ERR Protocol error: expected '$', got 'P'");
  EXPECT_EQ(ErrorOf("*1\r\n:4\r\n"), "ERR Protocol error: expected '$', got ':'");
  EXPECT_EQ(ErrorOf("*2\r\n$4\r\nECHO\r\n4\r\nabcd\r\n"), "ERR Protocol error: expected '$', got '4'");
}

TEST(RequestParser, AcceptsLengthsAtTheirLimits) {
  for (std::string_view bytes : {"*2147483647\r\n", "*1\r\n$536870912\r\n"}) {
    Heard heard = HearWhole(bytes);
    EXPECT_EQ(heard.error, "") << bytes;
    EXPECT_TRUE(heard.requests.empty());
  }
}

TEST(RequestParser, HonoursProtoMaxBulkLen) {
  RequestLimits limits;
  limits.bulk_bytes_max = 100;
  EXPECT_EQ(HearWhole(Encode({std::string(100, 'x')}), limits).requests.size(), 1u);
  EXPECT_EQ(ErrorOf("*1\r\n$101\r\n", limits), "ERR Protocol error: invalid bulk length");
  limits.bulk_bytes_max = INT64_MAX;
  EXPECT_EQ(ErrorOf("*1\r\n$x\r\n", limits), "ERR Protocol error: invalid bulk length");
}

TEST(RequestParser, IsStricterBeforeAuthentication) {
  RequestLimits limits;
  limits.authenticated = false;
  EXPECT_EQ(HearWhole(Encode(Words(10, "x")), limits).requests.size(), 1u);
  EXPECT_EQ(HearWhole(Encode({std::string(16384, 'x')}), limits).requests.size(), 1u);
  EXPECT_EQ(ErrorOf("*11\r\n", limits), "ERR Protocol error: unauthenticated multibulk length");
  EXPECT_EQ(ErrorOf("*1\r\n$16385\r\n", limits), "ERR Protocol error: unauthenticated bulk length");
  EXPECT_EQ(ErrorOf("*2147483648\r\n", limits), "ERR Protocol error: invalid multibulk length");
  EXPECT_EQ(ErrorOf("*1\r\n$999999999999\r\n", limits), "ERR Protocol error: invalid bulk length");
}

TEST(RequestParser, StopsLinesThatNeverEnd) {
  constexpr size_t kLimit = 64 * 1024;
  EXPECT_EQ(ErrorOf(std::string(kLimit, 'a')), "");
  EXPECT_EQ(ErrorOf(std::string(kLimit + 1, 'a')), "ERR Protocol error: too big inline request");
  EXPECT_EQ(ErrorOf("*" + std::string(kLimit - 1, '1')), "");
  EXPECT_EQ(ErrorOf("*" + std::string(kLimit, '1')), "ERR Protocol error: too big mbulk count string");
  EXPECT_EQ(ErrorOf("*1\r\n$" + std::string(kLimit - 1, '1')), "");
  EXPECT_EQ(ErrorOf("*1\r\n$" + std::string(kLimit, '1')), "ERR Protocol error: too big bulk count string");
  EXPECT_EQ(ErrorOf("*1\r\n" + std::string(kLimit + 1, '1')), "ERR Protocol error: too big bulk count string");
}

// In Redis a longer line passes when its end comes in the same read; here the answer does not depend on the reads.
TEST(RequestParser, MeasuresALineBeforeItsEnd) {
  constexpr size_t kLimit = 64 * 1024;
  EXPECT_EQ(HearWhole(std::string(kLimit, 'a') + "\n").requests.size(), 1u);
  EXPECT_EQ(ErrorOf(std::string(kLimit + 1, 'a') + "\n"), "ERR Protocol error: too big inline request");
  EXPECT_EQ(ErrorOf("*" + std::string(kLimit - 1, '1') + "\r\n"), "ERR Protocol error: invalid multibulk length");
  EXPECT_EQ(ErrorOf("*" + std::string(kLimit, '1') + "\r\n"), "ERR Protocol error: too big mbulk count string");
}

TEST(RequestParser, TellsHowManyBytesOfAHugeBulkStringAreMissing) {
  RequestParser parser;
  std::string bytes = "*2\r\n$4\r\nECHO\r\n$1000000\r\nabc";
  ASSERT_EQ(parser.Next(bytes, {}), Outcome::kNeedMore);
  EXPECT_EQ(parser.bytes_wanted(), 1'000'000u - 3 + 2);
  bytes += std::string(1'000'000 - 3, 'x');
  ASSERT_EQ(parser.Next(bytes, {}), Outcome::kNeedMore);
  EXPECT_EQ(parser.bytes_wanted(), 2u);
  bytes += "\r\n";
  ASSERT_EQ(parser.Next(bytes, {}), Outcome::kRequest);
  EXPECT_EQ(parser.argv()[1].data(), bytes.data() + bytes.find("abc"));
  EXPECT_EQ(parser.consumed(), bytes.size());
}

TEST(RequestParser, SpendsNothingOnClaims) {
  RequestParser parser;
  ASSERT_EQ(parser.Next("*1073741824\r\n$4\r\nECHO\r\n$536870912\r\nx", {}), Outcome::kNeedMore);
  EXPECT_LT(parser.allocated_bytes(), 1024u);
}

TEST(RequestParser, GivesBackTheRoomOfAHugeRequest) {
  RequestParser parser;
  std::string huge = Encode(Words(100'000, ""));
  ASSERT_EQ(parser.Next(std::string_view(huge).substr(0, huge.size() / 2), {}), Outcome::kNeedMore);
  ASSERT_EQ(parser.Next(huge, {}), Outcome::kRequest);
  EXPECT_EQ(parser.argv().size(), 100'000u);
  ASSERT_EQ(parser.Next("PING\r\n", {}), Outcome::kRequest);
  EXPECT_LT(parser.allocated_bytes(), 1024u);
}

// Requests, near-requests and noise, cut at random places: the same as in one piece, and no byte is read that is not
// there.
TEST(RequestParser, HearsTheSameInGarbageHoweverItIsCut) {
  uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  const std::string alphabet = "*$0123459-\r\n\r\nPING \"'\\x\0\xff"s;
  for (int round = 0; round < 20000; ++round) {
    std::string stream;
    for (uint64_t n = random.Below(6); n > 0; --n) {
      switch (random.Below(4)) {
        case 0:
          stream += Encode(Words(random.Below(4), std::string(random.Below(20), 'x')));
          break;
        case 1:
          stream += "PING a\r\n";
          break;
        case 2:
          stream += "*2\r\n$" + std::to_string(random.Below(12)) + "\r\n";
          break;
        default:
          for (uint64_t m = random.Below(12); m > 0; --m) stream += alphabet[random.Below(alphabet.size())];
      }
    }
    if (!stream.empty() && random.OneIn(3)) stream[random.Below(stream.size())] = static_cast<char>(random.Next());
    RequestLimits limits;
    limits.authenticated = !random.OneIn(4);
    limits.inline_bytes_max = random.OneIn(2) ? 10 : 64 * 1024;
    std::vector<std::string_view> pieces;
    for (std::string_view rest = stream; !rest.empty();) {
      size_t bytes = 1 + random.Below(rest.size());
      pieces.push_back(rest.substr(0, bytes));
      rest.remove_prefix(bytes);
    }
    ASSERT_EQ(Hear(pieces, limits), HearWhole(stream, limits)) << "round " << round;
  }
}

}  // namespace
}  // namespace baton
