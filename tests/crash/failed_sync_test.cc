// What a sync that has failed leaves behind: pages that are marked clean and are not on the disk, names that are not
// safe.

#include <gtest/gtest.h>

#include "doubles/test_server.h"

namespace baton {
namespace {

using Fault = SimFileSystem::Fault;

constexpr uint64_t kSeeds = 40;

std::string AfterPowerCut(SimFileSystem& disk, ManualClock& clock, const std::string& question) {
  disk.Crash();
  TestServer server(disk, clock);
  if (!server.report().ok()) return server.report().status().message();
  TestClient client(server);
  return client.Send(question);
}

// The server dies before it could write a fresh log. The next one reads from memory what is not on the disk, and its
// own syncs succeed.
TEST(FailedSync, OfAKilledProcessIsMendedBeforeAnybodyIsToldOfIt) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SimFileSystem disk(seed);
    ManualClock clock;
    {
      TestServer server(disk, clock);
      TestClient client(server);
      ASSERT_EQ(client.Send("RPUSH q a"), ":1\r\n");
      server.job_runner().set_mode(ManualJobRunner::Mode::kManual);
      disk.FailKind("sync", Fault::kIo);
      ASSERT_EQ(client.Send("RPUSH q " + std::string(2000, 'b')), "");
      client.Abandon();
      server.Kill();
    }
    disk.Heal();
    disk.Kill();
    std::string told;
    {
      TestServer server(disk, clock);
      ASSERT_TRUE(server.report().ok()) << "seed " << seed << ": " << server.report().status().message();
      TestClient client(server);
      told = client.Send("LRANGE q 0 -1");
      client.Abandon();
      server.Kill();
    }
    EXPECT_EQ(AfterPowerCut(disk, clock, "LRANGE q 0 -1"), told) << "seed " << seed;
  }
}

TEST(FailedSync, ThatWasToMakeASwitchOfSegmentsDurableIsMendedThoughNothingWasWritten) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SimFileSystem disk(seed);
    ManualClock clock;
    {
      TestServer server(disk, clock);
      TestClient client(server);
      server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
      server.job_runner().set_mode(ManualJobRunner::Mode::kManual);
      client.Send("BGREWRITEAOF");
      server.job_runner().RunOne();  // the next segment is there
      server.Settle();               // and the manifest that names it
      disk.FailKind("sync directory", Fault::kIo);
      server.sync_runner().RunOne();
      EXPECT_NE(server.server().log().growth_refused(), "");
      server.job_runner().RunOne();  // the base cannot come into force either
      disk.Heal();
      server.sync_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
      server.job_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
      server.job_runner().RunAll();
      server.Advance(1000);
      client.Receive();
      ASSERT_EQ(client.Send("RPUSH q a"), ":1\r\n");
      client.Abandon();
      server.Kill();
    }
    EXPECT_EQ(AfterPowerCut(disk, clock, "LRANGE q 0 -1"), "*1\r\n$1\r\na\r\n") << "seed " << seed;
  }
}

}  // namespace
}  // namespace baton
