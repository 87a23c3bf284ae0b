// TIME ROLE WAIT WAITAOF BGREWRITEAOF SHUTDOWN LOLWUT.
#include "protocol/transcript.h"

namespace baton {
namespace {

const Bytes kSyntaxError = "-ERR syntax error\r\n";
const Bytes kNotInteger = "-ERR value is not an integer or out of range\r\n";
const Bytes kTimeoutNotInteger = "-ERR timeout is not an integer or out of range\r\n";

TEST(Time, IsTheWallClock) {
  TestServer server;
  TestClient a(server);
  server.clock().SetUnixMs(1'700'000'123'045);
  EXPECT_EQ(a.Send("TIME"), Bulks({"1700000123", "45000"}));
  EXPECT_EQ(a.Send("TIME x"), WrongArity("time"));
}

TEST(Role, IsMasterWithoutReplicas) {
  Converse({
      {"a", "ROLE", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"},
      {"r3", "ROLE", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"},
      {"a", "ROLE x", WrongArity("role")},
  });
}

TEST(Wait, ForNoReplicasEndsAtOnceForSomeWithTheTimeout) {
  Converse({
      {"a", "WAIT 0 0", ":0\r\n"},
      {"a", "WAIT -1 0", ":0\r\n"},
      {"a", "WAIT 1 100", ""},
      {kSleep, "90", ""},
      {"a", kNothing, ""},
      {kSleep, "20", ""},
      {"a", kNothing, ":0\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "WAIT 1 0", "+QUEUED\r\n"},
      {"a", "EXEC", "*1\r\n:0\r\n"},
  });
}

TEST(Wait, CanBeUnblocked) {
  Converse({
      {"a", "WAIT 1 0", ""},
      {"b", "CLIENT UNBLOCK 1", ":1\r\n"},
      {"a", kNothing, ":0\r\n"},
      {"a", "WAIT 1 0", ""},
      {"b", "CLIENT UNBLOCK 1 ERROR", ":1\r\n"},
      {"a", kNothing, "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n"},
      {"a", "PING", "+PONG\r\n"},
  });
}

TEST(Wait, ChecksItsArguments) {
  Converse({
      {"a", "WAIT 0", WrongArity("wait")},
      {"a", "WAIT x x", kNotInteger},
      {"a", "WAIT 0 x", kTimeoutNotInteger},
      {"a", "WAIT 0 -1", "-ERR timeout is negative\r\n"},
  });
}

TEST(WaitAof, OfAConnectionThatWroteNothingEndsAtOnce) {
  Converse({
      {"a", "WAITAOF 0 0 0", "*2\r\n:1\r\n:0\r\n"},
      {"a", "WAITAOF 1 0 0", "*2\r\n:1\r\n:0\r\n"},
  });
}

TEST(WaitAof, WaitsForTheSyncThatCoversTheLastWrite) {
  TestServer server({"--appendfsync", "no"});
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  TestClient a(server), b(server);
  EXPECT_EQ(a.Send("RPUSH q v"), ":1\r\n");
  EXPECT_EQ(a.Send("WAITAOF 0 0 0"), "*2\r\n:0\r\n:0\r\n");
  EXPECT_EQ(b.Send("WAITAOF 1 0 0"), "*2\r\n:1\r\n:0\r\n") << "b wrote nothing";
  EXPECT_EQ(a.Send("WAITAOF 1 0 0"), "");
  server.Advance(500);
  EXPECT_EQ(a.Receive(), "");
  server.sync_runner().RunAll();
  server.Settle();
  EXPECT_EQ(a.Receive(), "*2\r\n:1\r\n:0\r\n");
}

TEST(WaitAof, SaysWhatWasReachedWhenTimeIsUp) {
  TestServer server({"--appendfsync", "no"});
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  TestClient a(server);
  EXPECT_EQ(a.Send("RPUSH q v"), ":1\r\n");
  EXPECT_EQ(a.Send("WAITAOF 1 0 100"), "");
  server.Advance(110);
  EXPECT_EQ(a.Receive(), "*2\r\n:0\r\n:0\r\n");
}

TEST(WaitAof, ForReplicasWaitsForTheWholeTimeout) {
  Converse({
      {"a", "RPUSH q v", ":1\r\n"},
      {"a", "WAITAOF 1 1 100", ""},
      {kSleep, "90", ""},
      {"a", kNothing, ""},
      {kSleep, "20", ""},
      {"a", kNothing, "*2\r\n:1\r\n:0\r\n"},
  });
}

TEST(WaitAof, SurvivesAReload) {
  TestServer server({"--enable-debug-command", "yes"});
  TestClient a(server), b(server);
  EXPECT_EQ(a.Send("RPUSH q v"), ":1\r\n");
  EXPECT_EQ(a.Send("WAITAOF 1 1 100"), "");
  EXPECT_EQ(b.Send("DEBUG RELOAD"), "+OK\r\n");
  server.Advance(110);
  EXPECT_EQ(a.Receive(), "*2\r\n:1\r\n:0\r\n");
}

TEST(WaitAof, InsideMultiSaysHowThingsAre) {
  TestServer server({"--appendfsync", "no"});
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  TestClient a(server);
  a.Send("RPUSH q v");
  a.Send("MULTI");
  EXPECT_EQ(a.Send("WAITAOF 1 0 0"), "+QUEUED\r\n");
  EXPECT_EQ(a.Send("EXEC"), "*1\r\n*2\r\n:0\r\n:0\r\n");
}

TEST(WaitAof, WithoutALogThereIsNothingToWaitFor) {
  TestServer server({"--appendonly", "no"});
  TestClient a(server);
  EXPECT_EQ(a.Send("RPUSH q v"), ":1\r\n");
  EXPECT_EQ(a.Send("WAITAOF 0 0 0"), "*2\r\n:0\r\n:0\r\n");
  EXPECT_EQ(a.Send("WAITAOF 1 0 0"),
            "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n");
}

TEST(WaitAof, ChecksItsArguments) {
  Converse({
      {"a", "WAITAOF 1 0", WrongArity("waitaof")},
      {"a", "WAITAOF x 0 0", kNotInteger},
      {"a", "WAITAOF 2 0 0", "-ERR value is out of range, value must between 0 and 1\r\n"},
      {"a", "WAITAOF -1 0 0", "-ERR value is out of range, value must between 0 and 1\r\n"},
      {"a", "WAITAOF 0 x 0", kNotInteger},
      {"a", "WAITAOF 0 -1 0", "-ERR value is out of range, must be positive\r\n"},
      {"a", "WAITAOF 0 0 x", kTimeoutNotInteger},
      {"a", "WAITAOF 0 0 -1", "-ERR timeout is negative\r\n"},
  });
}

TEST(BgRewriteAof, StartsOneAtATime) {
  TestServer server;
  TestClient a(server);
  a.Send("RPUSH q v");
  server.job_runner().set_mode(ManualJobRunner::Mode::kManual);
  EXPECT_EQ(a.Send("BGREWRITEAOF"), "+Background append only file rewriting started\r\n");
  EXPECT_EQ(a.Send("BGREWRITEAOF"), "-ERR Background append only file rewriting already in progress\r\n");
  server.job_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
  server.job_runner().RunAll();
  server.Settle();
  EXPECT_EQ(a.Send("BGREWRITEAOF x"), WrongArity("bgrewriteaof"));
  EXPECT_EQ(a.Send("BGREWRITEAOF"), "+Background append only file rewriting started\r\n");
  EXPECT_EQ(a.Send("LRANGE q 0 -1"), Bulks({"v"}));
}

TEST(Shutdown, ChecksItsArguments) {
  Converse({
      {"a", "SHUTDOWN foo", kSyntaxError},
      {"a", "SHUTDOWN SAVE NOSAVE", kSyntaxError},
      {"a", "SHUTDOWN NOSAVE SAVE", kSyntaxError},
      {"a", "SHUTDOWN ABORT NOW", kSyntaxError},
      {"a", "SHUTDOWN NOW ABORT", kSyntaxError},
      {"a", "SHUTDOWN NOSAVE ABORT", kSyntaxError},
      {"a", "SHUTDOWN NOW FORCE x", kSyntaxError},
      {"a", "SHUTDOWN ABORT", "-ERR No shutdown in progress.\r\n"},
      {"a", "SHUTDOWN abort ABORT", "-ERR No shutdown in progress.\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "SHUTDOWN", "-ERR Command not allowed inside a transaction\r\n"},
      {"a", "EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n"},
      {"a", "PING", "+PONG\r\n"},
  });
}

TEST(Shutdown, EndsTheServerWithoutAReply) {
  for (const char* request : {"SHUTDOWN", "SHUTDOWN NOSAVE", "SHUTDOWN SAVE", "shutdown now force"}) {
    SCOPED_TRACE(request);
    TestServer server;
    TestClient a(server);
    EXPECT_FALSE(server.server().stopping());
    EXPECT_EQ(a.Send(request), "");
    EXPECT_TRUE(server.server().stopping());
  }
}

TEST(Lolwut, EndsWithTheVersion) {
  TestServer server;
  TestClient a(server);
  std::string art = a.Send("LOLWUT");
  EXPECT_TRUE(art.ends_with("Baton ver. " BATON_VERSION "\n\r\n")) << art;
  EXPECT_EQ(a.Send("LOLWUT VERSION 5"), art);
  EXPECT_EQ(a.Send("LOLWUT 1 2 3"), art);
  EXPECT_EQ(a.Send("LOLWUT VERSION x"), kNotInteger);
  EXPECT_EQ(a.Send("LOLWUT VERSION 5 x"), kNotInteger);
  EXPECT_EQ(a.Send("LOLWUT VERSION 5 1 2 x"), kNotInteger);
  EXPECT_EQ(a.Send("LOLWUT VERSION 5 1 2 3 x"), art);
  EXPECT_EQ(a.Send("LOLWUT VERSION 6 1 2 x"), art);
  EXPECT_EQ(a.Send("LOLWUT VERSION -3 x"), art);
}

}  // namespace
}  // namespace baton
