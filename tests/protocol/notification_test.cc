// Keyspace notifications: which events, in which order, on which key. All was taken from redis-server 7.0.15, which was
// watched in the same way.
#include "protocol/notification_fixture.h"

namespace baton {
namespace {

TEST_F(Notifications, OfStrings) {
  Play({
      {"a", "SET a 1", "0:new(a) 0:set(a)"},
      {"a", "SET a 2", "0:set(a)"},
      {"a", "SET a 2 EX 100", "0:set(a) 0:expire(a)"},
      {"a", "SET a 2 KEEPTTL", "0:set(a)"},
      {"a", "SET a 2 XX GET", "0:set(a)"},
      {"a", "SET a 3 NX", ""},
      {"a", "SET z 3 NX PX 100000", "0:new(z) 0:set(z) 0:expire(z)"},
      {"a", "SET zz 1 XX", ""},
      {"a", "SET zz 1 XX GET", "0:keymiss(zz)"},
      {"a", "SETNX a 1", ""},
      {"a", "SETNX b 1", "0:new(b) 0:set(b)"},
      {"a", "SETEX c 100 v", "0:new(c) 0:set(c) 0:expire(c)"},
      {"a", "PSETEX c 100000 v", "0:set(c) 0:expire(c)"},
      {"a", "MSET a 1 b 2 m 3", "0:set(a) 0:set(b) 0:new(m) 0:set(m)"},
      {"a", "MSET a 1 a 2", "0:set(a) 0:set(a)"},
      {"a", "MSETNX m1 1 m2 2", "0:new(m1) 0:set(m1) 0:new(m2) 0:set(m2)"},
      {"a", "MSETNX m1 1 m3 2", ""},
      {"a", "GET a", ""},
      {"a", "GET none", "0:keymiss(none)"},
      {"a", "MGET a none m none", "0:keymiss(none) 0:keymiss(none)"},
      {"a", "GETSET a 5", "0:set(a)"},
      {"a", "GETSET gs 5", "0:keymiss(gs) 0:new(gs) 0:set(gs)"},
      {"a", "GETDEL gs", "0:del(gs)"},
      {"a", "GETDEL gs", "0:keymiss(gs)"},
      {"a", "GETEX a", ""},
      {"a", "GETEX a EX 100", "0:expire(a)"},
      {"a", "GETEX a PERSIST", "0:persist(a)"},
      {"a", "GETEX a PERSIST", ""},
      {"a", "GETEX a EXAT 1", "0:del(a)"},
      {"a", "GETEX a", "0:keymiss(a)"},
      {"a", "APPEND ap x", "0:new(ap) 0:append(ap)"},
      {"a", "APPEND ap y", "0:append(ap)"},
      {"a", "APPEND ap \"\"", "0:append(ap)"},
      {"a", "STRLEN none", "0:keymiss(none)"},
      {"a", "GETRANGE none 0 1", "0:keymiss(none)"},
      {"a", "SETRANGE sr 3 abc", "0:new(sr) 0:setrange(sr)"},
      {"a", "SETRANGE sr 1 x", "0:setrange(sr)"},
      {"a", "SETRANGE sr 1 \"\"", ""},
      {"a", "SETRANGE none 1 \"\"", ""},
      {"a", "INCR i", "0:new(i) 0:incrby(i)"},
      {"a", "DECR i", "0:incrby(i)"},
      {"a", "INCRBY i 5", "0:incrby(i)"},
      {"a", "DECRBY i 5", "0:incrby(i)"},
      {"a", "INCRBYFLOAT i 1.5", "0:incrbyfloat(i)"},
      {"a", "INCR i", ""},
      {"a", "INCRBYFLOAT f 1.5", "0:new(f) 0:incrbyfloat(f)"},
      {"a", "LPUSH a x", "0:new(a) 0:lpush(a)"},
      {"a", "APPEND a x", ""},
      {"a", "SET a x", "0:set(a)"},
  });
}

TEST_F(Notifications, OfLists) {
  Play({
      {"a", "LPUSH q a b c", "0:new(q) 0:lpush(q)"},
      {"a", "RPUSH q z", "0:rpush(q)"},
      {"a", "LPUSHX q z", "0:lpush(q)"},
      {"a", "RPUSHX q z", "0:rpush(q)"},
      {"a", "LPUSHX none z", ""},
      {"a", "LPOP q", "0:lpop(q)"},
      {"a", "RPOP q 2", "0:rpop(q)"},
      {"a", "LPOP q 0", ""},
      {"a", "RPOP q 100", "0:rpop(q) 0:del(q)"},
      {"a", "RPOP q", ""},
      {"a", "LPOP q 2", ""},
      {"a", "LLEN q", "0:keymiss(q)"},
      {"a", "LRANGE q 0 -1", "0:keymiss(q)"},
      {"a", "LINDEX q 0", "0:keymiss(q)"},
      {"a", "LPOS q a", "0:keymiss(q)"},
      {"a", "LINSERT q BEFORE a b", ""},
      {"a", "LSET q 0 a", ""},
      {"a", "LREM q 0 a", ""},
      {"a", "LTRIM q 0 1", ""},
      {"a", "RPUSH q a b c a", "0:new(q) 0:rpush(q)"},
      {"a", "LINSERT q BEFORE b x", "0:linsert(q)"},
      {"a", "LINSERT q AFTER none x", ""},
      {"a", "LSET q 0 A", "0:lset(q)"},
      {"a", "LSET q 99 A", ""},
      {"a", "LREM q 0 none", ""},
      {"a", "LREM q 1 A", "0:lrem(q)"},
      {"a", "LTRIM q 0 -1", "0:ltrim(q)"},  // nothing has changed, but Redis says so
      {"a", "LTRIM q 0 0", "0:ltrim(q)"},
      {"a", "LTRIM q 5 1", "0:ltrim(q) 0:del(q)"},
      {"a", "RPUSH q a a", "0:new(q) 0:rpush(q)"},
      {"a", "LREM q 0 a", "0:lrem(q) 0:del(q)"},
  });
}

TEST_F(Notifications, OfMoves) {
  Play({
      {"a", "RPUSH src 1 2 3", "0:new(src) 0:rpush(src)"},
      {"a", "LMOVE src dst LEFT RIGHT", "0:new(dst) 0:rpush(dst) 0:lpop(src)"},
      {"a", "RPOPLPUSH src dst", "0:lpush(dst) 0:rpop(src)"},
      {"a", "RPOPLPUSH src dst", "0:lpush(dst) 0:rpop(src) 0:del(src)"},
      {"a", "RPOPLPUSH src dst", ""},
      {"a", "RPUSH src 1", "0:new(src) 0:rpush(src)"},
      {"a", "RPOPLPUSH src src", "0:lpush(src) 0:rpop(src)"},
      {"a", "LMOVE src src LEFT LEFT", "0:lpush(src) 0:lpop(src)"},
      {"a", "RPUSH src 2", "0:rpush(src)"},
      {"a", "LMOVE src src LEFT RIGHT", "0:rpush(src) 0:lpop(src)"},
      {"a", "LMPOP 2 none src LEFT", "0:lpop(src)"},
      {"a", "LMPOP 2 none src RIGHT COUNT 10", "0:rpop(src) 0:del(src)"},
      {"a", "LMPOP 2 none src RIGHT", ""},
      {"a", "BLPOP dst 0", "0:lpop(dst)"},
      {"a", "BLMPOP 0 1 dst RIGHT COUNT 9", "0:rpop(dst) 0:del(dst)"},
      {"a", "SET text x", "0:new(text) 0:set(text)"},
      {"a", "RPUSH src 1", "0:new(src) 0:rpush(src)"},
      {"a", "LMOVE src text LEFT LEFT", ""},
  });
}

TEST_F(Notifications, OfWhatWaitingClientsGet) {
  Play({
      {"b", "BLPOP q 0", ""},
      {"a", "RPUSH q x", "0:new(q) 0:rpush(q) 0:lpop(q) 0:del(q)"},
      {"b", "BLMOVE q dst LEFT RIGHT 0", ""},
      {"a", "RPUSH q x", "0:new(q) 0:rpush(q) 0:new(dst) 0:rpush(dst) 0:lpop(q) 0:del(q)"},
      {"b", "BLMOVE q dst LEFT RIGHT 0", ""},
      {"a", "RPUSH q x y", "0:new(q) 0:rpush(q) 0:rpush(dst) 0:lpop(q)"},
      {"b", "BRPOPLPUSH q2 dst 0", ""},
      {"a", "MULTI", ""},
      {"a", "LPUSH q2 x", ""},
      {"a", "LPUSH q2 y", ""},
      {"a", "EXEC", "0:new(q2) 0:lpush(q2) 0:lpush(q2) 0:lpush(dst) 0:rpop(q2)"},
      {"a", "DEL q2", "0:del(q2)"},
      {"b", "BLMPOP 0 2 none q2 LEFT COUNT 5", ""},
      {"a", "LPUSH q2 x y z", "0:new(q2) 0:lpush(q2) 0:lpop(q2) 0:del(q2)"},
      {"b", "BLPOP q4 0", ""},
      {"a", "LPUSH q3 x y", "0:new(q3) 0:lpush(q3)"},
      {"a", "RENAME q3 q4", "0:new(q4) 0:rename_from(q3) 0:rename_to(q4) 0:lpop(q4)"},
  });
}

TEST_F(Notifications, OfKeys) {
  Play({
      {"a", "MSET a 1 b 2", "0:new(a) 0:set(a) 0:new(b) 0:set(b)"},
      {"a", "DEL a b c", "0:del(a) 0:del(b)"},
      {"a", "SET a 1", "0:new(a) 0:set(a)"},
      {"a", "UNLINK a", "0:del(a)"},
      {"a", "EXISTS none", "0:keymiss(none)"},
      {"a", "TOUCH none", "0:keymiss(none)"},
      {"a", "TYPE none", "0:keymiss(none)"},
      {"a", "PTTL none", "0:keymiss(none)"},
      {"a", "EXPIRETIME none", "0:keymiss(none)"},
      {"a", "OBJECT ENCODING none", ""},
      {"a", "OBJECT FREQ none", ""},
      {"a", "MEMORY USAGE none", ""},
      {"a", "DEBUG OBJECT none", ""},
      {"a", "WATCH none", ""},
      {"a", "PERSIST none", ""},
      {"a", "EXPIRE none 10", ""},
      {"a", "SET a 1", "0:new(a) 0:set(a)"},
      {"a", "PERSIST a", ""},
      {"a", "EXPIRE a 100", "0:expire(a)"},
      {"a", "EXPIRE a 100 NX", ""},
      {"a", "PEXPIREAT a 99999999999999", "0:expire(a)"},
      {"a", "PERSIST a", "0:persist(a)"},
      {"a", "EXPIRE a -1", "0:del(a)"},
      {"a", "MSET a 1 b 2", "0:new(a) 0:set(a) 0:new(b) 0:set(b)"},
      {"a", "RENAME a b", "0:new(b) 0:rename_from(a) 0:rename_to(b)"},  // "new" even in the place of another
      {"a", "RENAME b b", ""},
      {"a", "RENAME none b", ""},
      {"a", "RENAMENX b c", "0:new(c) 0:rename_from(b) 0:rename_to(c)"},
      {"a", "COPY c d", "0:new(d) 0:copy_to(d)"},
      {"a", "COPY c d", ""},
      {"a", "COPY c d REPLACE", "0:new(d) 0:copy_to(d)"},
      {"a", "COPY none d", "0:keymiss(none)"},
      {"a", "COPY c c DB 2", "2:new(c) 2:copy_to(c)"},
      {"a", "MOVE c 1", "1:new(c) 0:move_from(c) 1:move_to(c)"},
      {"a", "MOVE c 1", ""},
      {"a", "SELECT 1", ""},
      {"a", "GET none", "1:keymiss(none)"},
      {"a", "SWAPDB 0 1", ""},
      {"a", "FLUSHDB", ""},
      {"a", "FLUSHALL", ""},
      {"a", "SET a 1", "1:new(a) 1:set(a)"},
      {"a", "DEBUG RELOAD", ""},
      {"a", "GET a", ""},
  });
}

// Keys whose time is up are found by commands only here.
TEST_F(Notifications, OfKeysThatCommandsFindToBeOver) {
  constexpr Step kCases[] = {
      {"", "GET a", "0:expired(a) 0:keymiss(a)"},
      {"", "SET a 2", "0:expired(a) 0:new(a) 0:set(a)"},
      {"", "SET a 2 NX", "0:expired(a) 0:new(a) 0:set(a)"},
      {"", "SET a 2 KEEPTTL", "0:expired(a) 0:new(a) 0:set(a)"},
      {"", "SETEX a 10 2", "0:expired(a) 0:new(a) 0:set(a) 0:expire(a)"},
      {"", "MSET a 2", "0:expired(a) 0:new(a) 0:set(a)"},
      {"", "GETSET a x", "0:expired(a) 0:keymiss(a) 0:new(a) 0:set(a)"},
      {"", "GETDEL a", "0:expired(a) 0:keymiss(a)"},
      {"", "INCR a", "0:expired(a) 0:new(a) 0:incrby(a)"},
      {"", "APPEND a x", "0:expired(a) 0:new(a) 0:append(a)"},
      {"", "SETRANGE a 2 x", "0:expired(a) 0:new(a) 0:setrange(a)"},
      {"", "DEL a", "0:expired(a)"},
      {"", "RENAME a b", "0:expired(a)"},
      {"", "RENAME other a", "0:expired(a) 0:new(a) 0:rename_from(other) 0:rename_to(a)"},
      {"", "COPY other a", "0:expired(a) 0:new(a) 0:copy_to(a)"},
      {"", "COPY other a REPLACE", "0:expired(a) 0:new(a) 0:copy_to(a)"},
      {"", "COPY a b", "0:expired(a) 0:keymiss(a)"},
      {"", "MOVE a 1", "0:expired(a)"},
      {"", "EXPIRE a 10", "0:expired(a)"},
      {"", "PERSIST a", "0:expired(a)"},
      {"", "TTL a", "0:expired(a) 0:keymiss(a)"},
      {"", "EXISTS a", "0:expired(a) 0:keymiss(a)"},
      {"", "OBJECT ENCODING a", "0:expired(a)"},
      {"", "MGET x a y", "0:keymiss(x) 0:expired(a) 0:keymiss(a) 0:keymiss(y)"},
      {"", "KEYS *", ""},
      {"", "SCAN 0", "0:expired(a)"},
      {"", "SCAN 0 TYPE string", "0:expired(a) 0:keymiss(a)"},
      {"", "DBSIZE", ""},
      {"", "MEMORY USAGE a", ""},
      {"", "LPUSH a x", "0:expired(a) 0:new(a) 0:lpush(a)"},
      {"", "LPUSHX a x", "0:expired(a)"},
      {"", "LMOVE list a LEFT LEFT", "0:expired(a) 0:new(a) 0:lpush(a) 0:lpop(list)"},
      {"", "LMOVE a list LEFT LEFT", "0:expired(a)"},
      {"", "LMPOP 2 a list LEFT", "0:expired(a) 0:lpop(list)"},
  };
  a.Send("DEBUG SET-ACTIVE-EXPIRE 0");
  for (const Step& step : kCases) {
    a.Send("FLUSHALL");
    a.Send("RPUSH list 1 2");
    a.Send("SET other 1");
    a.Send("SET a 1 PX 10");
    server.clock().AdvanceNs(11'000'000);
    observer.Receive();
    b.Send(step.words);
    EXPECT_EQ(Heard(), step.events) << step.words;
  }
}

TEST_F(Notifications, OfKeysWhoseTimeIsUp) {
  Play({
      {"a", "SET a 1 PX 100", "0:new(a) 0:set(a) 0:expire(a)"},
      {"a", "RPUSH l 1", "0:new(l) 0:rpush(l)"},
      {"a", "PEXPIRE l 50", "0:expire(l)"},
      {kSleep, "60", "0:expired(l)"},
      {kSleep, "60", "0:expired(a)"},
  });
}

TEST_F(Notifications, StandAmongMessagesInTheOrderInWhichThingsHappened) {
  Play({
      {"a", "MULTI", ""},
      {"a", "SET a 1", ""},
      {"a", "PUBLISH ch hello", ""},
      {"a", "LPUSH l 1", ""},
      {"a", "DEL a l", ""},
      {"a", "GET a", ""},
      {"a", "EXEC", "0:new(a) 0:set(a) <ch hello> 0:new(l) 0:lpush(l) 0:del(a) 0:del(l) 0:keymiss(a)"},
  });
}

TEST_F(Notifications, KeysAreBytes) {
  a.Send(std::vector<std::string>{"SET", std::string("\0\r\n", 3), "v"});
  EXPECT_EQ(Heard(), Bytes("0:new(\0\r\n) 0:set(\0\r\n)"));
  a.Send(std::vector<std::string>{"SET", "", "v"});
  EXPECT_EQ(Heard(), "0:new() 0:set()");
}

TEST_F(Notifications, AreOfTheClassesThatWereAskedFor) {
  const auto pmessage = [](std::string_view channel, std::string_view payload) -> std::string {
    return Bulks({"pmessage", "*", channel, payload});
  };
  struct Case {
    std::string_view letters;
    std::string told;  // of SET k v EX 100 on a new key
  };
  const std::string key_set = pmessage("__keyspace@0__:k", "set"), event_set = pmessage("__keyevent@0__:set", "k");
  const std::string key_new = pmessage("__keyspace@0__:k", "new"),
                    event_expire = pmessage("__keyevent@0__:expire", "k");
  for (const Case& each : std::vector<Case>{
           {"K$", key_set},
           {"E$", event_set},
           {"Eg", event_expire},
           {"Eg$", event_set + event_expire},
           {"KE$", key_set + event_set},
           {"K$n", key_new + key_set},
           {"EA", event_set + event_expire},
           {"AKn", key_new + key_set + pmessage("__keyspace@0__:k", "expire")},  // though CONFIG GET says AK
           {"Klshzxetdm", ""},
           {"A", ""},
           {"KE", ""},
           {"\"\"", ""},
       }) {
    ASSERT_EQ(a.Send("CONFIG SET notify-keyspace-events " + std::string(each.letters)), "+OK\r\n");
    a.Send("SET k v EX 100");
    EXPECT_EQ(observer.Receive(), each.told) << each.letters;
    a.Send("DEL k");
    observer.Receive();
  }
}

TEST(NotificationOption, IsRedissOption) {
  Converse({
      {"a", "CONFIG GET notify-keyspace-events", Bulks({"notify-keyspace-events", ""})},
      {"a", "CONFIG SET notify-keyspace-events KEA", "+OK\r\n"},
      {"a", "CONFIG GET notify-keyspace-events", Bulks({"notify-keyspace-events", "AKE"})},
      {"a", "CONFIG SET notify-keyspace-events nxgK", "+OK\r\n"},
      {"a", "CONFIG GET notify-keyspace-events", Bulks({"notify-keyspace-events", "gxnK"})},
      {"a", "CONFIG SET notify-keyspace-events KEq",
       "-ERR CONFIG SET failed (possibly related to argument 'notify-keyspace-events') - Invalid event class "
       "character. "
       "Use 'Ag$lshzxeKEtmdn'.\r\n"},
      {"a", "CONFIG GET notify-keyspace-events", Bulks({"notify-keyspace-events", "gxnK"})},
  });
}

TEST_F(Notifications, OneCanListenToOneKeyOrToOneEvent) {
  TestClient key(server), event(server);
  key.Send("SUBSCRIBE __keyspace@0__:q");
  event.Send("SUBSCRIBE __keyevent@0__:lpush");
  key.Receive();
  event.Receive();
  a.Send("LPUSH other x");
  a.Send("LPUSH q x");
  a.Send("RPOP q");
  EXPECT_EQ(key.Receive(),
            Bulks({"message", "__keyspace@0__:q", "new"}) + Bulks({"message", "__keyspace@0__:q", "lpush"}) +
                Bulks({"message", "__keyspace@0__:q", "rpop"}) + Bulks({"message", "__keyspace@0__:q", "del"}));
  EXPECT_EQ(event.Receive(),
            Bulks({"message", "__keyevent@0__:lpush", "other"}) + Bulks({"message", "__keyevent@0__:lpush", "q"}));
}

// What a client causes itself comes behind the reply, and never into it.
TEST_F(Notifications, ToldToThemselvesComeBehindTheReply) {
  const auto pushed = [](std::string_view channel, std::string_view payload) -> std::string {
    return ">3" + Bulks({"message", channel, payload}).substr(2);
  };
  b.Send("HELLO 3");
  b.Send("SUBSCRIBE __keyevent@0__:set __keyevent@0__:keymiss __keyevent@0__:rpop");
  b.Receive();
  EXPECT_EQ(b.SendBytes("SET k v\r\nPING\r\n"), "+OK\r\n" + pushed("__keyevent@0__:set", "k") + "+PONG\r\n");
  EXPECT_EQ(b.Send("MGET x k y"), "*3\r\n_\r\n$1\r\nv\r\n_\r\n" + pushed("__keyevent@0__:keymiss", "x") +
                                      pushed("__keyevent@0__:keymiss", "y"));
  b.Send("MULTI");
  b.Send("SET k 1");
  b.Send("GET x");
  b.Send("SET k 2");
  const std::string three =
      pushed("__keyevent@0__:set", "k") + pushed("__keyevent@0__:keymiss", "x") + pushed("__keyevent@0__:set", "k");
  EXPECT_EQ(b.Send("EXEC"), "*3\r\n+OK\r\n_\r\n+OK\r\n" + three);
  b.Send("CLIENT REPLY OFF");
  EXPECT_EQ(b.Send("SET k v"), pushed("__keyevent@0__:set", "k"));
  EXPECT_EQ(b.Send("CLIENT REPLY ON"), "+OK\r\n");
  b.Send("BRPOP q 0");
  a.Send("RPUSH q x");
  EXPECT_EQ(b.Receive(), Bulks({"q", "x"}) + pushed("__keyevent@0__:rpop", "q"));
}

TEST_F(Notifications, NobodyIsToldWhileTheLogIsLoaded) {
  a.Send("SET a 1");
  a.Send("RPUSH l 1 2");
  observer.Receive();
  EXPECT_EQ(a.Send("DEBUG RELOAD"), "+OK\r\n");
  EXPECT_EQ(Heard(), "");
  EXPECT_EQ(a.Send("LLEN l"), ":2\r\n");
}

}  // namespace
}  // namespace baton
