// Managed queues: leases on plain list commands, and the token commands. The numbers in names are those of the cases in
// doc/queues.md.
#include <deque>

#include "base/numbers.h"
#include "protocol/transcript.h"

namespace baton {
namespace {

constexpr std::string_view kMail =
    "QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 1000 MAXDELIVER 3 DEADLETTER mail:dead BACKOFF EXP 1000 "
    "60000";

// A server with one policy and a client, and what most tests ask.
class Queue : public testing::Test {
 protected:
  Queue() : server_(disk_, clock_), a_(server_), b_(server_) { EXPECT_EQ(a_.Send(kMail), "+OK\r\n"); }

  // A figure of QINFO mail.
  int64_t Info(const std::string& name, std::string_view queue = "mail") {
    const std::string reply = a_.Send("QINFO " + std::string(queue));
    const std::string key = Bulk(name) + ":";
    const size_t at = reply.find(key);
    EXPECT_NE(at, std::string::npos) << reply;
    if (at == std::string::npos) return -1;
    const size_t from = at + key.size();
    int64_t value = -1;
    EXPECT_TRUE(ParseInt64(std::string_view(reply).substr(from, reply.find('\r', from) - from), &value));
    return value;
  }
  // The token in a reply of QPOP.
  static std::string TokenIn(const std::string& reply, std::string_view queue = "mail") {
    const std::string before = Bulk(queue);
    const size_t at = reply.find(before);
    if (at == std::string::npos) return "";
    const size_t line = reply.find("\r\n", at + before.size()) + 2;
    return reply.substr(line, reply.find("\r\n", line) - line);
  }
  void ExpectBalance() { EXPECT_EQ(Info("balanced"), 1); }
  void TearDown() override {
    if (!stopped_) ExpectBalance();
  }

  SimFileSystem disk_{1};
  ManualClock clock_;
  TestServer server_;
  TestClient a_, b_;
  bool stopped_ = false;
};

TEST_F(Queue, AMoveIntoTheProcessingListIsALeaseAndLremAcknowledges) {
  EXPECT_EQ(a_.Send("LPUSH mail 1 2 3"), ":3\r\n");
  EXPECT_EQ(a_.Send("RPOPLPUSH mail backup"), Bulk("1"));
  EXPECT_EQ(Info("ready"), 2);
  EXPECT_EQ(Info("leased"), 1);
  EXPECT_EQ(a_.Send("LREM backup 1 1"), ":1\r\n");
  EXPECT_EQ(Info("leased"), 0);
  EXPECT_EQ(Info("acked"), 1);
  server_.Advance(5000);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"3", "2"}));
}

TEST_F(Queue, AnEndedLeaseBringsTheMessageBackToTheEndThatItWasPoppedFrom) {
  a_.Send("LPUSH mail 1 2 3");
  a_.Send("RPOPLPUSH mail backup");
  server_.Advance(900);
  EXPECT_EQ(a_.Send("LLEN backup"), ":1\r\n");
  server_.Advance(200);
  EXPECT_EQ(a_.Send("LLEN backup"), ":0\r\n");
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"3", "2", "1"}));
  a_.Send("LMOVE mail backup LEFT RIGHT");
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"3", "2", "1"}));
  EXPECT_EQ(Info("expired"), 2);
}

TEST_F(Queue, ABlockedConsumerIsWokenByAnEndedLeaseAsByAPush) {
  a_.Send("LPUSH mail 1");
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(b_.Send("BRPOPLPUSH mail backup 0"), "");
  server_.Advance(1100);
  EXPECT_EQ(b_.Receive(), Bulk("1"));
  EXPECT_EQ(Info("leased"), 1);
  EXPECT_EQ(Info("delivered"), 2);
}

TEST_F(Queue, TheSecondExpiryWaitsAndTheThirdIsADeadLetter) {
  a_.Send("LPUSH mail 1");
  a_.Send("RPOPLPUSH mail backup");
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("RPOPLPUSH mail backup"), Bulk("1"));  // the first expiry brings it back at once
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LRANGE mail:delayed 0 -1"), Bulks({"1"}));
  EXPECT_EQ(Info("delayed"), 1);
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("RPOPLPUSH mail backup"), Bulk("1"));
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LRANGE mail:dead 0 -1"), Bulks({"1"}));
  EXPECT_EQ(Info("dead"), 1);
  const std::string meta = a_.Send("QMETA mail:dead 1");
  EXPECT_NE(meta.find(Bulk("deliveries") + ":3\r\n"), std::string::npos) << meta;
  EXPECT_NE(meta.find(Bulk("reason") + Bulk("expired")), std::string::npos) << meta;
}

TEST_F(Queue, ManyLeasesThatEndTogetherComeBackInOrder) {
  for (int i = 0; i < 3000; ++i) a_.Send("LPUSH mail " + std::to_string(i));
  const std::string before = a_.Send("LRANGE mail 0 -1");
  for (int i = 0; i < 3000; ++i) a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(a_.Send("LLEN mail"), ":0\r\n");
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), before);
}

// --- the edge cases, by number

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

// --- tokens

TEST_F(Queue, QpopGivesTokensInTheOrderOfItsQueues) {
  a_.Send("QPOLICY SET all MATCH jobs:* PROCESSING work:* VISIBILITY 1000");
  a_.Send("LPUSH jobs:low l");
  a_.Send("LPUSH jobs:high h");
  const std::string high = a_.Send("QPOP COUNT 2 FROM jobs:high jobs:low");
  EXPECT_NE(high.find(Bulk("h")), std::string::npos);
  EXPECT_EQ(high.find(Bulk("l")), std::string::npos);
  EXPECT_EQ(a_.Send("LRANGE jobs:high:processing 0 -1"), Bulks({"h"}));
  EXPECT_NE(a_.Send("QPOP FROM jobs:high jobs:low").find(Bulk("l")), std::string::npos);
  EXPECT_EQ(a_.Send("QPOP FROM jobs:high jobs:low"), "*-1\r\n");
}

TEST_F(Queue, AStaleTokenCountsNothing) {
  a_.Send("LPUSH mail v");
  const std::string first = TokenIn(a_.Send("QPOP FROM mail"));
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("QACK mail " + first), ":0\r\n");
  const std::string second = TokenIn(b_.Send("QPOP FROM mail"));
  EXPECT_NE(first, second);
  EXPECT_EQ(first.substr(0, first.find('-')), second.substr(0, second.find('-')));
  EXPECT_EQ(a_.Send("QACK mail " + first), ":0\r\n");
  EXPECT_EQ(a_.Send("QNACK mail " + first), ":0\r\n");
  EXPECT_EQ(a_.Send("QTOUCH mail 5000 " + first), ":0\r\n");
  EXPECT_EQ(a_.Send("QACK other " + second), ":0\r\n");
  EXPECT_EQ(b_.Send("QACK mail " + second + " " + second), ":1\r\n");
}

TEST_F(Queue, ANackGoesThroughTheBackoffUnlessADelayIsGiven) {
  a_.Send("LPUSH mail v");
  EXPECT_EQ(a_.Send("QNACK mail " + TokenIn(a_.Send("QPOP FROM mail"))), ":1\r\n");
  EXPECT_EQ(a_.Send("LRANGE mail:delayed 0 -1"), Bulks({"v"}));
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("QNACK mail DELAY 0 SILENT " + TokenIn(a_.Send("QPOP FROM mail"))), ":1\r\n");
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"v"}));
  const std::string meta = a_.Send("QMETA mail v");
  EXPECT_NE(meta.find(Bulk("failures") + ":1\r\n"), std::string::npos) << meta;
  EXPECT_EQ(Info("nacked"), 2);
}

TEST_F(Queue, QtouchLetsALeaseEndLaterByTokenAndByValue) {
  a_.Send("LPUSH mail v w");
  const std::string token = TokenIn(a_.Send("QPOP FROM mail"));
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(a_.Send("QTOUCH mail 5000 " + token), ":1\r\n");
  EXPECT_EQ(a_.Send("QTOUCH backup 3000 VALUE w"), ":1\r\n");
  EXPECT_EQ(a_.Send("QTOUCH backup 3000 VALUE nobody"), ":0\r\n");
  server_.Advance(2000);
  EXPECT_EQ(a_.Send("LLEN backup"), ":2\r\n");
  server_.Advance(1500);
  EXPECT_EQ(a_.Send("LRANGE backup 0 -1"), Bulks({"v"}));
  server_.Advance(2000);
  EXPECT_EQ(a_.Send("LLEN backup"), ":0\r\n");
}

TEST_F(Queue, QpopBlocksForAsLongAsItIsTold) {
  EXPECT_EQ(b_.Send("QPOP BLOCK 500 FROM mail"), "");
  server_.Advance(600);
  EXPECT_EQ(b_.Receive(), "*-1\r\n");
  EXPECT_EQ(b_.Send("QPOP BLOCK 0 COUNT 2 FROM other mail"),
            "-NOPOLICY no policy names the queue 'other'. Set one: QPOLICY SET "
            "other MATCH other PROCESSING other:processing VISIBILITY 60000\r\n");
  EXPECT_EQ(b_.Send("QPOP BLOCK 0 COUNT 2 FROM mail"), "");
  a_.Send("LPUSH mail 1 2 3");
  EXPECT_EQ(b_.Receive().substr(0, 4), "*2\r\n");
}

TEST_F(Queue, QredriveTakesDeadLettersBackToTheirQueueInOrder) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 1000 MAXDELIVER 1 DEADLETTER mail:dead");
  a_.Send("LPUSH mail 1 2 3");
  for (int i = 0; i < 3; ++i) {
    a_.Send("RPOPLPUSH mail backup");
    server_.Advance(1100);
  }
  EXPECT_EQ(a_.Send("LRANGE mail:dead 0 -1"), Bulks({"3", "2", "1"}));
  EXPECT_EQ(a_.Send("QREDRIVE mail:dead COUNT 2 RESET"), ":2\r\n");
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"2", "1"}));
  EXPECT_EQ(a_.Send("QREDRIVE mail:dead TO elsewhere"), ":1\r\n");
  EXPECT_EQ(a_.Send("LRANGE elsewhere 0 -1"), Bulks({"3"}));
  EXPECT_EQ(Info("forwarded"), 1);
  EXPECT_EQ(Info("dead"), 0);
  EXPECT_EQ(a_.Send("QREDRIVE mail:dead"), ":0\r\n");
}

TEST_F(Queue, WrongWordsChangeNothingAndSayWhatIsRight) {
  for (const char* words : {"QPOLICY SET",
                            "QPOLICY SET x MATCH",
                            "QPOLICY SET x MATCH q PROCESSING p",
                            "QPOLICY SET x MATCH q PROCESSING * VISIBILITY 1",
                            "QPOLICY SET x MATCH q PROCESSING p VISIBILITY 0",
                            "QPOLICY SET x MATCH q PROCESSING p VISIBILITY 1 MAXDELIVER 3",
                            "QPOLICY SET x MATCH q PROCESSING p VISIBILITY 1 BACKOFF EXP 5 1",
                            "QPOLICY SET x MATCH q PROCESSING p VISIBILITY 1 COLOUR red",
                            "QPOLICY SET x MATCH q* PROCESSING p VISIBILITY 1 ADOPT",
                            "QPOLICY SET q MATCH q1 PROCESSING q* VISIBILITY 1",
                            "QPOP",
                            "QPOP COUNT 0 FROM mail",
                            "QPOP FROM",
                            "QPOP COUNT x FROM mail",
                            "QACK mail nonsense",
                            "QACK mail 1-0",
                            "QNACK mail DELAY -1 1-1",
                            "QNACK mail SILENT",
                            "QTOUCH mail x 1-1",
                            "QPENDING mail 0",
                            "QPENDING mail IDLE x 0 1",
                            "QREDRIVE mail:dead COLOUR",
                            "QINFO nobody",
                            "QINFO backup",
                            "QMETA mail"}) {
    EXPECT_EQ(a_.Send(words)[0], '-') << words;
  }
  EXPECT_EQ(a_.Send("QPOLICY LIST").substr(0, 4), "*1\r\n");
  EXPECT_EQ(a_.Send("SET mail text"), "+OK\r\n");
  EXPECT_EQ(a_.Send("QPOP FROM mail"), std::string(kWrongType));
  a_.Send("DEL mail");
}

TEST_F(Queue, AHigherLimitWakesWhoWaits) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 MAXINFLIGHT 1");
  a_.Send("LPUSH mail 1 2");
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_EQ(b_.Send("BRPOPLPUSH mail backup 0"), "");
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 60000 MAXINFLIGHT 2");
  EXPECT_EQ(b_.Receive(), Bulk("2"));
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

TEST_F(Queue, QinfoTellsHowLongMessagesWereHeld) {
  a_.Send("LPUSH mail 1 2");
  a_.Send("RPOPLPUSH mail backup");
  const std::string token = TokenIn(a_.Send("QPOP FROM mail"));
  server_.Advance(300);
  a_.Send("LREM backup 1 1");
  EXPECT_GE(Info("hold-p50-ms"), 300);
  EXPECT_LT(Info("hold-p99-ms"), 600);
  server_.Advance(600);
  a_.Send("QACK mail " + token);
  EXPECT_GE(Info("hold-p99-ms"), 300);
  EXPECT_LT(Info("hold-p50-ms"), 600);
}

// --- restarts

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

}  // namespace
}  // namespace baton
