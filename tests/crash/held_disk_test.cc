// A disk that hangs in the middle of a sync: who is answered all the same, who waits and for what, what it costs.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "doubles/test_server.h"

namespace baton {
namespace {

class HeldDisk : public testing::Test {
 protected:
  explicit HeldDisk(std::vector<std::string> options = {}) : server(std::move(options)) {}

  // From here on a sync hangs until FinishOneSync.
  void Hold() { server.sync_runner().set_mode(ManualJobRunner::Mode::kManual); }
  void FinishOneSync() {
    ASSERT_TRUE(server.sync_runner().RunJob());
    ASSERT_TRUE(server.sync_runner().DeliverDone());
    server.Settle();
  }
  void Release() {
    server.sync_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
    server.sync_runner().RunAll();
    server.Settle();
  }

  TestServer server;
};

TEST_F(HeldDisk, WhoeverAsksForNothingNewIsAnsweredAsIfNothingWere) {
  TestClient writer(server), reader(server);
  ASSERT_EQ(writer.Send("RPUSH old 1 2 3"), ":3\r\n");
  ASSERT_EQ(writer.Send("SET text abc"), "+OK\r\n");
  Hold();
  ASSERT_EQ(writer.Send("LPUSH q a"), "");
  for (int second = 0; second < 50; ++second) {
    server.Advance(1000);
    ASSERT_EQ(reader.Send("PING"), "+PONG\r\n");
    ASSERT_EQ(reader.Send("LRANGE old 0 -1"), "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n");
    ASSERT_EQ(reader.Send("GET text"), "$3\r\nabc\r\n");
    ASSERT_EQ(reader.Send("LPUSH text a"), "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
    ASSERT_EQ(reader.Send("LPOP missing"), "$-1\r\n");
    ASSERT_NE(reader.Send("INFO persistence").find("aof_enabled:1"), std::string::npos);
    ASSERT_EQ(writer.Receive(), "");
  }
  FinishOneSync();
  EXPECT_EQ(writer.Receive(), ":1\r\n");
}

// Sync after sync, each of many writers and readers is answered with the sync that covers what it saw, not one sooner
// or later.
TEST_F(HeldDisk, WritersAndReadersOfChangedKeysWaitExactlyForTheSyncThatCoversThem) {
  constexpr int kRounds = 8;
  Hold();
  std::deque<TestClient> writers, readers;
  for (int round = 0; round < kRounds; ++round) {
    const std::string key = "q" + std::to_string(round);
    ASSERT_EQ(writers.emplace_back(server).Send("LPUSH " + key + " a"), "");
    ASSERT_EQ(readers.emplace_back(server).Send("LLEN " + key), "");
    // The first sync began when the first one wrote. What was written during a sync goes with the next.
    const int covered = round - 1;
    if (round > 0) FinishOneSync();
    for (int i = 0; i <= round; ++i) {
      const std::string expected = i == covered || (round == 1 && i == 0) ? ":1\r\n" : "";
      ASSERT_EQ(writers[static_cast<size_t>(i)].Receive(), expected) << "round " << round << ", writer " << i;
      ASSERT_EQ(readers[static_cast<size_t>(i)].Receive(), expected) << "round " << round << ", reader " << i;
    }
  }
  FinishOneSync();
  EXPECT_EQ(writers.back().Receive(), ":1\r\n");
  EXPECT_EQ(readers.back().Receive(), ":1\r\n");
  EXPECT_TRUE(server.sync_runner().idle());
}

TEST_F(HeldDisk, AnExecThatOnlyReadWaitsForTheNewestOfWhatItShows) {
  TestClient writer(server), reader(server);
  ASSERT_EQ(writer.Send("RPUSH old 1"), ":1\r\n");
  Hold();
  ASSERT_EQ(writer.Send("LPUSH q a"), "");  // the sync that is under way
  ASSERT_EQ(writer.Send("LPUSH r b"), "");  // the one after it
  auto exec = [&](std::initializer_list<const char*> commands) {
    EXPECT_EQ(reader.Send("MULTI"), "+OK\r\n");
    for (const char* command : commands) EXPECT_EQ(reader.Send(command), "+QUEUED\r\n");
    return reader.Send("EXEC");
  };
  EXPECT_EQ(exec({"LLEN old", "PING", "LLEN missing"}), "*3\r\n:1\r\n+PONG\r\n:0\r\n");
  EXPECT_EQ(exec({"LLEN old", "LLEN r", "LLEN q"}), "");
  FinishOneSync();
  EXPECT_EQ(reader.Receive(), "") << "r is not safe yet";
  FinishOneSync();
  EXPECT_EQ(reader.Receive(), "*3\r\n:1\r\n:1\r\n:1\r\n");
}

TEST_F(HeldDisk, AnExecWhoseWritesChangedNothingWaitsForWhatTheyFound) {
  TestClient writer(server), reader(server);
  ASSERT_EQ(writer.Send("RPUSH old 1"), ":1\r\n");
  Hold();
  ASSERT_EQ(writer.Send("LPUSH q a"), "");
  auto exec = [&](std::initializer_list<const char*> commands) {
    EXPECT_EQ(reader.Send("MULTI"), "+OK\r\n");
    for (const char* command : commands) EXPECT_EQ(reader.Send(command), "+QUEUED\r\n");
    return reader.Send("EXEC");
  };
  EXPECT_EQ(exec({"LREM old 0 absent", "SET old x NX"}), "*2\r\n:0\r\n$-1\r\n");
  EXPECT_EQ(exec({"LREM q 0 absent"}), "");
  FinishOneSync();
  EXPECT_EQ(reader.Receive(), "*1\r\n:0\r\n");
}

TEST_F(HeldDisk, AReplyHeldLongerThanTheSyncTimeoutIsNeverGiven) {
  TestClient writer(server), late(server), idle(server);
  Hold();
  ASSERT_EQ(writer.Send("LPUSH q a"), "");
  server.Advance(40'000);
  ASSERT_EQ(late.Send("LPUSH q b"), "");
  server.Advance(21'000);
  EXPECT_TRUE(writer.closed());
  EXPECT_EQ(writer.Receive(), "") << "an error would lie, and so would an OK";
  EXPECT_FALSE(late.closed()) << "it has waited for 21 s only";
  EXPECT_FALSE(idle.closed());
  Release();
  EXPECT_EQ(late.Receive(), ":2\r\n") << "what the closed one wrote was done all the same";
  const auto& lines = server.log_lines();
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find("sync-timeout") != std::string::npos && line.find("unknown") != std::string::npos;
  }));
}

// --- back-pressure

constexpr int64_t kMiB = 1 << 20;

class StalledDisk : public HeldDisk {
 protected:
  StalledDisk() : HeldDisk({"--unwritten-bytes-max", "1mb", "--sync-timeout", "3600"}) {}

  // Pushes through one pipeline until the server takes no more. Returns how many bytes it took.
  int64_t PushUntilItStopsReading(TestClient& client, const std::string& key, int64_t bytes_max) {
    const std::string value(1000, 'x');
    int64_t taken = 0;
    while (client.reading() && taken < bytes_max) {
      std::string pipeline;
      for (int i = 0; i < 20; ++i) pipeline += TestClient::Encode({"RPUSH", key, std::to_string(pushed++) + value});
      client.Feed(pipeline);
      server.Settle();
      taken += static_cast<int64_t>(pipeline.size());
    }
    return taken;
  }
  int pushed = 0;
};

TEST_F(StalledDisk, StopsReadingFromWritersAndFromNobodyElse) {
  TestClient writer(server), other(server), reader(server);
  ASSERT_EQ(reader.Send("RPUSH old 1"), ":1\r\n");
  Hold();
  const int64_t taken = PushUntilItStopsReading(writer, "q", 100 * kMiB);
  EXPECT_FALSE(writer.reading());
  EXPECT_GT(taken, kMiB);
  EXPECT_LT(taken, 4 * kMiB);
  // Another writer gets no further than its first request.
  EXPECT_EQ(other.Send("LPUSH q2 a"), "");
  EXPECT_FALSE(other.reading());
  EXPECT_EQ(reader.Send("LLEN old"), ":1\r\n");
  EXPECT_TRUE(reader.reading());
}

TEST_F(StalledDisk, CostsABoundedAmountOfMemoryHoweverMuchIsSent) {
  std::deque<TestClient> writers;
  for (int i = 0; i < 100; ++i) writers.emplace_back(server);
  Hold();
  const size_t before = server.server().keyspace().allocated_bytes();
  for (int second = 0; second < 20; ++second) {
    for (TestClient& writer : writers) PushUntilItStopsReading(writer, "q", kMiB);
    server.Advance(1000);
  }
  EXPECT_LT(server.server().keyspace().allocated_bytes() - before, size_t{8} * kMiB);
  int64_t buffered = 0;
  server.server().ForEachClient(
      [&](ClientState& client) { buffered += static_cast<int64_t>(client.query_buffer_bytes); });
  // Each has sent one pipeline of 20 KiB that nobody has run.
  EXPECT_LT(buffered, 100 * 32 * 1024);
}

TEST_F(StalledDisk, GoesOnWithEveryPipelineInItsOrderWhenTheDiskComesBack) {
  std::deque<TestClient> writers;
  for (int i = 0; i < 5; ++i) writers.emplace_back(server);
  Hold();
  std::vector<int> sent(writers.size());
  for (size_t i = 0; i < writers.size(); ++i) {
    const int before = pushed;
    PushUntilItStopsReading(writers[i], "q" + std::to_string(i), 100 * kMiB);
    sent[i] = pushed - before;
    EXPECT_FALSE(writers[i].reading());
  }
  Release();
  server.Advance(1000);
  int first = 0;
  TestClient reader(server);
  for (size_t i = 0; i < writers.size(); ++i) {
    EXPECT_TRUE(writers[i].reading()) << i;
    std::string replies;
    for (int n = 1; n <= sent[i]; ++n) replies += ":" + std::to_string(n) + "\r\n";
    EXPECT_EQ(writers[i].Receive(), replies) << i;
    const std::string key = "q" + std::to_string(i);
    for (int n : {0, 1, sent[i] / 2, sent[i] - 1}) {
      const std::string element = reader.Send("LINDEX " + key + " " + std::to_string(n));
      EXPECT_NE(element.find("\r\n" + std::to_string(first + n) + "x"), std::string::npos) << key << " " << n;
    }
    first += sent[i];
  }
}

TEST_F(StalledDisk, AStalledClientThatGoesAwayTakesNothingWithIt) {
  TestClient writer(server), other(server);
  Hold();
  PushUntilItStopsReading(writer, "q", 100 * kMiB);
  ASSERT_EQ(other.Send("LPUSH q2 a"), "");
  writer.Disconnect();
  Release();
  EXPECT_EQ(other.Receive(), ":1\r\n");
  EXPECT_EQ(other.Send("LPUSH q2 b"), ":2\r\n");
}

}  // namespace
}  // namespace baton
