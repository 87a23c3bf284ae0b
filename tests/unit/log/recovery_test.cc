// The rules by which a start tells a torn tail from damage (src/log/recovery.h), one test for each.

#include "log/recovery.h"

#include <gtest/gtest.h>

#include "log/record.h"
#include "unit/log/log_life.h"

namespace baton {
namespace {

const std::string kSegment = LogPath("appendonly.aof.1.incr.aof");
const std::string kBase = LogPath("appendonly.aof.1.base.aof");
const std::string kManifest = LogPath("appendonly.aof.manifest");

class RecoveryTest : public testing::Test {
 protected:
  RecoveryTest() { MakeDataDirectory(disk_); }

  struct Opened {
    std::unique_ptr<LogLife> life;
    RecoveryReport report;
    std::string error;  // empty: it started
    std::string state;
  };
  Opened Open(SimFileSystem& disk, SyncPolicy policy = SyncPolicy::kAlways) {
    Opened opened;
    opened.life = std::make_unique<LogLife>(disk, clock_, DefaultLogOptions(policy));
    auto report = opened.life->Open();
    if (report.ok()) {
      opened.report = *report;
      opened.state = opened.life->State();
    } else {
      opened.error = report.status().message();
    }
    return opened;
  }
  Opened Open() { return Open(disk_); }

  // Pushes each value in a turn of its own, then the process dies. What the log holds is left on the disk, synced.
  void WriteGroups(const std::vector<std::string>& values, SyncPolicy policy = SyncPolicy::kAlways) {
    auto opened = Open(disk_, policy);
    ASSERT_EQ(opened.error, "");
    for (const std::string& value : values) {
      opened.life->Push("q", value);
      opened.life->log().Flush();
      ends_.push_back(Segment().size());
    }
    opened.life.reset();
    disk_.Kill();
  }
  std::string Segment() { return disk_.Content(kSegment).value_or(""); }
  std::vector<std::string> CutFiles() {
    std::vector<std::string> found;
    for (const std::string& path : disk_.Paths()) {
      if (path.ends_with(".cut")) found.push_back(path);
    }
    return found;
  }
  // A start on a copy of the disk with these bytes in the segment.
  Opened OpenWith(const std::string& segment, std::unique_ptr<SimFileSystem>* copy) {
    *copy = disk_.Clone(3);
    (*copy)->SetContent(kSegment, segment);
    return Open(**copy);
  }
  Opened OpenWith(const std::string& segment) { return OpenWith(segment, &copy_); }

  SimFileSystem disk_{1};
  std::unique_ptr<SimFileSystem> copy_;
  ManualClock clock_;
  std::vector<size_t> ends_;  // of the groups in the segment
};

// Each group's line says that all groups before the one before it were synced: of the last two, nobody vouches for more
// than the first.
TEST_F(RecoveryTest, ATornTailIsCutAtAnyByte) {
  WriteGroups({"a", "b", "c"});
  const std::string whole = Segment();
  const std::string states[] = {"", "0/q: a\n", "0/q: a b\n", "0/q: a b c\n"};
  for (size_t length = ends_[0]; length <= whole.size(); ++length) {
    auto opened = OpenWith(whole.substr(0, length));
    ASSERT_EQ(opened.error, "") << length;
    const size_t groups = length == ends_[2] ? 3 : length >= ends_[1] ? 2 : 1;
    EXPECT_EQ(opened.state, states[groups]) << length;
    EXPECT_EQ(opened.report.cut_bytes, length - ends_[groups - 1]);
    EXPECT_EQ(copy_->Content(kSegment)->size(), ends_[groups - 1]);
  }
}

TEST_F(RecoveryTest, WhatIsCutIsKeptBesideTheLog) {
  WriteGroups({"a", "b"});
  auto opened = OpenWith(Segment().substr(0, ends_[1] - 3));
  ASSERT_EQ(opened.error, "");
  const std::string copy = kSegment + "." + std::to_string(ends_[0]) + ".cut";
  EXPECT_EQ(copy_->Content(copy), Segment().substr(ends_[0], ends_[1] - 3 - ends_[0]));
  EXPECT_EQ(opened.report.cut_bytes, ends_[1] - 3 - ends_[0]);
  EXPECT_TRUE(opened.life->Said("torn tail"));
  EXPECT_NE(opened.report.note.find("torn tail cut"), std::string::npos);
}

TEST_F(RecoveryTest, SaysWhetherWhatIsCutMayHaveBeenAcknowledged) {
  WriteGroups({"a", "b"});
  auto opened = OpenWith(Segment().substr(0, ends_[1] - 3));
  EXPECT_FALSE(opened.report.cut_may_have_been_acknowledged);
  EXPECT_TRUE(opened.life->Said("never acknowledged"));

  SimFileSystem second(2);
  MakeDataDirectory(second);
  {
    LogLife life(second, clock_, DefaultLogOptions(SyncPolicy::kEverySecond));
    ASSERT_TRUE(life.Open().ok());
    for (const char* value : {"a", "b"}) {
      life.Push("q", value);
      life.log().Flush();
    }
  }
  second.Kill();
  const std::string segment = *second.Content(kSegment);
  second.SetContent(kSegment, segment.substr(0, segment.size() - 3));
  // Whatever the policy is now: the group before the cut says what it was then.
  auto under_everysec = Open(second, SyncPolicy::kAlways);
  ASSERT_EQ(under_everysec.error, "");
  EXPECT_TRUE(under_everysec.report.cut_may_have_been_acknowledged);
  EXPECT_TRUE(under_everysec.life->Said("may have been acknowledged"));
}

TEST_F(RecoveryTest, EveryFlippedBitBelowAVouchedPositionIsDamage) {
  WriteGroups({"first", "second", "third", "fourth"});
  const std::string whole = Segment();
  // Group 4 says that group 3 was synced.
  for (size_t i = 0; i < ends_[2]; ++i) {
    for (int bit = 0; bit < 8; bit += 3) {
      std::string flipped = whole;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      auto opened = OpenWith(flipped);
      ASSERT_NE(opened.error, "") << "byte " << i << " bit " << bit << "\n" << opened.state;
      EXPECT_NE(opened.error.find(kSegment), std::string::npos) << opened.error;
      EXPECT_EQ(copy_->Content(kSegment), flipped) << "nothing is changed";
    }
  }
}

// The line that vouches does not begin a line any more when the byte before it is the one that is bad.
TEST_F(RecoveryTest, ABadEndOfALineDoesNotHideTheVoucherBehindIt) {
  {
    auto opened = Open();
    opened.life->Push("q", std::string(600, 'x'));  // the group's end is in another sector than its start
    EXPECT_TRUE(opened.life->log().Close().ok());
  }
  std::string flipped = Segment();
  const size_t mark = flipped.rfind("#C 0 ");
  ASSERT_GT(mark, 512u);
  ASSERT_EQ(flipped[mark - 1], '\n');
  flipped[mark - 1] ^= 1;
  EXPECT_NE(OpenWith(flipped).error.find("group 1 is damaged, though it was synced (group 2 says so)"),
            std::string::npos);
}

TEST_F(RecoveryTest, EveryFlippedBitOfABaseIsDamage) {
  {
    auto opened = Open();
    opened.life->Push("q", "a");
    opened.life->Set("k", "v");
    opened.life->log().Flush();
    ASSERT_TRUE(opened.life->log().StartRewrite().ok());
    opened.life->log().Flush();
    ASSERT_TRUE(opened.life->log().Close().ok());
  }
  const std::string base = LogPath("appendonly.aof.2.base.aof");
  const std::string whole = disk_.Content(base).value();
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    auto copy = disk_.Clone(1);
    copy->SetContent(base, flipped);
    const std::string error = Open(*copy).error;
    EXPECT_NE(error, "") << i;
    EXPECT_EQ(error.find("with --fix it cuts"), std::string::npos) << "which cannot mend a base: " << error;
    copy = disk_.Clone(1);
    copy->SetContent(base, whole.substr(0, i));
    EXPECT_NE(Open(*copy).error, "") << "cut at " << i;
  }
}

TEST_F(RecoveryTest, DamageIsNamedWithFilePlaceAndTheCommandToRun) {
  WriteGroups({"first", "second", "third"});
  std::string flipped = Segment();
  flipped[flipped.find("first")] = 'F';
  const std::string error = OpenWith(flipped).error;
  EXPECT_NE(error.find(kSegment + ", byte " + std::to_string(ends_[0] - (ends_[0] - Segment().find("*2")))),
            std::string::npos)
      << error;
  EXPECT_NE(error.find("group 1 is damaged, though it was synced (group 2 says so)"), std::string::npos) << error;
  EXPECT_NE(error.find("baton-check-aof data/appendonlydir"), std::string::npos) << error;
  EXPECT_NE(error.find("Nothing was changed"), std::string::npos) << error;
}

TEST_F(RecoveryTest, GroupsBehindAHoleThatNobodyVouchesForAreCut) {
  // Under everysec without a sync: no line vouches for anything, and the disk wrote blocks out of order.
  {
    LogLife life(disk_, clock_, DefaultLogOptions(SyncPolicy::kNo));
    ASSERT_TRUE(life.Open().ok());
    life.Push("q", "a");
    life.log().Flush();
    ends_.push_back(Segment().size());
    life.Push("q", std::string(3000, 'x'));
    life.log().Flush();
    life.Push("q", "c");
    life.log().Flush();
  }
  disk_.Kill();
  std::string holed = Segment();
  holed.replace(1024, 512, std::string(512, '\0'));
  auto opened = OpenWith(holed);
  ASSERT_EQ(opened.error, "");
  EXPECT_EQ(opened.state, "0/q: a\n");
  EXPECT_EQ(opened.report.cut_bytes, holed.size() - ends_[0]);
}

TEST_F(RecoveryTest, ZerosBehindTheLastGroupAreCutAndAreNoLoss) {
  WriteGroups({"a", "b"});
  for (size_t zeros : {1, 511, 512, 100'000}) {
    auto opened = OpenWith(Segment() + std::string(zeros, '\0'));
    ASSERT_EQ(opened.error, "");
    EXPECT_EQ(opened.state, "0/q: a b\n");
    EXPECT_EQ(copy_->Content(kSegment), Segment());
    for (const std::string& path : copy_->Paths()) EXPECT_FALSE(path.ends_with(".cut")) << path;
  }
}

TEST_F(RecoveryTest, BytesThatNoWriteOfOursCanLeaveBehindAreDamage) {
  WriteGroups({"a", "b"});
  ASSERT_LT(ends_[1], 512u) << "all in one sector";
  EXPECT_NE(OpenWith(Segment() + "garbage").error.find("that a lost write cannot leave behind"), std::string::npos);
  // The last group, which nobody vouches for: a sector is written whole or not at all.
  std::string flipped = Segment();
  flipped[ends_[0] + 30] ^= 1;
  EXPECT_NE(OpenWith(flipped).error, "");
}

TEST_F(RecoveryTest, AStrangeSectorBehindTheLastGroupIsATornTail) {
  WriteGroups({"a", std::string(2000, 'x')});
  // From a sector's start on, the bytes of the last group are something else.
  std::string torn = Segment();
  torn.replace(1024, 512, std::string(512, '?'));
  auto opened = OpenWith(torn);
  ASSERT_EQ(opened.error, "");
  EXPECT_EQ(opened.state, "0/q: a\n");
}

TEST_F(RecoveryTest, AForgedGroupLineInsideAPayloadIsAPayload) {
  const std::string forged =
      "v\r\n#C 0 1 00000000 1 a 00000000\r\n#C 29 2 00000000 99 a 12345678\r\n*1\r\n$8\r\nFLUSHALL\r\n";
  WriteGroups({forged, "b", forged});
  EXPECT_EQ(Open().state, "0/q: " + forged + " b " + forged + "\n");
  disk_.Kill();
  // Nor does it vouch for anything when the tail is torn.
  const std::string whole = Segment();
  for (size_t length = ends_[1]; length < ends_[2]; ++length) {
    auto opened = OpenWith(whole.substr(0, length));
    ASSERT_EQ(opened.error, "") << length;
    EXPECT_EQ(opened.state, "0/q: " + forged + " b\n");
  }
}

// A payload that is a copy of real groups of another log, with their lines.
TEST_F(RecoveryTest, AGroupOfAnotherFileInsideAPayloadIsAPayload) {
  WriteGroups({"a", "b", "c"});
  const std::string groups = Segment().substr(Segment().find("*2"));
  clock_.AdvanceMs(1);
  SimFileSystem second(5);
  MakeDataDirectory(second);
  {
    LogLife life(second, clock_);
    ASSERT_TRUE(life.Open().ok());
    life.Push("q", "first");
    life.log().Flush();
    life.Push("q", groups);
    life.log().Flush();
  }
  second.Kill();
  const std::string whole = second.Content(kSegment).value();
  second.SetContent(kSegment, whole.substr(0, whole.size() - 5));
  auto opened = Open(second);
  EXPECT_EQ(opened.error, "");
  EXPECT_EQ(opened.state, "0/q: first\n");
}

TEST_F(RecoveryTest, StaleGroupsOfAnEarlierLifeBehindACutAreNotReplayed) {
  WriteGroups({"a", "stale1", "stale2", "stale3"}, SyncPolicy::kNo);  // nobody vouches for them
  const std::string earlier = Segment();
  // Power cut: all but the first group is lost; another life writes a group of the same length; then the disk brings
  // the earlier life's groups back behind it.
  disk_.SetContent(kSegment, earlier.substr(0, ends_[0]));
  WriteGroups({"fresh1"});
  const std::string now = Segment();
  ASSERT_EQ(now.size(), ends_[1] + std::string("*2\r\n$6\r\nselect\r\n$1\r\n0\r\n").size());
  // Aligned so that the stale group stands exactly where the next one would.
  auto opened = OpenWith(now + earlier.substr(ends_[1]));
  ASSERT_EQ(opened.error, "");
  EXPECT_EQ(opened.state, "0/q: a fresh1\n");
  EXPECT_EQ(opened.report.cut_bytes, earlier.size() - ends_[1]);
}

TEST_F(RecoveryTest, EverythingBehindACutIsOverwrittenAndSyncedBeforeTheFirstAppend) {
  WriteGroups({"a", "b"});
  const std::string torn = Segment().substr(0, ends_[1] - 1);
  // The power goes at every call of the recovery and of the first append after it.
  for (uint64_t call = 1; call < 60; ++call) {
    for (uint64_t seed = 0; seed < 8; ++seed) {
      auto copy = disk_.Clone(call * 100 + seed);
      copy->SetContent(kSegment, torn);
      copy->PowerOffAtCall(call);
      {
        auto opened = Open(*copy);
        if (opened.error.empty()) {
          opened.life->Push("q", "c");
          opened.life->log().Flush();
        }
      }
      copy->Crash();
      auto opened = Open(*copy);
      ASSERT_EQ(opened.error, "") << "call " << call << " seed " << seed;
      EXPECT_TRUE(opened.state == "0/q: a\n" || opened.state == "0/q: a c\n") << opened.state;
    }
  }
}

TEST_F(RecoveryTest, AHalfAnnotationAtTheEndIsATornTail) {
  WriteGroups({"a", "b"});
  for (const char* half : {"#", "#C", "#C 0 3 "}) {
    auto opened = OpenWith(Segment() + half);
    ASSERT_EQ(opened.error, "") << half;
    EXPECT_EQ(opened.state, "0/q: a b\n");
    EXPECT_EQ(copy_->Content(kSegment), Segment());
  }
}

TEST_F(RecoveryTest, ARecoveryOfARecoveryChangesNothing) {
  WriteGroups({"a", "b", "c"});
  disk_.SetContent(kSegment, Segment().substr(0, ends_[2] - 4));
  auto opened = Open();
  ASSERT_EQ(opened.error, "");
  opened.life.reset();
  disk_.Kill();
  std::map<std::string, std::string> before;
  for (const std::string& path : disk_.Paths()) before[path] = *disk_.Content(path);
  const std::string state = opened.state;
  opened = Open();
  EXPECT_EQ(opened.state, state);
  opened.life.reset();
  for (const std::string& path : disk_.Paths()) EXPECT_EQ(disk_.Content(path), before[path]) << path;
}

TEST_F(RecoveryTest, AnAcknowledgedGroupOfAnIdleLogIsVouchedFor) {
  {
    auto opened = Open();
    opened.life->Push("q", "a");
    opened.life->log().Flush();
    ends_.push_back(Segment().size());
    clock_.AdvanceMs(1000);
    opened.life->log().OnTimer();
  }
  disk_.Kill();
  std::string flipped = Segment();
  flipped[ends_[0] - 40] ^= 4;
  EXPECT_NE(OpenWith(flipped).error.find("group 1 is damaged, though it was synced (group 2 says so)"),
            std::string::npos);
}

// --- several segments

class SegmentsTest : public RecoveryTest {
 protected:
  // A rotation whose base was never written: [base 1, segment 1, segment 2].
  void WriteTwoSegments(bool sync_first = true) {
    auto opened = Open();
    LogLife& life = *opened.life;
    life.Push("q", "a");
    life.log().Flush();
    life.jobs().set_mode(ManualJobRunner::Mode::kManual);
    ASSERT_TRUE(life.log().StartRewrite().ok());
    life.jobs().RunOne();
    if (!sync_first) life.syncs().set_mode(ManualJobRunner::Mode::kManual);
    life.Push("q", "b");
    life.log().Flush();  // b is the last of segment 1; then the switch
    for (const char* value : {"c", "d", "e"}) {
      life.Push("q", value);
      life.log().Flush();
      life.log().WriteOpenGroup();  // which is kept back while a sync is under way
    }
    opened.life.reset();
    disk_.Kill();
    second_ = disk_.Content(kSecond).value_or("");
    ASSERT_NE(second_, "");
  }
  const std::string kSecond = LogPath("appendonly.aof.2.incr.aof");
  std::string second_;
};

TEST_F(SegmentsTest, AreReplayedInOrder) {
  WriteTwoSegments();
  EXPECT_EQ(Open().state, "0/q: a b c d e\n");
}

TEST_F(SegmentsTest, ASegmentThatIsCutShortThoughALaterOneVouchesForItIsDamage) {
  WriteTwoSegments();
  const std::string whole = Segment();
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(OpenWith(whole.substr(0, length)).error, "") << length;
  }
}

TEST_F(SegmentsTest, ATornTailOfAnEarlierSegmentTakesTheLaterOnesWithIt) {
  WriteTwoSegments(false);
  const std::string whole = Segment();
  auto opened = OpenWith(whole.substr(0, whole.size() - 3));
  ASSERT_EQ(opened.error, "");
  EXPECT_EQ(opened.state, "0/q: a\n");
  EXPECT_EQ(copy_->Content(kManifest),
            "file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n");
  EXPECT_EQ(copy_->Content(kSecond + ".cut"), second_);
  // And the log goes on.
  opened.life->Push("q", "z");
  opened.life->log().Flush();
  opened.life.reset();
  copy_->Kill();
  EXPECT_EQ(Open(*copy_).state, "0/q: a z\n");
}

TEST_F(SegmentsTest, ALaterSegmentWhoseFirstGroupsAreMissingIsATornTail) {
  WriteTwoSegments(false);
  const size_t group_c = second_.find("*2");
  const size_t group_d = second_.find("*3", second_.find("#C"));
  auto copy = disk_.Clone(1);
  copy->SetContent(kSecond, second_.substr(0, group_c) + second_.substr(group_d));
  EXPECT_EQ(Open(*copy).state, "0/q: a b\n");
}

// --- the directory as a whole

TEST_F(RecoveryTest, AFirstStartThatIsInterruptedAnywhereStartsEmpty) {
  for (uint64_t call = 1;; ++call) {
    SimFileSystem disk(call);
    MakeDataDirectory(disk);
    disk.PowerOffAtCall(disk.calls() + call);
    Open(disk);
    const bool off = disk.powered_off();
    disk.Crash();
    auto opened = Open(disk);
    EXPECT_EQ(opened.error, "") << "call " << call;
    EXPECT_EQ(opened.state, "");
    if (!off) break;
  }
}

TEST_F(RecoveryTest, AManifestThatNamesAMissingFileIsAnError) {
  WriteGroups({"a"});
  disk_.Erase(kBase);
  const std::string error = Open().error;
  EXPECT_NE(error.find("names appendonly.aof.1.base.aof, which is not there"), std::string::npos) << error;
}

TEST_F(RecoveryTest, TwoManifestsAreAnError) {
  WriteGroups({"a"});
  disk_.SetContent(LogPath("other.aof.manifest"), "file other.aof.1.incr.aof seq 1 type i\n");
  EXPECT_NE(Open().error.find("two manifests in data/appendonlydir"), std::string::npos);
}

TEST_F(RecoveryTest, ADirectoryOfAnotherAppendfilenameIsNotTakenForEmpty) {
  WriteGroups({"a"});
  LogOptions options = DefaultLogOptions();
  options.file_name = "renamed.aof";
  LogLife life(disk_, clock_, options);
  auto report = life.Open();
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.status().message().find("but not renamed.aof.manifest"), std::string::npos);
}

TEST_F(RecoveryTest, ALogWithoutItsManifestIsNotTakenForEmpty) {
  WriteGroups({"a", "b"});
  disk_.Erase(kManifest);
  EXPECT_NE(Open().error.find("appendonly.aof.manifest is missing"), std::string::npos);
}

TEST_F(RecoveryTest, ABadManifestIsNamedWithItsLine) {
  WriteGroups({"a"});
  disk_.SetContent(kManifest, "file appendonly.aof.1.base.aof seq 1 type b\nnonsense\n");
  EXPECT_NE(Open().error.find("line 2 of the manifest"), std::string::npos);
}

TEST_F(RecoveryTest, WhatAnInterruptedRewriteLeftIsCleanedUp) {
  WriteGroups({"a"});
  disk_.SetContent(LogPath("temp-appendonly.aof.manifest"), "half");
  disk_.SetContent(LogPath("temp-rewriteaof-123.aof"), "x");
  disk_.SetContent(LogPath("appendonly.aof.2.base.aof"), "half a base");
  disk_.SetContent(LogPath("appendonly.aof.2.incr.aof"), "#B 1 incr 0");
  disk_.SetContent(LogPath("notes.txt"), "mine");
  auto opened = Open();
  ASSERT_EQ(opened.error, "");
  EXPECT_EQ(opened.state, "0/q: a\n");
  EXPECT_EQ(disk_.Paths(), (std::vector<std::string>{kBase, kSegment, kManifest, LogPath("notes.txt")}));
}

TEST_F(RecoveryTest, ASegmentWithGroupsThatNeverCameIntoForceIsKept) {
  WriteGroups({"a"});
  disk_.SetContent(LogPath("appendonly.aof.2.incr.aof"), std::string(200, 'x'));
  EXPECT_EQ(Open().error, "");
  EXPECT_EQ(disk_.Content(LogPath("appendonly.aof.2.incr.aof.cut")), std::string(200, 'x'));
}

TEST_F(RecoveryTest, EveryCallThatFailsDuringAStartIsAnErrorOrDoesNoHarm) {
  WriteGroups({"a", "b", "c"});
  disk_.SetContent(kSegment, Segment().substr(0, ends_[2] - 4));
  disk_.SetContent(LogPath("appendonly.aof.2.base.aof"), "half a base");
  for (auto fault : {SimFileSystem::Fault::kIo, SimFileSystem::Fault::kNoSpace, SimFileSystem::Fault::kShort}) {
    for (uint64_t call = 1; call < 100; ++call) {
      auto copy = disk_.Clone(call);
      copy->FailCalls(call, 1, fault);
      auto opened = Open(*copy);
      const bool reached = copy->calls() >= call;
      if (opened.error.empty()) {
        EXPECT_EQ(opened.state, "0/q: a b\n") << call;
      }
      if (!reached) break;
      // The next start finds all that the first one did.
      opened.life.reset();
      copy->Kill();
      auto again = Open(*copy);
      EXPECT_EQ(again.error, "") << call;
      EXPECT_EQ(again.state, "0/q: a b\n") << call;
    }
  }
}

}  // namespace
}  // namespace baton
