// CLIENT ...
#include <algorithm>

#include "protocol/shape.h"
#include "protocol/transcript.h"

namespace baton {
namespace {

const Bytes kSyntaxError = "-ERR syntax error\r\n";
const Bytes kBadName = "-ERR Client names cannot contain spaces, newlines or special characters.\r\n";

// The value of a field in a CLIENT LIST line.
std::string Field(const std::string& line, const std::string& name) { return Between(line, " " + name + "=", " \r\n"); }

TEST(Client, RefusesWhatItDoesNotKnow) {
  Converse({
      {"a", "CLIENT", WrongArity("client")},
      {"a", "CLIENT FOO", "-ERR unknown subcommand 'FOO'. Try CLIENT HELP.\r\n"},
      {"a", "CLIENT FOO a b", "-ERR unknown subcommand 'FOO'. Try CLIENT HELP.\r\n"},
      {"a", "CLIENT ID a", WrongArity("client|id")},
      {"a", "CLIENT INFO a", WrongArity("client|info")},
      {"a", "CLIENT GETNAME a", WrongArity("client|getname")},
      {"a", "CLIENT SETNAME", WrongArity("client|setname")},
      {"a", "CLIENT NO-EVICT", WrongArity("client|no-evict")},
      {"a", "CLIENT UNPAUSE x", WrongArity("client|unpause")},
      {"a", "CLIENT KILL", WrongArity("client|kill")},
      {"a", "CLIENT HELP x", WrongArity("client|help")},
  });
}

TEST(Client, IdCountsUp) {
  Converse({
      {"a", "CLIENT ID", ":1\r\n"},
      {"b", "CLIENT ID", ":2\r\n"},
      {"a", "CLIENT ID", ":1\r\n"},
  });
}

TEST(Client, HasAName) {
  Converse({
      {"a", "CLIENT GETNAME", "$-1\r\n"},
      {"r3", "CLIENT GETNAME", "_\r\n"},
      {"a", "CLIENT SETNAME a~!b", "+OK\r\n"},
      {"a", "CLIENT GETNAME", Bulk("a~!b")},
      {"a", "CLIENT SETNAME \"a b\"", kBadName},
      {"a", "CLIENT SETNAME \"a\\nb\"", kBadName},
      {"a", "CLIENT SETNAME \"\\xc3\\xa9\"", kBadName},
      {"a", "CLIENT GETNAME", Bulk("a~!b")},
      {"a", "CLIENT SETNAME \"\"", "+OK\r\n"},
      {"a", "CLIENT GETNAME", "$-1\r\n"},
  });
}

TEST(Client, InfoIsItsLineInTheList) {
  TestServer server;
  TestClient a(server), b(server);
  b.Send("CLIENT SETNAME worker");
  b.Send("CLIENT SETINFO LIB-NAME redis-py");
  b.Send("CLIENT SETINFO lib-ver 5.0.1");
  b.Send("SELECT 3");
  server.Advance(5000);
  std::string line = b.Send("CLIENT INFO");
  EXPECT_TRUE(
      HasShape(line,
               "$#\r\nid=2 addr=127.0.0.1:# laddr=127.0.0.1:# fd=# name=worker age=5 idle=0 flags=N db=3 sub=0 "
               "psub=0 ssub=0 multi=-1 qbuf=# qbuf-free=# argv-mem=# multi-mem=0 rbs=# rbp=# obl=# oll=# omem=# "
               "tot-mem=# events=r cmd=client|info user=default redir=-1 resp=2 lib-name=redis-py "
               "lib-ver=5.0.1\n\r\n"))
      << line;
  std::string list = a.Send("CLIENT LIST");
  EXPECT_NE(list.find("\nid=1 "), std::string::npos) << list;
  EXPECT_NE(list.find("\nid=2 "), std::string::npos) << list;
  EXPECT_EQ(Field(list.substr(list.find("\nid=2")), "cmd"), "client|info");
  EXPECT_TRUE(list.ends_with("\n\r\n"));

  b.Send("HELLO 3");
  EXPECT_TRUE(HasShape(b.Send("CLIENT INFO"), "=#\r\ntxt:id=2 * resp=3 *\n\r\n"));
}

TEST(Client, ListShowsStates) {
  TestServer server;
  TestClient a(server), b(server), fresh(server);
  std::string all = a.Send("CLIENT LIST ID 3");
  EXPECT_EQ(Field(all, "cmd"), "NULL");
  EXPECT_EQ(Field(all, "flags"), "N");

  b.Send("BLPOP nothing 0");
  EXPECT_EQ(Field(a.Send("CLIENT LIST ID 2"), "flags"), "b");
  EXPECT_EQ(Field(a.Send("CLIENT LIST ID 2"), "cmd"), "blpop");
  a.Send("CLIENT UNBLOCK 2");
  b.Receive();

  b.Send("WATCH k");
  EXPECT_EQ(Field(a.Send("CLIENT LIST ID 2"), "flags"), "N");
  a.Send("SET k v");
  EXPECT_EQ(Field(a.Send("CLIENT LIST ID 2"), "flags"), "d");
  b.Send("CLIENT NO-EVICT ON");
  b.Send("MULTI");
  EXPECT_EQ(Field(a.Send("CLIENT LIST ID 2"), "multi"), "0");
  b.Send("SET k w");
  std::string line = a.Send("CLIENT LIST ID 2");
  EXPECT_EQ(Field(line, "flags"), "xde");
  EXPECT_EQ(Field(line, "multi"), "0");  // what can only fail is not kept
}

TEST(Client, ListFilters) {
  TestServer server;
  TestClient a(server), b(server);
  EXPECT_EQ(a.Send("CLIENT LIST TYPE master"), "$0\r\n\r\n");
  EXPECT_EQ(a.Send("CLIENT LIST TYPE replica"), "$0\r\n\r\n");
  EXPECT_EQ(a.Send("CLIENT LIST TYPE slave"), "$0\r\n\r\n");
  EXPECT_EQ(a.Send("CLIENT LIST TYPE pubsub"), "$0\r\n\r\n");
  std::string normal = a.Send("CLIENT LIST TYPE NORMAL");
  EXPECT_NE(normal.find("id=1 "), std::string::npos);
  EXPECT_NE(normal.find("id=2 "), std::string::npos);
  EXPECT_EQ(a.Send("CLIENT LIST ID 77 0 -1"), "$0\r\n\r\n");
  // In the order asked for, as often as asked for.
  std::string some = a.Send("CLIENT LIST ID 2 1 2");
  EXPECT_TRUE(HasShape(some, "$#\r\nid=2 *\nid=1 *\nid=2 *\n\r\n")) << some;
}

TEST(Client, ListChecksItsArguments) {
  Converse({
      {"a", "CLIENT LIST FOO", kSyntaxError},
      {"a", "CLIENT LIST FOO BAR", kSyntaxError},
      {"a", "CLIENT LIST TYPE", kSyntaxError},
      {"a", "CLIENT LIST TYPE normal foo", kSyntaxError},
      {"a", "CLIENT LIST TYPE foo", "-ERR Unknown client type 'foo'\r\n"},
      {"a", "CLIENT LIST ID", kSyntaxError},
      {"a", "CLIENT LIST ID x", "-ERR Invalid client ID\r\n"},
      {"a", "CLIENT LIST ID 1 x", "-ERR Invalid client ID\r\n"},
      {"a", "CLIENT LIST ID 99999999999999999999", "-ERR Invalid client ID\r\n"},
      {"r3", "CLIENT LIST ID 99", "=4\r\ntxt:\r\n"},
  });
}

TEST(ClientKill, ById) {
  TestServer server;
  TestClient a(server), b(server);
  EXPECT_EQ(a.Send("CLIENT KILL ID 99"), ":0\r\n");
  EXPECT_EQ(a.Send("CLIENT KILL ID 2"), ":1\r\n");
  EXPECT_TRUE(b.closed());
  EXPECT_EQ(a.Send("CLIENT LIST ID 2"), "$0\r\n\r\n");
  EXPECT_EQ(a.Send("CLIENT KILL ID 1"), ":0\r\n") << "not itself, unless told so";
  EXPECT_FALSE(a.closed());
  EXPECT_EQ(a.Send("CLIENT KILL ID 1 SKIPME no"), ":1\r\n");
  EXPECT_TRUE(a.closed());
}

TEST(ClientKill, FiltersMustAllMatch) {
  TestServer server;
  TestClient a(server), b(server), c(server);
  const std::string address = Field(a.Send("CLIENT INFO"), "addr");
  EXPECT_EQ(a.Send("CLIENT KILL ID 2 TYPE pubsub"), ":0\r\n");
  EXPECT_EQ(a.Send("CLIENT KILL ID 2 ADDR 1.1.1.1:1"), ":0\r\n");
  EXPECT_EQ(a.Send("CLIENT KILL ID 2 LADDR 1.1.1.1:1"), ":0\r\n");
  EXPECT_EQ(a.Send("CLIENT KILL ID 2 ADDR " + address + " USER default TYPE normal"), ":1\r\n");
  EXPECT_TRUE(b.closed());
  EXPECT_FALSE(c.closed());
  EXPECT_EQ(a.Send("CLIENT KILL USER default SKIPME yes"), ":1\r\n");
  EXPECT_TRUE(c.closed());
  EXPECT_FALSE(a.closed());
}

TEST(ClientKill, TheOldFormNamesAnAddress) {
  TestServer server;
  TestClient a(server);
  const std::string address = Field(a.Send("CLIENT INFO"), "addr");
  EXPECT_EQ(a.Send("CLIENT KILL 127.0.0.1:1"), "-ERR No such client\r\n");
  EXPECT_EQ(a.Send("CLIENT KILL ID"), "-ERR No such client\r\n");
  EXPECT_EQ(a.Send("CLIENT KILL " + address), "+OK\r\n") << "itself as well";
  EXPECT_TRUE(a.closed());
}

TEST(ClientKill, ABlockedClientIsNotServedAnyMore) {
  TestServer server;
  TestClient a(server), b(server);
  b.Send("BLPOP q 0");
  EXPECT_EQ(a.Send("CLIENT KILL ID 2"), ":1\r\n");
  EXPECT_EQ(a.Send("RPUSH q v"), ":1\r\n");
  EXPECT_EQ(a.Send("LLEN q"), ":1\r\n");
}

TEST(ClientKill, ChecksItsArguments) {
  Converse({
      {"a", "CLIENT KILL foo", "-ERR No such client\r\n"},
      {"a", "CLIENT KILL \"\"", "-ERR No such client\r\n"},
      {"a", "CLIENT KILL ID x", "-ERR client-id should be greater than 0\r\n"},
      {"a", "CLIENT KILL FOO bar", kSyntaxError},
      {"a", "CLIENT KILL ID 9 TYPE", kSyntaxError},
      {"a", "CLIENT KILL 1.1.1.1:1 x y", kSyntaxError},
      {"a", "CLIENT KILL ID x TYPE", "-ERR client-id should be greater than 0\r\n"},
      {"a", "CLIENT KILL ID 0 TYPE normal", "-ERR client-id should be greater than 0\r\n"},
      {"a", "CLIENT KILL ID -1 TYPE normal", "-ERR client-id should be greater than 0\r\n"},
      {"a", "CLIENT KILL ID 99999999999999999999 TYPE normal", "-ERR client-id should be greater than 0\r\n"},
      {"a", "CLIENT KILL ID 9 TYPE foo", "-ERR Unknown client type 'foo'\r\n"},
      {"a", "CLIENT KILL TYPE foo", "-ERR Unknown client type 'foo'\r\n"},
      {"a", "CLIENT KILL USER foo", "-ERR No such user 'foo'\r\n"},
      {"a", "CLIENT KILL ID 9 SKIPME", kSyntaxError},
      {"a", "CLIENT KILL ID 9 SKIPME foo", kSyntaxError},
      {"a", "CLIENT KILL ID 9 MAXAGE 10", kSyntaxError},
      {"a", "PING", "+PONG\r\n"},
  });
}

TEST(Client, SetInfoTakesWhatLibrariesSay) {
  Converse({
      {"a", "CLIENT SETINFO LIB-NAME redis-py", "+OK\r\n"},
      {"a", "CLIENT SETINFO lib-ver 5.0.1", "+OK\r\n"},
      {"a", "CLIENT SETINFO lib-name \"\"", "+OK\r\n"},
      {"a", "CLIENT SETINFO foo bar", "-ERR Unrecognized option 'foo'\r\n"},
      {"a", "CLIENT SETINFO LIB-NAME \"a b\"",
       "-ERR LIB-NAME cannot contain spaces, newlines or special characters.\r\n"},
      {"a", "CLIENT SETINFO lib-ver \"a\\nb\"",
       "-ERR lib-ver cannot contain spaces, newlines or special characters.\r\n"},
      {"a", "CLIENT SETINFO lib-name", WrongArity("client|setinfo")},
  });
}

TEST(Client, SetInfoOutlivesReset) {
  TestServer server;
  TestClient a(server);
  a.Send("CLIENT SETINFO LIB-NAME redis-py");
  a.Send("RESET");
  EXPECT_EQ(Field(a.Send("CLIENT INFO"), "lib-name"), "redis-py");
}

TEST(Client, NoEvictAndNoTouchAreOnOrOff) {
  TestServer server;
  TestClient a(server);
  EXPECT_EQ(a.Send("CLIENT NO-EVICT on"), "+OK\r\n");
  EXPECT_EQ(a.Send("CLIENT NO-TOUCH ON"), "+OK\r\n");
  EXPECT_EQ(Field(a.Send("CLIENT INFO"), "flags"), "eT");
  EXPECT_EQ(a.Send("CLIENT NO-EVICT foo"), kSyntaxError);
  EXPECT_EQ(a.Send("CLIENT NO-TOUCH foo"), kSyntaxError);
  EXPECT_EQ(a.Send("CLIENT NO-TOUCH off"), "+OK\r\n");
  EXPECT_EQ(a.Send("RESET"), "+RESET\r\n");
  EXPECT_EQ(Field(a.Send("CLIENT INFO"), "flags"), "e") << "RESET keeps it, as in Redis";
  EXPECT_EQ(a.Send("CLIENT NO-EVICT OFF"), "+OK\r\n");
  EXPECT_EQ(Field(a.Send("CLIENT INFO"), "flags"), "N");
}

TEST(Errors, RepeatAWordUpToItsZeroByte) {
  Converse({
      {"a", "CLIENT KILL TYPE \"a\\x00b\"", "-ERR Unknown client type 'a'\r\n"},
      {"a", "CLIENT LIST TYPE \"a\\x00b\"", "-ERR Unknown client type 'a'\r\n"},
      {"a", "CLIENT KILL USER \"a\\x00b\"", "-ERR No such user 'a'\r\n"},
      {"a", "HELLO 3 \"a\\x00b\"", "-ERR Syntax error in HELLO option 'a'\r\n"},
      {"a", "LATENCY GRAPH \"a\\x00b\"", "-ERR No samples available for event 'a'\r\n"},
      {"a", "CONFIG SET \"a\\x00b\" 1", "-ERR Unknown option or number of arguments for CONFIG SET - 'a'\r\n"},
  });
}

TEST(ClientReply, OffSkipAndOn) {
  Converse({
      {"a", "CLIENT REPLY on", "+OK\r\n"},
      {"a", "CLIENT REPLY foo", kSyntaxError},
      {"a", "CLIENT REPLY", WrongArity("client|reply")},
      {"a", "CLIENT REPLY SKIP", ""},
      {"a", "PING", ""},
      {"a", "PING", "+PONG\r\n"},
      {"a", "CLIENT REPLY SKIP", ""},
      {"a", "CLIENT REPLY SKIP", ""},
      {"a", "PING", ""},
      {"a", "PING", "+PONG\r\n"},
      {"a", "CLIENT REPLY OFF", ""},
      {"a", "RPUSH q v", ""},
      {"a", "CLIENT REPLY SKIP", ""},
      {"a", "CLIENT REPLY foo", ""},
      {"a", "PING", ""},
      {"a", "CLIENT REPLY ON", "+OK\r\n"},
      {"a", "LRANGE q 0 -1", Bulks({"v"})},
  });
}

TEST(ClientReply, OffInsideATransactionSilencesWhatIsBehindIt) {
  const Bytes queued = "+QUEUED\r\n";
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", queued},
      {"a", "CLIENT REPLY OFF", queued},
      {"a", "PING", queued},
      {"a", "CLIENT REPLY ON", queued},
      {"a", "PING", queued},
      {"a", "EXEC", "*5\r\n+PONG\r\n+OK\r\n+PONG\r\n"},
      {"a", "PING", "+PONG\r\n"},
      {"a", "MULTI", "+OK\r\n"},
      {"a", "PING", queued},
      {"a", "CLIENT REPLY OFF", queued},
      {"a", "EXEC", "*2\r\n+PONG\r\n"},
      {"a", "MULTI", ""},
      {"a", "PING", ""},
      {"a", "CLIENT REPLY ON", ""},
      {"a", "PING", ""},
      {"a", "EXEC", "+OK\r\n+PONG\r\n"},
  });
}

TEST(ClientReply, SkipInsideATransactionSkipsWhatFollowsExec) {
  const Bytes queued = "+QUEUED\r\n";
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "CLIENT REPLY SKIP", queued},
      {"a", "CLIENT REPLY ON", queued},
      {"a", "PING", queued},
      {"a", "EXEC", "*3\r\n+OK\r\n+PONG\r\n"},
      {"a", "PING", ""},
      {"a", "PING", "+PONG\r\n"},
  });
}

TEST(ClientReply, SkipSkipsTheReplyToReset) {
  Converse({
      {"a", "CLIENT REPLY SKIP", ""},
      {"a", "RESET", ""},
      {"a", "PING", "+PONG\r\n"},
      {"a", "CLIENT REPLY OFF", ""},
      {"a", "RESET", "+RESET\r\n"},
      {"a", "PING", "+PONG\r\n"},
  });
}

TEST(ClientPause, HoldsEverybody) {
  Converse({
      {"a", "CLIENT PAUSE 100", "+OK\r\n"},
      {"b", "PING", ""},
      {kSleep, "50", ""},
      {"b", kNothing, ""},
      {kSleep, "60", ""},
      {"b", kNothing, "+PONG\r\n"},
      {"b", "PING", "+PONG\r\n"},
  });
}

TEST(ClientPause, HoldsWriters) {
  Converse({
      {"a", "RPUSH q v", ":1\r\n"},
      {"a", "CLIENT PAUSE 100 WRITE", "+OK\r\n"},
      {"b", "LLEN q", ":1\r\n"},
      {"b", "PING", "+PONG\r\n"},
      {"b", "RPUSH q w", ""},
      {"a", "LLEN q", ":1\r\n"},
      {kSleep, "110", ""},
      {"b", kNothing, ":2\r\n"},
  });
}

TEST(ClientPause, UnpauseEndsIt) {
  Converse({
      {"a", "CLIENT PAUSE 9223372036854775807 WRITE", "+OK\r\n"},
      {"b", "RPUSH q w", ""},
      {"a", "CLIENT UNPAUSE", "+OK\r\n"},
      {"b", kNothing, ":1\r\n"},
      {"a", "CLIENT UNPAUSE", "+OK\r\n"},
  });
}

TEST(ClientPause, ChecksItsArguments) {
  Converse({
      {"a", "CLIENT PAUSE", WrongArity("client|pause")},
      {"a", "CLIENT PAUSE x", "-ERR timeout is not an integer or out of range\r\n"},
      {"a", "CLIENT PAUSE 99999999999999999999 ALL", "-ERR timeout is not an integer or out of range\r\n"},
      {"a", "CLIENT PAUSE -1", "-ERR timeout is negative\r\n"},
      {"a", "CLIENT PAUSE x foo", "-ERR CLIENT PAUSE mode must be WRITE or ALL\r\n"},
      {"a", "client pause 1 ALL x",
       "-ERR unknown subcommand or wrong number of arguments for 'pause'. Try CLIENT HELP.\r\n"},
      {"a", "CLIENT PAUSE 0", "+OK\r\n"},
      {"a", "PING", "+PONG\r\n"},
  });
}

TEST(ClientUnblock, EndsABlockingCommand) {
  Converse({
      {"a", "CLIENT UNBLOCK 2", ":0\r\n"},
      {"b", "BLPOP q 0", ""},
      {"a", "CLIENT UNBLOCK 2", ":1\r\n"},
      {"b", kNothing, "*-1\r\n"},
      {"a", "CLIENT UNBLOCK 2", ":0\r\n"},
      {"b", "BLPOP q 0", ""},
      {"a", "CLIENT UNBLOCK 2 ERROR", ":1\r\n"},
      {"b", kNothing, "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n"},
      {"b", "BLPOP q 0", ""},
      {"a", "CLIENT UNBLOCK 2 TIMEOUT", ":1\r\n"},
      {"b", kNothing, "*-1\r\n"},
  });
}

TEST(ClientUnblock, ChecksItsArguments) {
  Converse({
      {"a", "CLIENT UNBLOCK", WrongArity("client|unblock")},
      {"a", "CLIENT UNBLOCK x", "-ERR value is not an integer or out of range\r\n"},
      {"a", "CLIENT UNBLOCK -1", ":0\r\n"},
      {"a", "CLIENT UNBLOCK 999 ERROR", ":0\r\n"},
      {"a", "CLIENT UNBLOCK x foo", "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR\r\n"},
      {"a", "Client Unblock 1 ERROR x",
       "-ERR unknown subcommand or wrong number of arguments for 'Unblock'. Try CLIENT HELP.\r\n"},
  });
}

TEST(ClientTracking, IsOffAndSaysSo) {
  Converse({
      {"a", "CLIENT TRACKING off", "+OK\r\n"},
      {"a", "CLIENT TRACKING off bcast", "+OK\r\n"},
      {"a", "CLIENT TRACKING off PREFIX a", "+OK\r\n"},
      {"a", "CLIENT TRACKING on",
       "-ERR CLIENT TRACKING ON is not available: this server sends no invalidation messages\r\n"},
      {"a", "CLIENT GETREDIR", ":-1\r\n"},
      {"a", "CLIENT TRACKINGINFO",
       "*6\r\n$5\r\nflags\r\n*1\r\n$3\r\noff\r\n$8\r\nredirect\r\n:-1\r\n$8\r\nprefixes\r\n*0\r\n"},
      {"r3", "CLIENT TRACKINGINFO",
       "%3\r\n$5\r\nflags\r\n~1\r\n$3\r\noff\r\n$8\r\nredirect\r\n:-1\r\n$8\r\nprefixes\r\n*0\r\n"},
      {"a", "CLIENT CACHING yes",
       "-ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode "
       "enabled\r\n"},
  });
}

TEST(ClientTracking, ChecksItsArguments) {
  Converse({
      {"a", "CLIENT TRACKING", WrongArity("client|tracking")},
      {"a", "CLIENT TRACKING foo", kSyntaxError},
      {"a", "CLIENT TRACKING off FOO", kSyntaxError},
      {"a", "CLIENT TRACKING off REDIRECT", kSyntaxError},
      {"a", "CLIENT TRACKING foo REDIRECT x", "-ERR value is not an integer or out of range\r\n"},
      {"a", "CLIENT TRACKING on REDIRECT 99", "-ERR The client ID you want redirect to does not exist\r\n"},
      {"a", "CLIENT TRACKING on REDIRECT 1 REDIRECT 1", "-ERR A client can only redirect to a single other client\r\n"},
      {"a", "CLIENT CACHING", WrongArity("client|caching")},
      {"a", "CLIENT GETREDIR x", WrongArity("client|getredir")},
  });
}

TEST(Client, HelpHasTheFrameOfRedis) {
  TestServer server;
  TestClient a(server);
  std::string help = a.Send("CLIENT HELP");
  auto lines = std::count(help.begin(), help.end(), '+');
  EXPECT_TRUE(help.starts_with("*" + std::to_string(lines) +
                               "\r\n+CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n+CACHING"))
      << help;
  EXPECT_TRUE(help.ends_with("\r\n+HELP\r\n+    Prints this help.\r\n"));
}

}  // namespace
}  // namespace baton
