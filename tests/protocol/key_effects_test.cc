// What the commands of strings, keys and databases leave behind besides their reply: in the log, in the counters, after
// a restart.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/text.h"
#include "commands/counters.h"
#include "doubles/test_server.h"

namespace baton {
namespace {

class KeyEffects : public ::testing::Test {
 protected:
  uint64_t appended() { return server.server().log().appended(); }
  const ServerCounters& counters() { return server.server().counters(); }

  // All commands in the log, one text each, without annotations.
  std::vector<std::string> Logged() {
    std::vector<std::string> commands;
    for (const std::string& path : disk.Paths()) {
      if (!path.ends_with(".incr.aof")) continue;
      std::string content = disk.Content(path).value_or("");
      std::string_view rest = content;
      auto line = [&] {
        size_t end = rest.find("\r\n");
        std::string_view text = rest.substr(0, end);
        rest.remove_prefix(std::min(rest.size(), end == std::string_view::npos ? end : end + 2));
        return text;
      };
      while (!rest.empty()) {
        std::string_view head = line();
        if (!head.starts_with('*')) continue;
        std::string command;
        for (int i = std::stoi(std::string(head.substr(1))); i > 0; --i) {
          size_t bytes = std::stoul(std::string(line().substr(1)));
          command.append(command.empty() ? "" : " ").append(rest.substr(0, bytes));
          rest.remove_prefix(bytes + 2);
        }
        commands.push_back(command == "multi" || command == "exec" ? ToUpper(command) : command);
      }
    }
    return commands;
  }
  // What one request adds to the log.
  std::vector<std::string> LoggedBy(std::string_view request) {
    size_t before = Logged().size();
    client.Send(request);
    std::vector<std::string> all = Logged();
    return {all.begin() + static_cast<std::ptrdiff_t>(before), all.end()};
  }

  SimFileSystem disk{1};
  ManualClock clock;  // 1,700,000,000,000 ms
  TestServer server{disk, clock};
  TestClient client{server};
};

using Commands = std::vector<std::string>;

TEST_F(KeyEffects, WhatIsLoggedIsTheEffectNotTheRequest) {
  client.Send("SET first v");  // the log begins with SELECT
  EXPECT_EQ(LoggedBy("SET k v EX 10"), Commands{"SET k v PXAT 1700000010000"});
  EXPECT_EQ(LoggedBy("SET k v EXAT 1700000020 XX GET"), Commands{"SET k v PXAT 1700000020000"});
  EXPECT_EQ(LoggedBy("SET k w KEEPTTL"), Commands{"SET k w KEEPTTL"});
  EXPECT_EQ(LoggedBy("SETEX k 10 v"), Commands{"SET k v PXAT 1700000010000"});
  EXPECT_EQ(LoggedBy("PSETEX k 10 v"), Commands{"SET k v PXAT 1700000000010"});
  EXPECT_EQ(LoggedBy("GETSET k 5"), Commands{"SET k 5"});
  EXPECT_EQ(LoggedBy("INCR k"), Commands{"SET k 6"});
  EXPECT_EQ(LoggedBy("EXPIRE k 10"), Commands{"PEXPIREAT k 1700000010000"});
  EXPECT_EQ(LoggedBy("DECRBY k 3"), Commands{"SET k 3 KEEPTTL"});
  EXPECT_EQ(LoggedBy("INCRBYFLOAT k 0.5"), Commands{"SET k 3.5 KEEPTTL"});
  EXPECT_EQ(LoggedBy("GETEX k PERSIST"), Commands{"PERSIST k"});
  EXPECT_EQ(LoggedBy("GETEX k EX 20"), Commands{"PEXPIREAT k 1700000020000"});
  EXPECT_EQ(LoggedBy("GETEX k PXAT 1"), Commands{"DEL k"});
  EXPECT_EQ(LoggedBy("SETNX k v"), Commands{"SET k v"});
  EXPECT_EQ(LoggedBy("APPEND k w"), Commands{"APPEND k w"});
  EXPECT_EQ(LoggedBy("SETRANGE k 5 x"), Commands{"SETRANGE k 5 x"});
  EXPECT_EQ(LoggedBy("GETDEL k"), Commands{"DEL k"});
  EXPECT_EQ(LoggedBy("SETNX k v"), Commands{"SET k v"});
  EXPECT_EQ(LoggedBy("EXPIRE k -1"), Commands{"DEL k"});
  EXPECT_EQ(LoggedBy("MSET a 1"), Commands{"SET a 1"});
  EXPECT_EQ(LoggedBy("UNLINK a a nokey"), Commands{"DEL a"});
  EXPECT_EQ(LoggedBy("RENAMENX first k"), Commands{"RENAME first k"});
  EXPECT_EQ(LoggedBy("COPY k l"), Commands{"COPY k l DB 0 REPLACE"});
  EXPECT_EQ(LoggedBy("MOVE k 3"), Commands{"MOVE k 3"});
  EXPECT_EQ(LoggedBy("FLUSHDB ASYNC"), Commands{"FLUSHDB"});
}

TEST_F(KeyEffects, SeveralChangesOfOneCommandStandOrFallTogether) {
  client.Send("SET first v");
  EXPECT_EQ(LoggedBy("MSET a 1 b 2 a 3"), (Commands{"MULTI", "SET a 1", "SET b 2", "SET a 3", "EXEC"}));
  EXPECT_EQ(LoggedBy("MSETNX c 1 d 2"), (Commands{"MULTI", "SET c 1", "SET d 2", "EXEC"}));
  EXPECT_EQ(LoggedBy("DEL a nokey b"), (Commands{"MULTI", "DEL a", "DEL b", "EXEC"}));
  client.Send("PEXPIRE c 10");
  clock.AdvanceMs(11);
  EXPECT_EQ(LoggedBy("SET c new NX"), (Commands{"MULTI", "DEL c", "SET c new", "EXEC"}));
}

TEST_F(KeyEffects, WhatChangesNothingIsNotLogged) {
  client.Send("SET k v");
  client.Send("SET n 5 EX 100");
  client.Send("RPUSH l a");
  uint64_t before = appended();
  for (const char* request : {"SET k w NX",
                              "SET nokey w XX",
                              "SET nokey w XX GET",
                              "SET l v GET",
                              "SET k v EX 0",
                              "SETNX k w",
                              "SETEX k 0 v",
                              "MSETNX new 1 k 1",
                              "MSET k",
                              "GET k",
                              "MGET k l nokey",
                              "GETDEL nokey",
                              "GETDEL l",
                              "GETSET l v",
                              "GETEX k",
                              "GETEX k PERSIST",
                              "GETEX nokey EX 10",
                              "APPEND l x",
                              "STRLEN k",
                              "SETRANGE k 0 \"\"",
                              "SETRANGE nokey 5 \"\"",
                              "SETRANGE k -1 x",
                              "GETRANGE k 0 -1",
                              "INCR k",
                              "INCRBY n 9223372036854775807",
                              "INCRBYFLOAT n inf",
                              "DEL nokey",
                              "UNLINK nokey",
                              "EXISTS k",
                              "TOUCH k",
                              "TYPE k",
                              "RENAME k k",
                              "RENAME nokey k",
                              "RENAMENX k n",
                              "RENAMENX k k",
                              "COPY k n",
                              "COPY nokey x",
                              "COPY k k",
                              "MOVE nokey 1",
                              "MOVE k 0",
                              "KEYS *",
                              "SCAN 0",
                              "RANDOMKEY",
                              "OBJECT ENCODING k",
                              "EXPIRE nokey 10",
                              "EXPIRE n 10 NX",
                              "EXPIRE k 10 XX",
                              "EXPIRE n 10 GT",
                              "EXPIRE n 1000 LT",
                              "EXPIRE k -1 GT",
                              "PERSIST k",
                              "PERSIST nokey",
                              "TTL k",
                              "DBSIZE",
                              "SWAPDB 0 0",
                              "SWAPDB 5 6",
                              "FLUSHDB foo",
                              "SELECT 9",
                              "FLUSHDB"}) {
    client.Send(request);
    EXPECT_EQ(appended(), before) << request;
  }
  client.Send("FLUSHALL");  // the other databases were not empty
  EXPECT_GT(appended(), before);
  before = appended();
  client.Send("FLUSHALL");
  EXPECT_EQ(appended(), before);
}

struct Lookups {
  std::string_view request;
  uint64_t hits, misses;
};

TEST_F(KeyEffects, HitsAndMissesAreCountedAsRedisDoes) {
  client.Send("MSET k v n 5");
  for (const Lookups& expected : std::vector<Lookups>{
           {"SET k v", 0, 0},
           {"SET k v GET", 1, 0},
           {"SET new v GET", 0, 1},
           {"SET k v NX", 0, 0},
           {"SET k v XX", 0, 0},
           {"SETNX k v", 0, 0},
           {"SET k v KEEPTTL", 0, 0},
           {"SETEX k 10 v", 0, 0},
           {"MSET k 1", 0, 0},
           {"MSETNX k 1", 0, 0},
           {"GET k", 1, 0},
           {"GET x", 0, 1},
           {"MGET k x", 1, 1},
           {"GETDEL x", 0, 1},
           {"GETSET k 1", 1, 0},
           {"GETSET m 1", 0, 1},
           {"GETEX k", 1, 0},
           {"GETEX x", 0, 1},
           {"GETEX k PERSIST", 1, 0},
           {"APPEND k 1", 0, 0},
           {"STRLEN k", 1, 0},
           {"SETRANGE k 0 1", 0, 0},
           {"GETRANGE k 0 1", 1, 0},
           {"INCR n", 0, 0},
           {"INCRBYFLOAT n 1", 0, 0},
           {"DEL x", 0, 0},
           {"EXISTS k x", 1, 1},
           {"TOUCH k x", 1, 1},
           {"TYPE k", 1, 0},
           {"TYPE x", 0, 1},
           {"RENAME k k", 0, 0},
           {"RENAME k k2", 0, 0},
           {"RENAMENX k2 k", 0, 0},
           {"COPY k c1", 1, 0},
           {"COPY x c2", 0, 1},
           {"COPY k c1", 1, 0},
           {"MOVE x 1", 0, 0},
           {"MOVE c1 1", 0, 0},
           {"KEYS *", 0, 0},
           {"SCAN 0", 0, 0},
           {"SCAN 0 TYPE list", 4, 0},
           {"SCAN 0 MATCH k TYPE string", 1, 0},
           {"MEMORY USAGE k", 0, 0},
           {"MEMORY USAGE x", 0, 0},
           {"RANDOMKEY", 0, 0},
           {"OBJECT ENCODING k", 1, 0},
           {"OBJECT ENCODING x", 0, 1},
           {"OBJECT FREQ k", 1, 0},
           {"EXPIRE k 10", 0, 0},
           {"EXPIRE x 10", 0, 0},
           {"TTL k", 1, 0},
           {"TTL x", 0, 1},
           {"PERSIST k", 0, 0},
           {"PERSIST x", 0, 0},
           {"DBSIZE", 0, 0},
           {"GETDEL k", 1, 0},
           {"UNLINK n", 0, 0},
       }) {
    uint64_t hits = counters().keyspace_hits, misses = counters().keyspace_misses;
    client.Send(expected.request);
    EXPECT_EQ(counters().keyspace_hits - hits, expected.hits) << expected.request;
    EXPECT_EQ(counters().keyspace_misses - misses, expected.misses) << expected.request;
  }
}

TEST_F(KeyEffects, ExpiredKeysAreCounted) {
  client.Send("SET a v PX 10");
  client.Send("SET b v PX 10");
  client.Send("SET c v PX 10");
  clock.AdvanceMs(11);
  client.SendBytes("GET a\r\nSCAN 0\r\n");
  EXPECT_EQ(counters().expired_keys, 3u);
  EXPECT_EQ(counters().keyspace_misses, 1u);
}

TEST_F(KeyEffects, AKeyWhoseTimeIsUpIsInspectedAsItStands) {
  client.Send("SET a v PX 10");
  clock.AdvanceMs(11);
  const std::string replies = client.SendBytes("MEMORY USAGE a\r\nSCAN 0 TYPE string\r\n");
  EXPECT_EQ(replies.front(), ':') << replies;
  EXPECT_EQ(counters().expired_keys, 1u);
  EXPECT_EQ(counters().keyspace_misses, 1u);
}

// Everything a client can see of a database's strings, times and encodings.
std::string Seen(TestClient& client) {
  std::string seen;
  for (int db = 0; db < 4; ++db) {
    client.Send("SELECT " + std::to_string(db));
    for (int i = 0; i < 8; ++i) {
      std::string key = "k" + std::to_string(i);
      for (const char* command : {"TYPE ", "GET ", "PEXPIRETIME ", "STRLEN "}) seen += client.Send(command + key);
    }
  }
  client.Send("SELECT 0");
  return seen;
}

TEST(KeyEffectsAfterRestart, EverythingIsThereAgain) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    auto key = [&] { return " k" + std::to_string(random.Below(8)); };
    auto db = [&] { return " " + std::to_string(random.Below(4)); };
    auto number = [&] { return " " + std::to_string(random.Below(1000)); };
    auto time = [&] { return " " + std::to_string(1 + random.Below(500)); };
    SimFileSystem disk(seed);
    ManualClock clock;
    std::string before;
    {
      TestServer server(disk, clock, std::vector<std::string>(), seed);
      auto client = std::make_unique<TestClient>(server);
      for (int step = 0; step < 300; ++step) {
        std::vector<std::string> requests = {
            "SET" + key() + number(),
            "SET" + key() + number() + " PX" + time(),
            "SET" + key() + number() + " KEEPTTL",
            "SETNX" + key() + number(),
            "MSET" + key() + number() + key() + number(),
            "MSETNX" + key() + number() + key() + number(),
            "GETSET" + key() + number(),
            "GETDEL" + key(),
            "GETEX" + key() + " PX" + time(),
            "GETEX" + key() + " PERSIST",
            "APPEND" + key() + number(),
            "SETRANGE" + key() + " " + std::to_string(random.Below(20)) + number(),
            "INCRBY" + key() + number(),
            "INCRBYFLOAT" + key() + " 1.25",
            "RPUSH" + key() + number(),
            "DEL" + key() + key(),
            "RENAME" + key() + key(),
            "RENAMENX" + key() + key(),
            "COPY" + key() + key() + " DB" + db() + (random.OneIn(2) ? " REPLACE" : ""),
            "MOVE" + key() + db(),
            "PEXPIRE" + key() + time(),
            "EXPIRE" + key() + " -1",
            "PERSIST" + key(),
            "SELECT" + db(),
            random.OneIn(4) ? "SWAPDB" + db() + db() : "PING",
            random.OneIn(10) ? "FLUSHDB" : "PING",
            random.OneIn(20) ? "FLUSHALL" : "PING",
        };
        client->Send(requests[random.Below(requests.size())]);
        if (random.OneIn(4)) server.Advance(static_cast<int64_t>(random.Below(100)));
      }
      before = Seen(*client);
      client.reset();
      server.Kill();
    }
    disk.Kill();
    TestServer server(disk, clock, std::vector<std::string>(), seed + 1000);
    ASSERT_TRUE(server.report().ok()) << server.report().status().message();
    TestClient client(server);
    EXPECT_EQ(Seen(client), before);
  }
}

}  // namespace
}  // namespace baton
