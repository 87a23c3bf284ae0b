// Managed queues, case 4 of doc/queues.md: a consumer that pushes what it still holds, under COALESCE YES.

#include "doubles/queue_audit.h"
#include "protocol/queue_fixture.h"

namespace baton {
namespace {

class QueueCoalesce : public Queue {
 protected:
  QueueCoalesce() { Policy("BACKOFF EXP 1000 60000"); }
  void Policy(const std::string& more) {
    EXPECT_EQ(a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 MAXDELIVER 3 DEADLETTER mail:dead "
                      "COALESCE YES " + more),
              "+OK\r\n");
  }
  void TearDown() override {
    if (stopped_) return;
    EXPECT_EQ(AuditQueues(server_.server()), "");
    Queue::TearDown();
  }
};

TEST_F(QueueCoalesce, Case4APushOfWhatThisConnectionHoldsGivesItBack) {
  a_.Send("LPUSH mail u v");
  EXPECT_EQ(a_.Send("LMOVE mail backup LEFT LEFT"), Bulk("v"));
  EXPECT_EQ(a_.Send("LPUSH mail v"), ":2\r\n");  // as Redis would count
  EXPECT_EQ(a_.Send("LRANGE mail:delayed 0 -1"), Bulks({"v"}));
  EXPECT_EQ(a_.Send("LLEN backup"), ":0\r\n");
  EXPECT_EQ(Info("enqueued"), 2);
  EXPECT_EQ(Info("nacked"), 1);
  const std::string meta = a_.Send("QMETA mail:delayed v");
  EXPECT_NE(meta.find(Bulk("reason") + Bulk("pushed-again")), std::string::npos) << meta;
  EXPECT_NE(meta.find(Bulk("failures") + ":1\r\n"), std::string::npos) << meta;
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"v", "u"}));
}

TEST_F(QueueCoalesce, Case4TheLremBehindThePushIsRedissAndAcknowledgesNothing) {
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(a_.Send("LPUSH mail v"), ":1\r\n");
  EXPECT_EQ(a_.Send("LREM backup 1 v"), ":1\r\n");
  EXPECT_EQ(a_.Send("LREM backup 1 v"), ":0\r\n");
  EXPECT_EQ(Info("acked"), 0);
  EXPECT_EQ(Info("delayed"), 1);
}

TEST_F(QueueCoalesce, Case4NorDoesItAcknowledgeForTheOneWhoHasItNow) {
  Policy("BACKOFF NONE");
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(b_.Send("BRPOPLPUSH mail backup 0"), "");
  EXPECT_EQ(a_.Send("LPUSH mail v"), ":1\r\n");
  EXPECT_EQ(b_.Receive(), Bulk("v"));
  EXPECT_EQ(a_.Send("LREM backup 1 v"), ":1\r\n");
  EXPECT_EQ(Info("leased"), 1);
  EXPECT_EQ(b_.Send("LREM backup 1 v"), ":1\r\n");
  EXPECT_EQ(Info("acked"), 1);
}

TEST_F(QueueCoalesce, Case4OfEqualOnesThatItHoldsOneIsGivenBackAndTheOtherAcknowledged) {
  a_.Send("LPUSH mail v v");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(a_.Send("RPUSH mail v"), ":1\r\n");
  EXPECT_EQ(a_.Send("LREM backup 1 v"), ":1\r\n");
  EXPECT_EQ(Info("acked"), 1);
  EXPECT_EQ(Info("delayed"), 1);
  EXPECT_EQ(a_.Send("LREM backup -1 v"), ":1\r\n");  // the one that was pushed again
  EXPECT_EQ(Info("acked"), 1);
}

TEST_F(QueueCoalesce, Case4ALateLremOfAnotherConnectionDoesNotSettleWhatWasPushedAgain) {
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("LPUSH mail v");
  EXPECT_EQ(b_.Send("LREM backup 1 v"), ":0\r\n");
  EXPECT_EQ(Info("delayed"), 1);
}

TEST_F(QueueCoalesce, Case4WhatAnotherConnectionHoldsIsASecondMessage) {
  a_.Send("LPUSH mail v");
  b_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(a_.Send("LPUSH mail v"), ":1\r\n");
  EXPECT_EQ(Info("ready"), 1);
  EXPECT_EQ(Info("leased"), 1);
  EXPECT_EQ(Info("enqueued"), 2);
}

TEST_F(QueueCoalesce, Case4AVariadicPushAddsWhatIsNew) {
  a_.Send("LPUSH mail v w");
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(a_.Send("LPUSH mail x v v y"), ":5\r\n");
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"y", "v", "x", "w"}));
  EXPECT_EQ(a_.Send("LRANGE mail:delayed 0 -1"), Bulks({"v"}));
  EXPECT_EQ(Info("enqueued"), 5);
}

TEST_F(QueueCoalesce, Case4TheLastDeliveryIsADeadLetterThen) {
  Policy("BACKOFF NONE");
  a_.Send("LPUSH mail v");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(a_.Send("RPOPLPUSH mail backup"), Bulk("v"));
    EXPECT_EQ(a_.Send("LPUSH mail v"), ":1\r\n");
    EXPECT_EQ(a_.Send("LREM backup 1 v"), ":1\r\n");
  }
  EXPECT_EQ(a_.Send("LRANGE mail:dead 0 -1"), Bulks({"v"}));
  EXPECT_EQ(Info("dead"), 1);
}

TEST_F(QueueCoalesce, Case4InATransactionThePushMayComeFirst) {
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail backup");
  for (const char* line : {"MULTI", "LPUSH mail v", "LREM backup 1 v"}) a_.Send(line);
  EXPECT_EQ(a_.Send("EXEC"), "*2\r\n:1\r\n:1\r\n");
  EXPECT_EQ(Info("acked"), 0);
  EXPECT_EQ(Info("delayed"), 1);
  server_.Advance(1100);
  a_.Send("RPOPLPUSH mail backup");
  for (const char* line : {"MULTI", "LREM backup 1 v", "LPUSH mail v"}) a_.Send(line);
  EXPECT_EQ(a_.Send("EXEC"), "*2\r\n:1\r\n:1\r\n");
  EXPECT_EQ(Info("nacked"), 1);  // the second time it was put back without a failure
  EXPECT_EQ(Info("ready"), 1);
}

TEST_F(QueueCoalesce, Case4WhereItCannotGoItIsASecondMessage) {
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("SET mail:delayed text");
  EXPECT_EQ(a_.Send("LPUSH mail v"), ":1\r\n");
  EXPECT_EQ(Info("enqueued"), 2);
  EXPECT_EQ(Info("leased"), 1);
}

TEST_F(QueueCoalesce, Case4AReplayFindsItGivenBack) {
  a_.Send("LPUSH mail v w");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("LPUSH mail v x");
  a_.Send("LREM backup 1 v");
  const std::string before = DescribeQueues(server_.server());
  a_.Abandon();
  b_.Abandon();
  server_.Kill();
  TestServer again(disk_, clock_);
  EXPECT_EQ(DescribeQueues(again.server()), before);
  stopped_ = true;
}

}  // namespace
}  // namespace baton
