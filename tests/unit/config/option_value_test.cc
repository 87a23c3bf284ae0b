// What CONFIG SET makes of a text, and what CONFIG GET prints for it. The answers were redis-server 7.0.15's.

#include "config/option_value.h"

#include <gtest/gtest.h>

#include "config/config.h"

namespace baton {
namespace {

// The printed form, or the error.
std::string After(Config& config, std::string_view name, std::string_view text) {
  Status set = config.Set(name, text);
  return set.ok() ? config.Printed(name) : set.message();
}
std::string After(std::string_view name, std::string_view text) {
  Config config;
  return After(config, name, text);
}

TEST(OptionValue, ReadsMemoryWithUnits) {
  const std::pair<const char*, const char*> kCases[] = {
      {"1", "1"},           {"1b", "1"},
      {"1k", "1000"},       {"1K", "1000"},
      {"1kb", "1024"},      {"1KB", "1024"},
      {"1m", "1000000"},    {"1MB", "1048576"},
      {"1g", "1000000000"}, {"1Gb", "1073741824"},
      {"007", "7"},         {"", "0"},
      {"gb", "0"},          {"9223372036854775806", "9223372036854775806"},
  };
  for (const auto& [text, printed] : kCases) EXPECT_EQ(After("maxmemory", text), printed) << text;
}

TEST(OptionValue, RefusesWhatIsNoMemory) {
  for (const char* text : {"1gb ", " 1gb", "1.5gb", "1t", "0x10", "1 gb", "+1", "-1", "bogus", "5%"}) {
    EXPECT_EQ(After("maxmemory", text), "argument must be a memory value") << text;
  }
}

TEST(OptionValue, RefusesSizesThatDoNotFit) {
  for (const char* text : {"9223372036854775808", "99999999999999999999", "17179869184gb"}) {
    EXPECT_EQ(After("auto-aof-rewrite-min-size", text), "argument must be between 0 and 9223372036854775807 inclusive")
        << text;
  }
}

TEST(OptionValue, TakesAMaxmemoryThatDoesNotFitForTheLargest) {
  for (const char* text : {"99999999999999999999", "17179869184gb", "18446744073709551615"}) {
    Config config;
    EXPECT_EQ(After(config, "maxmemory", text), "18446744073709551615") << text;
    EXPECT_EQ(config.Integer("maxmemory"), INT64_MAX);
    EXPECT_EQ(After(config, "maxmemory", config.Printed("maxmemory")), "18446744073709551615");
  }
}

TEST(OptionValue, SaysWhichBoundsANumberMustKeep) {
  EXPECT_EQ(After("port", "65535"), "65535");
  EXPECT_EQ(After("port", "65536"), "argument must be between 0 and 65535 inclusive");
  EXPECT_EQ(After("maxclients", "0"), "argument must be between 1 and 4294967295 inclusive");
  EXPECT_EQ(After("slowlog-log-slower-than", "-1"), "-1");
  EXPECT_EQ(After("slowlog-log-slower-than", "-2"), "argument must be between -1 and 9223372036854775807 inclusive");
  EXPECT_EQ(After("proto-max-bulk-len", "1kb"), "argument must be between 1048576 and 4293918720 inclusive");
  EXPECT_EQ(After("list-max-listpack-size", "-100000000000"),
            "argument must be between -2147483648 and 2147483647 inclusive");
}

TEST(OptionValue, ReadsNumbersStrictly) {
  for (const char* text : {"", "10 ", "+10", "-0", "010", "0x1", "1e3", "10s", "9223372036854775808", "1kb"}) {
    EXPECT_EQ(After("slowlog-max-len", text), "argument couldn't be parsed into an integer") << text;
  }
}

TEST(OptionValue, MovesHzIntoItsBounds) {
  EXPECT_EQ(After("hz", "0"), "1");
  EXPECT_EQ(After("hz", "501"), "500");
  EXPECT_EQ(After("hz", "-1"), "argument must be between 0 and 2147483647 inclusive");
  Config config;
  ASSERT_TRUE(config.Set("hz", "1000").ok());
  EXPECT_EQ(config.Integer("hz"), 500);
}

TEST(OptionValue, ReadsYesAndNoInAnyCase) {
  EXPECT_EQ(After("appendonly", "YES"), "yes");
  EXPECT_EQ(After("appendonly", "No"), "no");
  for (const char* text : {"true", "1", "on", ""})
    EXPECT_EQ(After("appendonly", text), "argument must be 'yes' or 'no'");
}

TEST(OptionValue, ListsTheChoicesInRedissOrder) {
  EXPECT_EQ(After("appendfsync", "ALWAYS"), "always");
  EXPECT_EQ(After("appendfsync", "often"), "argument(s) must be one of the following: everysec, always, no");
  EXPECT_EQ(After("loglevel", "foo"), "argument(s) must be one of the following: debug, verbose, notice, warning");
  EXPECT_EQ(After("supervised", ""), "argument(s) must be one of the following: upstart, systemd, auto, no");
}

TEST(OptionValue, ReadsModesAsOctal) {
  Config config;
  EXPECT_EQ(After(config, "unixsocketperm", "0700"), "700");
  EXPECT_EQ(config.Integer("unixsocketperm"), 0700);
  EXPECT_EQ(After(config, "unixsocketperm", "1777"), "argument must be between 0 and 777 inclusive");
  EXPECT_EQ(After(config, "unixsocketperm", "-1"), "argument must be between 0 and 777 inclusive");
  EXPECT_EQ(After(config, "unixsocketperm", "888"), "argument couldn't be parsed as an octal number");
}

TEST(OptionValue, ReadsTimesAsSecondsOrWithAUnit) {
  const std::pair<const char*, int64_t> kCases[] = {{"90", 90}, {"90s", 90}, {"5m", 300}, {"2H", 7200}, {"1d", 86400}};
  for (const auto& [text, seconds] : kCases) {
    Config config;
    EXPECT_EQ(After(config, "sync-timeout", text), std::to_string(seconds));
    EXPECT_EQ(config.Integer("sync-timeout"), seconds);
  }
  EXPECT_EQ(After("sync-timeout", "soon"), "argument must be a number of seconds, or a time such as 90s, 5m, 2h or 1d");
  EXPECT_EQ(After("sync-timeout", ""), "argument must be a number of seconds, or a time such as 90s, 5m, 2h or 1d");
  EXPECT_EQ(After("sync-timeout", "0"), "argument must be between 1 and 2147483647 inclusive");
}

TEST(OptionValue, AddsBufferLimitsUpByClass) {
  Config config;
  const std::string_view kName = "client-output-buffer-limit";
  EXPECT_EQ(After(config, kName, "normal 0 0 0"),
            "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60");
  EXPECT_EQ(After(config, kName, "normal 1 2 3 pubsub 1 2 3"), "normal 1 2 3 slave 268435456 67108864 60 pubsub 1 2 3");
  EXPECT_EQ(After(config, kName, "REPLICA 1mb 2MB +3"), "normal 1 2 3 slave 1048576 2097152 3 pubsub 1 2 3");
  EXPECT_EQ(After(config, kName, "normal 0 0 0 normal 1 1 "), "normal 1 1 0 slave 1048576 2097152 3 pubsub 1 2 3");
  EXPECT_EQ(After(config, kName, ""), "normal 1 1 0 slave 1048576 2097152 3 pubsub 1 2 3");
  EXPECT_EQ(config.ClientOutputLimits("slave").hard_bytes, 1048576);
  EXPECT_EQ(config.ClientOutputLimits("slave").soft_bytes, 2097152);
  EXPECT_EQ(config.ClientOutputLimits("slave").soft_seconds, 3);
  for (const char* text : {"bogus", "normal 1 2", "normal  0 0 0", "normal 1 1 1 foo"}) {
    EXPECT_EQ(After(config, kName, text), "Wrong number of arguments in buffer limit configuration.") << text;
  }
  for (const char* text : {"master 0 0 0", "foo 1 2 3"}) {
    EXPECT_EQ(After(config, kName, text), "Invalid client class specified in buffer limit configuration.") << text;
  }
  for (const char* text : {"normal a b c", "normal 1 2 -1", "normal 1 2 x", "normal -1 0 0", "normal 0 0 1.5"}) {
    EXPECT_EQ(After(config, kName, text), "Error in hard, soft or soft_seconds setting in buffer limit configuration.")
        << text;
  }
  EXPECT_EQ(config.Printed(kName), "normal 1 1 0 slave 1048576 2097152 3 pubsub 1 2 3") << "an error changes nothing";
}

TEST(OptionValue, TakesSavePointsAndClaimsNone) {
  EXPECT_EQ(After("save", "900 1 300 10"), "");
  EXPECT_EQ(After("save", "5 0"), "");
  EXPECT_EQ(After("save", ""), "");
  for (const char* text : {"900", "900 x", "-1 1", "0 1", "900 1 ", "  ", "1 2 3", "5 -1", "5.5 1"}) {
    EXPECT_EQ(After("save", text), "Invalid save parameters") << text;
  }
}

TEST(OptionValue, OrdersEventClasses) {
  const std::pair<const char*, const char*> kCases[] = {
      {"KEA", "AKE"},   {"g$lshzxet", "g$lshzxet"}, {"KEg$lshzxetd", "AKE"}, {"KElm", "lKEm"}, {"Kn", "nK"},
      {"KEAn", "AnKE"}, {"AKEdmn", "AnKEm"},        {"Kz$l", "$lzK"},        {"gg", "g"},      {"", ""}};
  for (const auto& [text, printed] : kCases) EXPECT_EQ(After("notify-keyspace-events", text), printed) << text;
  EXPECT_EQ(After("notify-keyspace-events", "K E"), "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
}

TEST(OptionValue, ShowsNoNBesideAWhileItIsInForce) {
  Config config;
  EXPECT_EQ(After(config, "notify-keyspace-events", "KEAnm"), "AnKEm");
  EXPECT_EQ(config.Get("notify-keyspace-events").at("notify-keyspace-events"), "AKEm");
  EXPECT_EQ(config.Get("notify-*").at("notify-keyspace-events"), "AKEm");
  EXPECT_EQ(After(config, "notify-keyspace-events", "KEgn"), "gnKE");
  EXPECT_EQ(config.Get("notify-keyspace-events").at("notify-keyspace-events"), "gnKE");
}

TEST(OptionValue, PrintsPercentilesShort) {
  const std::string_view kName = "latency-tracking-info-percentiles";
  EXPECT_EQ(After(kName, "100 0 50.50"), "100 0 50.5");
  EXPECT_EQ(After(kName, "1e1"), "10");
  EXPECT_EQ(After(kName, "33.333333333333"), "33.333333");
  EXPECT_EQ(After(kName, ""), "");
  EXPECT_EQ(After(kName, "101"), "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
  for (const char* text : {"bogus", "50  90", "nan", " 5"}) {
    EXPECT_EQ(After(kName, text), "Invalid latency-tracking-info-percentiles parameters") << text;
  }
}

TEST(OptionValue, ChecksOptionsThatDoNothing) {
  EXPECT_EQ(After("shutdown-on-sigterm", "now force nosave"), "nosave now force");
  EXPECT_EQ(After("shutdown-on-sigterm", "default now"), "now");
  EXPECT_EQ(After("shutdown-on-sigterm", "save nosave"),
            "shutdown options SAVE and NOSAVE can't be used simultaneously");
  EXPECT_EQ(After("shutdown-on-sigterm", ""),
            "argument(s) must be one of the following: default, save, nosave, now, force");
  EXPECT_EQ(After("oom-score-adj-values", "007 +1 -1"), "7 1 -1");
  EXPECT_EQ(After("oom-score-adj-values", "1 2"), "wrong number of arguments");
  EXPECT_EQ(After("oom-score-adj-values", "-2001 0 0"),
            "Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
  EXPECT_EQ(After("maxmemory-clients", "5%"), "5%");
  EXPECT_EQ(After("maxmemory-clients", "1gb"), "1073741824");
  EXPECT_EQ(After("maxmemory-clients", "101%"), "percentage argument must be less or equal to 100");
  EXPECT_EQ(After("maxmemory-clients", "1.5%"), "argument must be a memory or percent value");
  EXPECT_EQ(After("repl-backlog-size", "1kb"), "16384");
  EXPECT_EQ(After("appendfilename", "a/b"), "appendfilename can't be a path, just a filename");
  EXPECT_EQ(After("appenddirname", "../x"), "appenddirname can't be a path, just a dirname");
  EXPECT_EQ(After("appenddirname", ""), "appenddirname can't be empty");
  EXPECT_EQ(After("bind", "a b c d e f g h i j k l m n o p q"), "Too many bind addresses specified.");
}

TEST(OptionValue, RefusesWhatWouldBeDangerousToIgnore) {
  const std::pair<const char*, const char*> kCases[] = {
      {"replicaof", "10.0.0.1 6379"},     {"slaveof", "10.0.0.1 6379"},
      {"cluster-enabled", "yes"},         {"tls-port", "6380"},
      {"aclfile", "/etc/users.acl"},      {"min-replicas-to-write", "1"},
      {"maxmemory-policy", "allkeys-lru"}};
  for (const auto& [name, text] : kCases) {
    Config config;
    EXPECT_FALSE(config.Set(name, text).ok()) << name;
    EXPECT_EQ(config.Printed(name), Config().Printed(name));
  }
  EXPECT_EQ(After("maxmemory-policy", "allkeys-lru"), "queues are never evicted: only noeviction is allowed");
  EXPECT_EQ(After("replicaof", "no one"), "");
  EXPECT_EQ(After("tls-port", "0"), "0");
}

TEST(OptionValue, WritesLinesThatReadBack) {
  const std::pair<const char*, const char*> kCases[] = {{"requirepass", "a \"b' \n\x01#"},
                                                        {"requirepass", "#a"},
                                                        {"requirepass", ""},
                                                        {"requirepass", "plain"},
                                                        {"maxmemory", "1025"},
                                                        {"maxmemory", "99999999999999999999"},
                                                        {"maxmemory", "5mb"},
                                                        {"bind", "127.0.0.1 -::1"},
                                                        {"bind", ""},
                                                        {"unixsocketperm", "700"},
                                                        {"save", ""},
                                                        {"client-output-buffer-limit", "normal 1gb 0 0"}};
  for (const auto& [name, text] : kCases) {
    Config config;
    ASSERT_TRUE(config.Set(name, text).ok());
    OptionValue value;
    const OptionRow& row = *Config::FindRow(name);
    ASSERT_TRUE(ParseOption(row, value, SplitOptionText(row, config.Printed(name)), &value).ok());
    Config copy;
    Status loaded = copy.LoadText(OptionLine(row, value), "line", nullptr);
    ASSERT_TRUE(loaded.ok()) << loaded.message();
    EXPECT_EQ(copy.Printed(name), config.Printed(name)) << OptionLine(row, value);
  }
}

TEST(OptionValue, WritesSizesWithTheLargestUnitThatFits) {
  EXPECT_EQ(FormatBytes(0), "0");
  EXPECT_EQ(FormatBytes(1000), "1000");
  EXPECT_EQ(FormatBytes(1024), "1kb");
  EXPECT_EQ(FormatBytes(64 * 1024 * 1024), "64mb");
  EXPECT_EQ(FormatBytes(1536LL * 1024 * 1024), "1536mb");
  EXPECT_EQ(FormatBytes(1LL << 30), "1gb");
}

}  // namespace
}  // namespace baton
