#include "log/log.h"

#include <gtest/gtest.h>

#include <map>

#include "unit/log/log_life.h"

namespace baton {
namespace {

class LogTest : public testing::Test {
 protected:
  LogTest() { MakeDataDirectory(disk_); }
  std::unique_ptr<LogLife> Start(SyncPolicy policy = SyncPolicy::kAlways) {
    auto life = std::make_unique<LogLife>(disk_, clock_, DefaultLogOptions(policy));
    auto report = life->Open();
    EXPECT_TRUE(report.ok()) << report.status().message();
    return life;
  }
  std::string Segment(int number = 1) {
    return disk_.Content(LogPath("appendonly.aof." + std::to_string(number) + ".incr.aof")).value_or("(no file)");
  }

  SimFileSystem disk_{1};
  ManualClock clock_;
};

TEST_F(LogTest, StartsEmptyInRedissLayout) {
  auto life = Start();
  EXPECT_EQ(life->log().open_position(), 1u);
  EXPECT_EQ(life->log().synced(), 0u);
  EXPECT_EQ(disk_.Content(LogPath("appendonly.aof.manifest")),
            "file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n");
}

TEST_F(LogTest, ATurnIsOneGroupAndOneWrite) {
  auto life = Start();
  const size_t header = Segment().size();
  const uint64_t calls = disk_.calls();
  EXPECT_EQ(life->Push("q", "a"), 1u);
  EXPECT_EQ(life->Push("q", "b"), 1u);
  EXPECT_EQ(disk_.calls(), calls);
  EXPECT_EQ(life->log().appended(), 1u);
  EXPECT_EQ(life->log().written(), 0u);
  life->log().Flush();
  EXPECT_EQ(disk_.calls(), calls + 2);  // an append and its sync
  const std::string group = Segment().substr(header);
  EXPECT_TRUE(
      group.starts_with("*2\r\n$6\r\nselect\r\n$1\r\n0\r\n*3\r\n$5\r\nRPUSH\r\n$1\r\nq\r\n$1\r\na\r\n*3"
                        "\r\n$5\r\nRPUSH\r\n$1\r\nq\r\n$1\r\nb\r\n#C 81 1 00000000 0 a "))
      << group;
  EXPECT_EQ(life->log().synced(), 1u);
  EXPECT_EQ(life->Push("q", "c"), 2u);
}

TEST_F(LogTest, AnEmptyTurnWritesNothing) {
  auto life = Start();
  const uint64_t calls = disk_.calls();
  life->log().Flush();
  life->log().BeginBatch();
  life->log().EndBatch();
  life->log().Flush();
  EXPECT_EQ(disk_.calls(), calls);
}

TEST_F(LogTest, ABatchOfSeveralChangesIsBracketedAndOneIsNot) {
  auto life = Start();
  const std::string_view values[] = {"v"};
  const KeyRef q = life->keyspace().Ref("q");
  const size_t header = Segment().size();
  life->log().BeginBatch();
  life->log().Append(Mutation::Push(0, q, Side::kLeft, values));
  life->log().EndBatch();
  life->log().BeginBatch();
  life->log().Append(Mutation::Push(1, q, Side::kLeft, values));
  life->log().Append(Mutation::Push(0, q, Side::kLeft, values));
  life->log().Append(Mutation::Delete(0, q));
  life->log().EndBatch();
  life->log().Flush();
  std::string group = Segment().substr(header);
  group.resize(group.find("#C"));
  const std::string push = "*3\r\n$5\r\nLPUSH\r\n$1\r\nq\r\n$1\r\nv\r\n";
  const std::string select = "*2\r\n$6\r\nselect\r\n$1\r\n";
  EXPECT_EQ(group, select + "0\r\n" + push + "*1\r\n$5\r\nmulti\r\n" + select + "1\r\n" + push + select + "0\r\n" +
                       push + "*2\r\n$3\r\nDEL\r\n$1\r\nq\r\n*1\r\n$4\r\nexec\r\n");
}

TEST_F(LogTest, UnderAlwaysAReplyWaitsForTheSyncThatCoversIt) {
  auto life = Start();
  life->syncs().set_mode(ManualJobRunner::Mode::kManual);
  const uint64_t first = life->Push("q", "a");
  life->log().Flush();
  EXPECT_EQ(life->log().written(), first);
  EXPECT_FALSE(life->log().Released(first));
  EXPECT_TRUE(life->log().Released(first - 1));
  // These ride on the next sync, all together, as one group that is written when it begins.
  const uint64_t second = life->Push("q", "b");
  life->log().Flush();
  const uint64_t third = life->Push("q", "c");
  life->log().Flush();
  EXPECT_EQ(second, third);
  EXPECT_EQ(life->log().written(), first);
  EXPECT_EQ(life->syncs().waiting(), 1u);
  life->syncs().RunOne();
  EXPECT_TRUE(life->log().Released(first));
  EXPECT_FALSE(life->log().Released(second));
  EXPECT_EQ(life->progress(), 1);
  life->log().Flush();
  EXPECT_EQ(life->log().written(), third);
  EXPECT_EQ(life->syncs().waiting(), 1u);
  life->syncs().RunOne();
  EXPECT_TRUE(life->log().Released(third));
  EXPECT_TRUE(life->syncs().idle());
}

// So that clients who have just been answered do not fall apart into two halves that take turns.
TEST_F(LogTest, UnderAlwaysASyncWaitsALittleForThoseWhoHaveJustBeenHeard) {
  auto life = Start();
  life->syncs().set_mode(ManualJobRunner::Mode::kManual);
  life->Push("q", "a");
  life->log().Flush(true);
  EXPECT_FALSE(life->log().sync_waits()) << "how long a sync takes is not known yet";
  life->syncs().RunJob();
  clock_.AdvanceNs(400'000);
  life->syncs().DeliverDone();
  ASSERT_TRUE(life->syncs().idle());

  // A manual clock: the sync before took no time. One that takes some is waited for.
  disk_.set_watcher([&](std::string_view kind, const std::string&) {
    if (kind == "sync") clock_.AdvanceNs(400'000);
  });
  life->Push("q", "b");
  life->log().Flush();
  life->syncs().RunAll();
  const uint64_t third = life->Push("q", "c");
  life->log().Flush(true);
  EXPECT_TRUE(life->log().sync_waits());
  EXPECT_TRUE(life->syncs().idle());
  EXPECT_LT(life->log().written(), third);
  clock_.AdvanceNs(50'000);
  EXPECT_EQ(life->Push("q", "d"), third);
  life->log().Flush(true);
  EXPECT_TRUE(life->log().sync_waits());
  // A quarter of the time of a sync is over.
  clock_.AdvanceNs(50'000);
  life->log().Flush(true);
  EXPECT_FALSE(life->log().sync_waits());
  EXPECT_EQ(life->log().written(), third);
  EXPECT_EQ(life->syncs().waiting(), 1u);
  life->syncs().RunAll();
  // Nobody is heard any more.
  life->Push("q", "e");
  life->log().Flush(true);
  EXPECT_TRUE(life->log().sync_waits());
  life->log().Flush(false);
  EXPECT_FALSE(life->log().sync_waits());
  EXPECT_EQ(life->syncs().waiting(), 1u);
}

TEST_F(LogTest, WhatIsWrittenDuringASyncIsNotCoveredByIt) {
  auto life = Start();
  life->syncs().set_mode(ManualJobRunner::Mode::kManual);
  life->Push("q", "a");
  life->log().Flush();
  const uint64_t late = life->Push("q", "b");
  life->log().Flush();
  life->syncs().RunJob();
  life->syncs().DeliverDone();
  EXPECT_FALSE(life->log().Released(late));
}

TEST_F(LogTest, UnderEverySecondARepliesGoWhenWrittenAndASyncFollows) {
  auto life = Start(SyncPolicy::kEverySecond);
  life->syncs().set_mode(ManualJobRunner::Mode::kManual);
  uint64_t position = life->Push("q", "a");
  EXPECT_FALSE(life->log().Released(position));
  life->log().Flush();
  EXPECT_TRUE(life->log().Released(position));
  life->syncs().RunAll();
  EXPECT_EQ(life->log().synced(), position);
  // Within the same second there is no second sync.
  position = life->Push("q", "b");
  life->log().Flush();
  EXPECT_TRUE(life->syncs().idle());
  clock_.AdvanceMs(999);
  life->log().OnTimer();
  EXPECT_TRUE(life->syncs().idle());
  clock_.AdvanceMs(1);
  life->log().OnTimer();
  EXPECT_EQ(life->syncs().waiting(), 1u);
  life->syncs().RunAll();
  EXPECT_EQ(life->log().synced(), position);
}

TEST_F(LogTest, UnderEverySecondAStalledDiskHoldsRepliesBeforeTwoSecondsAreAtRisk) {
  auto life = Start(SyncPolicy::kEverySecond);
  life->syncs().set_mode(ManualJobRunner::Mode::kManual);
  const uint64_t first = life->Push("q", "a");
  life->log().Flush();  // its sync starts, and stalls
  clock_.AdvanceMs(1750);
  const uint64_t second = life->Push("q", "b");
  life->log().Flush();
  EXPECT_TRUE(life->log().Released(second));
  clock_.AdvanceMs(200);
  const uint64_t third = life->Push("q", "c");
  life->log().Flush();
  EXPECT_FALSE(life->log().Released(third));
  EXPECT_FALSE(life->log().Released(second)) << "nor is told to others any more";
  EXPECT_EQ(life->log().figures().delayed_syncs, 1u);
  life->syncs().RunJob();
  life->syncs().DeliverDone();
  EXPECT_EQ(life->log().synced(), first);
  // What is next in line is not old yet.
  EXPECT_TRUE(life->log().Released(third));
}

TEST_F(LogTest, UnderNoNothingIsSyncedUntilTheEnd) {
  auto life = Start(SyncPolicy::kNo);
  const uint64_t position = life->Push("q", "a");
  life->log().Flush();
  EXPECT_TRUE(life->log().Released(position));
  clock_.AdvanceMs(100'000);
  life->log().OnTimer();
  life->Push("q", "b");
  life->log().Flush();
  EXPECT_EQ(life->log().synced(), 0u);
  EXPECT_TRUE(life->log().Close().ok());
  EXPECT_EQ(life->log().synced(), life->log().written());
}

TEST_F(LogTest, AStricterPolicyIsInForceAtOnce) {
  auto life = Start(SyncPolicy::kNo);
  life->syncs().set_mode(ManualJobRunner::Mode::kManual);
  const uint64_t position = life->Push("q", "a");
  life->log().Flush();
  life->log().set_policy(SyncPolicy::kAlways);
  EXPECT_FALSE(life->log().Released(position));
  life->syncs().RunAll();
  EXPECT_TRUE(life->log().Released(position));
}

TEST_F(LogTest, ASyncCanBeAskedForWhateverThePolicy) {
  auto life = Start(SyncPolicy::kNo);
  const uint64_t position = life->Push("q", "a");
  life->log().Flush();
  life->log().RequestSync();
  EXPECT_EQ(life->log().synced(), position);
}

TEST_F(LogTest, WithoutALogEverythingIsSyncedAtOnceAndNothingTouchesTheDisk) {
  LogOptions options = DefaultLogOptions();
  options.enabled = false;
  LogLife life(disk_, clock_, options);
  const uint64_t calls = disk_.calls();
  ASSERT_TRUE(life.Open().ok());
  const uint64_t first = life.Push("q", "a");
  EXPECT_TRUE(life.log().Released(first));
  life.log().Flush();
  EXPECT_EQ(life.log().synced(), first);
  EXPECT_EQ(life.Push("q", "b"), first + 1);
  EXPECT_FALSE(life.log().StartRewrite().ok());
  EXPECT_TRUE(life.log().Close().ok());
  EXPECT_EQ(disk_.calls(), calls);
}

TEST_F(LogTest, AnIdleLogVouchesForItsLastGroup) {
  auto life = Start();
  life->Push("q", "a");
  life->log().Flush();
  const size_t before = Segment().size();
  life->log().OnTimer();
  EXPECT_EQ(Segment().size(), before) << "not idle yet";
  clock_.AdvanceMs(250);
  life->log().OnTimer();
  const std::string mark = Segment().substr(before);
  EXPECT_TRUE(mark.starts_with("#C 0 2 ")) << mark;
  EXPECT_NE(mark.find(" 1 a "), std::string::npos) << "says that group 1 was synced: " << mark;
  EXPECT_EQ(disk_.UnsyncedBytes(LogPath("appendonly.aof.1.incr.aof")), 0u);
  EXPECT_EQ(life->log().synced(), 2u);
  EXPECT_EQ(life->log().appended(), 1u) << "a mark carries no change";
  // One is enough.
  clock_.AdvanceMs(10'000);
  life->log().OnTimer();
  EXPECT_EQ(Segment().size(), before + mark.size());
}

TEST_F(LogTest, AFreshLogNeedsNoMark) {
  auto life = Start();
  const std::string before = Segment();
  clock_.AdvanceMs(10'000);
  life->log().OnTimer();
  EXPECT_EQ(Segment(), before);
}

TEST_F(LogTest, ACleanStopEndsWithAMark) {
  auto life = Start();
  life->Push("q", "a");
  EXPECT_TRUE(life->log().Close().ok());
  EXPECT_NE(Segment().find("\r\n#C 0 2 "), std::string::npos);
  EXPECT_EQ(disk_.UnsyncedBytes(LogPath("appendonly.aof.1.incr.aof")), 0u);
  EXPECT_TRUE(life->log().Released(1));
  // A second stop changes nothing.
  const std::string before = Segment();
  EXPECT_TRUE(life->log().Close().ok());
  life = Start();
  EXPECT_TRUE(life->log().Close().ok());
  EXPECT_EQ(Segment(), before);
}

TEST_F(LogTest, PositionsGoOnAcrossRestarts) {
  auto life = Start();
  life->Push("q", "a");
  life->log().Flush();
  EXPECT_EQ(life->Push("q", "b"), 2u);
  EXPECT_TRUE(life->log().Close().ok());  // and a mark: 3
  life = Start();
  EXPECT_EQ(life->log().open_position(), 4u);
  EXPECT_EQ(life->log().synced(), 3u);
  EXPECT_EQ(life->State(), "0/q: a b\n");
}

TEST_F(LogTest, WhatAKilledProcessHadWrittenIsSyncedBeforeAnybodySeesIt) {
  auto life = Start(SyncPolicy::kNo);
  life->Push("q", "a");
  life->log().Flush();
  life.reset();
  disk_.Kill();
  EXPECT_GT(disk_.UnsyncedBytes(LogPath("appendonly.aof.1.incr.aof")), 0u);
  life = Start();
  EXPECT_EQ(life->State(), "0/q: a\n");
  EXPECT_EQ(disk_.UnsyncedBytes(LogPath("appendonly.aof.1.incr.aof")), 0u);
}

TEST_F(LogTest, TooMuchThatWaitsForTheDiskStopsWriters) {
  LogOptions options = DefaultLogOptions();
  options.unwritten_bytes_max = 1000;
  LogLife life(disk_, clock_, options);
  ASSERT_TRUE(life.Open().ok());
  life.syncs().set_mode(ManualJobRunner::Mode::kManual);
  life.Push("q", std::string(600, 'x'));
  life.log().Flush();
  EXPECT_FALSE(life.log().congested());
  life.Push("q", std::string(600, 'x'));
  life.log().Flush();
  EXPECT_TRUE(life.log().congested());
  const int progress = life.progress();
  life.syncs().RunOne();
  EXPECT_GT(life.progress(), progress);
  EXPECT_FALSE(life.log().congested());
  life.Push("q", std::string(2000, 'x'));
  EXPECT_TRUE(life.log().congested()) << "not even written";
  life.syncs().RunAll();
  life.log().Flush();
  life.syncs().RunAll();
  EXPECT_FALSE(life.log().congested());
}

TEST_F(LogTest, UnderEverySecondUnsyncedBytesStopNobodyWhileTheDiskKeepsUp) {
  LogOptions options = DefaultLogOptions(SyncPolicy::kEverySecond);
  options.unwritten_bytes_max = 1000;
  LogLife life(disk_, clock_, options);
  ASSERT_TRUE(life.Open().ok());
  life.syncs().set_mode(ManualJobRunner::Mode::kManual);
  life.Push("q", std::string(5000, 'x'));
  life.log().Flush();
  EXPECT_FALSE(life.log().congested());
  clock_.AdvanceMs(2500);
  life.Push("q", "y");
  life.log().Flush();
  EXPECT_TRUE(life.log().congested()) << "the disk stalls, and replies pile up";
}

TEST_F(LogTest, OneProcessPerDirectory) {
  auto life = Start();
  LogLife second(disk_, clock_);
  auto report = second.Open();
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.status().message().find("data/appendonlydir is in use by another server"), std::string::npos);
  EXPECT_TRUE(life->log().Close().ok());
  EXPECT_TRUE(second.Open().ok());
}

TEST_F(LogTest, EndsOfSyncsAndJobsThatComeAfterTheLogIsGoneAreLetGo) {
  Keyspace keyspace(16, 3);
  ManualJobRunner syncs, jobs;
  Logger logger(LogLevel::kWarning, [](LogLevel, std::string_view) {});
  LogLife life(disk_, clock_);
  {
    Log log(DefaultLogOptions(), disk_, clock_, syncs, jobs, logger, keyspace, [] {});
    ASSERT_TRUE(log.Open(life).ok());
    const std::string_view values[] = {"v"};
    log.Append(Mutation::Push(0, keyspace.Ref("q"), Side::kLeft, values));
    log.Flush();
    ASSERT_TRUE(log.StartRewrite().ok());
    jobs.RunOne();
    log.Flush();
  }
  syncs.RunAll();
  jobs.RunAll();
  EXPECT_TRUE(jobs.idle());
}

TEST_F(LogTest, TellsHowLongWritesSyncsAndRenamesTake) {
  for (const auto& [policy, sync_event] :
       {std::pair(SyncPolicy::kAlways, "aof-fsync-always"), std::pair(SyncPolicy::kEverySecond, "aof-fsync")}) {
    SimFileSystem disk(1);
    MakeDataDirectory(disk);
    LogLife life(disk, clock_, DefaultLogOptions(policy));
    ASSERT_TRUE(life.Open().ok());
    std::map<std::string, int64_t> took_ms;
    life.log().set_on_took([&](std::string_view event, int64_t took_ns) {
      auto& longest = took_ms[std::string(event)];
      longest = std::max(longest, took_ns / 1'000'000);
    });
    const std::map<std::string_view, int64_t> costs_ms = {{"append", 20}, {"sync", 30}, {"rename", 40}};
    disk.set_watcher([&](std::string_view kind, const std::string&) {
      if (auto cost = costs_ms.find(kind); cost != costs_ms.end()) clock_.AdvanceMs(cost->second);
    });
    life.Push("q", "a");
    life.log().Flush();
    ASSERT_TRUE(life.log().StartRewrite().ok());
    life.jobs().set_mode(ManualJobRunner::Mode::kManual);
    life.log().Flush();
    disk.set_watcher(nullptr);
    EXPECT_EQ(took_ms["aof-write"], 20);
    EXPECT_GE(took_ms[sync_event], 30);
    EXPECT_EQ(took_ms["aof-rename"], 40);
    EXPECT_EQ(took_ms.size(), 3u);
  }
}

TEST_F(LogTest, AClockThatJumpsChangesNothing) {
  auto life = Start(SyncPolicy::kEverySecond);
  for (int64_t jump_ms : {-86'400'000ll, 86'400'000ll * 400, -86'400'000ll * 9000}) {
    clock_.JumpWallClockMs(jump_ms);
    const uint64_t position = life->Push("q", "a");
    life->log().Flush();
    EXPECT_TRUE(life->log().Released(position));
    clock_.AdvanceMs(1000);
    life->log().OnTimer();
    EXPECT_EQ(life->log().synced(), life->log().written());
  }
}

TEST(SyncTimes, KnowsPercentilesToSevenPercent) {
  SyncTimes times;
  EXPECT_EQ(times.PercentileUs(50), 0);
  for (int64_t us = 1; us <= 10'000; ++us) times.Add(us);
  EXPECT_NEAR(static_cast<double>(times.PercentileUs(50)), 5000, 350);
  EXPECT_NEAR(static_cast<double>(times.PercentileUs(99)), 9900, 700);
  EXPECT_EQ(times.max_us(), 10'000);
  EXPECT_LE(times.PercentileUs(100), 10'000);
  times.Add(INT64_MAX);
  EXPECT_EQ(times.max_us(), INT64_MAX);
}

}  // namespace
}  // namespace baton
