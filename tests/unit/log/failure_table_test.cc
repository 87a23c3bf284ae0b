// What each disk call that fails leads to, one row each: in a running server, in a rewrite, at a start. (That nothing
// is lost whichever call fails when, is what log_failure_test.cc and log_rewrite_test.cc try call by call.)

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <ostream>

#include "unit/log/failing_files.h"
#include "unit/log/log_life.h"

namespace baton {
namespace {

const std::string kFirstSegment = LogPath("appendonly.aof.1.incr.aof");

class FailureTable : public testing::Test {
 protected:
  FailureTable() { MakeDataDirectory(disk_); }
  void Start(SyncPolicy policy = SyncPolicy::kAlways) {
    life_ = std::make_unique<LogLife>(files_, clock_, DefaultLogOptions(policy));
    auto report = life_->Open();
    ASSERT_TRUE(report.ok()) << report.status().message();
    life_->Push("q", "before");
    life_->log().Flush();
  }
  void Wait(int64_t ms) {
    for (int64_t i = 0; i < ms; i += 100) {
      clock_.AdvanceMs(100);
      life_->log().OnTimer();
      life_->log().Flush();
    }
  }
  std::string StateAfterPowerCut() {
    life_.reset();
    disk_.Crash();
    LogLife next(disk_, clock_);
    auto report = next.Open();
    EXPECT_TRUE(report.ok()) << report.status().message();
    return next.State();
  }

  SimFileSystem disk_{1};
  FailingFiles files_{disk_};
  ManualClock clock_;
  std::unique_ptr<LogLife> life_;
};

// --- in a running server

enum class Then {
  kTriedAgain,      // the same bytes are written again, to the same file
  kFileIsReplaced,  // what the file holds is unknown: a fresh log from memory takes its place
};
struct Trouble {
  const char* kind;
  int os_error;
  double part;  // of an append that still went out
  Then then;
};
void PrintTo(const Trouble& row, std::ostream* out) {
  *out << row.kind << " fails with " << std::strerror(row.os_error) << " after " << row.part << " of the bytes";
}
constexpr Trouble kTroubles[] = {
    {"append", ENOSPC, 0, Then::kTriedAgain},    {"append", ENOSPC, 0.4, Then::kTriedAgain},  // a short write
    {"append", EDQUOT, 0, Then::kTriedAgain},    {"append", EDQUOT, 0.9, Then::kTriedAgain},
    {"append", EIO, 0, Then::kFileIsReplaced},   {"append", EIO, 0.5, Then::kFileIsReplaced},
    {"append", EROFS, 0, Then::kFileIsReplaced}, {"append", EFBIG, 0.5, Then::kFileIsReplaced},  // ulimit -f
    {"append", EINTR, 0, Then::kFileIsReplaced},  // PosixFileSystem repeats these itself
    {"sync", EIO, 0, Then::kFileIsReplaced},     {"sync", ENOSPC, 0, Then::kFileIsReplaced},  // delayed allocation
    {"sync", EDQUOT, 0, Then::kFileIsReplaced},  {"sync", EINTR, 0, Then::kFileIsReplaced},
};

class TroubleTest : public FailureTable, public testing::WithParamInterface<Trouble> {};

TEST_P(TroubleTest, HoldsRepliesAndRefusesGrowthUntilTheDiskRecoversAndNeedsNoRestart) {
  const Trouble& row = GetParam();
  Start();
  files_.Fail(row.kind, row.os_error, ".incr.aof", row.part);
  const uint64_t held = life_->Push("q", "held");
  life_->log().Flush();
  EXPECT_FALSE(life_->log().Released(held));
  const std::string refused(life_->log().growth_refused());
  EXPECT_TRUE(refused.starts_with("MISCONF Errors writing to the AOF file: ")) << refused;
  EXPECT_NE(refused.find(std::strerror(row.os_error)), std::string::npos) << refused;
  EXPECT_NE(refused.find(kFirstSegment), std::string::npos) << refused;
  EXPECT_FALSE(life_->log().figures().last_write_ok);
  EXPECT_TRUE(life_->Said(std::strerror(row.os_error)));

  Wait(3000);
  EXPECT_FALSE(life_->log().Released(held)) << "still failing";
  const uint64_t drained = life_->Pop("q");  // consuming goes on, in memory
  life_->log().Flush();
  EXPECT_FALSE(life_->log().Released(drained));

  files_.Heal();
  Wait(11'000);
  EXPECT_TRUE(life_->log().Released(drained));
  EXPECT_EQ(life_->log().growth_refused(), "");
  EXPECT_TRUE(life_->log().figures().last_write_ok);
  EXPECT_EQ(disk_.Content(kFirstSegment).has_value(), row.then == Then::kTriedAgain);
  const uint64_t after = life_->Push("q", "after");
  life_->log().Flush();
  EXPECT_TRUE(life_->log().Released(after));
  EXPECT_EQ(StateAfterPowerCut(), "0/q: held after\n");
}

INSTANTIATE_TEST_SUITE_P(Rows, TroubleTest, testing::ValuesIn(kTroubles));

TEST_F(FailureTable, AFailedSyncOfAReplacedFileIsAskedForOnceOnly) {
  Start();
  files_.Fail("sync", EIO, "1.incr.aof");
  life_->Push("q", "held");
  life_->log().Flush();
  Wait(5000);
  EXPECT_EQ(files_.failed(), 1) << "the other files can be synced, so the fresh log is there at once";
  EXPECT_EQ(life_->log().growth_refused(), "");
}

// --- in a rewrite

struct RewriteTrouble {
  const char* kind;
  const char* path_part;
  bool rewrite_fails;
};
void PrintTo(const RewriteTrouble& row, std::ostream* out) { *out << row.kind << " of " << row.path_part << " fails"; }
constexpr RewriteTrouble kRewriteTroubles[] = {
    {"open", "2.incr.aof", true},
    {"append", "2.incr.aof", true},
    {"sync", "2.incr.aof", true},
    {"open", "temp-appendonly.aof.manifest", true},
    {"append", "temp-appendonly.aof.manifest", true},
    {"sync", "temp-appendonly.aof.manifest", true},
    {"rename", "temp-appendonly.aof.manifest", true},
    {"open", "2.base.aof", true},
    {"append", "2.base.aof", true},
    {"sync", "2.base.aof", true},
    {"list", "appendonlydir", false},  // what is superseded is removed at the next start
    {"remove", "1.base.aof", false},
    {"remove", "1.incr.aof", false},
};

class RewriteTroubleTest : public FailureTable, public testing::WithParamInterface<RewriteTrouble> {};

TEST_P(RewriteTroubleTest, KeepsTheLogInForceAndTheServerGoing) {
  const RewriteTrouble& row = GetParam();
  for (int os_error : {ENOSPC, EDQUOT, EIO, EROFS, EACCES, EMFILE}) {
    SCOPED_TRACE(std::strerror(os_error));
    Start();
    files_.Fail(row.kind, os_error, row.path_part, 0.5);
    ASSERT_TRUE(life_->log().StartRewrite().ok());
    life_->log().Flush();
    EXPECT_GT(files_.failed(), 0);
    EXPECT_EQ(life_->log().figures().rewrite_running, false);
    EXPECT_EQ(life_->log().figures().last_rewrite_ok, !row.rewrite_fails);
    EXPECT_EQ(life_->Said(std::string("rewriting the log: ") + row.kind), row.rewrite_fails);
    files_.Heal();
    Wait(11'000);
    EXPECT_EQ(life_->log().growth_refused(), "");
    const uint64_t position = life_->Push("q", "after");
    life_->log().Flush();
    EXPECT_TRUE(life_->log().Released(position));
    EXPECT_EQ(StateAfterPowerCut(), "0/q: before after\n");
    int numbered = 0;
    for (const std::string& path : disk_.Paths()) {
      EXPECT_EQ(path.find("temp-"), std::string::npos) << path;
      numbered += path.find(".base.aof") != std::string::npos;
    }
    EXPECT_EQ(numbered, 1) << "a start removes what the rewrite could not";
    for (const std::string& path : disk_.Paths()) disk_.Erase(path);
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, RewriteTroubleTest, testing::ValuesIn(kRewriteTroubles));

// --- at a start

struct StartTrouble {
  const char* kind;
  int os_error;
  const char* path_part;
  const char* said;  // in the error
};
void PrintTo(const StartTrouble& row, std::ostream* out) {
  *out << row.kind << " of " << row.path_part << " fails with " << std::strerror(row.os_error);
}
constexpr StartTrouble kStartTroubles[] = {
    {"create directory", EACCES, "", "must be writable for the user that runs the server"},
    {"create directory", EROFS, "", "mounted read-only"},
    {"create directory", ENOENT, "", "does not exist: create it, or name another with `dir`"},
    {"lock", EACCES, "baton.lock", "must be writable for the user that runs the server"},
    {"lock", EROFS, "baton.lock", "mounted read-only"},
    {"open", EACCES, "1.incr.aof", "must be writable for the user that runs the server"},
    {"open", EACCES, "1.base.aof", "must be writable for the user that runs the server"},
    {"open", EPERM, "appendonly.aof.manifest", "must be writable for the user that runs the server"},
    {"open", EMFILE, "1.incr.aof", "Too many open files"},
    {"list", EIO, "appendonlydir", "Input/output error"},
    {"read", EIO, "1.incr.aof", "1.incr.aof: Input/output error"},
    {"read", EIO, "1.base.aof", "1.base.aof: Input/output error"},
    {"read", EIO, "appendonly.aof.manifest", "appendonly.aof.manifest: Input/output error"},
    {"sync", EIO, "1.incr.aof", "1.incr.aof: Input/output error"},
    {"sync directory", EIO, "", "Input/output error"},
};

class StartTroubleTest : public FailureTable, public testing::WithParamInterface<StartTrouble> {};

TEST_P(StartTroubleTest, IsNamedWithFileOperationAndCauseAndTheNextStartWorks) {
  const StartTrouble& row = GetParam();
  Start();
  EXPECT_TRUE(life_->log().Close().ok());
  files_.Fail(row.kind, row.os_error, row.path_part);
  LogLife failing(files_, clock_);
  auto report = failing.Open();
  ASSERT_FALSE(report.ok());
  const std::string error = report.status().message();
  EXPECT_NE(error.find(std::string(row.kind) + " data"), std::string::npos) << error;
  EXPECT_NE(error.find(std::strerror(row.os_error)), std::string::npos) << error;
  EXPECT_NE(error.find(row.said), std::string::npos) << error;
  files_.Heal();
  LogLife next(files_, clock_);
  ASSERT_TRUE(next.Open().ok()) << "the lock was let go";
  EXPECT_EQ(next.State(), "0/q: before\n");
}

INSTANTIATE_TEST_SUITE_P(Rows, StartTroubleTest, testing::ValuesIn(kStartTroubles));

}  // namespace
}  // namespace baton
