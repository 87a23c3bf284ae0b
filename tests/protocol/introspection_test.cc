// COMMAND, the table behind it, and the commands that are known by name only.

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "base/random.h"
#include "base/text.h"
#include "commands/command_keys.h"
#include "commands/command_names.h"
#include "commands/command_syntax.h"
#include "commands/command_table.h"
#include "commands/families.h"
#include "protocol/transcript.h"

namespace baton {
namespace {

TEST(CommandTable, FindsEveryRowInAnyCase) {
  CommandTable table;
  uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  ASSERT_GT(table.rows().size(), 80u);
  for (const CommandRow* row : table.rows()) {
    EXPECT_EQ(table.Find(row->name), row);
    EXPECT_EQ(table.Find(ToUpper(row->name)), row);
    std::string mixed(row->name);
    for (char& c : mixed) {
      if (random.OneIn(2)) c = ToUpper({&c, 1})[0];
    }
    EXPECT_EQ(table.Find(mixed), row) << mixed;
  }
  for (const CommandRow& row : AbsentCommands()) EXPECT_EQ(table.Find(row.name), &row);
}

TEST(CommandTable, FindsNothingElse) {
  CommandTable table;
  uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  EXPECT_EQ(table.Find(""), nullptr);
  EXPECT_EQ(table.Find(std::string(1'000'000, 'x')), nullptr);
  for (const CommandRow* row : table.rows()) {
    for (int i = 0; i < 200; ++i) {
      std::string name(row->name);
      size_t at = random.Below(name.size());
      char was = name[at];
      name[at] = static_cast<char>(random.Next());
      if (ToLower({&was, 1}) == ToLower({&name[at], 1})) continue;
      const CommandRow* found = table.Find(name);
      EXPECT_TRUE(found == nullptr || EqualsIgnoreCase(found->name, name)) << name;
    }
    EXPECT_EQ(table.Find(std::string(row->name) + std::string(1, 0)), nullptr);
  }
}

TEST(CommandTable, IsSorted) {
  CommandTable table;
  EXPECT_TRUE(
      std::is_sorted(table.rows().begin(), table.rows().end(), [](auto* a, auto* b) { return a->name < b->name; }));
}

// How many words an argument takes at least, and whether it can take more.
struct Words {
  int least = 0;
  bool open = false;
};
Words WordsOf(const std::vector<SyntaxArgument>& arguments);
Words WordsOf(const SyntaxArgument& argument) {
  Words words;
  if (argument.type == "oneof") {
    words.least = 1000;
    int most = 0;
    for (SyntaxArgument choice : argument.arguments) {
      choice.optional = false;  // one of them must be there (CLIENT KILL)
      Words inner = WordsOf(choice);
      words.least = std::min(words.least, inner.least);
      most = std::max(most, inner.least);
      words.open |= inner.open;
    }
    words.open |= most != words.least;
  } else if (argument.type == "block") {
    words = WordsOf(argument.arguments);
  } else {
    words.least = argument.type == "pure-token" ? 0 : 1;
  }
  if (!argument.token.empty()) ++words.least;
  words.open |= argument.multiple || argument.optional;
  if (argument.optional) words.least = 0;
  return words;
}
Words WordsOf(const std::vector<SyntaxArgument>& arguments) {
  Words words;
  for (const SyntaxArgument& argument : arguments) {
    words.least += WordsOf(argument).least;
    words.open |= WordsOf(argument).open;
  }
  return words;
}

int CountKeys(const std::vector<SyntaxArgument>& arguments) {
  int keys = 0;
  for (const SyntaxArgument& argument : arguments)
    keys += (argument.type == "key" ? 1 : 0) + CountKeys(argument.arguments);
  return keys;
}

TEST(CommandRows, SayTheSameInSyntaxArityAndKeys) {
  CommandTable table;
  ForEachCommand(table, [](const CommandRow& row, const std::string& name) {
    SCOPED_TRACE(name);
    std::vector<SyntaxArgument> arguments;
    ASSERT_TRUE(ParseSyntax(row, &arguments));
    Words words = WordsOf(arguments);
    words.least += name.find('|') == std::string::npos ? 1 : 2;
    // Containers; DEBUG, whose subcommands are nobody's business; QUIT, which as in Redis does not mind words behind
    // it.
    if (!row.subcommands.empty() || name == "debug" || name == "quit") return;
    // QPOLICY SET says itself what is missing behind the policy's name.
    EXPECT_EQ(name == "qpolicy|set" ? 3 : words.least, std::abs(row.arity));
    EXPECT_EQ(words.open, row.arity < 0);
    EXPECT_EQ(CountKeys(arguments) > 0, MayHaveKeys(row));
    EXPECT_EQ((row.flags & kMovableKeys) != 0, row.find_keys != nullptr);
  });
}

TEST(CommandRows, CarryEverythingThatCommandTells) {
  const std::set<std::string_view> known = {"keyspace", "read",      "write",      "set",         "sortedset", "list",
                                            "hash",     "string",    "pubsub",     "admin",       "fast",      "slow",
                                            "blocking", "dangerous", "connection", "transaction", "scripting", "queue"};
  CommandTable table;
  ForEachCommand(table, [&](const CommandRow& row, const std::string& name) {
    SCOPED_TRACE(name);
    EXPECT_FALSE(row.summary.empty());
    EXPECT_FALSE(row.since.empty());
    std::set<std::string> categories;
    for (std::string_view rest = row.categories; !rest.empty();) {
      size_t end = std::min(rest.find(' '), rest.size());
      EXPECT_TRUE(known.contains(rest.substr(0, end))) << rest;
      categories.emplace(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    EXPECT_EQ(categories.contains("fast"), (row.flags & kFast) != 0);
    EXPECT_NE(categories.contains("slow"), categories.contains("fast"));
    EXPECT_EQ(categories.contains("write"), (row.flags & kWrite) != 0);
    EXPECT_EQ(categories.contains("blocking"), (row.flags & kBlocking) != 0);
    EXPECT_FALSE((row.flags & kWrite) != 0 && (row.flags & kReadonly) != 0);
    EXPECT_TRUE(row.handler != nullptr || !row.subcommands.empty());
  });
}

TEST(Command, InfoTellsARowInRedissShape) {
  Converse({
      {"a", "COMMAND INFO get",
       "*1\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n*3\r\n+@read\r\n+@string\r\n+@"
       "fast\r\n"
       "*0\r\n*1\r\n*6\r\n$5\r\nflags\r\n*2\r\n+RO\r\n+access\r\n$12\r\nbegin_search\r\n*4\r\n$4\r\ntype\r\n$"
       "5\r\nindex\r\n"
       "$4\r\nspec\r\n*2\r\n$5\r\nindex\r\n:1\r\n$9\r\nfind_keys\r\n*4\r\n$4\r\ntype\r\n$5\r\nrange\r\n$4\r\nspec\r\n"
       "*6\r\n$7\r\nlastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n*0\r\n"},
      {"r3", "COMMAND INFO get",
       "*1\r\n*10\r\n$3\r\nget\r\n:2\r\n~2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n~3\r\n+@read\r\n+@string\r\n+@"
       "fast\r\n"
       "~0\r\n~1\r\n%3\r\n$5\r\nflags\r\n~2\r\n+RO\r\n+access\r\n$12\r\nbegin_search\r\n%2\r\n$4\r\ntype\r\n$"
       "5\r\nindex\r\n"
       "$4\r\nspec\r\n%1\r\n$5\r\nindex\r\n:1\r\n$9\r\nfind_keys\r\n%2\r\n$4\r\ntype\r\n$5\r\nrange\r\n$4\r\nspec\r\n"
       "%3\r\n$7\r\nlastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n*0\r\n"},
      {"a", "COMMAND INFO config|HELP",
       "*1\r\n*10\r\n$11\r\nconfig|help\r\n:2\r\n*2\r\n+loading\r\n+stale\r\n:0\r\n:0\r\n:0\r\n*1\r\n+@slow\r\n*0\r\n*"
       "0\r\n"
       "*0\r\n"},
      {"a", "COMMAND INFO nosuch get|x config|nosuch save", "*4\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n"},
      {"r3", "COMMAND INFO nosuch", "*1\r\n_\r\n"},
  });
}

TEST(Command, DocsTellARowInRedissShape) {
  Converse({
      {"a", "COMMAND DOCS llen",
       "*2\r\n$4\r\nllen\r\n*10\r\n$7\r\nsummary\r\n$24\r\nGet the length of a list\r\n$5\r\nsince\r\n$5\r\n1.0.0\r\n"
       "$5\r\ngroup\r\n$4\r\nlist\r\n$10\r\ncomplexity\r\n$4\r\nO(1)\r\n$9\r\narguments\r\n*1\r\n*6\r\n$4\r\nname\r\n"
       "$3\r\nkey\r\n$4\r\ntype\r\n$3\r\nkey\r\n$14\r\nkey_spec_index\r\n:0\r\n"},
      {"r3", "COMMAND DOCS llen nosuch save",
       "%1\r\n$4\r\nllen\r\n%5\r\n$7\r\nsummary\r\n$24\r\nGet the length of a list\r\n$5\r\nsince\r\n$5\r\n1.0.0\r\n"
       "$5\r\ngroup\r\n$4\r\nlist\r\n$10\r\ncomplexity\r\n$4\r\nO(1)\r\n$9\r\narguments\r\n*1\r\n%3\r\n$4\r\nname\r\n"
       "$3\r\nkey\r\n$4\r\ntype\r\n$3\r\nkey\r\n$14\r\nkey_spec_index\r\n:0\r\n"},
      {"a", "COMMAND DOCS nosuch", "*0\r\n"},
      {"r3", "COMMAND DOCS nosuch", "%0\r\n"},
  });
}

TEST(Command, ListFiltersByCategoryAndPattern) {
  Converse({
      {"a", "COMMAND LIST FILTERBY PATTERN LPUSH*", Bulks({"lpush", "lpushx"})},
      {"a", "COMMAND LIST FILTERBY pattern CONFIG|*t", Bulks({"config|get", "config|resetstat", "config|set"})},
      {"a", "COMMAND LIST FILTERBY ACLCAT BLOCKING", Bulks({"blmove", "blmpop", "blpop", "brpop", "brpoplpush", "qpop"})},
      {"a", "COMMAND LIST FILTERBY ACLCAT @list", "*0\r\n"},
      {"a", "COMMAND LIST FILTERBY ACLCAT nosuch", "*0\r\n"},
      {"r3", "COMMAND LIST FILTERBY MODULE nosuch", "*0\r\n"},
      {"a", "COMMAND LIST FILTERBY PATTERN save", "*0\r\n"},
      {"a", "COMMAND LIST FILTERBY", "-ERR syntax error\r\n"},
      {"a", "COMMAND LIST FILTERBY nosuch x", "-ERR syntax error\r\n"},
      {"a", "COMMAND LIST FILTERBY ACLCAT list x", "-ERR syntax error\r\n"},
      {"a", "COMMAND LIST get", "-ERR syntax error\r\n"},
  });
}

TEST(Command, CountsWhatItTellsOf) {
  TestServer server;
  TestClient client(server);
  std::string count = std::to_string(CommandTable().rows().size()) + "\r\n";
  EXPECT_EQ(client.Send("COMMAND COUNT"), ":" + count);
  for (std::string_view all : {"COMMAND", "COMMAND INFO"})
    EXPECT_TRUE(client.Send(all).starts_with("*" + count)) << all;
  EXPECT_TRUE(client.Send("HELLO 3").starts_with("%"));
  EXPECT_TRUE(client.Send("COMMAND DOCS").starts_with("%" + count));
}

TEST(Command, GetKeysFindsTheKeysOfARequest) {
  Converse({
      {"a", "COMMAND GETKEYS get a", Bulks({"a"})},
      {"a", "COMMAND GETKEYS mset a b c d", Bulks({"a", "c"})},
      {"a", "COMMAND GETKEYS mset a b c", Bulks({"a", "c"})},
      {"a", "COMMAND GETKEYS blpop a b 0", Bulks({"a", "b"})},
      {"a", "COMMAND GETKEYS del a b c", Bulks({"a", "b", "c"})},
      {"a", "COMMAND GETKEYS copy a b replace", Bulks({"a", "b"})},
      {"a", "COMMAND GETKEYS object encoding k", Bulks({"k"})},
      {"a", "COMMAND GETKEYS memory usage k", Bulks({"k"})},
      {"a", "COMMAND GETKEYS lmpop 2 a b left", Bulks({"a", "b"})},
      {"a", "COMMAND GETKEYS lmpop 3 a b left", Bulks({"a", "b", "left"})},
      {"a", "COMMAND GETKEYS blmpop 0 1 b left", Bulks({"b"})},
      {"r3", "COMMAND GETKEYS get a", Bulks({"a"})},
  });
}

TEST(Command, GetKeysReadsANumberOfKeysAsFarAsItIsOne) {
  const Bytes invalid = "-ERR Invalid arguments specified for command\r\n";
  Converse({
      {"a", "COMMAND GETKEYS lmpop +1 a left", Bulks({"a"})},
      {"a", "COMMAND GETKEYS lmpop 1.5 a left", Bulks({"a"})},
      {"a", "COMMAND GETKEYS lmpop \" 01x\" a left", Bulks({"a"})},
      {"a", "COMMAND GETKEYS lmpop 4294967297 a left", Bulks({"a"})},
      {"a", "COMMAND GETKEYS lmpop 4294967296 a left", invalid},
      {"a", "COMMAND GETKEYS lmpop 18446744073709551617 a left", invalid},
      {"a", "COMMAND GETKEYS lmpop -1 a left", invalid},
      {"a", "COMMAND GETKEYS lmpop \"\" a left", invalid},
  });
}

TEST(Command, GetKeysRefusesInRedissWords) {
  Converse({
      {"a", "COMMAND GETKEYS nosuch a", "-ERR Invalid command specified\r\n"},
      {"a", "COMMAND GETKEYS object nosuch k", "-ERR Invalid command specified\r\n"},
      {"a", "COMMAND GETKEYS client|kill x", "-ERR Invalid command specified\r\n"},
      {"a", "COMMAND GETKEYS sort x", "-ERR Invalid command specified\r\n"},
      {"a", "COMMAND GETKEYS config get x", "-ERR The command has no key arguments\r\n"},
      {"a", "COMMAND GETKEYS get a b", "-ERR Invalid number of arguments specified for command\r\n"},
      {"a", "COMMAND GETKEYS object encoding", "-ERR Invalid number of arguments specified for command\r\n"},
      {"a", "COMMAND GETKEYS lmpop x a b left", "-ERR Invalid arguments specified for command\r\n"},
      {"a", "COMMAND GETKEYS lmpop 0 a b left", "-ERR Invalid arguments specified for command\r\n"},
      {"a", "COMMAND GETKEYS lmpop 9 a b left", "-ERR Invalid arguments specified for command\r\n"},
      {"a", "COMMAND GETKEYS ping", WrongArity("command|getkeys")},
      {"a", "COMMAND GETKEYSANDFLAGS ping", WrongArity("command|getkeysandflags")},
  });
}

TEST(Command, GetKeysAndFlagsSaysWhetherAKeyIsWritten) {
  Converse({
      {"a", "COMMAND GETKEYSANDFLAGS get a", "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+RO\r\n+access\r\n"},
      {"r3", "COMMAND GETKEYSANDFLAGS get a", "*1\r\n*2\r\n$1\r\na\r\n~2\r\n+RO\r\n+access\r\n"},
      {"a", "COMMAND GETKEYSANDFLAGS incr a", "*1\r\n*2\r\n$1\r\na\r\n*3\r\n+RW\r\n+access\r\n+update\r\n"},
  });
}

TEST(Command, RefusesWhatItDoesNotKnow) {
  Converse({
      {"a", "COMMAND nosuch", "-ERR unknown subcommand 'nosuch'. Try COMMAND HELP.\r\n"},
      {"a", "COMMAND COUNT x", WrongArity("command|count")},
      {"a", "COMMAND HELP x", WrongArity("command|help")},
  });
}

TEST(AbsentCommands, AreRefusedWithTheReason) {
  const std::string no_save =
      "-ERR SAVE is not available in Baton " BATON_VERSION
      ": the append-only log already holds every acknowledged write; use BGREWRITEAOF to compact it\r\n";
  Converse({
      {"a", "SAVE", no_save},
      {"a", "save now", no_save},
      {"r3", "Save", no_save},
      {"a", "ACL WHOAMI",
       "-ERR ACL is not available in Baton " BATON_VERSION
       ": there is one user; its password is the option requirepass\r\n"},
      {"a", "CLUSTER INFO", "-ERR This instance has cluster support disabled\r\n"},
      {"a", "READONLY", "-ERR This instance has cluster support disabled\r\n"},
      {"a", "CLUSTER", WrongArity("cluster")},
  });
}

TEST(AbsentCommands, EachSaysItsName) {
  TestServer server;
  TestClient client(server);
  for (const CommandRow& row : AbsentCommands()) {
    if (row.arity != -1) continue;
    std::string reply = client.Send({std::string(row.name), "some", "words"});
    EXPECT_TRUE(reply.starts_with("-ERR " + ToUpper(row.name) + " is not available in Baton ")) << reply;
  }
}

// Redis's other data types: as in a server that is too old for them, so that fallbacks of frameworks work.
TEST(AbsentCommands, OfOtherDataTypesAreUnknown) {
  Converse({
      {"a", "HSET k f v", "-ERR unknown command 'HSET', with args beginning with: 'k' 'f' 'v' \r\n"},
      {"a", "sadd k v", "-ERR unknown command 'sadd', with args beginning with: 'k' 'v' \r\n"},
      {"a", "XADD", "-ERR unknown command 'XADD', with args beginning with: \r\n"},
  });
}

}  // namespace
}  // namespace baton
