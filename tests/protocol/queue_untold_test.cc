// Managed queues and replies that wait for the disk: a lease runs from when its reply is let go, and what a client was
// never told it was never given. The numbers in names are those of the cases in doc/queues.md.

#include "doubles/queue_audit.h"
#include "protocol/queue_fixture.h"

namespace baton {
namespace {

class QueueUntold : public Queue {
 protected:
  void FinishSyncs() {
    while (server_.sync_runner().RunOne()) server_.Settle();
  }
  void LetSyncsEndAtOnce() {
    FinishSyncs();
    server_.sync_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
  }
  int64_t Length(const std::string& key) {
    const Keyspace& keyspace = server_.server().keyspace();
    const Entry* entry = keyspace.Find(0, keyspace.Ref(key));
    return entry == nullptr ? 0 : entry->list_size();
  }
  static bool Has(const std::string& meta, const std::string& name, int64_t value) {
    return meta.find(Bulk(name) + ":" + std::to_string(value) + "\r\n") != std::string::npos;
  }
  void TearDown() override {
    EXPECT_EQ(AuditQueues(server_.server()), "");
    Queue::TearDown();
  }
};

TEST_F(QueueUntold, Case13ALeaseRunsFromWhenItsReplyIsLetGo) {
  a_.Send("LPUSH mail 1");
  server_.HoldSyncs();
  EXPECT_EQ(b_.Send("RPOPLPUSH mail backup"), "");
  server_.Advance(900);
  FinishSyncs();
  EXPECT_EQ(b_.Receive(), Bulk("1"));
  server_.Advance(900);
  EXPECT_EQ(Length("backup"), 1);
  server_.Advance(200);
  EXPECT_EQ(Length("backup"), 0);
  LetSyncsEndAtOnce();
  EXPECT_EQ(Info("expired"), 1);
}

TEST_F(QueueUntold, Case13ALeaseDoesNotEndBeforeItsClientHasHeardOfIt) {
  a_.Send("LPUSH mail 1 2");
  server_.HoldSyncs();
  EXPECT_EQ(b_.Send("QPOP COUNT 2 FROM mail"), "");
  server_.Advance(30'000);
  EXPECT_EQ(Length("backup"), 2);
  LetSyncsEndAtOnce();
  const std::string popped = b_.Receive();
  server_.Advance(900);
  EXPECT_EQ(b_.Send("QACK mail " + TokenIn(popped)), ":1\r\n");
  EXPECT_EQ(Info("expired"), 0);
  server_.Advance(200);
  EXPECT_EQ(Info("expired"), 1);
}

TEST_F(QueueUntold, Case13AStartKnowsOfALeaseThatBeganLate) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000");
  a_.Send("LPUSH mail 1");
  server_.HoldSyncs();
  b_.Send("RPOPLPUSH mail backup");
  server_.Advance(50'000);
  LetSyncsEndAtOnce();
  EXPECT_EQ(b_.Receive(), Bulk("1"));
  server_.Advance(30'000);
  stopped_ = true;
  ASSERT_TRUE(server_.Stop().ok());
  TestServer again(disk_, clock_);
  TestClient c(again);
  again.Advance(25'000);  // 80 s after it was made, and 55 s after it was told
  EXPECT_EQ(c.Send("LLEN backup"), ":1\r\n");
  again.Advance(6000);
  EXPECT_EQ(c.Send("LLEN backup"), ":0\r\n");
}

TEST_F(QueueUntold, Case13NobodyIsToldWithClientReplyOffAndTheLeaseRuns) {
  a_.Send("LPUSH mail 1 2");
  b_.Send("CLIENT REPLY OFF");
  b_.Send("RPOPLPUSH mail backup");
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"2", "1"}));
  EXPECT_EQ(Info("expired"), 1);
}

TEST_F(QueueUntold, Case15WhatWasStillHeldWhenItsConnectionEndedWasNeverHandedOut) {
  a_.Send("LPUSH mail 1 2 3 4");
  server_.HoldSyncs();
  for (int i = 0; i < 3; ++i) b_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(Length("backup"), 3);
  b_.Disconnect();
  LetSyncsEndAtOnce();
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"4", "3", "2", "1"}));
  EXPECT_EQ(Info("delivered"), 0);
  EXPECT_EQ(Info("expired"), 0);
  EXPECT_EQ(a_.Send("QMETA mail 1"), "$-1\r\n");  // as if nothing had been
  const std::string popped = a_.Send("QPOP FROM mail");
  EXPECT_TRUE(TokenIn(popped).ends_with("-1")) << popped;
}

TEST_F(QueueUntold, Case15SeveralConnectionsThatEndTogetherLeaveTheOldOrder) {
  a_.Send("LPUSH mail 1 2 3 4 5 6");
  TestClient c(server_);
  server_.HoldSyncs();
  for (TestClient* client : {&b_, &c, &b_, &c}) client->Feed(TestClient::Encode({"RPOPLPUSH", "mail", "backup"}));
  server_.server().KillClient(*server_.server().FindClient(b_.id()));
  server_.server().KillClient(*server_.server().FindClient(c.id()));
  server_.Settle();
  LetSyncsEndAtOnce();
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"6", "5", "4", "3", "2", "1"}));
}

TEST_F(QueueUntold, Case15AnUndoneRedeliveryKeepsWhatWasCountedBefore) {
  a_.Send("LPUSH mail 1");
  const std::string first = TokenIn(a_.Send("QPOP FROM mail"));
  server_.Advance(1100);
  server_.HoldSyncs();
  b_.Send("QPOP FROM mail");
  b_.Disconnect();
  LetSyncsEndAtOnce();
  const std::string meta = a_.Send("QMETA mail 1");
  EXPECT_TRUE(Has(meta, "deliveries", 1)) << meta;
  EXPECT_TRUE(Has(meta, "failures", 1)) << meta;
  EXPECT_NE(meta.find(Bulk("reason") + Bulk("expired")), std::string::npos) << meta;
  const std::string second = TokenIn(a_.Send("QPOP FROM mail"));
  EXPECT_EQ(second, first.substr(0, first.size() - 1) + "2");
  EXPECT_EQ(Info("delivered"), 2);
}

TEST_F(QueueUntold, Case15AnUndoneDeliveryWakesWhoWaits) {
  a_.Send("LPUSH mail 1");
  server_.HoldSyncs();
  b_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(a_.Send("BRPOPLPUSH mail backup 0"), "");
  b_.Disconnect();
  LetSyncsEndAtOnce();
  EXPECT_EQ(a_.Receive(), Bulk("1"));
  EXPECT_EQ(Info("delivered"), 1);
}

TEST_F(QueueUntold, Case15AConnectionThatSyncTimeoutClosesWasToldNothing) {
  a_.Send("CONFIG SET sync-timeout 5");
  a_.Send("LPUSH mail 1");
  server_.HoldSyncs();
  b_.Send("RPOPLPUSH mail backup");
  server_.Advance(6000);
  EXPECT_TRUE(b_.closed());
  EXPECT_EQ(Length("mail"), 1);
  LetSyncsEndAtOnce();
  EXPECT_EQ(Info("delivered"), 0);
}

TEST_F(QueueUntold, Case15WhatAReaderHasNotTakenWasNotToldEither) {
  a_.Send("LPUSH mail 1 2");
  b_.set_accepts(false);
  b_.Send("RPOPLPUSH mail backup");
  server_.Advance(500);
  b_.Disconnect();
  EXPECT_EQ(Info("delivered"), 0);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"2", "1"}));
}

TEST_F(QueueUntold, Case15TheLeaseOfASlowReaderRunsFromWhenItsReplyMayGo) {
  a_.Send("LPUSH mail 1");
  b_.set_accepts(false);
  b_.Send("RPOPLPUSH mail backup");
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LLEN mail"), ":1\r\n");
  b_.Disconnect();  // its delivery has ended, and stays counted
  EXPECT_EQ(Info("delivered"), 1);
  EXPECT_EQ(Info("expired"), 1);
}

TEST_F(QueueUntold, Case15OneByteOfTheReplyIsEnoughForTheDeliveryToCount) {
  a_.Send("LPUSH mail 1 2");
  b_.set_room(1);
  EXPECT_EQ(b_.Send("RPOPLPUSH mail backup"), "$");
  EXPECT_EQ(b_.Send("RPOPLPUSH mail backup"), "");
  b_.Disconnect();
  EXPECT_EQ(Info("delivered"), 1);
  EXPECT_EQ(a_.Send("LRANGE backup 0 -1"), Bulks({"1"}));
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"2"}));
}

TEST_F(QueueUntold, Case15WhatWasSettledMeanwhileStaysSo) {
  a_.Send("LPUSH mail 1 2 3");
  server_.HoldSyncs();
  for (int i = 0; i < 3; ++i) b_.Send("RPOPLPUSH mail backup");
  a_.Feed(TestClient::Encode({"LREM", "backup", "1", "1"}));
  a_.Feed(TestClient::Encode({"LMOVE", "backup", "elsewhere", "RIGHT", "LEFT"}));
  b_.Disconnect();
  LetSyncsEndAtOnce();
  a_.Receive();
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"3"}));
  EXPECT_EQ(a_.Send("LRANGE elsewhere 0 -1"), Bulks({"2"}));
  EXPECT_EQ(Info("delivered"), 2);
}

TEST_F(QueueUntold, Case15WhereItCannotGoBackTheLeaseRunsOut) {
  a_.Send("LPUSH mail 1");
  server_.HoldSyncs();
  b_.Send("RPOPLPUSH mail backup");
  a_.Feed(TestClient::Encode({"SET", "mail", "text"}));
  b_.Disconnect();
  LetSyncsEndAtOnce();
  EXPECT_EQ(Length("backup"), 1);
  a_.Receive();
  a_.Send("DEL mail");
  server_.Advance(2500);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"1"}));
  EXPECT_EQ(Info("delivered"), 1);
}

TEST_F(QueueUntold, Case15AnExecThatWasNeverToldIsUndoneAsFarAsItLeased) {
  a_.Send("LPUSH mail 1 2");
  server_.HoldSyncs();
  for (const char* line : {"MULTI", "RPOPLPUSH mail backup", "LPUSH other x", "RPOPLPUSH mail backup"}) b_.Send(line);
  b_.Send("EXEC");
  b_.Disconnect();
  LetSyncsEndAtOnce();
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"2", "1"}));
  EXPECT_EQ(a_.Send("LRANGE other 0 -1"), Bulks({"x"}));
}

TEST_F(QueueUntold, Case15ManyUndoneDeliveriesGoBackInSlices) {
  std::string elements;
  for (int i = 0; i < 5000; ++i) elements += " " + std::to_string(i);
  a_.Send("LPUSH mail" + elements);
  const std::string before = a_.Send("LRANGE mail 0 -1");
  server_.HoldSyncs();
  b_.Send("QPOP COUNT 5000 FROM mail");
  server_.server().KillClient(*server_.server().FindClient(b_.id()));
  int turns = 0;
  while (server_.server().EndTurn()) ++turns;
  EXPECT_GT(turns, 10);
  LetSyncsEndAtOnce();
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), before);
  EXPECT_EQ(Info("delivered"), 0);
}

TEST_F(QueueUntold, Case15AStartFindsAnUndoneDeliveryUndone) {
  a_.Send("LPUSH mail 1 2");
  server_.HoldSyncs();
  b_.Send("RPOPLPUSH mail backup");
  b_.Disconnect();
  LetSyncsEndAtOnce();
  const std::string before = DescribeQueues(server_.server());
  a_.Abandon();
  stopped_ = true;
  ASSERT_TRUE(server_.Stop().ok());
  TestServer again(disk_, clock_);
  EXPECT_EQ(DescribeQueues(again.server()), before);
  TestClient c(again);
  EXPECT_EQ(c.Send("LRANGE mail 0 -1"), Bulks({"2", "1"}));
}

}  // namespace
}  // namespace baton
