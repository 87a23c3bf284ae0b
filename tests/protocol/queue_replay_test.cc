// Managed queues: what went wrong once between a live server, its log and the server that is started on it.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "doubles/queue_audit.h"
#include "protocol/transcript.h"

namespace baton {
namespace {

class QueueReplay : public testing::Test {
 protected:
  QueueReplay() : server_(std::make_unique<TestServer>(disk_, clock_)) { Connect(); }

  void Connect() {
    a_ = std::make_unique<TestClient>(*server_);
    b_ = std::make_unique<TestClient>(*server_);
  }
  // As after kill -9; it must bring back the very same.
  void Restart() {
    const std::string before = DescribeQueues(server_->server());
    EXPECT_EQ(AuditQueues(server_->server()), "");
    a_->Abandon();
    b_->Abandon();
    server_->Kill();
    server_ = std::make_unique<TestServer>(disk_, clock_);
    ASSERT_TRUE(server_->report().ok()) << server_->report().status().message();
    EXPECT_EQ(DescribeQueues(server_->server()), before);
    Connect();
  }
  void TearDown() override {
    if (!server_->report().ok()) return;
    EXPECT_EQ(AuditQueues(server_->server()), "");
  }

  SimFileSystem disk_{1};
  ManualClock clock_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<TestClient> a_, b_;
};

TEST_F(QueueReplay, AFlushOfAnotherDatabaseForgetsNoMessageWhoseTimeHasCome) {
  a_->Send("QPOLICY SET p MATCH q PROCESSING w VISIBILITY 1000 BACKOFF NONE");
  for (int i = 0; i < 1000; ++i) {
    a_->Send("LPUSH q " + std::to_string(i));
    a_->Send("RPOPLPUSH q w");
  }
  b_->Send("SELECT 1");
  clock_.AdvanceMs(1000);
  server_->server().EndTurn();  // a part of them
  b_->Feed(TestClient::Encode({"FLUSHDB"}));
  server_->Advance(1000);
  EXPECT_EQ(a_->Send("LLEN w"), ":0\r\n");
  EXPECT_EQ(a_->Send("LLEN q"), ":1000\r\n");
}

TEST_F(QueueReplay, AcknowledgedFlushedAndPushedInOneTransactionItIsANewMessage) {
  a_->Send("QPOLICY SET p MATCH q PROCESSING w VISIBILITY 1000");
  for (const char* line : {"LPUSH q v u", "RPOPLPUSH q w", "MULTI", "LREM w 1 v", "FLUSHALL", "LPUSH q v", "EXEC"}) {
    a_->Send(line);
  }
  EXPECT_EQ(AuditQueues(server_->server()), "");
  EXPECT_EQ(server_->server().queues().messages().size(), 0u);
  Restart();
}

TEST_F(QueueReplay, OfEqualMessagesAReaperMovesItsOwnAndAReplayTheSame) {
  a_->Send("QPOLICY SET p MATCH q PROCESSING w VISIBILITY 1000");
  a_->Send("LPUSH q v v");
  b_->Send("RPOPLPUSH q w");
  server_->Advance(10);
  a_->Send("RPOPLPUSH q w");
  a_->Send("RPOPLPUSH w q");
  const QueueBook& book = server_->server().queues();
  EXPECT_EQ(book.HeldBy(book.NumberOf(0, "q"), static_cast<uint32_t>(a_->id())), 0u);
  EXPECT_EQ(book.HeldBy(book.NumberOf(0, "q"), static_cast<uint32_t>(b_->id())), 1u);
  Restart();
}

TEST_F(QueueReplay, AProcessingListThatBecomesAQueueTakesItsMessagesOver) {
  a_->Send("QPOLICY SET p MATCH q PROCESSING w VISIBILITY 1000");
  a_->Send("LPUSH q v v u");
  a_->Send("RPOPLPUSH q w");
  a_->Send("QPOLICY SET p MATCH [qw] PROCESSING other VISIBILITY 1000");
  EXPECT_EQ(AuditQueues(server_->server()), "");
  EXPECT_EQ(a_->Send("RPOP w"), Bulk("v"));
  EXPECT_EQ(AuditQueues(server_->server()), "");
  Restart();
}

// What is tried again every second keeps the time that it had: it decides which of equal messages goes.
TEST_F(QueueReplay, AParkedMessageKeepsItsPlaceAmongEqualOnes) {
  a_->Send("QPOLICY SET p MATCH q PROCESSING w VISIBILITY 1000 MAXDELIVER 1 DEADLETTER dead");
  a_->Send("SET dead string");
  a_->Send("LPUSH q v v v");
  a_->Send("RPOPLPUSH q w");
  server_->Advance(300);
  a_->Send("RPOPLPUSH q w");
  server_->Advance(1100);  // the first one cannot go where it should
  a_->Send("RPOPLPUSH q w");
  server_->Advance(500);
  a_->Send("LPOP w");
  a_->Send("LPOP w");
  Restart();
  a_->Send("DEL dead");
  server_->Advance(20'000);
  EXPECT_EQ(a_->Send("LRANGE dead 0 -1"), Bulks({"v"}));
}

TEST_F(QueueReplay, OfManyEqualMessagesTheSameOnesGoAfterARewriteAndAStart) {
  a_->Send("QPOLICY SET p MATCH q PROCESSING w VISIBILITY 60000");
  for (int i = 0; i < 300; ++i) {
    a_->Send("LPUSH q v");
    (i % 2 == 0 ? a_ : b_)->Send("LMOVE q w RIGHT LEFT");
    server_->Advance(1);
  }
  a_->Send("BGREWRITEAOF");
  server_->Settle();
  for (const char* line : {"LPOP w 3", "LREM w 2 v", "LREM w -1 v", "LTRIM w 5 -6", "RPOPLPUSH w q", "LSET w 1 u",
                           "RPOPLPUSH q w", "LMOVE w elsewhere LEFT LEFT", "RPOPLPUSH w q", "LPOP q"}) {
    EXPECT_NE(a_->Send(line).front(), '-') << line;
    EXPECT_NE(b_->Send(line).front(), '-') << line;
  }
  Restart();
}

TEST_F(QueueReplay, AListWithALongNameOfAnyBytesComesBackFromABase) {
  for (size_t bytes : {300u, 336u, 340u, 1010u, 5000u}) {
    const std::string name = "q" + std::string(bytes, '\xfe');
    a_->Send({"QPOLICY", "SET", "p", "MATCH", "q*", "PROCESSING", "w*", "VISIBILITY", "60000"});
    a_->Send({"LPUSH", name, "v"});
    a_->Send({"RPOPLPUSH", name, "w" + name});
    a_->Send("BGREWRITEAOF");
    server_->Settle();
    Restart();
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(server_->server().queues().messages().size(), 5u);
}

TEST_F(QueueReplay, ARenameOntoAListThatHadMessagesOnceIsTheSameAfterARewrite) {
  a_->Send("QPOLICY SET p MATCH q PROCESSING w[12] VISIBILITY 60000");
  for (const char* line :
       {"LPUSH q a b", "LPUSH w2 x", "QPOLICY SET p MATCH q PROCESSING w2 VISIBILITY 60000 ADOPT", "LPOP w2",
        "QPOLICY SET p MATCH q PROCESSING w2 VISIBILITY 60000 ADOPT", "RPUSH w2 y",
        "QPOLICY SET p MATCH q PROCESSING w[12] VISIBILITY 60000", "RPOPLPUSH q w1", "BGREWRITEAOF", "RENAME w1 w2"}) {
    EXPECT_NE(a_->Send(line).front(), '-') << line;
  }
  EXPECT_EQ(server_->server().queues().messages().size(), 1u) << "leases follow";
  Restart();
}

TEST(QueueStart, WithFewerDatabasesIsRefused) {
  SimFileSystem disk(1);
  ManualClock clock;
  {
    TestServer server(disk, clock);
    TestClient client(server);
    for (const char* line : {"SELECT 9", "QPOLICY SET p MATCH q PROCESSING w VISIBILITY 60000", "LPUSH q v",
                             "RPOPLPUSH q w", "BGREWRITEAOF"}) {
      client.Send(line);
    }
    server.Settle();
    client.Abandon();
    server.Kill();
  }
  TestServer server(disk, clock, {"--databases", "2"});
  ASSERT_FALSE(server.report().ok());
  EXPECT_NE(server.report().status().message().find("does not fit"), std::string::npos)
      << server.report().status().message();
}

}  // namespace
}  // namespace baton
