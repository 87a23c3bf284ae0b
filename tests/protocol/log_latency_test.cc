// LATENCY and INFO persistence tell what the log's disk does.

#include <gtest/gtest.h>

#include "doubles/test_server.h"

namespace baton {
namespace {

std::string InfoLine(const std::string& info, const std::string& name) {
  const size_t at = info.find("\r\n" + name + ":");
  if (at == std::string::npos) return "(no " + name + ")";
  const size_t start = at + name.size() + 3;
  return info.substr(start, info.find("\r\n", start) - start);
}

TEST(LogLatency, ASlowSyncAndASlowWriteAreEvents) {
  SimFileSystem disk(1);
  ManualClock clock;
  TestServer server(disk, clock);
  TestClient client(server);
  client.Send("CONFIG SET latency-monitor-threshold 100");
  client.Send("RPUSH q a");
  EXPECT_EQ(client.Send("LATENCY LATEST"), "*0\r\n") << "nothing was slow";
  disk.set_watcher([&](std::string_view kind, const std::string&) {
    if (kind == "append") clock.AdvanceMs(120);
    if (kind == "sync") clock.AdvanceMs(250);
  });
  EXPECT_EQ(client.Send("RPUSH q b"), ":2\r\n");
  disk.set_watcher(nullptr);
  EXPECT_EQ(client.Send("LATENCY HISTORY aof-fsync-always"), "*1\r\n*2\r\n:1700000000\r\n:250\r\n");
  EXPECT_EQ(client.Send("LATENCY HISTORY aof-write"), "*1\r\n*2\r\n:1700000000\r\n:120\r\n");
  const std::string info = client.Send("INFO persistence");
  EXPECT_EQ(InfoLine(info, "log_sync_us_last"), "250000");
  EXPECT_EQ(InfoLine(info, "log_sync_us_max"), "250000");
}

TEST(LogLatency, PositionsGroupsAndSyncsAreCounted) {
  TestServer server;
  TestClient client(server);
  for (int i = 0; i < 3; ++i) client.Send("RPUSH q " + std::string(50, 'x'));
  const std::string info = client.Send("INFO persistence");
  EXPECT_EQ(InfoLine(info, "log_position_appended"), "3");
  EXPECT_EQ(InfoLine(info, "log_position_written"), "3");
  EXPECT_EQ(InfoLine(info, "log_position_synced"), "3");
  EXPECT_EQ(InfoLine(info, "log_groups"), "3");
  EXPECT_EQ(InfoLine(info, "log_failed_syncs"), "0");
  EXPECT_EQ(InfoLine(info, "log_failed_writes"), "0");
  EXPECT_EQ(InfoLine(info, "aof_delayed_fsync"), "0");
  EXPECT_GT(std::stoi(InfoLine(info, "log_group_bytes_average")), 100);
  EXPECT_GT(std::stoi(InfoLine(info, "log_live_bytes")), 150);
  EXPECT_GT(std::stoll(InfoLine(info, "log_disk_free_bytes")), 1 << 30);
}

TEST(LogLatency, ARewriteTellsHowFarItHasCome) {
  TestServer server;
  TestClient client(server);
  for (int i = 0; i < 5; ++i) client.Send("SET key" + std::to_string(i) + " value");
  EXPECT_EQ(InfoLine(client.Send("INFO persistence"), "current_save_keys_total"), "0");
  server.job_runner().set_mode(ManualJobRunner::Mode::kManual);
  client.Send("BGREWRITEAOF");
  server.job_runner().RunOne();
  client.Send("PING");  // the turn that takes the snapshot
  server.job_runner().RunJob();
  std::string info = client.Send("INFO persistence");
  EXPECT_EQ(InfoLine(info, "aof_rewrite_in_progress"), "1");
  EXPECT_EQ(InfoLine(info, "current_save_keys_processed"), "5");
  EXPECT_EQ(InfoLine(info, "current_save_keys_total"), "5");
  EXPECT_GT(std::stoi(InfoLine(info, "log_rewrite_bytes")), 100);
  server.job_runner().RunAll();
  server.Settle();
  info = client.Send("INFO persistence");
  EXPECT_EQ(InfoLine(info, "aof_rewrite_in_progress"), "0");
  EXPECT_EQ(InfoLine(info, "aof_last_bgrewrite_status"), "ok");
}

TEST(LogLatency, ANearlyFullDiskRefusesPushesAndLetsConsumersAndAStopThrough) {
  SimFileSystem disk(1);
  ManualClock clock;
  TestServer server(disk, clock);
  TestClient client(server);
  client.Send("RPUSH q a b c");
  disk.set_free_bytes(1000);
  server.Advance(2000);
  const std::string refused = client.Send("RPUSH q d");
  EXPECT_TRUE(refused.starts_with("-MISCONF The disk of the append-only log is nearly full: ")) << refused;
  EXPECT_EQ(client.Send("RPOPLPUSH q done"), "$1\r\nc\r\n");
  EXPECT_EQ(client.Send("LREM done 1 c"), ":1\r\n");
  EXPECT_EQ(InfoLine(client.Send("INFO persistence"), "log_growth_refused"), "1");
  disk.set_free_bytes(uint64_t{1} << 40);
  server.Advance(2000);
  EXPECT_EQ(client.Send("RPUSH q d"), ":3\r\n");
  disk.set_free_bytes(1000);
  server.Advance(2000);
  client.Send("SHUTDOWN");
  EXPECT_TRUE(server.server().stopping());
  EXPECT_TRUE(server.Stop().ok());
}

}  // namespace
}  // namespace baton
