// Looks at all keys: KEYS, SCAN, RANDOMKEY.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "protocol/transcript.h"

namespace baton {
namespace {

const Bytes kOk = "+OK\r\n";
const Bytes kNull = "$-1\r\n";
const Bytes kSyntaxError = "-ERR syntax error\r\n";
const Bytes kNotInteger = "-ERR value is not an integer or out of range\r\n";

TEST(ScanCommands, KeysOfAnEmptyDatabase) {
  Converse({
      {"a", "KEYS *", "*0\r\n"},
      {"r3", "KEYS *", "*0\r\n"},
      {"a", "SCAN 0", "*2\r\n$1\r\n0\r\n*0\r\n"},
      {"r3", "SCAN 0", "*2\r\n$1\r\n0\r\n*0\r\n"},
      {"a", "RANDOMKEY", kNull},
      {"r3", "RANDOMKEY", "_\r\n"},
      {"a", "KEYS", WrongArity("keys")},
      {"a", "KEYS a b", WrongArity("keys")},
      {"a", "RANDOMKEY a", WrongArity("randomkey")},
  });
}

TEST(ScanCommands, KeysMatchesGlobs) {
  Converse({
      {"a", "SET hello 1", kOk},
      {"a", "KEYS h?llo", Bulks({"hello"})},
      {"a", "KEYS h*o", Bulks({"hello"})},
      {"a", "KEYS h[ae]llo", Bulks({"hello"})},
      {"a", "KEYS h[^e]llo", "*0\r\n"},
      {"a", "KEYS h[a-f]llo", Bulks({"hello"})},
      {"a", "KEYS H*", "*0\r\n"},
      {"a", "KEYS hello", Bulks({"hello"})},
      {"a", "KEYS hell", "*0\r\n"},
      {"a", "KEYS \"h\\\\ello\"", Bulks({"hello"})},
      {"a", "KEYS \"\"", "*0\r\n"},
      {"a", "KEYS *lo*", Bulks({"hello"})},
      {"r3", "KEYS *", Bulks({"hello"})},
  });
}

TEST(ScanCommands, KeysSeesItsOwnDatabaseOnly) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "SELECT 1", kOk},
      {"a", "KEYS *", "*0\r\n"},
      {"a", "SCAN 0", "*2\r\n$1\r\n0\r\n*0\r\n"},
      {"a", "RANDOMKEY", kNull},
  });
}

TEST(ScanCommands, ScanRefusesBadArguments) {
  Converse({
      {"a", "SCAN", WrongArity("scan")},
      {"a", "SCAN abc", "-ERR invalid cursor\r\n"},
      {"a", "SCAN -", "-ERR invalid cursor\r\n"},
      {"a", "SCAN +", "-ERR invalid cursor\r\n"},
      {"a", "SCAN --5", "-ERR invalid cursor\r\n"},
      {"a", "SCAN \" 0\"", "-ERR invalid cursor\r\n"},
      {"a", "SCAN \"0 \"", "-ERR invalid cursor\r\n"},
      {"a", "SCAN \"\\t0\"", "-ERR invalid cursor\r\n"},
      {"a", "SCAN 1e2", "-ERR invalid cursor\r\n"},
      {"a", "SCAN 0x1", "-ERR invalid cursor\r\n"},
      {"a", "SCAN 99999999999999999999", "-ERR invalid cursor\r\n"},
      {"a", "SCAN 18446744073709551616", "-ERR invalid cursor\r\n"},
      {"a", "SCAN -99999999999999999999", "-ERR invalid cursor\r\n"},
      {"a", "SCAN abc foo bar", "-ERR invalid cursor\r\n"},
      {"a", "SCAN 0 COUNT", kSyntaxError},
      {"a", "SCAN 0 MATCH", kSyntaxError},
      {"a", "SCAN 0 TYPE", kSyntaxError},
      {"a", "SCAN 0 foo", kSyntaxError},
      {"a", "SCAN 0 foo bar", kSyntaxError},
      {"a", "SCAN 0 COUNT 0", kSyntaxError},
      {"a", "SCAN 0 COUNT -1", kSyntaxError},
      {"a", "SCAN 0 COUNT abc", kNotInteger},
      {"a", "SCAN 0 COUNT 99999999999999999999", kNotInteger},
      {"a", "SCAN 0 COUNT 1 COUNT abc", kNotInteger},
      {"a", "SCAN 0 COUNT 0 COUNT 1", kSyntaxError},
      {"a", "SCAN 0 COUNT 0 foo", kSyntaxError},
      {"a", "SCAN 0 foo COUNT 0", kSyntaxError},
      {"r3", "SCAN abc", "-ERR invalid cursor\r\n"},
  });
}

TEST(ScanCommands, ScanReadsCursorsLikeC) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "SCAN \"\"", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"},
      {"a", "SCAN 00", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"},
      {"a", "SCAN +0", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"},
      {"a", "SCAN \"0\\x00x\"", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"},
  });
}

TEST(ScanCommands, ScanFilters) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "SCAN 0 TYPE string", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"},
      {"a", "SCAN 0 TYPE STRING", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"},
      {"a", "SCAN 0 TYPE list", "*2\r\n$1\r\n0\r\n*0\r\n"},
      {"a", "SCAN 0 TYPE hash", "*2\r\n$1\r\n0\r\n*0\r\n"},
      {"a", "SCAN 0 TYPE nosuch", "*2\r\n$1\r\n0\r\n*0\r\n"},
      {"a", "SCAN 0 MATCH a", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"},
      {"a", "SCAN 0 match b", "*2\r\n$1\r\n0\r\n*0\r\n"},
      {"a", "SCAN 0 MATCH b MATCH a", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"},
      {"a", "SCAN 0 TYPE list TYPE string", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"},
      {"a", "SCAN 0 MATCH * COUNT 10 TYPE string", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"},
      {"a", "SCAN 0 COUNT 9223372036854775807", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"},
      {"a", "DEL a", ":1\r\n"},
      {"a", "RPUSH l x", ":1\r\n"},
      {"a", "SCAN 0 TYPE list", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nl\r\n"},
      {"a", "SCAN 0 TYPE string", "*2\r\n$1\r\n0\r\n*0\r\n"},
      {"r3", "SCAN 0", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nl\r\n"},
  });
}

TEST(ScanCommands, RandomKeyReturnsAKey) {
  Converse({
      {"a", "SET a 1", kOk},
      {"a", "RANDOMKEY", Bulk("a")},
      {"r3", "RANDOMKEY", Bulk("a")},
  });
}

// --- what redis-server answers in another order, or at random

std::string KeyName(uint64_t i) { return "key:" + std::to_string(i); }

// The bulk strings of a reply, in order.
std::vector<std::string> BulksOf(std::string_view reply) {
  std::vector<std::string> bulks;
  for (size_t at = reply.find('$'); at != std::string_view::npos; at = reply.find('$', at)) {
    size_t line_end = reply.find("\r\n", at);
    size_t bytes = std::stoul(std::string(reply.substr(at + 1, line_end - at - 1)));
    bulks.emplace_back(reply.substr(line_end + 2, bytes));
    at = line_end + 2 + bytes;
  }
  return bulks;
}

struct ScanStep {
  std::string cursor;
  std::vector<std::string> keys;
};

ScanStep ScanOnce(TestClient& client, const std::string& cursor, const std::string& rest = "") {
  std::vector<std::string> bulks = BulksOf(client.Send("SCAN " + cursor + rest));
  ScanStep step;
  if (bulks.empty()) {
    ADD_FAILURE() << "SCAN " << cursor << " gave no cursor";
    step.cursor = "0";
    return step;
  }
  step.cursor = bulks[0];
  step.keys.assign(bulks.begin() + 1, bulks.end());
  return step;
}

TEST(ScanCommands, KeysReturnsEveryMatch) {
  TestServer server;
  TestClient client(server);
  std::set<std::string> expected;
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(client.Send("SET " + KeyName(i) + " v"), "+OK\r\n");
    ASSERT_EQ(client.Send("SET other:" + std::to_string(i) + " v"), "+OK\r\n");
    expected.insert(KeyName(i));
  }
  std::vector<std::string> keys = BulksOf(client.Send("KEYS key:*"));
  EXPECT_EQ(keys.size(), expected.size());
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()), expected);
  EXPECT_EQ(BulksOf(client.Send("KEYS *")).size(), 1000u);
}

TEST(ScanCommands, ScanReturnsWhatStaysExactlyOnceWhateverElseComesAndGoes) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    TestServer server({}, seed);
    TestClient client(server);
    std::map<std::string, int> times_seen;  // of the keys that stay
    uint64_t staying = 1 + random.Below(300);
    for (uint64_t i = 0; i < staying; ++i) {
      ASSERT_EQ(client.Send("SET " + KeyName(i) + " v"), "+OK\r\n");
      times_seen[KeyName(i)] = 0;
    }
    std::string cursor = "0";
    do {
      uint64_t count = 1 + random.Below(20);
      ScanStep step = ScanOnce(client, cursor, " COUNT " + std::to_string(count));
      cursor = step.cursor;
      EXPECT_LT(std::stoull(cursor), uint64_t{1} << 48);
      EXPECT_LE(step.keys.size(), count);
      EXPECT_TRUE(cursor == "0" || step.keys.size() == count) << step.keys.size() << " of " << count;
      for (const std::string& key : step.keys) {
        if (times_seen.contains(key)) ++times_seen[key];
      }
      for (int i = 0; i < 5; ++i) {
        std::string passing = "passing:" + std::to_string(random.Below(100));
        client.Send((random.OneIn(2) ? "SET " + passing + " v" : "DEL " + passing));
      }
    } while (cursor != "0");
    for (const auto& [key, times] : times_seen) EXPECT_EQ(times, 1) << key;
  }
}

TEST(ScanCommands, ScanEndsFromAnyCursor) {
  TestServer server;
  TestClient client(server);
  for (int i = 0; i < 50; ++i) ASSERT_EQ(client.Send("SET " + KeyName(i) + " v"), "+OK\r\n");
  Random random(7);
  for (int i = 0; i < 100; ++i) {
    std::string cursor = std::to_string(random.Next());
    int steps = 0;
    do {
      cursor = ScanOnce(client, cursor).cursor;
    } while (cursor != "0" && ++steps < 100);
    EXPECT_EQ(cursor, "0");
  }
}

TEST(ScanCommands, CountSaysHowManyAreLookedAtNotHowManyMatch) {
  TestServer server;
  TestClient client(server);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client.Send("SET " + KeyName(i) + " v"), "+OK\r\n");
  ASSERT_EQ(client.Send("RPUSH list v"), ":1\r\n");
  int calls = 0;
  std::vector<std::string> found;
  std::string cursor = "0";
  do {
    ScanStep step = ScanOnce(client, cursor, " COUNT 25 TYPE list");
    found.insert(found.end(), step.keys.begin(), step.keys.end());
    cursor = step.cursor;
    ++calls;
  } while (cursor != "0");
  EXPECT_EQ(calls, 5);
  EXPECT_EQ(found, std::vector<std::string>{"list"});
}

TEST(ScanCommands, ExpiredKeysAreNotReturned) {
  Converse({
      {"a", "SET k v PX 100", "+OK\r\n"},
      {kJump, "101", ""},
      {"a", "KEYS *", "*0\r\n"},
      {"a", "SET k v PX 100", "+OK\r\n"},
      {kJump, "101", ""},
      {"a", "SCAN 0", "*2\r\n$1\r\n0\r\n*0\r\n"},
      {"a", "SET k v PX 100", "+OK\r\n"},
      {kJump, "101", ""},
      {"a", "RANDOMKEY", "$-1\r\n"},
  });
}

// In one pipeline no timer runs in between.
TEST(ScanCommands, KeysLeavesExpiredKeysAndScanDeletesThem) {
  TestServer server;
  TestClient client(server);
  ASSERT_EQ(client.Send("SET k v PX 100"), "+OK\r\n");
  server.clock().AdvanceMs(101);
  EXPECT_EQ(client.SendBytes("KEYS *\r\nDBSIZE\r\nSCAN 0 MATCH x*\r\nDBSIZE\r\nSCAN 0 TYPE list\r\nDBSIZE\r\n"),
            "*0\r\n:1\r\n*2\r\n$1\r\n0\r\n*0\r\n:1\r\n*2\r\n$1\r\n0\r\n*0\r\n:0\r\n");
}

TEST(ScanCommands, RandomKeyPassesExpiredKeysOver) {
  TestServer server;
  TestClient client(server);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client.Send("SET " + KeyName(i) + " v PX 100"), "+OK\r\n");
  ASSERT_EQ(client.Send("SET stays v"), "+OK\r\n");
  server.clock().AdvanceMs(101);
  EXPECT_EQ(client.Send("RANDOMKEY"), Bulk("stays"));
}

TEST(ScanCommands, RandomKeyReturnsEachKeyAtSomeTime) {
  TestServer server;
  TestClient client(server);
  std::set<std::string> all, seen;
  for (int i = 0; i < 8; ++i) {
    ASSERT_EQ(client.Send("SET " + KeyName(i) + " v"), "+OK\r\n");
    all.insert(Bulk(KeyName(i)));
  }
  for (int i = 0; i < 1000 && seen != all; ++i) seen.insert(client.Send("RANDOMKEY"));
  EXPECT_EQ(seen, all);
}

TEST(ScanCommands, LooksAtAllKeysWaitForTheNewestChangeOfAny) {
  for (std::string_view command : {"KEYS *", "SCAN 0", "RANDOMKEY", "DBSIZE"}) {
    SCOPED_TRACE(command);
    TestServer server;
    TestClient writer(server), reader(server);
    ASSERT_EQ(writer.Send("SET k v"), "+OK\r\n");
    server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
    EXPECT_EQ(writer.Send("SET k w"), "");
    EXPECT_EQ(reader.Send(command), "");
    ASSERT_TRUE(server.sync_runner().RunJob());
    ASSERT_TRUE(server.sync_runner().DeliverDone());
    server.Settle();
    EXPECT_NE(reader.Receive(), "");
  }
}

}  // namespace
}  // namespace baton
