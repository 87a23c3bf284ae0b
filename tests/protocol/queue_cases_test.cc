// The edge cases of managed queues. The numbers in names are those of the cases in doc/queues.md.

#include "protocol/queue_fixture.h"

namespace baton {
namespace {

TEST_F(Queue, Case1OfEqualPayloadsTheOneThatThisConnectionHoldsIsAcknowledged) {
  a_.Send("LPUSH mail v v");
  a_.Send("RPOPLPUSH mail backup");
  server_.Advance(500);
  b_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(b_.Send("LREM backup 1 v"), ":1\r\n");
  // What is left is a's, whose lease ends first.
  server_.Advance(600);
  EXPECT_EQ(a_.Send("LLEN backup"), ":0\r\n");
  EXPECT_EQ(a_.Send("LLEN mail"), ":1\r\n");
}

TEST_F(Queue, Case1AConnectionThatHoldsNoneAcknowledgesTheOneThatEndsFirst) {
  a_.Send("LPUSH mail v v");
  a_.Send("RPOPLPUSH mail backup");
  server_.Advance(500);
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(b_.Send("LREM backup 1 v"), ":1\r\n");
  server_.Advance(600);
  EXPECT_EQ(a_.Send("LLEN backup"), ":1\r\n");  // the later one is still held
  server_.Advance(500);
  EXPECT_EQ(a_.Send("LLEN backup"), ":0\r\n");
}

TEST_F(Queue, Case2LremOfAllAcknowledgesAllWhoeverHoldsThem) {
  a_.Send("LPUSH mail v v v");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("RPOPLPUSH mail backup");
  b_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(a_.Send("LREM backup -1 v"), ":1\r\n");
  EXPECT_EQ(a_.Send("LREM backup 5 v"), ":2\r\n");
  EXPECT_EQ(Info("acked"), 3);
  EXPECT_EQ(Info("leased"), 0);
}

TEST_F(Queue, Case3ALateAckSettlesTheMessageThatCameBack) {
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail backup");
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LLEN mail"), ":1\r\n");
  EXPECT_EQ(a_.Send("LREM backup 1 v"), ":1\r\n");
  EXPECT_EQ(a_.Send("LLEN mail"), ":0\r\n");
  EXPECT_EQ(Info("late-acks"), 1);
}

TEST_F(Queue, Case3ALateAckNeverTakesANewMessageOfEqualBytes) {
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("LREM backup 1 v");
  a_.Send("LPUSH mail v");
  EXPECT_EQ(a_.Send("LREM backup 1 v"), ":0\r\n");
  EXPECT_EQ(a_.Send("LLEN mail"), ":1\r\n");
}

TEST_F(Queue, Case3GivenOutToAnotherMeanwhileItIsSettledAndTheOtherGetsNothing) {
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail backup");
  server_.Advance(1100);
  EXPECT_EQ(b_.Send("RPOPLPUSH mail backup"), Bulk("v"));
  EXPECT_EQ(a_.Send("LREM backup 1 v"), ":1\r\n");
  EXPECT_EQ(b_.Send("LREM backup 1 v"), ":0\r\n");
  EXPECT_EQ(Info("acked"), 1);
}

TEST_F(Queue, Case3GivenOutIntoAnotherListMeanwhileItIsSettledToo) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING work:* VISIBILITY 1000 BACKOFF NONE");
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail work:a");
  server_.Advance(1100);
  EXPECT_EQ(b_.Send("RPOPLPUSH mail work:b"), Bulk("v"));
  EXPECT_EQ(a_.Send("LREM work:a 1 v"), ":1\r\n");
  EXPECT_EQ(a_.Send("EXISTS work:b"), ":0\r\n");
  EXPECT_EQ(b_.Send("LREM work:b 1 v"), ":0\r\n");
  EXPECT_EQ(Info("acked"), 1);
  EXPECT_EQ(Info("late-acks"), 1);
  EXPECT_EQ(Info("delivered"), 2);
  EXPECT_EQ(Info("hold-p99-ms"), 0);  // nobody who acknowledged it was holding it
}

TEST_F(Queue, Case3AnLremThatIsSentTwiceTakesNothingFromAnotherList) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING work:* VISIBILITY 1000");
  a_.Send("LPUSH mail v v");
  a_.Send("RPOPLPUSH mail work:a");
  b_.Send("RPOPLPUSH mail work:b");
  EXPECT_EQ(a_.Send("LREM work:a 1 v"), ":1\r\n");
  EXPECT_EQ(a_.Send("LREM work:a 1 v"), ":0\r\n");  // the other one was never anybody else's
  EXPECT_EQ(Info("leased"), 1);
}

TEST_F(Queue, Case3WithLateackNoNorIsTheOneInAnotherList) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING work:* VISIBILITY 1000 BACKOFF NONE LATEACK NO");
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail work:a");
  server_.Advance(1100);
  b_.Send("RPOPLPUSH mail work:b");
  EXPECT_EQ(a_.Send("LREM work:a 1 v"), ":0\r\n");
  EXPECT_EQ(b_.Send("LREM work:b 1 v"), ":1\r\n");
  EXPECT_EQ(Info("late-acks"), 0);
}

TEST_F(Queue, Case3WithLateackNoItStays) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 1000 LATEACK NO");
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail backup");
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LREM backup 1 v"), ":0\r\n");
  EXPECT_EQ(a_.Send("LLEN mail"), ":1\r\n");
}

TEST_F(Queue, Case4PushedAgainInOneTransactionItKeepsItsCounts) {
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("MULTI");
  a_.Send("LREM backup 1 v");
  a_.Send("LPUSH mail v");
  EXPECT_EQ(a_.Send("EXEC"), "*2\r\n:1\r\n:1\r\n");
  const std::string meta = a_.Send("QMETA mail v");
  EXPECT_NE(meta.find(Bulk("deliveries") + ":1\r\n"), std::string::npos) << meta;
  EXPECT_EQ(Info("acked"), 0);
  EXPECT_EQ(Info("enqueued"), 1);
}

TEST_F(Queue, Case4PushedAgainWithoutLremItIsASecondMessage) {
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("LPUSH mail v");
  EXPECT_EQ(Info("ready"), 1);
  EXPECT_EQ(Info("leased"), 1);
  EXPECT_EQ(Info("enqueued"), 2);
}

TEST_F(Queue, Case5AReaperThatMovesItBackIsNoFailure) {
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(a_.Send("RPOPLPUSH backup mail"), Bulk("v"));
  const std::string meta = a_.Send("QMETA mail v");
  EXPECT_NE(meta.find(Bulk("deliveries") + ":1\r\n"), std::string::npos) << meta;
  EXPECT_NE(meta.find(Bulk("failures") + ":0\r\n"), std::string::npos) << meta;
  EXPECT_EQ(Info("ready"), 1);
}

TEST_F(Queue, Case5MovedToAnotherKeyItHasLeftTheQueue) {
  a_.Send("LPUSH mail v w");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("RPOPLPUSH backup elsewhere");
  EXPECT_EQ(Info("forwarded"), 1);
  a_.Send("RPOPLPUSH mail elsewhere");
  EXPECT_EQ(Info("forwarded"), 2);
  server_.Advance(2000);
  EXPECT_EQ(a_.Send("LRANGE elsewhere 0 -1"), Bulks({"w", "v"}));
}

TEST_F(Queue, Case5TurningAQueueRoundAndPoppingItAreRedissOwn) {
  a_.Send("LPUSH mail 1 2 3 4");
  EXPECT_EQ(a_.Send("RPOPLPUSH mail mail"), Bulk("1"));
  EXPECT_EQ(Info("leased"), 0);
  EXPECT_EQ(a_.Send("RPOP mail"), Bulk("2"));
  EXPECT_EQ(a_.Send("LTRIM mail 0 0"), "+OK\r\n");
  EXPECT_EQ(Info("removed"), 3);
  EXPECT_EQ(Info("ready"), 1);
}

TEST_F(Queue, Case6WhatIsTakenOffTheProcessingListByHandNeverComesBack) {
  a_.Send("LPUSH mail 1 2 3 4 5");
  for (int i = 0; i < 5; ++i) a_.Send("RPOPLPUSH mail backup");
  a_.Send("LPOP backup");
  a_.Send("LTRIM backup 0 2");
  EXPECT_EQ(Info("leased"), 3);
  a_.Send("DEL backup");
  EXPECT_EQ(Info("leased"), 0);
  EXPECT_EQ(Info("removed"), 5);
  server_.Advance(3000);
  EXPECT_EQ(a_.Send("LLEN mail"), ":0\r\n");
}

TEST_F(Queue, Case6AnOverwrittenProcessingListIsGone) {
  a_.Send("LPUSH mail 1");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("SET backup x");
  EXPECT_EQ(Info("removed"), 1);
  server_.Advance(3000);
  EXPECT_EQ(a_.Send("LLEN mail"), ":0\r\n");
}

TEST_F(Queue, Case6LeasedMessagesComeBackToADeletedQueue) {
  a_.Send("LPUSH mail 1 2");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("DEL mail");
  EXPECT_EQ(Info("removed"), 1);
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"1"}));
}

TEST_F(Queue, Case6FlushallEndsEverythingButPolicies) {
  a_.Send("LPUSH mail 1 2");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("FLUSHALL");
  EXPECT_EQ(Info("leased"), 0);
  server_.Advance(3000);
  EXPECT_EQ(a_.Send("LLEN mail"), ":0\r\n");
  a_.Send("LPUSH mail 3");
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(Info("leased"), 1);
}

TEST_F(Queue, Case7ATimeToLiveTakesNoMessageAway) {
  a_.Send("LPUSH mail 1 2 3");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("LPUSH backup stranger");
  a_.Send("PEXPIRE backup 100");
  server_.Advance(200);
  EXPECT_EQ(a_.Send("EXISTS backup"), ":0\r\n");
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"3", "2", "1"}));
  a_.Send("PEXPIRE mail 100");
  server_.Advance(200);
  EXPECT_EQ(a_.Send("EXISTS mail"), ":0\r\n");
  EXPECT_EQ(a_.Send("LRANGE mail:dead 0 -1"), Bulks({"3", "2", "1"}));
}

TEST_F(Queue, Case7AlsoWhenACommandMeetsTheKeyFirst) {
  a_.Send("LPUSH mail 1 2");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("PEXPIRE backup 100");
  clock_.AdvanceNs(200'000'000);
  EXPECT_EQ(a_.Send("LLEN backup"), ":0\r\n");
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"2", "1"}));
}

TEST_F(Queue, Case7AlsoWhenALookAtAllKeysMeetsTheKeyFirst) {
  for (const char* look : {"SCAN 0", "RANDOMKEY"}) {
    a_.Send("LPUSH mail 1 2");
    a_.Send("RPOPLPUSH mail backup");
    a_.Send("RENAME mail away");  // so that RANDOMKEY cannot but meet what has expired
    a_.Send("MOVE away 1");
    a_.Send("PEXPIRE backup 100");
    clock_.AdvanceNs(200'000'000);
    a_.Send(look);
    EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"1"})) << look;
    a_.Send("FLUSHALL");
  }
}

TEST_F(Queue, Case7ADelayedMessageOutlivesItsList) {
  a_.Send("LPUSH mail v");
  a_.Send("QNACK mail DELAY 5000 " + TokenIn(a_.Send("QPOP FROM mail")));
  a_.Send("PEXPIRE mail:delayed 100");
  server_.Advance(200);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"v"}));
}

TEST_F(Queue, Case7AKeyThatIsMadeAnewMeanwhileIsNotDeleted) {
  a_.Send("LPUSH mail v");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("LPUSH work old");
  EXPECT_EQ(b_.Send("BRPOPLPUSH mail work 0"), "");
  a_.Send("MULTI");
  a_.Send("PEXPIRE backup 100");
  a_.Send("PEXPIRE work 100");
  a_.Send("EXEC");
  server_.Advance(200);
  EXPECT_EQ(b_.Receive(), Bulk("v"));
  EXPECT_EQ(a_.Send("LRANGE work 0 -1"), Bulks({"v"}));
}

TEST_F(Queue, Case8LeasesFollowARenamedProcessingList) {
  a_.Send("LPUSH mail 1");
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(a_.Send("RENAME backup other"), "+OK\r\n");
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("EXISTS other"), ":0\r\n");
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"1"}));
}

TEST_F(Queue, Case8LeasedMessagesComeBackToTheOldNameOfARenamedQueue) {
  a_.Send("LPUSH mail 1 2");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("RENAME mail post");
  EXPECT_EQ(Info("forwarded"), 1);
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"1"}));
  EXPECT_EQ(a_.Send("LRANGE post 0 -1"), Bulks({"2"}));
}

TEST_F(Queue, Case9LsetKeepsTheLeaseAndAPushIntoTheProcessingListMakesNone) {
  a_.Send("LPUSH mail 1");
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(a_.Send("LSET backup 0 one"), "+OK\r\n");
  EXPECT_EQ(a_.Send("LPUSH backup stranger"), ":2\r\n");
  EXPECT_EQ(a_.Send("LINSERT backup BEFORE one neighbour"), ":3\r\n");
  EXPECT_EQ(Info("unleased"), 2);
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"one"}));
  EXPECT_EQ(a_.Send("LRANGE backup 0 -1"), Bulks({"stranger", "neighbour"}));
}

TEST_F(Queue, Case10ARedeliveryBreaksAWatch) {
  a_.Send("LPUSH mail 1");
  a_.Send("RPOPLPUSH mail backup");
  b_.Send("WATCH mail");
  server_.Advance(1100);
  b_.Send("MULTI");
  b_.Send("LLEN mail");
  EXPECT_EQ(b_.Send("EXEC"), "*-1\r\n");
}

TEST_F(Queue, Case11ElementsThatWereThereAreLeftAloneUnlessAdopted) {
  a_.Send("LPUSH jobs 1 2");
  a_.Send("LPUSH doing 3");
  a_.Send("QPOLICY SET jobs MATCH jobs PROCESSING doing VISIBILITY 1000");
  EXPECT_EQ(Info("ready", "jobs"), 2);
  EXPECT_EQ(Info("adopted", "jobs"), 2);
  EXPECT_EQ(Info("unleased", "jobs"), 1);
  a_.Send("QPOLICY SET jobs MATCH jobs PROCESSING doing VISIBILITY 1000 ADOPT");
  EXPECT_EQ(Info("unleased", "jobs"), 0);
  EXPECT_EQ(Info("leased", "jobs"), 1);
  EXPECT_EQ(Info("balanced", "jobs"), 1);
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LLEN jobs"), ":3\r\n");
  EXPECT_EQ(Info("balanced", "jobs"), 1);
}

TEST_F(Queue, Case11AdoptedElementsComeBackInTheirOrder) {
  std::string elements;
  for (int i = 0; i < 2500; ++i) elements += " " + std::to_string(i % 2000);  // some are equal
  a_.Send("LPUSH doing" + elements);
  const std::string before = a_.Send("LRANGE doing 0 -1");
  a_.Send("QPOLICY SET jobs MATCH jobs PROCESSING doing VISIBILITY 1000 BACKOFF NONE ADOPT");
  EXPECT_EQ(Info("leased", "jobs"), 2500);
  EXPECT_EQ(Info("unleased", "jobs"), 0);
  a_.Send("QPOLICY SET jobs MATCH jobs PROCESSING doing VISIBILITY 1000 BACKOFF NONE ADOPT");
  EXPECT_EQ(Info("adopted", "jobs"), 2500);  // once each
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LRANGE jobs 0 -1"), before);
  EXPECT_EQ(Info("balanced", "jobs"), 1);
}

TEST_F(Queue, Case11AdoptedDelayedElementsAreDueAtOnceAndTheQueuesOwnProcessingListIsMeantToo) {
  a_.Send("LPUSH jobs:delayed 1 2 3");
  a_.Send("LPUSH jobs:processing 4");
  a_.Send("QPOLICY SET jobs MATCH jobs PROCESSING doing VISIBILITY 1000 ADOPT");
  EXPECT_EQ(a_.Send("LRANGE jobs 0 -1"), Bulks({"3", "2", "1"}));
  EXPECT_EQ(Info("adopted", "jobs"), 4);
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LRANGE jobs 0 -1"), Bulks({"3", "2", "1", "4"}));
}

TEST_F(Queue, Case11AChangedPolicyLeavesRunningDeadlinesAndADeletedOneEndsLeases) {
  a_.Send("LPUSH mail 1 2");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000");
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LLEN mail"), ":2\r\n");
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(a_.Send("QPOLICY DEL mail"), ":1\r\n");
  EXPECT_EQ(a_.Send("QPOLICY DEL mail"), "$-1\r\n");
  server_.Advance(70000);
  EXPECT_EQ(a_.Send("LLEN backup"), ":1\r\n");
  EXPECT_EQ(a_.Send(kMail), "+OK\r\n");
}

TEST_F(Queue, Case11TwoPoliciesMayShareAProcessingList) {
  a_.Send("QPOLICY SET post MATCH post PROCESSING backup VISIBILITY 2000");
  a_.Send("LPUSH mail 1");
  a_.Send("LPUSH post 2");
  a_.Send("RPOPLPUSH mail backup");
  a_.Send("RPOPLPUSH post backup");
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"1"}));
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LRANGE post 0 -1"), Bulks({"2"}));
}

TEST_F(Queue, Case12AJumpOfTheWallClockEndsNoLease) {
  a_.Send("LPUSH mail 1");
  a_.Send("RPOPLPUSH mail backup");
  clock_.JumpWallClockMs(3'600'000);
  server_.Advance(500);
  EXPECT_EQ(a_.Send("LLEN backup"), ":1\r\n");
  clock_.JumpWallClockMs(-7'200'000);
  server_.Advance(600);
  EXPECT_EQ(a_.Send("LLEN backup"), ":0\r\n");
}

TEST_F(Queue, Case13ARestartForgetsNothingAndGrantsTenSecondsOnce) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 MAXDELIVER 3 DEADLETTER mail:dead");
  a_.Send("LPUSH mail 1 2");
  a_.Send("RPOPLPUSH mail backup");
  server_.Advance(55'000);
  const std::string account = a_.Send("QPOLICY LIST");
  stopped_ = true;
  ASSERT_TRUE(server_.Stop().ok());
  clock_.AdvanceNs(3'000'000'000);  // 2 s are left: they become 10
  {
    TestServer again(disk_, clock_);
    ASSERT_TRUE(again.report().ok());
    TestClient c(again);
    EXPECT_EQ(c.Send("QPOLICY LIST"), account);
    again.Advance(6000);
    EXPECT_EQ(c.Send("LLEN backup"), ":1\r\n");
    ASSERT_TRUE(again.Stop().ok());
  }
  {
    TestServer again(disk_, clock_);  // 4 s are left, and stay so
    TestClient c(again);
    again.Advance(3000);
    EXPECT_EQ(c.Send("LLEN backup"), ":1\r\n");
    again.Advance(1500);
    EXPECT_EQ(c.Send("LLEN backup"), ":0\r\n");
    EXPECT_EQ(c.Send("LRANGE mail 0 -1"), Bulks({"2", "1"}));
    const std::string meta = c.Send("QMETA mail 1");
    EXPECT_NE(meta.find(Bulk("deliveries") + ":1\r\n"), std::string::npos) << meta;
    ASSERT_TRUE(again.Stop().ok());
  }
}

TEST(QueueRestart, Case14ARewriteKeepsRecordsAccountsAndPolicies) {
  SimFileSystem disk(1);
  ManualClock clock;
  std::string before;
  {
    TestServer server(disk, clock);
    TestClient a(server);
    a.Send(
        "QPOLICY SET \"a b\" MATCH mail* PROCESSING \"back up%\" VISIBILITY 60000 MAXDELIVER 2 DEADLETTER "
        "\"\\x00dead\"");
    a.Send("LPUSH mail1 1 2 3 3 3");
    a.Send("LPUSH mail2 x");
    a.Send({"RPOPLPUSH", "mail1", "back up%"});
    a.Send({"RPOPLPUSH", "mail1", "back up%"});
    a.Send({"RPOPLPUSH", "mail2", "back up%"});
    a.Send({"LREM", "back up%", "1", "1"});
    const std::string reply = a.Send("QPOP FROM mail1");
    EXPECT_EQ(a.Send("BGREWRITEAOF").substr(0, 11), "+Background");
    server.Settle();
    a.Send("LPUSH mail1 4");
    before =
        a.Send("QINFO mail1") + a.Send("QINFO mail2") + a.Send({"QMETA", "back up%", "2"}) + a.Send("QPOLICY LIST");
    ASSERT_TRUE(server.Stop().ok());
  }
  TestServer server(disk, clock);
  ASSERT_TRUE(server.report().ok());
  TestClient a(server);
  const std::string after =
      a.Send("QINFO mail1") + a.Send("QINFO mail2") + a.Send({"QMETA", "back up%", "2"}) + a.Send("QPOLICY LIST");
  // Rates and ages are of the process.
  EXPECT_EQ(after.size(), before.size());
  EXPECT_EQ(after.substr(0, after.find("oldest")), before.substr(0, before.find("oldest")));
  EXPECT_EQ(after.substr(after.find("$2\r\nid")), before.substr(before.find("$2\r\nid")));
}

TEST_F(Queue, Case15OnDisconnectGraceShortensTheLease) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 ONDISCONNECT GRACE 2000");
  a_.Send("LPUSH mail 1 2");
  b_.Send("RPOPLPUSH mail backup");
  a_.Send("RPOPLPUSH mail backup");
  b_.Disconnect();
  server_.Advance(1500);
  EXPECT_EQ(a_.Send("LLEN backup"), ":2\r\n");
  server_.Advance(600);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"1"}));
  EXPECT_EQ(a_.Send("LLEN backup"), ":1\r\n");
}

TEST_F(Queue, Case15AnAckFromANewConnectionCountsAndKeepKeeps) {
  a_.Send("LPUSH mail 1");
  b_.Send("RPOPLPUSH mail backup");
  b_.Disconnect();
  server_.Advance(500);
  EXPECT_EQ(a_.Send("LREM backup 1 1"), ":1\r\n");
  EXPECT_EQ(Info("acked"), 1);
}

TEST_F(Queue, Case16AtMaxmemoryAConsumerStillDrains) {
  a_.Send("LPUSH mail 1 2");
  a_.Send("CONFIG SET maxmemory 1");
  EXPECT_EQ(a_.Send("LPUSH mail 3").substr(0, 4), "-OOM");
  EXPECT_EQ(a_.Send("RPOPLPUSH mail backup"), Bulk("1"));
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LLEN mail"), ":2\r\n");
  const std::string popped = a_.Send("QPOP FROM mail");
  EXPECT_EQ(a_.Send("QNACK mail DELAY 0 " + TokenIn(popped)), ":1\r\n");
  EXPECT_EQ(a_.Send("QACK mail " + TokenIn(a_.Send("QPOP FROM mail"))), ":1\r\n");
}

TEST_F(Queue, Case16RecordsCountInMaxmemoryAndComeOffItAgain) {
  std::string elements;
  for (int i = 0; i < 20'000; ++i) elements += " " + std::to_string(i);
  a_.Send("LPUSH mail" + elements);
  const size_t before = server_.server().keyspace().allocated_bytes() + server_.server().queues().allocated_bytes();
  a_.Send("CONFIG SET maxmemory " + std::to_string(before + 500'000));
  EXPECT_EQ(a_.Send("LPUSH mail x").front(), ':');
  EXPECT_EQ(a_.Send("QPOP COUNT 10000 LEASE 60000 FROM mail").substr(0, 8), "*10000\r\n");
  EXPECT_EQ(a_.Send("LPUSH mail y").substr(0, 4), "-OOM");
  EXPECT_EQ(a_.Send("QPOP COUNT 10000 LEASE 60000 FROM mail").substr(0, 8), "*10000\r\n");
  EXPECT_EQ(a_.Send("DEL backup"), ":1\r\n");
  EXPECT_EQ(a_.Send("LPUSH mail z").front(), ':');
}

TEST_F(Queue, Case17ADeadLetterKeyOfAnotherTypeParksTheMessage) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 1000 MAXDELIVER 1 DEADLETTER mail:dead");
  a_.Send("SET mail:dead text");
  a_.Send("LPUSH mail 1");
  a_.Send("RPOPLPUSH mail backup");
  server_.Advance(3000);
  EXPECT_EQ(a_.Send("LRANGE backup 0 -1"), Bulks({"1"}));
  ExpectBalance();
  a_.Send("DEL mail:dead");
  server_.Advance(1500);
  EXPECT_EQ(a_.Send("LRANGE mail:dead 0 -1"), Bulks({"1"}));
}

TEST_F(Queue, Case18AtMaxinflightTheQueueLooksEmptyAndAnAckWakesWhoWaits) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 MAXINFLIGHT 1");
  a_.Send("LPUSH mail 1 2");
  EXPECT_EQ(a_.Send("RPOPLPUSH mail backup"), Bulk("1"));
  EXPECT_EQ(a_.Send("RPOPLPUSH mail backup"), "$-1\r\n");
  EXPECT_EQ(b_.Send("BRPOPLPUSH mail backup 0"), "");
  EXPECT_EQ(a_.Send("LREM backup 1 1"), ":1\r\n");
  EXPECT_EQ(b_.Receive(), Bulk("2"));
}

TEST_F(Queue, Case18PerconsumerCountsEachConnection) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 PERCONSUMER 1");
  a_.Send("LPUSH mail 1 2 3");
  EXPECT_EQ(a_.Send("RPOPLPUSH mail backup"), Bulk("1"));
  EXPECT_EQ(a_.Send("RPOPLPUSH mail backup"), "$-1\r\n");
  EXPECT_EQ(b_.Send("QPOP COUNT 5 FROM mail").substr(0, 4), "*1\r\n");
  EXPECT_EQ(b_.Send("QPOP FROM mail"), "*-1\r\n");
}

TEST_F(Queue, Case18AtMaxinflightAPushAsksNobodyWhoCannotBeServed) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 MAXINFLIGHT 2");
  std::vector<std::unique_ptr<TestClient>> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(std::make_unique<TestClient>(server_));
    EXPECT_EQ(waiting.back()->Send("BRPOPLPUSH mail backup 0"), "");
  }
  a_.Send("LPUSH mail 1 2 3");
  EXPECT_EQ(waiting[0]->Receive(), Bulk("1"));
  EXPECT_EQ(waiting[1]->Receive(), Bulk("2"));
  server_.Advance(10'000);
  // Whoever is asked looks at backup.
  for (int i = 4; i < 50; ++i) a_.Send("LPUSH mail " + std::to_string(i));
  EXPECT_EQ(a_.Send("OBJECT IDLETIME backup"), ":10\r\n");
  // One who does not lease is served meanwhile, and the others in turn when there is room again.
  EXPECT_EQ(b_.Send("BRPOP mail 0"), Bulks({"mail", "3"}));
  for (size_t i = 2; i < 20; ++i) {
    EXPECT_EQ(waiting[i]->Receive(), "");
    a_.Send("RPOP backup");
    EXPECT_EQ(waiting[i]->Receive(), Bulk(std::to_string(i + 2)));
  }
}

TEST_F(Queue, Case18PerconsumerAsksAConnectionAgainWhenItHasGivenSomethingBack) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 PERCONSUMER 1");
  TestClient c(server_);
  a_.Send("LPUSH mail 1 2 3 4");
  EXPECT_EQ(b_.Send("RPOPLPUSH mail backup"), Bulk("1"));
  EXPECT_EQ(c.Send("RPOPLPUSH mail backup"), Bulk("2"));
  EXPECT_EQ(b_.Send("BRPOPLPUSH mail backup 0"), "");
  EXPECT_EQ(c.Send("BRPOPLPUSH mail backup 0"), "");
  a_.Send("LPUSH mail 5");
  EXPECT_EQ(a_.Send("LREM backup 1 2"), ":1\r\n");
  EXPECT_EQ(b_.Receive(), "");
  EXPECT_EQ(c.Receive(), Bulk("3"));
  EXPECT_EQ(a_.Send("LREM backup 1 1"), ":1\r\n");
  EXPECT_EQ(b_.Receive(), Bulk("4"));
}

TEST_F(Queue, Case18WhoeverMetALimitIsAskedWhenItIsGone) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 MAXINFLIGHT 1 PERCONSUMER 1");
  TestClient c(server_);
  a_.Send("LPUSH mail 1 2 3");
  b_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(b_.Send("BRPOPLPUSH mail backup 0"), "");
  EXPECT_EQ(c.Send("BRPOPLPUSH mail backup 0"), "");
  a_.Send("LPUSH mail 4");
  a_.Send("FLUSHALL");
  EXPECT_EQ(b_.Receive(), "");
  a_.Send("LPUSH mail 5");
  EXPECT_EQ(b_.Receive() + c.Receive(), Bulk("5"));
  a_.Send("LPUSH mail 6");
  a_.Send("QPOLICY DEL mail");
  EXPECT_EQ(b_.Receive() + c.Receive(), Bulk("6"));
  a_.Send(kMail);
}

TEST_F(Queue, Case19QinfoTellsThatLeasesEndWhileTheirConnectionIsThere) {
  a_.Send("LPUSH mail 1 2");
  a_.Send("RPOPLPUSH mail backup");
  b_.Send("RPOPLPUSH mail backup");
  b_.Disconnect();
  server_.Advance(1100);
  EXPECT_EQ(Info("expired"), 2);
  EXPECT_EQ(Info("expired-while-connected"), 1);
  a_.Send("RPOPLPUSH mail backup");
  server_.Advance(900);
  a_.Send("LREM backup 1 1");
  EXPECT_GE(Info("hold-p99-ms"), 900);  // near to VISIBILITY
}

TEST_F(Queue, Case19OnlyWhatWasAcknowledgedCountsAsHeld) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000");
  a_.Send("LPUSH mail 1 2 3 4");
  for (int i = 0; i < 4; ++i) a_.Send("RPOPLPUSH mail backup");
  server_.Advance(5000);
  a_.Send("RPOPLPUSH backup mail");
  a_.Send("LPOP backup");
  for (const char* line : {"MULTI", "LREM backup 1 2", "LPUSH mail 2", "EXEC"}) a_.Send(line);
  EXPECT_EQ(Info("hold-p99-ms"), 0);
  a_.Send("LREM backup 1 3");
  EXPECT_GE(Info("hold-p50-ms"), 5000);
}

TEST_F(Queue, Case19AShortenedLeaseIsHeldAsLongAsItWas) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 ONDISCONNECT GRACE 2000");
  a_.Send("LPUSH mail 1 2");
  b_.Send("RPOPLPUSH mail backup");
  server_.Advance(1000);
  b_.Disconnect();
  server_.Advance(500);
  const std::string pending = a_.Send("QPENDING mail 0 1");
  EXPECT_NE(pending.find(Bulk("held-ms") + ":1500\r\n"), std::string::npos) << pending;
  EXPECT_EQ(a_.Send("LREM backup 1 1"), ":1\r\n");
  EXPECT_GE(Info("hold-p99-ms"), 1500);
  EXPECT_LT(Info("hold-p99-ms"), 2000);
}

TEST_F(Queue, Case21HundredThousandLeasesThatEndInOneMillisecondComeBackInSlices) {
  std::string elements;
  for (int i = 0; i < 100'000; ++i) elements += " " + std::to_string(i);
  a_.Send("LPUSH mail" + elements);
  const std::string before = a_.Send("LRANGE mail 0 -1");
  EXPECT_EQ(a_.Send("QPOP COUNT 100000 FROM mail").substr(0, 9), "*100000\r\n");
  clock_.AdvanceNs(2'000'000'000);
  int turns = 0;
  while (server_.server().EndTurn() && turns < 100'000) ++turns;
  EXPECT_GT(turns, 100);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), before);
}

}  // namespace
}  // namespace baton
