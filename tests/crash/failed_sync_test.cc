// What a sync that has failed leaves behind: pages that are marked clean and are not on the disk, names that are not
// safe.

#include <gtest/gtest.h>

#include <string>
#include <utility>

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
// own syncs succeed. Returns what that one tells of q, and what is left of it when the power goes then.
std::pair<std::string, std::string> ToldAndLeftAfterAFailedSync(uint64_t seed, SimFileSystem::LeaveOut leave_out) {
  SimFileSystem disk(seed);
  disk.set_leave_out(std::move(leave_out));
  ManualClock clock;
  {
    TestServer server(disk, clock);
    TestClient client(server);
    EXPECT_EQ(client.Send("RPUSH q a"), ":1\r\n");
    server.job_runner().set_mode(ManualJobRunner::Mode::kManual);
    disk.FailKind("sync", Fault::kIo);
    EXPECT_EQ(client.Send("RPUSH q " + std::string(2000, 'b')), "");
    client.Abandon();
    server.Kill();
  }
  disk.Heal();
  disk.Kill();
  std::string told;
  {
    TestServer server(disk, clock);
    EXPECT_TRUE(server.report().ok()) << "seed " << seed << ": " << server.report().status().message();
    TestClient client(server);
    told = client.Send("LRANGE q 0 -1");
    client.Abandon();
    server.Kill();
  }
  return {told, AfterPowerCut(disk, clock, "LRANGE q 0 -1")};
}

TEST(FailedSync, OfAKilledProcessIsMendedBeforeAnybodyIsToldOfIt) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const auto [told, left] = ToldAndLeftAfterAFailedSync(seed, {});
    EXPECT_EQ(left, told) << "seed " << seed;
  }
}

// A canary: a start that believes what it reads.
TEST(FailedSync, OfAKilledProcessIsToldOfAndLostIfNothingIsWrittenAgain) {
  int lost = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const auto [told, left] = ToldAndLeftAfterAFailedSync(
        seed, [](std::string_view kind, const std::string&) { return kind == "write over"; });
    lost += left != told;
  }
  EXPECT_GT(lost, 0);
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
