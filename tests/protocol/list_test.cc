// The list commands that answer at once.
#include "protocol/transcript.h"

namespace baton {
namespace {

TEST(Push, AnswersWithTheNewLength) {
  Converse({
      {"a", "LPUSH q a b", ":2\r\n"},
      {"a", "RPUSH q c d", ":4\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"b", "a", "c", "d"})},
      {"a", "LLEN q", ":4\r\n"},
  });
}

TEST(Push, KeepsEveryByteOfAPayload) {
  Converse({
      {"a", "RPUSH q \"\" \"\\x00\\r\\n\\xff\" \" \" 42 -0 007 9223372036854775807", ":7\r\n"},
      {"a", "LRANGE q 0 -1",
       "*7\r\n$0\r\n\r\n$4\r\n\000\r\n\377\r\n$1\r\n "
       "\r\n$2\r\n42\r\n$2\r\n-0\r\n$3\r\n007\r\n$19\r\n9223372036854775807\r\n"},
      {"a", "LINDEX q 1", "$4\r\n\000\r\n\377\r\n"},
      {"a", "LPOP q", Bulk("")},
      {"a", "LREM q 0 42", ":1\r\n"},
      {"a", "LPOS q 007", ":3\r\n"},
  });
}

TEST(Push, RefusesAnotherType) {
  Converse({
      {"a", "SET s x", "+OK\r\n"},
      {"a", "LPUSH s a", kWrongType},
      {"a", "RPUSH s a", kWrongType},
      {"a", "LPUSHX s a", kWrongType},
      {"a", "RPUSHX s a", kWrongType},
      {"a", "GET s", Bulk("x")},
  });
}

TEST(Push, CountsItsArguments) {
  Converse({
      {"a", "LPUSH", WrongArity("lpush")},
      {"a", "LPUSH q", WrongArity("lpush")},
      {"a", "RPUSH q", WrongArity("rpush")},
      {"a", "LPUSHX q", WrongArity("lpushx")},
      {"a", "RPUSHX q", WrongArity("rpushx")},
      {"a", "EXISTS q", ":0\r\n"},
  });
}

TEST(PushX, LeavesAMissingKeyAlone) {
  Converse({
      {"a", "LPUSHX q a b", ":0\r\n"},
      {"a", "RPUSHX q a b", ":0\r\n"},
      {"a", "EXISTS q", ":0\r\n"},
      {"a", "RPUSH q m", ":1\r\n"},
      {"a", "LPUSHX q a b", ":3\r\n"},
      {"a", "RPUSHX q y z", ":5\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"b", "a", "m", "y", "z"})},
  });
}

TEST(Pop, TakesFromItsEnd) {
  Converse({
      {"a", "RPUSH q a b c d e f", ":6\r\n"},
      {"a", "LPOP q", Bulk("a")},
      {"a", "RPOP q", Bulk("f")},
      {"a", "LPOP q 2", Bulks({"b", "c"})},
      {"a", "RPOP q 2", Bulks({"e", "d"})},
      {"a", "EXISTS q", ":0\r\n"},
  });
}

TEST(Pop, OfAMissingKeyIsANullInTheShapeOfTheRequest) {
  Converse({
      {"a", "LPOP q", "$-1\r\n"},
      {"a", "RPOP q", "$-1\r\n"},
      {"a", "LPOP q 1", "*-1\r\n"},
      {"a", "RPOP q 0", "*-1\r\n"},
      {"r3", "LPOP q", "_\r\n"},
      {"r3", "RPOP q", "_\r\n"},
      {"r3", "LPOP q 1", "_\r\n"},
      {"r3", "RPOP q 0", "_\r\n"},
  });
}

TEST(Pop, WithACountAnswersAnArray) {
  Converse({
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LPOP q 0", "*0\r\n"},
      {"a", "LPOP q 1", Bulks({"a"})},
      {"a", "RPOP q 9223372036854775807", Bulks({"c", "b"})},
      {"a", "EXISTS q", ":0\r\n"},
      {"r3", "RPUSH q a b", ":2\r\n"},
      {"r3", "LPOP q 0", "*0\r\n"},
      {"r3", "LPOP q 5", Bulks({"a", "b"})},
  });
}

TEST(Pop, ChecksTheCountBeforeTheKey) {
  Converse({
      {"a", "SET s x", "+OK\r\n"},
      {"a", "LPOP s", kWrongType},
      {"a", "LPOP s 1", kWrongType},
      {"a", "LPOP s 0", kWrongType},
      {"a", "LPOP s -1", "-ERR value is out of range, must be positive\r\n"},
      {"a", "RPOP s x", "-ERR value is out of range, must be positive\r\n"},
      {"a", "LPOP q -1", "-ERR value is out of range, must be positive\r\n"},
      {"a", "LPOP q x", "-ERR value is out of range, must be positive\r\n"},
      {"a", "LPOP q \"\"", "-ERR value is out of range, must be positive\r\n"},
      {"a", "LPOP q 1.5", "-ERR value is out of range, must be positive\r\n"},
      {"a", "LPOP q 9223372036854775808", "-ERR value is out of range, must be positive\r\n"},
  });
}

TEST(Pop, CountsItsArguments) {
  Converse({
      {"a", "LPOP", WrongArity("lpop")},
      {"a", "LPOP q 1 2", WrongArity("lpop")},
      {"a", "RPOP q -1 2", WrongArity("rpop")},
  });
}

TEST(LLen, CountsElements) {
  Converse({
      {"a", "LLEN q", ":0\r\n"},
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LLEN q", ":3\r\n"},
      {"a", "SET s x", "+OK\r\n"},
      {"a", "LLEN s", kWrongType},
      {"a", "LLEN", WrongArity("llen")},
      {"a", "LLEN q q", WrongArity("llen")},
  });
}

TEST(LRange, CountsFromBothEnds) {
  Converse({
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"a", "b", "c"})},
      {"a", "LRANGE q -2 -1", Bulks({"b", "c"})},
      {"a", "LRANGE q 1 1", Bulks({"b"})},
      {"a", "LRANGE q -100 100", Bulks({"a", "b", "c"})},
      {"a", "LRANGE q -9223372036854775808 9223372036854775807", Bulks({"a", "b", "c"})},
  });
}

TEST(LRange, OutsideTheListIsEmpty) {
  Converse({
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LRANGE q 2 1", "*0\r\n"},
      {"a", "LRANGE q 3 5", "*0\r\n"},
      {"a", "LRANGE q -1 -2", "*0\r\n"},
      {"a", "LRANGE q 0 -4", "*0\r\n"},
      {"a", "LRANGE q 9223372036854775807 9223372036854775807", "*0\r\n"},
      {"a", "LRANGE q -9223372036854775808 -9223372036854775808", "*0\r\n"},
      {"a", "LRANGE miss 0 -1", "*0\r\n"},
      {"r3", "LRANGE q 3 5", "*0\r\n"},
      {"r3", "LRANGE miss 0 -1", "*0\r\n"},
  });
}

TEST(LRange, ReadsItsNumbersBeforeTheKey) {
  Converse({
      {"a", "SET s x", "+OK\r\n"},
      {"a", "LRANGE s a b", "-ERR value is not an integer or out of range\r\n"},
      {"a", "LRANGE s 0 b", "-ERR value is not an integer or out of range\r\n"},
      {"a", "LRANGE s 0 9223372036854775808", "-ERR value is not an integer or out of range\r\n"},
      {"a", "LRANGE miss a b", "-ERR value is not an integer or out of range\r\n"},
      {"a", "LRANGE s 0 1", kWrongType},
      {"a", "LRANGE s 0", WrongArity("lrange")},
  });
}

TEST(LIndex, CountsFromBothEnds) {
  Converse({
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LINDEX q 0", Bulk("a")},
      {"a", "LINDEX q 2", Bulk("c")},
      {"a", "LINDEX q -1", Bulk("c")},
      {"a", "LINDEX q -3", Bulk("a")},
      {"a", "LINDEX q 3", "$-1\r\n"},
      {"a", "LINDEX q -4", "$-1\r\n"},
      {"a", "LINDEX q 9223372036854775807", "$-1\r\n"},
      {"a", "LINDEX q -9223372036854775808", "$-1\r\n"},
      {"r3", "LINDEX q 3", "_\r\n"},
      {"r3", "LINDEX miss 0", "_\r\n"},
  });
}

TEST(LIndex, LooksAtTheKeyBeforeItsNumber) {
  Converse({
      {"a", "LINDEX miss x", "$-1\r\n"},
      {"a", "SET s x", "+OK\r\n"},
      {"a", "LINDEX s x", kWrongType},
      {"a", "LINDEX s 0", kWrongType},
      {"a", "RPUSH q a", ":1\r\n"},
      {"a", "LINDEX q x", "-ERR value is not an integer or out of range\r\n"},
      {"a", "LINDEX q 9223372036854775808", "-ERR value is not an integer or out of range\r\n"},
      {"a", "LINDEX q", WrongArity("lindex")},
  });
}

TEST(LInsert, PutsBesideTheFirstPivot) {
  Converse({
      {"a", "RPUSH q a b a", ":3\r\n"},
      {"a", "LINSERT q before a X", ":4\r\n"},
      {"a", "LINSERT q AfTeR b Y", ":5\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"X", "a", "b", "Y", "a"})},
      {"a", "LINSERT q AFTER nope Z", ":-1\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"X", "a", "b", "Y", "a"})},
  });
}

TEST(LInsert, BesideTheEnds) {
  Converse({
      {"a", "RPUSH q m", ":1\r\n"},
      {"a", "LINSERT q BEFORE m a", ":2\r\n"},
      {"a", "LINSERT q AFTER m z", ":3\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"a", "m", "z"})},
  });
}

TEST(LInsert, ReadsTheWordBeforeTheKey) {
  Converse({
      {"a", "LINSERT miss BEFORE a b", ":0\r\n"},
      {"a", "LINSERT miss BESIDE a b", "-ERR syntax error\r\n"},
      {"a", "SET s x", "+OK\r\n"},
      {"a", "LINSERT s BESIDE a b", "-ERR syntax error\r\n"},
      {"a", "LINSERT s BEFORE a b", kWrongType},
      {"a", "LINSERT q AFTER a", WrongArity("linsert")},
      {"a", "EXISTS miss", ":0\r\n"},
  });
}

TEST(LSet, ReplacesOneElement) {
  Converse({
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LSET q 0 A", "+OK\r\n"},
      {"a", "LSET q -1 C", "+OK\r\n"},
      {"a", "LSET q 1 b", "+OK\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"A", "b", "C"})},
  });
}

TEST(LSet, LooksAtTheKeyBeforeItsNumber) {
  Converse({
      {"a", "LSET miss 0 a", "-ERR no such key\r\n"},
      {"a", "LSET miss x a", "-ERR no such key\r\n"},
      {"a", "SET s x", "+OK\r\n"},
      {"a", "LSET s x a", kWrongType},
      {"a", "LSET s 0 a", kWrongType},
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LSET q x a", "-ERR value is not an integer or out of range\r\n"},
      {"a", "LSET q 9223372036854775808 a", "-ERR value is not an integer or out of range\r\n"},
      {"a", "LSET q 3 a", "-ERR index out of range\r\n"},
      {"a", "LSET q -4 a", "-ERR index out of range\r\n"},
      {"a", "LSET q 9223372036854775807 a", "-ERR index out of range\r\n"},
      {"a", "LSET q -9223372036854775808 a", "-ERR index out of range\r\n"},
      {"a", "LSET q 0", WrongArity("lset")},
      {"a", "LRANGE q 0 -1", Bulks({"a", "b", "c"})},
  });
}

TEST(LRem, TakesFromTheHeadOrTheTail) {
  Converse({
      {"a", "RPUSH q a b a c a b", ":6\r\n"},
      {"a", "LREM q 1 a", ":1\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"b", "a", "c", "a", "b"})},
      {"a", "LREM q -1 a", ":1\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"b", "a", "c", "b"})},
      {"a", "LREM q 0 b", ":2\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"a", "c"})},
      {"a", "LREM q 1 z", ":0\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"a", "c"})},
  });
}

TEST(LRem, TakesAtMostAsManyAsAsked) {
  Converse({
      {"a", "RPUSH q x a x a x a x", ":7\r\n"},
      {"a", "LREM q 2 x", ":2\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"a", "a", "x", "a", "x"})},
      {"a", "LREM q -2 a", ":2\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"a", "x", "x"})},
      {"a", "LREM q 100 x", ":2\r\n"},
      {"a", "LREM q -100 a", ":1\r\n"},
      {"a", "EXISTS q", ":0\r\n"},
  });
}

TEST(LRem, ComparesBytes) {
  Converse({
      {"a", "RPUSH q 1 01 1 +1 1.0 \"1 \" \"\"", ":7\r\n"},
      {"a", "LREM q 0 1", ":2\r\n"},
      {"a", "LREM q 0 \"\"", ":1\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"01", "+1", "1.0", "1 "})},
  });
}

TEST(LRem, TakesCountsOfAnySize) {
  Converse({
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LREM q 9223372036854775807 a", ":1\r\n"},
      {"a", "LREM q -9223372036854775807 b", ":1\r\n"},
      {"a", "LREM q -9223372036854775808 c", ":1\r\n"},
      {"a", "EXISTS q", ":0\r\n"},
  });
}

TEST(LRem, ReadsItsNumberBeforeTheKey) {
  Converse({
      {"a", "LREM miss 0 a", ":0\r\n"},
      {"a", "LREM miss x a", "-ERR value is not an integer or out of range\r\n"},
      {"a", "SET s x", "+OK\r\n"},
      {"a", "LREM s x a", "-ERR value is not an integer or out of range\r\n"},
      {"a", "LREM s 0 a", kWrongType},
      {"a", "LREM q 0", WrongArity("lrem")},
  });
}

TEST(LTrim, KeepsTheRange) {
  Converse({
      {"a", "RPUSH q a b c d e f", ":6\r\n"},
      {"a", "LTRIM q 0 -1", "+OK\r\n"},
      {"a", "LTRIM q -100 100", "+OK\r\n"},
      {"a", "LTRIM q 1 -2", "+OK\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"b", "c", "d", "e"})},
      {"a", "LTRIM q -2 -1", "+OK\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"d", "e"})},
      {"a", "LTRIM q 0 0", "+OK\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"d"})},
  });
}

TEST(LTrim, OfNothingRemovesTheKey) {
  Converse({
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LTRIM q 5 10", "+OK\r\n"},
      {"a", "EXISTS q", ":0\r\n"},
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LTRIM q 2 1", "+OK\r\n"},
      {"a", "EXISTS q", ":0\r\n"},
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LTRIM q 0 -4", "+OK\r\n"},
      {"a", "EXISTS q", ":0\r\n"},
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LTRIM q -9223372036854775808 -9223372036854775808", "+OK\r\n"},
      {"a", "EXISTS q", ":0\r\n"},
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LTRIM q 9223372036854775807 9223372036854775807", "+OK\r\n"},
      {"a", "EXISTS q", ":0\r\n"},
  });
}

TEST(LTrim, ReadsItsNumbersBeforeTheKey) {
  Converse({
      {"a", "LTRIM miss 0 1", "+OK\r\n"},
      {"a", "LTRIM miss x 1", "-ERR value is not an integer or out of range\r\n"},
      {"a", "LTRIM miss 0 x", "-ERR value is not an integer or out of range\r\n"},
      {"a", "SET s x", "+OK\r\n"},
      {"a", "LTRIM s x 1", "-ERR value is not an integer or out of range\r\n"},
      {"a", "LTRIM s 0 1", kWrongType},
      {"a", "LTRIM q 0", WrongArity("ltrim")},
  });
}

TEST(LPos, FindsTheFirstMatch) {
  Converse({
      {"a", "RPUSH q a b c 1 2 3 c c", ":8\r\n"},
      {"a", "LPOS q c", ":2\r\n"},
      {"a", "LPOS q a", ":0\r\n"},
      {"a", "LPOS q 1", ":3\r\n"},
      {"a", "LPOS q 01", "$-1\r\n"},
      {"a", "LPOS q \"\"", "$-1\r\n"},
      {"a", "LPOS miss c", "$-1\r\n"},
      {"r3", "LPOS q z", "_\r\n"},
      {"r3", "LPOS miss c", "_\r\n"},
  });
}

TEST(LPos, RankSaysWhichMatchComesFirst) {
  Converse({
      {"a", "RPUSH q a b c 1 2 3 c c", ":8\r\n"},
      {"a", "LPOS q c RANK 1", ":2\r\n"},
      {"a", "LPOS q c RANK 2", ":6\r\n"},
      {"a", "LPOS q c RANK 4", "$-1\r\n"},
      {"a", "LPOS q c RANK -1", ":7\r\n"},
      {"a", "LPOS q c RANK -3", ":2\r\n"},
      {"a", "LPOS q c RANK -4", "$-1\r\n"},
      {"a", "LPOS q c RANK 1 RANK -1", ":7\r\n"},
      {"a", "LPOS q c RANK 9223372036854775807", "$-1\r\n"},
      {"a", "LPOS q c RANK -9223372036854775807", "$-1\r\n"},
  });
}

TEST(LPos, CountAnswersAnArray) {
  Converse({
      {"a", "RPUSH q a b c 1 2 3 c c", ":8\r\n"},
      {"a", "LPOS q c COUNT 2", "*2\r\n:2\r\n:6\r\n"},
      {"a", "LPOS q c COUNT 0", "*3\r\n:2\r\n:6\r\n:7\r\n"},
      {"a", "LPOS q c count 9223372036854775807", "*3\r\n:2\r\n:6\r\n:7\r\n"},
      {"a", "LPOS q c COUNT 0 RANK -1", "*3\r\n:7\r\n:6\r\n:2\r\n"},
      {"a", "LPOS q c COUNT 2 RANK -1", "*2\r\n:7\r\n:6\r\n"},
      {"a", "LPOS q c RANK 2 COUNT 2", "*2\r\n:6\r\n:7\r\n"},
      {"a", "LPOS q c COUNT 2 RANK 5", "*0\r\n"},
      {"a", "LPOS q z COUNT 0", "*0\r\n"},
      {"a", "LPOS miss z COUNT 0", "*0\r\n"},
      {"r3", "LPOS q c COUNT 0", "*3\r\n:2\r\n:6\r\n:7\r\n"},
      {"r3", "LPOS q z COUNT 0", "*0\r\n"},
      {"r3", "LPOS miss z COUNT 0", "*0\r\n"},
  });
}

TEST(LPos, MaxlenEndsTheSearch) {
  Converse({
      {"a", "RPUSH q a b c 1 2 3 c c", ":8\r\n"},
      {"a", "LPOS q c MAXLEN 2", "$-1\r\n"},
      {"a", "LPOS q c MAXLEN 3", ":2\r\n"},
      {"a", "LPOS q c MAXLEN 0", ":2\r\n"},
      {"a", "LPOS q c MAXLEN 9223372036854775807", ":2\r\n"},
      {"a", "LPOS q c COUNT 0 MAXLEN 7", "*2\r\n:2\r\n:6\r\n"},
      {"a", "LPOS q c COUNT 0 MAXLEN 1 RANK -1", "*1\r\n:7\r\n"},
      {"a", "LPOS q a RANK -1 MAXLEN 7", "$-1\r\n"},
      {"a", "LPOS q a RANK -1 maxlen 8", ":0\r\n"},
  });
}

TEST(LPos, TheSmallestRankFindsEverythingFromTheTail) {
  Converse({
      {"a", "RPUSH q a b a a", ":4\r\n"},
      {"a", "LPOS q a RANK -9223372036854775808", ":3\r\n"},
      {"a", "LPOS q a RANK -9223372036854775808 COUNT 1", "*3\r\n:3\r\n:2\r\n:0\r\n"},
      {"a", "LPOS q a RANK -9223372036854775808 COUNT 0", "*3\r\n:3\r\n:2\r\n:0\r\n"},
      {"a", "LPOS q a RANK -9223372036854775808 MAXLEN 1", ":3\r\n"},
  });
}

TEST(LPos, ReadsItsOptionsBeforeTheKey) {
  Converse({
      {"a", "SET s x", "+OK\r\n"},
      {"a", "LPOS s a RANK 0",
       "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start "
       "from the end of the list\r\n"},
      {"a", "LPOS s a RANK x", "-ERR value is not an integer or out of range\r\n"},
      {"a", "LPOS s a RANK 9223372036854775808", "-ERR value is not an integer or out of range\r\n"},
      {"a", "LPOS s a COUNT -1", "-ERR COUNT can't be negative\r\n"},
      {"a", "LPOS s a COUNT x", "-ERR COUNT can't be negative\r\n"},
      {"a", "LPOS s a COUNT 9223372036854775808", "-ERR COUNT can't be negative\r\n"},
      {"a", "LPOS s a MAXLEN -1", "-ERR MAXLEN can't be negative\r\n"},
      {"a", "LPOS s a MAXLEN x", "-ERR MAXLEN can't be negative\r\n"},
      {"a", "LPOS s a COUNT x RANK 0", "-ERR COUNT can't be negative\r\n"},
      {"a", "LPOS s a COUNT", "-ERR syntax error\r\n"},
      {"a", "LPOS s a PLACE 1", "-ERR syntax error\r\n"},
      {"a", "LPOS s a RANK 1 PLACE", "-ERR syntax error\r\n"},
      {"a", "LPOS s a", kWrongType},
      {"a", "LPOS s", WrongArity("lpos")},
  });
}

TEST(LMove, TakesFromOneEndAndPutsToAnother) {
  Converse({
      {"a", "RPUSH q a b c d", ":4\r\n"},
      {"a", "LMOVE q d LEFT RIGHT", Bulk("a")},
      {"a", "LMOVE q d right left", Bulk("d")},
      {"a", "LMOVE q d LEFT LEFT", Bulk("b")},
      {"a", "LMOVE q d RIGHT RIGHT", Bulk("c")},
      {"a", "EXISTS q", ":0\r\n"},
      {"a", "LRANGE d 0 -1", Bulks({"b", "d", "a", "c"})},
  });
}

TEST(LMove, OnOneListTurnsIt) {
  Converse({
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "LMOVE q q LEFT RIGHT", Bulk("a")},
      {"a", "LRANGE q 0 -1", Bulks({"b", "c", "a"})},
      {"a", "LMOVE q q LEFT LEFT", Bulk("b")},
      {"a", "LRANGE q 0 -1", Bulks({"b", "c", "a"})},
      {"a", "RPOPLPUSH q q", Bulk("a")},
      {"a", "LRANGE q 0 -1", Bulks({"a", "b", "c"})},
      {"a", "RPUSH one x", ":1\r\n"},
      {"a", "LMOVE one one LEFT RIGHT", Bulk("x")},
      {"a", "RPOPLPUSH one one", Bulk("x")},
      {"a", "LRANGE one 0 -1", Bulks({"x"})},
  });
}

TEST(LMove, ChecksWordsThenSourceThenDestination) {
  Converse({
      {"a", "SET s x", "+OK\r\n"},
      {"a", "LMOVE s s LEFT WRONG", "-ERR syntax error\r\n"},
      {"a", "LMOVE s s WRONG LEFT", "-ERR syntax error\r\n"},
      {"a", "LMOVE miss s LEFT RIGHT", "$-1\r\n"},
      {"a", "LMOVE s miss LEFT RIGHT", kWrongType},
      {"a", "RPUSH q a", ":1\r\n"},
      {"a", "LMOVE q s LEFT RIGHT", kWrongType},
      {"a", "LMOVE s q LEFT RIGHT", kWrongType},
      {"a", "LMOVE s s LEFT RIGHT", kWrongType},
      {"a", "LRANGE q 0 -1", Bulks({"a"})},
      {"a", "LMOVE q q LEFT", WrongArity("lmove")},
      {"r3", "LMOVE miss q LEFT RIGHT", "_\r\n"},
  });
}

TEST(RPopLPush, MovesTheLastToTheFront) {
  Converse({
      {"a", "RPUSH q a b c", ":3\r\n"},
      {"a", "RPOPLPUSH q d", Bulk("c")},
      {"a", "RPOPLPUSH q d", Bulk("b")},
      {"a", "LRANGE d 0 -1", Bulks({"b", "c"})},
      {"a", "RPOPLPUSH q d", Bulk("a")},
      {"a", "EXISTS q", ":0\r\n"},
      {"a", "RPOPLPUSH q d", "$-1\r\n"},
      {"r3", "RPOPLPUSH q d", "_\r\n"},
      {"a", "SET s x", "+OK\r\n"},
      {"a", "RPOPLPUSH miss s", "$-1\r\n"},
      {"a", "RPOPLPUSH s d", kWrongType},
      {"a", "RPOPLPUSH d s", kWrongType},
      {"a", "RPOPLPUSH d", WrongArity("rpoplpush")},
      {"a", "LRANGE d 0 -1", Bulks({"a", "b", "c"})},
  });
}

TEST(LMPop, TakesFromTheFirstListThatHasSomething) {
  Converse({
      {"a", "RPUSH q a b c d e", ":5\r\n"},
      {"a", "LMPOP 1 q LEFT", Popped("q", {"a"})},
      {"a", "LMPOP 1 q right", Popped("q", {"e"})},
      {"a", "LMPOP 2 miss q LEFT COUNT 2", Popped("q", {"b", "c"})},
      {"a", "RPUSH r x y z", ":3\r\n"},
      {"a", "LMPOP 2 q r RIGHT count 100", Popped("q", {"d"})},
      {"a", "EXISTS q", ":0\r\n"},
      {"a", "LMPOP 3 miss q r RIGHT COUNT 2", Popped("r", {"z", "y"})},
      {"r3", "LMPOP 1 r LEFT", Popped("r", {"x"})},
  });
}

TEST(LMPop, OfNothingIsANullArray) {
  Converse({
      {"a", "LMPOP 2 q r LEFT", "*-1\r\n"},
      {"a", "LMPOP 2 q q RIGHT COUNT 9223372036854775807", "*-1\r\n"},
      {"r3", "LMPOP 1 q LEFT", "_\r\n"},
  });
}

TEST(LMPop, StopsAtTheFirstKeyOfAnotherType) {
  Converse({
      {"a", "SET s x", "+OK\r\n"},
      {"a", "RPUSH q a", ":1\r\n"},
      {"a", "LMPOP 1 s LEFT", kWrongType},
      {"a", "LMPOP 2 miss s LEFT", kWrongType},
      {"a", "LMPOP 2 s q LEFT", kWrongType},
      {"a", "LMPOP 2 q s LEFT", Popped("q", {"a"})},
  });
}

TEST(LMPop, ReadsItsArgumentsInOrder) {
  Converse({
      {"a", "SET q x", "+OK\r\n"},
      {"a", "LMPOP 0 q LEFT", "-ERR numkeys should be greater than 0\r\n"},
      {"a", "LMPOP -1 q LEFT", "-ERR numkeys should be greater than 0\r\n"},
      {"a", "LMPOP x q LEFT", "-ERR numkeys should be greater than 0\r\n"},
      {"a", "LMPOP 9223372036854775808 q LEFT", "-ERR numkeys should be greater than 0\r\n"},
      {"a", "LMPOP 9223372036854775807 q LEFT", "-ERR syntax error\r\n"},
      {"a", "LMPOP 2 q LEFT", "-ERR syntax error\r\n"},
      {"a", "LMPOP 3 q LEFT", "-ERR syntax error\r\n"},
      {"a", "LMPOP 0 q WRONG COUNT 0", "-ERR numkeys should be greater than 0\r\n"},
      {"a", "LMPOP 1 q WRONG COUNT 0", "-ERR syntax error\r\n"},
      {"a", "LMPOP 1 q LEFT COUNT", "-ERR syntax error\r\n"},
      {"a", "LMPOP 1 q LEFT COUNT 0", "-ERR count should be greater than 0\r\n"},
      {"a", "LMPOP 1 q LEFT COUNT -1", "-ERR count should be greater than 0\r\n"},
      {"a", "LMPOP 1 q LEFT COUNT x", "-ERR count should be greater than 0\r\n"},
      {"a", "LMPOP 1 q LEFT COUNT 9223372036854775808", "-ERR count should be greater than 0\r\n"},
      {"a", "LMPOP 1 q LEFT COUNT 0 COUNT 1", "-ERR count should be greater than 0\r\n"},
      {"a", "LMPOP 1 q LEFT COUNT 1 COUNT 0", "-ERR syntax error\r\n"},
      {"a", "LMPOP 1 q LEFT PLACE 1", "-ERR syntax error\r\n"},
      {"a", "LMPOP 1 q LEFT COUNT 1 PLACE", "-ERR syntax error\r\n"},
      {"a", "LMPOP 1 q q LEFT", "-ERR syntax error\r\n"},
      {"a", "LMPOP 1 q", WrongArity("lmpop")},
      {"a", "LMPOP 1 q LEFT", kWrongType},
  });
}

TEST(ListKey, GoesWithItsLastElement) {
  Converse({
      {"a", "RPUSH q a", ":1\r\n"},
      {"a", "LPOP q", Bulk("a")},
      {"a", "TYPE q", "+none\r\n"},
      {"a", "RPUSH q a", ":1\r\n"},
      {"a", "LREM q 0 a", ":1\r\n"},
      {"a", "TYPE q", "+none\r\n"},
      {"a", "RPUSH q a", ":1\r\n"},
      {"a", "RPOPLPUSH q r", Bulk("a")},
      {"a", "TYPE q", "+none\r\n"},
      {"a", "TYPE r", "+list\r\n"},
  });
}

TEST(ListKey, KeepsItsTimeToLiveWhileItLives) {
  Converse({
      {"a", "RPUSH q a b", ":2\r\n"},
      {"a", "EXPIRE q 100", ":1\r\n"},
      {"a", "RPUSH q c", ":3\r\n"},
      {"a", "LPOP q", Bulk("a")},
      {"a", "LSET q 0 x", "+OK\r\n"},
      {"a", "LTRIM q 0 0", "+OK\r\n"},
      {"a", "TTL q", ":100\r\n"},
      {"a", "LPOP q", Bulk("x")},
      {"a", "RPUSH q a", ":1\r\n"},
      {"a", "TTL q", ":-1\r\n"},
  });
}

TEST(ListKey, WhoseTimeIsUpIsNotThere) {
  Converse({
      {"a", "RPUSH q a b", ":2\r\n"},
      {"a", "RPUSH d x", ":1\r\n"},
      {"a", "PEXPIRE q 50", ":1\r\n"},
      {"a", "PEXPIRE d 50", ":1\r\n"},
      {"a", "RPUSH src v", ":1\r\n"},
      {kJump, "60", ""},
      {"a", "LLEN q", ":0\r\n"},
      {"a", "RPOPLPUSH src d", Bulk("v")},
      {"a", "LRANGE d 0 -1", Bulks({"v"})},
      {"a", "RPUSH q new", ":1\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"new"})},
  });
}

}  // namespace
}  // namespace baton
