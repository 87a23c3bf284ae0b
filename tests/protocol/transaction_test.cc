// MULTI EXEC DISCARD WATCH UNWATCH.
#include "protocol/transcript.h"

namespace baton {
namespace {

TEST(Multi, QueuesAndExecAnswersAll) {
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "RPUSH q a b", "+QUEUED\r\n"},
      {"a", "LPOP q", "+QUEUED\r\n"},
      {"a", "LRANGE q 0 -1", "+QUEUED\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*4\r\n:2\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n+PONG\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"b"})},
  });
}

TEST(Multi, OfNothingIsAnEmptyArray) {
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*0\r\n"},
      {"r3", "MULTI", "+OK\r\n"},
      {"r3", "EXEC", "*0\r\n"},
  });
}

TEST(Multi, ShowsNothingBeforeExec) {
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "RPUSH q a", "+QUEUED\r\n"},
      {"b", "EXISTS q", ":0\r\n"},
      {"a", "EXEC", "*1\r\n:1\r\n"},
      {"b", "EXISTS q", ":1\r\n"},
  });
}

TEST(Multi, DoesNotNestAndGoesOn) {
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "MULTI", "-ERR MULTI calls can not be nested\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
  });
}

TEST(Multi, WithoutItExecAndDiscardAreErrors) {
  Converse({
      {"a", "EXEC", "-ERR EXEC without MULTI\r\n"},
      {"a", "DISCARD", "-ERR DISCARD without MULTI\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*0\r\n"},
      {"a", "EXEC", "-ERR EXEC without MULTI\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "DISCARD", "+OK\r\n"},
      {"a", "DISCARD", "-ERR DISCARD without MULTI\r\n"},
  });
}

TEST(Multi, CountsItsArguments) {
  Converse({
      {"a", "MULTI x", WrongArity("multi")},
      {"a", "DISCARD x", WrongArity("discard")},
      {"a", "WATCH", WrongArity("watch")},
      {"a", "UNWATCH x", WrongArity("unwatch")},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "MULTI x", WrongArity("multi")},
      {"a", "EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "WATCH", WrongArity("watch")},
      {"a", "EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "DISCARD x", WrongArity("discard")},
      {"a", "EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n"},
  });
}

TEST(Multi, DiscardForgetsWhatWasQueued) {
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "RPUSH q a", "+QUEUED\r\n"},
      {"a", "DISCARD", "+OK\r\n"},
      {"a", "EXISTS q", ":0\r\n"},
      {"a", "PING", "+PONG\r\n"},
  });
}

TEST(Multi, ARefusedCommandAbortsExec) {
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "NOSUCH a b", "-ERR unknown command 'NOSUCH', with args beginning with: 'a' 'b' \r\n"},
      {"a", "SET k v", "+QUEUED\r\n"},
      {"a", "EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n"},
      {"a", "GET k", "$-1\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "SET k", WrongArity("set")},
      {"a", "SET k v", "+QUEUED\r\n"},
      {"a", "EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n"},
      {"a", "GET k", "$-1\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "NOSUCH", "-ERR unknown command 'NOSUCH', with args beginning with: \r\n"},
      {"a", "DISCARD", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
  });
}

TEST(Multi, AnErrorWhileItRunsStopsNothing) {
  Converse({
      {"a", "SET s x", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "RPUSH s a", "+QUEUED\r\n"},
      {"a", "RPUSH q a b", "+QUEUED\r\n"},
      {"a", "LPOP q x", "+QUEUED\r\n"},
      {"a", "LPOP q", "+QUEUED\r\n"},
      {"a", "LPOP q 5", "+QUEUED\r\n"},
      {"a", "LPOP q 5", "+QUEUED\r\n"},
      {"a", "LPOP q", "+QUEUED\r\n"},
      {"a", "GET s", "+QUEUED\r\n"},
      {"a", "EXEC",
       "*8\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n:2\r\n-ERR value is out of range, "
       "must be positive\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n*-1\r\n$-1\r\n$1\r\nx\r\n"},
      {"r3", "MULTI", "+OK\r\n"},
      {"r3", "LPOP q 5", "+QUEUED\r\n"},
      {"r3", "LPOP q", "+QUEUED\r\n"},
      {"r3", "GET s", "+QUEUED\r\n"},
      {"r3", "EXEC", "*3\r\n_\r\n_\r\n$1\r\nx\r\n"},
  });
}

TEST(Multi, ChangesTheDatabaseAsItRuns) {
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "SELECT 1", "+QUEUED\r\n"},
      {"a", "SET k one", "+QUEUED\r\n"},
      {"a", "EXEC", "*2\r\n+OK\r\n+OK\r\n"},
      {"a", "GET k", Bulk("one")},
      {"a", "SELECT 0", "+OK\r\n"},
      {"a", "GET k", "$-1\r\n"},
  });
}

TEST(Multi, BlockingCommandsDoNotWait) {
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "BLPOP q 0", "+QUEUED\r\n"},
      {"a", "BRPOP q r 0", "+QUEUED\r\n"},
      {"a", "BLMOVE q d LEFT LEFT 0", "+QUEUED\r\n"},
      {"a", "BRPOPLPUSH q d 0", "+QUEUED\r\n"},
      {"a", "BLMPOP 0 1 q LEFT", "+QUEUED\r\n"},
      {"a", "BLPOP q x", "+QUEUED\r\n"},
      {"a", "BLPOP q -1", "+QUEUED\r\n"},
      {"a", "EXEC",
       "*7\r\n*-1\r\n*-1\r\n$-1\r\n$-1\r\n*-1\r\n-ERR timeout is not a float or out of range\r\n-ERR timeout is "
       "negative\r\n"},
      {"r3", "MULTI", "+OK\r\n"},
      {"r3", "BLPOP q 0", "+QUEUED\r\n"},
      {"r3", "BRPOP q r 0", "+QUEUED\r\n"},
      {"r3", "BLMOVE q d LEFT LEFT 0", "+QUEUED\r\n"},
      {"r3", "BRPOPLPUSH q d 0", "+QUEUED\r\n"},
      {"r3", "BLMPOP 0 1 q LEFT", "+QUEUED\r\n"},
      {"r3", "EXEC", "*5\r\n_\r\n_\r\n_\r\n_\r\n_\r\n"},
  });
}

TEST(Multi, BlockingCommandsTakeWhatIsThere) {
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "RPUSH q a b c d", "+QUEUED\r\n"},
      {"a", "BLPOP q 0", "+QUEUED\r\n"},
      {"a", "BRPOPLPUSH q d 0", "+QUEUED\r\n"},
      {"a", "BLMOVE q d LEFT RIGHT 0", "+QUEUED\r\n"},
      {"a", "BLMPOP 0 1 q LEFT COUNT 3", "+QUEUED\r\n"},
      {"a", "BLPOP q 0", "+QUEUED\r\n"},
      {"a", "LRANGE d 0 -1", "+QUEUED\r\n"},
      {"a", "EXEC",
       "*7\r\n:4\r\n*2\r\n$1\r\nq\r\n$1\r\na\r\n$1\r\nd\r\n$1\r\nb\r\n*2\r\n$1\r\nq\r\n*1\r\n$1\r\nc\r\n*-1\r\n*2\r\n$"
       "1\r\nd\r\n$1\r\nb\r\n"},
  });
}

TEST(Watch, AChangeByAnotherMakesExecANull) {
  Converse({
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "SET k 1", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "SET k mine", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "GET k", Bulk("1")},
      // the watch ended with EXEC
      {"b", "SET k 2", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "GET k", "+QUEUED\r\n"},
      {"a", "EXEC", Bulks({"2"})},
      {"r3", "WATCH k", "+OK\r\n"},
      {"b", "SET k 3", "+OK\r\n"},
      {"r3", "MULTI", "+OK\r\n"},
      {"r3", "EXEC", "_\r\n"},
  });
}

TEST(Watch, AChangeBetweenMultiAndExecCounts) {
  Converse({
      {"a", "WATCH k", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"b", "SET k 1", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
  });
}

TEST(Watch, AChangeOfOnesOwnCounts) {
  Converse({
      {"a", "WATCH k", "+OK\r\n"},
      {"a", "SET k 1", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
  });
}

TEST(Watch, AChangeInsideExecDoesNot) {
  Converse({
      {"a", "WATCH k", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "SET k 1", "+QUEUED\r\n"},
      {"a", "SET k 2", "+QUEUED\r\n"},
      {"a", "EXEC", "*2\r\n+OK\r\n+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
  });
}

TEST(Watch, IsForbiddenInsideMultiWhichGoesOn) {
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "WATCH k", "-ERR WATCH inside MULTI is not allowed\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "NOSUCH", "-ERR unknown command 'NOSUCH', with args beginning with: \r\n"},
      {"a", "WATCH k", "-ERR WATCH inside MULTI is not allowed\r\n"},
      {"a", "DISCARD", "+OK\r\n"},
  });
}

TEST(Watch, OfSeveralKeysBreaksWithAnyOfThem) {
  Converse({
      {"a", "WATCH k1 k2 k1", "+OK\r\n"},
      {"b", "SET k2 x", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "WATCH k1 k2", "+OK\r\n"},
      {"a", "WATCH k3", "+OK\r\n"},
      {"b", "SET other x", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
  });
}

TEST(Watch, UnwatchDiscardAndExecAbortEndIt) {
  Converse({
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "SET k 1", "+OK\r\n"},
      {"a", "UNWATCH", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "SET k 2", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "DISCARD", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "SET k 3", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "NOSUCH", "-ERR unknown command 'NOSUCH', with args beginning with: \r\n"},
      {"a", "EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
  });
}

TEST(Watch, UnwatchInsideMultiIsQueued) {
  Converse({
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "SET k 1", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "UNWATCH", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "UNWATCH", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "UNWATCH", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+OK\r\n"},
  });
}

TEST(Watch, WhatChangesNothingBreaksNothing) {
  Converse({
      {"a", "RPUSH l a b", ":2\r\n"},
      {"a", "WATCH l miss", "+OK\r\n"},
      {"b", "LREM l 0 z", ":0\r\n"},
      {"b", "LINSERT l BEFORE z x", ":-1\r\n"},
      {"b", "LPOP l 0", "*0\r\n"},
      {"b", "LPUSHX miss a", ":0\r\n"},
      {"b", "LTRIM miss 0 1", "+OK\r\n"},
      {"b", "DEL miss", ":0\r\n"},
      {"b", "RPOPLPUSH miss l", "$-1\r\n"},
      {"b", "LSET l 9 x", "-ERR index out of range\r\n"},
      {"b", "LRANGE l 0 -1", Bulks({"a", "b"})},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
  });
}

TEST(Watch, ATurnOfOneElementAndTheSameValueAgainBreakIt) {
  Converse({
      {"a", "RPUSH one v", ":1\r\n"},
      {"a", "WATCH one", "+OK\r\n"},
      {"b", "RPOPLPUSH one one", Bulk("v")},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "WATCH one", "+OK\r\n"},
      {"b", "LSET one 0 v", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
  });
}

TEST(Watch, ATrimThatKeepsEverythingBreaksIt) {
  Converse({
      {"a", "RPUSH l a b", ":2\r\n"},
      {"a", "WATCH l", "+OK\r\n"},
      {"b", "LTRIM l 0 -1", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
  });
}

TEST(Watch, EveryChangeOfAListBreaksIt) {
  Converse({
      {"a", "RPUSH l a b c d e f", ":6\r\n"},
      {"a", "RPUSH src s", ":1\r\n"},
      {"a", "WATCH l", "+OK\r\n"},
      {"b", "LPUSH l x", ":7\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "WATCH l", "+OK\r\n"},
      {"b", "RPOP l", Bulk("f")},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "WATCH l", "+OK\r\n"},
      {"b", "LREM l 1 x", ":1\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "WATCH l", "+OK\r\n"},
      {"b", "LINSERT l AFTER a y", ":6\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "WATCH l", "+OK\r\n"},
      {"b", "LTRIM l 0 1", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "WATCH l", "+OK\r\n"},
      {"b", "RPOPLPUSH src l", Bulk("s")},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "WATCH l", "+OK\r\n"},
      {"b", "LMPOP 1 l LEFT", Popped("l", {"s"})},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "WATCH l", "+OK\r\n"},
      {"b", "EXPIRE l 100", ":1\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "WATCH l", "+OK\r\n"},
      {"b", "RENAME l m", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
  });
}

TEST(Watch, BelongsToTheDatabaseOfItsTime) {
  Converse({
      {"a", "SELECT 1", "+OK\r\n"},
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "SET k 1", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
      {"b", "SELECT 1", "+OK\r\n"},
      {"a", "WATCH k", "+OK\r\n"},
      {"a", "SELECT 0", "+OK\r\n"},
      {"b", "SET k 2", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
  });
}

TEST(Watch, FlushedAndSwappedDatabasesBreakItWhereAKeyIsTouched) {
  Converse({
      // a key that goes
      {"a", "SET k 1", "+OK\r\n"},
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "FLUSHALL", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "SET k 1", "+OK\r\n"},
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "FLUSHDB", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      // a key that was not there
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "FLUSHALL", "+OK\r\n"},
      {"b", "FLUSHDB", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*0\r\n"},
      // a key that goes to the other database, and one that is in neither
      {"a", "SET k 1", "+OK\r\n"},
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "SWAPDB 0 1", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "WATCH none", "+OK\r\n"},
      {"b", "SWAPDB 0 1", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "EXEC", "*0\r\n"},
  });
}

TEST(Watch, AKeyThatExpiresAfterwardsBreaksIt) {
  Converse({
      {"a", "SET k v PX 50", "+OK\r\n"},
      {"a", "WATCH k", "+OK\r\n"},
      {kJump, "60", ""},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
      {"a", "SET k v PX 50", "+OK\r\n"},
      {"a", "WATCH k", "+OK\r\n"},
      {kJump, "60", ""},
      {"b", "GET k", "$-1\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
  });
}

TEST(Watch, AKeyThatWasExpiredAlreadyIsAMissingKey) {
  Converse({
      {"a", "SET k v PX 50", "+OK\r\n"},
      {kJump, "60", ""},
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "GET k", "$-1\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
      {"a", "SET k v PX 50", "+OK\r\n"},
      {kJump, "60", ""},
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "DEL k", ":0\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
      {"a", "SET k v PX 50", "+OK\r\n"},
      {kJump, "60", ""},
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "FLUSHALL", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n+PONG\r\n"},
      {"a", "SET k v PX 50", "+OK\r\n"},
      {kJump, "60", ""},
      {"a", "WATCH k", "+OK\r\n"},
      {"b", "SET k v2", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
  });
}

TEST(Multi, ExecWithArgumentsDiscards) {
  Converse({
      {"a", "EXEC x", "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "SET k v", "+QUEUED\r\n"},
      {"a", "EXEC x", "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command\r\n"},
      {"a", "EXEC", "-ERR EXEC without MULTI\r\n"},
      {"a", "GET k", "$-1\r\n"},
  });
}

TEST(Multi, AClientThatKillsItselfInExecHearsNothingBehindThat) {
  TestServer server;
  TestClient client(server);
  client.Send("MULTI");
  client.Send("CLIENT KILL ID " + std::to_string(client.id()) + " SKIPME no");
  client.Send("PING");
  EXPECT_EQ(client.Send("EXEC"), "*2\r\n:1\r\n");
  EXPECT_TRUE(client.closed());
}

TEST(Watch, AReloadBreaksIt) {
  TestServer server({"--enable-debug-command", "yes"});
  TestClient client(server);
  client.Send("SET k v");
  client.Send("WATCH k");
  client.Send("DEBUG RELOAD");
  client.Send("MULTI");
  EXPECT_EQ(client.Send("EXEC"), "*-1\r\n");
}

}  // namespace
}  // namespace baton
