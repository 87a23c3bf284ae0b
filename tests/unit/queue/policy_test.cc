#include "queue/policy.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace baton {
namespace {

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

Result<Policy> Parse(std::string_view text) {
  const std::vector<std::string> words = Split(text);
  const std::vector<std::string_view> views(words.begin(), words.end());
  return Policy::Parse(views);
}

Policy Parsed(std::string_view text) {
  auto policy = Parse(text);
  EXPECT_TRUE(policy.ok()) << policy.status().message();
  return policy.ok() ? *policy : Policy{};
}

TEST(Policy, WordsAreWhatParseReads) {
  for (const char* text :
       {"p MATCH q PROCESSING w VISIBILITY 1", "p MATCH q* PROCESSING w:* VISIBILITY 60000 MAXDELIVER 5 DEADLETTER d",
        "p MATCH q PROCESSING w VISIBILITY 1 BACKOFF NONE REQUEUE BACK LATEACK NO ONDISCONNECT GRACE 0",
        "p MATCH q PROCESSING w VISIBILITY 1 BACKOFF LINEAR 10 100 MAXINFLIGHT 7 PERCONSUMER 2 ADOPT",
        "p MATCH q PROCESSING w VISIBILITY 1 BACKOFF EXP 5 80 ONDISCONNECT GRACE 5 COALESCE YES MAXINFLIGHT 1"}) {
    EXPECT_EQ(Parsed(text).Words(), Split(text));
  }
}

TEST(Policy, DefaultsAreLeftOutOfItsWords) {
  EXPECT_EQ(Parsed("p visibility 1 match q BACKOFF exp 1000 60000 requeue front lateack yes ondisconnect keep coalesce no processing w")
                .Words(),
            Split("p MATCH q PROCESSING w VISIBILITY 1"));
}

TEST(Policy, TheMessageNamesTheWrongWord) {
  const auto message = [](std::string_view text) {
    auto policy = Parse(text);
    return policy.ok() ? std::string("none") : policy.status().message();
  };
  EXPECT_NE(message("p MATCH q PROCESSING w VISIBILITY 1 COLOUR red").find("'COLOUR' is not known"), std::string::npos);
  EXPECT_NE(message("p MATCH q PROCESSING w VISIBILITY x").find("not 'x'"), std::string::npos);
  EXPECT_NE(message("p MATCH q PROCESSING w").find("VISIBILITY is missing"), std::string::npos);
  EXPECT_NE(message("p MATCH q PROCESSING w VISIBILITY 1 DEADLETTER d").find("go together"), std::string::npos);
  EXPECT_NE(message("p MATCH q PROCESSING ** VISIBILITY 1").find("every list"), std::string::npos);
  EXPECT_NE(message("p MATCH q PROCESSING q VISIBILITY 1").find("the same lists"), std::string::npos);
  EXPECT_NE(message("p MATCH q PROCESSING w VISIBILITY 1 MSGTTL 5").find("not there yet"), std::string::npos);
}

TEST(Policy, BackoffGrowsFromItsFirstToItsLastStep) {
  const Policy exp = Parsed("p MATCH q PROCESSING w VISIBILITY 1 BACKOFF EXP 1000 60000");
  EXPECT_EQ(exp.BackoffMs(0), 0);
  EXPECT_EQ(exp.BackoffMs(1), 1000);
  EXPECT_EQ(exp.BackoffMs(2), 2000);
  EXPECT_EQ(exp.BackoffMs(6), 32000);
  EXPECT_EQ(exp.BackoffMs(7), 60000);
  EXPECT_EQ(exp.BackoffMs(65535), 60000);
  const Policy linear = Parsed("p MATCH q PROCESSING w VISIBILITY 1 BACKOFF LINEAR 10 35");
  EXPECT_EQ(linear.BackoffMs(3), 30);
  EXPECT_EQ(linear.BackoffMs(4), 35);
  EXPECT_EQ(linear.BackoffMs(65535), 35);
  EXPECT_EQ(Parsed("p MATCH q PROCESSING w VISIBILITY 1 BACKOFF NONE").BackoffMs(9), 0);
}

TEST(PolicyTable, TheMostSpecificGlobWinsAndTiesGoByName) {
  PolicyTable table;
  table.Set(Parsed("all MATCH * PROCESSING w VISIBILITY 1"));
  table.Set(Parsed("b MATCH mail* PROCESSING w VISIBILITY 1"));
  table.Set(Parsed("a MATCH *mail PROCESSING w VISIBILITY 1"));
  table.Set(Parsed("exact MATCH mailbox PROCESSING w VISIBILITY 1"));
  EXPECT_EQ(table.MatchKey("other").policy->name, "all");
  EXPECT_EQ(table.MatchKey("mail").policy->name, "a");
  EXPECT_EQ(table.MatchKey("mails").policy->name, "b");
  EXPECT_EQ(table.MatchKey("mailbox").policy->name, "exact");
}

TEST(PolicyTable, ListsThatServeAQueueAreNeverQueues) {
  PolicyTable table;
  table.Set(Parsed("p MATCH mail* PROCESSING mail:work:* VISIBILITY 1 MAXDELIVER 2 DEADLETTER mail:dead"));
  EXPECT_EQ(table.MatchKey("mail").role, ListRole::kQueue);
  EXPECT_EQ(table.MatchKey("mail:work:7").role, ListRole::kProcessing);
  EXPECT_EQ(table.MatchKey("mail:dead").role, ListRole::kDead);
  EXPECT_EQ(table.MatchKey("mail:delayed").role, ListRole::kDelayed);
  EXPECT_EQ(table.MatchKey("mail:check").role, ListRole::kReserved);
  EXPECT_EQ(table.MatchKey("mail:processing").role, ListRole::kProcessing);
  EXPECT_EQ(table.MatchKey("post").role, ListRole::kPlain);
  EXPECT_TRUE(table.Remove("p"));
  EXPECT_FALSE(table.Remove("p"));
  EXPECT_EQ(table.MatchKey("mail").role, ListRole::kPlain);
}

TEST(PolicyTable, TokensLeaseIntoTheOneProcessingListOrOneOfTheQueuesOwn) {
  EXPECT_EQ(Parsed("p MATCH q PROCESSING work VISIBILITY 1").ProcessingOf("q"), "work");
  const Policy many = Parsed("p MATCH q* PROCESSING w:* VISIBILITY 1");
  EXPECT_EQ(many.ProcessingOf("q1"), "q1:processing");
  EXPECT_TRUE(many.LeasesInto("q1", "q1:processing"));
  EXPECT_TRUE(many.LeasesInto("q1", "w:1"));
  EXPECT_FALSE(many.LeasesInto("q1", "q2:processing"));
}

}  // namespace
}  // namespace baton
