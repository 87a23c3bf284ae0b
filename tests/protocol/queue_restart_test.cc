// Managed queues and the start of a server: the configuration, what a log brings.

#include "doubles/queue_audit.h"
#include "protocol/queue_fixture.h"

namespace baton {
namespace {

TEST(QueueRestart, WhatALogBringsIsNoRate) {
  SimFileSystem disk(1);
  ManualClock clock;
  {
    TestServer server(disk, clock);
    TestClient a(server);
    a.Send(kMail);
    for (int i = 0; i < 1000; ++i) a.Send("LPUSH mail x");
    ASSERT_TRUE(server.Stop().ok());
  }
  TestServer server(disk, clock);
  TestClient a(server);
  server.Advance(1100);
  const std::string info = a.Send("QINFO mail");
  EXPECT_NE(info.find(Bulk("enqueued") + ":1000\r\n"), std::string::npos) << info;
  EXPECT_NE(info.find(Bulk("enqueued-per-second") + ":0\r\n"), std::string::npos) << info;
  a.Send("LPUSH mail x x x x x x x x");
  server.Advance(1100);
  EXPECT_EQ(a.Send("QINFO mail").find(Bulk("enqueued-per-second") + ":0\r\n"), std::string::npos);
}

TEST(QueueRestart, PoliciesOfTheConfigurationAreSetAtTheStart) {
  TestServer server({"--queue-policy", "mail MATCH mail PROCESSING backup VISIBILITY 1000"});
  ASSERT_TRUE(server.report().ok());
  TestClient a(server);
  a.Send("LPUSH mail 1");
  a.Send("RPOPLPUSH mail backup");
  server.Advance(1100);
  EXPECT_EQ(a.Send("LLEN mail"), ":1\r\n");
}

TEST(QueueRestart, AWrongPolicyInTheConfigurationStopsTheStart) {
  TestServer server({"--queue-policy", "mail MATCH mail"});
  EXPECT_FALSE(server.report().ok());
}

TEST(QueueRestart, Case11AdoptInTheConfigurationAdoptsAtEveryStartOnceForEachElement) {
  SimFileSystem disk(1);
  ManualClock clock;
  {
    TestServer server(disk, clock);
    TestClient a(server);
    a.Send("LPUSH backup 1 2");
    a.Send("SELECT 3");
    a.Send("LPUSH mail:delayed 5");
    a.Abandon();
    server.Kill();
  }
  const std::vector<std::string> options = {"--queue-policy", "mail MATCH mail PROCESSING backup VISIBILITY 60000 ADOPT"};
  {
    TestServer server(disk, clock, options);
    TestClient a(server);
    EXPECT_EQ(a.Send("QMETA backup 1").substr(0, 3), "*20");
    const std::string info = a.Send("QINFO mail");
    EXPECT_NE(info.find(Bulk("leased") + ":2\r\n"), std::string::npos) << info;
    a.Send("LPUSH backup 3");  // by hand: left alone until the next start
    server.Advance(30'000);
    a.Send("SELECT 3");
    EXPECT_EQ(a.Send("LRANGE mail 0 -1"), Bulks({"5"}));
    a.Abandon();
    server.Kill();
  }
  TestServer server(disk, clock, options);
  TestClient a(server);
  const std::string info = a.Send("QINFO mail");
  EXPECT_NE(info.find(Bulk("leased") + ":3\r\n"), std::string::npos) << info;
  EXPECT_NE(info.find(Bulk("adopted") + ":3\r\n"), std::string::npos) << info;
  server.Advance(31'000);  // those that were adopted before have what was left to them
  EXPECT_EQ(a.Send("LRANGE mail 0 -1"), Bulks({"2", "1"}));
  EXPECT_EQ(AuditQueues(server.server()), "");
}

// A log as redis-server leaves it when it has rewritten it: commands, and nothing of ours.
class QueueAfterRedis : public testing::Test {
 protected:
  void RewriteAsRedis(const std::vector<std::vector<std::string>>& commands) {
    std::string text = TestClient::Encode({"SELECT", "0"});
    for (const auto& command : commands) text += TestClient::Encode(command);
    {
      TestServer first(disk_, clock_);
      ASSERT_TRUE(first.Stop().ok());
    }
    for (const std::string& path : disk_.Paths()) {
      if (path.ends_with(".base.aof")) disk_.SetContent(path, text);
      if (path.ends_with(".incr.aof")) disk_.SetContent(path, "");
    }
  }
  static std::string Said(const TestServer& server) {
    std::string all;
    for (const std::string& line : server.log_lines()) all += line + "\n";
    return all;
  }

  SimFileSystem disk_{1};
  ManualClock clock_;
};

TEST_F(QueueAfterRedis, Case14TheStartSaysThatRecordsAreLostAndProposesAdopt) {
  RewriteAsRedis({{"RPUSH", "mail", "1"}, {"RPUSH", "backup", "2", "3"}, {"RPUSH", "mail:delayed", "4"}});
  TestServer server(disk_, clock_,
                    {"--queue-policy", "mail MATCH mail PROCESSING backup VISIBILITY 60000 MAXDELIVER 5 DEADLETTER d"});
  const std::string said = Said(server);
  EXPECT_NE(said.find("3 elements in"), std::string::npos) << said;
  EXPECT_NE(said.find("\"backup\""), std::string::npos) << said;
  const std::string line = "QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 MAXDELIVER 5 DEADLETTER d ADOPT";
  EXPECT_NE(said.find(line), std::string::npos) << said;
  TestClient a(server);
  EXPECT_EQ(a.Send(line), "+OK\r\n");
  EXPECT_EQ(a.Send("LRANGE mail 0 -1"), Bulks({"1", "4"}));
  server.Advance(61'000);
  EXPECT_EQ(a.Send("LRANGE mail 0 -1"), Bulks({"1", "4", "2", "3"}));
}

TEST_F(QueueAfterRedis, Case14WithAdoptInTheConfigurationNothingIsToBeDone) {
  RewriteAsRedis({{"RPUSH", "backup", "2", "3"}, {"RPUSH", "mail:delayed", "4"}});
  TestServer server(disk_, clock_, {"--queue-policy", "mail MATCH mail PROCESSING backup VISIBILITY 60000 ADOPT"});
  EXPECT_EQ(Said(server).find("QPOLICY"), std::string::npos) << Said(server);
  TestClient a(server);
  EXPECT_EQ(a.Send("LRANGE mail 0 -1"), Bulks({"4"}));
}

TEST_F(QueueAfterRedis, Case14WithoutAPolicyTheNamesOfListsTellThatThereWasOne) {
  RewriteAsRedis({{"RPUSH", "mail", "1"}, {"RPUSH", "mail:delayed", "4"}});
  TestServer server(disk_, clock_);
  EXPECT_NE(Said(server).find("\"mail:delayed\""), std::string::npos) << Said(server);
}

TEST_F(QueueAfterRedis, Case14WithoutAPolicyAndSuchNamesTheRewriteIsStillSeen) {
  RewriteAsRedis({{"RPUSH", "mail", "1"}, {"RPUSH", "backup", "2"}});
  TestServer server(disk_, clock_);
  EXPECT_NE(Said(server).find("a redis-server has rewritten the log since"), std::string::npos) << Said(server);
  EXPECT_NE(Said(server).find("queue policies and leases that were in it are gone"), std::string::npos);
  TestClient a(server);
  EXPECT_EQ(a.Send("LPUSH mail 3"), ":2\r\n");
  a.Abandon();
  server.Kill();
  TestServer again(disk_, clock_);
  EXPECT_EQ(Said(again).find("rewritten"), std::string::npos) << "the log is ours again: " << Said(again);
}

TEST_F(QueueAfterRedis, Case14ALogThatWasNeverOursIsNoRewrite) {
  std::string directory;
  {
    SimFileSystem other(1);
    TestServer server(other, clock_);
    directory = other.Paths().front();
    directory.resize(directory.find("appendonlydir"));
  }
  disk_.SetContent(directory + "appendonly.aof", TestClient::Encode({"SELECT", "0"}) + TestClient::Encode({"RPUSH", "mail", "1"}));
  TestServer server(disk_, clock_);
  EXPECT_EQ(Said(server).find("rewritten"), std::string::npos) << Said(server);
  TestClient a(server);
  EXPECT_EQ(a.Send("LLEN mail"), ":1\r\n");
}

TEST_F(QueueAfterRedis, Case14NothingIsToBeDoneWhereNothingIsAmiss) {
  RewriteAsRedis({{"RPUSH", "mail", "1"}, {"RPUSH", "other", "2"}});
  TestServer server(disk_, clock_, {"--queue-policy", "mail MATCH mail PROCESSING backup VISIBILITY 60000"});
  EXPECT_EQ(Said(server).find("QPOLICY"), std::string::npos) << Said(server);
}

TEST_F(QueueAfterRedis, Case14QredriveTakesDelayedElementsThatNobodyKnowsBackToTheirQueue) {
  RewriteAsRedis({{"RPUSH", "mail:delayed", "4", "5"}});
  TestServer server(disk_, clock_, {"--queue-policy", "mail MATCH mail PROCESSING backup VISIBILITY 60000"});
  TestClient a(server);
  EXPECT_EQ(a.Send("QREDRIVE mail:delayed"), ":2\r\n");
  EXPECT_EQ(a.Send("LRANGE mail 0 -1"), Bulks({"4", "5"}));
  EXPECT_EQ(AuditQueues(server.server()), "");
}

// --- queues that nobody uses

TEST(QueueForgotten, AnEmptyQueueIsForgottenAfterAnHourWithoutUse) {
  SimFileSystem disk(1);
  ManualClock clock;
  TestServer server(disk, clock);
  TestClient a(server), b(server);
  a.Send("QPOLICY SET jobs MATCH jobs:* PROCESSING work:* VISIBILITY 1000");
  for (const char* queue : {"jobs:gone", "jobs:kept", "jobs:waited"}) {
    a.Send("LPUSH " + std::string(queue) + " 1");
    a.Send("RPOPLPUSH " + std::string(queue) + " work:1");
    a.Send("LREM work:1 1 1");
  }
  a.Send("LPUSH jobs:kept 2");
  b.Send("BRPOPLPUSH jobs:waited work:1 0");
  const auto queues = [&] {
    std::string names;
    for (const QueueBook::Queue& queue : server.server().queues().DescribeAll(0)) names += queue.name + " ";
    return names;
  };
  server.Advance(3'500'000);
  EXPECT_EQ(queues(), "jobs:gone jobs:kept jobs:waited ");
  server.Advance(200'000);
  EXPECT_EQ(queues(), "jobs:kept jobs:waited ");
  EXPECT_EQ(a.Send("QINFO jobs:kept").find(Bulk("acked") + ":0\r\n"), std::string::npos);
  // What was kept goes, too, when it has been empty for so long.
  a.Send("RPOP jobs:kept");
  b.Disconnect();
  server.Advance(8'000'000);
  EXPECT_EQ(queues(), "");
  a.Send("LPUSH jobs:gone 3");
  EXPECT_NE(a.Send("QINFO jobs:gone").find(Bulk("enqueued") + ":1\r\n"), std::string::npos);
  a.Abandon();
  server.Kill();
  TestServer again(disk, clock);
  EXPECT_EQ(DescribeQueues(again.server()), "queue 0/jobs:gone 1 0 0 0 0 0 0 0 0 0\n");
}

}  // namespace
}  // namespace baton
