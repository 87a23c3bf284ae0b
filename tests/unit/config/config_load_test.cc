// Files, includes, standard input and the command line.

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

#include "config/config.h"
#include "unit/config/temporary_directory.h"

namespace baton {
namespace {

using Notes = std::vector<std::string>;

// The error of loading `text` as the file x.conf; empty when there is none.
std::string ErrorOf(std::string_view text) {
  Config config;
  return config.LoadText(text, "x.conf", nullptr).message();
}

std::string ErrorOfArguments(const std::vector<std::string>& arguments) {
  Config config;
  return config.LoadArguments(arguments, nullptr).message();
}

Config Loaded(const std::vector<std::string>& arguments, std::string input = "") {
  Config config;
  if (input.empty()) input = "\n";
  std::FILE* file = fmemopen(input.data(), input.size(), "r");
  Status loaded = config.LoadArguments(arguments, nullptr, file);
  std::fclose(file);
  EXPECT_TRUE(loaded.ok()) << loaded.message();
  return config;
}

TEST(ConfigLoad, ReadsRedissSyntax) {
  Config config;
  Status loaded = config.LoadText(
      "# a comment\n"
      "\n"
      "MAXMEMORY 1GB\r\n"
      "  loglevel\t\"verbose\"  \n"
      "requirepass 'it is # secret'\n"
      "bind 127.0.0.1 ::1\n"
      "port 1\n"
      "port 2",
      "x.conf", nullptr);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(config.Integer("maxmemory"), 1 << 30);
  EXPECT_EQ(config.String("loglevel"), "verbose");
  EXPECT_EQ(config.String("requirepass"), "it is # secret");
  EXPECT_EQ(config.Printed("bind"), "127.0.0.1 ::1");
  EXPECT_EQ(config.Integer("port"), 2) << "the later line counts";
}

TEST(ConfigLoad, TakesWordsApartOrInOneQuote) {
  for (const char* text : {"bind 127.0.0.1 ::1", "bind \"127.0.0.1 ::1\""}) {
    Config config;
    ASSERT_TRUE(config.LoadText(text, "x.conf", nullptr).ok());
    EXPECT_EQ(config.Words("bind"), (std::vector<std::string>{"127.0.0.1", "::1"})) << text;
  }
  for (const char* text : {"bind", "bind \"\""}) {
    Config config;
    ASSERT_TRUE(config.LoadText(text, "x.conf", nullptr).ok());
    EXPECT_EQ(config.Words("bind"), std::vector<std::string>{}) << text;
  }
}

TEST(ConfigLoad, NamesFileLineColumnAndTheNearestName) {
  EXPECT_EQ(ErrorOf("port 1\n\n  apendonly yes\n"),
            "x.conf:3:3: unknown option 'apendonly'; did you mean 'appendonly'?\n"
            "    apendonly yes\n"
            "    ^");
  EXPECT_EQ(ErrorOf("inclde x\n"),
            "x.conf:1:1: unknown option 'inclde'; did you mean 'include'?\n"
            "  inclde x\n"
            "  ^");
  EXPECT_EQ(ErrorOf("frobnicate 1"), "x.conf:1:1: unknown option 'frobnicate'\n  frobnicate 1\n  ^");
}

TEST(ConfigLoad, SaysWhatWasWrongWithAValueAndWhatIsAllowed) {
  EXPECT_EQ(ErrorOf("port   70000"),
            "x.conf:1:8: port: argument must be between 0 and 65535 inclusive\n"
            "  port   70000\n"
            "         ^");
  EXPECT_EQ(ErrorOf("Appendfsync\toften"),
            "x.conf:1:13: Appendfsync: argument(s) must be one of the following: everysec, always, no\n"
            "  Appendfsync\toften\n"
            "             \t^");
  EXPECT_EQ(
      ErrorOf("maxmemory 1x"),
      "x.conf:1:11: maxmemory: argument must be a memory value such as 100mb or 1gb\n  maxmemory 1x\n            ^");
  EXPECT_EQ(ErrorOf("maxmemory-policy allkeys-lru"),
            "x.conf:1:18: maxmemory-policy: queues are never evicted: only noeviction is allowed\n"
            "  maxmemory-policy allkeys-lru\n"
            "                   ^");
}

TEST(ConfigLoad, SaysWhenThereAreTooManyOrTooFewWords) {
  EXPECT_EQ(ErrorOf("maxmemory 1gb # much"),
            "x.conf:1:15: maxmemory: wrong number of arguments, it takes a size from 0\n"
            "  maxmemory 1gb # much\n"
            "                ^");
  EXPECT_EQ(ErrorOf("port"),
            "x.conf:1:1: port: wrong number of arguments, it takes a number from 0 to 65535\n  port\n  ^");
}

TEST(ConfigLoad, NamesTheColumnOfAnOpenQuote) {
  EXPECT_EQ(ErrorOf("requirepass \"abc"),
            "x.conf:1:13: this quote is never closed\n  requirepass \"abc\n              ^");
}

TEST(ConfigLoad, NotesEveryOptionWithoutMeaning) {
  Config config;
  Notes notes;
  ASSERT_TRUE(
      config.LoadText("port 1\nrdbcompression no\nsave 900 1\nlist-max-ziplist-size -1\n", "x.conf", &notes).ok());
  EXPECT_EQ(notes,
            (Notes{"x.conf:2: 'rdbcompression' has no effect: there are no snapshot files: the log holds everything",
                   "x.conf:3: 'save' has no effect: there are no snapshot files: the log holds everything",
                   "x.conf:4: 'list-max-listpack-size' has no effect: a list has one encoding that fits every size, "
                   "and there are no other collections in this version"}));
  EXPECT_EQ(config.Printed("rdbcompression"), "no");
  EXPECT_EQ(config.Printed("save"), "");
}

TEST(ConfigLoad, RefusesDirectivesThatItCannotHonour) {
  for (const char* text : {"rename-command FLUSHALL \"\"", "user alice on", "loadmodule /x.so"}) {
    EXPECT_TRUE(ErrorOf(text).starts_with("x.conf:1:1: ")) << text;
  }
}

TEST(ConfigLoad, IncludesFilesInPlace) {
  TemporaryDirectory directory;
  directory.Write("a.conf", "port 1\ntimeout 1\n");
  std::string main = directory.Write("main.conf", "port 5\ninclude \"" + directory.Path("a.conf") + "\"\ntimeout 7\n");
  Config config = Loaded({main});
  EXPECT_EQ(config.Integer("port"), 1) << "the include stands behind it";
  EXPECT_EQ(config.Integer("timeout"), 7) << "the include stands before it";
  EXPECT_EQ(config.file_path(), main);
}

TEST(ConfigLoad, IncludesEveryFileThatMatchesInOrderOfName) {
  TemporaryDirectory directory;
  directory.Write("20.conf", "port 20\n");
  directory.Write("10.conf", "port 10\nhz 33\n");
  directory.Write("30.txt", "port 30\n");
  Config config = Loaded({"--include", directory.Path("*.conf")});
  EXPECT_EQ(config.Integer("port"), 20);
  EXPECT_EQ(config.Integer("hz"), 33);
  EXPECT_EQ(Loaded({"--include", directory.Path("none*.conf")}).Integer("port"), 6379) << "no match is no error";
}

TEST(ConfigLoad, SaysWhereAnIncludedFileWasIncluded) {
  TemporaryDirectory directory;
  std::string inner = directory.Write("inner.conf", "hz 33\nboo 88\n");
  std::string outer = directory.Write("outer.conf", "\ninclude " + inner + "\n");
  EXPECT_EQ(ErrorOfArguments({outer}),
            inner + ":2:1: unknown option 'boo'\n  boo 88\n  ^\n  included from " + outer + ":2");
}

TEST(ConfigLoad, SaysWhenAFileIsMissing) {
  TemporaryDirectory directory;
  EXPECT_EQ(ErrorOfArguments({directory.Path("none.conf")}),
            "can't open config file '" + directory.Path("none.conf") + "': No such file or directory");
  std::string outer = directory.Write("outer.conf", "include " + directory.Path("none.conf") + "\n");
  EXPECT_TRUE(ErrorOfArguments({outer}).starts_with(outer + ":1:1: can't open config file '" +
                                                    directory.Path("none.conf") + "'"));
  EXPECT_NE(ErrorOfArguments({directory.Path("")}), "") << "a directory is no file";
}

TEST(ConfigLoad, EndsACircleOfIncludes) {
  TemporaryDirectory directory;
  std::string path = directory.Path("circle.conf");
  directory.Write("circle.conf", "include " + path + "\n");
  EXPECT_NE(ErrorOfArguments({path}).find("is there a circle?"), std::string::npos);
}

TEST(ConfigLoad, ReadsOptionsOfTheCommandLine) {
  Config config = Loaded({"--port", "7777", "--loglevel", "verbose", "--bind", "127.0.0.1", "-::1", "--maxmemory 5mb",
                          "--slowlog-log-slower-than", "-1", "--MAXCLIENTS", "12"});
  EXPECT_EQ(config.Integer("port"), 7777);
  EXPECT_EQ(config.String("loglevel"), "verbose");
  EXPECT_EQ(config.Printed("bind"), "127.0.0.1 -::1");
  EXPECT_EQ(config.Integer("maxmemory"), 5 * 1024 * 1024);
  EXPECT_EQ(config.Integer("slowlog-log-slower-than"), -1);
  EXPECT_EQ(config.Integer("maxclients"), 12);
  EXPECT_EQ(config.file_path(), "");
}

TEST(ConfigLoad, TakesTheWordBehindANameAsItIs) {
  EXPECT_EQ(Loaded({"--requirepass", "--a"}).String("requirepass"), "--a");
  EXPECT_EQ(Loaded({"--requirepass", "a \"b'\n#"}).String("requirepass"), "a \"b'\n#");
  EXPECT_EQ(Loaded({"--requirepass", ""}).String("requirepass"), "");
  Config config = Loaded({"--save", "--hz", "3"});
  EXPECT_EQ(config.Integer("hz"), 3) << "save may have no word";
}

TEST(ConfigLoad, LetsOptionsWinOverInputAndInputOverTheFile) {
  TemporaryDirectory directory;
  std::string file = directory.Write("x.conf", "port 1\nhz 1\ntimeout 1\n");
  const std::string kInput = "hz 2\ntimeout 2\n";
  Config config = Loaded({file, "--timeout", "3", "-"}, kInput);
  EXPECT_EQ(config.Integer("port"), 1);
  EXPECT_EQ(config.Integer("hz"), 2);
  EXPECT_EQ(config.Integer("timeout"), 3);
  EXPECT_EQ(Loaded({"-", "--timeout", "3"}, kInput).Integer("hz"), 2);
  EXPECT_EQ(Loaded({"-"}, kInput).Integer("timeout"), 2);
}

TEST(ConfigLoad, NamesLineAndColumnOfStandardInput) {
  std::string input = "port 1\nhz x\n";
  std::FILE* file = fmemopen(input.data(), input.size(), "r");
  Config config;
  EXPECT_EQ(config.LoadArguments({"-"}, nullptr, file).message(),
            "standard input:2:4: hz: argument couldn't be parsed into an integer\n  hz x\n     ^");
  std::fclose(file);
}

TEST(ConfigLoad, NamesTheOptionOfTheCommandLineThatIsWrong) {
  EXPECT_EQ(ErrorOfArguments({"--hz", "1", "--prot", "1"}),
            "command line: unknown option 'prot'; did you mean 'port'?\n  --prot \"1\"");
  EXPECT_EQ(ErrorOfArguments({"--port", "x"}),
            "command line: port: argument couldn't be parsed into an integer\n  --port \"x\"");
  EXPECT_EQ(ErrorOfArguments({"--port"}),
            "command line: port: wrong number of arguments, it takes a number from 0 to 65535\n  --port");
  EXPECT_EQ(ErrorOfArguments({"--port=1"}), "command line: unknown option 'port=1'; did you mean 'port'?\n  --port=1");
  EXPECT_EQ(ErrorOfArguments({"-x"}), "command line: '-x' is no option; options begin with --, and --help shows how");
  EXPECT_EQ(ErrorOfArguments({"--"}), "command line: '--' is no option; options begin with --, and --help shows how");
}

TEST(ConfigLoad, NotesOptionsOfTheCommandLineToo) {
  Config config;
  Notes notes;
  ASSERT_TRUE(config.LoadArguments({"--io-threads", "4"}, &notes).ok());
  EXPECT_EQ(notes, (Notes{"command line: 'io-threads' has no effect: one loop thread serves all clients, and the "
                          "scheduler places threads"}));
}

}  // namespace
}  // namespace baton
