// The options that mean something in Baton, in the order of conf/baton.conf. A new option is one row here.

#include "config/option_checks.h"
#include "config/option_row.h"
#include "config/option_value.h"

namespace baton {
namespace {

using enum OptionType;

constexpr std::string_view kNetwork = "Network";
constexpr std::string_view kAccess = "Access";
constexpr std::string_view kDurability = "Durability: what an OK means";
constexpr std::string_view kFiles = "Files of the log";
constexpr std::string_view kMemory = "Memory and limits";
constexpr std::string_view kProcess = "Process and its log";
constexpr std::string_view kWatching = "Watching the server";
constexpr std::string_view kQueues = "Queues";

constexpr int64_t kInt32Max = INT32_MAX;
constexpr int64_t kMiB = 1024 * 1024;

const OptionRow kRows[] = {
    {.name = "bind",
     .type = kWords,
     .default_value = "127.0.0.1 -::1",
     .check = option_checks::BindAddresses,
     .mutable_at_runtime = false,
     .fixed_only_here = true,
     .section = kNetwork,
     .comment = "The addresses to listen on, at most 16: IPv4, IPv6, or * and ::* for every interface. An address "
                "with a '-' before it may be missing on this machine; one without must be there. The default is "
                "reachable from this machine only. Name the address of a network card to let others in, and set a "
                "password first."},
    {.name = "port",
     .type = kInteger,
     .default_value = "6379",
     .max = 65535,
     .mutable_at_runtime = false,
     .fixed_only_here = true,
     .section = kNetwork,
     .comment = "The TCP port. 0 listens on no TCP port at all (then set unixsocket). The default is the port "
                "every Redis client tries first; change it when a Redis server runs on the same machine."},
    {.name = "tcp-backlog",
     .type = kInteger,
     .default_value = "511",
     .max = kInt32Max,
     .mutable_at_runtime = false,
     .section = kNetwork,
     .comment = "How many new connections may wait in the kernel until they are accepted. The kernel cuts it down "
                "to /proc/sys/net/core/somaxconn; raise both when thousands of clients connect in the same second."},
    {.name = "unixsocket",
     .type = kString,
     .mutable_at_runtime = false,
     .section = kNetwork,
     .comment = "Also listen on this Unix socket: less work per request for clients on the same machine. Empty: "
                "none.",
     .example = "/run/baton/baton.sock"},
    {.name = "unixsocketperm",
     .type = kOctal,
     .default_value = "0",
     .max = 0777,
     .mutable_at_runtime = false,
     .section = kNetwork,
     .comment = "The file mode of the Unix socket, as chmod takes it (700: the server's user only; 770: its group "
                "too). 0 leaves what the umask gives."},
    {.name = "timeout",
     .type = kInteger,
     .default_value = "0",
     .max = kInt32Max,
     .section = kNetwork,
     .comment = "Close a connection on which nothing happened for this many seconds; 0 never does. Clients that "
                "wait in a blocking command do not count as idle. Set it when clients vanish without closing, or "
                "leak connections."},
    {.name = "tcp-keepalive",
     .type = kInteger,
     .default_value = "300",
     .max = kInt32Max,
     .section = kNetwork,
     .comment = "Ask silent peers for a sign of life after this many seconds, so that machines that died are "
                "noticed and middle boxes keep the connection open; 0 does not ask. Lower it when a load balancer "
                "drops idle connections sooner."},
    {.name = "maxclients",
     .type = kInteger,
     .default_value = "10000",
     .min = 1,
     .max = UINT32_MAX,
     .section = kNetwork,
     .comment = "How many clients may be connected at once; the next one gets an error and is closed. Each needs a "
                "file descriptor: raise the limit of the process (ulimit -n, LimitNOFILE) along with it."},

    {.name = "protected-mode",
     .type = kBool,
     .default_value = "yes",
     .section = kAccess,
     .comment = "While no password is set, refuse clients from other machines even if bind lets them in. Leave it "
                "on: a queue that answers the whole network to anyone has been an accident every time."},
    {.name = "requirepass",
     .type = kString,
     .section = kAccess,
     .comment = "The password that clients give with AUTH or HELLO before anything else. Empty: none is asked for. "
                "Make it long and random, for it can be tried thousands of times a second. Clients that were "
                "connected when it is set stay in.",
     .example = "a-long-random-password"},
    {.name = "enable-protected-configs",
     .type = kEnum,
     .default_value = "no",
     .choices = "no|yes|local",
     .mutable_at_runtime = false,
     .section = kAccess,
     .comment = "Whether CONFIG SET may change options that name files: never (no), for everyone (yes), or for "
                "clients on this machine (local)."},
    {.name = "enable-debug-command",
     .type = kEnum,
     .default_value = "no",
     .choices = "no|yes|local",
     .mutable_at_runtime = false,
     .section = kAccess,
     .comment = "Whether the DEBUG command works: never (no), for everyone (yes), or for clients on this machine "
                "(local). It can stop the server; tests need it, production does not."},

    {.name = "appendonly",
     .type = kBool,
     .default_value = "yes",
     .mutable_at_runtime = false,
     .fixed_only_here = true,
     .section = kDurability,
     .comment = "Keep every change in the log and load it at the next start. With no, nothing at all is kept: an "
                "OK then means \"in memory\", and everything is gone when the process ends. That is for tests and "
                "caches."},
    {.name = "appendfsync",
     .type = kEnum,
     .default_value = "always",
     .choices = "everysec|always|no",
     .section = kDurability,
     .comment = "When an answer may go out, which is what an OK means:\n"
                "always: the change is on the disk. It was written and synced (fdatasync) before its OK was sent, "
                "so it survives kill -9, a crash of the kernel and a power cut, as long as the disk keeps what it "
                "said it has stored. Many clients share one sync; an answer waits for about one sync time of the "
                "disk.\n"
                "everysec: the change was handed to the operating system. It survives the end of the process, kill "
                "-9 included. A power cut or a crash of the kernel may take the last acknowledgements, at most two "
                "seconds of them: when the disk stalls for longer, answers wait.\n"
                "no: as everysec, but the operating system alone decides when it writes (Linux: commonly within 30 "
                "seconds). A power cut may take everything since then.\n"
                "What clients are shown waits in the same way: nobody reads a change that could still be taken "
                "back further than the policy allows. Choose everysec where a resent or lost job after a power cut "
                "costs less than the wait, which matters most on spinning or networked disks."},
    {.name = "sync-timeout",
     .type = kTime,
     .default_value = "60",
     .min = 1,
     .max = kInt32Max,
     .section = kDurability,
     .comment = "How long an answer may wait for its sync. After that its connection is closed, without an answer: "
                "whether the change survives is not known, and an error would claim that it does not. Lower it "
                "when clients should turn to another server sooner than a stalled disk recovers."},
    {.name = "unwritten-bytes-max",
     .type = kBytes,
     .default_value = "64mb",
     .min = kMiB,
     .section = kDurability,
     .comment = "How many bytes of the log may wait to be written, and of answers to be sent, before the server "
                "stops reading from clients that write. It bounds the memory that a stalled disk can cost; raise "
                "it to ride out longer stalls without holding clients up."},
    {.name = "aof-load-truncated",
     .type = kBool,
     .default_value = "yes",
     .section = kDurability,
     .comment = "Start when the newest file of the log ends in the middle of a change, as it does after a power "
                "cut: the rest is cut off, kept beside it in a .cut file, and reported. With no, the server "
                "refuses to start and an operator decides. Damage in what was known to be on the disk always "
                "refuses to start."},
    {.name = "auto-aof-rewrite-percentage",
     .type = kInteger,
     .default_value = "100",
     .max = kInt32Max,
     .section = kDurability,
     .comment = "Rewrite the log, so that it holds only what is still queued, once it has grown by this many "
                "percent since the last rewrite, or once what was consumed takes this many percent of the space that "
                "the rest takes. 0 never does it by itself (BGREWRITEAOF still does). Lower it to save disk space and "
                "loading time, raise it to save writing."},
    {.name = "auto-aof-rewrite-min-size",
     .type = kBytes,
     .default_value = "64mb",
     .section = kDurability,
     .comment = "Below this size the log is not rewritten, however much it grew."},
    {.name = "aof-rewrite-bytes-per-second",
     .type = kBytes,
     .default_value = "64mb",
     .section = kDurability,
     .comment = "How fast a rewrite may write, so that it leaves the disk to the clients; 0 for as fast as it can. Lower "
                "it on a disk that has little to spare. It applies at once, also to a rewrite that is under way."},
    {.name = "aof-preallocate",
     .type = kBytes,
     .default_value = "16mb",
     .section = kDurability,
     .comment = "Under appendfsync always, give the log's files room of this size before there is anything to write: "
                "syncs take about half the time then, and every byte is written twice. 0 lets files grow with what is "
                "written, which is better on file systems that never write in place (btrfs, ZFS)."},
    {.name = "aof-disk-reserve",
     .type = kBytes,
     .default_value = "16mb",
     .section = kDurability,
     .comment = "Refuse what adds data while the disk of the log has less room than a rewrite needs plus this much (or "
                "plus an eighth of the data, if that is more). Consumers can go on, and the rewrite then gives space "
                "back. When the free space comes near to that, room for both is put by in a file in the log directory, "
                "which others cannot take. 0 does not look at the free space."},

    {.name = "dir",
     .type = kString,
     .default_value = "./",
     .check = option_checks::Directory,
     .mutable_at_runtime = false,
     .fixed_only_here = true,
     .is_protected = true,
     .section = kFiles,
     .comment = "The data directory; it must exist. A relative one counts from where the server was started."},
    {.name = "appenddirname",
     .type = kString,
     .default_value = "appendonlydir",
     .check = option_checks::FileName,
     .mutable_at_runtime = false,
     .section = kFiles,
     .comment = "The folder in it that holds the log: a manifest, a base file and the changes since. It has the "
                "layout of Redis 7, and a Redis server loads it."},
    {.name = "appendfilename",
     .type = kString,
     .default_value = "appendonly.aof",
     .check = option_checks::FileName,
     .mutable_at_runtime = false,
     .section = kFiles,
     .comment = "What the names of the files in that folder begin with. After a change, the old files are not "
                "found again."},

    {.name = "maxmemory",
     .type = kBytes,
     .default_value = "0",
     .saturates = true,
     .section = kMemory,
     .comment = "Refuse commands that would grow the data once it takes this much memory (the error begins with "
                "OOM); moves, pops and acknowledgements always pass, so a full server can be drained. 0: no limit, "
                "and then the kernel decides when memory ends. What clients have sent and not yet read comes on "
                "top: leave them, and the system, a quarter of the machine."},
    {.name = "maxmemory-policy",
     .type = kEnum,
     .default_value = "noeviction",
     .choices =
         "volatile-lru|volatile-lfu|volatile-random|volatile-ttl|allkeys-lru|allkeys-lfu|allkeys-random|noeviction",
     .refusal = "queues are never evicted: only noeviction is allowed",
     .section = kMemory,
     .comment = "What happens at maxmemory. Only noeviction is allowed: a queue that drops messages to make room "
                "would break its promise."},
    {.name = "databases",
     .type = kInteger,
     .default_value = "16",
     .min = 1,
     .max = kInt32Max,
     .mutable_at_runtime = false,
     .section = kMemory,
     .comment = "How many databases SELECT can choose from, numbered from 0. Keys of the same name in different "
                "ones have nothing to do with each other."},
    {.name = "proto-max-bulk-len",
     .type = kBytes,
     .default_value = "512mb",
     .min = kMiB,
     .max = 4095 * kMiB,
     .section = kMemory,
     .comment = "The largest single argument of a command, hence the largest message. Lower it to protect the "
                "server from mistaken uploads."},
    {.name = "client-query-buffer-limit",
     .type = kBytes,
     .default_value = "1gb",
     .min = kMiB,
     .section = kMemory,
     .comment = "The most that one client may have sent without it being a complete command; beyond that it is "
                "disconnected."},
    {.name = "client-output-buffer-limit",
     .type = kWords,
     .default_value = "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
     .check = option_checks::BufferLimits,
     .section = kMemory,
     .comment = "Disconnect a client that does not read its answers: class, hard limit, soft limit, seconds. At "
                "the hard limit at once, above the soft limit after that many seconds; 0 is no limit. The class "
                "pubsub is who is subscribed to something, and normal every other client; slave, which may be written "
                "replica, is kept for tools that set it. Several classes may stand on one line or on several."},

    {.name = "daemonize",
     .type = kBool,
     .default_value = "no",
     .mutable_at_runtime = false,
     .section = kProcess,
     .comment = "Go to the background after the start. Not needed under systemd, in containers, or in a terminal."},
    {.name = "supervised",
     .type = kEnum,
     .default_value = "no",
     .choices = "upstart|systemd|auto|no",
     .mutable_at_runtime = false,
     .section = kProcess,
     .comment = "Tell the supervisor when the data is loaded and clients are served: systemd (a unit of "
                "Type=notify), auto (when the environment names one), or no. upstart is accepted and does nothing."},
    {.name = "pidfile",
     .type = kString,
     .mutable_at_runtime = false,
     .section = kProcess,
     .comment = "Write the process id into this file, and remove it at the end. Empty: none, or /var/run/baton.pid "
                "when daemonize is on.",
     .example = "/run/baton/baton.pid"},
    {.name = "loglevel",
     .type = kEnum,
     .default_value = "notice",
     .choices = "debug|verbose|notice|warning",
     .section = kProcess,
     .comment = "The least important lines to write: debug (for developers), verbose (every connection and "
                "setting), notice (what an operator wants to know), warning (what an operator must know)."},
    {.name = "logfile",
     .type = kString,
     .mutable_at_runtime = false,
     .section = kProcess,
     .comment = "Append log lines to this file. Empty: standard output, where systemd and containers pick them up.",
     .example = "/var/log/baton/baton.log"},

    {.name = "slowlog-log-slower-than",
     .type = kInteger,
     .default_value = "10000",
     .min = -1,
     .section = kWatching,
     .comment = "Remember commands that took longer than this many microseconds, for SLOWLOG GET. 0 remembers all, "
                "-1 none. The time is that of the command itself: waiting for a sync or for an element does not "
                "count."},
    {.name = "slowlog-max-len",
     .type = kInteger,
     .default_value = "128",
     .section = kWatching,
     .comment = "How many of them are remembered; the oldest go first."},
    {.name = "latency-monitor-threshold",
     .type = kInteger,
     .default_value = "0",
     .section = kWatching,
     .comment = "Remember commands that took this many milliseconds or longer, for LATENCY HISTORY and LATENCY "
                "DOCTOR. 0 does not look. 100 is a good first value when clients report pauses."},
    {.name = "latency-tracking",
     .type = kBool,
     .default_value = "yes",
     .section = kWatching,
     .comment = "Keep a histogram of execution times per command, for LATENCY HISTOGRAM and INFO latencystats."},
    {.name = "latency-tracking-info-percentiles",
     .type = kWords,
     .default_value = "50 99 99.9",
     .check = option_checks::Percentiles,
     .section = kWatching,
     .comment = "Which percentiles of it INFO latencystats shows: numbers from 0 to 100, or none."},
    {.name = "notify-keyspace-events",
     .type = kString,
     .check = option_checks::EventClasses,
     .shown = option_checks::EventClassesShown,
     .section = kWatching,
     .comment = "Publish what happens to keys: letters for where to and of what. K: to __keyspace@<db>__:<key>, E: to "
                "__keyevent@<db>__:<event>; g: commands of any type, $: strings, l: lists, x: keys whose time is up, n: "
                "keys that have come to be, m: keys that were looked for in vain, A: all of these but n and m. s, h, z, "
                "t, e and d are known, but concern nothing here. A change is told of when it is as safe as its reply. "
                "Empty publishes nothing, and costs nothing.",
     .example = "KEA"},
    {.name = "queue-policy",
     .type = kWords,
     .check = option_checks::QueuePolicies,
     .shown = WordsInQuotes,
     .mutable_at_runtime = false,
     .section = kQueues,
     .comment = "A policy for queues, in the words of QPOLICY SET; one line for each. Set again at every start: a policy "
                "of the same name that was set with QPOLICY SET is replaced.",
     .example = "mail MATCH mail PROCESSING backup VISIBILITY 60000 MAXDELIVER 5 DEADLETTER mail:dead"},
};

}  // namespace

std::span<const OptionRow> UsedOptionRows() { return kRows; }

}  // namespace baton
