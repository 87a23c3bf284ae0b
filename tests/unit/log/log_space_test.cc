// Room on the disk, and when a rewrite pays (src/log/log_space.cc); how fast it may go.

#include <gtest/gtest.h>

#include <functional>

#include "unit/log/log_life.h"

namespace baton {
namespace {

using Fault = SimFileSystem::Fault;
constexpr uint64_t kMiB = 1 << 20;
const std::string kReserve = LogPath("baton.reserve");

// Lets a test act while a job sleeps.
class SleeperClock final : public Clock {
 public:
  int64_t MonotonicNs() override { return clock_.MonotonicNs(); }
  int64_t UnixUs() override { return clock_.UnixUs(); }
  void SleepUs(int64_t us) override {
    clock_.SleepUs(us);
    slept_us_ += us;
    if (on_sleep) on_sleep();
  }
  int64_t slept_us() const { return slept_us_; }
  std::function<void()> on_sleep;

 private:
  ManualClock clock_;
  int64_t slept_us_ = 0;
};

class LogSpaceTest : public testing::Test {
 protected:
  LogSpaceTest() { MakeDataDirectory(disk_); }
  void Start(LogOptions options = DefaultLogOptions()) {
    life_.reset();
    disk_.Kill();
    life_ = std::make_unique<LogLife>(disk_, clock_, options);
    auto report = life_->Open();
    ASSERT_TRUE(report.ok()) << report.status().message();
  }
  void Push(int count, size_t bytes) {
    const std::string value(bytes, 'x');
    for (int i = 0; i < count; ++i) life_->Push("q", value);
    life_->log().Flush();
  }
  void Pop(int count) {
    for (int i = 0; i < count; ++i) life_->Pop("q");
    life_->log().Flush();
    while (life_->keyspace().FreeSome(1000)) {
    }
  }
  // A second goes by.
  void Tick() {
    clock_.AdvanceMs(1000);
    life_->log().OnTimer();
    life_->log().Flush();
  }
  LogFigures Figures() { return life_->log().figures(); }
  std::string Refused() { return std::string(life_->log().growth_refused()); }

  SimFileSystem disk_{1};
  ManualClock clock_;
  std::unique_ptr<LogLife> life_;
};

// --- when a rewrite pays

LogOptions Rewriting() {
  LogOptions options = DefaultLogOptions();
  options.rewrite_percentage = 100;
  options.rewrite_bytes_min = 100'000;
  return options;
}

TEST_F(LogSpaceTest, ADrainedBacklogIsRewrittenThoughTheLogHasHardlyGrown) {
  Start(Rewriting());
  Push(2000, 1000);
  ASSERT_TRUE(life_->log().StartRewrite().ok());
  life_->log().Flush();
  ASSERT_EQ(Figures().rewrites, 1u);
  Pop(800);
  Tick();
  EXPECT_EQ(Figures().rewrites, 1u) << "less than half is dead";
  Pop(700);
  const LogFigures before = Figures();
  ASSERT_LT(before.file_bytes - before.base_bytes, before.base_bytes / 10) << "Redis's rule would wait for long";
  Tick();
  EXPECT_EQ(Figures().rewrites, 2u);
  EXPECT_LT(Figures().file_bytes, before.file_bytes / 3);
}

TEST_F(LogSpaceTest, AQueueThatIsPushedAndPoppedIsRewrittenAtTheMinimumSize) {
  Start(Rewriting());
  for (int i = 0; Figures().rewrites == 0 && i < 10'000; ++i) {
    Push(1, 100);
    Pop(1);
    if (i % 100 == 0) Tick();
    ASSERT_LT(Figures().file_bytes, 150'000u);
  }
  EXPECT_EQ(Figures().rewrites, 1u);
  EXPECT_LT(Figures().file_bytes, 1000u);
}

// Elements of one byte take less memory than room in a base, small keys more: neither makes what was just written look
// dead.
TEST_F(LogSpaceTest, WhatWasJustRewrittenIsNotRewrittenAgain) {
  Start(Rewriting());
  Push(500'000, 1);
  Tick();
  const uint64_t rewrites = Figures().rewrites;
  for (int i = 0; i < 20; ++i) Tick();
  EXPECT_EQ(Figures().rewrites, rewrites);
  EXPECT_NEAR(static_cast<double>(Figures().live_bytes), static_cast<double>(Figures().base_bytes),
              static_cast<double>(Figures().base_bytes) / 20);
  for (int i = 0; i < 20'000; ++i) life_->Set("key" + std::to_string(i), "v");
  life_->log().Flush();
  ASSERT_TRUE(life_->log().StartRewrite().ok());
  life_->log().Flush();
  const uint64_t then = Figures().rewrites;
  for (int i = 0; i < 20; ++i) Tick();
  EXPECT_EQ(Figures().rewrites, then);
}

TEST_F(LogSpaceTest, NothingStartsByItselfWhenThePercentageIsZero) {
  LogOptions options = Rewriting();
  options.rewrite_percentage = 0;
  options.reserve_bytes = 100;
  Start(options);
  Push(2000, 1000);
  Pop(2000);
  disk_.set_free_bytes(10);
  Tick();
  EXPECT_EQ(Figures().rewrites, 0u);
  EXPECT_FALSE(Figures().rewrite_running);
}

// --- how fast it goes, and how it is told

TEST_F(LogSpaceTest, ARewriteGoesNoFasterThanItMay) {
  SleeperClock clock;
  LogOptions options = DefaultLogOptions();
  options.rewrite_bytes_per_second_max = 500'000;
  LogLife life(disk_, clock, options);
  ASSERT_TRUE(life.Open().ok());
  for (int i = 0; i < 2000; ++i) life.Push("q", std::string(1000, 'x'));
  life.log().Flush();
  ASSERT_TRUE(life.log().StartRewrite().ok());
  life.log().Flush();
  EXPECT_EQ(life.log().figures().rewrites, 1u);
  EXPECT_NEAR(static_cast<double>(clock.slept_us()), 4e6, 1e5);
}

TEST_F(LogSpaceTest, TheRateCanBeChangedWhileItGoes) {
  SleeperClock clock;
  LogOptions options = DefaultLogOptions();
  options.rewrite_bytes_per_second_max = 1000;
  LogLife life(disk_, clock, options);
  ASSERT_TRUE(life.Open().ok());
  for (int i = 0; i < 500; ++i) life.Push("q", std::string(1000, 'x'));
  life.log().Flush();
  clock.on_sleep = [&] {
    if (clock.slept_us() < 10'000'000) return;
    life.log().options().rewrite_bytes_per_second_max = 0;
    life.log().OnTimer();
  };
  ASSERT_TRUE(life.log().StartRewrite().ok());
  life.log().Flush();
  EXPECT_EQ(life.log().figures().rewrites, 1u);
  EXPECT_LT(clock.slept_us(), 200'000'000);
}

TEST_F(LogSpaceTest, AStopDoesNotWaitForARewriteThatGoesSlowly) {
  SleeperClock clock;
  LogOptions options = DefaultLogOptions();
  options.rewrite_bytes_per_second_max = 1;
  LogLife life(disk_, clock, options);
  ASSERT_TRUE(life.Open().ok());
  for (int i = 0; i < 500; ++i) life.Push("q", std::string(1000, 'x'));
  life.log().Flush();
  clock.on_sleep = [&] { life.log().CancelRewrite(); };  // the first thing that Close does
  ASSERT_TRUE(life.log().StartRewrite().ok());
  life.log().Flush();
  EXPECT_LT(clock.slept_us(), 1'000'000);
  EXPECT_FALSE(life.log().figures().rewrite_running);
  EXPECT_EQ(life.log().figures().rewrites, 0u);
  EXPECT_TRUE(life.log().Close().ok());
}

TEST_F(LogSpaceTest, ItsProgressIsInTheFiguresAndInTheServersLog) {
  SleeperClock clock;
  LogOptions options = DefaultLogOptions();
  options.rewrite_bytes_per_second_max = 100'000;
  LogLife life(disk_, clock, options);
  ASSERT_TRUE(life.Open().ok());
  for (int i = 0; i < 1000; ++i) life.Set("key" + std::to_string(i), std::string(1000, 'x'));
  life.log().Flush();
  uint64_t keys = 0, bytes = 0;
  clock.on_sleep = [&] {
    life.log().OnTimer();
    const LogFigures figures = life.log().figures();
    EXPECT_TRUE(figures.rewrite_running);
    EXPECT_EQ(figures.rewrite_keys_total, 1000u);
    EXPECT_GE(figures.rewrite_keys_done, keys);
    EXPECT_GT(figures.rewrite_bytes_done, 0u);
    keys = figures.rewrite_keys_done;
    bytes = figures.rewrite_bytes_done;
  };
  ASSERT_TRUE(life.log().StartRewrite().ok());
  life.log().Flush();
  EXPECT_GT(keys, 900u);
  EXPECT_GT(bytes, 900'000u);
  EXPECT_TRUE(life.Said(" of 1000 keys, "));
  EXPECT_EQ(life.log().figures().rewrite_keys_total, 0u) << "none is running";
}

// --- room on the disk

LogOptions Watching() {
  LogOptions options = DefaultLogOptions();
  options.reserve_bytes = kMiB;
  options.rewrite_percentage = 100;
  options.rewrite_bytes_min = 1 << 30;
  return options;
}

TEST_F(LogSpaceTest, GrowthIsRefusedWhileThereIsNoRoomForARewriteAndConsumersGoOn) {
  Start(Watching());
  Push(4000, 1000);
  Tick();
  EXPECT_EQ(Refused(), "");
  // The 4 MB that are alive, and a margin of 1 MiB.
  disk_.set_free_bytes(Figures().live_bytes + kMiB / 2);
  Tick();
  EXPECT_TRUE(Refused().starts_with("MISCONF The disk of the append-only log is nearly full: ")) << Refused();
  EXPECT_TRUE(life_->Said("is nearly full"));
  EXPECT_FALSE(life_->log().failing()) << "what is committed is written";
  const uint64_t popped = life_->Pop("q");
  life_->log().Flush();
  EXPECT_TRUE(life_->log().Released(popped));
  disk_.set_free_bytes(Figures().free_bytes_wanted + 10);
  Tick();
  EXPECT_NE(Refused(), "") << "not for one push";
  disk_.set_free_bytes(Figures().free_bytes_wanted + kMiB);
  Tick();
  EXPECT_EQ(Refused(), "");
  EXPECT_TRUE(life_->Said("there is room on the disk again"));
  EXPECT_TRUE(life_->log().Close().ok());
}

TEST_F(LogSpaceTest, NearToTheEndOfTheDiskARewriteStartsAsSoonAsItGivesSomethingBack) {
  Start(Watching());
  Push(8000, 1000);
  disk_.set_free_bytes(Figures().file_bytes);
  Tick();
  ASSERT_NE(Refused(), "");
  EXPECT_EQ(Figures().rewrites, 0u) << "nothing is dead";
  Pop(100);
  Tick();
  Tick();
  EXPECT_EQ(Figures().rewrites, 0u) << "too little is";
  Pop(3500);
  Tick();
  Tick();
  EXPECT_EQ(Figures().rewrites, 1u);
  EXPECT_LT(Figures().file_bytes, 5'000'000u);
}

TEST_F(LogSpaceTest, OnASmallDiskTheMinimumSizeDoesNotKeepWhatIsDead) {
  Start(Watching());
  disk_.set_free_bytes(20 * kMiB);
  Tick();
  ASSERT_TRUE(disk_.Content(kReserve).has_value());
  Push(700, 1000);
  Pop(700);
  Tick();
  EXPECT_EQ(Figures().rewrites, 0u) << "less than the reserve";
  Push(500, 1000);
  Pop(500);
  Tick();
  Tick();
  EXPECT_EQ(Figures().rewrites, 1u);
}

TEST_F(LogSpaceTest, NoRewriteStartsThatWouldNotFit) {
  Start(Watching());
  Push(8000, 1000);
  Pop(4000);
  disk_.set_free_bytes(Figures().live_bytes / 2);
  for (int i = 0; i < 10; ++i) Tick();
  EXPECT_NE(Refused(), "");
  EXPECT_EQ(Figures().rewrites, 0u);
  EXPECT_FALSE(Figures().rewrite_running);
}

TEST_F(LogSpaceTest, AReserveIsHeldWhenTheDiskFillsAndGivenUpWhenItIsFull) {
  Start(Watching());
  Push(10, 1000);
  Tick();
  EXPECT_FALSE(disk_.Content(kReserve).has_value()) << "there is plenty of room";
  disk_.set_free_bytes(20 * kMiB);
  Tick();
  ASSERT_TRUE(disk_.Content(kReserve).has_value());
  EXPECT_EQ(*disk_.Content(kReserve), std::string(kMiB, '\0'));
  EXPECT_EQ(disk_.UnsyncedBytes(kReserve), 0u);
  // Full: the write fails, the reserve goes, and the same bytes are written into the room that it leaves.
  disk_.set_free_bytes(0);
  disk_.FailCalls(disk_.calls() + 1, 1, Fault::kShort);
  const uint64_t popped = life_->Pop("q");
  life_->log().Flush();
  EXPECT_FALSE(disk_.Content(kReserve).has_value());
  EXPECT_TRUE(life_->log().Released(popped));
  EXPECT_FALSE(life_->log().failing());
  EXPECT_TRUE(Refused().starts_with("MISCONF The disk of the append-only log is nearly full")) << Refused();
  EXPECT_TRUE(life_->Said("The reserve of 1.00M is given up"));
  // And it is taken again when there is room.
  disk_.set_free_bytes(20 * kMiB);
  Tick();
  Tick();
  EXPECT_EQ(Refused(), "");
  EXPECT_TRUE(disk_.Content(kReserve).has_value());
}

TEST_F(LogSpaceTest, AReserveOfAnEarlierLifeIsTakenOverOrRemoved) {
  Start(Watching());
  disk_.set_free_bytes(20 * kMiB);
  Tick();
  ASSERT_TRUE(disk_.Content(kReserve).has_value());
  Start(Watching());
  EXPECT_TRUE(disk_.Content(kReserve).has_value());
  disk_.SetContent(kReserve, "half");
  Start(Watching());
  EXPECT_FALSE(disk_.Content(kReserve).has_value());
  Tick();
  EXPECT_TRUE(disk_.Content(kReserve).has_value());
  Start();  // it is not asked for any more
  EXPECT_FALSE(disk_.Content(kReserve).has_value());
}

TEST_F(LogSpaceTest, AReserveThatCannotBeWrittenLeavesNothingBehindAndIsTriedAgain) {
  Start(Watching());
  disk_.set_free_bytes(20 * kMiB);
  disk_.FailKind("append", Fault::kShort);
  Tick();
  EXPECT_FALSE(disk_.Content(kReserve).has_value());
  disk_.HealKind("append");
  Tick();
  EXPECT_TRUE(disk_.Content(kReserve).has_value());
}

TEST_F(LogSpaceTest, ADiskThatDoesNotSayHowMuchIsFreeIsSaidOnceAndRefusesNothing) {
  Start(Watching());
  disk_.set_free_bytes(0);
  Tick();
  ASSERT_NE(Refused(), "");
  disk_.FailKind("free bytes", Fault::kIo);
  for (int i = 0; i < 5; ++i) Tick();
  EXPECT_EQ(Refused(), "");
  int said = 0;
  for (const std::string& line : life_->lines()) said += line.find("is not watched") != std::string::npos;
  EXPECT_EQ(said, 1);
}

}  // namespace
}  // namespace baton
