// What list commands leave behind besides their reply: in the log, in the counters, in what the reply waits for.

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "commands/counters.h"
#include "protocol/transcript.h"

namespace baton {
namespace {

class ListEffects : public ::testing::Test {
 protected:
  uint64_t appended() { return server.server().log().appended(); }
  const ServerCounters& counters() { return server.server().counters(); }

  TestServer server;
  TestClient client{server};
};

TEST_F(ListEffects, WhatChangesNothingIsNotLogged) {
  client.Send("RPUSH q a b c");
  client.Send("SET s x");
  uint64_t before = appended();
  for (const char* line : {"LPUSHX miss a",
                           "RPUSHX miss a",
                           "LPOP miss",
                           "RPOP q 0",
                           "LINSERT q BEFORE z x",
                           "LINSERT miss AFTER z x",
                           "LREM q 0 z",
                           "LREM miss 0 a",
                           "LTRIM q 0 -1",
                           "LTRIM q -9 9",
                           "LTRIM miss 1 0",
                           "LSET q 9 x",
                           "LSET miss 0 x",
                           "LMOVE miss q LEFT LEFT",
                           "RPOPLPUSH q s",
                           "LMPOP 2 miss s LEFT",
                           "BLPOP miss s 0",
                           "BLMOVE q s LEFT LEFT 0",
                           "LPUSH s a",
                           "LLEN q",
                           "LRANGE q 0 -1",
                           "LINDEX q 0",
                           "LPOS q a COUNT 0",
                           "WATCH q",
                           "MULTI",
                           "EXEC"}) {
    client.Send(line);
    EXPECT_EQ(appended(), before) << line;
  }
  client.Send("RPOPLPUSH q q");
  EXPECT_GT(appended(), before);
}

TEST_F(ListEffects, AWaitThatTimesOutIsNotLogged) {
  client.Send("RPUSH other a");
  uint64_t before = appended();
  EXPECT_EQ(client.Send("BLMOVE q other LEFT LEFT 0.05"), "");
  server.Advance(100);
  EXPECT_EQ(client.Receive(), "*-1\r\n");
  EXPECT_EQ(appended(), before);
}

TEST_F(ListEffects, OnlyReadsCountAsHitsAndMisses) {
  client.Send("RPUSH q a b c");
  for (const char* line : {"LLEN q", "LRANGE q 0 -1", "LINDEX q 0", "LPOS q a"}) client.Send(line);
  for (const char* line : {"LLEN miss", "LRANGE miss 0 -1"}) client.Send(line);
  for (const char* line : {"LPUSHX miss a", "LPOP miss", "LREM q 0 a", "LTRIM q 0 -1", "LINSERT q BEFORE b x",
                           "RPOPLPUSH q q", "LSET q 0 a", "LMPOP 2 miss q LEFT", "BLPOP miss q 0", "WATCH q"}) {
    client.Send(line);
  }
  EXPECT_EQ(counters().keyspace_hits, 4u);
  EXPECT_EQ(counters().keyspace_misses, 2u);
}

TEST_F(ListEffects, AKeyWhoseTimeIsUpIsDeletedByTheFirstLook) {
  client.Send("RPUSH q a");
  client.Send("PEXPIRE q 50");
  uint64_t before = appended();
  server.clock().AdvanceNs(60'000'000);
  EXPECT_EQ(client.Send("LLEN q"), ":0\r\n");
  EXPECT_EQ(counters().expired_keys, 1u);
  EXPECT_EQ(counters().keyspace_misses, 1u);
  EXPECT_GT(appended(), before);
}

TEST_F(ListEffects, AUseOfTheKeyStartsItsIdleTimeAgain) {
  client.Send("RPUSH q a b");
  server.Advance(5'000);
  EXPECT_EQ(client.Send("TYPE q"), "+list\r\n");
  EXPECT_EQ(client.Send("OBJECT IDLETIME q"), ":5\r\n");
  EXPECT_EQ(client.Send("LLEN q"), ":2\r\n");
  EXPECT_EQ(client.Send("OBJECT IDLETIME q"), ":0\r\n");
  server.Advance(5'000);
  EXPECT_EQ(client.Send("LPOP q"), "$1\r\na\r\n");
  EXPECT_EQ(client.Send("OBJECT IDLETIME q"), ":0\r\n");
}

// From here on syncs end only when the test says so.
class ListGate : public ListEffects {
 protected:
  void FinishSyncs() {
    while (server.sync_runner().RunJob()) {
      ASSERT_TRUE(server.sync_runner().DeliverDone());
      server.Settle();
    }
  }
  TestClient writer{server};
};

TEST_F(ListGate, AMissWaitsForTheRemovalItTellsOf) {
  client.Send("RPUSH q a");
  server.HoldSyncs();
  writer.Send("RPOP q");
  EXPECT_EQ(client.Send("LPOP q"), "");
  FinishSyncs();
  EXPECT_EQ(client.Receive(), "$-1\r\n");
}

TEST_F(ListGate, AnErrorWaitsForTheChangeItTellsOf) {
  server.HoldSyncs();
  writer.Send("SET s x");
  EXPECT_EQ(client.Send("LPUSH s a"), "");
  FinishSyncs();
  EXPECT_EQ(client.Receive(), std::string(kWrongType));
}

TEST_F(ListGate, AnExecNilWaitsForTheChangeItTellsOf) {
  client.Send("WATCH k");
  client.Send("MULTI");
  server.HoldSyncs();
  writer.Send("SET k x");
  EXPECT_EQ(client.Send("EXEC"), "");
  FinishSyncs();
  EXPECT_EQ(client.Receive(), "*-1\r\n");
}

TEST_F(ListGate, AServedClientWaitsForThePushItTellsOf) {
  EXPECT_EQ(client.Send("BLPOP q 0"), "");
  server.HoldSyncs();
  EXPECT_EQ(writer.Send("RPUSH q v"), "");
  EXPECT_EQ(client.Receive(), "");
  FinishSyncs();
  EXPECT_EQ(writer.Receive(), ":1\r\n");
  EXPECT_EQ(client.Receive(), std::string(Bulks({"q", "v"})));
}

// A list of many chunks, against the plainest model there is.
TEST_F(ListEffects, LongListsAreReadAndCutAnywhere) {
  constexpr uint32_t kSeed = 20'241;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937 random(kSeed);
  std::deque<std::string> model;
  auto value = [&] { return std::string(1 + random() % 200, static_cast<char>('a' + random() % 26)); };
  auto index = [&] { return static_cast<int64_t>(random() % model.size()); };
  while (model.size() < 5'000) {
    bool left = random() % 2 == 0;
    std::vector<std::string> words{left ? "LPUSH" : "RPUSH", "q"};
    for (int i = 0; i < 20; ++i) words.push_back(value());
    for (size_t i = 2; i < words.size(); ++i) left ? model.push_front(words[i]) : model.push_back(words[i]);
    ASSERT_EQ(client.Send(words), ":" + std::to_string(model.size()) + "\r\n");
  }
  for (int step = 0; step < 500; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    int64_t at = index();
    switch (random() % 5) {
      case 0:
        ASSERT_EQ(client.Send("LINDEX q " + std::to_string(at)), std::string(Bulk(model[at])));
        break;
      case 1: {
        int64_t end = std::min<int64_t>(at + 50, model.size() - 1);
        ASSERT_EQ(client.Send("LRANGE q " + std::to_string(at) + " " + std::to_string(end)),
                  std::string(Bulks({model.begin() + at, model.begin() + end + 1})));
        break;
      }
      case 2:
        model[at] = value();
        ASSERT_EQ(client.Send({"LSET", "q", std::to_string(at), model[at]}), "+OK\r\n");
        break;
      case 3: {
        std::string pivot = model[at], added = value();
        model.insert(std::find(model.begin(), model.end(), pivot), added);
        ASSERT_EQ(client.Send({"LINSERT", "q", "BEFORE", pivot, added}), ":" + std::to_string(model.size()) + "\r\n");
        break;
      }
      case 4: {
        std::string victim = model[at];
        auto last = std::find(model.rbegin(), model.rend(), victim);
        model.erase(std::prev(last.base()));
        ASSERT_EQ(client.Send({"LREM", "q", "-1", victim}), ":1\r\n");
        break;
      }
    }
  }
  ASSERT_EQ(client.Send("LTRIM q 100 -101"), "+OK\r\n");
  EXPECT_EQ(client.Send("LRANGE q 0 -1"), std::string(Bulks({model.begin() + 100, model.end() - 100})));
}

}  // namespace
}  // namespace baton
