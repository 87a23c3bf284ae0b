#include <gtest/gtest.h>

#include "unit/log/log_life.h"

namespace baton {
namespace {

const std::string kSegment = LogPath("appendonly.aof.1.incr.aof");
using Fault = SimFileSystem::Fault;

class LogFailureTest : public testing::Test {
 protected:
  LogFailureTest() { MakeDataDirectory(disk_); }
  std::unique_ptr<LogLife> Start(SyncPolicy policy = SyncPolicy::kAlways) {
    auto life = std::make_unique<LogLife>(disk_, clock_, DefaultLogOptions(policy));
    auto report = life->Open();
    EXPECT_TRUE(report.ok()) << report.status().message();
    return life;
  }
  void Wait(LogLife& life, int64_t ms) {
    for (int64_t i = 0; i < ms; i += 100) {
      clock_.AdvanceMs(100);
      life.log().OnTimer();
      life.log().Flush();
    }
  }
  std::string AfterPowerCut() {
    disk_.Crash();
    LogLife life(disk_, clock_);
    auto report = life.Open();
    EXPECT_TRUE(report.ok()) << report.status().message();
    return life.State();
  }

  SimFileSystem disk_{1};
  ManualClock clock_;
};

TEST_F(LogFailureTest, AFullDiskRefusesGrowthAndHoldsRepliesUntilThereIsRoom) {
  auto life = Start();
  life->Push("q", "a");
  life->log().Flush();
  disk_.FailKind("append", Fault::kNoSpace);
  const uint64_t held = life->Push("q", "b");
  life->log().Flush();
  EXPECT_TRUE(life->log().growth_refused().starts_with("MISCONF Errors writing to the AOF file: "));
  EXPECT_NE(life->log().growth_refused().find("No space left on device"), std::string::npos);
  EXPECT_FALSE(life->log().Released(held));
  EXPECT_FALSE(life->log().figures().last_write_ok);
  // Draining goes on, in memory.
  const uint64_t pop = life->Pop("q");
  life->log().Flush();
  EXPECT_FALSE(life->log().Released(pop));
  Wait(*life, 1000);
  EXPECT_FALSE(life->log().Released(held));
  disk_.HealKind("append");
  Wait(*life, 200);
  EXPECT_EQ(life->log().growth_refused(), "");
  EXPECT_TRUE(life->log().Released(pop));
  EXPECT_TRUE(life->log().figures().last_write_ok);
  EXPECT_TRUE(life->Said("writing works again"));
  life.reset();
  EXPECT_EQ(AfterPowerCut(), "0/q: b\n");
}

TEST_F(LogFailureTest, AFullDiskIsNotAskedAgainInEveryTurn) {
  auto life = Start();
  disk_.FailKind("append", Fault::kNoSpace);
  life->Push("q", "a");
  life->log().Flush();
  const uint64_t calls = disk_.calls();
  for (int i = 0; i < 50; ++i) {
    life->Push("q", "a");
    life->log().Flush();
  }
  EXPECT_EQ(disk_.calls(), calls);
}

TEST_F(LogFailureTest, AShortWriteIsRepeatedAtTheGroupsOwnStart) {
  auto life = Start();
  life->Push("q", "a");
  life->log().Flush();
  const std::string before = *disk_.Content(kSegment);
  disk_.FailKind("append", Fault::kShort);
  life->Push("q", std::string(500, 'b'));
  life->log().Flush();
  EXPECT_EQ(disk_.Content(kSegment), before) << "the file is cut back at once";
  disk_.HealKind("append");
  Wait(*life, 200);
  EXPECT_EQ(life->log().synced(), 2u);
  life.reset();
  EXPECT_EQ(AfterPowerCut(), "0/q: a " + std::string(500, 'b') + "\n");
}

TEST_F(LogFailureTest, NothingIsWrittenBehindHalfAGroupThatCouldNotBeCutOff) {
  auto life = Start();
  life->Push("q", "a");
  life->log().Flush();
  const std::string before = *disk_.Content(kSegment);
  disk_.FailKind("append", Fault::kShort);
  disk_.FailKind("truncate", Fault::kNoSpace);
  life->Push("q", std::string(500, 'b'));
  life->log().Flush();
  const std::string half = *disk_.Content(kSegment);
  EXPECT_GT(half.size(), before.size());
  disk_.HealKind("append");
  Wait(*life, 500);
  EXPECT_EQ(disk_.Content(kSegment), half);
  disk_.HealKind("truncate");
  Wait(*life, 200);
  EXPECT_EQ(life->log().synced(), 2u);
  life.reset();
  EXPECT_EQ(AfterPowerCut(), "0/q: a " + std::string(500, 'b') + "\n");
}

TEST_F(LogFailureTest, AFailedSyncIsNeverRetriedOnTheSameFile) {
  auto life = Start();
  life->Push("q", "a");
  life->log().Flush();
  disk_.FailKind("sync", Fault::kIo);
  life->Push("q", "b");
  life->log().Flush();
  EXPECT_NE(life->log().growth_refused(), "");
  EXPECT_EQ(life->log().synced(), 1u);
  disk_.HealKind("sync");
  const std::string broken = *disk_.Content(kSegment);
  life->Push("q", "c");
  Wait(*life, 2000);
  EXPECT_EQ(life->log().growth_refused(), "");
  EXPECT_EQ(life->log().synced(), 3u);
  EXPECT_FALSE(disk_.Content(kSegment).has_value()) << "a fresh base stands in for it";
  EXPECT_TRUE(life->Said("the log is whole again"));
  const std::string state = life->State();
  life.reset();
  EXPECT_EQ(AfterPowerCut(), state);
}

TEST_F(LogFailureTest, AFailedSyncReleasesNothingUntilAFreshLogIsDurable) {
  for (SyncPolicy policy : {SyncPolicy::kAlways, SyncPolicy::kEverySecond}) {
    SimFileSystem disk(9);
    MakeDataDirectory(disk);
    LogLife life(disk, clock_, DefaultLogOptions(policy));
    ASSERT_TRUE(life.Open().ok());
    life.jobs().set_mode(ManualJobRunner::Mode::kManual);
    clock_.AdvanceMs(1000);
    disk.FailKind("sync", Fault::kIo);
    life.Push("q", "a");
    life.log().Flush();
    disk.HealKind("sync");
    EXPECT_FALSE(life.log().Released(1));
    const uint64_t second = life.Push("q", "b");
    life.log().Flush();
    life.jobs().RunOne();
    const uint64_t third = life.Push("q", "c");
    life.log().Flush();  // the switch: c goes into the base
    const uint64_t fourth = life.Push("q", "d");
    life.log().Flush();
    for (uint64_t position : {uint64_t{1}, second, third, fourth}) EXPECT_FALSE(life.log().Released(position));
    const int progress = life.progress();
    life.jobs().RunOne();
    EXPECT_GT(life.progress(), progress);
    for (uint64_t position : {uint64_t{1}, second, third, fourth}) EXPECT_TRUE(life.log().Released(position));
    EXPECT_TRUE(policy != SyncPolicy::kAlways || life.log().synced() == fourth);
  }
}

TEST_F(LogFailureTest, AMendThatFailsIsTriedAgainWithGrowingDelays) {
  auto life = Start();
  disk_.FailKind("sync", Fault::kIo);
  life->Push("q", "a");
  life->log().Flush();
  Wait(*life, 20'000);
  EXPECT_EQ(life->log().synced(), 0u);
  int tries = 0;
  for (const std::string& line : life->lines()) tries += line.find("could not be written") != std::string::npos;
  EXPECT_GT(tries, 3);
  EXPECT_LT(tries, 12);
  disk_.HealKind("sync");
  Wait(*life, 11'000);
  EXPECT_EQ(life->log().synced(), 1u);
  EXPECT_EQ(life->log().growth_refused(), "");
}

TEST_F(LogFailureTest, AnInputOutputErrorOnWriteIsMendedLikeAFailedSync) {
  auto life = Start();
  life->Push("q", "a");
  life->log().Flush();
  disk_.FailCalls(disk_.calls() + 1, 1, Fault::kIo);
  life->Push("q", "b");
  life->log().Flush();
  Wait(*life, 1000);
  EXPECT_EQ(life->log().growth_refused(), "");
  life->Push("q", "c");
  life->log().Flush();
  EXPECT_EQ(life->log().synced(), 3u);
  life.reset();
  EXPECT_EQ(AfterPowerCut(), "0/q: a b c\n");
}

TEST_F(LogFailureTest, ASyncThatFailsDuringARewriteIsMended) {
  auto life = Start();
  life->jobs().set_mode(ManualJobRunner::Mode::kManual);
  life->Push("q", "a");
  life->log().Flush();
  ASSERT_TRUE(life->log().StartRewrite().ok());
  life->jobs().RunOne();
  life->log().Flush();  // the base is being written
  disk_.FailCalls(disk_.calls() + 2, 1, Fault::kIo);
  life->Push("q", "b");
  life->log().Flush();
  EXPECT_NE(life->log().growth_refused(), "");
  life->jobs().set_mode(ManualJobRunner::Mode::kAtOnce);
  life->jobs().RunAll();
  Wait(*life, 1000);
  EXPECT_EQ(life->log().growth_refused(), "");
  EXPECT_EQ(life->log().synced(), life->log().appended());
  const std::string state = life->State();
  life.reset();
  EXPECT_EQ(AfterPowerCut(), state);
}

TEST_F(LogFailureTest, AStopThatCannotSyncSaysSo) {
  auto life = Start(SyncPolicy::kNo);
  life->Push("q", "a");
  life->log().Flush();
  disk_.FailKind("sync", Fault::kIo);
  EXPECT_FALSE(life->log().Close().ok());
  // The server goes on, and mends.
  disk_.HealKind("sync");
  Wait(*life, 2000);
  EXPECT_EQ(life->log().growth_refused(), "");
  EXPECT_TRUE(life->log().Close().ok());
}

TEST_F(LogFailureTest, EveryCallThatFailsIsSurvived) {
  for (SyncPolicy policy : {SyncPolicy::kAlways, SyncPolicy::kEverySecond, SyncPolicy::kNo}) {
    for (Fault fault : {Fault::kIo, Fault::kNoSpace, Fault::kQuota, Fault::kShort}) {
      for (uint64_t call = 1; call < 40; ++call) {
        SimFileSystem disk(call);
        MakeDataDirectory(disk);
        LogLife life(disk, clock_, DefaultLogOptions(policy));
        ASSERT_TRUE(life.Open().ok());
        disk.FailCalls(disk.calls() + call, 2, fault);
        for (int i = 0; i < 6; ++i) {
          life.Push("q", std::to_string(i));
          life.log().Flush();
          clock_.AdvanceMs(600);
          life.log().OnTimer();
        }
        disk.HealCalls();
        Wait(life, 3000);
        EXPECT_EQ(life.log().growth_refused(), "") << call;
        EXPECT_TRUE(life.log().Released(life.log().appended())) << call;
        ASSERT_TRUE(life.log().Close().ok()) << call;
        disk.Crash();
        LogLife again(disk, clock_);
        ASSERT_TRUE(again.Open().ok()) << call;
        EXPECT_EQ(again.State(), "0/q: 0 1 2 3 4 5\n") << call;
      }
    }
  }
}

}  // namespace
}  // namespace baton
