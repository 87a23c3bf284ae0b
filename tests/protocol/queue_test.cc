// Managed queues: leases on plain list commands, and the token commands. The edge cases of doc/queues.md are in
// queue_cases_test.cc.

#include "protocol/queue_fixture.h"

namespace baton {
namespace {

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
  a_.Send("QPOLICY SET other MATCH other PROCESSING other:taken VISIBILITY 1000");
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

TEST_F(Queue, QredriveLeavesLeasesAndQueuesAlone) {
  a_.Send("LPUSH mail 1 2 3");
  a_.Send("RPOPLPUSH mail backup");
  EXPECT_NE(b_.Send("QREDRIVE backup").find("-ERR the oldest element of 'backup' is leased"), std::string::npos);
  EXPECT_NE(b_.Send("QREDRIVE backup TO elsewhere").find("is leased"), std::string::npos);
  EXPECT_NE(b_.Send("QREDRIVE mail").find("-ERR 'mail' is a queue"), std::string::npos);
  EXPECT_EQ(a_.Send("LRANGE mail 0 -1"), Bulks({"3", "2"}));
  EXPECT_EQ(a_.Send("LRANGE backup 0 -1"), Bulks({"1"}));
  EXPECT_EQ(Info("leased"), 1);
  EXPECT_EQ(a_.Send("LREM backup 1 1"), ":1\r\n");
  EXPECT_EQ(Info("late-acks"), 0);
}

TEST_F(Queue, TheEmptyNameIsNoDeadLetterListOfAnybody) {
  a_.Send("QPOLICY SET jobs MATCH jobs* PROCESSING pr:* VISIBILITY 60000");
  EXPECT_NE(a_.Send("QPOLICY MATCH \"\"").find("plain list"), std::string::npos);
  EXPECT_NE(a_.Send("QREDRIVE \"\"").find(":0"), std::string::npos);
  a_.Send("LPUSH jobs1 v");
  a_.Send("QPOP FROM jobs1");
  EXPECT_EQ(a_.Send("LMOVE jobs1:processing \"\" LEFT LEFT"), Bulk("v"));
  const std::string info = a_.Send("QINFO jobs1");
  EXPECT_NE(info.find(Bulk("dead") + ":0\r\n"), std::string::npos) << info;
  EXPECT_NE(info.find(Bulk("forwarded") + ":1\r\n"), std::string::npos) << info;
}

TEST_F(Queue, AResetMessageIsANewOneAndNoOldTokenFitsIt) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 1000 MAXDELIVER 1 DEADLETTER mail:dead");
  a_.Send("LPUSH mail v");
  const std::string old = TokenIn(a_.Send("QPOP FROM mail"));
  server_.Advance(1100);
  EXPECT_EQ(a_.Send("QREDRIVE mail:dead RESET"), ":1\r\n");
  EXPECT_EQ(a_.Send("QMETA mail v"), "$-1\r\n");
  const std::string fresh = TokenIn(a_.Send("QPOP FROM mail"));
  EXPECT_NE(fresh, old);
  EXPECT_TRUE(fresh.ends_with("-1")) << fresh;
  EXPECT_EQ(a_.Send("QACK mail " + old), ":0\r\n");
  EXPECT_EQ(a_.Send("LREM backup 1 v"), ":1\r\n");
  EXPECT_EQ(Info("enqueued"), 1);
}

TEST_F(Queue, ARedrivenMessageKeepsItsIdAndItsCounts) {
  a_.Send("QPOLICY SET mail MATCH mail PROCESSING backup VISIBILITY 1000 MAXDELIVER 1 DEADLETTER mail:dead");
  a_.Send("LPUSH mail v");
  const std::string old = TokenIn(a_.Send("QPOP FROM mail"));
  server_.Advance(1100);
  a_.Send("QREDRIVE mail:dead");
  EXPECT_EQ(TokenIn(a_.Send("QPOP FROM mail")), old.substr(0, old.size() - 1) + "2");
}

TEST_F(Queue, WrongWordsChangeNothingAndSayWhatIsRight) {
  const std::pair<const char*, const char*> kCases[] = {
      {"QPOLICY SET", "ERR wrong number of arguments for 'qpolicy|set' command"},
      {"QPOLICY SET x MATCH", "ERR policy: MATCH lacks its value. Syntax: "},
      {"QPOLICY SET x MATCH q PROCESSING p", "ERR policy: VISIBILITY is missing. Syntax: "},
      {"QPOLICY SET x MATCH q PROCESSING * VISIBILITY 1",
       "ERR policy: PROCESSING '*' would make every list a processing list, the queues too. Syntax: "},
      {"QPOLICY SET x MATCH q PROCESSING p VISIBILITY 0",
       "ERR policy: VISIBILITY takes a number from 1 to 4233600000, not '0'. Syntax: "},
      {"QPOLICY SET x MATCH q PROCESSING p VISIBILITY 1 MAXDELIVER 3",
       "ERR policy: MAXDELIVER and DEADLETTER go together. Syntax: "},
      {"QPOLICY SET x MATCH q PROCESSING p VISIBILITY 1 BACKOFF EXP 5 1",
       "ERR policy: BACKOFF takes a number from 5 to 4233600000, not '1'. Syntax: "},
      {"QPOLICY SET x MATCH q PROCESSING p VISIBILITY 1 COLOUR red", "ERR policy: 'COLOUR' is not known. Syntax: "},
      {"QPOLICY SET x MATCH q* PROCESSING p VISIBILITY 1 ADOPT",
       "ERR policy: ADOPT needs a MATCH and a PROCESSING that name one list each. Syntax: "},
      {"QPOLICY SET q MATCH q1 PROCESSING q* VISIBILITY 1",
       "ERR policy: PROCESSING matches the queue 'q1' itself. Syntax: "},
      {"QPOP", "ERR wrong number of arguments for 'qpop' command"},
      {"QPOP COUNT 0 FROM mail", "ERR COUNT: '0' should be a number from 1 to 1000000"},
      {"QPOP FROM", "ERR wrong number of arguments for 'qpop' command"},
      {"QPOP COUNT x FROM mail", "ERR COUNT: 'x' should be a number from 1 to 1000000"},
      {"QACK mail nonsense", "ERR 'nonsense' is no token: QPOP gives them, as <message id>-<delivery>"},
      {"QACK mail 1-0", "ERR '1-0' is no token: QPOP gives them, as <message id>-<delivery>"},
      {"QNACK mail DELAY -1 1-1", "ERR DELAY: '-1' should be a number from 0 to 4233600000"},
      {"QNACK mail SILENT", "ERR QNACK lacks its tokens. Syntax: "},
      {"QTOUCH mail x 1-1", "ERR milliseconds: 'x' should be a number from 0 to 4233600000"},
      {"QPENDING mail 0", "ERR wrong number of arguments for 'qpending' command"},
      {"QPENDING mail IDLE x 0 1", "ERR IDLE: 'x' should be a number from 0 to 4233600000"},
      {"QREDRIVE mail:dead COLOUR", "ERR QREDRIVE does not know 'COLOUR'"},
      {"QINFO nobody", "NOPOLICY no policy names the queue 'nobody'. Set one: QPOLICY SET nobody "},
      {"QINFO backup", "NOPOLICY 'backup' is no queue: PROCESSING backup of policy mail"},
      {"QMETA mail", "ERR wrong number of arguments for 'qmeta' command"},
  };
  for (const auto& [words, text] : kCases) {
    const std::string reply = a_.Send(words);
    EXPECT_TRUE(reply.starts_with("-" + std::string(text))) << words << ": " << reply;
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

}  // namespace
}  // namespace baton
