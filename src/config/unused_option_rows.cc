// Every other option of redis-server 7.0.15. They are accepted, so that an existing redis.conf and existing set-up
// scripts work, checked as Redis checks them, and shown by CONFIG GET; each load says which of them were met and why
// they do nothing. Where doing nothing would cost the user what he asked for, all but the default is refused instead.

#include "config/option_checks.h"
#include "config/option_row.h"

namespace baton {
namespace {

using enum OptionType;

constexpr int64_t kInt32Max = INT32_MAX;

struct Group {
  std::string_view title;
  std::string_view reason;
};
constexpr Group kSnapshots = {"Snapshots (RDB files)", "there are no snapshot files: the log holds everything"};
constexpr Group kLog = {
    "Finer points of Redis's append-only file",
    "the log has no RDB preamble, never delays a sync because of a rewrite, writes its rewrites in small "
    "synced steps, and cleans up after itself"};
constexpr Group kFreeing = {"Freeing memory", "values are always freed in small slices, never in one go"};
constexpr Group kEviction = {"Eviction", "queues are never evicted"};
constexpr Group kEncodings = {
    "Encodings", "a list has one encoding that fits every size, and there are no other collections in this version"};
constexpr Group kUpkeep = {
    "Background upkeep",
    "there is no table that must be rehashed, no sweep for expired keys and no fork that would need it"};
constexpr Group kThreads = {"Threads and CPUs", "one loop thread serves all clients, and the scheduler places threads"};
constexpr Group kReplication = {"Replication", "there is no replication in this version"};
constexpr Group kCluster = {"Cluster", "there is no cluster mode in this version"};
constexpr Group kTls = {"TLS", "there is no TLS in this version"};
constexpr Group kTracking = {"Client tracking", "clients are not told of changes to what they have cached"};
constexpr Group kAcl = {"Access control lists", "there are no users but the default one in this version"};
constexpr Group kScripts = {"Scripts and modules", "there are no scripts and no modules in this version"};
constexpr Group kSystem = {"Ties to the operating system",
                           "left to the service manager, which does it for every service in the same way"};

constexpr OptionRow Unused(const Group& group, OptionType type, std::string_view name, std::string_view value) {
  OptionRow row;
  row.name = name;
  row.type = type;
  row.default_value = value;
  row.has_meaning = false;
  row.section = group.title;
  row.comment = group.reason;
  return row;
}
constexpr OptionRow YesNo(const Group& group, std::string_view name, std::string_view value) {
  return Unused(group, kBool, name, value);
}
constexpr OptionRow Number(const Group& group, std::string_view name, std::string_view value, int64_t min,
                           int64_t max) {
  OptionRow row = Unused(group, kInteger, name, value);
  row.min = min;
  row.max = max;
  return row;
}
constexpr OptionRow Bytes(const Group& group, std::string_view name, std::string_view value, int64_t min = 0) {
  OptionRow row = Unused(group, kBytes, name, value);
  row.min = min;
  return row;
}
constexpr OptionRow Choice(const Group& group, std::string_view name, std::string_view value,
                           std::string_view choices) {
  OptionRow row = Unused(group, kEnum, name, value);
  row.choices = choices;
  return row;
}
constexpr OptionRow Text(const Group& group, std::string_view name, std::string_view value = "") {
  return Unused(group, kString, name, value);
}
constexpr OptionRow Checked(OptionRow row, OptionCheck check) {
  row.check = check;
  return row;
}
constexpr OptionRow Alias(OptionRow row, std::string_view alias) {
  row.alias = alias;
  return row;
}
constexpr OptionRow Saturating(OptionRow row) {
  row.saturates = true;
  return row;
}
// CONFIG SET cannot change it in Redis either.
constexpr OptionRow Fixed(OptionRow row) {
  row.mutable_at_runtime = false;
  return row;
}
constexpr OptionRow Protected(OptionRow row) {
  row.is_protected = true;
  return row;
}
constexpr OptionRow Refused(OptionRow row, std::string_view why) {
  row.refusal = why;
  return row;
}

constexpr std::string_view kWhoMay = "no|yes|local";
constexpr std::string_view kFacilities = "user|local0|local1|local2|local3|local4|local5|local6|local7";

const OptionRow kRows[] = {
    Checked(Unused(kSnapshots, kWords, "save", ""), option_checks::SavePoints),
    Protected(Checked(Text(kSnapshots, "dbfilename", "dump.rdb"), option_checks::OptionalFileName)),
    YesNo(kSnapshots, "rdbcompression", "yes"),
    Fixed(YesNo(kSnapshots, "rdbchecksum", "yes")),
    YesNo(kSnapshots, "rdb-save-incremental-fsync", "yes"),
    YesNo(kSnapshots, "rdb-del-sync-files", "no"),
    YesNo(kSnapshots, "stop-writes-on-bgsave-error", "yes"),
    Choice(kSnapshots, "sanitize-dump-payload", "no", "no|yes|clients"),

    YesNo(kLog, "aof-use-rdb-preamble", "no"),
    YesNo(kLog, "aof-timestamp-enabled", "no"),
    YesNo(kLog, "aof-rewrite-incremental-fsync", "yes"),
    YesNo(kLog, "aof-disable-auto-gc", "no"),
    YesNo(kLog, "no-appendfsync-on-rewrite", "no"),

    YesNo(kFreeing, "lazyfree-lazy-eviction", "yes"),
    YesNo(kFreeing, "lazyfree-lazy-expire", "yes"),
    YesNo(kFreeing, "lazyfree-lazy-server-del", "yes"),
    YesNo(kFreeing, "lazyfree-lazy-user-del", "yes"),
    YesNo(kFreeing, "lazyfree-lazy-user-flush", "yes"),

    Number(kEviction, "maxmemory-samples", "5", 1, kInt32Max),
    Number(kEviction, "maxmemory-eviction-tenacity", "10", 0, 100),
    Checked(Text(kEviction, "maxmemory-clients", "0"), option_checks::MemoryOrPercent),
    Number(kEviction, "lfu-log-factor", "10", 0, kInt32Max),
    Number(kEviction, "lfu-decay-time", "1", 0, kInt32Max),

    Alias(Number(kEncodings, "list-max-listpack-size", "-2", INT32_MIN, kInt32Max), "list-max-ziplist-size"),
    Number(kEncodings, "list-compress-depth", "0", 0, kInt32Max),
    Alias(Number(kEncodings, "hash-max-listpack-entries", "512", 0, INT64_MAX), "hash-max-ziplist-entries"),
    Alias(Bytes(kEncodings, "hash-max-listpack-value", "64"), "hash-max-ziplist-value"),
    Number(kEncodings, "set-max-intset-entries", "512", 0, INT64_MAX),
    Alias(Number(kEncodings, "zset-max-listpack-entries", "128", 0, INT64_MAX), "zset-max-ziplist-entries"),
    Alias(Bytes(kEncodings, "zset-max-listpack-value", "64"), "zset-max-ziplist-value"),
    Bytes(kEncodings, "hll-sparse-max-bytes", "3000"),
    Bytes(kEncodings, "stream-node-max-bytes", "4kb"),
    Number(kEncodings, "stream-node-max-entries", "100", 0, INT64_MAX),

    YesNo(kUpkeep, "activerehashing", "yes"),
    Number(kUpkeep, "active-expire-effort", "1", 1, 10),
    Checked(Number(kUpkeep, "hz", "10", 0, kInt32Max), option_checks::Frequency),
    YesNo(kUpkeep, "dynamic-hz", "yes"),
    YesNo(kUpkeep, "activedefrag", "no"),
    Bytes(kUpkeep, "active-defrag-ignore-bytes", "100mb", 1),
    Number(kUpkeep, "active-defrag-threshold-lower", "10", 0, 1000),
    Number(kUpkeep, "active-defrag-threshold-upper", "100", 0, 1000),
    Number(kUpkeep, "active-defrag-cycle-min", "1", 1, 99),
    Number(kUpkeep, "active-defrag-cycle-max", "25", 1, 99),
    Number(kUpkeep, "active-defrag-max-scan-fields", "1000", 1, INT64_MAX),
    YesNo(kUpkeep, "jemalloc-bg-thread", "yes"),

    Fixed(Number(kThreads, "io-threads", "1", 1, 128)),
    Fixed(YesNo(kThreads, "io-threads-do-reads", "no")),
    Fixed(Text(kThreads, "server_cpulist")),
    Fixed(Text(kThreads, "bio_cpulist")),
    Fixed(Text(kThreads, "aof_rewrite_cpulist")),
    Fixed(Text(kThreads, "bgsave_cpulist")),

    Fixed(Refused(Alias(Checked(Unused(kReplication, kWords, "replicaof", ""), option_checks::ReplicaOf), "slaveof"),
                  "there is no replication in this version: only 'replicaof no one' is accepted")),
    Text(kReplication, "masteruser"),
    Text(kReplication, "masterauth"),
    Refused(Alias(Number(kReplication, "min-replicas-to-write", "0", 0, kInt32Max), "min-slaves-to-write"),
            "there is no replication in this version: no write could ever be accepted with a minimum above 0"),
    Alias(Number(kReplication, "min-replicas-max-lag", "10", 0, kInt32Max), "min-slaves-max-lag"),
    Alias(YesNo(kReplication, "replica-serve-stale-data", "yes"), "slave-serve-stale-data"),
    Alias(YesNo(kReplication, "replica-read-only", "yes"), "slave-read-only"),
    Alias(YesNo(kReplication, "replica-lazy-flush", "no"), "slave-lazy-flush"),
    Alias(YesNo(kReplication, "replica-ignore-maxmemory", "yes"), "slave-ignore-maxmemory"),
    YesNo(kReplication, "replica-ignore-disk-write-errors", "no"),
    YesNo(kReplication, "replica-announced", "yes"),
    Alias(Text(kReplication, "replica-announce-ip"), "slave-announce-ip"),
    Alias(Number(kReplication, "replica-announce-port", "0", 0, 65535), "slave-announce-port"),
    Alias(Number(kReplication, "replica-priority", "100", 0, kInt32Max), "slave-priority"),
    Alias(Number(kReplication, "repl-ping-replica-period", "10", 1, kInt32Max), "repl-ping-slave-period"),
    Number(kReplication, "repl-timeout", "60", 1, kInt32Max),
    Checked(Bytes(kReplication, "repl-backlog-size", "1mb", 1), option_checks::BacklogSize),
    Number(kReplication, "repl-backlog-ttl", "3600", 0, INT64_MAX),
    YesNo(kReplication, "repl-disable-tcp-nodelay", "no"),
    YesNo(kReplication, "repl-diskless-sync", "yes"),
    Number(kReplication, "repl-diskless-sync-delay", "5", 0, kInt32Max),
    Number(kReplication, "repl-diskless-sync-max-replicas", "0", 0, kInt32Max),
    Choice(kReplication, "repl-diskless-load", "disabled", "disabled|on-empty-db|swapdb"),
    Choice(kReplication, "propagation-error-behavior", "ignore", "ignore|panic|panic-on-replicas"),
    Number(kReplication, "shutdown-timeout", "10", 0, kInt32Max),
    Text(kReplication, "bind-source-addr"),

    Fixed(Refused(YesNo(kCluster, "cluster-enabled", "no"), "there is no cluster mode in this version")),
    Fixed(Text(kCluster, "cluster-config-file", "nodes.conf")),
    Fixed(Number(kCluster, "cluster-port", "0", 0, 65535)),
    Number(kCluster, "cluster-node-timeout", "15000", 0, INT64_MAX),
    Text(kCluster, "cluster-announce-ip"),
    Text(kCluster, "cluster-announce-hostname"),
    Number(kCluster, "cluster-announce-port", "0", 0, 65535),
    Number(kCluster, "cluster-announce-tls-port", "0", 0, 65535),
    Number(kCluster, "cluster-announce-bus-port", "0", 0, 65535),
    Choice(kCluster, "cluster-preferred-endpoint-type", "ip", "ip|hostname|unknown-endpoint"),
    YesNo(kCluster, "cluster-require-full-coverage", "yes"),
    YesNo(kCluster, "cluster-allow-reads-when-down", "no"),
    YesNo(kCluster, "cluster-allow-pubsubshard-when-down", "yes"),
    YesNo(kCluster, "cluster-allow-replica-migration", "yes"),
    Number(kCluster, "cluster-migration-barrier", "1", 0, kInt32Max),
    Saturating(Bytes(kCluster, "cluster-link-sendbuf-limit", "0")),
    Alias(YesNo(kCluster, "cluster-replica-no-failover", "no"), "cluster-slave-no-failover"),
    Alias(Number(kCluster, "cluster-replica-validity-factor", "10", 0, kInt32Max), "cluster-slave-validity-factor"),

    Refused(Number(kTls, "tls-port", "0", 0, 65535),
            "there is no TLS in this version: put a TLS proxy in front of the port, or use the Unix socket"),
    Refused(YesNo(kTls, "tls-cluster", "no"), "there is no TLS in this version"),
    Refused(YesNo(kTls, "tls-replication", "no"), "there is no TLS in this version"),
    Choice(kTls, "tls-auth-clients", "yes", "no|yes|optional"),
    Text(kTls, "tls-cert-file"),
    Text(kTls, "tls-key-file"),
    Text(kTls, "tls-key-file-pass"),
    Text(kTls, "tls-client-cert-file"),
    Text(kTls, "tls-client-key-file"),
    Text(kTls, "tls-client-key-file-pass"),
    Text(kTls, "tls-dh-params-file"),
    Text(kTls, "tls-ca-cert-file"),
    Text(kTls, "tls-ca-cert-dir"),
    Text(kTls, "tls-protocols"),
    Text(kTls, "tls-ciphers"),
    Text(kTls, "tls-ciphersuites"),
    YesNo(kTls, "tls-prefer-server-ciphers", "no"),
    YesNo(kTls, "tls-session-caching", "yes"),
    Number(kTls, "tls-session-cache-size", "20480", 0, kInt32Max),
    Number(kTls, "tls-session-cache-timeout", "300", 0, kInt32Max),

    Number(kTracking, "tracking-table-max-keys", "1000000", 0, INT64_MAX),

    Fixed(Refused(Text(kAcl, "aclfile"), "there are no users but the default one in this version: use requirepass")),
    Number(kAcl, "acllog-max-len", "128", 0, INT64_MAX),
    Choice(kAcl, "acl-pubsub-default", "resetchannels", "allchannels|resetchannels"),

    Alias(Number(kScripts, "busy-reply-threshold", "5000", 0, INT64_MAX), "lua-time-limit"),
    Fixed(Choice(kScripts, "enable-module-command", "no", kWhoMay)),

    Fixed(YesNo(kSystem, "syslog-enabled", "no")),
    Fixed(Text(kSystem, "syslog-ident", "redis")),
    Fixed(Choice(kSystem, "syslog-facility", "local0", kFacilities)),
    Choice(kSystem, "oom-score-adj", "no", "no|yes|relative|absolute"),
    Checked(Unused(kSystem, kWords, "oom-score-adj-values", "0 200 800"), option_checks::OomScores),
    Fixed(YesNo(kSystem, "disable-thp", "yes")),
    Fixed(Number(kSystem, "socket-mark-id", "0", 0, UINT32_MAX)),
    Fixed(YesNo(kSystem, "set-proc-title", "yes")),
    Text(kSystem, "proc-title-template", "{title} {listen-addr} {server-mode}"),
    Fixed(YesNo(kSystem, "always-show-logo", "no")),
    YesNo(kSystem, "crash-log-enabled", "yes"),
    YesNo(kSystem, "crash-memcheck-enabled", "yes"),
    Text(kSystem, "ignore-warnings"),
    Checked(Unused(kSystem, kWords, "shutdown-on-sigint", "default"), option_checks::ShutdownWords),
    Checked(Unused(kSystem, kWords, "shutdown-on-sigterm", "default"), option_checks::ShutdownWords),
};

}  // namespace

std::span<const OptionRow> UnusedOptionRows() { return kRows; }

}  // namespace baton
