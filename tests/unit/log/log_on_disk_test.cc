// What a real file system refuses: to another user, to a process with a limit on the size of its files, and where there
// is nothing.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "env/posix_file_system.h"
#include "unit/log/log_life.h"

namespace baton {
namespace {

constexpr uid_t kNobody = 65534;

class LogOnDiskTest : public testing::Test {
 protected:
  void SetUp() override {
    // Not below TempDir of the user who runs the tests: another one must be able to get there.
    std::string pattern = "/tmp/baton_on_disk_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    options_ = DefaultLogOptions();
    options_.directory = directory_ + "/appendonlydir";
  }
  void TearDown() override {
    if (!directory_.empty()) std::system(("chmod -R u+rwx " + directory_ + " && rm -rf " + directory_).c_str());
  }
  void WriteALog() {
    LogLife life(files_, clock_, options_);
    ASSERT_TRUE(life.Open().ok());
    life.Push("q", "a");
    ASSERT_TRUE(life.log().Close().ok());
  }
  std::string Segment() const { return options_.directory + "/appendonly.aof.1.incr.aof"; }
  // A start by somebody who may not; says what came of it on standard error.
  [[noreturn]] void StartAsNobody() {
    if (geteuid() == 0 && setresuid(kNobody, kNobody, kNobody) != 0) std::_Exit(2);
    LogLife life(files_, clock_, options_);
    auto report = life.Open();
    std::fprintf(stderr, "%s\n", report.ok() ? "it started" : report.status().message().c_str());
    std::_Exit(report.ok() ? 0 : 1);
  }

  PosixFileSystem files_;
  ManualClock clock_;
  std::string directory_;
  LogOptions options_;
};

TEST_F(LogOnDiskTest, ADirectoryThatIsNotOursToWriteIsAClearError) {
  ASSERT_EQ(chmod(directory_.c_str(), 0555), 0);
  EXPECT_EXIT(StartAsNobody(), testing::ExitedWithCode(1),
              "create directory .*/appendonlydir: Permission denied.*must be writable for the user that runs");
}

TEST_F(LogOnDiskTest, ALogOfAnotherOwnerIsAClearError) {
  WriteALog();
  ASSERT_EQ(chmod(directory_.c_str(), 0755), 0);
  ASSERT_EQ(chmod(options_.directory.c_str(), 0555), 0);
  ASSERT_EQ(chmod((options_.directory + "/baton.lock").c_str(), 0444), 0);
  EXPECT_EXIT(StartAsNobody(), testing::ExitedWithCode(1),
              "open lock file .*baton.lock: Permission denied.*must be writable for the user that runs");
}

TEST_F(LogOnDiskTest, AFileOfAnotherOwnerIsAClearError) {
  WriteALog();
  ASSERT_EQ(chmod(directory_.c_str(), 0777), 0);
  ASSERT_EQ(chmod(options_.directory.c_str(), 0777), 0);
  ASSERT_EQ(chmod((options_.directory + "/baton.lock").c_str(), 0666), 0);
  ASSERT_EQ(chmod(Segment().c_str(), 0444), 0);
  EXPECT_EXIT(StartAsNobody(), testing::ExitedWithCode(1),
              "open for writing .*1.incr.aof: Permission denied.*must be writable for the user that runs");
}

TEST_F(LogOnDiskTest, ADirectoryThatIsNotThereIsAClearError) {
  options_.directory = directory_ + "/nowhere/appendonlydir";
  LogLife life(files_, clock_, options_);
  auto report = life.Open();
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.status().message().find(directory_ + "/nowhere does not exist: create it"), std::string::npos)
      << report.status().message();
}

TEST_F(LogOnDiskTest, AFileInThePlaceOfTheDirectoryIsAClearError) {
  ASSERT_EQ(std::system(("touch " + options_.directory).c_str()), 0);
  LogLife life(files_, clock_, options_);
  auto report = life.Open();
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.status().message().find("create directory " + options_.directory), std::string::npos);
}

// The kernel takes a part of the write that crosses the limit and refuses the rest: a short write as it really comes.
TEST_F(LogOnDiskTest, ALimitOnTheSizeOfFilesIsLivedWithAndLosesNothing) {
  const auto run = [&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{20'000, RLIM_INFINITY};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) std::_Exit(2);
    LogLife life(files_, clock_, options_);
    if (!life.Open().ok()) std::_Exit(3);
    const auto turn = [&] {
      life.log().Flush();
      clock_.AdvanceMs(500);
      life.log().OnTimer();
      life.log().Flush();
    };
    // Until not even a fresh base holds it all.
    for (int i = 0; i < 400 && life.log().growth_refused().empty(); ++i) {
      life.Push("q", std::string(90, 'x') + std::to_string(i));
      turn();
    }
    for (int i = 0; i < 5; ++i) turn();
    if (life.log().growth_refused().find("File too large") == std::string_view::npos) std::_Exit(4);
    if (life.log().Released(life.log().appended())) std::_Exit(5);
    // Consumers make room.
    for (int i = 0; i < 100; ++i) life.Pop("q");
    for (int i = 0; i < 50; ++i) turn();
    if (!life.log().growth_refused().empty()) std::_Exit(6);
    if (!life.log().Released(life.log().appended())) std::_Exit(7);
    std::fprintf(stderr, "released");
    std::_Exit(0);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "released");
  LogLife life(files_, clock_, options_);
  ASSERT_TRUE(life.Open().ok());
  const std::string state = life.State();
  EXPECT_EQ(state.find("0/q: " + std::string(90, 'x') + "100 "), 0u) << state.substr(0, 200);
}

}  // namespace
}  // namespace baton
