#include "config/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "config/nearest_name.h"

namespace baton {
namespace {

TEST(Config, EveryRowsDefaultParsesAndPrintsTheSameAgain) {
  const Config defaults;
  for (const OptionRow& row : Config::Rows()) {
    Config config;
    std::string name(row.name);
    Status set = config.Set(name, row.default_value);
    ASSERT_TRUE(set.ok()) << name << ": " << set.message();
    std::string printed = config.Printed(name);
    EXPECT_EQ(printed, defaults.Printed(name)) << name;
    set = config.Set(name, printed);
    ASSERT_TRUE(set.ok()) << name << " '" << printed << "': " << set.message();
    EXPECT_EQ(config.Printed(name), printed) << name;
  }
}

TEST(Config, EveryRowSaysWhatItIs) {
  for (const OptionRow& row : Config::Rows()) {
    EXPECT_FALSE(row.comment.empty()) << row.name;
    EXPECT_FALSE(row.section.empty()) << row.name;
    EXPECT_EQ(row.type == OptionType::kEnum, !row.choices.empty()) << row.name;
    EXPECT_TRUE(!row.has_meaning || !row.default_value.empty() || !row.example.empty()) << row.name;
    EXPECT_LE(row.min, row.max) << row.name;
  }
}

TEST(Config, NamesAndAliasesAreUnique) {
  std::set<std::string_view> names;
  for (const OptionRow& row : Config::Rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    if (!row.alias.empty()) {
      EXPECT_TRUE(names.insert(row.alias).second) << row.alias;
    }
  }
}

TEST(Config, KnowsEveryOptionOfRedis7) {
  // `redis-cli config get '*'` of redis-server 7.0.15.
  constexpr std::string_view kNames[] = {
      "acl-pubsub-default",
      "aclfile",
      "acllog-max-len",
      "active-defrag-cycle-max",
      "active-defrag-cycle-min",
      "active-defrag-ignore-bytes",
      "active-defrag-max-scan-fields",
      "active-defrag-threshold-lower",
      "active-defrag-threshold-upper",
      "active-expire-effort",
      "activedefrag",
      "activerehashing",
      "always-show-logo",
      "aof-disable-auto-gc",
      "aof-load-truncated",
      "aof-rewrite-incremental-fsync",
      "aof-timestamp-enabled",
      "aof-use-rdb-preamble",
      "aof_rewrite_cpulist",
      "appenddirname",
      "appendfilename",
      "appendfsync",
      "appendonly",
      "auto-aof-rewrite-min-size",
      "auto-aof-rewrite-percentage",
      "bgsave_cpulist",
      "bind",
      "bind-source-addr",
      "bio_cpulist",
      "busy-reply-threshold",
      "client-output-buffer-limit",
      "client-query-buffer-limit",
      "cluster-allow-pubsubshard-when-down",
      "cluster-allow-reads-when-down",
      "cluster-allow-replica-migration",
      "cluster-announce-bus-port",
      "cluster-announce-hostname",
      "cluster-announce-ip",
      "cluster-announce-port",
      "cluster-announce-tls-port",
      "cluster-config-file",
      "cluster-enabled",
      "cluster-link-sendbuf-limit",
      "cluster-migration-barrier",
      "cluster-node-timeout",
      "cluster-port",
      "cluster-preferred-endpoint-type",
      "cluster-replica-no-failover",
      "cluster-replica-validity-factor",
      "cluster-require-full-coverage",
      "cluster-slave-no-failover",
      "cluster-slave-validity-factor",
      "crash-log-enabled",
      "crash-memcheck-enabled",
      "daemonize",
      "databases",
      "dbfilename",
      "dir",
      "disable-thp",
      "dynamic-hz",
      "enable-debug-command",
      "enable-module-command",
      "enable-protected-configs",
      "hash-max-listpack-entries",
      "hash-max-listpack-value",
      "hash-max-ziplist-entries",
      "hash-max-ziplist-value",
      "hll-sparse-max-bytes",
      "hz",
      "ignore-warnings",
      "io-threads",
      "io-threads-do-reads",
      "jemalloc-bg-thread",
      "latency-monitor-threshold",
      "latency-tracking",
      "latency-tracking-info-percentiles",
      "lazyfree-lazy-eviction",
      "lazyfree-lazy-expire",
      "lazyfree-lazy-server-del",
      "lazyfree-lazy-user-del",
      "lazyfree-lazy-user-flush",
      "lfu-decay-time",
      "lfu-log-factor",
      "list-compress-depth",
      "list-max-listpack-size",
      "list-max-ziplist-size",
      "logfile",
      "loglevel",
      "lua-time-limit",
      "masterauth",
      "masteruser",
      "maxclients",
      "maxmemory",
      "maxmemory-clients",
      "maxmemory-eviction-tenacity",
      "maxmemory-policy",
      "maxmemory-samples",
      "min-replicas-max-lag",
      "min-replicas-to-write",
      "min-slaves-max-lag",
      "min-slaves-to-write",
      "no-appendfsync-on-rewrite",
      "notify-keyspace-events",
      "oom-score-adj",
      "oom-score-adj-values",
      "pidfile",
      "port",
      "proc-title-template",
      "propagation-error-behavior",
      "protected-mode",
      "proto-max-bulk-len",
      "rdb-del-sync-files",
      "rdb-save-incremental-fsync",
      "rdbchecksum",
      "rdbcompression",
      "repl-backlog-size",
      "repl-backlog-ttl",
      "repl-disable-tcp-nodelay",
      "repl-diskless-load",
      "repl-diskless-sync",
      "repl-diskless-sync-delay",
      "repl-diskless-sync-max-replicas",
      "repl-ping-replica-period",
      "repl-ping-slave-period",
      "repl-timeout",
      "replica-announce-ip",
      "replica-announce-port",
      "replica-announced",
      "replica-ignore-disk-write-errors",
      "replica-ignore-maxmemory",
      "replica-lazy-flush",
      "replica-priority",
      "replica-read-only",
      "replica-serve-stale-data",
      "replicaof",
      "requirepass",
      "sanitize-dump-payload",
      "save",
      "server_cpulist",
      "set-max-intset-entries",
      "set-proc-title",
      "shutdown-on-sigint",
      "shutdown-on-sigterm",
      "shutdown-timeout",
      "slave-announce-ip",
      "slave-announce-port",
      "slave-ignore-maxmemory",
      "slave-lazy-flush",
      "slave-priority",
      "slave-read-only",
      "slave-serve-stale-data",
      "slaveof",
      "slowlog-log-slower-than",
      "slowlog-max-len",
      "socket-mark-id",
      "stop-writes-on-bgsave-error",
      "stream-node-max-bytes",
      "stream-node-max-entries",
      "supervised",
      "syslog-enabled",
      "syslog-facility",
      "syslog-ident",
      "tcp-backlog",
      "tcp-keepalive",
      "timeout",
      "tls-auth-clients",
      "tls-ca-cert-dir",
      "tls-ca-cert-file",
      "tls-cert-file",
      "tls-ciphers",
      "tls-ciphersuites",
      "tls-client-cert-file",
      "tls-client-key-file",
      "tls-client-key-file-pass",
      "tls-cluster",
      "tls-dh-params-file",
      "tls-key-file",
      "tls-key-file-pass",
      "tls-port",
      "tls-prefer-server-ciphers",
      "tls-protocols",
      "tls-replication",
      "tls-session-cache-size",
      "tls-session-cache-timeout",
      "tls-session-caching",
      "tracking-table-max-keys",
      "unixsocket",
      "unixsocketperm",
      "zset-max-listpack-entries",
      "zset-max-listpack-value",
      "zset-max-ziplist-entries",
      "zset-max-ziplist-value",
  };
  for (std::string_view name : kNames) EXPECT_NE(Config::FindRow(name), nullptr) << name;
  EXPECT_EQ(Config().Get("*").size(), std::size(kNames) + 6) << "Redis's, and six of our own";
  for (const char* name : {"sync-timeout", "unwritten-bytes-max", "aof-rewrite-bytes-per-second", "aof-disk-reserve",
                           "queue-policy", "aof-preallocate"}) {
    EXPECT_NE(Config::FindRow(name), nullptr) << name;
  }
}

TEST(Config, PromisesDurabilityOnLoopbackByDefault) {
  Config config;
  EXPECT_TRUE(config.Bool("appendonly"));
  EXPECT_EQ(config.String("appendfsync"), "always");
  EXPECT_EQ(config.Words("bind"), (std::vector<std::string>{"127.0.0.1", "-::1"}));
  EXPECT_EQ(config.Integer("port"), 6379);
  EXPECT_EQ(config.Integer("proto-max-bulk-len"), 512LL * 1024 * 1024);
  EXPECT_EQ(config.Integer("sync-timeout"), 60);
  EXPECT_EQ(config.ClientOutputLimits("normal").hard_bytes, 0);
  EXPECT_EQ(config.Printed("save"), "");
}

TEST(Config, FindsOptionsByAliasAndInAnyCase) {
  Config config;
  ASSERT_TRUE(config.Set("SLAVE-priority", "5").ok());
  EXPECT_EQ(config.Integer("replica-priority"), 5);
  EXPECT_EQ(Config::FindRow("Lua-Time-Limit")->name, "busy-reply-threshold");
  EXPECT_EQ(Config::FindRow("nope"), nullptr);
}

TEST(Config, ReadingAnUnknownNameOrAWrongTypeStopsTheProcess) {
  Config config;
  EXPECT_DEATH(config.Integer("nope"), "");
  EXPECT_DEATH(config.Integer("appendfsync"), "");
  EXPECT_DEATH(config.Bool("port"), "");
  EXPECT_DEATH(config.String("port"), "");
  EXPECT_DEATH(config.Words("logfile"), "");
}

TEST(Config, GetsByPatternInAnyCaseAndWithAliases) {
  using Found = std::map<std::string, std::string>;
  Config config;
  EXPECT_EQ(config.Get("MaxMemory*"), (Found{{"maxmemory", "0"},
                                             {"maxmemory-clients", "0"},
                                             {"maxmemory-eviction-tenacity", "10"},
                                             {"maxmemory-policy", "noeviction"},
                                             {"maxmemory-samples", "5"}}));
  EXPECT_EQ(config.Get("*-priority"), (Found{{"replica-priority", "100"}, {"slave-priority", "100"}}));
  EXPECT_EQ(config.Get("[m]axmemory"), (Found{{"maxmemory", "0"}}));
  EXPECT_EQ(config.Get("nope*"), Found{});
}

TEST(Config, GetsANameAsItWasSpelled) {
  using Found = std::map<std::string, std::string>;
  Config config;
  EXPECT_EQ(config.Get("MAXMEMORY"), (Found{{"MAXMEMORY", "0"}}));
  EXPECT_EQ(config.Get("max\\memory"), Found{});
  EXPECT_EQ(config.Get("include"), Found{});
}

TEST(Config, ACopyKeepsWhatWas) {
  Config config;
  const Config before = config;
  ASSERT_TRUE(config.Set("maxmemory", "1gb").ok());
  EXPECT_EQ(before.Integer("maxmemory"), 0);
  config = before;
  EXPECT_EQ(config.Integer("maxmemory"), 0);
}

TEST(Config, MakesTheDataDirectoryAbsolute) {
  Config config;
  EXPECT_TRUE(config.String("dir").starts_with('/'));
  ASSERT_TRUE(config.Set("dir", "/var/lib/../lib/./baton/").ok());
  EXPECT_EQ(config.String("dir"), "/var/lib/baton");
  ASSERT_TRUE(config.Set("dir", "/").ok());
  EXPECT_EQ(config.String("dir"), "/");
  ASSERT_TRUE(config.Set("dir", "sub").ok());
  EXPECT_EQ(config.String("dir"), Config().String("dir") + "/sub");
  EXPECT_FALSE(config.Set("dir", "").ok());
}

TEST(NearestName, FindsSlipsOfTheKeyboard) {
  std::vector<std::string_view> names;
  for (const OptionRow& row : Config::Rows()) names.push_back(row.name);
  EXPECT_EQ(NearestName("prot", names), "port");
  EXPECT_EQ(NearestName("appendfsnyc", names), "appendfsync");
  EXPECT_EQ(NearestName("append_only", names), "appendonly");
  EXPECT_EQ(NearestName("MAX-MEMORY", names), "maxmemory");
  EXPECT_EQ(NearestName("requirepas", names), "requirepass");
  EXPECT_EQ(NearestName("unwritten-byte-max", names), "unwritten-bytes-max");
}

TEST(NearestName, IsSilentWhenNothingIsNear) {
  std::vector<std::string_view> names = {"port", "bind"};
  EXPECT_EQ(NearestName("frobnicate", names), "");
  EXPECT_EQ(NearestName("x", names), "");
  EXPECT_EQ(NearestName("", names), "");
  EXPECT_EQ(NearestName(std::string(1'000'000, 'p'), names), "");
}

}  // namespace
}  // namespace baton
