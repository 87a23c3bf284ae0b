// Segments that are made in advance, with room behind their head: when, how they are used up, and what a start makes of
// what is left of the room.

#include <gtest/gtest.h>

#include "log/filler.h"
#include "log/record.h"
#include "unit/log/log_life.h"

namespace baton {
namespace {

constexpr int64_t kBytes = 4096;
const std::string kFirst = LogPath("appendonly.aof.1.incr.aof"), kSecond = LogPath("appendonly.aof.2.incr.aof"),
                  kThird = LogPath("appendonly.aof.3.incr.aof");

LogOptions WithRoom(SyncPolicy policy = SyncPolicy::kAlways) {
  LogOptions options = DefaultLogOptions(policy);
  options.preallocate_bytes = kBytes;
  return options;
}

TEST(Filler, IsRecognisedUpToTheLineEndAtTheEndOfTheFile) {
  EXPECT_EQ(FillerPrefix("", true), 0u);
  EXPECT_EQ(FillerPrefix("###", true), 3u);
  EXPECT_EQ(FillerPrefix("###\n", true), 4u);
  EXPECT_EQ(FillerPrefix("\n", true), 1u);
  EXPECT_EQ(FillerPrefix("###\n", false), 3u);
  EXPECT_EQ(FillerPrefix("###\n*1", true), 3u);
  EXPECT_EQ(FillerPrefix("*1###\n", true), 0u);
}

class SegmentRoom : public testing::Test {
 protected:
  void SetUp() override { MakeDataDirectory(disk_); }

  std::unique_ptr<LogLife> Start(const LogOptions& options = WithRoom()) {
    auto life = std::make_unique<LogLife>(disk_, clock_, options);
    report_ = std::make_unique<Result<RecoveryReport>>(life->Open());
    EXPECT_TRUE(report_->ok()) << report_->status().message();
    return life;
  }
  static void PushAndFlush(LogLife& life, std::string_view value = "element") {
    life.Push("q", value);
    life.log().Flush();
  }
  // Until the second segment, which has room, is the one in use.
  void FillFirst(LogLife& life) {
    for (int i = 0; i < 200 && !IsInUse(kSecond); ++i) PushAndFlush(life);
    ASSERT_TRUE(IsInUse(kSecond));
  }
  bool IsInUse(const std::string& path) {
    const auto content = disk_.Content(path);
    return content && content->find("RPUSH") != std::string::npos;
  }
  // Where what is written ends.
  size_t EndOf(const std::string& path) { return disk_.Content(path)->find_last_not_of("#\n") + 2; }
  std::string Manifest() { return *disk_.Content(LogPath("appendonly.aof.manifest")); }

  SimFileSystem disk_{1};
  ManualClock clock_;
  std::unique_ptr<Result<RecoveryReport>> report_;
};

TEST_F(SegmentRoom, IsMadeOnceSomethingIsBeingWrittenAndUsedWhenThePresentSegmentHasNone) {
  auto life = Start();
  EXPECT_FALSE(disk_.Content(kSecond));
  FillFirst(*life);
  EXPECT_EQ(disk_.Content(kSecond)->size(), static_cast<size_t>(kBytes));
  EXPECT_EQ(disk_.Content(kFirst)->find_last_of('\n'), disk_.Content(kFirst)->size() - 1);
  EXPECT_NE(Manifest().find("appendonly.aof.2.incr.aof seq 2 type i"), std::string::npos);
  // Half used, the third one is made; with a sixteenth left it takes over.
  while (!disk_.Content(kThird)) PushAndFlush(*life);
  EXPECT_GE(EndOf(kSecond), static_cast<size_t>(kBytes) / 2);
  EXPECT_EQ(Manifest().find("appendonly.aof.3.incr.aof"), std::string::npos);
  while (!IsInUse(kThird)) PushAndFlush(*life);
  EXPECT_GE(EndOf(kSecond), static_cast<size_t>(kBytes) * 14 / 16);
  // Of the segment before, the rest was cut off.
  EXPECT_EQ(disk_.Content(kSecond)->find("##"), std::string::npos);
  EXPECT_FALSE(life->log().figures().rewrite_running);
  EXPECT_EQ(life->log().figures().rewrites, 0u);
}

TEST_F(SegmentRoom, IsMadeUnderAlwaysOnly) {
  for (SyncPolicy policy : {SyncPolicy::kEverySecond, SyncPolicy::kNo}) {
    auto life = Start(WithRoom(policy));
    for (int i = 0; i < 200; ++i) PushAndFlush(*life);
    EXPECT_FALSE(disk_.Content(kSecond));
  }
}

TEST_F(SegmentRoom, WritesIntoItChangeNeitherTheLengthOfTheFileNorWhatIsBehind) {
  auto life = Start();
  FillFirst(*life);
  for (int i = 0; i < 5; ++i) {
    const size_t before = EndOf(kSecond);
    PushAndFlush(*life);
    const std::string content = *disk_.Content(kSecond);
    EXPECT_EQ(content.size(), static_cast<size_t>(kBytes));
    EXPECT_GT(EndOf(kSecond), before);
    EXPECT_EQ(content.substr(EndOf(kSecond)), std::string(kBytes - EndOf(kSecond) - 1, '#') + "\n");
    EXPECT_EQ(life->log().figures().synced, life->log().figures().appended);
  }
}

TEST_F(SegmentRoom, GroupsThatAreLargerGoOnBehindIt) {
  auto life = Start();
  FillFirst(*life);
  PushAndFlush(*life, std::string(3 * kBytes, 'x'));
  PushAndFlush(*life);
  const std::string state = life->State();
  life.reset();
  disk_.Crash();
  EXPECT_EQ(Start()->State(), state);
  EXPECT_EQ((*report_)->cut_bytes, 0u);
}

// redis-server skips lines that begin with '#', but not a line end alone.
TEST_F(SegmentRoom, NeverEndsInALineEndAlone) {
  for (int64_t left = 0; left <= 4; ++left) {
    SCOPED_TRACE("bytes left: " + std::to_string(left));
    SimFileSystem disk(1);
    MakeDataDirectory(disk);
    std::string state;
    {
      LogOptions options = WithRoom();
      LogLife life(disk, clock_, options);
      ASSERT_TRUE(life.Open().ok());
      life.jobs().set_mode(ManualJobRunner::Mode::kAtOnce);
      for (int i = 0; i < 200 && life.log().figures().file_bytes < kBytes + 200; ++i) PushAndFlush(life);
      life.jobs().set_mode(ManualJobRunner::Mode::kManual);  // no third one
      const auto end = [&] { return disk.Content(kSecond)->find_last_not_of("#\n") + 2; };
      ASSERT_TRUE(disk.Content(kSecond));
      while (kBytes - end() > 900) PushAndFlush(life);
      const size_t before = end();
      PushAndFlush(life, "ten bytes!");
      const size_t with_ten = end() - before;
      // The length of a payload of three digits, and that of the group's records, take one digit more each.
      PushAndFlush(life, std::string(kBytes - end() - with_ten + 10 - 2 - static_cast<size_t>(left), 'y'));
      const std::string content = *disk.Content(kSecond);
      const size_t size = static_cast<size_t>(kBytes);
      ASSERT_EQ(end(), size - static_cast<size_t>(left));
      const std::string room[] = {"", "#\n", "#\n", "##\n", "###\n"};
      EXPECT_EQ(content.substr(end()), room[left]);
      PushAndFlush(life, "behind");
      state = life.State();
    }
    disk.Kill();
    LogLife again(disk, clock_, WithRoom());
    auto report = again.Open();
    ASSERT_TRUE(report.ok()) << report.status().message();
    EXPECT_EQ(report->cut_bytes, 0u);
    EXPECT_EQ(again.State(), state);
  }
}

TEST_F(SegmentRoom, IsGoneOnAfterAKillAndCutOffByACleanStop) {
  auto life = Start();
  FillFirst(*life);
  PushAndFlush(*life);
  const std::string state = life->State();
  const size_t end = EndOf(kSecond);
  life.reset();
  disk_.Kill();
  life = Start();
  EXPECT_EQ(life->State(), state);
  EXPECT_EQ((*report_)->cut_bytes, 0u);
  EXPECT_EQ(disk_.Content(kSecond)->size(), static_cast<size_t>(kBytes));
  PushAndFlush(*life);
  EXPECT_EQ(disk_.Content(kSecond)->size(), static_cast<size_t>(kBytes));
  EXPECT_GT(EndOf(kSecond), end);
  ASSERT_TRUE(life->log().Close().ok());
  EXPECT_EQ(disk_.Content(kSecond)->find("##"), std::string::npos);
  EXPECT_EQ(disk_.UnsyncedBytes(kSecond), 0u);
}

TEST_F(SegmentRoom, WhatWasPreparedAndNeverUsedIsLitterAndNothingAfterACleanStop) {
  auto life = Start();
  FillFirst(*life);
  while (!disk_.Content(kThird)) PushAndFlush(*life);
  auto killed = disk_.Clone(5);
  ASSERT_TRUE(life->log().Close().ok());
  EXPECT_FALSE(disk_.Content(kThird));
  EXPECT_FALSE(disk_.Content(LogPath("temp-appendonly.aof.manifest")));
  LogLife again(*killed, clock_, WithRoom());
  ASSERT_TRUE(again.Open().ok());
  EXPECT_FALSE(killed->Content(kThird));
  for (const std::string& path : killed->Paths()) EXPECT_FALSE(path.ends_with(".cut")) << path;
}

TEST_F(SegmentRoom, ARewriteTakesOverWhatHasBeenPrepared) {
  auto life = Start();
  FillFirst(*life);
  while (!disk_.Content(kThird)) PushAndFlush(*life);
  ASSERT_TRUE(life->log().StartRewrite().ok());
  EXPECT_TRUE(life->log().figures().rewrite_running);
  EXPECT_FALSE(life->log().StartRewrite().ok());
  PushAndFlush(*life);
  PushAndFlush(*life, "behind");
  EXPECT_EQ(life->log().figures().rewrites, 1u);
  EXPECT_TRUE(IsInUse(kThird));
  EXPECT_FALSE(disk_.Content(kFirst));
  EXPECT_FALSE(disk_.Content(kSecond));
  EXPECT_EQ(disk_.Content(kThird)->size(), static_cast<size_t>(kBytes));
  const std::string state = life->State();
  life.reset();
  disk_.Crash();
  EXPECT_EQ(Start()->State(), state);
}

TEST_F(SegmentRoom, ASyncThatFailsWhileOneIsPreparedIsMended) {
  auto life = Start();
  FillFirst(*life);
  life->jobs().set_mode(ManualJobRunner::Mode::kManual);
  while (life->jobs().idle()) PushAndFlush(*life);
  life->syncs().set_mode(ManualJobRunner::Mode::kManual);
  PushAndFlush(*life, "unsure");
  disk_.FailKind("sync", SimFileSystem::Fault::kIo);
  life->syncs().RunOne();
  EXPECT_TRUE(life->log().failing());
  disk_.Heal();
  life->syncs().set_mode(ManualJobRunner::Mode::kAtOnce);
  life->jobs().set_mode(ManualJobRunner::Mode::kAtOnce);
  life->jobs().RunAll();
  life->log().Flush();
  life->log().OnTimer();
  life->log().Flush();
  EXPECT_FALSE(life->log().failing());
  EXPECT_EQ(life->log().synced(), life->log().appended());
  const std::string state = life->State();
  life.reset();
  disk_.Crash();
  EXPECT_EQ(Start()->State(), state);
}

TEST_F(SegmentRoom, OneThatCannotBeMadeIsDoneWithout) {
  auto life = Start();
  life->jobs().set_mode(ManualJobRunner::Mode::kManual);
  while (life->jobs().idle()) PushAndFlush(*life);
  disk_.FailKind("append", SimFileSystem::Fault::kNoSpace);
  life->jobs().RunOne();
  disk_.Heal();
  EXPECT_TRUE(life->Said("no segment could be made in advance"));
  EXPECT_FALSE(disk_.Content(kSecond));
  EXPECT_EQ(life->log().growth_refused(), "");
  for (int i = 0; i < 200; ++i) PushAndFlush(*life);
  EXPECT_FALSE(disk_.Content(kSecond));
  EXPECT_TRUE(life->jobs().idle());
  clock_.AdvanceMs(10'000);
  life->jobs().set_mode(ManualJobRunner::Mode::kAtOnce);
  for (int i = 0; i < 3; ++i) PushAndFlush(*life);  // it is made, the log is switched to it, it is written to
  EXPECT_TRUE(IsInUse(kThird));
}

TEST_F(SegmentRoom, AShortWriteIntoItIsCutBackAndWrittenAgain) {
  auto life = Start();
  FillFirst(*life);
  disk_.FailKind("write over", SimFileSystem::Fault::kShort);
  PushAndFlush(*life, "in two goes");
  EXPECT_TRUE(life->log().failing());
  disk_.Heal();
  clock_.AdvanceMs(200);
  life->log().OnTimer();
  life->log().Flush();
  EXPECT_FALSE(life->log().failing());
  PushAndFlush(*life, "behind");
  const std::string state = life->State();
  life.reset();
  disk_.Crash();
  EXPECT_EQ(Start()->State(), state);
}

// A redis-server that is started after a kill reads over the room, and appends behind it.
TEST_F(SegmentRoom, ARedisServerGoesOnBehindIt) {
  auto life = Start();
  FillFirst(*life);
  life->Set("s", "ours");
  life->log().Flush();
  life.reset();
  disk_.Kill();
  disk_.SetContent(kSecond, *disk_.Content(kSecond) +
                                "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\ns\r\n$5\r\nredis\r\n");
  life = Start();
  EXPECT_NE(life->State().find("0/s: \"redis\""), std::string::npos);
  EXPECT_NE((*report_)->note.find("a redis-server has appended"), std::string::npos);
  PushAndFlush(*life);
  const std::string state = life->State();
  life.reset();
  disk_.Crash();
  EXPECT_EQ(Start()->State(), state);
}

}  // namespace
}  // namespace baton
