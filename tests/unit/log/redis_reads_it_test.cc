// A stock redis-check-aof and a stock redis-server take what we write; and we take what that redis-server writes.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "env/posix_file_system.h"
#include "unit/log/log_life.h"

namespace baton {
namespace {

struct Ran {
  int exit_code;
  std::string output;
};
Ran RunShell(const std::string& command) {
  Ran ran{-1, ""};
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  char piece[4096];
  while (size_t n = fread(piece, 1, sizeof piece, pipe)) ran.output.append(piece, n);
  const int status = pclose(pipe);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

class RedisReadsIt : public testing::Test {
 protected:
  void SetUp() override {
    if (RunShell("command -v redis-server redis-check-aof redis-cli").exit_code != 0)
      GTEST_SKIP() << "redis is not installed";
    std::string pattern = testing::TempDir() + "/baton_redis_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override {
    if (!directory_.empty()) RunShell("rm -rf " + directory_);
  }

  std::unique_ptr<LogLife> Start(int64_t preallocate_bytes = 0) {
    LogOptions options = DefaultLogOptions();
    options.preallocate_bytes = preallocate_bytes;
    options.directory = directory_ + "/appendonlydir";
    auto life = std::make_unique<LogLife>(files_, clock_, options);
    auto report = life->Open();
    EXPECT_TRUE(report.ok()) << report.status().message();
    return life;
  }
  void ExpectCheckAofPasses(const std::string& when) {
    const Ran ran = RunShell("redis-check-aof " + directory_ + "/appendonlydir/appendonly.aof.manifest");
    EXPECT_EQ(ran.exit_code, 0) << when << "\n" << ran.output;
    EXPECT_NE(ran.output.find("All AOF files and manifest are valid"), std::string::npos) << when << "\n" << ran.output;
  }

  // Starts a redis-server on the directory, gives it `commands`, asks for everything, and stops it.
  std::string AskRedis(const std::string& commands = "") {
    const std::string socket = directory_ + "/redis.sock";
    const Ran started = RunShell("redis-server --port 0 --unixsocket " + socket + " --dir " + directory_ +
                                 " --appendonly yes --aof-use-rdb-preamble no --save '' --daemonize yes --logfile " +
                                 directory_ + "/redis.log");
    EXPECT_EQ(started.exit_code, 0) << started.output;
    for (int i = 0; i < 200 && RunShell("redis-cli -s " + socket + " ping").output != "PONG\n"; ++i) usleep(20'000);
    if (!commands.empty()) RunShell("printf '" + commands + "' | redis-cli -s " + socket);
    std::string state;
    for (const char* db : {"0", "3"}) {
      const std::string cli = "redis-cli -s " + socket + " -n " + db + " ";
      for (const char* list : {"long", "other", "q"}) {
        std::string values = RunShell(cli + "lrange " + list + " 0 -1").output;
        if (values == "\n") continue;
        std::replace(values.begin(), values.end(), '\n', ' ');
        state += std::string(db) + "/" + list + ": " + values.substr(0, values.size() - 1);
        const std::string expiry = RunShell(cli + "pexpiretime " + list).output;
        if (expiry != "-1\n") state += " until " + expiry.substr(0, expiry.size() - 1);
        state += "\n";
      }
      std::string value = RunShell(cli + "get s").output;
      if (value != "\n") state += std::string(db) + "/s: \"" + value.substr(0, value.size() - 1) + "\"\n";
    }
    for (int i = 0; i < 500; ++i) {
      const std::string info = RunShell("redis-cli -s " + socket + " info persistence").output;
      if (info.find("aof_rewrite_in_progress:0") != std::string::npos &&
          info.find("aof_rewrite_scheduled:0") != std::string::npos) {
        break;
      }
      usleep(20'000);
    }
    RunShell("redis-cli -s " + socket + " shutdown nosave");
    for (int i = 0; i < 200 && access(socket.c_str(), F_OK) == 0; ++i) usleep(20'000);
    return state;
  }
  static void Fill(LogLife& life) {
    for (int i = 0; i < 300; ++i) life.Push("long", "element" + std::to_string(i));
    life.Set("s", "string");
    const std::string_view values[] = {"x", "y"};
    life.log().BeginBatch();
    for (const Mutation& mutation : {Mutation::Push(3, life.Ref("other"), Side::kLeft, values),
                                     Mutation::ExpireAt(3, life.Ref("other"), 4'000'000'000'000)}) {
      life.log().Append(mutation);
      EXPECT_EQ(life.keyspace().Apply(mutation, 1), ApplyOutcome::kChanged);
    }
    life.log().EndBatch();
    life.log().Flush();
  }

  PosixFileSystem files_;
  ManualClock clock_;
  std::string directory_;
};

TEST_F(RedisReadsIt, CheckAofPassesAtEveryGroupBoundaryInARewriteAndAfterACleanStop) {
  auto life = Start();
  ExpectCheckAofPasses("empty");
  for (int i = 0; i < 5; ++i) {
    life->Push("q", "v\r\n#C 0 1 00000000 0 a 00000000\r\n", i % 2 == 0 ? 0 : 3);
    life->log().Flush();
    ExpectCheckAofPasses("group " + std::to_string(i));
  }
  Fill(*life);
  ExpectCheckAofPasses("a transaction");
  life->jobs().set_mode(ManualJobRunner::Mode::kManual);
  ASSERT_TRUE(life->log().StartRewrite().ok());
  ExpectCheckAofPasses("rewrite: start");
  life->jobs().RunOne();
  ExpectCheckAofPasses("rewrite: prepared");
  life->log().Flush();
  ExpectCheckAofPasses("rewrite: rotated");
  life->Push("q", "z");
  life->log().Flush();
  ExpectCheckAofPasses("rewrite: group behind the rotation");
  life->jobs().RunOne();
  ExpectCheckAofPasses("rewrite: done");
  EXPECT_TRUE(life->log().Close().ok());
  ExpectCheckAofPasses("clean stop");
}

// Room at the end of a segment is nothing to them, wherever the last group ends, a byte before the room's end, too.
TEST_F(RedisReadsIt, SegmentsWithRoomAtEveryGroupBoundaryAndAfterAKill) {
  constexpr int64_t kBytes = 8192;
  auto life = Start(kBytes);
  const std::string second = directory_ + "/appendonlydir/appendonly.aof.2.incr.aof";
  const auto push = [&](const std::string& value) {
    life->Push("q", value);
    life->log().Flush();
  };
  const auto end = [&]() -> size_t {
    auto content = ReadWholeFile(files_, second, 1 << 20);
    return content.ok() ? content->find_last_not_of("#\n") + 2 : 0;
  };
  while (end() < 200) push("before");
  for (int i = 0; i < 10; ++i) {
    push("v" + std::to_string(i));
    ExpectCheckAofPasses("in the room, group " + std::to_string(i));
  }
  life->jobs().set_mode(ManualJobRunner::Mode::kManual);  // no third one
  while (kBytes - end() > 900) push("before");
  const size_t before = end();
  push("ten bytes!");
  const size_t with_ten = end() - before;
  push(std::string(kBytes - end() - with_ten + 10 - 2 - 1, 'y'));
  ASSERT_EQ(end(), static_cast<size_t>(kBytes) - 1);
  ExpectCheckAofPasses("a byte before the end of the room");
  const std::string state = life->State();
  life.reset();
  EXPECT_EQ(AskRedis(), state);
  // What Redis appends behind the room is found there.
  const std::string more = AskRedis("RPUSH q redis\n");
  EXPECT_EQ(more, state.substr(0, state.size() - 1) + " redis\n");
  ExpectCheckAofPasses("appended to by redis-server");
  EXPECT_EQ(Start(kBytes)->State(), more);
}

TEST_F(RedisReadsIt, RedisServerLoadsItAfterAKillAndAfterACleanStop) {
  std::string state;
  {
    auto life = Start();
    Fill(*life);
    state = life->State();
  }
  EXPECT_EQ(AskRedis(), state);
  {
    auto life = Start();
    EXPECT_EQ(life->State(), state);
    ASSERT_TRUE(life->log().StartRewrite().ok());
    life->log().Flush();
    life->Push("q", "after");
    state = life->State();
    EXPECT_TRUE(life->log().Close().ok());
  }
  EXPECT_EQ(AskRedis(), state);
}

TEST_F(RedisReadsIt, NotesOfQueuesInsideAndOutsideOfTransactionsAreNothingToRedis) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  const QueueNotes alone{{{.kind = NoteKind::kList, .words = {bytes, "", std::string(4000, 'n')}},
                          {.kind = NoteKind::kAccount, .value = UINT64_MAX}}};
  QueueNotes lease{{{.kind = NoteKind::kLease}}}, leave{{{.kind = NoteKind::kLeave}}};
  QueueNotes place{{{.kind = NoteKind::kPlace}}};
  for (QueueNotes* notes : {&lease, &leave, &place}) notes->list.front().message.id = uint64_t{1} << 61;
  std::string state;
  {
    auto life = Start();
    const auto batch = [&](const std::vector<Mutation>& mutations) {
      life->log().BeginBatch();
      for (const Mutation& mutation : mutations) {
        life->log().Append(mutation);
        EXPECT_EQ(life->keyspace().Apply(mutation, life->log().open_position()), ApplyOutcome::kChanged);
      }
      life->log().EndBatch();
      life->log().Flush();
    };
    const auto with = [](Mutation mutation, const QueueNotes& notes) {
      mutation.notes = &notes;
      return mutation;
    };
    const std::string_view values[] = {"a", "b"}, one[] = {"b"};
    const KeyRef q = life->Ref("q"), other = life->Ref("other");
    batch({Mutation::Queue(0, alone)});
    ExpectCheckAofPasses("notes that stand alone");
    batch({Mutation::Queue(3, alone), Mutation::Queue(0, alone)});
    ExpectCheckAofPasses("a transaction of notes");
    batch({Mutation::Push(0, q, Side::kLeft, values)});
    batch({with(Mutation::Move(0, q, other, Side::kLeft, Side::kLeft), lease)});
    ExpectCheckAofPasses("a note beside a command");
    batch({Mutation::Queue(0, alone), with(Mutation::ListRemove(0, other, -1, "b"), leave),
           with(Mutation::Push(0, q, Side::kRight, one), place), Mutation::Queue(3, alone)});
    ExpectCheckAofPasses("notes inside a transaction");
    batch({Mutation::Push(3, other, Side::kRight, values)});
    state = life->State();
    EXPECT_EQ(state, "0/q: a b\n3/other: a b\n");
    EXPECT_TRUE(life->log().Close().ok());
  }
  ExpectCheckAofPasses("a clean stop");
  EXPECT_EQ(AskRedis(), state);
  EXPECT_EQ(Start()->State(), state);
}

TEST_F(RedisReadsIt, WhatRedisAppendsAndRewritesIsLoadedAndTheOtherWayRound) {
  {
    auto life = Start();
    life->Push("q", "a");
    EXPECT_TRUE(life->log().Close().ok());
  }
  EXPECT_EQ(AskRedis("rpush q b\\nmulti\\nrpush q c\\nset s v\\nexec\\n"), "0/q: a b c\n0/s: \"v\"\n");
  {
    auto life = Start();
    EXPECT_EQ(life->State(), "0/q: a b c\n0/s: \"v\"\n");
    life->Push("q", "d");
    EXPECT_TRUE(life->log().Close().ok());
  }
  EXPECT_EQ(AskRedis("rpush q e\\n"), "0/q: a b c d e\n0/s: \"v\"\n");
  {
    auto life = Start();
    EXPECT_EQ(life->State(), "0/q: a b c d e\n0/s: \"v\"\n");
    life->Push("q", "f");
    EXPECT_TRUE(life->log().Close().ok());
  }
  EXPECT_EQ(AskRedis("rpush q g\\nbgrewriteaof\\n"), "0/q: a b c d e f g\n0/s: \"v\"\n");
  {
    auto life = Start();
    EXPECT_EQ(life->State(), "0/q: a b c d e f g\n0/s: \"v\"\n");
    life->Push("q", "h");
    EXPECT_TRUE(life->log().Close().ok());
  }
  ExpectCheckAofPasses("after four visits");
  EXPECT_EQ(AskRedis(), "0/q: a b c d e f g h\n0/s: \"v\"\n");
}

// redis-server 7.0.15, started on a file that ends inside a command inside MULTI, cuts off the half command and leaves
// the MULTI: what it acknowledges from then on stands behind that, and goes with it at the start after next. We find it
// behind a transaction that never ended, too; but we keep what is cut and say that it may have been acknowledged, and
// what we acknowledge stays.
TEST_F(RedisReadsIt, WhatRedisAcknowledgedBehindAnOpenMultiIsLostByRedisAndKeptInACopyByUs) {
  EXPECT_EQ(AskRedis("rpush q a\\n"), "0/q: a\n");
  const std::string segment = directory_ + "/appendonlydir/appendonly.aof.1.incr.aof";
  RunShell(
      "printf '*1\\r\\n$5\\r\\nMULTI\\r\\n*3\\r\\n$5\\r\\nRPUSH\\r\\n$1\\r\\nq\\r\\n$1\\r\\nb\\r\\n*3\\r\\n$5' >> " +
      segment);
  EXPECT_EQ(AskRedis("rpush q acknowledged\\n"), "0/q: a acknowledged\n");
  RunShell("cp -r " + directory_ + "/appendonlydir " + directory_ + "/kept");
  EXPECT_EQ(AskRedis(), "0/q: a\n") << "the trap: redis-server has lost it";
  RunShell("rm -rf " + directory_ + "/appendonlydir && mv " + directory_ + "/kept " + directory_ + "/appendonlydir");

  {
    auto life = Start();
    EXPECT_EQ(life->State(), "0/q: a\n");
    EXPECT_TRUE(life->Said("may have been acknowledged"));
    EXPECT_NE(RunShell("cat " + segment + ".*.cut").output.find("acknowledged"), std::string::npos);
    life->Push("q", "ours");
    life->log().Flush();
  }
  EXPECT_EQ(Start()->State(), "0/q: a ours\n");
  EXPECT_EQ(AskRedis(), "0/q: a ours\n");
}

TEST_F(RedisReadsIt, ATransactionOfOursThatIsCutShortIsCutOffAndWhatComesNextStays) {
  std::string segment = directory_ + "/appendonlydir/appendonly.aof.1.incr.aof";
  {
    auto life = Start();
    life->Push("q", "a");
    life->log().Flush();
    Fill(*life);
  }
  RunShell("truncate -s -120 " + segment);
  {
    auto life = Start();
    EXPECT_EQ(life->State(), "0/q: a\n");
    life->Push("q", "acknowledged");
    life->log().Flush();
  }
  EXPECT_EQ(Start()->State(), "0/q: a acknowledged\n");
  EXPECT_EQ(AskRedis(), "0/q: a acknowledged\n");
}

}  // namespace
}  // namespace baton
