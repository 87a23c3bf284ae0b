#include "commands/command_syntax.h"

#include <gtest/gtest.h>

#include <string>

namespace baton {
namespace {

// One line per parse: name:type, a token before it as TOKEN=, members in (), then ? optional, + multiple, ++ with its
// token.
std::string Shown(const std::vector<SyntaxArgument>& arguments) {
  std::string shown;
  for (const SyntaxArgument& a : arguments) {
    if (!shown.empty()) shown += ' ';
    if (!a.token.empty()) shown += a.token + "=";
    shown += a.name + ":" + std::string(a.type);
    if (!a.arguments.empty()) shown += "(" + Shown(a.arguments) + ")";
    if (a.optional) shown += '?';
    if (a.multiple) shown += '+';
    if (a.multiple_token) shown += '+';
  }
  return shown;
}

std::string Parsed(CommandRow row) {
  std::vector<SyntaxArgument> arguments;
  return ParseSyntax(row, &arguments) ? Shown(arguments) : "does not parse";
}
std::string Parsed(std::string_view syntax) { return Parsed({.name = "x", .syntax = syntax}); }

TEST(CommandSyntax, ReadsNamesWithTheirTypes) {
  EXPECT_EQ(Parsed(""), "");
  EXPECT_EQ(Parsed("key"), "key:key");
  EXPECT_EQ(Parsed("key start stop"), "key:key start:integer stop:integer");
  EXPECT_EQ(Parsed("source destination"), "source:key destination:key");
  EXPECT_EQ(Parsed("key unix-time-seconds"), "key:key unix-time-seconds:unix-time");
  EXPECT_EQ(Parsed("pattern"), "pattern:pattern");
  EXPECT_EQ(Parsed("message"), "message:string");
}

TEST(CommandSyntax, KnowsThatTimeoutsOfBlockingCommandsAreFractions) {
  EXPECT_EQ(Parsed("timeout"), "timeout:integer");
  EXPECT_EQ(Parsed({.name = "blpop", .flags = kBlocking, .syntax = "timeout"}), "timeout:double");
  EXPECT_EQ(Parsed({.name = "incrby", .syntax = "key increment"}), "key:key increment:integer");
  EXPECT_EQ(Parsed({.name = "incrbyfloat", .syntax = "key increment"}), "key:key increment:double");
}

TEST(CommandSyntax, ReadsChoicesOfTokens) {
  EXPECT_EQ(Parsed("key BEFORE|AFTER pivot element"),
            "key:key before_after:oneof(BEFORE=before:pure-token AFTER=after:pure-token) pivot:string element:string");
  EXPECT_EQ(Parsed("LEFT|RIGHT LEFT|RIGHT timeout"),
            "left_right:oneof(LEFT=left:pure-token RIGHT=right:pure-token) "
            "left_right:oneof(LEFT=left:pure-token RIGHT=right:pure-token) timeout:integer");
  EXPECT_EQ(Parsed("<NX|XX>"), Parsed("NX|XX"));
  EXPECT_EQ(Parsed("[NX|XX]"), "nx_xx:oneof(NX=nx:pure-token XX=xx:pure-token)?");
}

TEST(CommandSyntax, ReadsTokensWithValues) {
  EXPECT_EQ(Parsed("[COUNT count] [REPLACE]"), "COUNT=count:integer? REPLACE=replace:pure-token?");
  EXPECT_EQ(Parsed("[LIMIT offset count]"), "LIMIT=offset_count:block(offset:integer count:integer)?");
  EXPECT_EQ(
      Parsed("[EX seconds|PX milliseconds|KEEPTTL]"),
      "seconds_milliseconds_keepttl:oneof(EX=seconds:integer PX=milliseconds:integer KEEPTTL=keepttl:pure-token)?");
  EXPECT_EQ(Parsed("LIB-NAME libname|LIB-VER libver"),
            "libname_libver:oneof(LIB-NAME=libname:string LIB-VER=libver:string)");
  EXPECT_EQ(Parsed("[TYPE NORMAL|MASTER] id"),
            "TYPE=normal_master:oneof(NORMAL=normal:pure-token MASTER=master:pure-token)? "
            "id:string");
}

TEST(CommandSyntax, ReadsAChoiceBehindAToken) {
  EXPECT_EQ(Parsed("[FILTERBY <MODULE name|ACLCAT category>]"),
            "FILTERBY=name_category:oneof(MODULE=name:string ACLCAT=category:string)?");
}

TEST(CommandSyntax, TakesAllWordsBetweenBarsInAngleBracketsTogether) {
  EXPECT_EQ(Parsed("[BACKOFF <NONE|LINEAR min max|EXP min max>]"),
            "BACKOFF=none_min_max_min_max:oneof(NONE=none:pure-token LINEAR=min_max:block(min:integer max:integer) "
            "EXP=min_max:block(min:integer max:integer))?");
  EXPECT_EQ(Parsed("[ONDISCONNECT <KEEP|GRACE milliseconds>]"),
            "ONDISCONNECT=keep_milliseconds:oneof(KEEP=keep:pure-token GRACE=milliseconds:integer)?");
  EXPECT_EQ(Parsed("ms <token [token ...]|VALUE element>"),
            "ms:string token_element:oneof(token:string+ VALUE=element:string)");
  EXPECT_EQ(Parsed("<A B|C <D|E f> [G]>"),
            "a_b_d_f_g:oneof(a_b:block(A=a:pure-token B=b:pure-token) d_f_g:block(C=d_f:oneof(D=d:pure-token "
            "E=f:string) G=g:pure-token?))");
}

TEST(CommandSyntax, ReadsWhatMayBeRepeated) {
  EXPECT_EQ(Parsed("key element [element ...]"), "key:key element:string+");
  EXPECT_EQ(Parsed("key value [key value ...]"), "key_value:block(key:key value:string)+");
  EXPECT_EQ(Parsed("[section [section ...]]"), "section:string?+");
  EXPECT_EQ(Parsed("[PREFIX prefix [PREFIX prefix ...]]"), "PREFIX=prefix:string?++");
  EXPECT_EQ(Parsed("[ID client-id [client-id ...]]"), "ID=client-id:integer?+");
  EXPECT_EQ(Parsed("command [arg [arg ...]]"), "command:string arg:string?+");
  EXPECT_EQ(
      Parsed("numkeys key [key ...] LEFT|RIGHT [COUNT count]"),
      "numkeys:integer key:key+ left_right:oneof(LEFT=left:pure-token RIGHT=right:pure-token) COUNT=count:integer?");
  EXPECT_EQ(Parsed("first [other ...]"), "first:string other:string?+");
}

TEST(CommandSyntax, ReadsAChoiceOfWhichTheLastMayBeRepeated) {
  EXPECT_EQ(Parsed("a|[B b]|[C c] [[B b]|[C c] ...]"), "a_b_c:oneof(a:string b_c:oneof(B=b:string? C=c:string?)+)");
}

TEST(CommandSyntax, ReadsGroupsInGroups) {
  EXPECT_EQ(Parsed("[protover [AUTH username password] [SETNAME clientname]]"),
            "protover_username_password_clientname:block(protover:integer AUTH=username_password:block(username:string "
            "password:string)? SETNAME=clientname:string?)?");
  EXPECT_EQ(Parsed("ip:port|[ID client-id]|[SKIPME yes/no]"),
            "ip:port_client-id_yes/no:oneof(ip:port:string ID=client-id:integer? SKIPME=yes/no:string?)");
}

TEST(CommandSyntax, RefusesBracketsThatDoNotMatch) {
  for (std::string_view syntax :
       {"[", "]", "key [", "key [count", "key [count>", "<NX|XX", "key |", "NX|", "[]", "a]b", "<NX|>", "<|NX>"}) {
    EXPECT_EQ(Parsed(syntax), "does not parse") << syntax;
  }
}

TEST(CommandSyntax, EndsOnEveryCutOfASyntax) {
  std::string_view syntax = "key [A b|C d|E] [f [f ...]] <G|H i|J> [X [Y z] ...] LEFT|RIGHT [ID i [i ...]]";
  for (size_t from = 0; from < syntax.size(); ++from) {
    for (size_t bytes = 0; from + bytes <= syntax.size(); ++bytes) Parsed(syntax.substr(from, bytes));
  }
}

}  // namespace
}  // namespace baton
