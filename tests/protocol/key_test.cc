// Keys by name: DEL, TYPE, RENAME, COPY, MOVE.

#include "protocol/transcript.h"

namespace baton {
namespace {

const Bytes kOk = "+OK\r\n";
const Bytes kSyntaxError = "-ERR syntax error\r\n";
const Bytes kNotInteger = "-ERR value is not an integer or out of range\r\n";
const Bytes kNoSuchDb = "-ERR DB index is out of range\r\n";

TEST(KeyCommands, DelCountsWhatItDeleted) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "RPUSH b x", ":1\r\n"},
      {"a", "DEL a b c a", ":2\r\n"},
      {"a", "EXISTS a b", ":0\r\n"},
      {"a", "DEL a", ":0\r\n"},
      {"a", "SET a 1", kOk},
      {"a", "UNLINK a a nokey", ":1\r\n"},
      {"a", "EXISTS a", ":0\r\n"},
      {"a", "DEL", WrongArity("del")},
      {"a", "UNLINK", WrongArity("unlink")},
      {"r3", "DEL nokey", ":0\r\n"},
  });
}

TEST(KeyCommands, ExistsCountsEveryMention) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "RPUSH l x", ":1\r\n"},
      {"a", "EXISTS a l a nokey", ":3\r\n"},
      {"a", "EXISTS nokey", ":0\r\n"},
      {"a", "EXISTS", WrongArity("exists")},
      {"r3", "EXISTS a", ":1\r\n"},
  });
}

TEST(KeyCommands, TouchCountsWhatIsThere) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "TOUCH a a nokey", ":2\r\n"},
      {"a", "TOUCH nokey", ":0\r\n"},
      {"a", "TOUCH", WrongArity("touch")},
  });
}

TEST(KeyCommands, TypeNamesTheValue) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "RPUSH l x", ":1\r\n"},
      {"a", "TYPE a", "+string\r\n"},
      {"a", "TYPE l", "+list\r\n"},
      {"a", "TYPE nokey", "+none\r\n"},
      {"r3", "TYPE nokey", "+none\r\n"},
      {"r3", "TYPE l", "+list\r\n"},
      {"a", "TYPE", WrongArity("type")},
      {"a", "TYPE a b", WrongArity("type")},
  });
}

TEST(KeyCommands, RenameTakesValueAndTimeAlong) {
  Converse({
      {"a", "SET a 1 EX 100", kOk},
      {"a", "RENAME a b", kOk},
      {"a", "EXISTS a", ":0\r\n"},
      {"a", "GET b", Bulk("1")},
      {"a", "TTL b", ":100\r\n"},
      {"a", "SET c 3 EX 500", kOk},
      {"a", "RENAME c b", kOk},
      {"a", "TTL b", ":500\r\n"},
      {"a", "GET b", Bulk("3")},
      {"a", "SET d 4", kOk},
      {"a", "RENAME d b", kOk},
      {"a", "TTL b", ":-1\r\n"},
      {"a", "RPUSH l x", ":1\r\n"},
      {"a", "RENAME l b", kOk},
      {"a", "TYPE b", "+list\r\n"},
      {"a", "LRANGE b 0 -1", Bulks({"x"})},
      {"r3", "RENAME b l", kOk},
  });
}

TEST(KeyCommands, RenameNeedsAKeyAndMayBeToItself) {
  Converse({
      {"a", "RENAME nokey other", "-ERR no such key\r\n"},
      {"a", "RENAME nokey nokey", "-ERR no such key\r\n"},
      {"a", "SET a 1", kOk},
      {"a", "RENAME a a", kOk},
      {"a", "GET a", Bulk("1")},
      {"a", "RENAME", WrongArity("rename")},
      {"a", "RENAME a", WrongArity("rename")},
      {"a", "RENAME a b c", WrongArity("rename")},
      {"r3", "RENAME nokey x", "-ERR no such key\r\n"},
  });
}

TEST(KeyCommands, RenameToItselfIsNoChange) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "WATCH k", kOk},
      {"b", "RENAME k k", kOk},
      {"a", "MULTI", kOk},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
  });
}

TEST(KeyCommands, RenameNxNeedsAFreeName) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "SET b 2", kOk},
      {"a", "RENAMENX a b", ":0\r\n"},
      {"a", "GET b", Bulk("2")},
      {"a", "RENAMENX a a", ":0\r\n"},
      {"a", "RENAMENX a c", ":1\r\n"},
      {"a", "GET c", Bulk("1")},
      {"a", "EXISTS a", ":0\r\n"},
      {"a", "RENAMENX nokey x", "-ERR no such key\r\n"},
      {"a", "RENAMENX nokey nokey", "-ERR no such key\r\n"},
      {"a", "RPUSH l x", ":1\r\n"},
      {"a", "RENAMENX b l", ":0\r\n"},
      {"a", "RENAMENX l m", ":1\r\n"},
      {"a", "LRANGE m 0 -1", Bulks({"x"})},
      {"a", "RENAMENX", WrongArity("renamenx")},
      {"a", "RENAMENX a", WrongArity("renamenx")},
  });
}

TEST(KeyCommands, CopyClones) {
  Converse({
      {"a", "SET a 1 EX 100", kOk},
      {"a", "COPY a b", ":1\r\n"},
      {"a", "GET b", Bulk("1")},
      {"a", "TTL b", ":100\r\n"},
      {"a", "GET a", Bulk("1")},
      {"a", "COPY nokey c", ":0\r\n"},
      {"a", "COPY a b", ":0\r\n"},
      {"a", "RPUSH l x y", ":2\r\n"},
      {"a", "COPY l b", ":0\r\n"},
      {"a", "COPY l b REPLACE", ":1\r\n"},
      {"a", "LRANGE b 0 -1", Bulks({"x", "y"})},
      {"a", "TTL b", ":-1\r\n"},
      {"a", "RPUSH b z", ":3\r\n"},
      {"a", "LRANGE l 0 -1", Bulks({"x", "y"})},
      {"a", "COPY l l2 REPLACE", ":1\r\n"},
      {"a", "COPY nokey l REPLACE", ":0\r\n"},
      {"a", "EXISTS l", ":1\r\n"},
      {"r3", "COPY nokey c", ":0\r\n"},
  });
}

TEST(KeyCommands, CopyCrossesDatabases) {
  Converse({
      {"a", "SET a 1 EX 100", kOk},
      {"a", "COPY a a DB 1", ":1\r\n"},
      {"a", "COPY a a DB 1", ":0\r\n"},
      {"a", "COPY a a DB 1 REPLACE", ":1\r\n"},
      {"a", "COPY a b DB 0", ":1\r\n"},
      {"a", "COPY a c DB 0 DB 2", ":1\r\n"},
      {"a", "COPY a d REPLACE DB 3 REPLACE", ":1\r\n"},
      {"a", "SELECT 1", kOk},
      {"a", "GET a", Bulk("1")},
      {"a", "TTL a", ":100\r\n"},
      {"a", "SELECT 2", kOk},
      {"a", "GET c", Bulk("1")},
      {"a", "SELECT 3", kOk},
      {"a", "GET d", Bulk("1")},
  });
}

TEST(KeyCommands, CopyReadsItsWordsBeforeItLooks) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "COPY", WrongArity("copy")},
      {"a", "COPY a", WrongArity("copy")},
      {"a", "COPY a b FOO", kSyntaxError},
      {"a", "COPY a b DB", kSyntaxError},
      {"a", "COPY a b DB abc", kNotInteger},
      {"a", "COPY a b DB 16", kNoSuchDb},
      {"a", "COPY a b DB -1", kNoSuchDb},
      {"a", "COPY a b DB 9999999999999999999", kNotInteger},
      {"a", "COPY a b DB 4294967296", "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"},
      {"a", "COPY a b DB 2147483648", "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"},
      {"a", "COPY a b DB abc FOO", kNotInteger},
      {"a", "COPY a b FOO DB abc", kSyntaxError},
      {"a", "COPY nokey b DB 16", kNoSuchDb},
      {"a", "COPY a a", "-ERR source and destination objects are the same\r\n"},
      {"a", "COPY a a REPLACE", "-ERR source and destination objects are the same\r\n"},
      {"a", "COPY a a DB 0", "-ERR source and destination objects are the same\r\n"},
      {"a", "COPY nokey nokey", "-ERR source and destination objects are the same\r\n"},
      {"a", "COPY nokey nokey FOO", kSyntaxError},
      {"a", "COPY nokey nokey DB 16", kNoSuchDb},
      {"a", "EXISTS b", ":0\r\n"},
  });
}

TEST(KeyCommands, MoveCrossesDatabases) {
  Converse({
      {"a", "SET a 1 EX 100", kOk},
      {"a", "RPUSH l x", ":1\r\n"},
      {"a", "MOVE a 1", ":1\r\n"},
      {"a", "EXISTS a", ":0\r\n"},
      {"a", "MOVE l 1", ":1\r\n"},
      {"a", "MOVE nokey 1", ":0\r\n"},
      {"a", "SET a 2", kOk},
      {"a", "MOVE a 1", ":0\r\n"},
      {"a", "GET a", Bulk("2")},
      {"a", "SELECT 1", kOk},
      {"a", "GET a", Bulk("1")},
      {"a", "TTL a", ":100\r\n"},
      {"a", "LRANGE l 0 -1", Bulks({"x"})},
      {"r3", "MOVE nokey 1", ":0\r\n"},
  });
}

TEST(KeyCommands, MoveChecksTheIndexFirst) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "MOVE a 0", "-ERR source and destination objects are the same\r\n"},
      {"a", "MOVE nokey 0", "-ERR source and destination objects are the same\r\n"},
      {"a", "MOVE nokey 16", kNoSuchDb},
      {"a", "MOVE nokey -1", kNoSuchDb},
      {"a", "MOVE nokey abc", kNotInteger},
      {"a", "MOVE nokey 9999999999999999999", kNotInteger},
      {"a", "MOVE nokey 4294967296", "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"},
      {"a", "MOVE nokey 2147483648", "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"},
      {"a", "MOVE nokey 2147483647", kNoSuchDb},
      {"a", "MOVE", WrongArity("move")},
      {"a", "MOVE a", WrongArity("move")},
      {"a", "MOVE a 1 2", WrongArity("move")},
      {"a", "EXISTS a", ":1\r\n"},
  });
}

TEST(KeyCommands, AnExpiredKeyIsNotThere) {
  for (std::string_view command :
       {"EXISTS k", "TOUCH k", "DEL k", "UNLINK k", "RENAMENX other k", "COPY other k", "COPY k other2", "MOVE k 1"}) {
    std::string_view reply = command.starts_with("RENAMENX") || command == "COPY other k" ? ":1\r\n" : ":0\r\n";
    Converse({
        {"a", "SET other v", kOk},
        {"a", "SET k v PX 100", kOk},
        {kJump, "101", ""},
        {"a", command, std::string(reply)},
        {"a", "PTTL k", reply == ":1\r\n" ? ":-1\r\n" : ":-2\r\n"},
    });
  }
  Converse({
      {"a", "SET k v PX 100", kOk},
      {kJump, "101", ""},
      {"a", "TYPE k", "+none\r\n"},
      {"a", "SET k v PX 100", kOk},
      {kJump, "101", ""},
      {"a", "RENAME k other", "-ERR no such key\r\n"},
  });
}

TEST(KeyCommands, AnExpiredKeyInTheOtherDatabaseIsNotInTheWay) {
  Converse({
      {"a", "SET k v", kOk},
      {"b", "SELECT 1", kOk},
      {"b", "SET k old PX 100", kOk},
      {kJump, "101", ""},
      {"a", "MOVE k 1", ":1\r\n"},
      {"b", "GET k", Bulk("v")},
      {"b", "PTTL k", ":-1\r\n"},
  });
}

}  // namespace
}  // namespace baton
