// Times to live: EXPIRE, TTL, PERSIST.

#include "protocol/transcript.h"

namespace baton {
namespace {

const Bytes kOk = "+OK\r\n";
const Bytes kNotInteger = "-ERR value is not an integer or out of range\r\n";

TEST(ExpiryCommands, ExpireSetsATimeToLive) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "EXPIRE k 100", ":1\r\n"},
      {"a", "TTL k", ":100\r\n"},
      {"a", "PEXPIRE k 200000", ":1\r\n"},
      {"a", "TTL k", ":200\r\n"},
      {"a", "EXPIREAT k 33177117420", ":1\r\n"},
      {"a", "EXPIRETIME k", ":33177117420\r\n"},
      {"a", "PEXPIRETIME k", ":33177117420000\r\n"},
      {"a", "PEXPIREAT k 33177117420123", ":1\r\n"},
      {"a", "PEXPIRETIME k", ":33177117420123\r\n"},
      {"a", "EXPIRE nokey 100", ":0\r\n"},
      {"a", "PEXPIRE nokey 100", ":0\r\n"},
      {"a", "EXPIREAT nokey 33177117420", ":0\r\n"},
      {"a", "PEXPIREAT nokey 33177117420123", ":0\r\n"},
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "EXPIRE l 100", ":1\r\n"},
      {"a", "TTL l", ":100\r\n"},
      {"a", "GET k", Bulk("v")},
      {"r3", "EXPIRE k 100", ":1\r\n"},
      {"r3", "TTL k", ":100\r\n"},
  });
}

TEST(ExpiryCommands, ExpireRefusesWrongArity) {
  Converse({
      {"a", "EXPIRE", WrongArity("expire")},
      {"a", "EXPIRE k", WrongArity("expire")},
      {"a", "PEXPIRE k", WrongArity("pexpire")},
      {"a", "EXPIREAT k", WrongArity("expireat")},
      {"a", "PEXPIREAT k", WrongArity("pexpireat")},
      {"a", "PERSIST", WrongArity("persist")},
      {"a", "PERSIST a b", WrongArity("persist")},
      {"a", "TTL", WrongArity("ttl")},
      {"a", "PTTL", WrongArity("pttl")},
      {"a", "EXPIRETIME", WrongArity("expiretime")},
      {"a", "PEXPIRETIME", WrongArity("pexpiretime")},
      {"a", "TTL a b", WrongArity("ttl")},
  });
}

TEST(ExpiryCommands, ExpireChecksWordsThenNumberThenKey) {
  Converse({
      {"a", "EXPIRE nokey 10 foo", "-ERR Unsupported option foo\r\n"},
      {"a", "EXPIRE nokey abc foo", "-ERR Unsupported option foo\r\n"},
      {"a", "EXPIRE nokey abc NX XX", "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"},
      {"a", "EXPIRE nokey abc", kNotInteger},
      {"a", "EXPIRE nokey 1.5", kNotInteger},
      {"a", "EXPIRE nokey \"\"", kNotInteger},
      {"a", "PEXPIRE nokey abc", kNotInteger},
      {"a", "EXPIREAT nokey abc", kNotInteger},
      {"a", "PEXPIREAT nokey abc", kNotInteger},
      {"a", "PEXPIREAT nokey 10 foo", "-ERR Unsupported option foo\r\n"},
      {"a", "EXPIRE nokey 10 NX foo", "-ERR Unsupported option foo\r\n"},
      {"a", "EXPIRE nokey 10 NX XX foo", "-ERR Unsupported option foo\r\n"},
      {"a", "EXPIRE nokey 10 \"f\\x00o\"", "-ERR Unsupported option f\r\n"},
      {"a", "EXPIRE nokey 10 \"f\\r\\no\"", "-ERR Unsupported option f  o\r\n"},
      {"r3", "EXPIRE nokey 10 foo", "-ERR Unsupported option foo\r\n"},
  });
}

TEST(ExpiryCommands, ExpireRefusesConditionsThatExclude) {
  Converse({
      {"a", "EXPIRE k 10 NX XX", "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"},
      {"a", "EXPIRE k 10 NX GT", "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"},
      {"a", "EXPIRE k 10 LT NX", "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"},
      {"a", "EXPIRE k 10 GT LT", "-ERR GT and LT options at the same time are not compatible\r\n"},
      {"a", "EXPIRE k 10 LT GT NX", "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"},
      {"a", "EXPIRE k 10 XX GT LT", "-ERR GT and LT options at the same time are not compatible\r\n"},
      {"a", "EXPIRE k 10 NX NX", ":0\r\n"},
      {"a", "EXPIRE k 10 XX GT", ":0\r\n"},
      {"a", "EXPIRE k 10 lt xx", ":0\r\n"},
  });
}

TEST(ExpiryCommands, ExpireRefusesTimesThatDoNotFit) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "EXPIRE k 9223372036854775807", "-ERR invalid expire time in 'expire' command\r\n"},
      {"a", "EXPIRE k 9223372036854776", "-ERR invalid expire time in 'expire' command\r\n"},
      {"a", "EXPIRE k 9223372036854775", "-ERR invalid expire time in 'expire' command\r\n"},
      {"a", "EXPIRE k -9223372036854775808", "-ERR invalid expire time in 'expire' command\r\n"},
      {"a", "EXPIRE k -9223372036854776", "-ERR invalid expire time in 'expire' command\r\n"},
      {"a", "PEXPIRE k 9223372036854775807", "-ERR invalid expire time in 'pexpire' command\r\n"},
      {"a", "EXPIREAT k 9223372036854775807", "-ERR invalid expire time in 'expireat' command\r\n"},
      {"a", "EXPIREAT k 9223372036854776", "-ERR invalid expire time in 'expireat' command\r\n"},
      {"a", "EXPIREAT k -9223372036854775807", "-ERR invalid expire time in 'expireat' command\r\n"},
      {"a", "EXPIRE nokey 9223372036854775807", "-ERR invalid expire time in 'expire' command\r\n"},
      {"a", "EXPIRE k 99999999999999999999", kNotInteger},
      {"a", "TTL k", ":-1\r\n"},
      {"a", "EXPIREAT k 9223372036854775", ":1\r\n"},
      {"a", "PEXPIRETIME k", ":9223372036854775000\r\n"},
      {"a", "PEXPIREAT k 9223372036854775807", ":1\r\n"},
      {"a", "PEXPIRETIME k", ":9223372036854775807\r\n"},
      {"a", "EXPIRETIME k", ":9223372036854776\r\n"},
      {"a", "PEXPIRE k 9223370000000000000", ":1\r\n"},
      {"a", "EXISTS k", ":1\r\n"},
  });
}

TEST(ExpiryCommands, ExpireWithATimeInThePastDeletes) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "EXPIRE k 0", ":1\r\n"},
      {"a", "EXISTS k", ":0\r\n"},
      {"a", "SET k v", kOk},
      {"a", "EXPIRE k -1", ":1\r\n"},
      {"a", "EXISTS k", ":0\r\n"},
      {"a", "SET k v", kOk},
      {"a", "EXPIREAT k 1", ":1\r\n"},
      {"a", "EXISTS k", ":0\r\n"},
      {"a", "SET k v", kOk},
      {"a", "PEXPIREAT k -9223372036854775808", ":1\r\n"},
      {"a", "EXISTS k", ":0\r\n"},
      {"a", "SET k v", kOk},
      {"a", "PEXPIRE k -9223372036854775808", ":1\r\n"},
      {"a", "EXISTS k", ":0\r\n"},
      {"a", "SET k v", kOk},
      {"a", "EXPIRE k -9223372036854775", ":1\r\n"},
      {"a", "EXISTS k", ":0\r\n"},
      {"a", "RPUSH l a", ":1\r\n"},
      {"a", "PEXPIRE l 0", ":1\r\n"},
      {"a", "EXISTS l", ":0\r\n"},
  });
}

TEST(ExpiryCommands, ExpireNxNeedsAKeyWithoutTime) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "EXPIRE k 100 NX", ":1\r\n"},
      {"a", "TTL k", ":100\r\n"},
      {"a", "EXPIRE k 200 NX", ":0\r\n"},
      {"a", "TTL k", ":100\r\n"},
      {"a", "EXPIRE k -1 NX", ":0\r\n"},
      {"a", "TTL k", ":100\r\n"},
  });
}

TEST(ExpiryCommands, ExpireXxNeedsAKeyWithTime) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "EXPIRE k 100 XX", ":0\r\n"},
      {"a", "TTL k", ":-1\r\n"},
      {"a", "EXPIRE k -1 XX", ":0\r\n"},
      {"a", "EXISTS k", ":1\r\n"},
      {"a", "EXPIRE k 100", ":1\r\n"},
      {"a", "EXPIRE k 200 XX", ":1\r\n"},
      {"a", "TTL k", ":200\r\n"},
  });
}

TEST(ExpiryCommands, ExpireGtNeverShortens) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "EXPIRE k 100 GT", ":0\r\n"},
      {"a", "TTL k", ":-1\r\n"},
      {"a", "EXPIREAT k 33177117420", ":1\r\n"},
      {"a", "EXPIREAT k 33177117419 GT", ":0\r\n"},
      {"a", "EXPIREAT k 33177117420 GT", ":0\r\n"},
      {"a", "EXPIRETIME k", ":33177117420\r\n"},
      {"a", "EXPIREAT k 33177117421 GT", ":1\r\n"},
      {"a", "EXPIRETIME k", ":33177117421\r\n"},
      {"a", "EXPIRE k -1 GT", ":0\r\n"},
      {"a", "EXPIREAT k 33177117422 XX GT", ":1\r\n"},
      {"a", "EXPIRETIME k", ":33177117422\r\n"},
  });
}

TEST(ExpiryCommands, ExpireLtNeverLengthens) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "EXPIREAT k 33177117420 LT", ":1\r\n"},
      {"a", "EXPIRETIME k", ":33177117420\r\n"},
      {"a", "EXPIREAT k 33177117421 LT", ":0\r\n"},
      {"a", "EXPIREAT k 33177117420 LT", ":0\r\n"},
      {"a", "EXPIREAT k 33177117419 LT", ":1\r\n"},
      {"a", "EXPIRETIME k", ":33177117419\r\n"},
      {"a", "EXPIREAT k 33177117418 XX LT", ":1\r\n"},
      {"a", "EXPIRETIME k", ":33177117418\r\n"},
      {"a", "EXPIRE k -1 LT", ":1\r\n"},
      {"a", "EXISTS k", ":0\r\n"},
      {"a", "SET k v", kOk},
      {"a", "EXPIRE k -1 LT", ":1\r\n"},
      {"a", "EXISTS k", ":0\r\n"},
      {"a", "SET k v", kOk},
      {"a", "EXPIRE k 100 XX LT", ":0\r\n"},
      {"a", "TTL k", ":-1\r\n"},
  });
}

TEST(ExpiryCommands, ExpireToTheSameTimeIsAChange) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "PEXPIREAT k 33177117420000", ":1\r\n"},
      {"a", "WATCH k", kOk},
      {"b", "PEXPIREAT k 33177117420000", ":1\r\n"},
      {"a", "MULTI", kOk},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "WATCH k", kOk},
      {"b", "GETEX k PXAT 33177117420000", Bulk("v")},
      {"a", "MULTI", kOk},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
  });
}

TEST(ExpiryCommands, PersistTakesTheTimeAway) {
  Converse({
      {"a", "SET k v EX 100", kOk},
      {"a", "PERSIST k", ":1\r\n"},
      {"a", "TTL k", ":-1\r\n"},
      {"a", "PERSIST k", ":0\r\n"},
      {"a", "PERSIST nokey", ":0\r\n"},
      {"a", "GET k", Bulk("v")},
      {"r3", "PERSIST k", ":0\r\n"},
  });
}

TEST(ExpiryCommands, PersistOfAKeyWithoutTimeIsNoChange) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "WATCH k", kOk},
      {"b", "PERSIST k", ":0\r\n"},
      {"b", "GETEX k PERSIST", Bulk("v")},
      {"b", "EXPIRE k 100 GT", ":0\r\n"},
      {"a", "MULTI", kOk},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
  });
}

TEST(ExpiryCommands, TtlTellsMissingKeysFromLastingOnes) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "TTL k", ":-1\r\n"},
      {"a", "PTTL k", ":-1\r\n"},
      {"a", "EXPIRETIME k", ":-1\r\n"},
      {"a", "PEXPIRETIME k", ":-1\r\n"},
      {"a", "TTL nokey", ":-2\r\n"},
      {"a", "PTTL nokey", ":-2\r\n"},
      {"a", "EXPIRETIME nokey", ":-2\r\n"},
      {"a", "PEXPIRETIME nokey", ":-2\r\n"},
      {"r3", "TTL nokey", ":-2\r\n"},
  });
}

TEST(ExpiryCommands, TtlRoundsToTheNearestSecond) {
  Converse({
      {"a", "SET k v PX 1499", kOk},
      {"a", "TTL k", ":1\r\n"},
      {"a", "SET k v PX 1600", kOk},
      {"a", "TTL k", ":2\r\n"},
      {"a", "SET k v PX 499", kOk},
      {"a", "TTL k", ":0\r\n"},
      {"a", "PEXPIREAT k 33177117420500", ":1\r\n"},
      {"a", "EXPIRETIME k", ":33177117421\r\n"},
      {"a", "PEXPIREAT k 33177117420499", ":1\r\n"},
      {"a", "EXPIRETIME k", ":33177117420\r\n"},
  });
}

TEST(ExpiryCommands, TimeToLiveCountsDown) {
  Converse({
      {"a", "SET k v", kOk},
      {"a", "EXPIRE k 10", ":1\r\n"},
      {"a", "PTTL k", ":10000\r\n"},
      {"a", "EXPIRETIME k", ":1700000010\r\n"},
      {"a", "PEXPIRETIME k", ":1700000010000\r\n"},
      {kSleep, "400", ""},
      {"a", "PTTL k", ":9600\r\n"},
      {"a", "TTL k", ":10\r\n"},
      {kSleep, "200", ""},
      {"a", "TTL k", ":9\r\n"},
      {"r3", "PTTL k", ":9400\r\n"},
      {kSleep, "9390", ""},
      {"a", "GET k", Bulk("v")},
      {kSleep, "20", ""},
      {"a", "GET k", "$-1\r\n"},
      {"a", "PTTL k", ":-2\r\n"},
  });
}

TEST(ExpiryCommands, AnExpiredKeyCannotBeProlonged) {
  for (std::string_view command : {"EXPIRE k 100", "PEXPIREAT k 33177117420000", "PERSIST k", "EXPIRE k 100 XX"}) {
    Converse({
        {"a", "SET k v PX 100", kOk},
        {kJump, "101", ""},
        {"a", command, ":0\r\n"},
        {"a", "EXISTS k", ":0\r\n"},
    });
  }
  for (std::string_view command : {"TTL k", "PTTL k", "EXPIRETIME k", "PEXPIRETIME k"}) {
    Converse({
        {"a", "SET k v PX 100", kOk},
        {kJump, "101", ""},
        {"a", command, ":-2\r\n"},
    });
  }
}

TEST(ExpiryCommands, ExpiredKeysGoWithoutBeingAskedFor) {
  Converse({
      {"a", "MSET a 1 b 2 c 3", kOk},
      {"a", "PEXPIRE a 100", ":1\r\n"},
      {"a", "PEXPIRE b 200", ":1\r\n"},
      {kSleep, "150", ""},
      {"a", "DBSIZE", ":2\r\n"},
      {kSleep, "100", ""},
      {"a", "DBSIZE", ":1\r\n"},
  });
}

TEST(ExpiryCommands, APersistedKeyStays) {
  Converse({
      {"a", "SET k v PX 100", kOk},
      {"a", "PERSIST k", ":1\r\n"},
      {"a", "SET l v PX 100", kOk},
      {"a", "SET l w", kOk},
      {kSleep, "1000", ""},
      {"a", "MGET k l", Bulks({"v", "w"})},
  });
}

}  // namespace
}  // namespace baton
