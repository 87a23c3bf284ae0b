// Files that a redis-server has written, and files of ours that it has appended to.

#include <gtest/gtest.h>

#include "unit/log/log_life.h"

namespace baton {
namespace {

const std::string kBase = LogPath("appendonly.aof.1.base.aof");
const std::string kSegment = LogPath("appendonly.aof.1.incr.aof");
const std::string kManifest = LogPath("appendonly.aof.manifest");
constexpr char kManifestText[] =
    "file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n";

std::string Command(const std::vector<std::string>& words) {
  std::string text = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return text;
}
const std::string kSelect0 = Command({"SELECT", "0"});

class ForeignLogTest : public testing::Test {
 protected:
  ForeignLogTest() { MakeDataDirectory(disk_); }
  void Write(const std::string& base, const std::string& segment) {
    disk_.SetContent(kManifest, kManifestText);
    disk_.SetContent(kBase, base);
    disk_.SetContent(kSegment, segment);
  }
  std::unique_ptr<LogLife> Start(LogOptions options = DefaultLogOptions()) {
    auto life = std::make_unique<LogLife>(disk_, clock_, options);
    auto report = life->Open();
    error_ = report.ok() ? "" : report.status().message();
    if (report.ok()) report_ = *report;
    return life;
  }

  SimFileSystem disk_{1};
  ManualClock clock_;
  RecoveryReport report_;
  std::string error_;
};

TEST_F(ForeignLogTest, IsLoadedAndGoesOnInASegmentOfOurs) {
  Write(kSelect0 + Command({"RPUSH", "q", "a", "b"}) + Command({"PEXPIREAT", "q", "1800000000000"}),
        Command({"SELECT", "2"}) + Command({"lpush", "q", "x"}) + Command({"MULTI"}) + Command({"SELECT", "0"}) +
            Command({"set", "s", "v"}) + Command({"EXEC"}));
  std::string state;
  {
    auto life = Start();
    ASSERT_EQ(error_, "");
    EXPECT_EQ(life->State(), "0/q: a b until 1800000000000\n0/s: \"v\"\n2/q: x\n");
    EXPECT_EQ(report_.commands, 4u);
    EXPECT_EQ(life->log().open_position(), 1u);
    life->Push("q", "ours");
    life->log().Flush();
    state = life->State();
  }
  EXPECT_EQ(disk_.Content(kManifest), std::string(kManifestText) + "file appendonly.aof.2.incr.aof seq 2 type i\n");
  disk_.Crash();
  EXPECT_EQ(Start()->State(), state);
  disk_.Kill();
  EXPECT_EQ(Start()->State(), state) << "and once more";
  EXPECT_EQ(disk_.Content(LogPath("appendonly.aof.3.incr.aof")), std::nullopt);
}

TEST_F(ForeignLogTest, CommandsThatAreNotOursAreRunAsAClientWould) {
  Write("", kSelect0 + Command({"INCR", "n"}) + Command({"SETEX", "k", "10", "v"}));
  auto life = Start();
  ASSERT_EQ(error_, "");
  EXPECT_EQ(life->foreign(), (std::vector<std::vector<std::string>>{{"INCR", "n"}, {"SETEX", "k", "10", "v"}}));
}

TEST_F(ForeignLogTest, ACommandThatNobodyKnowsIsNamed) {
  Write("", kSelect0 + Command({"UNHEARDOF", "n"}));
  Start();
  EXPECT_NE(error_.find(kSegment + ", byte 23: \"UNHEARDOF\" \"n\" was refused: unknown command"), std::string::npos)
      << error_;
}

TEST_F(ForeignLogTest, AnRdbPreambleIsRefusedByName) {
  Write(
      "REDIS0010\xfa\tredis-ver\x05"
      "7.0.15",
      kSelect0);
  Start();
  EXPECT_NE(error_.find(kBase + " begins with an RDB preamble"), std::string::npos) << error_;
  EXPECT_NE(error_.find("aof-use-rdb-preamble no"), std::string::npos) << error_;
}

TEST_F(ForeignLogTest, ACommandCutShortAtTheEndIsCutOffAtAnyByte) {
  const std::string first = kSelect0 + Command({"RPUSH", "q", "a"});
  const std::string second = Command({"RPUSH", "q", "b"});
  for (size_t length = 0; length < second.size(); ++length) {
    Write("", first + second.substr(0, length));
    auto life = Start();
    ASSERT_EQ(error_, "") << length;
    EXPECT_EQ(life->State(), "0/q: a\n");
    EXPECT_EQ(disk_.Content(kSegment), first);
    EXPECT_EQ(report_.cut_bytes, length);
    EXPECT_EQ(report_.cut_may_have_been_acknowledged, length > 0);
    life.reset();
    disk_.Kill();
    for (const std::string& path : disk_.Paths()) disk_.Erase(path);
  }
}

TEST_F(ForeignLogTest, ATransactionCutShortAtTheEndGoesAsAWhole) {
  const std::string first = kSelect0 + Command({"RPUSH", "q", "a"});
  Write("", first + Command({"MULTI"}) + Command({"RPUSH", "q", "b"}) + Command({"RPUSH", "q", "c"}));
  // redis-server 7.0.15 leaves the open MULTI in the file, and loses what it acknowledges next at the following start.
  auto life = Start();
  ASSERT_EQ(error_, "");
  EXPECT_EQ(disk_.Content(kSegment), first);
  life->Push("q", "acknowledged");
  life->log().Flush();
  life.reset();
  disk_.Kill();
  EXPECT_EQ(Start()->State(), "0/q: a acknowledged\n");
}

TEST_F(ForeignLogTest, LoadTruncatedNoRefusesACutShortEnd) {
  Write("", kSelect0 + Command({"RPUSH", "q", "a"}) + "*3\r\n$5");
  LogOptions options = DefaultLogOptions();
  options.load_truncated = false;
  Start(options);
  EXPECT_NE(error_.find("the file is cut short, and aof-load-truncated is no"), std::string::npos) << error_;
}

TEST_F(ForeignLogTest, AFileCutShortThatIsNotTheLastIsRefused) {
  Write(kSelect0 + "*3\r\n$5", kSelect0 + Command({"RPUSH", "q", "a"}));
  Start();
  EXPECT_NE(error_.find("cut short though it is not the last one"), std::string::npos) << error_;
}

TEST_F(ForeignLogTest, BadFormatIsRefusedWithItsPlace) {
  Write("", kSelect0 + Command({"RPUSH", "q", "a"}) + "garbage");
  Start();
  EXPECT_NE(error_.find(kSegment + ", byte " + std::to_string((kSelect0 + Command({"RPUSH", "q", "a"})).size()) +
                        ": bad file format"),
            std::string::npos)
      << error_;
}

TEST_F(ForeignLogTest, AnnotationsOfRedisArePassedOver) {
  Write("#TS:1700000000\r\n" + kSelect0, "#TS:1700000001\r\n" + kSelect0 + "#TS:1700000002\r\n" + Command({"MULTI"}) +
                                             "#TS:1700000003\r\n" + Command({"RPUSH", "q", "a"}) + Command({"EXEC"}) +
                                             "#TS:1700000004\r\n");
  EXPECT_EQ(Start()->State(), "0/q: a\n");
  EXPECT_EQ(error_, "");
}

TEST_F(ForeignLogTest, GroupsWithoutTheirHeaderAreNotReadUnchecked) {
  {
    auto life = Start();
    life->Push("q", "a");
    life->log().Flush();
  }
  disk_.Kill();
  std::string segment = *disk_.Content(kSegment);
  disk_.SetContent(kSegment, segment.substr(segment.find("*2")));
  Start();
  EXPECT_NE(error_, "");
}

// --- a redis-server that was started on our directory

class VisitedLogTest : public ForeignLogTest {
 protected:
  void WriteOurs(bool clean_stop) {
    auto life = Start();
    life->Push("q", "a");
    life->log().Flush();
    life->Push("q", "b");
    if (clean_stop) {
      ASSERT_TRUE(life->log().Close().ok());
    } else {
      life->log().Flush();
    }
    life.reset();
    disk_.Kill();
    ours_ = *disk_.Content(kSegment);
  }
  std::string ours_;
  const std::string visit_ = kSelect0 + Command({"rpush", "q", "redis"});
};

TEST_F(VisitedLogTest, IsRecognisedAndSaidSo) {
  for (bool clean_stop : {true, false}) {
    WriteOurs(clean_stop);
    disk_.SetContent(kSegment, ours_ + visit_);
    auto life = Start();
    ASSERT_EQ(error_, "");
    EXPECT_EQ(life->State(), "0/q: a b redis\n");
    EXPECT_NE(report_.note.find("a redis-server has appended to appendonly.aof.1.incr.aof"), std::string::npos);
    EXPECT_EQ(report_.cut_bytes, 0u);
    life->Push("q", "c");
    life->log().Flush();
    life.reset();
    disk_.Crash();
    EXPECT_EQ(Start()->State(), "0/q: a b redis c\n");
    EXPECT_EQ(*disk_.Content(kSegment), ours_ + visit_) << "nothing of ours behind what is not";
    disk_.Kill();
    for (const std::string& path : disk_.Paths()) disk_.Erase(path);
  }
}

TEST_F(VisitedLogTest, ATornTailThatRedisKeptIsKept) {
  WriteOurs(false);
  // The second group is whole but for its line, which Redis did not need.
  const std::string kept = ours_.substr(0, ours_.rfind("#C"));
  disk_.SetContent(kSegment, kept + visit_);
  EXPECT_EQ(Start()->State(), "0/q: a b redis\n");
  EXPECT_EQ(error_, "");
}

TEST_F(VisitedLogTest, AnEndOfRedissThatIsCutShortIsCutOff) {
  WriteOurs(true);
  for (size_t cut = 1; cut < 10; ++cut) {
    disk_.SetContent(kSegment, ours_ + visit_ + visit_.substr(0, visit_.size() - cut));
    auto life = Start();
    ASSERT_EQ(error_, "");
    EXPECT_EQ(life->State(), "0/q: a b redis\n");
    // The SELECT stays.
    EXPECT_EQ(disk_.Content(kSegment), ours_ + visit_ + kSelect0);
    life.reset();
    disk_.Kill();
    disk_.SetContent(kManifest, kManifestText);
    disk_.Erase(LogPath("appendonly.aof.2.incr.aof"));
  }
}

TEST_F(VisitedLogTest, DamageBelowAVouchedPositionIsStillDamage) {
  WriteOurs(true);
  std::string flipped = ours_ + visit_;
  flipped[flipped.find("a\r\n#C")] = 'x';
  disk_.SetContent(kSegment, flipped);
  Start();
  EXPECT_NE(error_.find("is damaged, though it was synced"), std::string::npos) << error_;
}

TEST_F(VisitedLogTest, WhatWeWroteAndVouchedForAfterAVisitDoesNotMakeTheVisitDamage) {
  WriteOurs(true);
  disk_.SetContent(kSegment, ours_ + visit_);
  for (const char* value : {"c", "d", "e"}) {
    auto life = Start();
    ASSERT_EQ(error_, "");
    life->Push("q", value);
    ASSERT_TRUE(life->log().Close().ok());
    life.reset();
    disk_.Crash();
  }
  EXPECT_EQ(Start()->State(), "0/q: a b redis c d e\n");
  disk_.Kill();
  // Damage in the visit, and in ours before it, is still told.
  std::string flipped = ours_ + visit_;
  flipped[ours_.size()] = '!';
  disk_.SetContent(kSegment, flipped);
  Start();
  EXPECT_NE(error_.find("what a redis-server has appended from here on is damaged"), std::string::npos) << error_;
  flipped = ours_ + visit_;
  flipped[flipped.find("a\r\n#C")] = 'x';
  disk_.SetContent(kSegment, flipped);
  Start();
  EXPECT_NE(error_.find("is damaged, though it was synced"), std::string::npos) << error_;
}

TEST_F(VisitedLogTest, ANewSegmentOfRedissBehindOursIsRead) {
  WriteOurs(true);
  disk_.SetContent(LogPath("appendonly.aof.2.incr.aof"), visit_);
  disk_.SetContent(kManifest, std::string(kManifestText) + "file appendonly.aof.2.incr.aof seq 2 type i\n");
  auto life = Start();
  ASSERT_EQ(error_, "");
  EXPECT_EQ(life->State(), "0/q: a b redis\n");
  life->Push("q", "c");
  life->log().Flush();
  life.reset();
  disk_.Crash();
  EXPECT_EQ(Start()->State(), "0/q: a b redis c\n");
}

// --- the layout before Redis 7

TEST_F(ForeignLogTest, ASingleFileOfAnOlderRedisIsTakenOver) {
  const std::string single = kSelect0 + Command({"RPUSH", "q", "a"});
  for (uint64_t call = 1;; ++call) {
    SimFileSystem disk(call);
    MakeDataDirectory(disk);
    disk.SetContent("data/appendonly.aof", single);
    disk.PowerOffAtCall(disk.calls() + call);
    {
      LogLife life(disk, clock_);
      const bool opened = life.Open().ok();
      EXPECT_TRUE(!opened || life.State() == "0/q: a\n") << life.State();
    }
    const bool off = disk.powered_off();
    disk.Crash();
    LogLife life(disk, clock_);
    auto report = life.Open();
    ASSERT_TRUE(report.ok()) << report.status().message();
    EXPECT_EQ(life.State(), "0/q: a\n") << call;
    EXPECT_FALSE(disk.Exists("data/appendonly.aof"));
    EXPECT_EQ(disk.Content(kManifest),
              "file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n");
    if (!off) break;
  }
}

TEST_F(ForeignLogTest, ASingleFileWithAnRdbPreambleStaysWhereItIs) {
  disk_.SetContent("data/appendonly.aof", "REDIS0009...");
  Start();
  EXPECT_NE(error_.find("data/appendonly.aof begins with an RDB preamble"), std::string::npos) << error_;
  EXPECT_TRUE(disk_.Exists("data/appendonly.aof"));
}

TEST_F(ForeignLogTest, TheBaseOfAnOldLayoutGoesWithTheFirstRewrite) {
  disk_.SetContent("data/appendonly.aof", kSelect0 + Command({"RPUSH", "q", "a"}));
  auto life = Start();
  ASSERT_TRUE(life->log().StartRewrite().ok());
  life->log().Flush();
  EXPECT_FALSE(disk_.Exists(LogPath("appendonly.aof")));
  life.reset();
  disk_.Crash();
  EXPECT_EQ(Start()->State(), "0/q: a\n");
}

}  // namespace
}  // namespace baton
