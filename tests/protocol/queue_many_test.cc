// Managed queues and many messages that go at once: accounts are right at once, the rest is swept up in slices.

#include "doubles/queue_audit.h"
#include "protocol/queue_fixture.h"

namespace baton {
namespace {

constexpr int kMany = 5000;

class QueueMany : public Queue {
 protected:
  QueueMany() { Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 BACKOFF NONE"); }

  // Without ending a turn more than it takes: what is to be swept up is still there.
  std::string Send(const std::string& line) {
    a_.Feed(TestClient::Encode(TestClient::Split(line)));
    server_.server().EndTurn();
    return a_.Receive();
  }
  void Push(int count, const std::string& queue = "mail") {
    std::string line = "LPUSH " + queue;
    for (int i = 0; i < count; ++i) line += " " + queue + std::to_string(i);
    a_.Send(line);
  }
  void Lease(int count, const std::string& queue = "mail") {
    a_.Send("QPOP COUNT " + std::to_string(count) + " FROM " + queue);
  }
  int SlicesLeft() {
    int slices = 0;
    while (server_.server().EndTurn()) ++slices;
    return slices;
  }
  void Restart() {
    server_.Settle();
    const std::string before = DescribeQueues(server_.server());
    a_.Abandon();
    b_.Abandon();
    stopped_ = true;
    server_.Kill();
    TestServer again(disk_, clock_);
    ASSERT_TRUE(again.report().ok()) << again.report().status().message();
    EXPECT_EQ(DescribeQueues(again.server()), before);
    EXPECT_EQ(AuditQueues(again.server()), "");
  }
  void Audit() { EXPECT_EQ(AuditQueues(server_.server()), ""); }
  QueueBook& book() { return server_.server().queues(); }
};

TEST_F(QueueMany, ADeletedProcessingListIsOutOfTheAccountAtOnceAndSweptUpInSlices) {
  Push(kMany + 10);
  const std::string token = TokenIn(a_.Send("QPOP FROM mail"));
  Lease(kMany - 1);
  EXPECT_EQ(Send("DEL backup"), ":1\r\n");
  EXPECT_EQ(book().records(), 0u);
  EXPECT_GT(book().messages().size(), 0u);
  Audit();
  EXPECT_EQ(Info("removed"), kMany);
  EXPECT_EQ(Info("leased"), 0);
  EXPECT_EQ(Send("QACK mail " + token), ":0\r\n");
  EXPECT_EQ(Send("QPENDING mail 0 10"), "*0\r\n");
  Lease(10);
  Audit();
  EXPECT_EQ(Info("leased"), 10);
  SlicesLeft();
  EXPECT_EQ(book().messages().size(), 10u);
  Audit();
  Restart();
}

TEST_F(QueueMany, TheSweepTakesSlices) {
  Push(kMany);
  Lease(kMany);
  Send("DEL backup");
  EXPECT_GT(SlicesLeft(), 3);
  EXPECT_EQ(book().messages().size(), 0u);
}

TEST_F(QueueMany, LeasesThatWereDeletedDoNotEndAgain) {
  Push(kMany);
  Lease(kMany);
  EXPECT_EQ(Send("DEL backup"), ":1\r\n");
  clock_.AdvanceMs(61'000);
  server_.Settle();
  EXPECT_EQ(a_.Send("LLEN mail"), ":0\r\n");
  EXPECT_EQ(Info("expired"), 0);
}

TEST_F(QueueMany, AListThatServesTwoQueuesTakesFromBothAccounts) {
  a_.Send("QPOLICY SET post MATCH post PROCESSING backup VISIBILITY 60000");
  Push(kMany);
  Push(100, "post");
  Lease(kMany);
  Lease(100, "post");
  a_.Send("LPUSH backup stranger");
  Send("UNLINK backup");
  Audit();
  EXPECT_EQ(Info("removed"), kMany);
  EXPECT_EQ(Info("removed", "post"), 100);
  Restart();
}

TEST_F(QueueMany, ADeletedQueueLosesWhatHadComeBackAndKeepsWhatIsLeased) {
  Push(kMany + 5);
  Lease(kMany);
  server_.Advance(61'000);
  EXPECT_EQ(a_.Send("LLEN mail"), ":" + std::to_string(kMany + 5) + "\r\n");
  Lease(3);
  EXPECT_EQ(Send("DEL mail"), ":1\r\n");
  Audit();
  EXPECT_EQ(book().records(), 3u);
  EXPECT_EQ(Info("removed"), kMany + 2);
  Push(2);
  server_.Advance(61'000);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"mail1", "mail0", "mail2", "mail1", "mail0"}));
  EXPECT_EQ(book().messages().size(), 3u);
  Audit();
  Restart();
}

TEST_F(QueueMany, ATrimThatKeepsAFewKeepsTheirRecords) {
  Push(kMany);
  const std::string first = TokenIn(a_.Send("QPOP FROM mail"));
  Lease(kMany - 1);
  a_.Send("LPUSH backup mail1 stranger");  // one that nobody leased, and has an equal
  Send("LTRIM backup 0 4");
  Audit();
  EXPECT_EQ(Info("leased"), 4);
  EXPECT_EQ(Info("unleased"), 1);
  EXPECT_EQ(Send("QACK mail " + first), ":0\r\n");
  server_.Advance(61'000);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"mail4999", "mail4998", "mail4997", "mail1"}));
  Restart();
}

TEST_F(QueueMany, ATrimmedQueueKeepsTheRecordsOfWhatStays) {
  Push(kMany);
  Lease(kMany);
  server_.Advance(61'000);
  Send("LTRIM mail -3 -1");
  Audit();
  EXPECT_EQ(book().records(), 3u);
  EXPECT_EQ(Info("removed"), kMany - 3);
  EXPECT_NE(Send("QMETA mail mail0").find(Bulk("deliveries") + ":1\r\n"), std::string::npos);
  Restart();
}

TEST_F(QueueMany, ATrimOfHalfLooksAtEach) {
  Push(kMany);
  Lease(kMany);
  Send("LTRIM backup 0 " + std::to_string(kMany / 2 - 1));
  Audit();
  EXPECT_EQ(Info("leased"), kMany / 2);
  EXPECT_EQ(Info("removed"), kMany / 2);
  Restart();
}

TEST_F(QueueMany, AFlushIsOneStepAndQueuesBeginAnew) {
  Push(kMany);
  Lease(kMany);
  Send("FLUSHALL");
  Audit();
  EXPECT_EQ(Info("enqueued"), 0);
  Push(3);
  Lease(1);
  Audit();
  EXPECT_EQ(Info("leased"), 1);
  SlicesLeft();
  EXPECT_EQ(book().messages().size(), 1u);
  Restart();
}

TEST_F(QueueMany, AFlushOfAnotherDatabaseTouchesNothing) {
  Push(kMany);
  Lease(kMany);
  b_.Send("SELECT 1");
  b_.Send("FLUSHDB");
  EXPECT_EQ(Info("leased"), kMany);
  EXPECT_EQ(book().messages().size(), static_cast<size_t>(kMany));
}

TEST_F(QueueMany, ARemovedPolicyLeavesPlainElementsAndAnotherOneStartsFromThem) {
  a_.Send("QPOLICY SET post MATCH post PROCESSING backup VISIBILITY 60000");
  Push(kMany);
  Push(2, "post");
  Lease(kMany);
  Lease(2, "post");
  EXPECT_EQ(Send("QPOLICY DEL mail"), ":" + std::to_string(kMany) + "\r\n");
  Audit();
  EXPECT_EQ(book().records(), 2u);
  EXPECT_EQ(Info("leased", "post"), 2);
  Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000");
  Audit();
  EXPECT_EQ(Info("unleased"), kMany);
  EXPECT_EQ(a_.Send("LREM backup 1 post0"), ":1\r\n");
  EXPECT_EQ(Info("acked", "post"), 1);
  Restart();
}

TEST_F(QueueMany, AQueueThatIsRenamedForwardsItsMessages) {
  Push(kMany);
  Lease(kMany);
  server_.Advance(61'000);
  Send("RENAME mail elsewhere");
  Audit();
  EXPECT_EQ(Info("forwarded"), kMany);
  Restart();
}

TEST_F(QueueMany, ARewriteInTheMiddleOfASweepKeepsWhatIsThere) {
  Push(kMany + 2);
  Lease(kMany);
  a_.Feed(TestClient::Encode({"RENAME", "backup", "gone"}));
  a_.Feed(TestClient::Encode({"DEL", "gone"}));
  a_.Feed(TestClient::Encode({"RPOPLPUSH", "mail", "backup"}));
  a_.Feed(TestClient::Encode({"BGREWRITEAOF"}));
  Restart();
}

TEST_F(QueueMany, PerconsumerCountsNoneThatIsGoneInTheEnd) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 PERCONSUMER " + std::to_string(kMany));
  Push(kMany + 1);
  Lease(kMany);
  EXPECT_EQ(a_.Send("QPOP FROM mail"), "*-1\r\n");
  EXPECT_EQ(a_.Send("DEL backup"), ":1\r\n");
  EXPECT_EQ(a_.Send("QPOP FROM mail").substr(0, 4), "*1\r\n");
}

// --- QPENDING

TEST_F(QueueMany, QpendingShowsTheLongestHeldFirstAndStartSkips) {
  Push(300);
  for (int i = 0; i < 300; ++i) {
    a_.Send("RPOPLPUSH mail backup");
    server_.Advance(10);
  }
  const auto values = [this](const std::string& request) {
    const std::string reply = a_.Send(request);
    std::string all;
    for (size_t at = 0; (at = reply.find(Bulk("value"), at)) != std::string::npos; ++at) {
      const size_t from = reply.find('\n', at + Bulk("value").size()) + 1;
      all += reply.substr(from, reply.find('\r', from) - from) + " ";
    }
    return all;
  };
  EXPECT_EQ(values("QPENDING mail 0 3"), "mail0 mail1 mail2 ");
  EXPECT_EQ(values("QPENDING mail 150 2"), "mail150 mail151 ");
  EXPECT_EQ(values("QPENDING mail 298 10"), "mail298 mail299 ");
  EXPECT_EQ(values("QPENDING mail 300 10"), "");
  EXPECT_EQ(values("QPENDING mail 0 0"), "");
  EXPECT_EQ(values("QPENDING mail IDLE 2980 0 10"), "mail0 mail1 mail2 ");
  EXPECT_EQ(values("QPENDING mail IDLE 2980 2 10"), "mail2 ");
  // Touched: it is held anew.
  EXPECT_EQ(a_.Send("QTOUCH backup 60000 VALUE mail0"), ":1\r\n");
  EXPECT_EQ(values("QPENDING mail 0 2"), "mail1 mail2 ");
  EXPECT_EQ(values("QPENDING mail 299 2"), "mail0 ");
  a_.Send("LREM backup 1 mail1");
  EXPECT_EQ(values("QPENDING mail 0 2"), "mail2 mail3 ");
}

TEST_F(QueueMany, QpendingKnowsTheOrderAfterARewriteAndAStart) {
  Push(200);
  for (int i = 0; i < 200; ++i) {
    a_.Send("RPOPLPUSH mail backup");
    server_.Advance(1);
  }
  a_.Send("QTOUCH backup 50000 VALUE mail5");
  a_.Send("BGREWRITEAOF");
  server_.Settle();
  const std::string before = a_.Send("QPENDING mail 0 200");
  a_.Abandon();
  b_.Abandon();
  stopped_ = true;
  server_.Kill();
  TestServer again(disk_, clock_);
  TestClient c(again);
  std::string after = c.Send("QPENDING mail 0 200");
  // Who held what is forgotten.
  const auto tokens = [](const std::string& reply) {
    std::string all;
    for (size_t at = 0; (at = reply.find(Bulk("token"), at)) != std::string::npos; ++at) {
      all += reply.substr(at + Bulk("token").size(), 30);
    }
    return all;
  };
  EXPECT_EQ(tokens(after), tokens(before));
}

}  // namespace
}  // namespace baton
