// Whole databases: SELECT, SWAPDB, FLUSHALL, DBSIZE.

#include "protocol/transcript.h"

namespace baton {
namespace {

const Bytes kOk = "+OK\r\n";
const Bytes kNull = "$-1\r\n";
const Bytes kSyntaxError = "-ERR syntax error\r\n";
const Bytes kNotInteger = "-ERR value is not an integer or out of range\r\n";
const Bytes kNoSuchDb = "-ERR DB index is out of range\r\n";

TEST(DatabaseCommands, SelectSwitchesTheConnection) {
  Converse({
      {"a", "SET k zero", kOk},
      {"a", "SELECT 1", kOk},
      {"a", "GET k", kNull},
      {"a", "SET k one", kOk},
      {"a", "SELECT 0", kOk},
      {"a", "GET k", Bulk("zero")},
      {"a", "SELECT 15", kOk},
      {"a", "SELECT 1", kOk},
      {"a", "GET k", Bulk("one")},
      {"b", "GET k", Bulk("zero")},
      {"r3", "SELECT 1", kOk},
      {"r3", "GET k", Bulk("one")},
  });
}

TEST(DatabaseCommands, SelectRefusesWhatIsNoDatabase) {
  Converse({
      {"a", "SELECT", WrongArity("select")},
      {"a", "SELECT 1 2", WrongArity("select")},
      {"a", "SELECT abc", kNotInteger},
      {"a", "SELECT 1.5", kNotInteger},
      {"a", "SELECT 00", kNotInteger},
      {"a", "SELECT 16", kNoSuchDb},
      {"a", "SELECT -1", kNoSuchDb},
      {"a", "SELECT 2147483647", kNoSuchDb},
      {"a", "SELECT 2147483648", "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"},
      {"a", "SELECT -2147483649", "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"},
      {"a", "SELECT 4294967296", "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"},
      {"a", "SELECT 99999999999999999999", kNotInteger},
      {"r3", "SELECT 16", kNoSuchDb},
  });
}

TEST(DatabaseCommands, SwapDbSwapsForEverybody) {
  Converse({
      {"a", "SET k zero", kOk},
      {"a", "SELECT 1", kOk},
      {"a", "SET k one EX 100", kOk},
      {"a", "SWAPDB 0 1", kOk},
      {"a", "GET k", Bulk("zero")},
      {"a", "TTL k", ":-1\r\n"},
      {"b", "GET k", Bulk("one")},
      {"b", "TTL k", ":100\r\n"},
      {"a", "SWAPDB 1 0", kOk},
      {"a", "GET k", Bulk("one")},
      {"a", "SWAPDB 1 1", kOk},
      {"a", "GET k", Bulk("one")},
      {"a", "SWAPDB 1 5", kOk},
      {"a", "GET k", kNull},
      {"a", "DBSIZE", ":0\r\n"},
      {"a", "SELECT 5", kOk},
      {"a", "GET k", Bulk("one")},
  });
}

TEST(DatabaseCommands, SwapDbRefusesWhatIsNoDatabase) {
  Converse({
      {"a", "SWAPDB", WrongArity("swapdb")},
      {"a", "SWAPDB 0", WrongArity("swapdb")},
      {"a", "SWAPDB abc 1", "-ERR invalid first DB index\r\n"},
      {"a", "SWAPDB 1 abc", "-ERR invalid second DB index\r\n"},
      {"a", "SWAPDB abc abc", "-ERR invalid first DB index\r\n"},
      {"a", "SWAPDB abc 16", "-ERR invalid first DB index\r\n"},
      {"a", "SWAPDB 16 abc", "-ERR invalid second DB index\r\n"},
      {"a", "SWAPDB 0 16", kNoSuchDb},
      {"a", "SWAPDB 16 0", kNoSuchDb},
      {"a", "SWAPDB -1 0", kNoSuchDb},
      {"a", "SWAPDB 99999999999999999999 1", "-ERR invalid first DB index\r\n"},
      {"a", "SWAPDB 4294967296 1", "-ERR invalid first DB index\r\n"},
      {"a", "SWAPDB 1 4294967296", "-ERR invalid second DB index\r\n"},
      {"a", "SWAPDB 1 2147483647", kNoSuchDb},
      {"a", "SWAPDB 2147483648 1", "-ERR invalid first DB index\r\n"},
  });
}

TEST(DatabaseCommands, SwapDbTouchesWhatIsWatched) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "WATCH k", kOk},
      {"b", "SWAPDB 0 0", kOk},
      {"a", "MULTI", kOk},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
      {"a", "WATCH k", kOk},
      {"b", "SWAPDB 0 1", kOk},
      {"a", "MULTI", kOk},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "FLUSHALL", kOk},
      {"a", "WATCH k", kOk},
      {"b", "SWAPDB 0 1", kOk},
      {"a", "MULTI", kOk},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
  });
}

TEST(DatabaseCommands, FlushDbEmptiesOneDatabase) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "RPUSH l x", ":1\r\n"},
      {"a", "SELECT 1", kOk},
      {"a", "SET b 1", kOk},
      {"a", "FLUSHDB", kOk},
      {"a", "DBSIZE", ":0\r\n"},
      {"a", "SELECT 0", kOk},
      {"a", "DBSIZE", ":2\r\n"},
      {"a", "FLUSHDB ASYNC", kOk},
      {"a", "DBSIZE", ":0\r\n"},
      {"a", "FLUSHDB sync", kOk},
      {"r3", "FLUSHDB", kOk},
  });
}

TEST(DatabaseCommands, FlushAllEmptiesAll) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "SELECT 1", kOk},
      {"a", "SET b 1", kOk},
      {"a", "FLUSHALL", kOk},
      {"a", "DBSIZE", ":0\r\n"},
      {"a", "SELECT 0", kOk},
      {"a", "DBSIZE", ":0\r\n"},
      {"a", "FLUSHALL ASYNC", kOk},
      {"a", "FLUSHALL sync", kOk},
      {"r3", "FLUSHALL", kOk},
  });
}

TEST(DatabaseCommands, FlushRefusesOtherWords) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "FLUSHDB foo", kSyntaxError},
      {"a", "FLUSHDB ASYNC SYNC", kSyntaxError},
      {"a", "FLUSHDB SYNC foo", kSyntaxError},
      {"a", "FLUSHALL foo", kSyntaxError},
      {"a", "FLUSHALL ASYNC ASYNC", kSyntaxError},
      {"a", "DBSIZE", ":1\r\n"},
  });
}

TEST(DatabaseCommands, FlushTouchesWhatWasThere) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "WATCH k", kOk},
      {"b", "FLUSHALL", kOk},
      {"a", "MULTI", kOk},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "WATCH k", kOk},
      {"b", "SET other v", kOk},
      {"b", "FLUSHALL", kOk},
      {"a", "MULTI", kOk},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
  });
}

TEST(DatabaseCommands, DbSizeCountsKeys) {
  Converse({
      {"a", "DBSIZE", ":0\r\n"},
      {"a", "SET a 1", kOk},
      {"a", "RPUSH l x", ":1\r\n"},
      {"a", "DBSIZE", ":2\r\n"},
      {"a", "DEL a", ":1\r\n"},
      {"a", "DBSIZE", ":1\r\n"},
      {"a", "DBSIZE x", WrongArity("dbsize")},
      {"r3", "DBSIZE", ":1\r\n"},
  });
}

TEST(DatabaseCommands, DbSizeCountsExpiredKeysUntilTheyAreDeleted) {
  Converse({
      {"a", "SET k v PX 100", kOk},
      {kJump, "101", ""},
      {"a", "DBSIZE", ":1\r\n"},
      {kSleep, "1", ""},
      {"a", "DBSIZE", ":0\r\n"},
  });
}

}  // namespace
}  // namespace baton
