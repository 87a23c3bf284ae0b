// BLPOP BRPOP BLMOVE BRPOPLPUSH BLMPOP: what they answer at once, how they wait, and who is served when.
#include "protocol/transcript.h"

namespace baton {
namespace {

TEST(BlockingPop, TakesAtOnceWhatIsThere) {
  Converse({
      {"a", "RPUSH q 1 2 3", ":3\r\n"},
      {"a", "BLPOP q 0", Bulks({"q", "1"})},
      {"a", "BRPOP q 0", Bulks({"q", "3"})},
      {"a", "BLPOP miss q 0", Bulks({"q", "2"})},
      {"a", "EXISTS q", ":0\r\n"},
      {"r3", "RPUSH q 1", ":1\r\n"},
      {"r3", "BRPOP miss q 0", Bulks({"q", "1"})},
  });
}

TEST(BlockingPop, TriesItsKeysInOrder) {
  Converse({
      {"a", "RPUSH q2 x", ":1\r\n"},
      {"a", "RPUSH q3 y", ":1\r\n"},
      {"a", "BLPOP q1 q2 q3 0", Bulks({"q2", "x"})},
      {"a", "BLPOP q1 q2 q3 0", Bulks({"q3", "y"})},
  });
}

TEST(BlockingPop, StopsAtTheFirstKeyOfAnotherType) {
  Converse({
      {"a", "SET s x", "+OK\r\n"},
      {"a", "RPUSH q v", ":1\r\n"},
      {"a", "BLPOP s 0", kWrongType},
      {"a", "BLPOP miss s q 0", kWrongType},
      {"a", "BRPOP miss q s 0", Bulks({"q", "v"})},
      {"a", "LLEN q", ":0\r\n"},
  });
}

TEST(BlockingPop, ReadsItsTimeoutBeforeItsKeys) {
  Converse({
      {"a", "SET s x", "+OK\r\n"},
      {"a", "BLPOP s x", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BLPOP s -1", "-ERR timeout is negative\r\n"},
      {"a", "BRPOP s \"\"", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BLPOP s 0", kWrongType},
      {"a", "BLPOP s", WrongArity("blpop")},
      {"a", "BRPOP", WrongArity("brpop")},
  });
}

TEST(BlockingTimeout, IsRefusedWhenItIsNoNumber) {
  Converse({
      {"a", "BLPOP q x", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BLPOP q nan", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BLPOP q \" 1\"", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BLPOP q \"1 \"", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BLPOP q \"\"", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BLPOP q 1e5000", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BLPOP q 1e-5000", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BLPOP q -1e5000", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BLPOP q \"0.01\\x00\"", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BLPOP q \"\\x000.01\"", "-ERR timeout is not a float or out of range\r\n"},
  });
}

TEST(BlockingTimeout, IsNegativeWhenItIsOrWhenNoCounterHoldsIt) {
  Converse({
      {"a", "BLPOP q -1", "-ERR timeout is negative\r\n"},
      {"a", "BLPOP q -0.0011", "-ERR timeout is negative\r\n"},
      {"a", "BLPOP q -1e300", "-ERR timeout is negative\r\n"},
      {"a", "BLPOP q inf", "-ERR timeout is negative\r\n"},
      {"a", "BLPOP q +inf", "-ERR timeout is negative\r\n"},
      {"a", "BLPOP q -inf", "-ERR timeout is negative\r\n"},
      {"a", "BLPOP q infinity", "-ERR timeout is negative\r\n"},
      {"a", "BLPOP q 1e400", "-ERR timeout is negative\r\n"},
      {"a", "BLPOP q 9.3e15", "-ERR timeout is negative\r\n"},
      {"a", "BLPOP q -9.3e15", "-ERR timeout is negative\r\n"},
      {"a", "BLPOP q 9223372036854775807", "-ERR timeout is negative\r\n"},
      {"a", "BLPOP q 9223372036854775.808", "-ERR timeout is negative\r\n"},
  });
}

TEST(BlockingTimeout, OfNothingOrOfAgesNeverEnds) {
  Converse({
      {"a", "BLPOP q 0", ""},
      {"b", "BLPOP q -0", ""},
      {"c", "BLPOP q 9223372036854775", ""},
      {"d", "BLPOP q 9.2e15", ""},
      // -1 ms rounds up to no time at all
      {"e", "BLPOP q -0.001", ""},
      {"f", "BLPOP q -0.0001", ""},
      {"g", "BLPOP q 9223372036854775.807", ""},
      {kSleep, "400", ""},
      {"a", kNothing, ""},
      {"b", kNothing, ""},
      {"c", kNothing, ""},
      {"d", kNothing, ""},
      {"e", kNothing, ""},
      {"f", kNothing, ""},
      {"g", kNothing, ""},
      {"z", "RPUSH q 1 2 3 4 5 6 7", ":7\r\n"},
      {"a", kNothing, Bulks({"q", "1"})},
      {"b", kNothing, Bulks({"q", "2"})},
      {"c", kNothing, Bulks({"q", "3"})},
      {"d", kNothing, Bulks({"q", "4"})},
      {"e", kNothing, Bulks({"q", "5"})},
      {"f", kNothing, Bulks({"q", "6"})},
      {"g", kNothing, Bulks({"q", "7"})},
  });
}

TEST(BlockingTimeout, TakesFractionsAndRoundsUp) {
  Converse({
      {"a", "BLPOP q 0.2", ""},
      {"b", "BLPOP q .2", ""},
      {"c", "BLPOP q 00.2", ""},
      {"d", "BLPOP q 0x1p-3", ""},
      {"e", "BLPOP q 2e-1", ""},
      {"f", "BLPOP q 0.0001", ""},
      {"g", "BLPOP q 1e-300", ""},
      {kSleep, "400", ""},
      {"a", kNothing, "*-1\r\n"},
      {"b", kNothing, "*-1\r\n"},
      {"c", kNothing, "*-1\r\n"},
      {"d", kNothing, "*-1\r\n"},
      {"e", kNothing, "*-1\r\n"},
      {"f", kNothing, "*-1\r\n"},
      {"g", kNothing, "*-1\r\n"},
  });
}

TEST(BlockingTimeout, AnswersEveryCommandWithANullArray) {
  Converse({
      {"a", "BLPOP q 0.2", ""},
      {"b", "BRPOP q r 0.2", ""},
      {"c", "BLMOVE q d LEFT RIGHT 0.2", ""},
      {"d", "BRPOPLPUSH q d 0.2", ""},
      {"e", "BLMPOP 0.2 2 q r LEFT", ""},
      {"a3", "BLPOP q 0.2", ""},
      {"b3", "BRPOP q r 0.2", ""},
      {"c3", "BLMOVE q d LEFT RIGHT 0.2", ""},
      {"d3", "BRPOPLPUSH q d 0.2", ""},
      {"e3", "BLMPOP 0.2 2 q r LEFT", ""},
      {kSleep, "400", ""},
      {"a", kNothing, "*-1\r\n"},
      {"b", kNothing, "*-1\r\n"},
      {"c", kNothing, "*-1\r\n"},
      {"d", kNothing, "*-1\r\n"},
      {"e", kNothing, "*-1\r\n"},
      {"a3", kNothing, "_\r\n"},
      {"b3", kNothing, "_\r\n"},
      {"c3", kNothing, "_\r\n"},
      {"d3", kNothing, "_\r\n"},
      {"e3", kNothing, "_\r\n"},
      {"a", "PING", "+PONG\r\n"},
  });
}

TEST(BlockingTimeout, LeavesTheLine) {
  Converse({
      {"x", "BLPOP q 0.2", ""},
      {"y", "BLPOP q 0", ""},
      {kSleep, "400", ""},
      {"x", kNothing, "*-1\r\n"},
      {"a", "RPUSH q v", ":1\r\n"},
      {"x", kNothing, ""},
      {"y", kNothing, Bulks({"q", "v"})},
  });
}

TEST(BlockingMove, MovesAtOnceWhatIsThere) {
  Converse({
      {"a", "RPUSH q 1 2 3", ":3\r\n"},
      {"a", "BLMOVE q d LEFT RIGHT 0", Bulk("1")},
      {"a", "BLMOVE q d RIGHT LEFT 0", Bulk("3")},
      {"a", "BRPOPLPUSH q d 0", Bulk("2")},
      {"a", "LRANGE d 0 -1", Bulks({"2", "3", "1"})},
      {"a", "BLMOVE d d LEFT RIGHT 0", Bulk("2")},
      {"a", "BRPOPLPUSH d d 0", Bulk("2")},
      {"a", "LRANGE d 0 -1", Bulks({"2", "3", "1"})},
      {"r3", "BLMOVE d q LEFT LEFT 0", Bulk("2")},
  });
}

TEST(BlockingMove, ReadsWordsThenTimeoutThenKeys) {
  Converse({
      {"a", "SET s x", "+OK\r\n"},
      {"a", "RPUSH q v", ":1\r\n"},
      {"a", "BLMOVE s d WRONG LEFT x", "-ERR syntax error\r\n"},
      {"a", "BLMOVE s d LEFT WRONG x", "-ERR syntax error\r\n"},
      {"a", "BLMOVE s d LEFT LEFT x", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BLMOVE s d LEFT LEFT -1", "-ERR timeout is negative\r\n"},
      {"a", "BLMOVE s d LEFT LEFT 0", kWrongType},
      {"a", "BLMOVE q s LEFT LEFT 0", kWrongType},
      {"a", "BRPOPLPUSH s d x", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BRPOPLPUSH s d -1", "-ERR timeout is negative\r\n"},
      {"a", "BRPOPLPUSH s d 0", kWrongType},
      {"a", "BRPOPLPUSH q s 0", kWrongType},
      {"a", "BLMOVE q d LEFT LEFT", WrongArity("blmove")},
      {"a", "BRPOPLPUSH q d", WrongArity("brpoplpush")},
      {"a", "LRANGE q 0 -1", Bulks({"v"})},
  });
}

TEST(BlockingMove, WaitsBeforeItLooksAtTheDestination) {
  Converse({
      {"a", "SET s x", "+OK\r\n"},
      {"x", "BRPOPLPUSH q s 0.2", ""},
      {kSleep, "400", ""},
      {"x", kNothing, "*-1\r\n"},
  });
}

TEST(BlockingMPop, TakesAtOnceWhatIsThere) {
  Converse({
      {"a", "RPUSH r a b c d", ":4\r\n"},
      {"a", "BLMPOP 0 2 q r RIGHT", Popped("r", {"d"})},
      {"a", "BLMPOP 0 2 q r LEFT COUNT 2", Popped("r", {"a", "b"})},
      {"r3", "BLMPOP 0 1 r LEFT count 9", Popped("r", {"c"})},
      {"a", "EXISTS r", ":0\r\n"},
  });
}

TEST(BlockingMPop, ReadsItsTimeoutLast) {
  Converse({
      {"a", "SET s x", "+OK\r\n"},
      {"a", "BLMPOP x 0 s LEFT", "-ERR numkeys should be greater than 0\r\n"},
      {"a", "BLMPOP x y s LEFT", "-ERR numkeys should be greater than 0\r\n"},
      {"a", "BLMPOP x 2 s LEFT", "-ERR syntax error\r\n"},
      {"a", "BLMPOP x 1 s WRONG", "-ERR syntax error\r\n"},
      {"a", "BLMPOP x 1 s LEFT COUNT", "-ERR syntax error\r\n"},
      {"a", "BLMPOP x 1 s LEFT COUNT 0", "-ERR count should be greater than 0\r\n"},
      {"a", "BLMPOP x 1 s LEFT COUNT y", "-ERR count should be greater than 0\r\n"},
      {"a", "BLMPOP x 1 s LEFT COUNT 1 COUNT 1", "-ERR syntax error\r\n"},
      {"a", "BLMPOP x 1 s LEFT PLACE", "-ERR syntax error\r\n"},
      {"a", "BLMPOP x 1 s LEFT COUNT 1", "-ERR timeout is not a float or out of range\r\n"},
      {"a", "BLMPOP -1 1 s LEFT COUNT 1", "-ERR timeout is negative\r\n"},
      {"a", "BLMPOP 0 1 s LEFT", kWrongType},
      {"a", "BLMPOP 0 2 q s LEFT", kWrongType},
      {"a", "BLMPOP 0 9223372036854775807 s LEFT", "-ERR syntax error\r\n"},
      {"a", "BLMPOP 0 1 s", WrongArity("blmpop")},
  });
}

TEST(Waiting, EndsWithAPush) {
  Converse({
      {"x", "BLPOP q 0", ""},
      {"a", "LPUSH q v", ":1\r\n"},
      {"x", kNothing, Bulks({"q", "v"})},
      {"a", "EXISTS q", ":0\r\n"},
      {"x3", "BRPOP q 0", ""},
      {"a", "RPUSH q v", ":1\r\n"},
      {"x3", kNothing, Bulks({"q", "v"})},
      {"a", "EXISTS q", ":0\r\n"},
  });
}

TEST(Waiting, SeesTheWholeOfAVariadicPush) {
  Converse({
      {"x", "BLPOP q 0", ""},
      {"a", "LPUSH q a b c", ":3\r\n"},
      {"x", kNothing, Bulks({"q", "c"})},
      {"a", "LRANGE q 0 -1", Bulks({"b", "a"})},
  });
}

TEST(Waiting, IsServedInOrderOfArrival) {
  Converse({
      {"x", "BLPOP q 0", ""},
      {"y", "BLPOP q 0", ""},
      {"a", "RPUSH q 1", ":1\r\n"},
      {"x", kNothing, Bulks({"q", "1"})},
      {"y", kNothing, ""},
      {"x", "BLPOP q 0", ""},
      {"a", "RPUSH q 2", ":1\r\n"},
      {"x", kNothing, ""},
      {"y", kNothing, Bulks({"q", "2"})},
      {"a", "RPUSH q 3", ":1\r\n"},
      {"x", kNothing, Bulks({"q", "3"})},
  });
}

TEST(Waiting, OneLineForAllCommands) {
  Converse({
      {"x", "BLPOP q 0", ""},
      {"y", "BRPOPLPUSH q d 0", ""},
      {"z", "BLMPOP 0 1 q RIGHT COUNT 2", ""},
      {"w", "BRPOP q 0", ""},
      {"a", "RPUSH q 1 2 3 4 5 6", ":6\r\n"},
      {"x", kNothing, Bulks({"q", "1"})},
      {"y", kNothing, Bulk("6")},
      {"z", kNothing, Popped("q", {"5", "4"})},
      {"w", kNothing, Bulks({"q", "3"})},
      {"a", "LRANGE q 0 -1", Bulks({"2"})},
      {"a", "LRANGE d 0 -1", Bulks({"6"})},
  });
}

TEST(Waiting, AnswersComeBeforeTheNextRequestOfTheSameClient) {
  Converse({
      {"x", "BLPOP q 0", ""},
      {"x", "PING", ""},
      {"a", "RPUSH q 1", ":1\r\n"},
      {"x", kNothing, "*2\r\n$1\r\nq\r\n$1\r\n1\r\n+PONG\r\n"},
  });
}

TEST(Waiting, OnSeveralKeysEndsWithTheFirstTouched) {
  Converse({
      {"x", "BLPOP q1 q2 q3 0", ""},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "RPUSH q3 c", "+QUEUED\r\n"},
      {"a", "RPUSH q1 a", "+QUEUED\r\n"},
      {"a", "RPUSH q2 b", "+QUEUED\r\n"},
      {"a", "EXEC", "*3\r\n:1\r\n:1\r\n:1\r\n"},
      {"x", kNothing, Bulks({"q3", "c"})},
      {"a", "EXISTS q1 q2 q3", ":2\r\n"},
  });
}

TEST(Waiting, TwiceOnOneKeyIsServedOnce) {
  Converse({
      {"x", "BLPOP q q 0", ""},
      {"a", "RPUSH q 1 2", ":2\r\n"},
      {"x", kNothing, Bulks({"q", "1"})},
      {"a", "LRANGE q 0 -1", Bulks({"2"})},
  });
}

TEST(Waiting, IgnoresWhatTheTransactionTookBack) {
  Converse({
      {"x", "BLPOP q 0", ""},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "RPUSH q a", "+QUEUED\r\n"},
      {"a", "DEL q", "+QUEUED\r\n"},
      {"a", "EXEC", "*2\r\n:1\r\n:1\r\n"},
      {"x", kNothing, ""},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "RPUSH q b", "+QUEUED\r\n"},
      {"a", "LPOP q", "+QUEUED\r\n"},
      {"a", "RPUSH q c", "+QUEUED\r\n"},
      {"a", "EXEC", "*3\r\n:1\r\n$1\r\nb\r\n:1\r\n"},
      {"x", kNothing, Bulks({"q", "c"})},
  });
}

TEST(Waiting, GoesOnWhileTheKeyIsOfAnotherType) {
  Converse({
      {"x", "BLPOP q 0", ""},
      {"y", "BLMOVE q d LEFT LEFT 0", ""},
      {"z", "BLMPOP 0 1 q LEFT", ""},
      {"a", "SET q v", "+OK\r\n"},
      {"x", kNothing, ""},
      {"a", "DEL q", ":1\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "RPUSH q a", "+QUEUED\r\n"},
      {"a", "DEL q", "+QUEUED\r\n"},
      {"a", "SET q x", "+QUEUED\r\n"},
      {"a", "EXEC", "*3\r\n:1\r\n:1\r\n+OK\r\n"},
      {"x", kNothing, ""},
      {"y", kNothing, ""},
      {"z", kNothing, ""},
      {"a", "DEL q", ":1\r\n"},
      {"a", "RPUSH q 1 2 3", ":3\r\n"},
      {"x", kNothing, Bulks({"q", "1"})},
      {"y", kNothing, Bulk("2")},
      {"z", kNothing, Popped("q", {"3"})},
  });
}

TEST(Waiting, OnOneKeyEndsThoughAnotherIsOfAnotherType) {
  Converse({
      {"x", "BLPOP q1 q2 0", ""},
      {"a", "SET q1 v", "+OK\r\n"},
      {"a", "RPUSH q2 a", ":1\r\n"},
      {"x", kNothing, Bulks({"q2", "a"})},
      {"a", "DEL q1", ":1\r\n"},
      {"x", "BLMPOP 0 2 q1 q2 LEFT COUNT 2", ""},
      {"a", "SET q1 v", "+OK\r\n"},
      {"a", "RPUSH q2 a b c", ":3\r\n"},
      {"x", kNothing, Popped("q2", {"a", "b"})},
  });
}

TEST(Waiting, AMoveToAnotherTypeIsAnErrorAndTheElementStays) {
  Converse({
      {"x", "BLMOVE q d LEFT LEFT 0", ""},
      {"y", "BRPOPLPUSH q d 0", ""},
      {"a", "SET d x", "+OK\r\n"},
      {"a", "RPUSH q a", ":1\r\n"},
      {"x", kNothing, kWrongType},
      {"y", kNothing, kWrongType},
      {"a", "LRANGE q 0 -1", Bulks({"a"})},
      {"x", "PING", "+PONG\r\n"},
  });
}

TEST(Waiting, TheNextInLineGetsWhatAMoveCouldNotTake) {
  Converse({
      {"x", "BLMOVE q d LEFT LEFT 0", ""},
      {"y", "BLPOP q 0", ""},
      {"a", "SET d x", "+OK\r\n"},
      {"a", "RPUSH q a", ":1\r\n"},
      {"x", kNothing, kWrongType},
      {"y", kNothing, Bulks({"q", "a"})},
      {"a", "EXISTS q", ":0\r\n"},
  });
}

TEST(Waiting, MovesFeedEachOther) {
  Converse({
      {"x", "BLMOVE a b LEFT LEFT 0", ""},
      {"y", "BLMOVE b c LEFT LEFT 0", ""},
      {"z", "BLPOP c 0", ""},
      {"w", "RPUSH a v", ":1\r\n"},
      {"x", kNothing, Bulk("v")},
      {"y", kNothing, Bulk("v")},
      {"z", kNothing, Bulks({"c", "v"})},
      {"w", "EXISTS a b c", ":0\r\n"},
  });
}

TEST(Waiting, MovesFeedEachOtherWhoeverCameFirst) {
  Converse({
      {"z", "BLPOP c 0", ""},
      {"y", "BLMOVE b c LEFT LEFT 0", ""},
      {"x", "BLMOVE a b LEFT LEFT 0", ""},
      {"w", "RPUSH a v", ":1\r\n"},
      {"x", kNothing, Bulk("v")},
      {"y", kNothing, Bulk("v")},
      {"z", kNothing, Bulks({"c", "v"})},
      {"w", "EXISTS a b c", ":0\r\n"},
  });
}

TEST(Waiting, MovesInACircleEnd) {
  Converse({
      {"x", "BLMOVE a b LEFT LEFT 0", ""},
      {"y", "BLMOVE b a LEFT LEFT 0", ""},
      {"w", "RPUSH a v", ":1\r\n"},
      {"x", kNothing, Bulk("v")},
      {"y", kNothing, Bulk("v")},
      {"w", "LRANGE a 0 -1", Bulks({"v"})},
      {"w", "EXISTS b", ":0\r\n"},
  });
}

TEST(Waiting, AMoveOntoItselfServesTheNextToo) {
  Converse({
      {"x", "BLMOVE a a LEFT LEFT 0", ""},
      {"y", "BLMOVE a a LEFT LEFT 0", ""},
      {"w", "RPUSH a v", ":1\r\n"},
      {"x", kNothing, Bulk("v")},
      {"y", kNothing, Bulk("v")},
      {"w", "LRANGE a 0 -1", Bulks({"v"})},
  });
}

TEST(Waiting, KeysAreServedInTheOrderInWhichTheyWereTouched) {
  Converse({
      {"x", "BLMOVE a b LEFT LEFT 0", ""},
      {"y", "BLPOP b 0", ""},
      {"w", "MULTI", "+OK\r\n"},
      {"w", "RPUSH b direct", "+QUEUED\r\n"},
      {"w", "RPUSH a v", "+QUEUED\r\n"},
      {"w", "EXEC", "*2\r\n:1\r\n:1\r\n"},
      {"x", kNothing, Bulk("v")},
      {"y", kNothing, Bulks({"b", "direct"})},
      {"w", "LRANGE b 0 -1", Bulks({"v"})},
  });
}

TEST(Waiting, EndsWithAMoveRenameCopyOrSwap) {
  Converse({
      {"x", "BLPOP q 0", ""},
      {"a", "RPUSH src 1 2", ":2\r\n"},
      {"a", "RPOPLPUSH src q", Bulk("2")},
      {"x", kNothing, Bulks({"q", "2"})},
      {"x", "BLPOP q 0", ""},
      {"a", "COPY src q", ":1\r\n"},
      {"x", kNothing, Bulks({"q", "1"})},
      {"x", "BLPOP q 0", ""},
      {"a", "RENAME src q", "+OK\r\n"},
      {"x", kNothing, Bulks({"q", "1"})},
      {"x", "SELECT 1", "+OK\r\n"},
      {"x", "BLPOP q 0", ""},
      {"a", "RPUSH q 3", ":1\r\n"},
      {"a", "MOVE q 1", ":1\r\n"},
      {"x", kNothing, Bulks({"q", "3"})},
      {"x", "BLPOP q 0", ""},
      {"a", "RPUSH q 4", ":1\r\n"},
      {"a", "SWAPDB 0 1", "+OK\r\n"},
      {"x", kNothing, Bulks({"q", "4"})},
      {"a", "DBSIZE", ":0\r\n"},
  });
}

TEST(Waiting, EndsInTheClientsDatabaseOnly) {
  Converse({
      {"x", "BLPOP q 0", ""},
      {"a", "SELECT 1", "+OK\r\n"},
      {"a", "RPUSH q other", ":1\r\n"},
      {"x", kNothing, ""},
      {"a", "SELECT 0", "+OK\r\n"},
      {"a", "RPUSH q own", ":1\r\n"},
      {"x", kNothing, Bulks({"q", "own"})},
  });
}

TEST(Waiting, DoesNotGetAnElementWhoseTimeIsUp) {
  Converse({
      {"x", "BLPOP q 0", ""},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "RPUSH q v", "+QUEUED\r\n"},
      {"a", "PEXPIREAT q 1", "+QUEUED\r\n"},
      {"a", "EXEC", "*2\r\n:1\r\n:1\r\n"},
      {"x", kNothing, ""},
      {"a", "RPUSH q w", ":1\r\n"},
      {"x", kNothing, Bulks({"q", "w"})},
  });
}

TEST(Waiting, GetsAnElementThatHasTimeLeft) {
  Converse({
      {"x", "BLPOP q 0", ""},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "RPUSH q v", "+QUEUED\r\n"},
      {"a", "PEXPIRE q 10000", "+QUEUED\r\n"},
      {"a", "EXEC", "*2\r\n:1\r\n:1\r\n"},
      {"x", kNothing, Bulks({"q", "v"})},
  });
}

TEST(Waiting, BreaksAWatchOnTheKey) {
  Converse({
      {"x", "BLPOP q 0", ""},
      {"a", "WATCH q", "+OK\r\n"},
      {"b", "RPUSH q v", ":1\r\n"},
      {"x", kNothing, Bulks({"q", "v"})},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "EXEC", "*-1\r\n"},
  });
}

// Ten thousand writes to sockets take tens of milliseconds: turns share them, and others are answered in between.
TEST(Waiting, ThousandsThatAreServedAtOnceDoNotKeepOthersWaiting) {
  constexpr size_t kWaiting = 3000;
  TestServer server;
  std::vector<std::unique_ptr<TestClient>> waiting;
  std::vector<std::string> push = {"RPUSH", "q"};
  for (size_t i = 0; i < kWaiting; ++i) {
    waiting.push_back(std::make_unique<TestClient>(server));
    ASSERT_EQ(waiting.back()->Send("BLPOP q 0"), "");
    push.push_back(std::to_string(i));
  }
  TestClient pusher(server), other(server);
  auto served = [&, first = size_t{0}]() mutable {
    for (std::string reply; first < kWaiting && !(reply = waiting[first]->Receive()).empty(); ++first) {
      EXPECT_EQ(reply, Bulks({"q", std::to_string(first)}));
    }
    return first;
  };
  pusher.Feed(TestClient::Encode(push));
  other.Feed("PING\r\n");
  EXPECT_TRUE(server.server().EndTurn());
  EXPECT_EQ(pusher.Receive(), ":3000\r\n");
  EXPECT_EQ(other.Receive(), "+PONG\r\n");
  size_t turns = 1;
  for (size_t before = served(); before < kWaiting; ++turns) {
    EXPECT_LE(before, turns * 500) << "so much in one turn is felt";
    other.Feed("PING\r\n");
    server.server().EndTurn();
    EXPECT_EQ(other.Receive(), "+PONG\r\n");
    const size_t now = served();
    ASSERT_GT(now, before) << "every turn goes on";
    before = now;
  }
  EXPECT_FALSE(server.server().EndTurn());
}

}  // namespace
}  // namespace baton
