// Strings as whole values: SET, GET and their relatives.

#include "protocol/transcript.h"

namespace baton {
namespace {

const Bytes kOk = "+OK\r\n";
const Bytes kNull = "$-1\r\n";
const Bytes kSyntaxError = "-ERR syntax error\r\n";
const Bytes kNotInteger = "-ERR value is not an integer or out of range\r\n";

TEST(StringCommands, SetStoresAndGetReturns) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "GET k", Bulk("v")},
      {"a", "SET k \"\"", kOk},
      {"a", "GET k", Bulk("")},
      {"a", "SET \"\" empty-name", kOk},
      {"a", "GET \"\"", Bulk("empty-name")},
      {"a", "SET k \"a\\r\\nb\\x00c\"", kOk},
      {"a", "GET k", "$6\r\na\r\nb\000c\r\n"},
      {"a", "STRLEN k", ":6\r\n"},
      {"a", "GET nokey", kNull},
      {"r3", "GET nokey", "_\r\n"},
      {"r3", "GET k", "$6\r\na\r\nb\000c\r\n"},
  });
}

TEST(StringCommands, SetRefusesWrongArity) {
  Converse({
      {"a", "SET", WrongArity("set")},
      {"a", "SET k", WrongArity("set")},
      {"a", "GET", WrongArity("get")},
      {"a", "GET a b", WrongArity("get")},
      {"r3", "SET k", WrongArity("set")},
  });
}

TEST(StringCommands, SetHonoursNxAndXx) {
  Converse({
      {"a", "SET k v XX", kNull},
      {"a", "EXISTS k", ":0\r\n"},
      {"a", "SET k v nx", kOk},
      {"a", "SET k w NX", kNull},
      {"a", "GET k", Bulk("v")},
      {"a", "SET k w xx", kOk},
      {"a", "GET k", Bulk("w")},
      {"a", "SET k w NX NX", kNull},
      {"a", "SET k w XX XX", kOk},
      {"a", "SET k w NX XX", kSyntaxError},
      {"a", "SET k w XX NX", kSyntaxError},
      {"r3", "SET k v NX", "_\r\n"},
      {"r3", "SET nokey v XX", "_\r\n"},
  });
}

TEST(StringCommands, SetWithNxOrXxIgnoresTheTypeOfWhatIsThere) {
  Converse({
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "SET l v NX", kNull},
      {"a", "TYPE l", "+list\r\n"},
      {"a", "SET l v XX", kOk},
      {"a", "TYPE l", "+string\r\n"},
      {"a", "RPUSH l2 a", ":1\r\n"},
      {"a", "SET l2 v", kOk},
      {"a", "TYPE l2", "+string\r\n"},
  });
}

TEST(StringCommands, SetWithGetReturnsTheOldValue) {
  Converse({
      {"a", "SET k v GET", kNull},
      {"a", "SET k w GET", Bulk("v")},
      {"a", "SET k x GET GET", Bulk("w")},
      {"a", "GET k", Bulk("x")},
      {"a", "SET k y NX GET", Bulk("x")},
      {"a", "GET k", Bulk("x")},
      {"a", "SET nokey v XX GET", kNull},
      {"a", "EXISTS nokey", ":0\r\n"},
      {"a", "SET fresh v NX GET", kNull},
      {"a", "GET fresh", Bulk("v")},
      {"a", "SET fresh w XX GET", Bulk("v")},
      {"a", "GET fresh", Bulk("w")},
      {"r3", "SET fresh x GET", Bulk("w")},
      {"r3", "SET other x GET", "_\r\n"},
      {"r3", "SET third x XX GET", "_\r\n"},
  });
}

TEST(StringCommands, SetWithGetRefusesAList) {
  Converse({
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "SET l v GET", kWrongType},
      {"a", "SET l v NX GET", kWrongType},
      {"a", "SET l v XX GET", kWrongType},
      {"a", "TYPE l", "+list\r\n"},
      {"r3", "SET l v GET", kWrongType},
  });
}

TEST(StringCommands, SetChecksItsWordsBeforeItsNumbers) {
  Converse({
      {"a", "SET k v foo", kSyntaxError},
      {"a", "SET k v EX", kSyntaxError},
      {"a", "SET k v EX 10 PX", kSyntaxError},
      {"a", "SET k v EX 10 PX 10", kSyntaxError},
      {"a", "SET k v EX 10 EXAT 10", kSyntaxError},
      {"a", "SET k v EX 10 KEEPTTL", kSyntaxError},
      {"a", "SET k v KEEPTTL PXAT 10", kSyntaxError},
      {"a", "SET k v PERSIST", kSyntaxError},
      {"a", "SET k v EX abc foo", kSyntaxError},
      {"a", "SET k v foo EX 0", kSyntaxError},
      {"a", "SET k v EX 0 foo", kSyntaxError},
      {"a", "EXISTS k", ":0\r\n"},
      {"a", "SET k v KEEPTTL KEEPTTL", kOk},
      {"a", "SET k v EX 10 EX 20", kOk},
      {"a", "TTL k", ":20\r\n"},
  });
}

TEST(StringCommands, SetRefusesTimesThatMakeNoSense) {
  Converse({
      {"a", "SET k v EX 0", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "SET k v EX -1", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "SET k v EX abc", kNotInteger},
      {"a", "SET k v EX 1.5", kNotInteger},
      {"a", "SET k v EX \"\"", kNotInteger},
      {"a", "SET k v EX 99999999999999999999", kNotInteger},
      {"a", "SET k v EX 9223372036854775807", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "SET k v EX 9223372036854775", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "SET k v PX 0", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "SET k v PX -1", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "SET k v PX 9223372036854775807", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "SET k v PX 9223372036854775806", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "SET k v EXAT 0", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "SET k v EXAT -1", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "SET k v EXAT 9223372036854776", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "SET k v PXAT 0", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "SET k v PXAT -9223372036854775808", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "EXISTS k", ":0\r\n"},
      {"a", "SET k v EX 0 GET", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "SET l v EX 0 GET", "-ERR invalid expire time in 'set' command\r\n"},
      {"a", "SET l v EX abc NX", kNotInteger},
  });
}

TEST(StringCommands, SetTakesRelativeAndAbsoluteTimes) {
  Converse({
      {"a", "SET k v EX 100", kOk},
      {"a", "TTL k", ":100\r\n"},
      {"a", "SET k v px 100000", kOk},
      {"a", "TTL k", ":100\r\n"},
      {"a", "SET k v EXAT 33177117420", kOk},
      {"a", "EXPIRETIME k", ":33177117420\r\n"},
      {"a", "SET k v PXAT 33177117420123", kOk},
      {"a", "PEXPIRETIME k", ":33177117420123\r\n"},
      {"a", "SET k v EXAT 9223372036854775", kOk},
      {"a", "PEXPIRETIME k", ":9223372036854775000\r\n"},
      {"a", "SET k v PXAT 9223372036854775807", kOk},
      {"a", "PEXPIRETIME k", ":9223372036854775807\r\n"},
      {"a", "EXPIRETIME k", ":9223372036854776\r\n"},
      {"a", "SET k v PX 9223370000000000000", kOk},
      {"a", "EXISTS k", ":1\r\n"},
      {"a", "SET k v", kOk},
      {"a", "TTL k", ":-1\r\n"},
  });
}

TEST(StringCommands, SetWithATimeInThePastLeavesNoKey) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "SET k w PXAT 1", kOk},
      {"a", "EXISTS k", ":0\r\n"},
      {"a", "SET k v GET EXAT 1", kNull},
      {"a", "GET k", kNull},
      {"a", "SET k v NX EXAT 1", kOk},
      {"a", "SET k v NX EXAT 1", kOk},
      {"a", "SET k v XX", kNull},
  });
}

TEST(StringCommands, SetWithKeepTtlKeepsTheTime) {
  Converse({
      {"a", "SET k v EX 100", kOk},
      {"a", "SET k w KEEPTTL", kOk},
      {"a", "TTL k", ":100\r\n"},
      {"a", "SET k x KEEPTTL GET", Bulk("w")},
      {"a", "TTL k", ":100\r\n"},
      {"a", "SET k x XX KEEPTTL", kOk},
      {"a", "TTL k", ":100\r\n"},
      {"a", "SET k y GET", Bulk("x")},
      {"a", "TTL k", ":-1\r\n"},
      {"a", "SET k y KEEPTTL", kOk},
      {"a", "TTL k", ":-1\r\n"},
      {"a", "SET fresh v KEEPTTL", kOk},
      {"a", "TTL fresh", ":-1\r\n"},
      {"a", "SET k v EX 100", kOk},
      {"a", "SET k w NX EX 10", kNull},
      {"a", "TTL k", ":100\r\n"},
  });
}

TEST(StringCommands, SetNxSetsOnce) {
  Converse({
      {"a", "SETNX k v", ":1\r\n"},
      {"a", "SETNX k w", ":0\r\n"},
      {"a", "GET k", Bulk("v")},
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "SETNX l v", ":0\r\n"},
      {"a", "SETNX k", WrongArity("setnx")},
      {"a", "SETNX k v w", WrongArity("setnx")},
  });
}

TEST(StringCommands, SetExAndPSetExSetATime) {
  Converse({
      {"a", "SETEX k 100 v", kOk},
      {"a", "GET k", Bulk("v")},
      {"a", "TTL k", ":100\r\n"},
      {"a", "PSETEX k 200000 w", kOk},
      {"a", "GET k", Bulk("w")},
      {"a", "TTL k", ":200\r\n"},
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "SETEX l 100 v", kOk},
      {"a", "TYPE l", "+string\r\n"},
      {"a", "SETEX k", WrongArity("setex")},
      {"a", "SETEX k 10", WrongArity("setex")},
      {"a", "PSETEX k 10", WrongArity("psetex")},
      {"a", "SETEX k 0 v", "-ERR invalid expire time in 'setex' command\r\n"},
      {"a", "SETEX k -1 v", "-ERR invalid expire time in 'setex' command\r\n"},
      {"a", "SETEX k abc v", kNotInteger},
      {"a", "SETEX k 9223372036854775807 v", "-ERR invalid expire time in 'setex' command\r\n"},
      {"a", "SETEX k 9223372036854775 v", "-ERR invalid expire time in 'setex' command\r\n"},
      {"a", "PSETEX k 0 v", "-ERR invalid expire time in 'psetex' command\r\n"},
      {"a", "PSETEX k abc v", kNotInteger},
      {"a", "PSETEX k 9223372036854775807 v", "-ERR invalid expire time in 'psetex' command\r\n"},
      {"a", "GET k", Bulk("w")},
  });
}

TEST(StringCommands, MSetSetsAll) {
  Converse({
      {"a", "MSET a 1 b 2", kOk},
      {"a", "MGET a b", Bulks({"1", "2"})},
      {"a", "MSET a 1 a 2", kOk},
      {"a", "GET a", Bulk("2")},
      {"a", "RPUSH l x", ":1\r\n"},
      {"a", "MSET a 3 l y", kOk},
      {"a", "TYPE l", "+string\r\n"},
      {"a", "EXPIRE a 100", ":1\r\n"},
      {"a", "MSET a 1", kOk},
      {"a", "TTL a", ":-1\r\n"},
      {"a", "MSET", WrongArity("mset")},
      {"a", "MSET a", WrongArity("mset")},
      {"a", "MSET a 1 b", WrongArity("mset")},
      {"a", "MSET a 1 b 2 c", WrongArity("mset")},
      {"a", "EXISTS c", ":0\r\n"},
  });
}

TEST(StringCommands, MSetNxSetsAllOrNothing) {
  Converse({
      {"a", "MSETNX a 1 b 2", ":1\r\n"},
      {"a", "MSETNX c 1 b 2", ":0\r\n"},
      {"a", "EXISTS c", ":0\r\n"},
      {"a", "MSETNX d 1 d 2", ":1\r\n"},
      {"a", "GET d", Bulk("2")},
      {"a", "RPUSH l x", ":1\r\n"},
      {"a", "MSETNX e 1 l 1", ":0\r\n"},
      {"a", "EXISTS e", ":0\r\n"},
      {"a", "MSETNX", WrongArity("msetnx")},
      {"a", "MSETNX a", WrongArity("msetnx")},
      {"a", "MSETNX a 1 b", WrongArity("msetnx")},
  });
}

TEST(StringCommands, MGetReturnsNullForWhatIsNoString) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "RPUSH l x", ":1\r\n"},
      {"a", "SET \"\" e", kOk},
      {"a", "MGET a l nokey \"\" a", "*5\r\n$1\r\n1\r\n$-1\r\n$-1\r\n$1\r\ne\r\n$1\r\n1\r\n"},
      {"r3", "MGET a l nokey", "*3\r\n$1\r\n1\r\n_\r\n_\r\n"},
      {"a", "MGET", WrongArity("mget")},
  });
}

TEST(StringCommands, GetRefusesAList) {
  Converse({
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "GET l", kWrongType},
      {"a", "GETSET l v", kWrongType},
      {"a", "GETDEL l", kWrongType},
      {"a", "GETEX l", kWrongType},
      {"a", "STRLEN l", kWrongType},
      {"a", "TYPE l", "+list\r\n"},
      {"r3", "GET l", kWrongType},
  });
}

TEST(StringCommands, GetDelTakesTheKeyAway) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "GETDEL k", Bulk("v")},
      {"a", "GETDEL k", kNull},
      {"a", "EXISTS k", ":0\r\n"},
      {"r3", "GETDEL k", "_\r\n"},
      {"a", "GETDEL", WrongArity("getdel")},
      {"a", "GETDEL a b", WrongArity("getdel")},
  });
}

TEST(StringCommands, GetSetReplacesValueAndTime) {
  Converse({
      {"a", "GETSET k v", kNull},
      {"a", "GETSET k w", Bulk("v")},
      {"a", "GET k", Bulk("w")},
      {"a", "EXPIRE k 100", ":1\r\n"},
      {"a", "GETSET k x", Bulk("w")},
      {"a", "TTL k", ":-1\r\n"},
      {"a", "GETSET k", WrongArity("getset")},
      {"r3", "GETSET k2 v", "_\r\n"},
      {"r3", "GETSET k2 w", Bulk("v")},
  });
}

TEST(StringCommands, GetExChangesTheTimeOnly) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "GETEX k", Bulk("v")},
      {"a", "TTL k", ":-1\r\n"},
      {"a", "GETEX k EX 100", Bulk("v")},
      {"a", "TTL k", ":100\r\n"},
      {"a", "GETEX k", Bulk("v")},
      {"a", "TTL k", ":100\r\n"},
      {"a", "GETEX k px 200000", Bulk("v")},
      {"a", "TTL k", ":200\r\n"},
      {"a", "GETEX k EXAT 33177117420", Bulk("v")},
      {"a", "EXPIRETIME k", ":33177117420\r\n"},
      {"a", "GETEX k PXAT 33177117420123", Bulk("v")},
      {"a", "PEXPIRETIME k", ":33177117420123\r\n"},
      {"a", "GETEX k PERSIST", Bulk("v")},
      {"a", "TTL k", ":-1\r\n"},
      {"a", "GETEX k PERSIST PERSIST", Bulk("v")},
      {"a", "GETEX k EX 10 EX 20", Bulk("v")},
      {"a", "TTL k", ":20\r\n"},
      {"r3", "GETEX k PERSIST", Bulk("v")},
      {"r3", "GETEX nokey", "_\r\n"},
  });
}

TEST(StringCommands, GetExWithATimeInThePastDeletes) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "GETEX k PXAT 1", Bulk("v")},
      {"a", "EXISTS k", ":0\r\n"},
      {"a", "SET k v", kOk},
      {"a", "GETEX k EXAT 1", Bulk("v")},
      {"a", "EXISTS k", ":0\r\n"},
  });
}

TEST(StringCommands, GetExChecksWordsThenKeyThenNumber) {
  Converse({
      {"a", "GETEX", WrongArity("getex")},
      {"a", "GETEX nokey foo", kSyntaxError},
      {"a", "GETEX nokey EX", kSyntaxError},
      {"a", "GETEX nokey EX abc", kNull},
      {"a", "GETEX nokey EX 0", kNull},
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "GETEX l foo", kSyntaxError},
      {"a", "GETEX l EX abc", kWrongType},
      {"a", "GETEX l EX 0", kWrongType},
      {"a", "SET k v", kOk},
      {"a", "GETEX k foo", kSyntaxError},
      {"a", "GETEX k EX", kSyntaxError},
      {"a", "GETEX k KEEPTTL", kSyntaxError},
      {"a", "GETEX k NX", kSyntaxError},
      {"a", "GETEX k GET", kSyntaxError},
      {"a", "GETEX k PERSIST EX 10", kSyntaxError},
      {"a", "GETEX k EX 10 PERSIST", kSyntaxError},
      {"a", "GETEX k EX 10 PX 10", kSyntaxError},
      {"a", "GETEX k EX abc", kNotInteger},
      {"a", "GETEX k EX 0", "-ERR invalid expire time in 'getex' command\r\n"},
      {"a", "GETEX k EX -5", "-ERR invalid expire time in 'getex' command\r\n"},
      {"a", "GETEX k EX 9223372036854775807", "-ERR invalid expire time in 'getex' command\r\n"},
      {"a", "GETEX k PX 9223372036854775807", "-ERR invalid expire time in 'getex' command\r\n"},
      {"a", "TTL k", ":-1\r\n"},
  });
}

TEST(StringCommands, AKeyIsGoneWhenItsTimeIsUp) {
  Converse({
      {"a", "SET k v PX 100", kOk},
      {"a", "SET k2 v PX 100 NX", kOk},
      {"a", "PSETEX k3 100 v", kOk},
      {kJump, "90", ""},
      {"a", "GET k", Bulk("v")},
      {"a", "PTTL k", ":10\r\n"},
      {kJump, "20", ""},
      {"a", "MGET k k2 k3", "*3\r\n$-1\r\n$-1\r\n$-1\r\n"},
      {"a", "SET k2 w XX", kNull},
      {"a", "SET k3 w NX KEEPTTL", kOk},
      {"a", "PTTL k3", ":-1\r\n"},
  });
}

TEST(StringCommands, AnExpiredValueIsNotHandedOn) {
  Converse({
      {"a", "SET k v PX 100", kOk},
      {kJump, "101", ""},
      {"a", "SET k w KEEPTTL GET", kNull},
      {"a", "PTTL k", ":-1\r\n"},
      {"a", "GETEX k PX 100", Bulk("w")},
      {kJump, "101", ""},
      {"a", "GETSET k x", kNull},
      {"a", "PTTL k", ":-1\r\n"},
      {"a", "PEXPIRE k 100", ":1\r\n"},
      {kJump, "101", ""},
      {"a", "MSETNX k y", ":1\r\n"},
      {"a", "GET k", Bulk("y")},
  });
}

TEST(StringCommands, AListThatExpiredIsNoWrongType) {
  Converse({
      {"a", "RPUSH l x", ":1\r\n"},
      {"a", "PEXPIRE l 100", ":1\r\n"},
      {kJump, "101", ""},
      {"a", "GETDEL l", kNull},
      {"a", "SET l v GET", kNull},
      {"a", "GET l", Bulk("v")},
  });
}

}  // namespace
}  // namespace baton
