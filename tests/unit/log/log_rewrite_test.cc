#include <gtest/gtest.h>

#include <set>

#include "unit/log/log_life.h"

namespace baton {
namespace {

class LogRewriteTest : public testing::Test {
 protected:
  LogRewriteTest() { MakeDataDirectory(disk_); }
  std::unique_ptr<LogLife> Start(SimFileSystem& disk, LogOptions options = DefaultLogOptions()) {
    auto life = std::make_unique<LogLife>(disk, clock_, options);
    auto report = life->Open();
    EXPECT_TRUE(report.ok()) << report.status().message();
    return life;
  }
  std::unique_ptr<LogLife> Start() { return Start(disk_); }
  static void Push(LogLife& life, const std::string& value) {
    life.Push("q", value);
    life.log().Flush();
  }
  // Some of everything that a base can hold.
  static void Fill(LogLife& life) {
    for (int i = 0; i < 700; ++i) life.Push("long", "element " + std::to_string(i));
    life.Push("huge", std::string(200'000, 'h'));
    life.Push("huge", "");
    life.Set("s", "string");
    life.Push("other", "db", 3);
    const KeyRef key = life.keyspace().Ref("mortal");
    life.Commit(Mutation::Set(0, key, "v", 1'800'000'000'000, false));
    life.Commit(Mutation::ExpireAt(3, life.keyspace().Ref("other"), 1'800'000'000'001));
    life.log().Flush();
  }
  static std::set<std::string> Names(const SimFileSystem& disk) {
    std::set<std::string> names;
    for (const std::string& path : disk.Paths()) names.insert(path.substr(path.rfind('/') + 1));
    return names;
  }
  std::string Reloaded(SimFileSystem& disk) { return Start(disk)->State(); }

  SimFileSystem disk_{1};
  ManualClock clock_;
};

TEST_F(LogRewriteTest, RewrittenIsTheSameAsNotRewritten) {
  std::string state;
  {
    auto life = Start();
    Fill(*life);
    state = life->State();
    ASSERT_TRUE(life->log().StartRewrite().ok());
    life->log().Flush();
    EXPECT_EQ(life->log().figures().rewrites, 1u);
    EXPECT_EQ(Names(disk_), (std::set<std::string>{"appendonly.aof.2.base.aof", "appendonly.aof.2.incr.aof",
                                                   "appendonly.aof.manifest"}));
  }
  disk_.Kill();
  EXPECT_EQ(Reloaded(disk_), state);
}

TEST_F(LogRewriteTest, WhatIsCommittedWhileTheBaseIsWrittenGoesToTheNewSegment) {
  std::string state;
  {
    auto life = Start();
    Push(*life, "before");
    life->jobs().set_mode(ManualJobRunner::Mode::kManual);
    ASSERT_TRUE(life->log().StartRewrite().ok());
    Push(*life, "while it is prepared");
    life->jobs().RunOne();
    Push(*life, "the last of the old segment");
    Push(*life, "the first of the new one");
    EXPECT_TRUE(life->log().figures().rewrite_running);
    EXPECT_EQ(life->log().StartRewrite().message(), "ERR Background append only file rewriting already in progress");
    life->jobs().RunJob();
    Push(*life, "while the base is done but nobody was told");
    life->jobs().RunAll();
    Push(*life, "after");
    EXPECT_FALSE(life->log().figures().rewrite_running);
    state = life->State();
  }
  disk_.Kill();
  EXPECT_EQ(Reloaded(disk_), state);
}

TEST_F(LogRewriteTest, TheOldSegmentIsSyncedBeforeSyncedPassesTheBoundary) {
  auto life = Start();
  life->jobs().set_mode(ManualJobRunner::Mode::kManual);
  ASSERT_TRUE(life->log().StartRewrite().ok());
  life->jobs().RunOne();
  life->syncs().set_mode(ManualJobRunner::Mode::kManual);
  const uint64_t last = life->Push("q", "last of the old");
  life->log().Flush();
  const uint64_t first = life->Push("q", "first of the new");
  life->log().Flush();
  EXPECT_GT(disk_.UnsyncedBytes(LogPath("appendonly.aof.1.incr.aof")), 0u);
  EXPECT_FALSE(life->log().Released(last));
  life->syncs().RunOne();
  EXPECT_EQ(disk_.UnsyncedBytes(LogPath("appendonly.aof.1.incr.aof")), 0u);
  EXPECT_TRUE(life->log().Released(last));
  EXPECT_FALSE(life->log().Released(first));
  life->log().Flush();
  life->syncs().RunOne();
  EXPECT_TRUE(life->log().Released(first));
}

TEST_F(LogRewriteTest, EvenUnderNoARotationIsSynced) {
  auto life = Start(disk_, DefaultLogOptions(SyncPolicy::kNo));
  Push(*life, "a");
  EXPECT_EQ(life->log().synced(), 0u);
  ASSERT_TRUE(life->log().StartRewrite().ok());
  life->log().Flush();
  EXPECT_EQ(life->log().synced(), 1u);
}

TEST_F(LogRewriteTest, StartsByItselfWhenTheLogHasGrown) {
  LogOptions options = DefaultLogOptions();
  options.rewrite_percentage = 100;
  options.rewrite_bytes_min = 1000;
  auto life = Start(disk_, options);
  life->Set("s", std::string(500, 'x'));
  life->log().Flush();
  life->log().OnTimer();
  EXPECT_FALSE(life->log().figures().rewrite_running) << "below the minimum";
  life->Set("s", std::string(500, 'y'));
  life->log().Flush();
  life->log().OnTimer();
  life->log().Flush();
  EXPECT_EQ(life->log().figures().rewrites, 1u);
  life->Set("t", std::string(300, 'z'));
  life->log().Flush();
  life->log().OnTimer();
  life->log().Flush();
  EXPECT_EQ(life->log().figures().rewrites, 1u) << "not twice the base";
  life->Set("u", std::string(600, 'z'));
  life->log().Flush();
  life->log().OnTimer();
  life->log().Flush();
  EXPECT_EQ(life->log().figures().rewrites, 2u);
}

TEST_F(LogRewriteTest, BacksOffAfterAFailure) {
  LogOptions options = DefaultLogOptions();
  options.rewrite_percentage = 100;
  options.rewrite_bytes_min = 100;
  auto life = Start(disk_, options);
  life->Set("s", std::string(500, 'x'));
  life->log().Flush();
  disk_.FailKind("rename", SimFileSystem::Fault::kIo);
  life->log().OnTimer();
  life->log().Flush();
  EXPECT_FALSE(life->log().figures().last_rewrite_ok);
  disk_.HealKind("rename");
  clock_.AdvanceMs(59'000);
  life->log().OnTimer();
  life->log().Flush();
  EXPECT_EQ(life->log().figures().rewrites, 0u);
  clock_.AdvanceMs(2'000);
  life->log().OnTimer();
  life->log().Flush();
  EXPECT_EQ(life->log().figures().rewrites, 1u);
  EXPECT_TRUE(life->log().figures().last_rewrite_ok);
}

TEST_F(LogRewriteTest, CanBeCancelledAtEachStep) {
  for (int step = 0; step < 4; ++step) {
    SimFileSystem disk(5);
    MakeDataDirectory(disk);
    std::string state;
    {
      auto life = Start(disk);
      Fill(*life);
      life->jobs().set_mode(ManualJobRunner::Mode::kManual);
      ASSERT_TRUE(life->log().StartRewrite().ok());
      if (step == 0) life->log().CancelRewrite();
      life->jobs().RunOne();
      if (step == 1) life->log().CancelRewrite();
      life->log().Flush();
      if (step == 2) life->log().CancelRewrite();
      life->jobs().RunOne();
      EXPECT_FALSE(life->log().figures().rewrite_running);
      EXPECT_EQ(life->log().figures().rewrites, step == 3 ? 1u : 0u);
      Push(*life, "after");
      state = life->State();
      EXPECT_TRUE(life->log().Close().ok());
    }
    EXPECT_EQ(Reloaded(disk), state) << step;
    EXPECT_EQ(Names(disk).count("temp-appendonly.aof.manifest"), 0u) << step;
  }
}

TEST_F(LogRewriteTest, AStopDuringARewriteIsClean) {
  std::string state;
  {
    auto life = Start();
    Fill(*life);
    life->jobs().set_mode(ManualJobRunner::Mode::kManual);
    ASSERT_TRUE(life->log().StartRewrite().ok());
    life->jobs().RunOne();
    life->log().Flush();
    state = life->State();
    EXPECT_TRUE(life->log().Close().ok());
    life->jobs().RunAll();
  }
  EXPECT_EQ(Reloaded(disk_), state);
}

// The power goes at each disk call of a rewrite with changes before, in and after it.
TEST_F(LogRewriteTest, APowerCutAtAnyDiskCallLeavesAValidLog) {
  for (uint64_t call = 1;; ++call) {
    bool reached = false;
    for (uint64_t seed = 0; seed < 6; ++seed) {
      SimFileSystem disk(call * 10 + seed);
      MakeDataDirectory(disk);
      std::vector<std::pair<uint64_t, std::string>> history;  // position, state from then on
      uint64_t synced = 0;
      {
        auto life = Start(disk);
        const auto push = [&](const std::string& value) {
          const uint64_t position = life->Push("q", value);
          life->log().Flush();
          history.emplace_back(position, life->State());
        };
        history.emplace_back(0, "");
        push("a");
        push("b");
        life->jobs().set_mode(ManualJobRunner::Mode::kManual);
        disk.PowerOffAtCall(disk.calls() + call);
        ASSERT_TRUE(life->log().StartRewrite().ok());
        push("c");
        life->jobs().RunOne();
        push("d");
        push("e");
        life->jobs().RunOne();
        push("f");
        reached |= disk.powered_off();
        synced = life->log().synced();
      }
      disk.Crash();
      const std::string state = Reloaded(disk);
      bool borne_out = false;
      for (size_t i = 0; i < history.size(); ++i) {
        const bool covers = i + 1 == history.size() || history[i + 1].first > synced;
        borne_out |= covers && history[i].second == state;
      }
      EXPECT_TRUE(borne_out) << "call " << call << " seed " << seed << " synced " << synced << "\n" << state;
      EXPECT_EQ(Reloaded(disk), state) << "a second recovery";
    }
    if (!reached) break;
  }
}

// Each disk call of a rewrite fails in turn, once and for good; whatever comes of it, nothing is lost, and when the
// disk works again so does the log, without a restart.
TEST_F(LogRewriteTest, AnyDiskCallThatFailsLeavesAValidLogAndARunningServer) {
  using Fault = SimFileSystem::Fault;
  for (Fault fault : {Fault::kIo, Fault::kNoSpace, Fault::kQuota, Fault::kShort}) {
    for (uint64_t failures : {1, 4}) {
      for (uint64_t call = 1;; ++call) {
        SimFileSystem disk(call);
        MakeDataDirectory(disk);
        std::string state;
        uint64_t first = 0, last = 0;
        {
          auto life = Start(disk);
          Push(*life, "a");
          first = disk.calls();
          disk.FailCalls(first + call, failures, fault);
          ASSERT_TRUE(life->log().StartRewrite().ok());
          Push(*life, "b");
          Push(*life, "c");
          last = disk.calls();
          // Time heals: retries and mends go on until all is durable.
          for (int i = 0; i < 200 && life->log().synced() < life->log().appended(); ++i) {
            clock_.AdvanceMs(500);
            life->log().OnTimer();
            life->log().Flush();
          }
          disk.HealCalls();
          EXPECT_EQ(life->log().growth_refused(), "") << "call " << call;
          EXPECT_GE(life->log().synced(), life->log().appended()) << "call " << call;
          Push(*life, "d");
          EXPECT_GE(life->log().synced(), life->log().appended());
          state = life->State();
        }
        disk.Crash();
        EXPECT_EQ(Reloaded(disk), state) << "call " << call;
        if (first + call > last) break;
      }
    }
  }
}

}  // namespace
}  // namespace baton
