#include "log/record.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "log/log.h"

namespace baton {
namespace {

std::string Encoded(const Mutation& mutation) {
  std::vector<char> room(EncodedBytesMax(mutation));
  char* end = Encode(mutation, room.data());
  EXPECT_LE(end, room.data() + room.size());
  return std::string(room.data(), end);
}

std::string Words(const std::string& record) {
  std::vector<std::string_view> argv;
  const RecordScan scan = ReadRecord(record, 0, &argv);
  EXPECT_EQ(scan.outcome, RecordOutcome::kCommand);
  EXPECT_EQ(scan.end, record.size());
  std::string words;
  for (std::string_view word : argv) words += (words.empty() ? "" : " ") + std::string(word);
  return words;
}

KeyRef Key(std::string_view name) { return {name, 0}; }

// Takes mutations back and prints them as their record.
class Echo final : public ReplayTarget {
 public:
  ApplyOutcome Replay(const Mutation& mutation) override {
    replayed += Words(Encoded(mutation)) + " @" + std::to_string(mutation.db) + "\n";
    return outcome;
  }
  KeyRef Ref(std::string_view name) override { return {name, 0}; }
  Status ReplayForeign(uint32_t db, std::span<const std::string_view> argv) override {
    foreign += std::to_string(db) + ":";
    for (std::string_view word : argv) foreign += " " + std::string(word);
    foreign += "\n";
    return foreign_status;
  }
  void Progress(uint64_t, uint64_t) override {}

  std::string replayed, foreign;
  ApplyOutcome outcome = ApplyOutcome::kChanged;
  Status foreign_status = Status::Ok();
};

TEST(Record, IsWrittenInRedissVocabulary) {
  const std::string_view one[] = {"v"}, two[] = {"v", "w"};
  EXPECT_EQ(Encoded(Mutation::Push(0, Key("q"), Side::kLeft, one)), "*3\r\n$5\r\nLPUSH\r\n$1\r\nq\r\n$1\r\nv\r\n");
  EXPECT_EQ(Words(Encoded(Mutation::Push(0, Key("q"), Side::kRight, two))), "RPUSH q v w");
  EXPECT_EQ(Words(Encoded(Mutation::Pop(0, Key("q"), Side::kLeft, 1))), "LPOP q");
  EXPECT_EQ(Words(Encoded(Mutation::Pop(0, Key("q"), Side::kRight, 12))), "RPOP q 12");
  EXPECT_EQ(Words(Encoded(Mutation::Move(0, Key("a"), Key("b"), Side::kRight, Side::kLeft))), "RPOPLPUSH a b");
  EXPECT_EQ(Words(Encoded(Mutation::Move(0, Key("a"), Key("b"), Side::kLeft, Side::kRight))), "LMOVE a b LEFT RIGHT");
  EXPECT_EQ(Words(Encoded(Mutation::ListRemove(0, Key("q"), -2, "v"))), "LREM q -2 v");
  EXPECT_EQ(Words(Encoded(Mutation::ListSet(0, Key("q"), -1, "v"))), "LSET q -1 v");
  EXPECT_EQ(Words(Encoded(Mutation::ListInsert(0, Key("q"), true, "p", "v"))), "LINSERT q BEFORE p v");
  EXPECT_EQ(Words(Encoded(Mutation::ListInsert(0, Key("q"), false, "p", "v"))), "LINSERT q AFTER p v");
  EXPECT_EQ(Words(Encoded(Mutation::Trim(0, Key("q"), 1, -1))), "LTRIM q 1 -1");
  EXPECT_EQ(Words(Encoded(Mutation::Delete(0, Key("q")))), "DEL q");
  EXPECT_EQ(Words(Encoded(Mutation::Set(0, Key("k"), "v", 0, false))), "SET k v");
  EXPECT_EQ(Words(Encoded(Mutation::Set(0, Key("k"), "v", 0, true))), "SET k v KEEPTTL");
  EXPECT_EQ(Words(Encoded(Mutation::Set(0, Key("k"), "v", 1234567890123, false))), "SET k v PXAT 1234567890123");
  EXPECT_EQ(Words(Encoded(Mutation::Append(0, Key("k"), "v"))), "APPEND k v");
  EXPECT_EQ(Words(Encoded(Mutation::SetRange(0, Key("k"), 7, "v"))), "SETRANGE k 7 v");
  EXPECT_EQ(Words(Encoded(Mutation::ExpireAt(0, Key("k"), INT64_MIN))), "PEXPIREAT k -9223372036854775808");
  EXPECT_EQ(Words(Encoded(Mutation::Persist(0, Key("k")))), "PERSIST k");
  EXPECT_EQ(Words(Encoded(Mutation::Rename(0, Key("a"), Key("b")))), "RENAME a b");
  EXPECT_EQ(Words(Encoded(Mutation::Copy(0, Key("a"), 3, Key("b")))), "COPY a b DB 3 REPLACE");
  EXPECT_EQ(Words(Encoded(Mutation::MoveToDb(0, Key("a"), 12))), "MOVE a 12");
  EXPECT_EQ(Words(Encoded(Mutation::SwapDb(1, 2))), "SWAPDB 1 2");
  EXPECT_EQ(Words(Encoded(Mutation::FlushDb(0))), "FLUSHDB");
  EXPECT_EQ(Words(Encoded(Mutation::FlushAll())), "FLUSHALL");
}

TEST(Record, ReadBackIsTheSameMutation) {
  const std::string long_value(100'000, 'x');
  const std::string binary("\0\r\n#C 1 2\r\n$", 12);
  const std::string_view values[] = {"", long_value, binary};
  const Mutation mutations[] = {
      Mutation::Push(3, Key("q"), Side::kLeft, values),
      Mutation::Push(3, Key(""), Side::kRight, values),
      Mutation::Pop(3, Key("q"), Side::kLeft, 1),
      Mutation::Pop(3, Key("q"), Side::kRight, 99),
      Mutation::Move(3, Key("a"), Key("b"), Side::kRight, Side::kLeft),
      Mutation::Move(3, Key("a"), Key("b"), Side::kLeft, Side::kLeft),
      Mutation::Move(3, Key("a"), Key("b"), Side::kRight, Side::kRight),
      Mutation::ListRemove(3, Key("q"), 0, binary),
      Mutation::ListSet(3, Key("q"), 5, binary),
      Mutation::ListInsert(3, Key("q"), true, binary, ""),
      Mutation::Trim(3, Key("q"), 0, INT64_MAX),
      Mutation::Delete(3, Key(binary)),
      Mutation::Set(3, Key("k"), binary, 0, false),
      Mutation::Set(3, Key("k"), "v", 0, true),
      Mutation::Set(3, Key("k"), "v", -5, false),
      Mutation::Append(3, Key("k"), "v"),
      Mutation::SetRange(3, Key("k"), 1000000, "v"),
      Mutation::ExpireAt(3, Key("k"), 77),
      Mutation::Persist(3, Key("k")),
      Mutation::Rename(3, Key("a"), Key("b")),
      Mutation::Copy(3, Key("a"), 15, Key("b")),
      Mutation::MoveToDb(3, Key("a"), 1),
      Mutation::FlushDb(3),
  };
  for (const Mutation& mutation : mutations) {
    Echo echo;
    std::vector<std::string_view> argv;
    const std::string record = Encoded(mutation);
    ASSERT_EQ(ReadRecord(record, 0, &argv).outcome, RecordOutcome::kCommand);
    ASSERT_TRUE(Replay(3, argv, nullptr, echo).ok());
    EXPECT_EQ(echo.replayed, Words(record) + " @3\n");
    EXPECT_EQ(echo.foreign, "");
  }
}

TEST(Record, EveryPrefixIsIncompleteAndNeverBad) {
  const std::string_view values[] = {"hello", "", "\r\n*1\r\n"};
  const std::string record = Encoded(Mutation::Push(0, Key("queue"), Side::kLeft, values));
  std::vector<std::string_view> argv;
  for (size_t length = 1; length < record.size(); ++length) {
    const RecordScan scan = ReadRecord(std::string_view(record).substr(0, length), 0, &argv);
    EXPECT_EQ(scan.outcome, RecordOutcome::kIncomplete) << length;
    EXPECT_EQ(SkipRecord(std::string_view(record).substr(0, length), 0).outcome, RecordOutcome::kIncomplete) << length;
  }
  EXPECT_EQ(SkipRecord(record, 0).outcome, RecordOutcome::kCommand);
}

TEST(Record, BadFormIsNamedAtItsFirstByte) {
  std::vector<std::string_view> argv;
  const auto bad_at = [&](std::string_view bytes) {
    const RecordScan scan = ReadRecord(bytes, 0, &argv);
    return scan.outcome == RecordOutcome::kBad ? static_cast<int>(scan.end) : -1;
  };
  EXPECT_EQ(bad_at("PING\r\n"), 0);
  EXPECT_EQ(bad_at(std::string_view("\0\0\0", 3)), 0);
  EXPECT_EQ(bad_at("*x"), 1);
  EXPECT_EQ(bad_at("*-1\r\n"), 1);
  EXPECT_EQ(bad_at("*0\r\n"), 0);
  EXPECT_EQ(bad_at("*1\r$"), 3);
  EXPECT_EQ(bad_at("*1\r\n+4\r\n"), 4);
  EXPECT_EQ(bad_at("*1\r\n$4\r\nPINGS"), 12);
  EXPECT_EQ(bad_at("*1\r\n$4\r\nPING\rx"), 13);
  EXPECT_EQ(bad_at("*1\r\n$99999999999999999999\r\n"), 23);
}

TEST(Record, AnnotationsArePassedOverUpToTheLengthThatRedisTakes) {
  const std::string longest = "#" + std::string(kAnnotationBytesMax - 2, 'x') + "\n";
  EXPECT_EQ(SkipRecord(longest + "*1", 0).outcome, RecordOutcome::kAnnotation);
  EXPECT_EQ(SkipRecord(longest + "*1", 0).end, kAnnotationBytesMax);
  const std::string too_long = "#" + std::string(kAnnotationBytesMax - 1, 'x') + "\n";
  EXPECT_EQ(SkipRecord(too_long, 0).outcome, RecordOutcome::kBad);
  EXPECT_EQ(SkipRecord("#C 12", 0).outcome, RecordOutcome::kIncomplete);
}

std::string Foreign(std::vector<std::string_view> argv, Echo& echo) {
  EXPECT_TRUE(Replay(2, argv, nullptr, echo).ok());
  return echo.replayed + "|" + echo.foreign;
}

TEST(Record, OtherServersFormsOfOurCommandsAreTranslated) {
  const auto replay = [](std::vector<std::string_view> argv) {
    Echo echo;
    return Foreign(std::move(argv), echo);
  };
  EXPECT_EQ(replay({"lpush", "q", "a", "b"}), "LPUSH q a b @2\n|");
  EXPECT_EQ(replay({"DEL", "a", "b"}), "DEL a @2\nDEL b @2\n|");
  EXPECT_EQ(replay({"unlink", "a"}), "DEL a @2\n|");
  EXPECT_EQ(replay({"FLUSHALL", "ASYNC"}), "FLUSHALL @0\n|");
  EXPECT_EQ(replay({"lmove", "a", "b", "left", "right"}), "LMOVE a b LEFT RIGHT @2\n|");
}

TEST(Record, WhatIsNotOursIsHandedOnAsItIs) {
  const auto replay = [](std::vector<std::string_view> argv) {
    Echo echo;
    return Foreign(std::move(argv), echo);
  };
  EXPECT_EQ(replay({"INCR", "n"}), "|2: INCR n\n");
  EXPECT_EQ(replay({"SETEX", "k", "10", "v"}), "|2: SETEX k 10 v\n");
  EXPECT_EQ(replay({"SET", "k", "v", "EX", "10"}), "|2: SET k v EX 10\n");
  EXPECT_EQ(replay({"COPY", "a", "b"}), "|2: COPY a b\n");
  EXPECT_EQ(replay({"LPOP", "q", "x"}), "|2: LPOP q x\n");
  EXPECT_EQ(replay({"ZINTERSTORE", "a", "1", "b"}), "|2: ZINTERSTORE a 1 b\n");
}

TEST(Record, BytesThatAreNoLettersDoNotPassForAName) {
  for (std::string_view name :
       {std::string_view("\0SET", 4), std::string_view(" SET", 4), std::string_view("SET ", 4),
        std::string_view("S%T", 3), std::string_view("\0\0LPUSH", 7), std::string_view("!LPUSH", 6),
        std::string_view(" SETRANGE", 9), std::string_view("L0USH", 5)}) {
    Echo echo;
    std::vector<std::string_view> argv = {name, "k", "v"};
    const size_t words = argv.size();
    EXPECT_EQ(Foreign(argv, echo), "|" + std::to_string(words - 1) + ": " + std::string(name) + " k v\n") << name;
  }
}

TEST(Record, WhatDoesNotFitIsAnError) {
  Echo echo;
  echo.outcome = ApplyOutcome::kDoesNotFit;
  EXPECT_EQ(Replay(0, {"LPUSH", "k", "v"}, nullptr, echo).message(), "\"LPUSH\" \"k\" \"v\" does not fit the data before it");
  EXPECT_FALSE(Replay(0, {"DEL", "k"}, nullptr, echo).ok());
  echo.foreign_status = Status::Error("unknown command");
  EXPECT_EQ(Replay(0, {"NOSUCH", "k"}, nullptr, echo).message(), "\"NOSUCH\" \"k\" was refused: unknown command");
}

TEST(Record, NothingThatWeWriteIsAForeignControlWord) {
  bool foreign = false;
  std::vector<std::string_view> argv;
  char room[kSelectBytesMax];
  const std::string select(room, EncodeSelect(7, room));
  ReadRecord(select, 0, &argv);
  EXPECT_EQ(ControlWordOf(argv, &foreign), ControlWord::kSelect);
  EXPECT_FALSE(foreign);
  uint32_t db = 0;
  EXPECT_TRUE(SelectedDb(argv, &db));
  EXPECT_EQ(db, 7u);
  ReadRecord(kMultiRecord, 0, &argv);
  EXPECT_EQ(ControlWordOf(argv, &foreign), ControlWord::kMulti);
  EXPECT_FALSE(foreign);
  ReadRecord(kExecRecord, 0, &argv);
  EXPECT_EQ(ControlWordOf(argv, &foreign), ControlWord::kExec);
  EXPECT_FALSE(foreign);
  EXPECT_EQ(ControlWordOf({"SELECT", "0"}, &foreign), ControlWord::kSelect);
  EXPECT_TRUE(foreign);
}

}  // namespace
}  // namespace baton
