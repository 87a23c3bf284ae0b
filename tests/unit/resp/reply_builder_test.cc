#include "resp/reply_builder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

#include "resp/reply_errors.h"

namespace baton {
namespace {

std::string Written(int protocol, const std::function<void(ReplyBuilder&)>& write) {
  OutputBuffer out;
  ReplyBuilder reply(out, protocol);
  write(reply);
  std::string bytes;
  while (out.size() > 0) {
    bytes += out.Front(UINT64_MAX);
    out.Consume(out.Front(UINT64_MAX).size());
  }
  return bytes;
}

void Expect(const std::function<void(ReplyBuilder&)>& write, std::string_view resp2, std::string_view resp3) {
  EXPECT_EQ(Written(2, write), resp2);
  EXPECT_EQ(Written(3, write), resp3);
}
void ExpectSame(const std::function<void(ReplyBuilder&)>& write, std::string_view both) { Expect(write, both, both); }

// The forms that redis-server 7.0.15 sends for DEBUG PROTOCOL and its like.
TEST(ReplyBuilder, WritesEveryTypeInBothProtocols) {
  ExpectSame([](auto& r) { r.Ok(); }, "+OK\r\n");
  ExpectSame([](auto& r) { r.Simple("QUEUED"); }, "+QUEUED\r\n");
  ExpectSame([](auto& r) { r.Error("ERR no"); }, "-ERR no\r\n");
  ExpectSame([](auto& r) { r.Integer(0); }, ":0\r\n");
  ExpectSame([](auto& r) { r.Integer(12345); }, ":12345\r\n");
  ExpectSame([](auto& r) { r.Integer(-2); }, ":-2\r\n");
  ExpectSame([](auto& r) { r.Integer(INT64_MIN); }, ":-9223372036854775808\r\n");
  ExpectSame([](auto& r) { r.Bulk("Hello World"); }, "$11\r\nHello World\r\n");
  ExpectSame([](auto& r) { r.Bulk(""); }, "$0\r\n\r\n");
  ExpectSame([](auto& r) { r.Bulk(std::string_view()); }, "$0\r\n\r\n");
  ExpectSame([](auto& r) { r.BulkInteger(-10); }, "$3\r\n-10\r\n");
  Expect([](auto& r) { r.Null(); }, "$-1\r\n", "_\r\n");
  Expect([](auto& r) { r.NullArray(); }, "*-1\r\n", "_\r\n");
  ExpectSame([](auto& r) { r.Array(3); }, "*3\r\n");
  ExpectSame([](auto& r) { r.Array(0); }, "*0\r\n");
  ExpectSame([](auto& r) { r.Array(1000000); }, "*1000000\r\n");
  Expect([](auto& r) { r.Map(3); }, "*6\r\n", "%3\r\n");
  Expect([](auto& r) { r.Set(12); }, "*12\r\n", "~12\r\n");
  Expect([](auto& r) { r.Push(2); }, "*2\r\n", ">2\r\n");
  Expect([](auto& r) { r.Double(3.141); }, "$5\r\n3.141\r\n", ",3.141\r\n");
  Expect([](auto& r) { r.Double(INFINITY); }, "$3\r\ninf\r\n", ",inf\r\n");
  Expect([](auto& r) { r.Bool(true); }, ":1\r\n", "#t\r\n");
  Expect([](auto& r) { r.Bool(false); }, ":0\r\n", "#f\r\n");
  Expect([](auto& r) { r.Verbatim("txt", "This is a verbatim\nstring"); }, "$25\r\nThis is a verbatim\nstring\r\n",
         "=29\r\ntxt:This is a verbatim\nstring\r\n");
  Expect([](auto& r) { r.BigNumber("1234567999999999999999999999999999999"); },
         "$37\r\n1234567999999999999999999999999999999\r\n", "(1234567999999999999999999999999999999\r\n");
}

TEST(ReplyBuilder, KeepsAnErrorOnOneLine) {
  ExpectSame([](auto& r) { r.Error("ERR unknown command 'foo\r\nbar'"); }, "-ERR unknown command 'foo  bar'\r\n");
  ExpectSame([](auto& r) { r.Error("ERR Unsupported option \rLT\n\r\n"); }, "-ERR Unsupported option  LT\r\n");
}

TEST(ReplyBuilder, WritesBulksOfEverySizeWhole) {
  for (size_t bytes : {0, 1, 9, 10, 999, 1000, 2047, 2048, 2049, 16383, 16384, 16385, 100'000}) {
    std::string payload(bytes, 'p');
    ExpectSame(
        [&](auto& r) {
          r.Integer(1);
          r.Bulk(payload);
          r.Integer(2);
        },
        ":1\r\n$" + std::to_string(bytes) + "\r\n" + payload + "\r\n:2\r\n");
  }
}

TEST(ReplyBuilder, PutsADeferredHeaderBeforeItsElements) {
  for (int count : {0, 1, 9, 10, 500, 20'000}) {
    std::string expected = "+before\r\n*" + std::to_string(count) + "\r\n";
    for (int i = 0; i < count; ++i) expected += ":" + std::to_string(i) + "\r\n";
    ExpectSame(
        [&](auto& r) {
          r.Simple("before");
          uint64_t mark = r.BeginDeferredArray();
          for (int i = 0; i < count; ++i) r.Integer(i);
          r.EndDeferredArray(mark, count);
          r.Simple("after");
        },
        expected + "+after\r\n");
  }
}

TEST(ReplyBuilder, NestsDeferredArrays) {
  ExpectSame(
      [](auto& r) {
        uint64_t outer = r.BeginDeferredArray();
        uint64_t inner = r.BeginDeferredArray();
        r.Integer(1);
        r.EndDeferredArray(inner, 1);
        r.Integer(2);
        r.EndDeferredArray(outer, 2);
      },
      "*2\r\n*1\r\n:1\r\n:2\r\n");
}

// Asked of redis-server 7.0.15.
TEST(ReplyErrors, NameAnUnknownCommandAsRedisDoes) {
  auto unknown = [](std::string_view name, std::vector<std::string_view> arguments = {}) {
    return errors::UnknownCommand(name, arguments.data(), arguments.size());
  };
  const std::string begin = "ERR unknown command 'foo', with args beginning with: ";
  EXPECT_EQ(unknown("foo"), begin);
  EXPECT_EQ(unknown("foo", {""}), begin + "'' ");
  EXPECT_EQ(unknown("foo", {"a", "b"}), begin + "'a' 'b' ");
  EXPECT_EQ(unknown(std::string_view("foo\0bar", 7), {std::string_view("c\0d", 3), "e"}), begin + "'c' 'e' ");
  EXPECT_EQ(unknown(std::string(200, 'x')),
            "ERR unknown command '" + std::string(128, 'x') + "', with args beginning with: ");
  std::string a126(126, 'a'), a124(124, 'a'), a123(123, 'a'), a120(120, 'a'), a150(150, 'a');
  EXPECT_EQ(unknown("foo", {a126, "b"}), begin + "'" + a126 + "' ");
  EXPECT_EQ(unknown("foo", {a150, "b"}), begin + "'" + a150.substr(0, 128) + "' ");
  EXPECT_EQ(unknown("foo", {a124, "bcdef", "c"}), begin + "'" + a124 + "' 'b' ");
  EXPECT_EQ(unknown("foo", {a123, "bcdef", "c"}), begin + "'" + a123 + "' 'bc' ");
  EXPECT_EQ(unknown("foo", {a120, "bcdef", "c"}), begin + "'" + a120 + "' 'bcdef' ");
}

TEST(ReplyErrors, ShowAWordUpToItsZeroByte) {
  EXPECT_EQ(errors::Shown(std::string_view("a\0b", 3)), "a");
  EXPECT_EQ(errors::Shown(std::string_view("\0b", 2)), "");
  EXPECT_EQ(errors::Shown("abc"), "abc");
  EXPECT_EQ(errors::Shown("abc", 2), "ab");
}

TEST(ReplyErrors, NameAnUnknownSubcommandAndAWrongArityAsRedisDoes) {
  EXPECT_EQ(errors::UnknownSubcommand("client", "foo"), "ERR unknown subcommand 'foo'. Try CLIENT HELP.");
  EXPECT_EQ(errors::UnknownSubcommand("client", std::string(150, 'x')),
            "ERR unknown subcommand '" + std::string(128, 'x') + "'. Try CLIENT HELP.");
  EXPECT_EQ(errors::WrongArity("client|kill"), "ERR wrong number of arguments for 'client|kill' command");
}

TEST(ReplyBuilder, BulksInARowAreAsBulksOneByOne) {
  const size_t lengths[] = {64, 64, 0, 9, 10, 10, 99, 100, 2048, 2049, 2048, 70000, 64, 0, 0, 1};
  for (int protocol : {2, 3}) {
    const auto all = [&](const std::function<void(std::string_view)>& add) {
      for (int round = 0; round < 40; ++round) {
        for (size_t length : lengths) add(std::string(length, static_cast<char>('a' + round % 26)));
      }
    };
    const std::string one_by_one = Written(protocol, [&](auto& r) { all([&](std::string_view text) { r.Bulk(text); }); });
    const std::string in_a_row = Written(protocol, [&](auto& r) {
      r.Array(3);
      {
        ReplyBuilder::Bulks bulks(r);
        all([&](std::string_view text) { bulks.Add(1, [text] { return text; }); });
      }
      r.Ok();
    });
    EXPECT_TRUE(in_a_row == "*3\r\n" + one_by_one + "+OK\r\n");
  }
  Expect([](auto& r) { ReplyBuilder::Bulks bulks(r); }, "", "");
  const auto several = [](auto& r) {
    ReplyBuilder::Bulks bulks(r);
    int asked = 0;
    bulks.Add(3, [&asked] { return std::string_view("aaa").substr(0, static_cast<size_t>(asked++)); });
    bulks.Add(0, [] { return std::string_view("not asked for"); });
    bulks.Add(2, [] { return std::string_view("b"); });
  };
  Expect(several, "$0\r\n\r\n$1\r\na\r\n$2\r\naa\r\n$1\r\nb\r\n$1\r\nb\r\n", "$0\r\n\r\n$1\r\na\r\n$2\r\naa\r\n$1\r\nb\r\n$1\r\nb\r\n");
}

}  // namespace
}  // namespace baton
