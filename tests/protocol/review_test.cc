// What a fresh pair of eyes found: idle time, half-closed connections, limits inside EXEC, bounded memory.

#include <gtest/gtest.h>

#include "protocol/transcript.h"

namespace baton {
namespace {

Session& SessionOf(TestServer& server, const TestClient& client) {
  return static_cast<Session&>(*server.server().FindClient(client.id()));
}

// --- memory

TEST(BlockedClient, IsNotReadFromWithoutEnd) {
  TestServer server;
  TestClient client(server);
  client.Send("BLPOP q 0");
  const std::string piece(16 * 1024, '\n');  // empty inline requests
  for (int i = 0; i < 256 && client.reading(); ++i) client.SendBytes(piece);
  EXPECT_FALSE(client.reading());
  TestClient(server).Send("RPUSH q v");
  EXPECT_TRUE(client.reading());
  EXPECT_EQ(client.Receive(), Bulks({"q", "v"}));
}

TEST(QuietClient, KeepsNoSpareMemory) {
  TestServer server;
  TestClient client(server);
  for (int i = 0; i < 100; ++i) client.Send("ECHO " + std::string(4000, 'x'));
  EXPECT_GT(SessionOf(server, client).output().allocated_bytes(), 0u);
  server.Advance(5000);
  EXPECT_EQ(SessionOf(server, client).output().allocated_bytes(), 0u);
  EXPECT_EQ(client.Send("PING"), "+PONG\r\n");
}

TEST(OutputLimit, SoftLimitHoldsForAClientThatHasGoneQuiet) {
  TestServer server({"--client-output-buffer-limit", "normal 0 100 2"});
  TestClient client(server);
  client.set_accepts(false);
  client.Send("ECHO " + std::string(1000, 'x'));
  EXPECT_FALSE(client.closed());
  server.Advance(6000);
  EXPECT_TRUE(client.closed());
}

// --- idle time

TEST(IdleTimeout, BeginsWhenABlockedClientWasServed) {
  TestServer server({"--timeout", "10"});
  TestClient worker(server);
  worker.Send("BLPOP q 0");
  server.Advance(60'000);
  TestClient producer(server);
  producer.Send("RPUSH q v");
  EXPECT_EQ(worker.Receive(), Bulks({"q", "v"}));
  server.Advance(8'000);
  EXPECT_FALSE(worker.closed());
  server.Advance(4'000);
  EXPECT_TRUE(worker.closed());
}

// --- printf 'LPUSH q v\r\n' | nc host port

TEST(EndOfInput, WhatWasAskedIsStillAnswered) {
  TestServer server;
  TestClient client(server);
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  ASSERT_EQ(client.Send("LPUSH q v"), "");
  ASSERT_TRUE(server.server().EndOfInput(SessionOf(server, client)));
  server.Settle();
  EXPECT_FALSE(client.closed());
  EXPECT_FALSE(client.reading());
  ASSERT_TRUE(server.sync_runner().RunJob());
  ASSERT_TRUE(server.sync_runner().DeliverDone());
  server.Settle();
  EXPECT_EQ(client.Receive(), ":1\r\n");
  EXPECT_TRUE(client.closed());
}

TEST(EndOfInput, EndsAClientThatWaitsForNothingOrForAKey) {
  TestServer server;
  TestClient quiet(server), blocked(server);
  EXPECT_EQ(blocked.Send("BLPOP q 0"), "");
  EXPECT_FALSE(server.server().EndOfInput(SessionOf(server, quiet)));
  EXPECT_FALSE(server.server().EndOfInput(SessionOf(server, blocked)));
}

// --- transactions

TEST(Exec, IsRefusedWhenMemoryRanOutSinceItsPushesWereQueued) {
  Converse({
      {"b", "RPUSH q v", ":1\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "SET k v", "+QUEUED\r\n"},
      {"b", "CONFIG SET maxmemory 1", "+OK\r\n"},
      {"a", "EXEC",
       "-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.\r\n"},
      {"a", "EXEC", "-ERR EXEC without MULTI\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "RPOP k", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n$-1\r\n"},
  });
}

TEST(ClientPause, OfWritesLetsATransactionThatOnlyReadsPass) {
  Converse({
      {"a", "CLIENT PAUSE 100 WRITE", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "GET k", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n$-1\r\n"},
  });
}

TEST(ClientPause, OfAllHoldsUnpauseBackToo) {
  Converse({
      {"a", "CLIENT PAUSE 100", "+OK\r\n"},
      {"a", "CLIENT UNPAUSE", ""},
      {kSleep, "150", ""},
      {"a", kNothing, "+OK\r\n"},
  });
}

// --- small things

TEST(ClientReply, SkipOutlivesABlockingCommand) {
  Converse({
      {"a", "CLIENT REPLY SKIP", ""},
      {"a", "BLPOP q 0.1", ""},
      {kSleep, "200", ""},
      {"a", "PING", "+PONG\r\n"},
  });
}

TEST(Requirepass, NobodyIsShutOutOnceItIsGone) {
  TestServer server({"--requirepass", "secret"});
  TestClient stranger(server), admin(server);
  EXPECT_EQ(admin.Send("AUTH secret"), "+OK\r\n");
  EXPECT_EQ(stranger.Send("GET k"), "-NOAUTH Authentication required.\r\n");
  EXPECT_EQ(admin.Send({"CONFIG", "SET", "requirepass", ""}), "+OK\r\n");
  EXPECT_EQ(stranger.Send("GET k"), "$-1\r\n");
}

TEST(DebugReload, ThatFailsServesNobodyAnyMore) {
  ManualClock clock;
  SimFileSystem disk(1);
  TestServer server(disk, clock, {"--enable-debug-command", "yes"});
  TestClient client(server);
  ASSERT_EQ(client.Send("LPUSH q v"), ":1\r\n");
  disk.FailKind("lock", SimFileSystem::Fault::kIo);
  EXPECT_TRUE(client.Send("DEBUG RELOAD").starts_with("-ERR "));
  EXPECT_TRUE(server.server().stopping());
  TestClient other(server);
  EXPECT_EQ(other.Send("LPUSH q w"), "-LOADING Redis is loading the dataset in memory\r\n");
}

}  // namespace
}  // namespace baton
