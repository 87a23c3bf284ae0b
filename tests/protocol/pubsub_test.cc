// Publish and subscribe: the replies are redis-server 7.0.15's.
#include "protocol/transcript.h"

namespace baton {
namespace {

// The messages, as they come in RESP2; in RESP3 the first byte is another.
Bytes Said(std::string_view verb, std::string_view name, int count) {
  return "*3\r\n" + Bulk(verb) + Bulk(name) + ":" + std::to_string(count) + "\r\n";
}
Bytes Told(std::string_view channel, std::string_view message) { return Bulks({"message", channel, message}); }
Bytes Matched(std::string_view pattern, std::string_view channel, std::string_view message) {
  return Bulks({"pmessage", pattern, channel, message});
}
// One or several RESP2 messages in RESP3.
Bytes Pushed(std::string text) {
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    bool begins_line = i == 0 || text[i - 1] == '\n';
    if (begins_line && text[i] == '*' && text[i + 1] != '\r') text[i] = '>';  // and not the pattern "*"
  }
  return text;
}
Bytes NotNow(std::string_view name) {
  return "-ERR Can't execute '" + std::string(name) +
         "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n";
}

TEST(PubSub, AMessageGoesToAllWhoListen) {
  Converse({
      {"a", "SUBSCRIBE news", Said("subscribe", "news", 1)},
      {"b", "SUBSCRIBE news", Said("subscribe", "news", 1)},
      {"c", "SUBSCRIBE other", Said("subscribe", "other", 1)},
      {"p", "PUBLISH news \"hello\\r\\n\"", ":2\r\n"},
      {"a", kNothing, Told("news", "hello\r\n")},
      {"b", kNothing, Told("news", "hello\r\n")},
      {"c", kNothing, ""},
      {"p", "PUBLISH nobody x", ":0\r\n"},
      {"p", "PUBLISH news", WrongArity("publish")},
      {"p", "PUBLISH news a b", WrongArity("publish")},
      {"p", "PUBLISH news \"\"", ":2\r\n"},
      {"a", kNothing, Told("news", "")},
  });
}

TEST(PubSub, SubscriptionsAreCounted) {
  Converse({
      {"a", "SUBSCRIBE x y x", Said("subscribe", "x", 1) + Said("subscribe", "y", 2) + Said("subscribe", "x", 2)},
      {"a", "PSUBSCRIBE p* p*", Said("psubscribe", "p*", 3) + Said("psubscribe", "p*", 3)},
      {"a", "SSUBSCRIBE s s", Said("ssubscribe", "s", 1) + Said("ssubscribe", "s", 1)},
      {"a", "UNSUBSCRIBE z", Said("unsubscribe", "z", 3)},
      {"a", "UNSUBSCRIBE x x", Said("unsubscribe", "x", 2) + Said("unsubscribe", "x", 2)},
      {"a", "UNSUBSCRIBE", Said("unsubscribe", "y", 1)},
      {"a", "UNSUBSCRIBE", "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:1\r\n"},
      {"a", "PUNSUBSCRIBE", Said("punsubscribe", "p*", 0)},
      {"a", "GET k", NotNow("get")},  // there is still the shard channel
      {"a", "SUNSUBSCRIBE", Said("sunsubscribe", "s", 0)},
      {"a", "GET k", "$-1\r\n"},
      {"a", "PUNSUBSCRIBE", "*3\r\n$12\r\npunsubscribe\r\n$-1\r\n:0\r\n"},
      {"a", "SUNSUBSCRIBE", "*3\r\n$12\r\nsunsubscribe\r\n$-1\r\n:0\r\n"},
      {"a", "UNSUBSCRIBE a b", Said("unsubscribe", "a", 0) + Said("unsubscribe", "b", 0)},
      {"a", "SUBSCRIBE", WrongArity("subscribe")},
      {"a", "PSUBSCRIBE", WrongArity("psubscribe")},
      {"a", "SSUBSCRIBE", WrongArity("ssubscribe")},
  });
}

TEST(PubSub, AllAreLeftInTheOrderInWhichTheyWereSubscribedTo) {
  Converse({
      {"a", "PSUBSCRIBE p3 p1 p2",
       Said("psubscribe", "p3", 1) + Said("psubscribe", "p1", 2) + Said("psubscribe", "p2", 3)},
      {"a", "PUNSUBSCRIBE p1", Said("punsubscribe", "p1", 2)},
      {"a", "PSUBSCRIBE p1", Said("psubscribe", "p1", 3)},
      {"a", "PUNSUBSCRIBE",
       Said("punsubscribe", "p3", 2) + Said("punsubscribe", "p2", 1) + Said("punsubscribe", "p1", 0)},
  });
}

TEST(PubSub, PatternsAreGlobsAndComeAfterChannels) {
  Converse({
      {"a", "PSUBSCRIBE n?ws* [xy]", Said("psubscribe", "n?ws*", 1) + Said("psubscribe", "[xy]", 2)},
      {"a", "SUBSCRIBE news", Said("subscribe", "news", 3)},
      {"b", "PSUBSCRIBE *", Said("psubscribe", "*", 1)},
      {"p", "PUBLISH news m", ":3\r\n"},
      {"a", kNothing, Told("news", "m") + Matched("n?ws*", "news", "m")},
      {"b", kNothing, Matched("*", "news", "m")},
      {"p", "PUBLISH y m", ":2\r\n"},
      {"a", kNothing, Matched("[xy]", "y", "m")},
      {"b", kNothing, Matched("*", "y", "m")},
      {"a", "PUNSUBSCRIBE n?ws*", Said("punsubscribe", "n?ws*", 2)},
      {"p", "PUBLISH news m", ":2\r\n"},
      {"a", kNothing, Told("news", "m")},
  });
}

TEST(PubSub, AnEmptyNameIsMatchedByAnEmptyPatternOnly) {
  Converse({
      {"a", "PSUBSCRIBE * ** \"\"",
       Said("psubscribe", "*", 1) + Said("psubscribe", "**", 2) + Said("psubscribe", "", 3)},
      {"b", "SUBSCRIBE \"\"", Said("subscribe", "", 1)},
      {"p", "PUBLISH \"\" m", ":2\r\n"},
      {"a", kNothing, Matched("", "", "m")},
      {"b", kNothing, Told("", "m")},
      {"p", "PUBSUB CHANNELS *", "*0\r\n"},
      {"p", "PUBSUB CHANNELS \"\"", Bulks({""})},
      {"p", "PUBSUB CHANNELS", Bulks({""})},
  });
}

TEST(PubSub, ShardChannelsAreNamesOfTheirOwn) {
  Converse({
      {"a", "SUBSCRIBE x", Said("subscribe", "x", 1)},
      {"b", "PSUBSCRIBE *", Said("psubscribe", "*", 1)},
      {"c", "SSUBSCRIBE x", Said("ssubscribe", "x", 1)},
      {"p", "SPUBLISH x m", ":1\r\n"},
      {"a", kNothing, ""},
      {"b", kNothing, ""},
      {"c", kNothing, Bulks({"smessage", "x", "m"})},
      {"p", "PUBLISH x m", ":2\r\n"},
      {"c", kNothing, ""},
      {"p", "SPUBLISH x", WrongArity("spublish")},
      {"p", "MULTI", "+OK\r\n"},
      {"p", "SSUBSCRIBE x", "+QUEUED\r\n"},
      {"p", "EXEC", "*1\r\n-ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client\r\n"},
  });
}

TEST(PubSub, InResp2ASubscriberMayAskForLittleElse) {
  Converse({
      {"a", "SUBSCRIBE x", Said("subscribe", "x", 1)},
      {"a", "PING", Bulks({"pong", ""})},
      {"a", "PING hello", Bulks({"pong", "hello"})},
      {"a", "PING a b", WrongArity("ping")},
      {"a", "SeT k v", NotNow("set")},
      {"a", "CLIENT ID", NotNow("client|id")},
      {"a", "PUBLISH x m", NotNow("publish")},
      {"a", "MULTI", NotNow("multi")},
      {"a", "HELLO 3", NotNow("hello")},
      {"a", "AUTH x", NotNow("auth")},
      {"a", "EXEC", "-EXECABORT Transaction discarded because of: " + NotNow("exec").substr(5)},
      // What is no request is told first.
      {"a", "GET", WrongArity("get")},
      {"a", "NOSUCH a", "-ERR unknown command 'NOSUCH', with args beginning with: 'a' \r\n"},
      {"a", "CLIENT NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try CLIENT HELP.\r\n"},
      {"a", "RESET", "+RESET\r\n"},
      {"a", "GET k", "$-1\r\n"},
      {"p", "PUBLISH x m", ":0\r\n"},
      {"a", "SUBSCRIBE x", Said("subscribe", "x", 1)},
      {"a", "QUIT", "+OK\r\n"},
      {"p", "PUBLISH x m", ":0\r\n"},
  });
}

TEST(PubSub, NoMemoryIsToldBeforeAndLoadingAfterTheContext) {
  Converse({
      {"a", "SET k v", "+OK\r\n"},
      {"a", "CONFIG SET maxmemory 1", "+OK\r\n"},
      {"b", "SUBSCRIBE x", Said("subscribe", "x", 1)},
      {"b", "SET k v", "-OOM command not allowed when used memory > 'maxmemory'.\r\n"},
      {"b", "GET k", NotNow("get")},
  });
}

TEST(PubSub, InResp3MessagesStandBetweenReplies) {
  Converse({
      {"a3", "SUBSCRIBE x", Pushed(Said("subscribe", "x", 1))},
      {"a3", "PING", "+PONG\r\n"},
      {"a3", "GET k", "_\r\n"},
      {"a3", "UNSUBSCRIBE", Pushed(Said("unsubscribe", "x", 0))},
      {"a3", "UNSUBSCRIBE", ">3\r\n$11\r\nunsubscribe\r\n_\r\n:0\r\n"},
      {"a3", "PSUBSCRIBE *", Pushed(Said("psubscribe", "*", 1))},
      {"a3", "SUBSCRIBE x", Pushed(Said("subscribe", "x", 2))},
      {"a3", "SSUBSCRIBE x", Pushed(Said("ssubscribe", "x", 1))},
      // What a client tells itself comes before the reply that counts it.
      {"a3", "PUBLISH x self", Pushed(Told("x", "self") + Matched("*", "x", "self")) + ":2\r\n"},
      {"a3", "BLPOP list 0", ""},
      {"p", "PUBLISH x waiting", ":2\r\n"},
      {"a3", kNothing, Pushed(Told("x", "waiting") + Matched("*", "x", "waiting"))},
      {"p", "RPUSH list v", ":1\r\n"},
      {"a3", kNothing, Bulks({"list", "v"})},
  });
}

TEST(PubSub, TheProtocolMayChangeWhileSubscribed) {
  Converse({
      {"a3", "SUBSCRIBE x", Pushed(Said("subscribe", "x", 1))},
      {"a3", "MULTI", "+OK\r\n"},
      {"a3", "HELLO 2", "+QUEUED\r\n"},
      {"a3", "GET k", "+QUEUED\r\n"},  // it was let in: no more questions asked
      {"a3", "PING", "+QUEUED\r\n"},
      {"a3", "EXEC",
       "*3\r\n*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:"
       "1"
       "\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n$-1\r\n*2\r\n$4\r\n"
       "pong\r\n$0\r\n\r\n"},
      {"a3", "GET k", NotNow("get")},
      {"p", "PUBLISH x m", ":1\r\n"},
      {"a3", kNothing, Told("x", "m")},
  });
}

TEST(PubSub, InsideATransaction) {
  Converse({
      {"a", "MULTI", "+OK\r\n"},
      {"a", "SUBSCRIBE x y", "+QUEUED\r\n"},
      {"a", "GET k", "+QUEUED\r\n"},
      {"a", "PING", "+QUEUED\r\n"},
      {"a", "PUBLISH x me", "+QUEUED\r\n"},
      {"a", "EXEC",
       "*4\r\n" + Said("subscribe", "x", 1) + Said("subscribe", "y", 2) + "$-1\r\n" + Bulks({"pong", ""}) +
           Told("x", "me") + ":1\r\n"},
      {"a", "PING", Bulks({"pong", ""})},
      {"b3", "PSUBSCRIBE *", Pushed(Said("psubscribe", "*", 1))},
      {"p", "MULTI", "+OK\r\n"},
      {"p", "PUBLISH x one", "+QUEUED\r\n"},
      {"a", kNothing, ""},
      {"p", "SPUBLISH x two", "+QUEUED\r\n"},
      {"p", "UNSUBSCRIBE", "+QUEUED\r\n"},
      {"p", "EXEC", "*3\r\n:2\r\n:0\r\n*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n"},
      {"a", kNothing, Told("x", "one")},
      {"b3", kNothing, Pushed(Matched("*", "x", "one"))},
  });
}

TEST(PubSub, ClientReplyDoesNotConcernMessages) {
  Converse({
      {"a3", "CLIENT REPLY OFF", ""},
      {"a3", "SUBSCRIBE x y", Pushed(Said("subscribe", "x", 1) + Said("subscribe", "y", 2))},
      {"a3", "PING", ""},
      {"p", "PUBLISH x m", ":1\r\n"},
      {"a3", kNothing, Pushed(Told("x", "m"))},
      {"a3", "PUBLISH x self", Pushed(Told("x", "self"))},
      {"a3", "MULTI", ""},
      {"a3", "SUBSCRIBE z", ""},
      {"a3", "SET k v", ""},
      {"a3", "PUBLISH z one", ""},
      {"a3", "SSUBSCRIBE z", ""},  // its error is a reply
      {"a3", "EXEC", Pushed(Said("subscribe", "z", 3) + Told("z", "one"))},
      {"a3", "CLIENT REPLY ON", "+OK\r\n"},
      {"a3", "CLIENT REPLY SKIP", ""},
      {"a3", "SUBSCRIBE w", Pushed(Said("subscribe", "w", 4))},  // it was to be skipped, and was not
      {"a3", "PING", "+PONG\r\n"},
      {"a3", "CLIENT REPLY SKIP", ""},
      {"a3", "PUBLISH x self", Pushed(Told("x", "self"))},
      {"a3", "PING", "+PONG\r\n"},
      {"b", "CLIENT REPLY OFF", ""},
      {"b", "SUBSCRIBE x", Said("subscribe", "x", 1)},
      {"b", "GET k", ""},
      {"b", "UNSUBSCRIBE", Said("unsubscribe", "x", 0)},
      {"b", "CLIENT REPLY ON", "+OK\r\n"},
  });
}

TEST(PubSub, PubsubTellsWhoListens) {
  Converse({
      {"a", "SUBSCRIBE news sport", Said("subscribe", "news", 1) + Said("subscribe", "sport", 2)},
      {"a", "SSUBSCRIBE shard", Said("ssubscribe", "shard", 1)},
      {"b", "SUBSCRIBE news", Said("subscribe", "news", 1)},
      {"b", "PSUBSCRIBE n* s*", Said("psubscribe", "n*", 2) + Said("psubscribe", "s*", 3)},
      {"c", "PSUBSCRIBE n*", Said("psubscribe", "n*", 1)},
      {"p", "PUBSUB CHANNELS", Bulks({"news", "sport"})},
      {"p", "PUBSUB CHANNELS n*", Bulks({"news"})},
      {"p", "PUBSUB CHANNELS x", "*0\r\n"},
      {"p", "PUBSUB channels a b",
       "-ERR unknown subcommand or wrong number of arguments for 'channels'. Try PUBSUB HELP.\r\n"},
      {"p", "PUBSUB NUMSUB", "*0\r\n"},
      {"p", "PUBSUB NUMSUB news none news", "*6\r\n$4\r\nnews\r\n:2\r\n$4\r\nnone\r\n:0\r\n$4\r\nnews\r\n:2\r\n"},
      {"p", "PUBSUB NUMPAT", ":2\r\n"},
      {"p", "PUBSUB NUMPAT x", WrongArity("pubsub|numpat")},
      {"p", "PUBSUB SHARDCHANNELS", Bulks({"shard"})},
      {"p", "PUBSUB SHARDCHANNELS n*", "*0\r\n"},
      {"p", "PUBSUB SHARDNUMSUB shard news", "*4\r\n$5\r\nshard\r\n:1\r\n$4\r\nnews\r\n:0\r\n"},
      {"p", "PUBSUB", WrongArity("pubsub")},
      {"p", "PUBSUB NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try PUBSUB HELP.\r\n"},
      {"a", "RESET", "+RESET\r\n"},
      {"p", "PUBSUB CHANNELS", Bulks({"news"})},
      {"p", "PUBSUB SHARDCHANNELS", "*0\r\n"},
      {"b", "QUIT", "+OK\r\n"},
      {"p", "PUBSUB CHANNELS", "*0\r\n"},
      {"p", "PUBSUB NUMPAT", ":1\r\n"},
  });
}

TEST(PubSub, CommandDescribesThem) {
  Converse({
      {"a", "COMMAND GETKEYS SSUBSCRIBE x", "-ERR The command has no key arguments\r\n"},
      {"a", "COMMAND GETKEYS PUBLISH x m", "-ERR The command has no key arguments\r\n"},
      {"a", "COMMAND INFO spublish",
       "*1\r\n*10\r\n$8\r\nspublish\r\n:3\r\n*4\r\n+pubsub\r\n+loading\r\n+stale\r\n+fast\r\n:1\r\n:1\r\n:1\r\n*2\r\n"
       "+@pubsub\r\n+@fast\r\n*0\r\n*1\r\n*6\r\n$5\r\nflags\r\n*1\r\n+not_key\r\n$12\r\nbegin_search\r\n*4\r\n$4\r\n"
       "type\r\n$5\r\nindex\r\n$4\r\nspec\r\n*2\r\n$5\r\nindex\r\n:1\r\n$9\r\nfind_keys\r\n*4\r\n$4\r\ntype\r\n$5\r\n"
       "range\r\n$4\r\nspec\r\n*6\r\n$7\r\nlastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n*0\r\n"},
  });
}

TEST(PubSub, APauseOfWritesHoldsMessagesBack) {
  Converse({
      {"a", "SUBSCRIBE x", Said("subscribe", "x", 1)},
      {"b", "CLIENT PAUSE 100 WRITE", "+OK\r\n"},
      {"p", "PUBLISH x m", ""},
      {"q", "MULTI", "+OK\r\n"},
      {"q", "SPUBLISH x m", ""},
      {"a", "PING", Bulks({"pong", ""})},
      {kSleep, "110", ""},
      {"p", kNothing, ":1\r\n"},
      {"q", kNothing, "+QUEUED\r\n"},
      {"a", kNothing, Told("x", "m")},
  });
}

TEST(PubSub, APasswordIsAskedForFirst) {
  TestServer server({"--requirepass", "secret"});
  TestClient client(server);
  EXPECT_EQ(client.Send("SUBSCRIBE x"), "-NOAUTH Authentication required.\r\n");
  EXPECT_EQ(client.Send("UNSUBSCRIBE"), "-NOAUTH Authentication required.\r\n");
  EXPECT_EQ(client.Send("AUTH secret"), "+OK\r\n");
  EXPECT_EQ(client.Send("SUBSCRIBE x"), Said("subscribe", "x", 1));
}

// --- as others see them

class Listeners : public ::testing::Test {
 protected:
  // The line of CLIENT LIST of a client, from its flags to its subscriptions.
  std::string Shown(TestClient& client) {
    const std::string list = admin.Send("CLIENT LIST ID " + std::to_string(client.id()));
    const size_t from = list.find("flags="), to = list.find(" multi=");
    return from == std::string::npos ? list : list.substr(from, to - from);
  }
  std::string Figure(const std::string& name) {
    const std::string info = admin.Send("INFO stats");
    const size_t at = info.find("\n" + name + ":");
    return at == std::string::npos ? "" : info.substr(at + name.size() + 2, info.find('\r', at) - at - name.size() - 2);
  }

  TestServer server;
  TestClient admin{server}, a{server}, b{server};
};

TEST_F(Listeners, ClientListShowsSubscriptions) {
  EXPECT_EQ(Shown(a), "flags=N db=0 sub=0 psub=0 ssub=0");
  a.Send("HELLO 3");
  a.Send("SUBSCRIBE x y");
  a.Send("PSUBSCRIBE a* b* c*");
  a.Send("SSUBSCRIBE s");
  EXPECT_EQ(Shown(a), "flags=P db=0 sub=2 psub=3 ssub=1");
  a.Send("MULTI");
  EXPECT_EQ(Shown(a), "flags=Px db=0 sub=2 psub=3 ssub=1");
  a.Send("DISCARD");
  a.Send("BLPOP q 0");
  EXPECT_EQ(Shown(a), "flags=Pb db=0 sub=2 psub=3 ssub=1");
}

TEST_F(Listeners, AreATypeOfTheirOwn) {
  a.Send("SUBSCRIBE x");
  EXPECT_NE(admin.Send("CLIENT LIST TYPE pubsub").find("id=2 "), std::string::npos);
  EXPECT_EQ(admin.Send("CLIENT LIST TYPE normal").find("id=2 "), std::string::npos);
  EXPECT_EQ(admin.Send("CLIENT KILL ID 2 TYPE normal"), ":0\r\n");
  EXPECT_EQ(admin.Send("CLIENT KILL TYPE pubsub"), ":1\r\n");
  EXPECT_TRUE(a.closed());
  EXPECT_FALSE(b.closed());
  EXPECT_EQ(admin.Send("PUBSUB NUMSUB x"), "*2\r\n$1\r\nx\r\n:0\r\n");
}

TEST_F(Listeners, InfoCountsNames) {
  EXPECT_EQ(Figure("pubsub_channels"), "0");
  a.Send("SUBSCRIBE x y");
  b.Send("SUBSCRIBE x");
  b.Send("PSUBSCRIBE p*");
  b.Send("SSUBSCRIBE s t");
  EXPECT_EQ(Figure("pubsub_channels"), "2");
  EXPECT_EQ(Figure("pubsub_patterns"), "1");
  EXPECT_EQ(Figure("pubsubshard_channels"), "2");
}

TEST_F(Listeners, AreNotIdle) {
  admin.Send("CONFIG SET timeout 10");
  a.Send("SUBSCRIBE x");
  server.Advance(20'000);
  EXPECT_TRUE(b.closed());
  EXPECT_FALSE(a.closed());
}

TEST_F(Listeners, HearNothingOnceTheyHaveQuit) {
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  a.Send("HELLO 3");
  a.Send("SUBSCRIBE x");
  a.Receive();
  EXPECT_EQ(a.Send("SET k v"), "");  // waits for the disk, and keeps the connection open behind QUIT
  EXPECT_EQ(a.Send("QUIT"), "");
  EXPECT_EQ(admin.Send("PUBLISH x m"), ":1\r\n");
  server.sync_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
  server.sync_runner().RunAll();
  server.Settle();
  EXPECT_EQ(a.Receive(), "+OK\r\n+OK\r\n");
  EXPECT_TRUE(a.closed());
}

TEST_F(Listeners, AMessageWaitsForTheRepliesBeforeItAndForNothingElse) {
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  a.Send("HELLO 3");
  a.Send("SUBSCRIBE x");
  b.Send("SUBSCRIBE x");
  a.Receive();
  b.Receive();
  EXPECT_EQ(a.Send("SET k v"), "");
  EXPECT_EQ(admin.Send("PUBLISH x m"), ":2\r\n");
  EXPECT_EQ(b.Receive(), Told("x", "m"));
  EXPECT_EQ(a.Receive(), "");
  server.sync_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
  server.sync_runner().RunAll();
  server.Settle();
  EXPECT_EQ(a.Receive(), "+OK\r\n" + Pushed(Told("x", "m")));
}

TEST_F(Listeners, AreToldThoughTheLogIsBehind) {
  admin.Send("CONFIG SET unwritten-bytes-max 1mb");
  a.Send("SUBSCRIBE x");
  a.Receive();
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  EXPECT_EQ(b.Send({"SET", "k", std::string(size_t{2} << 20, 'v')}), "");
  TestClient writer(server);
  EXPECT_EQ(writer.Send("SET k v"), "");
  EXPECT_FALSE(writer.reading());  // it is asked again when the log has caught up
  EXPECT_EQ(admin.Send("PUBLISH x m"), ":1\r\n");
  EXPECT_EQ(a.Receive(), Told("x", "m"));
}

TEST_F(Listeners, AMessageToOneselfInATransactionDoesNotLetItsRepliesGo) {
  a.Send("HELLO 3");
  a.Send("SUBSCRIBE x");
  a.Receive();
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  a.Send("MULTI");
  a.Send("SET k v");
  a.Send("PUBLISH x m");
  a.Receive();
  EXPECT_EQ(a.Send("EXEC"), "");
  ASSERT_TRUE(server.sync_runner().RunJob());
  ASSERT_TRUE(server.sync_runner().DeliverDone());
  server.Settle();
  EXPECT_EQ(a.Receive(), "*2\r\n+OK\r\n" + Pushed(Told("x", "m")) + ":1\r\n");
}

TEST_F(Listeners, OneThatDoesNotReadIsCutAtItsLimit) {
  admin.Send("CONFIG SET client-output-buffer-limit \"pubsub 100000 0 0\"");
  a.Send("SUBSCRIBE x");
  b.Send("SUBSCRIBE x");
  a.set_accepts(false);
  const std::string message(10'000, 'm');
  int published = 0;
  for (; published < 20 && !a.closed(); ++published) admin.Send({"PUBLISH", "x", message});
  EXPECT_EQ(published, 10);
  EXPECT_TRUE(a.closed());
  EXPECT_FALSE(b.closed());
  EXPECT_EQ(admin.Send({"PUBLISH", "x", message}), ":1\r\n");
  EXPECT_EQ(Figure("client_output_buffer_limit_disconnections"), "1");
}

// What one command sends to one client has no other bound than the limit.
TEST_F(Listeners, GetNoMoreThanTheLimitFromOneMessage) {
  admin.Send("CONFIG SET client-output-buffer-limit \"pubsub 100000 0 0\"");
  a.Send("HELLO 3");
  for (int i = 0; i < 1000; ++i) a.Send("PSUBSCRIBE *" + std::string(static_cast<size_t>(i), '?') + "*");
  a.Receive();
  EXPECT_EQ(admin.Send({"PUBLISH", std::string(2000, 'c'), std::string(10'000, 'm')}), ":1000\r\n");
  EXPECT_TRUE(a.closed());
  EXPECT_EQ(a.Receive(), "");  // it missed some: what is left of them would be a lie
}

TEST_F(Listeners, AreCutWhenTheyTellThemselvesTooMuch) {
  admin.Send("CONFIG SET client-output-buffer-limit \"pubsub 100000 0 0\"");
  a.Send("HELLO 3");
  for (int i = 0; i < 100; ++i) a.Send("PSUBSCRIBE *" + std::string(static_cast<size_t>(i), '?') + "*");
  a.Receive();
  a.Send("MULTI");
  for (int i = 0; i < 3; ++i) a.Send({"PUBLISH", std::string(2000, 'c'), std::string(10'000, 'm')});
  a.Send("SUBSCRIBE late");
  a.Receive();
  a.Send("EXEC");
  EXPECT_TRUE(a.closed());
  EXPECT_EQ(admin.Send("PUBSUB NUMSUB late"), "*2\r\n$4\r\nlate\r\n:0\r\n");
}

TEST_F(Listeners, AreCutWhenTheyLagForTooLong) {
  admin.Send("CONFIG SET client-output-buffer-limit \"pubsub 0 1000 5\"");
  a.Send("SUBSCRIBE x");
  a.set_accepts(false);
  admin.Send({"PUBLISH", "x", std::string(2000, 'm')});
  server.Advance(4'000);
  EXPECT_FALSE(a.closed());
  server.Advance(4'000);
  EXPECT_TRUE(a.closed());
}

TEST_F(Listeners, TheLimitOfNormalClientsIsNotTheirs) {
  admin.Send("CONFIG SET client-output-buffer-limit \"normal 1000 0 0\"");
  a.Send("SUBSCRIBE x");
  a.set_accepts(false);
  EXPECT_EQ(admin.Send({"PUBLISH", "x", std::string(5000, 'm')}), ":1\r\n");
  EXPECT_FALSE(a.closed());
}

TEST_F(Listeners, ThousandsOfSubscriptionsOfOneConnection) {
  std::vector<std::string> words = {"SUBSCRIBE"};
  for (int i = 0; i < 5000; ++i) words.push_back("channel:" + std::to_string(i));
  EXPECT_TRUE(a.Send(words).ends_with(":5000\r\n"));
  EXPECT_EQ(admin.Send("PUBLISH channel:4711 m"), ":1\r\n");
  EXPECT_EQ(a.Receive(), Told("channel:4711", "m"));
  words[0] = "UNSUBSCRIBE";
  words.resize(4000);
  EXPECT_TRUE(a.Send(words).ends_with(":1001\r\n"));
  a.Disconnect();
  EXPECT_EQ(admin.Send("PUBSUB CHANNELS"), "*0\r\n");
}

TEST_F(Listeners, ThousandsOnOneChannelSomeOfWhomLeave) {
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 3000; ++i) {
    clients.push_back(std::make_unique<TestClient>(server));
    clients.back()->Send(i % 2 == 0 ? "SUBSCRIBE x" : "PSUBSCRIBE ?");
    clients.back()->Receive();
  }
  EXPECT_EQ(admin.Send("PUBLISH x m"), ":3000\r\n");
  for (int i = 0; i < 3000; i += 3) clients[static_cast<size_t>(i)].reset();
  EXPECT_EQ(admin.Send("PUBLISH x n"), ":2000\r\n");
  EXPECT_EQ(clients[2]->Receive(), Told("x", "m") + Told("x", "n"));
  EXPECT_EQ(clients[1]->Receive(), Matched("?", "x", "m") + Matched("?", "x", "n"));
  EXPECT_EQ(admin.Send("CLIENT KILL TYPE pubsub"), ":2000\r\n");
  EXPECT_EQ(admin.Send("PUBLISH x o"), ":0\r\n");
}

}  // namespace
}  // namespace baton
