// Strings by their parts: APPEND, SETRANGE, GETRANGE, STRLEN.

#include "protocol/transcript.h"

namespace baton {
namespace {

using namespace std::string_literals;

const Bytes kOk = "+OK\r\n";
const Bytes kNotInteger = "-ERR value is not an integer or out of range\r\n";

TEST(SubstringCommands, AppendGrowsAndCreates) {
  Converse({
      {"a", "APPEND k ab", ":2\r\n"},
      {"a", "APPEND k cd", ":4\r\n"},
      {"a", "GET k", Bulk("abcd")},
      {"a", "APPEND k \"\"", ":4\r\n"},
      {"a", "GET k", Bulk("abcd")},
      {"a", "APPEND fresh \"\"", ":0\r\n"},
      {"a", "EXISTS fresh", ":1\r\n"},
      {"a", "APPEND bin \"\\x00\\xff\"", ":2\r\n"},
      {"a", "APPEND bin \"\\r\\n\"", ":4\r\n"},
      {"a", "GET bin", "$4\r\n\000\377\r\n\r\n"},
      {"a", "SET n 12", kOk},
      {"a", "APPEND n 3", ":3\r\n"},
      {"a", "INCR n", ":124\r\n"},
      {"a", "EXPIRE k 100", ":1\r\n"},
      {"a", "APPEND k e", ":5\r\n"},
      {"a", "TTL k", ":100\r\n"},
      {"a", "APPEND k", WrongArity("append")},
      {"a", "APPEND k a b", WrongArity("append")},
      {"r3", "APPEND k f", ":6\r\n"},
  });
}

TEST(SubstringCommands, AppendRefusesAList) {
  Converse({
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "APPEND l x", kWrongType},
      {"a", "APPEND l \"\"", kWrongType},
      {"a", "LRANGE l 0 -1", Bulks({"a"})},
  });
}

TEST(SubstringCommands, AppendOfNothingStillCountsAsAChange) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "WATCH k", kOk},
      {"b", "APPEND k \"\"", ":1\r\n"},
      {"a", "MULTI", kOk},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
  });
}

TEST(SubstringCommands, SetRangeOverwritesAndPads) {
  Converse({
      {"a", "SET k \"Hello World\"", kOk},
      {"a", "SETRANGE k 6 Redis", ":11\r\n"},
      {"a", "GET k", Bulk("Hello Redis")},
      {"a", "SETRANGE k 9 \"!!!!!\"", ":14\r\n"},
      {"a", "GET k", Bulk("Hello Red!!!!!")},
      {"a", "SETRANGE fresh 3 abc", ":6\r\n"},
      {"a", "GET fresh", "$6\r\n\000\000\000abc\r\n"},
      {"a", "SETRANGE fresh 8 x", ":9\r\n"},
      {"a", "GET fresh", "$9\r\n\000\000\000abc\000\000x\r\n"},
      {"a", "SETRANGE fresh 0 \"\"", ":9\r\n"},
      {"a", "SETRANGE nokey 0 \"\"", ":0\r\n"},
      {"a", "SETRANGE nokey 5 \"\"", ":0\r\n"},
      {"a", "EXISTS nokey", ":0\r\n"},
      {"a", "EXPIRE k 100", ":1\r\n"},
      {"a", "SETRANGE k 0 J", ":14\r\n"},
      {"a", "TTL k", ":100\r\n"},
      {"a", "SETRANGE k", WrongArity("setrange")},
      {"a", "SETRANGE k 0", WrongArity("setrange")},
      {"a", "SETRANGE k 0 a b", WrongArity("setrange")},
  });
}

TEST(SubstringCommands, SetRangeChecksOffsetThenTypeThenSize) {
  Converse({
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "SET k v", kOk},
      {"a", "SETRANGE k abc x", kNotInteger},
      {"a", "SETRANGE k -1 x", "-ERR offset is out of range\r\n"},
      {"a", "SETRANGE k -1 \"\"", "-ERR offset is out of range\r\n"},
      {"a", "SETRANGE nokey -1 x", "-ERR offset is out of range\r\n"},
      {"a", "SETRANGE l abc x", kNotInteger},
      {"a", "SETRANGE l -1 x", "-ERR offset is out of range\r\n"},
      {"a", "SETRANGE l 0 x", kWrongType},
      {"a", "SETRANGE l 0 \"\"", kWrongType},
      {"a", "SETRANGE l 536870912 x", kWrongType},
      {"a", "SETRANGE k 536870912 x", "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"},
      {"a", "SETRANGE nokey 536870912 x", "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"},
      {"a", "SETRANGE nokey 536870911 xy", "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"},
      {"a", "SETRANGE k 9223372036854775807 x", "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"},
      {"a", "SETRANGE k 9223372036854775806 abcdef",
       "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"},
      {"a", "SETRANGE nokey 9223372036854775807 \"\"", ":0\r\n"},
      {"a", "GET k", Bulk("v")},
      {"a", "EXISTS nokey", ":0\r\n"},
  });
}

TEST(SubstringCommands, SetRangeOfNothingIsNoChange) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "WATCH k", kOk},
      {"b", "SETRANGE k 0 \"\"", ":1\r\n"},
      {"a", "MULTI", kOk},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
      {"a", "WATCH k", kOk},
      {"b", "SETRANGE k 0 v", ":1\r\n"},
      {"a", "MULTI", kOk},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
  });
}

TEST(SubstringCommands, GetRangeCountsFromBothEnds) {
  Converse({
      {"a", "SET s \"This is a string\"", kOk},
      {"a", "GETRANGE s 0 3", Bulk("This")},
      {"a", "GETRANGE s -3 -1", Bulk("ing")},
      {"a", "GETRANGE s 0 -1", Bulk("This is a string")},
      {"a", "GETRANGE s 10 100", Bulk("string")},
      {"a", "GETRANGE s 5 3", Bulk("")},
      {"a", "GETRANGE s 15 15", Bulk("g")},
      {"a", "GETRANGE s 16 16", Bulk("")},
      {"a", "GETRANGE s -16 0", Bulk("T")},
      {"a", "GETRANGE s -17 0", Bulk("T")},
      {"r3", "GETRANGE s 0 3", Bulk("This")},
  });
}

TEST(SubstringCommands, GetRangeOutsideTheStringIsOdd) {
  Converse({
      {"a", "SET s \"This is a string\"", kOk},
      {"a", "GETRANGE s -1 -5", Bulk("")},
      {"a", "GETRANGE s -100 -50", Bulk("T")},
      {"a", "GETRANGE s -50 -100", Bulk("")},
      {"a", "GETRANGE s -100 2", Bulk("Thi")},
      {"a", "GETRANGE s 100 200", Bulk("")},
      {"a", "GETRANGE s -5 -100", Bulk("")},
      {"a", "GETRANGE s -100 -100", Bulk("T")},
      {"a", "GETRANGE s 0 -100", Bulk("T")},
      {"a", "GETRANGE s 0 -16", Bulk("T")},
      {"a", "GETRANGE s 0 -17", Bulk("T")},
      {"a", "GETRANGE s 1 -17", Bulk("")},
      {"a", "GETRANGE s 1 -100", Bulk("")},
      {"a", "GETRANGE s -9223372036854775808 9223372036854775807", Bulk("This is a string")},
      {"a", "GETRANGE s 9223372036854775807 -9223372036854775808", Bulk("")},
      {"a", "SET e \"\"", kOk},
      {"a", "GETRANGE e 0 0", Bulk("")},
      {"a", "GETRANGE e -1 -1", Bulk("")},
      {"a", "GETRANGE e -100 -100", Bulk("")},
      {"a", "GETRANGE nokey 0 -1", Bulk("")},
      {"r3", "GETRANGE nokey 0 -1", Bulk("")},
  });
}

TEST(SubstringCommands, GetRangeChecksNumbersThenType) {
  Converse({
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "GETRANGE l a 1", kNotInteger},
      {"a", "GETRANGE l 0 b", kNotInteger},
      {"a", "GETRANGE l 0 1", kWrongType},
      {"a", "GETRANGE nokey a 1", kNotInteger},
      {"a", "GETRANGE nokey 0 1.5", kNotInteger},
      {"a", "GETRANGE k", WrongArity("getrange")},
      {"a", "GETRANGE k 0", WrongArity("getrange")},
      {"a", "GETRANGE k 0 1 2", WrongArity("getrange")},
  });
}

TEST(SubstringCommands, SubstrIsGetRange) {
  Converse({
      {"a", "SET s \"This is a string\"", kOk},
      {"a", "SUBSTR s 0 3", Bulk("This")},
      {"a", "SUBSTR s -6 -1", Bulk("string")},
      {"a", "SUBSTR nokey 0 1", Bulk("")},
      {"a", "SUBSTR s a 1", kNotInteger},
      {"a", "SUBSTR s 0", WrongArity("substr")},
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "SUBSTR l 0 1", kWrongType},
  });
}

TEST(SubstringCommands, StrLenCountsBytes) {
  Converse({
      {"a", "SET k \"a\\x00b\\xff\"", kOk},
      {"a", "STRLEN k", ":4\r\n"},
      {"a", "SET k 12345", kOk},
      {"a", "STRLEN k", ":5\r\n"},
      {"a", "STRLEN nokey", ":0\r\n"},
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "STRLEN l", kWrongType},
      {"a", "STRLEN", WrongArity("strlen")},
      {"r3", "STRLEN k", ":5\r\n"},
  });
}

TEST(SubstringCommands, StringsGrowToTheConfiguredLimitOnly) {
  TestServer server({"--proto-max-bulk-len", "1mb"});
  TestClient client(server);
  const std::string too_large = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";
  EXPECT_EQ(client.Send("SETRANGE k 1048575 ab"), too_large);
  EXPECT_EQ(client.Send("EXISTS k"), ":0\r\n");
  EXPECT_EQ(client.Send("SETRANGE k 1048574 ab"), ":1048576\r\n");
  EXPECT_EQ(client.Send("APPEND k x"), too_large);
  EXPECT_EQ(client.Send("APPEND k \"\""), ":1048576\r\n");
  EXPECT_EQ(client.Send("SETRANGE k 1048575 x"), ":1048576\r\n");
  EXPECT_EQ(client.Send("SETRANGE k 1048576 x"), too_large);
  EXPECT_EQ(client.Send("GETRANGE k 1048573 -1"), "$3\r\n\0ax\r\n"s);
  EXPECT_EQ(client.Send("STRLEN k"), ":1048576\r\n");
}

TEST(SubstringCommands, PartsOfAnExpiredStringAreGone) {
  Converse({
      {"a", "SET k abc PX 100", kOk},
      {kJump, "101", ""},
      {"a", "APPEND k d", ":1\r\n"},
      {"a", "PTTL k", ":-1\r\n"},
      {"a", "PEXPIRE k 100", ":1\r\n"},
      {kJump, "101", ""},
      {"a", "SETRANGE k 2 x", ":3\r\n"},
      {"a", "GET k", "$3\r\n\000\000x\r\n"},
      {"a", "PTTL k", ":-1\r\n"},
  });
}

}  // namespace
}  // namespace baton
