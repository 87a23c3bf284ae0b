// INFO SLOWLOG LATENCY MEMORY.
#include <algorithm>
#include <bit>
#include <set>

#include "protocol/shape.h"
#include "protocol/transcript.h"

namespace baton {
namespace {

// The value of a field in INFO's text.
std::string Field(const std::string& info, const std::string& name) { return Between(info, "\n" + name + ":", "\r"); }

// The titles of the sections, in order.
std::string Titles(const std::string& info) {
  std::string titles;
  for (size_t at = info.find("\n# "); at != std::string::npos; at = info.find("\n# ", at + 1)) {
    titles += info.substr(at + 3, info.find('\r', at) - at - 3) + " ";
  }
  return titles;
}

constexpr const char* kDefaultTitles =
    "Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace ";
constexpr const char* kAllTitles =
    "Server Clients Memory Persistence Stats Replication CPU Modules Commandstats Errorstats Latencystats Cluster "
    "Keyspace Queues ";

TEST(Info, ShowsTheSectionsAskedFor) {
  TestServer server;
  TestClient a(server);
  EXPECT_EQ(Titles(a.Send("INFO")), kDefaultTitles);
  EXPECT_EQ(Titles(a.Send("INFO default")), kDefaultTitles);
  EXPECT_EQ(Titles(a.Send("INFO all")), kAllTitles);
  EXPECT_EQ(Titles(a.Send("INFO everything")), kAllTitles);
  EXPECT_EQ(Titles(a.Send("INFO SERVER")), "Server ");
  EXPECT_EQ(Titles(a.Send("info keyspace Server foo")), "Server Keyspace ");
  EXPECT_EQ(Titles(a.Send("INFO all server")), kAllTitles);
  EXPECT_EQ(
      Titles(a.Send("INFO Default commandstats")),
      "Server Clients Memory Persistence Stats Replication CPU Modules Commandstats Errorstats Cluster Keyspace ");
}

TEST(Info, HasTheBytesOfRedisAroundTheFields) {
  Converse({
      {"a", "INFO foo", "$0\r\n\r\n"},
      {"a", "INFO \"\"", "$0\r\n\r\n"},
      {"r3", "INFO foo", "=4\r\ntxt:\r\n"},
      {"r3", "INFO modules", "=15\r\ntxt:# Modules\r\n\r\n"},
      {"a", "INFO cluster keyspace", "$44\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\n\r\n"},
      {"a", "SELECT 3", "+OK\r\n"},
      {"a", "RPUSH q v", ":1\r\n"},
      {"a", "SET k v", "+OK\r\n"},
      {"a", "PEXPIRE k 5000", ":1\r\n"},
      {"a", "INFO keyspace", "$47\r\n# Keyspace\r\ndb3:keys=2,expires=1,avg_ttl=5000\r\n\r\n"},
  });
}

// What redis-py, ioredis, Sidekiq, BullMQ and the exporters look at.
TEST(Info, HasTheFieldsThatClientsParse) {
  TestServer server({"--maxclients", "1234"});
  TestClient a(server), b(server);
  b.Send("BLPOP nothing 0");
  a.Send("SET k v");
  a.Send("GET k");
  a.Send("GET missing");
  a.Send("LPUSH k v");
  server.Advance(100'000);
  std::string info = a.Send("INFO everything");
  const struct {
    const char* name;
    const char* shape;
  } fields[] = {
      {"redis_version", "7.0.15"},
      {"baton_version", "#.#.#*"},
      {"redis_mode", "standalone"},
      {"os", "Linux *"},
      {"arch_bits", "64"},
      {"process_id", "1"},
      {"run_id", "0000000000000000000000000000000000000000"},
      {"tcp_port", "#"},
      {"server_time_usec", "1700000100000000"},
      {"uptime_in_seconds", "100"},
      {"uptime_in_days", "0"},
      {"hz", "#"},
      {"executable", "/*"},
      {"config_file", ""},
      {"connected_clients", "2"},
      {"maxclients", "1234"},
      {"blocked_clients", "1"},
      {"used_memory", "#"},
      {"used_memory_human", "~*"},
      {"used_memory_rss", "#"},
      {"used_memory_peak", "#"},
      {"used_memory_dataset", "#"},
      {"maxmemory", "0"},
      {"maxmemory_policy", "noeviction"},
      {"mem_fragmentation_ratio", "~"},
      {"loading", "0"},
      {"rdb_bgsave_in_progress", "0"},
      {"rdb_last_bgsave_status", "ok"},
      {"aof_enabled", "1"},
      {"aof_rewrite_in_progress", "0"},
      {"aof_rewrite_scheduled", "0"},
      {"aof_last_bgrewrite_status", "ok"},
      {"aof_last_write_status", "ok"},
      {"aof_current_size", "#"},
      {"aof_base_size", "#"},
      {"aof_pending_bio_fsync", "0"},
      {"aof_delayed_fsync", "0"},
      {"log_policy", "always"},
      {"log_position_appended", "#"},
      {"log_sync_us_p50", "#"},
      {"log_sync_us_p99", "#"},
      {"log_sync_us_max", "#"},
      {"total_connections_received", "2"},
      {"total_commands_processed", "#"},
      {"instantaneous_ops_per_sec", "#"},
      {"total_net_input_bytes", "#"},
      {"total_net_output_bytes", "#"},
      {"rejected_connections", "0"},
      {"expired_keys", "0"},
      {"evicted_keys", "0"},
      {"keyspace_hits", "1"},
      {"keyspace_misses", "1"},
      {"total_error_replies", "1"},
      {"role", "master"},
      {"connected_slaves", "0"},
      {"used_cpu_sys", "~"},
      {"used_cpu_user", "~"},
      {"cmdstat_get", "calls=2,usec=#,usec_per_call=~,rejected_calls=0,failed_calls=0"},
      {"cmdstat_lpush", "calls=1,usec=#,usec_per_call=~,rejected_calls=0,failed_calls=1"},
      {"errorstat_WRONGTYPE", "count=1"},
      {"latency_percentiles_usec_get", "p50=~,p99=~,p99.9=~"},
      {"cluster_enabled", "0"},
      {"db0", "keys=1,expires=0,avg_ttl=0"},
  };
  for (const auto& field : fields) {
    EXPECT_TRUE(HasShape(Field(info, field.name), field.shape)) << field.name << " is " << Field(info, field.name);
  }
  const std::string allocator = Field(info, "mem_allocator");
  EXPECT_TRUE(HasShape(allocator, "jemalloc-#.#.#") || allocator == "libc") << allocator;
}

TEST(Info, EveryLineIsAFieldATitleOrEmptyAndNoFieldComesTwice) {
  TestServer server;
  TestClient a(server);
  a.Send("SET k v");
  std::string info = a.Send("INFO everything");
  std::set<std::string> names;
  size_t begin = info.find("\r\n") + 2;
  while (begin < info.size()) {
    size_t end = info.find("\r\n", begin);
    ASSERT_NE(end, std::string::npos);
    std::string line = info.substr(begin, end - begin);
    begin = end + 2;
    if (line.empty() || line.starts_with("# ")) continue;
    size_t colon = line.find(':');
    ASSERT_NE(colon, std::string::npos) << line;
    EXPECT_TRUE(names.insert(line.substr(0, colon)).second) << line;
  }
}

TEST(Info, NeverWaitsForTheDisk) {
  TestServer server;
  TestClient a(server), b(server);
  server.sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  EXPECT_EQ(a.Send("SET k v"), "");
  std::string info = b.Send("INFO persistence");
  EXPECT_EQ(Field(info, "aof_pending_bio_fsync"), "1");
  EXPECT_LT(std::stoull(Field(info, "log_position_synced")), std::stoull(Field(info, "log_position_appended")));
  server.sync_runner().RunAll();
  server.Settle();
  EXPECT_EQ(a.Receive(), "+OK\r\n");
  info = b.Send("INFO persistence");
  EXPECT_EQ(Field(info, "aof_pending_bio_fsync"), "0");
  EXPECT_GE(std::stoull(Field(info, "log_position_synced")), std::stoull(Field(info, "log_position_appended")));
}

TEST(Info, CommandStatsNameSubcommandsAndRefusals) {
  TestServer server;
  TestClient a(server);
  a.Send("CLIENT ID");
  a.Send("CLIENT ID x");
  a.Send("PING a b");
  std::string info = a.Send("INFO commandstats");
  EXPECT_TRUE(HasShape(Field(info, "cmdstat_client|id"), "calls=1,*,rejected_calls=1,failed_calls=0")) << info;
  EXPECT_TRUE(HasShape(Field(info, "cmdstat_ping"), "calls=1,*,rejected_calls=0,failed_calls=1")) << info;
}

// --- SLOWLOG

// Everything is slow from now on, and takes 15 us.
void LogEverything(TestClient& client) { ASSERT_EQ(client.Send("CONFIG SET slowlog-log-slower-than 0"), "+OK\r\n"); }

TEST(Slowlog, KeepsTheNewestFirst) {
  TestServer server;
  TestClient a(server);
  EXPECT_EQ(a.Send("SLOWLOG GET"), "*0\r\n");
  EXPECT_EQ(a.Send("SLOWLOG LEN"), ":0\r\n");
  a.Send("CLIENT SETNAME me");
  LogEverything(a);
  a.Send("SET k v");
  a.Send("NOSUCH command");
  a.Send("GET");
  EXPECT_EQ(a.Send("SLOWLOG GET 1"), "*1\r\n*6\r\n:1\r\n:1700000000\r\n:0\r\n" + Bulks({"SET", "k", "v"}) +
                                         Bulk("127.0.0.1:50000") + Bulk("me"));
  EXPECT_EQ(a.Send("SLOWLOG LEN"), ":3\r\n") << "CONFIG SET, SET and SLOWLOG GET: what did not run is not slow";
  EXPECT_EQ(a.Send("SLOWLOG RESET"), "+OK\r\n");
  EXPECT_EQ(a.Send("SLOWLOG LEN"), ":1\r\n") << "SLOWLOG RESET itself";
}

TEST(Slowlog, CountsAndBounds) {
  TestServer server;
  TestClient a(server);
  LogEverything(a);
  for (int i = 0; i < 20; ++i) a.Send("PING");
  EXPECT_TRUE(a.Send("SLOWLOG GET").starts_with("*10\r\n"));
  EXPECT_TRUE(a.Send("SLOWLOG GET 3").starts_with("*3\r\n"));
  EXPECT_EQ(a.Send("SLOWLOG GET 0"), "*0\r\n");
  EXPECT_TRUE(a.Send("SLOWLOG GET -1").starts_with("*24\r\n"));
  EXPECT_EQ(a.Send("CONFIG SET slowlog-max-len 2"), "+OK\r\n");
  EXPECT_EQ(a.Send("SLOWLOG LEN"), ":2\r\n");
}

TEST(Slowlog, NamesABlockedCommandWhenItIsServedAndNotWhenItsTimeRunsOut) {
  TestServer server;
  TestClient a(server), waiter(server);
  LogEverything(a);
  waiter.Send("BLPOP q 0.1");
  server.Advance(200);
  ASSERT_EQ(waiter.Receive(), "*-1\r\n");
  EXPECT_EQ(a.Send("SLOWLOG LEN"), ":1\r\n") << "CONFIG SET";
  waiter.Send("BLPOP q 0");
  EXPECT_EQ(a.Send("SLOWLOG LEN"), ":2\r\n") << "and SLOWLOG LEN";
  a.Send("RPUSH q v");
  EXPECT_NE(a.Send("SLOWLOG GET 1").find(Bulks({"BLPOP", "q", "0"})), std::string::npos);
}

TEST(Slowlog, CutsLongRequestsAsRedisDoes) {
  TestServer server;
  TestClient a(server);
  LogEverything(a);
  std::vector<std::string> words(32, "a");
  words[0] = "LPUSH";
  a.Send(words);
  EXPECT_NE(a.Send("SLOWLOG GET 1").find("\r\n*32\r\n$5\r\nLPUSH\r\n"), std::string::npos);
  words.push_back("b");
  a.Send(words);
  std::string shown = a.Send("SLOWLOG GET 1");
  EXPECT_NE(shown.find("\r\n*32\r\n$5\r\nLPUSH\r\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("$1\r\na\r\n$22\r\n... (2 more arguments)\r\n$15\r\n127"), std::string::npos) << shown;
  a.Send({"LPUSH", "x", std::string(128, 'b'), std::string(129, 'c'), std::string(300, 'd')});
  shown = a.Send("SLOWLOG GET 1");
  EXPECT_NE(shown.find(Bulk(std::string(128, 'b')) + Bulk(std::string(128, 'c') + "... (1 more bytes)") +
                       Bulk(std::string(128, 'd') + "... (172 more bytes)")),
            std::string::npos)
      << shown;
}

TEST(Slowlog, HidesSecrets) {
  TestServer server;
  TestClient a(server);
  LogEverything(a);
  auto shown = [&](const char* request) {
    a.Send(request);
    std::string got = a.Send("SLOWLOG GET 1");
    size_t begin = got.find(":0\r\n*") + 4;
    return got.substr(begin, got.find("$15\r\n127") - begin);
  };
  EXPECT_EQ(shown("AUTH x"), Bulks({"AUTH", "(redacted)"}));
  EXPECT_EQ(shown("auth default foo"), Bulks({"auth", "(redacted)", "(redacted)"}));
  EXPECT_EQ(shown("HELLO 2 setname k auth default foo"),
            Bulks({"HELLO", "2", "setname", "k", "auth", "(redacted)", "(redacted)"}));
  EXPECT_EQ(shown("hello 2 auth a"), Bulks({"hello", "2", "auth", "a"}));
  EXPECT_EQ(shown("CONFIG SET maxmemory 0 requirepass \"\""),
            Bulks({"CONFIG", "SET", "maxmemory", "0", "requirepass", "(redacted)"}));
  EXPECT_EQ(shown("CONFIG GET requirepass"), Bulks({"CONFIG", "GET", "requirepass"}));
}

TEST(Slowlog, ChecksItsArguments) {
  Converse({
      {"a", "SLOWLOG", WrongArity("slowlog")},
      {"a", "SLOWLOG FOO", "-ERR unknown subcommand 'FOO'. Try SLOWLOG HELP.\r\n"},
      {"a", "SLOWLOG GET x", "-ERR count should be greater than or equal to -1\r\n"},
      {"a", "SLOWLOG GET -2", "-ERR count should be greater than or equal to -1\r\n"},
      {"a", "SLOWLOG GET 1.5", "-ERR count should be greater than or equal to -1\r\n"},
      {"a", "SLOWLOG get 1 2", "-ERR unknown subcommand or wrong number of arguments for 'get'. Try SLOWLOG HELP.\r\n"},
      {"a", "SLOWLOG LEN x", WrongArity("slowlog|len")},
      {"a", "SLOWLOG RESET x", WrongArity("slowlog|reset")},
      {"a", "SLOWLOG HELP",
       "*12\r\n+SLOWLOG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n+GET [<count>]\r\n+    Return top "
       "<count> entries from the slowlog (default: 10, -1 mean all).\r\n+    Entries are made of:\r\n+    id, "
       "timestamp, "
       "time in microseconds, arguments array, client IP and port,\r\n+    client name\r\n+LEN\r\n+    Return the "
       "length "
       "of the slowlog.\r\n+RESET\r\n+    Reset the slowlog.\r\n+HELP\r\n+    Prints this help.\r\n"},
  });
}

// --- LATENCY

TEST(Latency, IsSilentUnlessAskedToLook) {
  Converse({
      {"a", "LATENCY LATEST", "*0\r\n"},
      {"a", "LATENCY HISTORY command", "*0\r\n"},
      {"a", "LATENCY RESET", ":0\r\n"},
      {"a", "LATENCY RESET a b c", ":0\r\n"},
      {"a", "LATENCY GRAPH foo", "-ERR No samples available for event 'foo'\r\n"},
      {"a", "LATENCY HISTOGRAM foo", "*0\r\n"},
      {"r3", "LATENCY HISTOGRAM foo", "%0\r\n"},
      {"a", "LATENCY", WrongArity("latency")},
      {"a", "LATENCY FOO", "-ERR unknown subcommand 'FOO'. Try LATENCY HELP.\r\n"},
      {"a", "LATENCY LATEST x", WrongArity("latency|latest")},
      {"a", "LATENCY HISTORY", WrongArity("latency|history")},
      {"a", "LATENCY HISTORY a b", WrongArity("latency|history")},
      {"a", "LATENCY DOCTOR x", WrongArity("latency|doctor")},
      {"a", "LATENCY GRAPH", WrongArity("latency|graph")},
  });
}

TEST(Latency, RemembersSlowCommands) {
  TestServer server({"--enable-debug-command", "yes"});
  TestClient a(server);
  a.Send("CONFIG SET latency-monitor-threshold 5");
  EXPECT_EQ(a.Send("DEBUG SLEEP 0.02"), "+OK\r\n");
  server.clock().AdvanceMs(1000);
  EXPECT_EQ(a.Send("DEBUG SLEEP 0.03"), "+OK\r\n");
  EXPECT_EQ(a.Send("DEBUG SLEEP 0.001"), "+OK\r\n");
  EXPECT_EQ(a.Send("LATENCY LATEST"), "*1\r\n*4\r\n$7\r\ncommand\r\n:1700000001\r\n:30\r\n:30\r\n");
  EXPECT_EQ(a.Send("LATENCY HISTORY command"), "*2\r\n*2\r\n:1700000000\r\n:20\r\n*2\r\n:1700000001\r\n:30\r\n");
  EXPECT_EQ(a.Send("LATENCY GRAPH command"), Bulk("command - high 30 ms, low 20 ms (all time high 30 ms)\n" +
                                                  std::string(80, '-') + "\n #\n |\n |\n_|\n\n10\nss\n"));
  EXPECT_NE(a.Send("LATENCY DOCTOR").find("command: 2 spikes, 25 ms on average, 30 ms at worst"), std::string::npos);
  EXPECT_EQ(a.Send("LATENCY RESET nope command command"), ":1\r\n");
  EXPECT_EQ(a.Send("LATENCY LATEST"), "*0\r\n");
}

TEST(Latency, HistogramCountsUpToPowersOfTwo) {
  TestServer server({"--enable-debug-command", "yes"});
  TestClient a(server);
  a.Send("DEBUG SLEEP 0.000003");
  a.Send("DEBUG SLEEP 0.000003");
  a.Send("DEBUG SLEEP 0.000100");
  EXPECT_EQ(
      a.Send("LATENCY HISTOGRAM debug nosuch"),
      "*2\r\n$5\r\ndebug\r\n*4\r\n$5\r\ncalls\r\n:3\r\n$14\r\nhistogram_usec\r\n*4\r\n:4\r\n:2\r\n:128\r\n:3\r\n");
  a.Send("CLIENT ID");
  a.Send("HELLO 3");
  EXPECT_EQ(a.Send("LATENCY HISTOGRAM CLIENT"),
            "%1\r\n$9\r\nclient|id\r\n%2\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n%1\r\n:1\r\n:1\r\n");
  EXPECT_EQ(a.Send("LATENCY HISTOGRAM client|id"), a.Send("LATENCY HISTOGRAM CLIENT|ID"));
  std::string all = a.Send("LATENCY HISTOGRAM");
  EXPECT_NE(all.find("$5\r\ndebug\r\n"), std::string::npos);
  EXPECT_NE(all.find("$9\r\nclient|id\r\n"), std::string::npos);
}

TEST(LatencyHistogram, IsNeverMoreThanASixteenthTooHigh) {
  for (int64_t us : {0, 1, 2, 15, 16, 17, 31, 32, 33, 100, 1000, 4095, 4096, 65'537, 1'000'000, 2'000'000'000}) {
    LatencyHistogram histogram;
    histogram.Record(us * 1000);
    double shown = histogram.PercentileUs(50);
    EXPECT_GT(shown, static_cast<double>(us));
    EXPECT_LE(shown, static_cast<double>(us) * 17 / 16 + 1) << us;
    EXPECT_EQ(histogram.CountBelowPowerOfTwo(LatencyHistogram::kExponentMax), 1u);
    int exponent = static_cast<int>(std::bit_width(static_cast<uint64_t>(us)));
    EXPECT_EQ(histogram.CountBelowPowerOfTwo(exponent), 1u) << us;
    if (exponent > 0) {
      EXPECT_EQ(histogram.CountBelowPowerOfTwo(exponent - 1), 0u) << us;
    }
  }
}

TEST(LatencyHistogram, OrdersPercentiles) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.PercentileUs(99), 0);
  for (int64_t us = 1; us <= 1000; ++us) histogram.Record(us * 1000);
  EXPECT_EQ(histogram.total(), 1000u);
  EXPECT_NEAR(histogram.PercentileUs(50), 500, 500 / 16 + 1);
  EXPECT_NEAR(histogram.PercentileUs(99), 990, 990 / 16 + 1);
  EXPECT_NEAR(histogram.PercentileUs(100), 1000, 1000 / 16 + 1);
  histogram.Record(INT64_MAX);
  histogram.Record(-5);
  EXPECT_EQ(histogram.CountBelowPowerOfTwo(LatencyHistogram::kExponentMax), 1002u);
  EXPECT_GE(histogram.PercentileUs(100), 2e9);
}

TEST(LatencyMonitor, KeepsTheWorstOfASecondAndTheNewestSeconds) {
  LatencyMonitor monitor;
  monitor.Add("log-sync", 10, 7);
  monitor.Add("log-sync", 10, 9);
  monitor.Add("log-sync", 10, 8);
  ASSERT_EQ(monitor.Find("log-sync")->samples.size(), 1u);
  EXPECT_EQ(monitor.Find("log-sync")->samples[0].duration_ms, 9);
  for (int64_t second = 11; second < 400; ++second) monitor.Add("log-sync", second, 5);
  EXPECT_EQ(monitor.Find("log-sync")->samples.size(), LatencyMonitor::kSamplesMax);
  EXPECT_EQ(monitor.Find("log-sync")->samples.back().unix_seconds, 399);
  EXPECT_EQ(monitor.Find("log-sync")->worst_ms, 9) << "of samples that are gone, too";
  EXPECT_EQ(monitor.Find("other"), nullptr);
  EXPECT_EQ(monitor.ResetAll(), 1u);
  EXPECT_EQ(monitor.Find("log-sync"), nullptr);
}

// --- MEMORY

TEST(Memory, UsageGrowsWithTheValue) {
  TestServer server;
  TestClient a(server);
  a.Send("SET small v");
  a.Send({"SET", "large", std::string(100'000, 'x')});
  auto usage = [&](const std::string& request) { return std::stoll(a.Send("MEMORY USAGE " + request).substr(1)); };
  EXPECT_GT(usage("small"), 0);
  EXPECT_GT(usage("large"), 100'000);
  EXPECT_LT(usage("large"), 150'000);
  EXPECT_EQ(usage("large SAMPLES 0"), usage("large"));
}

TEST(Memory, ChecksItsArguments) {
  Converse({
      {"a", "SET k v", "+OK\r\n"},
      {"a", "MEMORY", WrongArity("memory")},
      {"a", "MEMORY FOO", "-ERR unknown subcommand 'FOO'. Try MEMORY HELP.\r\n"},
      {"a", "MEMORY USAGE", WrongArity("memory|usage")},
      {"a", "MEMORY USAGE missing", "$-1\r\n"},
      {"r3", "MEMORY USAGE missing", "_\r\n"},
      {"a", "MEMORY USAGE k SAMPLES", "-ERR syntax error\r\n"},
      {"a", "MEMORY USAGE k SAMPLES x", "-ERR value is not an integer or out of range\r\n"},
      {"a", "MEMORY USAGE k SAMPLES -1", "-ERR syntax error\r\n"},
      {"a", "MEMORY USAGE k FOO 1", "-ERR syntax error\r\n"},
      {"a", "MEMORY USAGE k SAMPLES 1 2", "-ERR syntax error\r\n"},
      {"a", "MEMORY USAGE missing SAMPLES x", "-ERR value is not an integer or out of range\r\n"},
      {"a", "MEMORY PURGE", "+OK\r\n"},
      {"a", "MEMORY PURGE x", WrongArity("memory|purge")},
      {"a", "MEMORY DOCTOR x", WrongArity("memory|doctor")},
      {"a", "MEMORY STATS x", WrongArity("memory|stats")},
      {"a", "MEMORY MALLOC-STATS x", WrongArity("memory|malloc-stats")},
  });
}

TEST(Memory, StatsHasAsManyPairsAsItSays) {
  TestServer server;
  TestClient a(server);
  a.Send("SET k v");
  a.Send("HELLO 3");
  std::string stats = a.Send("MEMORY STATS");
  size_t pairs = std::stoul(stats.substr(1));
  // Names of the outer map; the one database is a map of three.
  size_t names = 0;
  for (size_t at = stats.find('$'); at != std::string::npos; at = stats.find('$', at + 1)) ++names;
  EXPECT_EQ(names, pairs + 3) << stats;
  EXPECT_NE(stats.find("$4\r\ndb.0\r\n%3\r\n"), std::string::npos);
  EXPECT_NE(stats.find("$10\r\nkeys.count\r\n:1\r\n"), std::string::npos);
  EXPECT_TRUE(HasShape(Between(stats, "peak.percentage\r\n,", "\r"), "~"));
}

TEST(Memory, DoctorAndMallocStatsAreText) {
  TestServer server;
  TestClient a(server);
  EXPECT_TRUE(a.Send("MEMORY DOCTOR").starts_with("$"));
  EXPECT_TRUE(a.Send("MEMORY MALLOC-STATS").starts_with("$"));
  a.Send("HELLO 3");
  EXPECT_NE(a.Send("MEMORY DOCTOR").find("\r\ntxt:"), std::string::npos);
}

}  // namespace
}  // namespace baton
