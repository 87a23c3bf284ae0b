// The shapes of what managed queues answer, in RESP2 and RESP3, and the figures of INFO queues.

#include "protocol/queue_fixture.h"
#include "protocol/shape.h"

namespace baton {
namespace {

std::string Integer(int64_t value) { return ":" + std::to_string(value) + "\r\n"; }
std::string Map(int64_t pairs, bool resp3) {
  return resp3 ? "%" + std::to_string(pairs) + "\r\n" : "*" + std::to_string(2 * pairs) + "\r\n";
}
// A message that was leased just now, for the first time.
std::string LeasedMeta(const std::string& token, bool resp3) {
  const std::string id = token.substr(0, token.find('-'));
  return Map(10, resp3) + Bulk("id") + ":" + id + "\r\n" + Bulk("token") + Bulk(token) + Bulk("state") +
         Bulk("leased") + Bulk("queue") + Bulk("mail") + Bulk("list") + Bulk("backup") + Bulk("deliveries") +
         Integer(1) + Bulk("failures") + Integer(0) + Bulk("reason") + Bulk("none") + Bulk("first-delivered-ms-ago") +
         Integer(0) + Bulk("lease-ends-in-ms") + Integer(1000);
}

// Every shape is asked for twice, by a client of each protocol.
class QueueShapes : public Queue, public testing::WithParamInterface<bool> {
 protected:
  QueueShapes() {
    if (resp3()) c_.Send("HELLO 3");
  }
  static bool resp3() { return GetParam(); }
  static std::string Null() { return resp3() ? "_\r\n" : "$-1\r\n"; }
  static std::string NullArray() { return resp3() ? "_\r\n" : "*-1\r\n"; }

  TestClient c_{server_};
};
INSTANTIATE_TEST_SUITE_P(Resp, QueueShapes, testing::Bool(),
                         [](const auto& param) { return param.param ? std::string("3") : std::string("2"); });

TEST_P(QueueShapes, OfQpop) {
  a_.Send("LPUSH mail v w x");
  const std::string one = c_.Send("QPOP FROM mail");
  EXPECT_EQ(one, "*1\r\n*3\r\n" + Bulk("mail") + Bulk(TokenIn(one)) + Bulk("v"));
  const std::string two = c_.Send("QPOP COUNT 5 WITHMETA FROM mail");
  const std::string token = TokenIn(two), second_token = TokenIn(two.substr(two.rfind("*4\r\n")));
  EXPECT_EQ(two, "*2\r\n*4\r\n" + Bulk("mail") + Bulk(token) + Bulk("w") + LeasedMeta(token, resp3()) + "*4\r\n" +
                     Bulk("mail") + Bulk(second_token) + Bulk("x") + LeasedMeta(second_token, resp3()));
  EXPECT_EQ(c_.Send("QPOP FROM mail"), NullArray());
  EXPECT_EQ(c_.Send("QPOP BLOCK 10 FROM mail"), "");
  server_.Advance(20);
  EXPECT_EQ(c_.Receive(), NullArray());
}

TEST_P(QueueShapes, OfQmeta) {
  a_.Send("LPUSH mail v");
  EXPECT_EQ(c_.Send("QMETA mail v"), Null());
  const std::string token = TokenIn(a_.Send("QPOP FROM mail"));
  EXPECT_EQ(c_.Send("QMETA backup v"), LeasedMeta(token, resp3()));
  server_.Advance(1100);
  const std::string ready = c_.Send("QMETA mail v");
  EXPECT_TRUE(ready.starts_with(Map(9, resp3()) + Bulk("id"))) << ready;
  EXPECT_TRUE(HasShape(ready.substr(ready.find(Bulk("state"))),
                       Bulk("state") + Bulk("ready") + Bulk("queue") + Bulk("mail") + Bulk("list") + Bulk("mail") +
                           Bulk("deliveries") + Integer(1) + Bulk("failures") + Integer(1) + Bulk("reason") +
                           Bulk("expired") + Bulk("first-delivered-ms-ago") + ":#\r\n"))
      << ready;
}

TEST_P(QueueShapes, OfQpending) {
  EXPECT_EQ(c_.Send("QPENDING mail 0 10"), "*0\r\n");
  a_.Send("LPUSH mail v w");
  const std::string first = TokenIn(a_.Send("QPOP FROM mail"));
  server_.Advance(200);
  const std::string second = TokenIn(b_.Send("QPOP FROM mail"));
  server_.Advance(300);
  const auto held = [](const std::string& token, std::string_view value, const TestClient& holder, int64_t ms) {
    return Map(8, resp3()) + Bulk("token") + Bulk(token) + Bulk("value") + Bulk(value) + Bulk("list") + Bulk("backup") +
           Bulk("connection") + Integer(static_cast<int64_t>(holder.id())) + Bulk("address") + "$#\r\n*\r\n" +
           Bulk("held-ms") + Integer(ms) + Bulk("lease-ends-in-ms") + Integer(1000 - ms) + Bulk("deliveries") +
           Integer(1);
  };
  EXPECT_TRUE(HasShape(c_.Send("QPENDING mail 0 10").substr(4), held(first, "v", a_, 500) + held(second, "w", b_, 300)))
      << c_.Send("QPENDING mail 0 10");
  EXPECT_TRUE(HasShape(c_.Send("QPENDING mail IDLE 400 0 10").substr(4), held(first, "v", a_, 500)));
  EXPECT_TRUE(HasShape(c_.Send("QPENDING mail 1 10").substr(4), held(second, "w", b_, 300)));
  EXPECT_EQ(c_.Send("QPENDING mail 2 10"), "*0\r\n");
  EXPECT_EQ(c_.Send("QPENDING mail 0 0"), "*0\r\n");
}

TEST_P(QueueShapes, OfQinfo) {
  a_.Send("LPUSH mail v w x y");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("LREM backup 1 v");
  a_.Send("LPUSH backup nobody's");
  std::string expected = Map(28, resp3()) + Bulk("queue") + Bulk("mail") + Bulk("policy") + Bulk("mail");
  const std::pair<const char*, int> kFigures[] = {
      {"waiting-consumers", 0},
      {"ready", 2},
      {"leased", 1},
      {"delayed", 0},
      {"dead", 0},
      {"unleased", 1},
      {"enqueued", 4},
      {"adopted", 0},
      {"acked", 1},
      {"removed", 0},
      {"forwarded", 0},
      {"dropped", 0},
      {"balanced", 1},
      {"delivered", 2},
      {"expired", 0},
      {"nacked", 0},
      {"late-acks", 0},
      {"expired-while-connected", 0},
      {"oldest-age-ms", 0},
      {"hold-p50-ms", 0},
      {"hold-p99-ms", 0},
      {"redelivery-late-max-ms", 0},
      {"enqueued-per-second", 0},
      {"delivered-per-second", 0},
      {"acked-per-second", 0},
      {"expired-per-second", 0},
  };
  for (const auto& [name, value] : kFigures) expected += Bulk(name) + Integer(value);
  EXPECT_EQ(c_.Send("QINFO mail"), expected);
}

TEST_P(QueueShapes, OfQpolicy) {
  EXPECT_EQ(c_.Send("QPOLICY GET nosuch"), NullArray());
  EXPECT_EQ(c_.Send("QPOLICY DEL nosuch"), Null());
  const std::string words = Bulks({"mail", "MATCH", "mail", "PROCESSING", "backup", "VISIBILITY", "1000", "MAXDELIVER",
                                   "3", "DEADLETTER", "mail:dead"});
  EXPECT_EQ(c_.Send("QPOLICY GET mail"), words);
  EXPECT_EQ(c_.Send("QPOLICY LIST"), "*1\r\n" + words);
  const auto match = [](std::string_view key, std::string_view role, const std::string& policy, std::string_view why) {
    return Map(4, resp3()) + Bulk("key") + Bulk(key) + Bulk("role") + Bulk(role) + Bulk("policy") + policy +
           Bulk("why") + Bulk(why);
  };
  EXPECT_EQ(c_.Send("QPOLICY MATCH mail"), match("mail", "queue", Bulk("mail"), "MATCH mail of policy mail"));
  EXPECT_EQ(c_.Send("QPOLICY MATCH backup"),
            match("backup", "processing list", Bulk("mail"), "PROCESSING backup of policy mail"));
  EXPECT_EQ(c_.Send("QPOLICY MATCH other"), match("other", "plain list", Null(), "no policy names it"));
}

// --- INFO queues

// A figure in the line of queue number `n`.
std::string Figure(const std::string& info, const std::string& name, int n = 0) {
  return Between(Between(info, "\nqueue" + std::to_string(n) + ":", "\r"), name + "=", ",");
}

TEST_F(Queue, InfoHasALineOfFiguresForEachQueue) {
  EXPECT_TRUE(HasShape(a_.Send("INFO queues"),
                       "$#\r\n* Queues\r\nqueue_policies:1\r\nqueue_records:0\r\nqueue_records_bytes:#\r\n\r\n"))
      << a_.Send("INFO queues");
  a_.Send("LPUSH mail v w x y");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("LREM backup 1 v");
  const std::string info = a_.Send("INFO queues");
  EXPECT_EQ(Between(info, "\nqueue_records:", "\r"), "1");
  EXPECT_EQ(Between(info, "\nqueue0:", "\r"),
            "name=mail,db=0,policy=mail,waiting-consumers=0,ready=2,leased=1,delayed=0,dead=0,unleased=0,enqueued=4,"
            "adopted=0,"
            "acked=1,removed=0,forwarded=0,dropped=0,balanced=1,delivered=2,expired=0,nacked=0,late-acks=0,"
            "expired-while-connected=0,oldest-age-ms=0,hold-p50-ms=0,hold-p99-ms=0,redelivery-late-max-ms=0,"
            "enqueued-per-second=0,delivered-per-second=0,acked-per-second=0,expired-per-second=0");
  EXPECT_EQ(info.find("queue1:"), std::string::npos);
  a_.Send("QPOLICY SET \"p,=\" MATCH \"a=b,*\" PROCESSING taken VISIBILITY 1000");
  a_.Send("SELECT 1");
  a_.Send("LPUSH \"a=b,c d\" v");
  const std::string more = a_.Send("INFO queues");
  EXPECT_EQ(Between(more, "\nqueue_policies:", "\r"), "2");
  EXPECT_NE(more.find(":name=a%3db%2cc%20d,db=1,policy=p%2c%3d,waiting-consumers=0,ready=1,"), std::string::npos)
      << more;
  a_.Send("SELECT 0");
}

TEST_F(Queue, InfoCountsWhoWaits) {
  TestClient c(server_);
  EXPECT_EQ(b_.Send("BRPOPLPUSH mail backup 0"), "");
  EXPECT_EQ(Info("waiting-consumers"), 1);
  EXPECT_EQ(c.Send("QPOP BLOCK 500 FROM mail"), "");
  EXPECT_EQ(Info("waiting-consumers"), 2);
  EXPECT_EQ(Figure(a_.Send("INFO queues"), "waiting-consumers"), "2");
  a_.Send("LPUSH mail v");
  EXPECT_EQ(b_.Receive(), Bulk("v"));
  EXPECT_EQ(Info("waiting-consumers"), 1);
  server_.Advance(600);
  EXPECT_EQ(c.Receive(), "*-1\r\n");
  EXPECT_EQ(Figure(a_.Send("INFO queues"), "waiting-consumers"), "0");
}

// Ages are known to a second: what was there is noted once in each.
TEST_F(Queue, InfoTellsTheAgeOfWhatIsReadyForLongest) {
  a_.Send("LPUSH mail 1");
  EXPECT_EQ(Info("oldest-age-ms"), 0);
  server_.Advance(5000);
  a_.Send("LPUSH mail 2");
  server_.Advance(3000);
  EXPECT_GE(Info("oldest-age-ms"), 7000);
  EXPECT_LE(Info("oldest-age-ms"), 8000);
  EXPECT_EQ(Figure(a_.Send("INFO queues"), "oldest-age-ms"), std::to_string(Info("oldest-age-ms")));
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("LREM backup 1 1");
  EXPECT_GE(Info("oldest-age-ms"), 2000);
  EXPECT_LE(Info("oldest-age-ms"), 3000);
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("LREM backup 1 2");
  EXPECT_EQ(Info("oldest-age-ms"), 0);
}

TEST_F(Queue, InfoTellsHowLateARedeliveryWas) {
  a_.Send("LPUSH mail 1 2");
  a_.Send("RPOPLPUSH mail backup");
  server_.Advance(1100);
  EXPECT_EQ(Info("expired"), 1);
  EXPECT_LE(Info("redelivery-late-max-ms"), 1);
  a_.Send("LMOVE mail backup LEFT LEFT");
  clock_.AdvanceNs(1'300'000'000);  // the server is busy with something else
  server_.Advance(1);
  EXPECT_EQ(Info("expired"), 2);
  EXPECT_GE(Info("redelivery-late-max-ms"), 300);
  EXPECT_LE(Info("redelivery-late-max-ms"), 302);
  a_.Send("LMOVE mail backup LEFT LEFT");
  server_.Advance(1100);
  EXPECT_EQ(Info("expired"), 3);
  EXPECT_GE(Info("redelivery-late-max-ms"), 300);  // the worst there was
  EXPECT_EQ(Figure(a_.Send("INFO queues"), "redelivery-late-max-ms"), std::to_string(Info("redelivery-late-max-ms")));
}

// --- COMMAND INFO

TEST_P(QueueShapes, OfCommandInfo) {
  const std::string set = resp3() ? "~" : "*";
  const std::string name = Bulk("flags") + set + "2\r\n+RO\r\n+access\r\n";
  EXPECT_EQ(c_.Send("COMMAND INFO qinfo"),
            "*1\r\n*10\r\n" + Bulk("qinfo") + ":2\r\n" + set + "1\r\n+readonly\r\n:1\r\n:1\r\n:1\r\n" + set +
                "3\r\n+@read\r\n+@queue\r\n+@slow\r\n" + set + "0\r\n" + set + "1\r\n" + Map(3, resp3()) + name +
                Bulk("begin_search") + Map(2, resp3()) + Bulk("type") + Bulk("index") + Bulk("spec") + Map(1, resp3()) +
                Bulk("index") + ":1\r\n" + Bulk("find_keys") + Map(2, resp3()) + Bulk("type") + Bulk("range") +
                Bulk("spec") + Map(3, resp3()) + Bulk("lastkey") + ":0\r\n" + Bulk("keystep") + ":1\r\n" +
                Bulk("limit") + ":0\r\n*0\r\n");
  EXPECT_EQ(c_.Send("COMMAND INFO qpolicy|get"),
            "*1\r\n*10\r\n" + Bulk("qpolicy|get") + ":3\r\n" + set +
                "4\r\n+readonly\r\n+loading\r\n+stale\r\n+fast\r\n" + ":0\r\n:0\r\n:0\r\n" + set +
                "3\r\n+@read\r\n+@queue\r\n+@fast\r\n" + set + "0\r\n" + set + "0\r\n*0\r\n");
  EXPECT_EQ(c_.Send("COMMAND LIST FILTERBY ACLCAT queue"),
            Bulks({"qack", "qinfo", "qmeta", "qnack", "qpending", "qpolicy|del", "qpolicy|get", "qpolicy|help",
                   "qpolicy|list", "qpolicy|match", "qpolicy|set", "qpop", "qredrive", "qtouch"}));
}

// --- BLMOVE

TEST_F(Queue, ABlmoveIsALeaseWhetherItWaitsOrNot) {
  a_.Send("LPUSH mail 1 2");
  EXPECT_EQ(b_.Send("BLMOVE mail backup RIGHT LEFT 0"), Bulk("1"));
  EXPECT_EQ(b_.Send("BLMOVE mail backup LEFT RIGHT 0"), Bulk("2"));
  EXPECT_EQ(Info("leased"), 2);
  EXPECT_EQ(b_.Send("LREM backup 1 2"), ":1\r\n");
  EXPECT_EQ(Info("acked"), 1);
  server_.Advance(900);
  EXPECT_EQ(b_.Send("BLMOVE mail backup LEFT LEFT 0"), "");
  server_.Advance(200);
  EXPECT_EQ(b_.Receive(), Bulk("1"));  // the first lease has ended
  EXPECT_EQ(Info("leased"), 1);
  EXPECT_EQ(Info("delivered"), 3);
  EXPECT_EQ(b_.Send("BLMOVE mail backup RIGHT RIGHT 0"), "");
  a_.Send("LPUSH mail 3");
  EXPECT_EQ(b_.Receive(), Bulk("3"));
  EXPECT_EQ(a_.Send("LRANGE backup 0 -1"), Bulks({"1", "3"}));
  EXPECT_EQ(Info("leased"), 2);
  EXPECT_EQ(b_.Send("LREM backup 0 3"), ":1\r\n");
  EXPECT_EQ(Info("acked"), 2);
  EXPECT_EQ(b_.Send("BLMOVE mail elsewhere RIGHT LEFT 0.1"), "");
  a_.Send("LPUSH mail 4");
  EXPECT_EQ(b_.Receive(), Bulk("4"));
  EXPECT_EQ(Info("forwarded"), 1);  // into a list that is no processing list: no lease
}

}  // namespace
}  // namespace baton
