// What the commands of managed queues say about themselves, and what they say to wrong words.

#include <algorithm>

#include "base/text.h"
#include "commands/command_names.h"
#include "commands/command_syntax.h"
#include "commands/command_table.h"
#include "protocol/queue_fixture.h"

namespace baton {
namespace {

// --- errors

using Words = std::vector<std::string>;

// The line that an error says to type.
std::string LineToType(const std::string& error) {
  const size_t at = error.find("QPOLICY SET ");
  return at == std::string::npos ? "(none)" : error.substr(at, error.find("\r\n") - at);
}

TEST_F(Queue, TheLineToTypeCanBeTypedWhateverTheQueueIsCalled) {
  EXPECT_EQ(LineToType(a_.Send("QINFO other")),
            "QPOLICY SET other MATCH other PROCESSING other:processing VISIBILITY 60000");
  EXPECT_EQ(LineToType(a_.Send(Words{"QINFO", "a b*\n"})),
            R"(QPOLICY SET "a b*\n" MATCH "a b\\*\n" PROCESSING "a b\\*\n:processing" VISIBILITY 60000)");
  const std::string names[] = {"two words", "it's",    "say \"hi\"",    "back\\slash",
                               "star*",     "a?b[c]d", "line\r\nbreak", std::string(3, '\0'),
                               "\xff\x80",  "[",       "ünï",           std::string(200, 'x')};
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    const std::string error = a_.Send(Words{"QINFO", name});
    EXPECT_TRUE(error.starts_with("-NOPOLICY no policy names the queue ")) << error;
    EXPECT_EQ(a_.Send(LineToType(error)), "+OK\r\n") << error;
    EXPECT_EQ(a_.Send(Words{"QINFO", name}).substr(0, 1), "*");
  }
  EXPECT_EQ(a_.Send(Words{"QINFO", "starry"}).substr(0, 9), "-NOPOLICY");  // "star*" names nothing but itself
  EXPECT_EQ(a_.Send("QPOLICY LIST").substr(0, 5), "*13\r\n");
}

TEST_F(Queue, TheLineToTypeReplacesNoPolicy) {
  a_.Send("QPOLICY SET letters MATCH post PROCESSING post:taken VISIBILITY 1000");
  const std::string line = LineToType(a_.Send("QINFO letters"));
  EXPECT_EQ(line, "QPOLICY SET letters-2 MATCH letters PROCESSING letters:processing VISIBILITY 60000");
  EXPECT_EQ(a_.Send(line), "+OK\r\n");
  EXPECT_EQ(a_.Send("QINFO post").substr(0, 1), "*");
}

TEST_F(Queue, NoLineIsProposedForANameThatNoMatchCanHave) {
  for (const std::string& name : {std::string(), std::string(250, 'x'), std::string(150, '*')}) {
    const std::string error = a_.Send(Words{"QINFO", name});
    EXPECT_TRUE(error.ends_with("'. No MATCH can name it alone, but one with '*' can\r\n")) << error;
  }
  a_.Send("QPOLICY SET all MATCH * PROCESSING all:taken VISIBILITY 1000");
  EXPECT_EQ(a_.Send(Words{"QINFO", std::string(250, 'x')}).substr(0, 1), "*");
  EXPECT_EQ(a_.Send(Words{"QINFO", ""}).substr(0, 1), "*");
}

TEST_F(Queue, QpolicySetSaysWhichWordIsMissing) {
  EXPECT_EQ(a_.Send("QPOLICY SET"), WrongArity("qpolicy|set"));
  const std::pair<const char*, const char*> kCases[] = {
      {"QPOLICY SET x", "MATCH is missing"},
      {"QPOLICY SET x MATCH", "MATCH lacks its value"},
      {"QPOLICY SET x MATCH q", "PROCESSING is missing"},
      {"QPOLICY SET x MATCH q PROCESSING p", "VISIBILITY is missing"},
      {"QPOLICY SET x MATCH q PROCESSING p VISIBILITY", "VISIBILITY lacks its value"},
      {"QPOLICY SET x MATCH q PROCESSING p VISIBILITY 1 match r", "MATCH is given twice"},
      {"QPOLICY SET x MATCH q PROCESSING p VISIBILITY 1 ADOPT ADOPT", "ADOPT is given twice"},
  };
  for (const auto& [words, what] : kCases) {
    const std::string reply = a_.Send(words);
    EXPECT_TRUE(reply.starts_with("-ERR policy: " + std::string(what) + ". Syntax: <name> MATCH <glob> ")) << reply;
  }
}

TEST_F(Queue, QpolicyHelpNamesEverySubcommandAndOption) {
  const std::string help = a_.Send("QPOLICY HELP");
  EXPECT_TRUE(
      help.starts_with("*23\r\n+QPOLICY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n+DEL <name>\r\n"))
      << help;
  EXPECT_TRUE(help.ends_with("+    * ADOPT\r\n+HELP\r\n+    Prints this help.\r\n")) << help;
  const CommandTable table;
  for (const CommandRow& row : table.Find("qpolicy")->subcommands) {
    EXPECT_NE(help.find("\r\n+" + ToUpper(row.name)), std::string::npos) << row.name;
    std::vector<SyntaxArgument> arguments;
    ASSERT_TRUE(ParseSyntax(row, &arguments));
    for (const SyntaxArgument& argument : arguments) {
      EXPECT_NE(help.find(argument.token), std::string::npos) << argument.token;
    }
  }
  EXPECT_EQ(a_.Send("QPOLICY HELP me"), WrongArity("qpolicy|help"));
  EXPECT_EQ(a_.Send("QPOLICY nosuch"), "-ERR unknown subcommand 'nosuch'. Try QPOLICY HELP.\r\n");
}

TEST_F(Queue, AWrongNumberIsNamed) {
  EXPECT_EQ(a_.Send("QPOP COUNT 0 FROM mail"), "-ERR COUNT: '0' should be a number from 1 to 1000000\r\n");
  EXPECT_EQ(a_.Send("QPOP count x FROM mail"), "-ERR COUNT: 'x' should be a number from 1 to 1000000\r\n");
  EXPECT_EQ(a_.Send("QPOP COUNT FROM mail"), "-ERR COUNT: 'FROM' should be a number from 1 to 1000000\r\n");
  EXPECT_EQ(a_.Send("QPOP BLOCK -1 FROM mail"), "-ERR BLOCK: '-1' should be a number from 0 to 4233600000\r\n");
  EXPECT_EQ(a_.Send("QPOP LEASE 0 FROM mail"), "-ERR LEASE: '0' should be a number from 1 to 4233600000\r\n");
  EXPECT_EQ(a_.Send("QNACK mail DELAY x 1-1"), "-ERR DELAY: 'x' should be a number from 0 to 4233600000\r\n");
  EXPECT_EQ(a_.Send("QTOUCH mail x 1-1"), "-ERR milliseconds: 'x' should be a number from 0 to 4233600000\r\n");
  EXPECT_EQ(a_.Send("QPENDING mail x 1"), "-ERR start: 'x' should be a number from 0 to 9223372036854775807\r\n");
  EXPECT_EQ(a_.Send("QPENDING mail 0 -1"), "-ERR count: '-1' should be a number from 0 to 1000000\r\n");
  EXPECT_EQ(a_.Send("QPENDING mail IDLE x 0 1"), "-ERR IDLE: 'x' should be a number from 0 to 4233600000\r\n");
  EXPECT_EQ(a_.Send("QREDRIVE mail:dead COUNT 0"),
            "-ERR COUNT: '0' should be a number from 1 to 9223372036854775807\r\n");
}

TEST_F(Queue, AWordWithoutItsValueSaysWhatFollowsIt) {
  const std::string pop =
      ". Syntax: QPOP [COUNT count] [BLOCK milliseconds] [LEASE milliseconds] [WITHMETA] FROM key [key ...]\r\n";
  EXPECT_EQ(a_.Send("QPOP WITHMETA COUNT"), "-ERR COUNT lacks its value" + pop);
  EXPECT_EQ(a_.Send("QPOP WITHMETA COLOUR"), "-ERR QPOP does not know 'COLOUR'" + pop);
  EXPECT_EQ(a_.Send("QPOP COUNT 5"), "-ERR QPOP lacks its queues" + pop);
  EXPECT_EQ(a_.Send("QPOP COUNT 5 FROM"), "-ERR QPOP lacks its queues" + pop);
  const std::string nack = ". Syntax: QNACK key [DELAY milliseconds] [SILENT] token [token ...]\r\n";
  EXPECT_EQ(a_.Send("QNACK mail DELAY"), "-ERR DELAY lacks its value" + nack);
  EXPECT_EQ(a_.Send("QNACK mail SILENT delay"), "-ERR DELAY lacks its value" + nack);
  EXPECT_EQ(a_.Send("QNACK mail DELAY 5"), "-ERR QNACK lacks its tokens" + nack);
  const std::string touch = ". Syntax: QTOUCH key milliseconds <token [token ...]|VALUE element>\r\n";
  EXPECT_EQ(a_.Send("QTOUCH backup 60000 VALUE"), "-ERR VALUE takes one element" + touch);
  EXPECT_EQ(a_.Send("QTOUCH backup 60000 value a b"), "-ERR VALUE takes one element" + touch);
  const std::string pending = ". Syntax: QPENDING key [IDLE milliseconds] start count\r\n";
  EXPECT_EQ(a_.Send("QPENDING mail IDLE 5"), "-ERR QPENDING takes a start and a count" + pending);
  EXPECT_EQ(a_.Send("QPENDING mail IDLE 5 0"), "-ERR QPENDING takes a start and a count" + pending);
  EXPECT_EQ(a_.Send("QPENDING mail 0 1 2"), "-ERR QPENDING takes a start and a count" + pending);
  const std::string redrive = ". Syntax: QREDRIVE source [TO destination] [COUNT count] [RESET]\r\n";
  EXPECT_EQ(a_.Send("QREDRIVE mail:dead TO"), "-ERR TO lacks its value" + redrive);
  EXPECT_EQ(a_.Send("QREDRIVE mail:dead RESET COUNT"), "-ERR COUNT lacks its value" + redrive);
}

TEST_F(Queue, AnOptionIsGivenOnce) {
  EXPECT_EQ(a_.Send("QPOP COUNT 1 COUNT 2 FROM mail"), "-ERR COUNT is given twice\r\n");
  EXPECT_EQ(a_.Send("QPOP WITHMETA LEASE 5 withmeta FROM mail"), "-ERR WITHMETA is given twice\r\n");
  EXPECT_EQ(a_.Send("QNACK mail DELAY 1 DELAY 2 1-1"), "-ERR DELAY is given twice\r\n");
  EXPECT_EQ(a_.Send("QNACK mail SILENT SILENT 1-1"), "-ERR SILENT is given twice\r\n");
  EXPECT_EQ(a_.Send("QPENDING mail IDLE 1 IDLE 2 0 1"), "-ERR IDLE is given twice\r\n");
  EXPECT_EQ(a_.Send("QREDRIVE mail:dead TO a TO b"), "-ERR TO is given twice\r\n");
  EXPECT_EQ(a_.Send("QREDRIVE mail:dead TO to COUNT 1 RESET"), ":0\r\n");
  EXPECT_EQ(a_.Send("QPOP FROM mail mail count count mail"),  // names of queues are no options
            "-NOPOLICY no policy names the queue 'count'. Set one: QPOLICY SET count MATCH count PROCESSING "
            "count:processing VISIBILITY 60000\r\n");
}

TEST_F(Queue, WhoMistypesAQueueHearsOfIt) {
  a_.Send("LPUSH mail 1 2 3");
  const std::string token = TokenIn(a_.Send("QPOP FROM mail"));
  const std::string no_policy =
      "-NOPOLICY no policy names the queue 'mial'. Set one: QPOLICY SET mial MATCH mial PROCESSING mial:processing "
      "VISIBILITY 60000\r\n";
  EXPECT_EQ(a_.Send("QACK mial " + token), no_policy);
  EXPECT_EQ(a_.Send("QNACK mial " + token), no_policy);
  EXPECT_EQ(a_.Send("QTOUCH mial 5000 " + token), no_policy);
  EXPECT_EQ(a_.Send("QACK backup " + token), "-NOPOLICY 'backup' is no queue: PROCESSING backup of policy mail\r\n");
  EXPECT_EQ(a_.Send("QTOUCH bakcup 5000 VALUE 1"), "-NOPOLICY 'bakcup' is no processing list: no policy names it\r\n");
  EXPECT_EQ(a_.Send("QTOUCH mail 5000 VALUE 1"),
            "-NOPOLICY 'mail' is no processing list: MATCH mail of policy mail\r\n");
  EXPECT_EQ(a_.Send("QTOUCH mail:dead 5000 VALUE 1"),
            "-NOPOLICY 'mail:dead' is no processing list: DEADLETTER of policy mail\r\n");
  EXPECT_EQ(a_.Send("QTOUCH mail:processing 5000 VALUE 1"), ":0\r\n");
  EXPECT_EQ(Info("leased"), 1);
  EXPECT_EQ(a_.Send("QACK mail " + token), ":1\r\n");
  EXPECT_EQ(a_.Send("QACK mail " + token), ":0\r\n");
}

TEST_F(Queue, AnAcknowledgementOfAKeyOfAnotherTypeIsRefusedUnlessItStillCanBeDone) {
  a_.Send("LPUSH mail 1 2");
  const std::string first = TokenIn(a_.Send("QPOP FROM mail")), second = TokenIn(a_.Send("QPOP FROM mail"));
  a_.Send("SET mail text");
  EXPECT_EQ(a_.Send("QNACK mail DELAY 0 " + first), std::string(kWrongType));
  EXPECT_EQ(a_.Send("QACK mail 1-1"), std::string(kWrongType));
  EXPECT_EQ(a_.Send("QTOUCH mail 5000 1-1"), std::string(kWrongType));
  EXPECT_EQ(a_.Send("QACK mail " + second), ":1\r\n");  // its message stands in backup
  EXPECT_EQ(a_.Send("LRANGE backup 0 -1"), Bulks({"1"}));
  a_.Send("SET backup text");
  EXPECT_EQ(a_.Send("QTOUCH backup 5000 VALUE 1"), std::string(kWrongType));
  a_.Send("DEL mail backup");
}

TEST_F(Queue, ATokenOfAQueueWhosePolicyIsGoneChangesNothing) {
  a_.Send("LPUSH mail 1");
  const std::string token = TokenIn(a_.Send("QPOP FROM mail"));
  EXPECT_EQ(a_.Send("QPOLICY DEL mail"), ":1\r\n");
  for (const char* command : {"QACK mail ", "QNACK mail ", "QTOUCH mail 5000 "}) {
    EXPECT_EQ(a_.Send(command + token).substr(0, 9), "-NOPOLICY") << command;
  }
  EXPECT_EQ(a_.Send("QTOUCH backup 5000 VALUE 1"), "-NOPOLICY 'backup' is no processing list: no policy names it\r\n");
  EXPECT_EQ(a_.Send("LRANGE backup 0 -1"), Bulks({"1"}));
  EXPECT_EQ(a_.Send(kMail), "+OK\r\n");  // for the balance at the end
}

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
  EXPECT_NE(docs.find(Argument("none_min_max_min_max", "oneof", "BACKOFF") + optional + Bulk("arguments") +
                      "*3\r\n*6\r\n" + Argument("none", "pure-token", "NONE") + min_max("LINEAR") + min_max("EXP")),
            std::string::npos)
      << docs;
  EXPECT_NE(
      docs.find(Argument("keep_milliseconds", "oneof", "ONDISCONNECT") + optional + Bulk("arguments") + "*2\r\n*6\r\n" +
                Argument("keep", "pure-token", "KEEP") + "*6\r\n" + Argument("milliseconds", "integer", "GRACE")),
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

TEST_F(Queue, DocsOfOurOwnCommandsHaveSyntaxAndExamples) {
  const std::string shared = Bulk("summary") + Bulk("Show all policies") + Bulk("since") + Bulk("0.1.0") +
                             Bulk("group") + Bulk("queue") + Bulk("complexity") +
                             Bulk("O(N) where N is the number of policies.") + Bulk("syntax") + Bulk("") +
                             Bulk("examples") + Bulks({"QPOLICY LIST"});
  EXPECT_EQ(a_.Send("COMMAND DOCS qpolicy|list"), "*2\r\n" + Bulk("qpolicy|list") + "*12\r\n" + shared);
  const std::string nack = a_.Send("COMMAND DOCS qnack");
  EXPECT_NE(nack.find(Bulk("syntax") + Bulk("key [DELAY milliseconds] [SILENT] token [token ...]") + Bulk("examples") +
                      Bulks({"QNACK mail 1882412139625316353-1", "QNACK mail DELAY 30000 1882412139625316353-1",
                             "QNACK mail DELAY 0 SILENT 1882412139625316353-1"}) +
                      Bulk("arguments")),
            std::string::npos)
      << nack;
  EXPECT_EQ(a_.Send("COMMAND DOCS llen").find("examples"), std::string::npos);
  b_.Send("HELLO 3");
  EXPECT_EQ(b_.Send("COMMAND DOCS qpolicy|list"), "%1\r\n" + Bulk("qpolicy|list") + "%6\r\n" + shared);
}

// Every example is one that its command takes: what is wrong with it is at most that there is nothing to do.
TEST_F(Queue, ExamplesAreTakenByTheirCommands) {
  const CommandTable table;
  int examples = 0;
  ForEachCommand(table, [&](const CommandRow& row, const std::string& name) {
    const bool shown = row.group == CommandGroup::kQueue && row.subcommands.empty() && row.name != "help";
    EXPECT_EQ(!row.examples.empty(), shown) << name;
    for (std::string_view rest = row.examples; !rest.empty();) {
      const std::string line(rest.substr(0, rest.find('\n')));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      SCOPED_TRACE(line);
      // Without a policy for the queue's name: for those that need one, its name is all that is wrong.
      std::string shown_name = ToUpper(name);
      std::replace(shown_name.begin(), shown_name.end(), '|', ' ');
      EXPECT_TRUE(line.starts_with(shown_name)) << name;
      TestServer server;
      TestClient client(server);
      const std::string reply = client.Send(line);
      EXPECT_TRUE(!reply.starts_with('-') || reply.starts_with("-NOPOLICY")) << reply;
      ++examples;
    }
  });
  EXPECT_GE(examples, 20);
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
  for (const char* request : {"QACK a 1-1", "QNACK a SILENT 1-1", "QTOUCH a 5 1-1", "QINFO a", "QPENDING a 0 1",
                              "QMETA a v", "QPOLICY MATCH a"}) {
    EXPECT_EQ(a_.Send("COMMAND GETKEYS " + std::string(request)), Bulks({"a"})) << request;
  }
  EXPECT_EQ(a_.Send("COMMAND GETKEYSANDFLAGS QREDRIVE a TO b"), "*2\r\n*2\r\n" + Bulk("a") +
                                                                    "*3\r\n+RW\r\n+access\r\n+update\r\n*2\r\n" +
                                                                    Bulk("b") + "*3\r\n+RW\r\n+access\r\n+update\r\n");
}

}  // namespace
}  // namespace baton
