// The order in which a start changes a directory, whoever has left it there.

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "doubles/test_server.h"

namespace baton {
namespace {

// A process is killed between the two: the new manifest is in its place, the directory is not synced. The start that
// follows removes what that manifest has superseded, and the power goes.
TEST(RecoveryOrder, AManifestThatAKilledProcessRenamedIsDurableBeforeWhatItSupersedesGoes) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SimFileSystem disk(seed);
    ManualClock clock;
    {
      TestServer server(disk, clock);
      TestClient client(server);
      ASSERT_EQ(client.Send("RPUSH q a b"), ":2\r\n");
      int renames = 0;
      std::unique_ptr<SimFileSystem> killed_here;
      disk.set_watcher([&](std::string_view kind, const std::string&) {
        if (kind == "rename") ++renames;
        // The second one puts the manifest with the new base into force.
        if (renames == 2 && kind == "sync directory" && !killed_here) killed_here = disk.Fork(seed);
      });
      client.Send("BGREWRITEAOF");
      server.Settle();
      disk.set_watcher({});
      ASSERT_NE(killed_here, nullptr);
      client.Abandon();
      server.Kill();

      killed_here->Kill();
      std::vector<std::unique_ptr<SimFileSystem>> cuts;
      killed_here->set_watcher(
          [&](std::string_view, const std::string&) { cuts.push_back(killed_here->Fork(seed * 100 + cuts.size())); });
      TestServer recovering(*killed_here, clock);
      killed_here->set_watcher({});
      recovering.Kill();
      for (const auto& disk_then : cuts) {
        disk_then->Crash();
        TestServer recovered(*disk_then, clock);
        ASSERT_TRUE(recovered.report().ok()) << "seed " << seed << ": " << recovered.report().status().message();
        TestClient reader(recovered);
        EXPECT_EQ(reader.Send("LRANGE q 0 -1"), "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
      }
    }
  }
}

}  // namespace
}  // namespace baton
