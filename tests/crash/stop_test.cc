// The end of a server whose sync and rewrite are still under way.

#include <gtest/gtest.h>

#include "doubles/test_server.h"

namespace baton {
namespace {

TEST(Stop, WaitsForASyncUnderWayBeforeItTellsAnybody) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SimFileSystem disk(seed);
    ManualClock clock;
    {
      TestServer server(disk, clock);
      TestClient client(server);
      ASSERT_EQ(client.Send("LPUSH q a"), ":1\r\n");
      server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
      server.job_runner().set_mode(ManualJobRunner::Mode::kManual);
      client.Send("BGREWRITEAOF");
      server.job_runner().RunOne();  // the next segment is there
      server.Settle();               // and the log has gone over to it: a sync has to cover old file and directory
      ASSERT_EQ(client.Send("LPUSH q b").find(":2"), std::string::npos);
      ASSERT_TRUE(server.Stop().ok());
      EXPECT_NE(client.Receive().find(":2\r\n"), std::string::npos);
      client.Abandon();
      server.Kill();
    }
    disk.Crash();
    TestServer server(disk, clock);
    ASSERT_TRUE(server.report().ok()) << "seed " << seed << ": " << server.report().status().message();
    TestClient client(server);
    EXPECT_EQ(client.Send("LRANGE q 0 -1"), "*2\r\n$1\r\nb\r\n$1\r\na\r\n") << "seed " << seed;
  }
}

TEST(Stop, ASyncThatFailsIsNotHiddenBehindALaterOne) {
  SimFileSystem disk(1);
  ManualClock clock;
  TestServer server(disk, clock);
  TestClient client(server);
  ASSERT_EQ(client.Send("LPUSH q a"), ":1\r\n");
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  ASSERT_EQ(client.Send("LPUSH q b"), "");
  disk.FailCalls(disk.calls() + 1, 1, SimFileSystem::Fault::kIo);  // the sync that waits to be run
  EXPECT_FALSE(server.Stop().ok());
  EXPECT_EQ(client.Receive(), "");
}

TEST(Stop, TriesAFullDiskAgainBeforeItGivesUp) {
  SimFileSystem disk(1);
  ManualClock clock;
  TestServer server(disk, clock);
  TestClient client(server);
  disk.FailKind("append", SimFileSystem::Fault::kNoSpace);
  ASSERT_EQ(client.Send("LPUSH q a"), "");
  disk.HealKind("append");
  EXPECT_TRUE(server.Stop().ok());
  EXPECT_EQ(client.Receive(), ":1\r\n");
}

TEST(Stop, AReloadThatEndsAFullDisksTroubleLeavesNothingRefused) {
  SimFileSystem disk(1);
  ManualClock clock;
  TestServer server(disk, clock, {"--enable-debug-command", "yes"});
  TestClient client(server), other(server);
  disk.FailKind("append", SimFileSystem::Fault::kNoSpace);
  ASSERT_EQ(client.Send("LPUSH q a"), "");
  disk.HealKind("append");
  EXPECT_EQ(other.Send("DEBUG RELOAD"), "+OK\r\n");
  EXPECT_EQ(client.Receive(), ":1\r\n");
  EXPECT_EQ(client.Send("LPUSH q b"), ":2\r\n");
}

}  // namespace
}  // namespace baton
