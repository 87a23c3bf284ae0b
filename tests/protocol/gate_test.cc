// What a client has seen is as safe as what it was told: when replies may leave, with the sync in the test's hand.

#include <gtest/gtest.h>

#include "doubles/test_server.h"

namespace baton {
namespace {

class Gate : public ::testing::Test {
 protected:
  TestServer server;
  TestClient writer{server}, reader{server};
};

TEST_F(Gate, AWriterWaitsForTheSyncThatCoversIt) {
  server.HoldSyncs();
  EXPECT_EQ(writer.Send("LPUSH q a"), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(writer.Receive(), ":1\r\n");
}

TEST_F(Gate, AWriteThatComesDuringASyncWaitsForTheNextOne) {
  server.HoldSyncs();
  EXPECT_EQ(writer.Send("LPUSH q a"), "");
  EXPECT_EQ(reader.Send("LPUSH other b"), "");
  ASSERT_TRUE(server.FinishOneSync());  // began before the second write
  EXPECT_EQ(writer.Receive(), ":1\r\n");
  EXPECT_EQ(reader.Receive(), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(reader.Receive(), ":1\r\n");
}

TEST_F(Gate, WhatArrivesDuringASyncSharesTheNextOne) {
  server.HoldSyncs();
  EXPECT_EQ(writer.Send("LPUSH q a"), "");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(reader.Send("LPUSH other b"), "");
  ASSERT_TRUE(server.FinishOneSync());
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_TRUE(server.sync_runner().idle());
  EXPECT_EQ(reader.Receive(), ":1\r\n:2\r\n:3\r\n:4\r\n:5\r\n:6\r\n:7\r\n:8\r\n:9\r\n:10\r\n");
}

TEST_F(Gate, ATurnThatChangesMuchIsWrittenInPiecesAndSyncedAtItsEnd) {
  server.HoldSyncs();
  Log& log = server.server().log();
  const uint64_t written = log.written();
  const std::string push = "*3\r\n$5\r\nLPUSH\r\n$1\r\nq\r\n$1024\r\n" + std::string(1024, 'x') + "\r\n";
  int pushes = 0;
  for (; pushes < 2000 && log.written() < written + 2; ++pushes) writer.Feed(push);
  EXPECT_EQ(log.written(), written + 2);
  EXPECT_NEAR(pushes, 1000, 60);  // half a MiB each, of 1,060 bytes a record
  EXPECT_TRUE(server.sync_runner().idle());
  server.Settle();
  EXPECT_EQ(writer.Receive(), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(log.synced(), log.written());
  EXPECT_TRUE(writer.Receive().ends_with("\r\n:" + std::to_string(pushes) + "\r\n"));
}

TEST_F(Gate, ALongReplyIsSentBeforeTheTurnEnds) {
  ASSERT_EQ(writer.Send({"RPUSH", "q", std::string(40'000, 'x')}), ":1\r\n");
  const std::string reply = "*1\r\n$40000\r\n" + std::string(40'000, 'x') + "\r\n";
  reader.Feed(TestClient::Encode({"PING"}));
  EXPECT_EQ(reader.Receive(), "");
  reader.Feed(TestClient::Encode({"LRANGE", "q", "0", "-1"}));
  EXPECT_EQ(reader.Receive(), "+PONG\r\n" + reply);
  server.Settle();
  EXPECT_EQ(reader.Receive(), "");
}

TEST_F(Gate, ALongReplyIsNotSentBeforeTheSyncOfWhatItTells) {
  server.HoldSyncs();
  writer.Feed(TestClient::Encode({"RPUSH", "q", std::string(40'000, 'x')}));
  reader.Feed(TestClient::Encode({"LRANGE", "q", "0", "-1"}));
  server.Settle();
  EXPECT_EQ(reader.Receive(), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(reader.Receive(), "*1\r\n$40000\r\n" + std::string(40'000, 'x') + "\r\n");
}

TEST_F(Gate, PingInfoAndReadsOfUnchangedKeysAreAnsweredDuringASync) {
  ASSERT_EQ(reader.Send("RPUSH old 1 2 3"), ":3\r\n");
  server.HoldSyncs();
  ASSERT_EQ(writer.Send("LPUSH q a"), "");
  EXPECT_EQ(reader.Send("PING"), "+PONG\r\n");
  EXPECT_NE(reader.Send("INFO server").find("redis_version"), std::string::npos);
  EXPECT_EQ(reader.Send("LLEN old"), ":3\r\n");
  EXPECT_EQ(reader.Send("LRANGE old 0 -1"), "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n");
  EXPECT_EQ(reader.Send("GET missing"), "$-1\r\n");  // nothing was removed: as true as before
  EXPECT_EQ(reader.Send("NOSUCH"), "-ERR unknown command 'NOSUCH', with args beginning with: \r\n");
}

TEST_F(Gate, AReadWaitsForTheChangeThatItSaw) {
  server.HoldSyncs();
  ASSERT_EQ(writer.Send("LPUSH q a"), "");
  EXPECT_EQ(reader.Send("LLEN q"), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(reader.Receive(), ":1\r\n");
}

TEST_F(Gate, AMissWaitsForTheNewestRemoval) {
  ASSERT_EQ(writer.Send("LPUSH q a"), ":1\r\n");
  server.HoldSyncs();
  ASSERT_EQ(writer.Send("RPOP q"), "");
  EXPECT_EQ(reader.Send("LLEN q"), "");  // "it is gone" must not be told before it is safe
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(reader.Receive(), ":0\r\n");
}

TEST_F(Gate, AWrongTypeErrorWaitsForTheChangeThatItSaw) {
  server.HoldSyncs();
  ASSERT_EQ(writer.Send("SET q text"), "");
  EXPECT_EQ(reader.Send("LPUSH q a"), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(reader.Receive(), "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
}

TEST_F(Gate, AWriteThatChangesNothingWaitsForWhatItSaw) {
  server.HoldSyncs();
  ASSERT_EQ(writer.Send("LPUSH q a"), "");
  EXPECT_EQ(reader.Send("LREM q 0 absent"), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(reader.Receive(), ":0\r\n");
}

TEST_F(Gate, CommandsThatLookAtEverythingWaitForTheNewestChange) {
  for (const char* command : {"DBSIZE", "KEYS *", "SCAN 0", "RANDOMKEY"}) {
    server.HoldSyncs();
    ASSERT_EQ(writer.Send("LPUSH q a"), "");
    EXPECT_EQ(reader.Send(command), "") << command;
    server.sync_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
    server.sync_runner().RunAll();
    server.Settle();
    EXPECT_NE(reader.Receive(), "") << command;
    writer.Receive();
  }
}

TEST_F(Gate, AnExecThatFailsItsWatchWaitsForTheChangeThatBrokeIt) {
  ASSERT_EQ(reader.Send("WATCH q"), "+OK\r\n");
  server.HoldSyncs();
  ASSERT_EQ(writer.Send("LPUSH q a"), "");
  ASSERT_EQ(reader.Send("MULTI"), "+OK\r\n");
  ASSERT_EQ(reader.Send("LLEN q"), "+QUEUED\r\n");
  EXPECT_EQ(reader.Send("EXEC"), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(reader.Receive(), "*-1\r\n");
}

TEST_F(Gate, RepliesOfOneConnectionKeepTheirOrder) {
  server.HoldSyncs();
  EXPECT_EQ(writer.Send("LPUSH q a"), "");
  EXPECT_EQ(writer.Send("PING"), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(writer.Receive(), ":1\r\n+PONG\r\n");
}

TEST_F(Gate, AServedWaiterWaitsForTheSyncOfWhatItGot) {
  ASSERT_EQ(reader.Send("BLPOP q 0"), "");
  server.HoldSyncs();
  ASSERT_EQ(writer.Send("LPUSH q a"), "");
  EXPECT_EQ(reader.Receive(), "");
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(reader.Receive(), "*2\r\n$1\r\nq\r\n$1\r\na\r\n");
}

TEST_F(Gate, AReplyHeldLongerThanTheSyncTimeoutClosesItsConnection) {
  server.HoldSyncs();
  ASSERT_EQ(writer.Send("LPUSH q a"), "");
  server.Advance(61'000);
  EXPECT_TRUE(writer.closed());
  EXPECT_EQ(writer.Receive(), "");
  EXPECT_EQ(reader.Send("PING"), "+PONG\r\n");
}

TEST_F(Gate, QuitSendsWhatIsHeldBeforeItCloses) {
  server.HoldSyncs();
  ASSERT_EQ(writer.Send("LPUSH q a"), "");
  ASSERT_EQ(writer.Send("QUIT"), "");
  EXPECT_FALSE(writer.closed());
  ASSERT_TRUE(server.FinishOneSync());
  EXPECT_EQ(writer.Receive(), ":1\r\n+OK\r\n");
  EXPECT_TRUE(writer.closed());
}

TEST(GateEverySecond, AWriteIsAnsweredOnceItIsWritten) {
  TestServer server({"--appendfsync", "everysec"});
  TestClient client(server);
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  EXPECT_EQ(client.Send("LPUSH q a"), ":1\r\n");
}

TEST(GateEverySecond, RepliesWaitOnceTwoSecondsOfThemAreUnsynced) {
  TestServer server({"--appendfsync", "everysec"});
  TestClient client(server);
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);  // the disk stalls
  EXPECT_EQ(client.Send("LPUSH q a"), ":1\r\n");
  server.Advance(2'500);
  EXPECT_EQ(client.Send("LPUSH q b"), "");
  server.sync_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
  server.sync_runner().RunAll();
  server.Advance(10);
  EXPECT_EQ(client.Receive(), ":2\r\n");
}

TEST(GateNoLog, NothingWaits) {
  TestServer server({"--appendonly", "no"});
  TestClient client(server);
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  EXPECT_EQ(client.Send("LPUSH q a"), ":1\r\n");
}

}  // namespace
}  // namespace baton
