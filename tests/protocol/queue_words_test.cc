// What the commands of managed queues say about themselves, and what they say to wrong words.

#include "protocol/queue_fixture.h"

namespace baton {
namespace {

// --- COMMAND

std::string Argument(std::string_view name, std::string_view type, std::string_view token) {
  return Bulk("name") + Bulk(name) + Bulk("type") + Bulk(type) + Bulk("token") + Bulk(token);
}
std::string Value(std::string_view name) {
  return "*4\r\n" + Bulk("name") + Bulk(name) + Bulk("type") + Bulk("integer");
}

TEST_F(Queue, DocsTellAlternativesOfSeveralWords) {
  const std::string docs = a_.Send("COMMAND DOCS qpolicy|set");
  const std::string optional = Bulk("flags") + "*1\r\n+optional\r\n";
  const auto min_max = [](std::string_view token) {
    return "*8\r\n" + Argument("min_max", "block", token) + Bulk("arguments") + "*2\r\n" + Value("min") + Value("max");
  };
  EXPECT_NE(docs.find(Argument("none_min_max_min_max", "oneof", "BACKOFF") + optional + Bulk("arguments") + "*3\r\n*6\r\n" +
                      Argument("none", "pure-token", "NONE") + min_max("LINEAR") + min_max("EXP")),
            std::string::npos)
      << docs;
  EXPECT_NE(docs.find(Argument("keep_milliseconds", "oneof", "ONDISCONNECT") + optional + Bulk("arguments") +
                      "*2\r\n*6\r\n" + Argument("keep", "pure-token", "KEEP") + "*6\r\n" +
                      Argument("milliseconds", "integer", "GRACE")),
            std::string::npos)
      << docs;
}

TEST_F(Queue, DocsNumberNoKeySpecificationThatInfoDoesNotTell) {
  EXPECT_EQ(a_.Send("COMMAND DOCS qpop").find("key_spec_index"), std::string::npos);
  EXPECT_NE(a_.Send("COMMAND DOCS qack").find(Bulk("key_spec_index") + ":0\r\n"), std::string::npos);
  EXPECT_EQ(a_.Send("COMMAND INFO qpop"),
            "*1\r\n*10\r\n" + Bulk("qpop") +
                ":-3\r\n*4\r\n+write\r\n+noscript\r\n+blocking\r\n+movablekeys\r\n:0\r\n:0\r\n:0\r\n"
                "*4\r\n+@write\r\n+@queue\r\n+@slow\r\n+@blocking\r\n*0\r\n*0\r\n*0\r\n");
}

TEST_F(Queue, GetkeysFindsTheKeysBehindTheirWords) {
  EXPECT_EQ(a_.Send("COMMAND GETKEYS QPOP COUNT 2 FROM a b"), Bulks({"a", "b"}));
  EXPECT_EQ(a_.Send("COMMAND GETKEYS QREDRIVE a"), Bulks({"a"}));
  EXPECT_EQ(a_.Send("COMMAND GETKEYS QREDRIVE a TO b"), Bulks({"a", "b"}));
  EXPECT_EQ(a_.Send("COMMAND GETKEYS QREDRIVE a RESET count 1 to b"), Bulks({"a", "b"}));
  EXPECT_EQ(a_.Send("COMMAND GETKEYS QREDRIVE a COUNT to RESET"), Bulks({"a"}));
  EXPECT_EQ(a_.Send("COMMAND GETKEYS QREDRIVE a TO"), Bulks({"a"}));
  const std::string info = a_.Send("COMMAND INFO qredrive");
  EXPECT_NE(info.find("+movablekeys\r\n:1\r\n:1\r\n:1\r\n"), std::string::npos) << info;
  for (const char* request : {"QACK a 1-1", "QNACK a SILENT 1-1", "QTOUCH a 5 1-1", "QINFO a", "QPENDING a 0 1", "QMETA a v",
                              "QPOLICY MATCH a"}) {
    EXPECT_EQ(a_.Send("COMMAND GETKEYS " + std::string(request)), Bulks({"a"})) << request;
  }
  EXPECT_EQ(a_.Send("COMMAND GETKEYSANDFLAGS QREDRIVE a TO b"),
            "*2\r\n*2\r\n" + Bulk("a") + "*3\r\n+RW\r\n+access\r\n+update\r\n*2\r\n" + Bulk("b") +
                "*3\r\n+RW\r\n+access\r\n+update\r\n");
}

}  // namespace
}  // namespace baton
