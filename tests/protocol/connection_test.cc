// PING ECHO AUTH HELLO QUIT RESET.
#include "protocol/transcript.h"

namespace baton {
namespace {

const Bytes kHelloNeedsAuth =
    "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option "
    "can be used to authenticate the client and select the RESP protocol version at the same time\r\n";
const Bytes kWrongPass = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
const Bytes kNoAuth = "-NOAUTH Authentication required.\r\n";
const Bytes kBadName = "-ERR Client names cannot contain spaces, newlines or special characters.\r\n";

// HELLO's reply to the client with this id.
Bytes Greeting(int protocol, int id) {
  return std::string(protocol == 3 ? "%7\r\n" : "*14\r\n") + Bulk("server") + Bulk("redis") + Bulk("version") +
         Bulk("7.0.15") + Bulk("proto") + ":" + std::to_string(protocol) + "\r\n" + Bulk("id") + ":" +
         std::to_string(id) + "\r\n" + Bulk("mode") + Bulk("standalone") + Bulk("role") + Bulk("master") +
         Bulk("modules") + "*0\r\n";
}

TEST(Ping, AnswersPongOrTheMessage) {
  Converse({
      {"a", "PING", "+PONG\r\n"},
      {"a", "ping hello", Bulk("hello")},
      {"a", "PING \"\"", Bulk("")},
      {"r3", "PING", "+PONG\r\n"},
      {"a", "PING a b", WrongArity("ping")},
  });
}

TEST(Echo, GivesTheBytesBack) {
  Converse({
      {"a", "ECHO \"a\\x00\\r\\nb\"", "$5\r\na\0\r\nb\r\n"},
      {"a", "ECHO", WrongArity("echo")},
      {"a", "ECHO a b", WrongArity("echo")},
  });
}

TEST(Auth, WithoutAPasswordConfigured) {
  Converse({
      {"a", "AUTH x",
       "-ERR AUTH <password> called without any password configured for the default user. Are you sure your "
       "configuration is correct?\r\n"},
      {"a", "AUTH default x", "+OK\r\n"},
      {"a", "AUTH DEFAULT x", kWrongPass},
      {"a", "AUTH foo x", kWrongPass},
      {"a", "AUTH a b c", "-ERR syntax error\r\n"},
      {"a", "AUTH", WrongArity("auth")},
      {"a", "PING", "+PONG\r\n"},
  });
}

TEST(Auth, IsNeededForEverythingButGettingIn) {
  TestServer server({"--requirepass", "secret"});
  TestClient a(server);
  EXPECT_EQ(a.Send("PING"), kNoAuth);
  EXPECT_EQ(a.Send("GET k"), kNoAuth);
  EXPECT_EQ(a.Send("MULTI"), kNoAuth);
  EXPECT_EQ(a.Send("CLIENT GETNAME"), kNoAuth);
  // What can't be understood is said before who may ask.
  EXPECT_EQ(a.Send("FOO"), "-ERR unknown command 'FOO', with args beginning with: \r\n");
  EXPECT_EQ(a.Send("GET"), WrongArity("get"));
  EXPECT_EQ(a.Send("CLIENT FOO"), "-ERR unknown subcommand 'FOO'. Try CLIENT HELP.\r\n");
  EXPECT_EQ(a.Send("CLIENT SETNAME"), WrongArity("client|setname"));
  EXPECT_EQ(a.Send("RESET"), "+RESET\r\n");
  EXPECT_EQ(a.Send("AUTH secret"), "+OK\r\n");
  EXPECT_EQ(a.Send("PING"), "+PONG\r\n");
}

TEST(Auth, AFailureLeavesThingsAsTheyWere) {
  TestServer server({"--requirepass", "secret"});
  TestClient a(server);
  EXPECT_EQ(a.Send("AUTH bad"), kWrongPass);
  EXPECT_EQ(a.Send("AUTH secre"), kWrongPass);
  EXPECT_EQ(a.Send("AUTH secretsecret"), kWrongPass);
  EXPECT_EQ(a.Send("AUTH \"\""), kWrongPass);
  EXPECT_EQ(a.Send("AUTH default bad"), kWrongPass);
  EXPECT_EQ(a.Send("AUTH foo secret"), kWrongPass);
  EXPECT_EQ(a.Send("PING"), kNoAuth);
  EXPECT_EQ(a.Send("AUTH default secret"), "+OK\r\n");
  EXPECT_EQ(a.Send("AUTH bad"), kWrongPass);
  EXPECT_EQ(a.Send("PING"), "+PONG\r\n");
}

TEST(Auth, WhoWasLetInWithoutAPasswordStaysIn) {
  TestServer server;
  TestClient before(server);
  ASSERT_EQ(before.Send("CONFIG SET requirepass secret"), "+OK\r\n");
  EXPECT_EQ(before.Send("PING"), "+PONG\r\n");
  TestClient after(server);
  EXPECT_EQ(after.Send("PING"), kNoAuth);
}

TEST(Hello, SaysWhoIsThereAndSwitchesTheProtocol) {
  Converse({
      {"a", "HELLO", Greeting(2, 1)},
      {"a", "HELLO 2", Greeting(2, 1)},
      {"a", "GET missing", "$-1\r\n"},
      {"a", "hello 3", Greeting(3, 1)},
      {"a", "GET missing", "_\r\n"},
      {"a", "HELLO", Greeting(3, 1)},
      {"a", "HELLO 2", Greeting(2, 1)},
      {"a", "GET missing", "$-1\r\n"},
  });
}

TEST(Hello, RefusesOtherProtocols) {
  Converse({
      {"a", "HELLO 1", "-NOPROTO unsupported protocol version\r\n"},
      {"a", "HELLO 4", "-NOPROTO unsupported protocol version\r\n"},
      {"a", "HELLO -1", "-NOPROTO unsupported protocol version\r\n"},
      {"a", "HELLO 99 FOO", "-NOPROTO unsupported protocol version\r\n"},
      {"a", "HELLO x", "-ERR Protocol version is not an integer or out of range\r\n"},
      {"a", "HELLO +2", "-ERR Protocol version is not an integer or out of range\r\n"},
      {"a", "HELLO 99999999999999999999", "-ERR Protocol version is not an integer or out of range\r\n"},
      {"a", "GET missing", "$-1\r\n"},
  });
}

TEST(Hello, OptionsAreCheckedOneByOne) {
  Converse({
      {"a", "HELLO 2 FOO", "-ERR Syntax error in HELLO option 'FOO'\r\n"},
      {"a", "HELLO 3 3", "-ERR Syntax error in HELLO option '3'\r\n"},
      {"a", "HELLO 2 AUTH", "-ERR Syntax error in HELLO option 'AUTH'\r\n"},
      {"a", "HELLO 2 AUTH default", "-ERR Syntax error in HELLO option 'AUTH'\r\n"},
      {"a", "HELLO 2 auth a", "-ERR Syntax error in HELLO option 'auth'\r\n"},
      {"a", "HELLO 2 AUTH default anything", Greeting(2, 1)},
      {"a", "HELLO 3 AUTH foo anything", kWrongPass},
      {"a", "HELLO 2 SETNAME", "-ERR Syntax error in HELLO option 'SETNAME'\r\n"},
      {"a", "HELLO 3 SETNAME \"a b\"", kBadName},
      {"a", "GET missing", "$-1\r\n"},  // still RESP2
      {"a", "HELLO 2 SETNAME abc", Greeting(2, 1)},
      {"a", "CLIENT GETNAME", Bulk("abc")},
      {"a", "HELLO 2 SETNAME def AUTH foo foo", kWrongPass},  // the name was set before
      {"a", "CLIENT GETNAME", Bulk("def")},
      {"a", "HELLO 2 SETNAME x FOO", "-ERR Syntax error in HELLO option 'FOO'\r\n"},
      {"a", "CLIENT GETNAME", Bulk("x")},
      {"a", "HELLO 3 AUTH foo bar SETNAME q", kWrongPass},
      {"a", "CLIENT GETNAME", Bulk("x")},
      {"a", "HELLO 2 SETNAME \"\"", Greeting(2, 1)},
      {"a", "CLIENT GETNAME", "$-1\r\n"},
  });
}

TEST(Hello, LetsIn) {
  TestServer server({"--requirepass", "secret"});
  TestClient a(server);
  EXPECT_EQ(a.Send("HELLO"), kHelloNeedsAuth);
  EXPECT_EQ(a.Send("HELLO 3"), kHelloNeedsAuth);
  EXPECT_EQ(a.Send("HELLO 3 SETNAME x"), kHelloNeedsAuth);
  EXPECT_EQ(a.Send("HELLO 9"), "-NOPROTO unsupported protocol version\r\n");
  EXPECT_EQ(a.Send("HELLO 3 FOO"), "-ERR Syntax error in HELLO option 'FOO'\r\n");
  EXPECT_EQ(a.Send("HELLO 3 AUTH default bad"), kWrongPass);
  EXPECT_EQ(a.Send("PING"), kNoAuth);
  // Authenticated before the name was looked at; the protocol comes last.
  EXPECT_EQ(a.Send("HELLO 3 AUTH default secret SETNAME \"x y\""), kBadName);
  EXPECT_EQ(a.Send("GET missing"), "$-1\r\n");
  TestClient b(server);
  EXPECT_EQ(b.Send("HELLO 3 SETNAME abc AUTH default secret"), Greeting(3, 2));
  EXPECT_EQ(b.Send("CLIENT GETNAME"), Bulk("abc"));
}

TEST(Hello, InsideMultiSwitchesAtExec) {
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "GET missing", "+QUEUED\r\n"},
      {"a", "HELLO 3", "+QUEUED\r\n"},
      {"a", "GET missing", "+QUEUED\r\n"},
      {"a", "EXEC", "*3\r\n$-1\r\n" + Greeting(3, 1) + "_\r\n"},
      {"a", "GET missing", "_\r\n"},
  });
}

TEST(Quit, AnswersAndCloses) {
  TestServer server;
  TestClient a(server);
  EXPECT_EQ(a.Send("QUIT"), "+OK\r\n");
  EXPECT_TRUE(a.closed());

  TestClient b(server);
  EXPECT_EQ(b.Send("QUIT now please"), "+OK\r\n");
  EXPECT_TRUE(b.closed());

  TestClient c(server);
  c.Send("MULTI");
  c.Send("RPUSH q v");
  EXPECT_EQ(c.Send("QUIT"), "+OK\r\n");
  EXPECT_TRUE(c.closed());

  TestClient d(server);
  EXPECT_EQ(d.Send("EXISTS q"), ":0\r\n");
}

TEST(Quit, EndsAPipeline) {
  TestServer server;
  TestClient a(server);
  EXPECT_EQ(a.SendBytes("PING\r\nQUIT\r\nPING\r\n"), "+PONG\r\n+OK\r\n");
  EXPECT_TRUE(a.closed());
}

TEST(Reset, ForgetsWhatTheConnectionWas) {
  Converse({
      {"a", "HELLO 3 SETNAME abc", Greeting(3, 1)},
      {"a", "SELECT 5", "+OK\r\n"},
      {"a", "SET k v", "+OK\r\n"},
      {"a", "WATCH k", "+OK\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "SET k w", "+QUEUED\r\n"},
      {"a", "RESET", "+RESET\r\n"},
      {"a", "EXEC", "-ERR EXEC without MULTI\r\n"},
      {"a", "CLIENT GETNAME", "$-1\r\n"},  // RESP2 again
      {"a", "GET k", "$-1\r\n"},           // database 0
      {"a", "RESET a", WrongArity("reset")},
  });
}

TEST(Reset, TurnsRepliesOnAgain) {
  Converse({
      {"a", "CLIENT REPLY OFF", ""},
      {"a", "PING", ""},
      {"a", "RESET", "+RESET\r\n"},
      {"a", "PING", "+PONG\r\n"},
  });
}

TEST(Reset, LogsOut) {
  TestServer server({"--requirepass", "secret"});
  TestClient a(server);
  EXPECT_EQ(a.Send("AUTH secret"), "+OK\r\n");
  EXPECT_EQ(a.Send("RESET"), "+RESET\r\n");
  EXPECT_EQ(a.Send("PING"), kNoAuth);
}

TEST(Http, IsClosedWithoutAnAnswer) {
  for (const char* line : {"POST / HTTP/1.1\r\n", "host: x\r\n"}) {
    TestServer server;
    TestClient client(server);
    EXPECT_EQ(client.SendBytes(line), "");
    EXPECT_TRUE(client.closed());
  }
}

}  // namespace
}  // namespace baton
