// DEBUG ...
#include "protocol/shape.h"
#include "protocol/transcript.h"

namespace baton {
namespace {

const Bytes kNotAllowed =
    "-ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a "
    "local "
    "connection, otherwise you need to set this option in the configuration file, and then restart the server.\r\n";

Bytes UnknownForm(std::string_view word) {
  return "-ERR unknown subcommand or wrong number of arguments for '" + std::string(word) + "'. Try DEBUG HELP.\r\n";
}

TEST(Debug, IsOffUnlessConfigured) {
  Converse({
      {"a", "DEBUG SLEEP 0", kNotAllowed},
      {"a", "DEBUG FOO", kNotAllowed},
      {"a", "DEBUG HELP", kNotAllowed},
      {"a", "DEBUG", WrongArity("debug")},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "DEBUG SLEEP 0", kNotAllowed},
      {"a", "EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n"},
      {"a", "CONFIG SET enable-debug-command yes",
       "-ERR CONFIG SET failed (possibly related to argument 'enable-debug-command') - can't set immutable config\r\n"},
  });
}

TEST(Debug, IsRefusedBeforeThePasswordIsAskedFor) {
  TestServer server({"--requirepass", "secret"});
  TestClient a(server);
  EXPECT_EQ(a.Send("DEBUG SLEEP 0"), kNotAllowed);
  EXPECT_EQ(a.Send("DEBUG"), WrongArity("debug"));
}

TEST(Debug, MayBeForThisMachineOnly) {
  TestServer server({"--enable-debug-command", "local"});
  TestClient a(server);  // at 127.0.0.1
  EXPECT_EQ(a.Send("DEBUG SLEEP 0"), "+OK\r\n");
}

TEST(Debug, ChecksItsArguments) {
  TestServer server({"--enable-debug-command", "yes"});
  TestClient a(server);
  EXPECT_EQ(a.Send("DEBUG FOO"), UnknownForm("FOO"));
  EXPECT_EQ(a.Send("debug foo bar"), UnknownForm("foo"));
  EXPECT_EQ(a.Send("DEBUG JMAP"), UnknownForm("JMAP"));
  EXPECT_EQ(a.Send("DEBUG SLEEP"), UnknownForm("SLEEP"));
  EXPECT_EQ(a.Send("DEBUG SLEEP 0 1"), UnknownForm("SLEEP"));
  EXPECT_EQ(a.Send("DEBUG OBJECT"), UnknownForm("OBJECT"));
  EXPECT_EQ(a.Send("DEBUG OBJECT k fast"), UnknownForm("OBJECT"));
  EXPECT_EQ(a.Send("DEBUG OBJECT missing"), "-ERR no such key\r\n");
  EXPECT_EQ(a.Send("DEBUG SET-ACTIVE-EXPIRE"), UnknownForm("SET-ACTIVE-EXPIRE"));
  EXPECT_EQ(a.Send("DEBUG HELP x"), UnknownForm("HELP"));
  EXPECT_EQ(a.Send("DEBUG RELOAD FOO"), "-ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.\r\n");
  EXPECT_TRUE(a.Send("DEBUG HELP").ends_with("+HELP\r\n+    Prints this help.\r\n"));
}

TEST(Debug, SleepStopsTheServer) {
  TestServer server({"--enable-debug-command", "yes"});
  TestClient a(server);
  int64_t before_ns = server.clock().MonotonicNs();
  EXPECT_EQ(a.Send("DEBUG SLEEP 1.5"), "+OK\r\n");
  EXPECT_EQ(server.clock().MonotonicNs() - before_ns, 1'500'000'000);
  EXPECT_EQ(a.Send("DEBUG SLEEP x"), "+OK\r\n");
  EXPECT_EQ(a.Send("DEBUG SLEEP -1"), "+OK\r\n");
  EXPECT_EQ(server.clock().MonotonicNs() - before_ns, 1'500'000'000);
}

TEST(Debug, SetActiveExpireLeavesExpiredKeysUntilTheyAreTouched) {
  TestServer server({"--enable-debug-command", "yes"});
  TestClient a(server);
  EXPECT_EQ(a.Send("DEBUG SET-ACTIVE-EXPIRE 0"), "+OK\r\n");
  a.Send("SET k v PX 10");
  server.Advance(1000);
  EXPECT_EQ(a.Send("DBSIZE"), ":1\r\n");
  EXPECT_EQ(a.Send("GET k"), "$-1\r\n");
  EXPECT_EQ(a.Send("DBSIZE"), ":0\r\n");
  a.Send("SET k v PX 10");
  EXPECT_EQ(a.Send("DEBUG SET-ACTIVE-EXPIRE 1"), "+OK\r\n");
  server.Advance(1000);
  EXPECT_EQ(a.Send("DBSIZE"), ":0\r\n");
}

TEST(Debug, ObjectDescribesAValue) {
  TestServer server({"--enable-debug-command", "yes"});
  TestClient a(server);
  a.Send("RPUSH q ab cde");
  a.Send("SET n 12345");
  a.Send("TOUCH q n");
  server.Advance(7000);
  EXPECT_TRUE(HasShape(a.Send("DEBUG OBJECT q"),
                       "+Value at:0x* refcount:1 encoding:quicklist serializedlength:5 lru:# lru_seconds_idle:7\r\n"));
  EXPECT_TRUE(HasShape(a.Send("DEBUG OBJECT n"),
                       "+Value at:0x* refcount:1 encoding:int serializedlength:5 lru:# lru_seconds_idle:7\r\n"));
}

TEST(Debug, ReloadAndLoadAofBringEverythingBack) {
  TestServer server({"--enable-debug-command", "yes"});
  TestClient a(server);
  a.Send("RPUSH q a b c");
  a.Send("SET k v PX 100000");
  a.Send("SELECT 3");
  a.Send("RPUSH q other");
  EXPECT_EQ(a.Send("DEBUG LOADAOF"), "+OK\r\n");
  EXPECT_EQ(a.Send("LRANGE q 0 -1"), Bulks({"other"}));
  EXPECT_EQ(a.Send("GET missing"), "$-1\r\n") << "at once";
  EXPECT_EQ(a.Send("DEBUG RELOAD"), "+OK\r\n");
  EXPECT_EQ(a.Send("DEBUG RELOAD NOSAVE"), "+OK\r\n");
  a.Send("RPUSH q more");
  EXPECT_EQ(a.Send("DEBUG RELOAD"), "+OK\r\n");
  EXPECT_EQ(a.Send("LRANGE q 0 -1"), Bulks({"other", "more"}));
  a.Send("SELECT 0");
  EXPECT_EQ(a.Send("LRANGE q 0 -1"), Bulks({"a", "b", "c"}));
  EXPECT_EQ(a.Send("PTTL k"), ":100000\r\n");
}

}  // namespace
}  // namespace baton
