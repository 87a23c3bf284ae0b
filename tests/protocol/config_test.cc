// CONFIG GET SET REWRITE RESETSTAT HELP. What single values turn into is tested in tests/unit/config.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "commands/counters.h"
#include "protocol/transcript.h"

namespace baton {
namespace {

Bytes SetFailed(std::string_view name, std::string_view why) {
  return "-ERR CONFIG SET failed (possibly related to argument '" + std::string(name) + "') - " + std::string(why) +
         "\r\n";
}

const Bytes kImmutable = "can't set immutable config";
const Bytes kProtected = "can't set protected config";

TEST(ConfigGet, AnswersByNameAndByPattern) {
  Converse({
      {"a", "CONFIG GET maxmemory", Bulks({"maxmemory", "0"})},
      {"a", "CONFIG GET *-max-len", Bulks({"acllog-max-len", "128", "slowlog-max-len", "128"})},
      {"a", "CONFIG GET nope", "*0\r\n"},
      {"a", "CONFIG GET max\\\\memory", "*0\r\n"},
      {"a", "config get bind", Bulks({"bind", "127.0.0.1 -::1"})},
      {"a", "CONFIG GET client-output-buffer-limit",
       Bulks({"client-output-buffer-limit", "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"})},
      {"a", "CONFIG GET save", Bulks({"save", ""})},
      {"a", "CONFIG GET requirepass", Bulks({"requirepass", ""})},
  });
}

TEST(ConfigGet, SpellsANameAsTheQuestionDidAndFindsNothingTwice) {
  Converse({
      {"a", "CONFIG GET MAXMEMORY", Bulks({"MAXMEMORY", "0"})},
      {"a", "CONFIG GET maxmemory MAXMEMORY max*mory port", Bulks({"maxmemory", "0", "port", "6379"})},
      {"a", "CONFIG GET *-listpack-size LIST-MAX-ZIPLIST-SIZE",
       Bulks({"list-max-listpack-size", "-2", "LIST-MAX-ZIPLIST-SIZE", "-2"})},
  });
}

TEST(ConfigGet, IsAMapInResp3) {
  Converse({
      {"r3", "CONFIG GET maxmemory", "%1\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n"},
      {"r3", "CONFIG GET nope", "%0\r\n"},
  });
}

TEST(ConfigSet, ChangesWhatGetShows) {
  Converse({
      {"a", "CONFIG SET maxmemory 1GB", "+OK\r\n"},
      {"a", "CONFIG GET maxmemory", Bulks({"maxmemory", "1073741824"})},
      {"a", "CONFIG SET MAXMEMORY 0 hz 20", "+OK\r\n"},
      {"a", "CONFIG GET maxmemory hz", Bulks({"maxmemory", "0", "hz", "20"})},
      {"a", "CONFIG SET list-max-ziplist-size 1 list-max-listpack-size 2", "+OK\r\n"},
      {"a", "CONFIG GET list-max-*", Bulks({"list-max-listpack-size", "2", "list-max-ziplist-size", "2"})},
      {"a", "CONFIG SET save \"900 1\"", "+OK\r\n"},
      {"a", "CONFIG GET save", Bulks({"save", ""})},
  });
}

TEST(ConfigSet, PutsOptionsIntoForce) {
  Converse({
      {"a", "CONFIG SET slowlog-max-len 0 slowlog-log-slower-than 0", "+OK\r\n"},
      {"a", "SLOWLOG LEN", ":0\r\n"},
      {"a", "CONFIG SET slowlog-max-len 10", "+OK\r\n"},
      {"a", "SLOWLOG RESET", "+OK\r\n"},
      {"a", "SLOWLOG LEN", ":1\r\n"},
      {"a", "CONFIG SET requirepass secret", "+OK\r\n"},
      {"b", "PING", "-NOAUTH Authentication required.\r\n"},
      {"b", "AUTH secret", "+OK\r\n"},
      {"a", "PING", "+PONG\r\n"},
      {"a", "CONFIG SET requirepass \"\"", "+OK\r\n"},
      {"c", "PING", "+PONG\r\n"},
  });
}

TEST(ConfigSet, AnswersErrorsInRedissWords) {
  Converse({
      {"a", "CONFIG SET maxmemory bogus", SetFailed("maxmemory", "argument must be a memory value")},
      {"a", "CONFIG SET MaxMemory bogus", SetFailed("maxmemory", "argument must be a memory value")},
      {"a", "CONFIG SET maxclients 0", SetFailed("maxclients", "argument must be between 1 and 4294967295 inclusive")},
      {"a", "CONFIG SET appendfsync often",
       SetFailed("appendfsync", "argument(s) must be one of the following: everysec, always, no")},
      {"a", "CONFIG SET a b", "-ERR Unknown option or number of arguments for CONFIG SET - 'a'\r\n"},
      {"a", "CONFIG SET \"\" 1", "-ERR Unknown option or number of arguments for CONFIG SET - ''\r\n"},
      {"a", "CONFIG SET include x", "-ERR Unknown option or number of arguments for CONFIG SET - 'include'\r\n"},
      {"a", "CONFIG SET ACLFile 1", SetFailed("ACLFile", kImmutable)},
      {"a", "CONFIG SET databases 1", SetFailed("databases", kImmutable)},
      {"a", "CONFIG SET dir /tmp", SetFailed("dir", kProtected)},
      {"a", "CONFIG SET dbfilename x", SetFailed("dbfilename", kProtected)},
      {"a", "CONFIG SET maxmemory 1mb maxmemory 2mb", SetFailed("maxmemory", "duplicate parameter")},
      {"a", "CONFIG SET MAXMEMORY 1mb maxmemory 2mb", SetFailed("maxmemory", "duplicate parameter")},
      {"a", "CONFIG SET aclfile 2 nope 1", SetFailed("aclfile", kImmutable)},
      {"a", "CONFIG SET nope 2 aclfile 1", "-ERR Unknown option or number of arguments for CONFIG SET - 'nope'\r\n"},
      {"a", "CONFIG SET maxmemory bogus nope 1",
       "-ERR Unknown option or number of arguments for CONFIG SET - 'nope'\r\n"},
      {"a", "CONFIG SET maxmemory 1 hz", "-ERR syntax error\r\n"},
      {"a", "CONFIG GET maxmemory", Bulks({"maxmemory", "0"})},
  });
}

TEST(ConfigSet, NeverTurnsQueuesIntoACache) {
  Converse({
      {"a", "CONFIG SET maxmemory-policy allkeys-lru",
       SetFailed("maxmemory-policy", "queues are never evicted: only noeviction is allowed")},
      {"a", "CONFIG SET maxmemory-policy noeviction", "+OK\r\n"},
  });
}

TEST(ConfigSet, ChangesAllOrNothing) {
  Converse({
      {"a", "CONFIG SET timeout 20 maxmemory bogus maxclients 5",
       SetFailed("maxmemory", "argument must be a memory value")},
      {"a", "CONFIG GET timeout maxmemory maxclients",
       Bulks({"timeout", "0", "maxmemory", "0", "maxclients", "10000"})},
      {"a", "CONFIG SET timeout 20 databases 1", SetFailed("databases", kImmutable)},
      {"a", "CONFIG GET timeout", Bulks({"timeout", "0"})},
  });
}

TEST(ConfigSet, ChangesProtectedOptionsForThoseWhoMay) {
  for (const char* who : {"yes", "local"}) {
    TestServer server({"--enable-protected-configs", who});
    TestClient client(server);
    EXPECT_EQ(client.Send("CONFIG SET dbfilename x.rdb"), "+OK\r\n") << who;
    EXPECT_EQ(client.Send("CONFIG SET dbfilename a/b"),
              SetFailed("dbfilename", "dbfilename can't be a path, just a filename"));
    EXPECT_EQ(client.Send("CONFIG SET dir /tmp"), SetFailed("dir", kImmutable)) << "the log lives there";
  }
}

TEST(ConfigResetStat, ZeroesWhatWasCounted) {
  TestServer server;
  TestClient a(server);
  a.Send("SET k v");
  a.Send("GET k");
  a.Send("GET nope");
  EXPECT_GT(server.server().counters().commands_processed, 0u);
  EXPECT_EQ(a.Send("CONFIG RESETSTAT"), "+OK\r\n");
  const ServerCounters& counters = server.server().counters();
  EXPECT_EQ(counters.keyspace_hits, 0u);
  EXPECT_EQ(counters.keyspace_misses, 0u);
  EXPECT_TRUE(counters.errors_by_code.empty());
  EXPECT_LE(counters.commands_processed, 1u);
  EXPECT_EQ(a.Send("INFO commandstats").find("cmdstat_get"), std::string::npos);
}

TEST(ConfigRewrite, WritesTheFileThatWasLoaded) {
  char path[] = "/tmp/baton-config-test-XXXXXX";
  int fd = mkstemp(path);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(write(fd, "# mine\nhz 12\n", 13), 13);
  close(fd);
  {
    TestServer server({path});
    TestClient client(server);
    EXPECT_EQ(client.Send("CONFIG SET hz 13"), "+OK\r\n");
    EXPECT_EQ(client.Send("CONFIG REWRITE"), "+OK\r\n");
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    EXPECT_TRUE(text.str().starts_with("# mine\nhz 13\n")) << text.str();
    std::ofstream(path) << "prot 1\n";
    EXPECT_TRUE(client.Send("CONFIG REWRITE").starts_with("-ERR Rewriting config file: "));
  }
  std::remove(path);
}

TEST(ConfigRewrite, NeedsAFile) {
  Converse({{"a", "CONFIG REWRITE", "-ERR The server is running without a config file\r\n"}});
}

TEST(Config, CountsItsArguments) {
  Converse({
      {"a", "CONFIG", WrongArity("config")},
      {"a", "CONFIG GET", WrongArity("config|get")},
      {"a", "CONFIG SET", WrongArity("config|set")},
      {"a", "CONFIG SET x", WrongArity("config|set")},
      {"a", "CONFIG REWRITE x", WrongArity("config|rewrite")},
      {"a", "CONFIG RESETSTAT x", WrongArity("config|resetstat")},
      {"a", "CONFIG HELP x", WrongArity("config|help")},
      {"a", "CONFIG nope x", "-ERR unknown subcommand 'nope'. Try CONFIG HELP.\r\n"},
  });
}

TEST(Config, HelpsInRedissWords) {
  Converse({
      {"a", "CONFIG HELP",
       "*11\r\n"
       "+CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n"
       "+GET <pattern>\r\n"
       "+    Return parameters matching the glob-like <pattern> and their values.\r\n"
       "+SET <directive> <value>\r\n"
       "+    Set the configuration <directive> to <value>.\r\n"
       "+RESETSTAT\r\n"
       "+    Reset statistics reported by the INFO command.\r\n"
       "+REWRITE\r\n"
       "+    Rewrite the configuration file.\r\n"
       "+HELP\r\n"
       "+    Prints this help.\r\n"},
  });
}

}  // namespace
}  // namespace baton
