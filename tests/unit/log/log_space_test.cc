// Room on the disk, and when a rewrite pays (src/log/log_space.cc); how fast it may go.

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>

#include "unit/log/failing_files.h"
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

class FullDiskTest : public LogSpaceTest {
 protected:
  // Pushes until that is refused, as a server would. How many were pushed.
  int Fill(size_t bytes = 1000) {
    int pushed = 0;
    while (Refused().empty()) {
      Push(10, bytes);
      pushed += 10;
      if (pushed % 500 == 0) Tick();
    }
    return pushed;
  }
  void OthersTakeAll() { disk_.set_others_bytes(disk_.others_bytes() + disk_.Available()); }
  uint64_t ReserveHeld() {
    const auto reserve = disk_.Content(kReserve);
    return reserve ? reserve->size() : 0;
  }
  // Pops one after the other, each of which must be on the disk at once.
  void Drain(int count) {
    for (int i = 0; i < count; ++i) {
      const uint64_t popped = life_->Pop("q");
      life_->log().Flush();
      ASSERT_TRUE(life_->log().Released(popped)) << i << " of " << count;
      if (i % 100 == 0) {
        while (life_->keyspace().FreeSome(1000)) {
        }
        Tick();
      }
    }
  }
  // Numbered files that no manifest names, and temporary ones.
  std::vector<std::string> Litter() {
    auto text = disk_.Content(LogPath("appendonly.aof.manifest"));
    std::vector<std::string> litter;
    for (const std::string& path : disk_.Paths()) {
      const std::string name = path.substr(path.rfind('/') + 1);
      const bool unnamed = name.ends_with(".aof") && text->find("file " + name + " ") == std::string::npos;
      if (unnamed || name.starts_with("temp-")) litter.push_back(name);
    }
    return litter;
  }
};

TEST_F(FullDiskTest, GrowthIsRefusedWhileThereIsNoRoomForARewriteAndConsumersGoOn) {
  disk_.set_capacity(20 * kMiB);
  Start(Watching());
  const int pushed = Fill();
  EXPECT_GT(pushed, 7000) << "about half of the disk";
  EXPECT_TRUE(Refused().starts_with("MISCONF The disk of the append-only log is nearly full: ")) << Refused();
  EXPECT_TRUE(life_->Said("is nearly full"));
  EXPECT_FALSE(life_->log().failing()) << "what is committed is written";
  EXPECT_EQ(life_->log().growth_bytes_max(), 0u);
  Drain(10);
  EXPECT_NE(Refused(), "") << "not for a few";
  Drain(pushed / 2);
  EXPECT_EQ(Refused(), "");
  EXPECT_TRUE(life_->Said("there is room on the disk again"));
  EXPECT_GT(life_->log().growth_bytes_max(), kMiB);
  EXPECT_TRUE(life_->log().Close().ok());
}

// The room that matters is taken before anybody else can have it: from then on what others do is all one.
TEST_F(FullDiskTest, ConsumersComeToTheEndThoughOthersTakeAllThereIs) {
  for (const size_t bytes : {20, 1000, 30'000}) {
    SCOPED_TRACE(bytes);
    for (const std::string& path : disk_.Paths()) disk_.Erase(path);
    disk_.set_others_bytes(0);
    disk_.set_capacity(24 * kMiB);
    Start(Watching());
    const int pushed = Fill(bytes);
    EXPECT_GE(ReserveHeld(), static_cast<uint64_t>(pushed) * bytes);
    OthersTakeAll();
    for (int left = pushed; left > 0; left -= 500) {
      Drain(std::min(left, 500));
      OthersTakeAll();
    }
    EXPECT_EQ(life_->keyspace().list_elements(), 0u);
    EXPECT_EQ(Figures().failed_writes, 0u) << "each found its room in the segment";
    EXPECT_GT(Figures().rewrites, 0u);
    EXPECT_EQ(Litter(), std::vector<std::string>{});
    // The other one goes, and all is as it was.
    disk_.set_others_bytes(0);
    for (int i = 0; i < 3; ++i) Tick();
    EXPECT_EQ(Refused(), "");
    EXPECT_LT(disk_.UsedBytes(), 4 * kMiB);
    EXPECT_GE(Fill(bytes), pushed / 2);
  }
}

// Also while a rewrite goes on: of what the next one needs hardly anything is free in between, so that somebody who is
// always quicker does not get it.
TEST_F(FullDiskTest, ARewriteLeavesToOthersNothingThatTheNextOneNeeds) {
  constexpr uint64_t kLeft = 2 * kMiB;
  disk_.set_capacity(24 * kMiB);
  Start(Watching());
  int left = Fill(20);
  disk_.set_watcher([this](std::string_view, const std::string&) {
    const uint64_t available = disk_.Available();
    if (available > kLeft) disk_.set_others_bytes(disk_.others_bytes() + available - kLeft);
  });
  for (; left > 0; left -= 500) Drain(std::min(left, 500));
  disk_.set_watcher({});
  EXPECT_GT(Figures().rewrites, 5u);
}

TEST_F(FullDiskTest, WhatIsPutByFollowsTheData) {
  disk_.set_capacity(20 * kMiB);
  Start(Watching());
  Tick();
  const uint64_t at_first = ReserveHeld();
  EXPECT_GE(at_first, kMiB);
  Push(3000, 1000);
  Tick();
  EXPECT_GE(ReserveHeld(), at_first + 3'000'000);
  // Plenty of room: it is let go.
  disk_.set_capacity(1000 * kMiB);
  Tick();
  EXPECT_EQ(ReserveHeld(), 0u);
  EXPECT_FALSE(life_->log().room_is_short());
  EXPECT_EQ(life_->log().growth_bytes_max(), UINT64_MAX);
}

// The records of one turn can be more than consumers have room for, before any rewrite can begin: then a base is what
// they are written to.
TEST_F(FullDiskTest, WhatFindsNoRoomInTheLogIsWrittenAsABase) {
  disk_.set_capacity(16 * kMiB);
  Start(Watching());
  const int pushed = Fill(20);
  OthersTakeAll();
  uint64_t position = 0;
  for (int i = 0; i < pushed - 1; ++i) {
    position = life_->Pop("q");
    life_->log().Flush();
  }
  EXPECT_TRUE(life_->log().Released(position));
  EXPECT_GT(Figures().failed_writes, 0u);
  EXPECT_GT(Figures().rewrites, 0u);
  EXPECT_EQ(Refused().find("Errors writing"), std::string::npos) << Refused();
  EXPECT_EQ(Litter(), std::vector<std::string>{});
  life_.reset();
  disk_.Crash();
  Start(Watching());
  EXPECT_EQ(life_->keyspace().list_elements(), 1u);
}

// Somebody is so quick that nothing could be put by: replies wait, and go out as soon as there is room.
TEST_F(FullDiskTest, ADiskThatIsFilledFromOneMomentToTheNextHoldsRepliesUntilThereIsRoom) {
  disk_.set_capacity(1000 * kMiB);
  Start(Watching());
  Push(8000, 1000);
  Tick();
  ASSERT_EQ(ReserveHeld(), 0u);
  OthersTakeAll();
  Push(20, 1000);
  const uint64_t held = life_->Pop("q");
  life_->log().Flush();
  EXPECT_FALSE(life_->log().Released(held));
  EXPECT_TRUE(Refused().starts_with("MISCONF Errors writing to the AOF file: ")) << Refused();
  for (int i = 0; i < 20; ++i) Tick();
  EXPECT_FALSE(life_->log().Released(held));
  EXPECT_EQ(Figures().rewrites, 0u) << "none is begun that could not end";
  EXPECT_EQ(Litter(), std::vector<std::string>{});
  disk_.set_others_bytes(disk_.others_bytes() - kMiB / 2);
  Tick();
  EXPECT_TRUE(life_->log().Released(held));
  EXPECT_FALSE(life_->log().failing());
  EXPECT_NE(Refused(), "");
}

TEST_F(FullDiskTest, NoRewriteStartsThatWouldNotFit) {
  disk_.set_capacity(1000 * kMiB);
  Start(Watching());
  Push(8000, 1000);
  Pop(2000);
  disk_.set_others_bytes(disk_.Available() - 3 * kMiB);
  for (int i = 0; i < 10; ++i) Tick();
  EXPECT_NE(Refused(), "");
  EXPECT_EQ(Figures().rewrites, 0u);
  const Status asked = life_->log().StartRewrite();
  EXPECT_TRUE(asked.message().starts_with("ERR There is no room on the disk for a rewrite of the log: it may take "))
      << asked.message();
  EXPECT_FALSE(Figures().rewrite_running);
  // Consumers make it fit.
  Drain(4000);
  EXPECT_GT(Figures().rewrites, 0u);
}

TEST_F(FullDiskTest, NearToTheEndOfTheDiskARewriteStartsAsSoonAsItGivesSomethingBack) {
  disk_.set_capacity(20 * kMiB);
  Start(Watching());
  const int pushed = Fill();
  OthersTakeAll();
  Tick();
  EXPECT_EQ(Figures().rewrites, 0u) << "nothing is dead";
  Drain(300);
  EXPECT_EQ(Figures().rewrites, 0u) << "too little is";
  const uint64_t before = Figures().file_bytes;
  Drain(pushed / 2);
  EXPECT_GT(Figures().rewrites, 0u);
  EXPECT_LT(Figures().file_bytes, before * 7 / 10);
}

TEST_F(FullDiskTest, OnASmallDiskTheMinimumSizeDoesNotKeepWhatIsDead) {
  disk_.set_capacity(20 * kMiB);
  Start(Watching());
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

// Whichever call of a rewrite finds the disk full: nothing is left behind, and the next attempt goes well.
TEST_F(FullDiskTest, AnAttemptThatFailsCleansUpAtOnce) {
  disk_.set_capacity(20 * kMiB);
  for (uint64_t call = 1;; ++call) {
    SCOPED_TRACE(call);
    for (const std::string& path : disk_.Paths()) disk_.Erase(path);
    Start(Watching());
    Push(2000, 1000);
    Pop(1500);
    Tick();
    const uint64_t before = disk_.calls();
    const uint64_t rewrites = Figures().rewrites;
    bool renamed = false;
    disk_.set_watcher([&](std::string_view kind, const std::string&) {
      if (disk_.calls() + 1 == before + call) renamed = kind == "rename";
    });
    const std::string manifest = LogPath("appendonly.aof.manifest"), in_force = *disk_.Content(manifest);
    disk_.FailCalls(before + call, 1, Fault::kNoSpace);
    if (life_->log().StartRewrite().ok()) life_->log().Flush();
    const uint64_t calls = disk_.calls() - before;
    disk_.HealCalls();
    disk_.set_watcher({});
    // But for what could not be removed when all else was done, or must not be, since the directory was not synced, or
    // nobody knows what came of a rename: that goes with the next one.
    if (disk_.Content(manifest) == in_force && !renamed) {
      EXPECT_EQ(Litter(), std::vector<std::string>{});
    }
    for (int i = 0; i < 5; ++i) Tick();
    ASSERT_TRUE(life_->log().StartRewrite().ok());
    life_->log().Flush();
    EXPECT_GT(Figures().rewrites, rewrites);
    EXPECT_EQ(Litter(), std::vector<std::string>{});
    EXPECT_EQ(life_->log().growth_refused(), "");
    life_.reset();
    disk_.Crash();
    Start(Watching());
    EXPECT_EQ(life_->keyspace().list_elements(), 500u);
    if (call > calls) break;
  }
}

// --- starts

TEST_F(FullDiskTest, AStartOnAFullDiskGoesOnWhereTheLastLifeStopped) {
  disk_.set_capacity(20 * kMiB);
  Start(Watching());
  int left = Fill();
  OthersTakeAll();
  Start(Watching());
  EXPECT_NE(Refused(), "") << "from the first moment";
  while (left > 0) {
    const int some = std::min(left, 800);
    Drain(some);
    left -= some;
    OthersTakeAll();
    Start(Watching());
    ASSERT_EQ(life_->keyspace().list_elements(), static_cast<uint64_t>(left));
    OthersTakeAll();
  }
}

// A torn tail is kept in a copy, for which a full disk has room only in what was put by.
TEST_F(FullDiskTest, AStartOnAFullDiskCutsATornTail) {
  disk_.set_capacity(20 * kMiB);
  Start(Watching());
  const int pushed = Fill();
  life_->syncs().set_mode(ManualJobRunner::Mode::kManual);
  for (int i = 0; i < 100; ++i) life_->Push("q", std::string(1000, 'y'));
  life_->log().Flush();
  OthersTakeAll();
  const std::string segment = LogPath("appendonly.aof.1.incr.aof");
  const std::string whole = *disk_.Content(segment);
  life_.reset();
  disk_.Kill();
  disk_.SetContent(segment, whole.substr(0, whole.size() - 10));
  OthersTakeAll();
  Start(Watching());
  EXPECT_EQ(life_->keyspace().list_elements(), static_cast<uint64_t>(pushed));
  int copies = 0;
  for (const std::string& path : disk_.Paths()) copies += path.ends_with(".cut");
  EXPECT_EQ(copies, 1);
  Drain(10);
}

TEST_F(FullDiskTest, AReserveOfAnEarlierLifeIsTakenOverOrRemoved) {
  disk_.set_capacity(20 * kMiB);
  Start(Watching());
  Tick();
  const uint64_t held = ReserveHeld();
  ASSERT_GT(held, 0u);
  Start(Watching());
  EXPECT_EQ(ReserveHeld(), held);
  disk_.SetContent(kReserve, "half");
  Start(Watching());
  EXPECT_EQ(ReserveHeld(), held);
  Start();  // it is not asked for any more
  Tick();
  EXPECT_EQ(ReserveHeld(), 0u);
}

TEST_F(FullDiskTest, WatchingCanBeTurnedOffAndOnAgain) {
  disk_.set_capacity(20 * kMiB);
  Start(Watching());
  Fill();
  life_->log().options().reserve_bytes = 0;
  Tick();
  EXPECT_EQ(Refused(), "");
  EXPECT_EQ(ReserveHeld(), 0u);
  life_->log().options().reserve_bytes = kMiB;
  Tick();
  EXPECT_NE(Refused(), "");
  EXPECT_GT(ReserveHeld(), 0u);
}

TEST_F(FullDiskTest, AReserveThatCannotBeMadeLeavesNothingBehindAndIsTriedAgain) {
  disk_.set_capacity(20 * kMiB);
  disk_.FailKind("reserve", Fault::kNoSpace);
  Start(Watching());
  Tick();
  EXPECT_EQ(ReserveHeld(), 0u);
  disk_.HealKind("reserve");
  Tick();
  EXPECT_GT(ReserveHeld(), 0u);
}

// Where room can't be taken without being written, zeros take it, for consumers only.
TEST_F(FullDiskTest, AFileSystemThatPromisesNothingStillHasSomethingForConsumers) {
  FailingFiles files(disk_);
  files.Fail("reserve", EOPNOTSUPP);
  disk_.set_capacity(20 * kMiB);
  life_ = std::make_unique<LogLife>(files, clock_, Watching());
  ASSERT_TRUE(life_->Open().ok());
  Tick();
  Tick();
  EXPECT_EQ(ReserveHeld(), kMiB);
  const int pushed = Fill();
  EXPECT_GT(pushed, 5000);
  OthersTakeAll();
  const uint64_t held = ReserveHeld();
  Drain(500);
  EXPECT_GT(Figures().failed_writes, 0u);
  EXPECT_LT(ReserveHeld(), held);
  disk_.set_others_bytes(0);
  Drain(pushed - 500);
  EXPECT_GT(Figures().rewrites, 0u);
  EXPECT_EQ(Refused(), "");
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
