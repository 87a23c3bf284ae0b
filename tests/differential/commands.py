"""The commands that the streams are made of. A new command is one row.

A row: the command's words (a subcommand's are two), how often it is drawn, its arguments (grammar.py), and what may
differ between the two servers' replies (compare.py); `exact` when left out. Errors are always compared exactly.
"""

from dataclasses import dataclass

from grammar import TIMES, compile_syntax


@dataclass(frozen=True)
class Row:
    name: str
    weight: float
    syntax: str = ""
    compare: str = "exact"
    waits: bool = False  # may leave the reply for later
    spoil: bool = True  # may be drawn with spoiled arguments

    def words(self):
        return self.name.upper().encode().split()


ROWS = [
    # lists
    Row("lpush", 9, "list value+"),
    Row("rpush", 9, "list value+"),
    Row("lpushx", 2, "list value+"),
    Row("rpushx", 2, "list value+"),
    Row("lpop", 4, "list [count]"),
    Row("rpop", 4, "list [count]"),
    Row("llen", 2, "list"),
    Row("lrange", 4, "list index index"),
    Row("lindex", 3, "list index"),
    Row("linsert", 4, "list (BEFORE | AFTER) element value"),
    Row("lset", 4, "list index value"),
    Row("lrem", 5, "list index element"),
    Row("ltrim", 1.5, "list index index"),
    Row("lpos", 5, "list element <[RANK index] [COUNT count] [MAXLEN count]>"),
    Row("lmove", 4, "list list (LEFT | RIGHT) (LEFT | RIGHT)"),
    Row("rpoplpush", 4, "list list"),
    Row("lmpop", 4, "(1 list | 2 list list | 3 list list list | positive list list) (LEFT | RIGHT) [COUNT positive]"),
    Row("blpop", 3, "list+ timeout", waits=True),
    Row("brpop", 3, "list+ timeout", waits=True),
    Row("blmove", 3, "list list (LEFT | RIGHT) (LEFT | RIGHT) timeout", waits=True),
    Row("brpoplpush", 3, "list list timeout", waits=True),
    Row("blmpop", 3, "timeout (1 list | 2 list list | positive list list) (LEFT | RIGHT) [COUNT positive]", waits=True),
    # keys
    Row("del", 1.5, "key+"),
    Row("unlink", 1, "key+"),
    Row("exists", 2, "key+"),
    Row("type", 2, "key"),
    Row("touch", 1, "key+"),
    Row("expire", 2, "key seconds [NX | XX | GT | LT | NX XX | GT LT | NX GT]"),
    Row("pexpire", 2, "key milliseconds [NX | XX | GT | LT]"),
    Row("expireat", 2, "key (unix_seconds | unix_seconds | unix_seconds | past) [NX | XX | GT | LT | XX GT]"),
    Row("pexpireat", 2, "key (unix_milliseconds | unix_milliseconds | unix_milliseconds | past) [NX | XX | GT | LT]"),
    Row("ttl", 2, "key", "near"),
    Row("pttl", 2, "key", "near"),
    Row("expiretime", 1, "key", "near"),
    Row("pexpiretime", 1, "key", "near"),
    Row("persist", 2, "key"),
    Row("rename", 2, "key key"),
    Row("renamenx", 2, "key key"),
    Row("copy", 3, "key key <[DB db] [REPLACE]>"),
    Row("move", 2, "key db"),
    Row("keys", 1, "pattern", "unordered"),
    Row("scan", 1, "cursor <[MATCH pattern] [COUNT positive] [TYPE (string | list | hash | nosuch)]>", "scan"),
    Row("randomkey", 1, "", "some_key"),
    Row("object encoding", 2, "key"),
    # Redis shares small numbers, but not copied ones, and counts the words of a queued SET until EXEC is over.
    Row("object refcount", 1, "key", "refcount"),
    Row("object idletime", 1, "key", "near"),
    Row("object freq", 0.5, "key"),
    Row("object help", 0.1, "", "help"),
    Row("dbsize", 1),
    Row("flushdb", 0.15, "[ASYNC | SYNC]"),
    Row("flushall", 0.15, "[ASYNC | SYNC]"),
    # SWAPDB is played by a scenario: when it feeds a client that waits for two keys, redis picks one by hash order.
    Row("select", 1, "db"),
    # strings
    Row(
        "set",
        6,
        "text value <[NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix_seconds | PXAT unix_milliseconds"
        " | KEEPTTL]>",
    ),
    Row("set", 2, "number_key integer"),
    Row("set", 0.5, "list value"),
    Row("get", 3, "text"),
    Row("getdel", 1, "text"),
    Row("getex", 2, "text [EX seconds | PX milliseconds | EXAT unix_seconds | PXAT unix_milliseconds | PERSIST]"),
    Row("getset", 2, "text value"),
    Row("setnx", 2, "text value"),
    Row("setex", 2, "text seconds value"),
    Row("psetex", 2, "text milliseconds value"),
    Row("mset", 2, "(text value)+"),
    Row("msetnx", 1.5, "(text value)+"),
    Row("mget", 2, "key+"),
    Row("append", 2, "text value"),
    Row("strlen", 2, "text"),
    Row("setrange", 2, "text offset value"),
    Row("getrange", 2, "text index index"),
    Row("substr", 1, "text index index"),
    Row("incr", 2, "number_key"),
    Row("decr", 2, "number_key"),
    Row("incrby", 2, "number_key integer"),
    Row("decrby", 2, "number_key integer"),
    Row("incrbyfloat", 3, "number_key double"),
    # transactions
    Row("multi", 3),
    Row("exec", 4, "", "transaction"),
    Row("discard", 0.7),
    Row("watch", 2, "key+"),
    Row("unwatch", 0.7),
    # connections
    Row("ping", 1.5, "[message]"),
    Row("echo", 1, "message"),
    Row("auth", 0.4, "([word] word | default word)"),
    Row(
        "hello",
        1.6,
        "[2 | 3 | 3 | count | 3 SETNAME | (2 | 3) <[SETNAME client_name] [AUTH (default | word) word]>]",
        "hello",
    ),
    Row("quit", 0.1),
    Row("reset", 0.6),
    Row("client id", 0.5, "", "shape"),
    Row("client info", 0.5, "", "client_line"),
    Row(
        "client list",
        0.5,
        "[TYPE (normal | replica | pubsub | nosuch) | ID client_id | ID client_id client_id | ID word]",
        "client_list",
    ),
    Row("client getname", 1),
    Row("client setname", 1, "client_name"),
    Row(
        "client kill",
        0.4,
        "(client_address | ID client_id | ID client_id SKIPME (yes | no) | ADDR client_address | TYPE pubsub"
        " | ID 1000000 TYPE normal | <ID client_id ADDR client_address [TYPE normal] [USER default] [LADDR word]>)",
        spoil=False,
    ),
    Row(
        "client kill",
        0.3,
        "(word | ID word | TYPE word | NOSUCH yes | ID 1000000 SKIPME word | USER nosuch | ADDR word)",
        spoil=False,
    ),
    Row("client no-evict", 0.3, "(on | off | word)"),
    Row("client unblock", 2.5, "client_id [TIMEOUT | ERROR | word]"),
    Row("client unpause", 0.2),
    Row("client pause", 0.2, "(word ALL ALL | abc | -1 | 0 NOSUCH)", spoil=False),
    Row("client reply", 0.1, "(ON | NOSUCH)", spoil=False),
    Row("client getredir", 0.1),
    Row("client trackinginfo", 0.1),
    Row("client caching", 0.1, "(YES | NO | word)"),
    Row("client tracking", 0.1, "(OFF | word | OFF BCAST)", spoil=False),
    Row("client help", 0.05, "", "help"),
    Row("client nosuch", 0.2, "[word]"),
    # messages; who listens does so in LISTENING_ROWS
    Row("publish", 2, "channel message"),
    Row("spublish", 0.5, "channel message"),
    Row("pubsub channels", 0.4, "[channel_pattern | *]", "unordered"),
    Row("pubsub shardchannels", 0.2, "[channel_pattern]", "unordered"),
    Row("pubsub numsub", 0.3, "[channel+]"),
    Row("pubsub shardnumsub", 0.2, "[channel+]"),
    Row("pubsub numpat", 0.2),
    Row("pubsub help", 0.05, "", "help"),
    Row("pubsub nosuch", 0.1, "[word]"),
    # looking around
    Row("command", 0.05, "", "shape", spoil=False),
    Row("command count", 0.1, "", "shape", spoil=False),
    Row(
        "command list",
        0.1,
        "[FILTERBY (PATTERN lpush* | PATTERN config* | PATTERN word | NOSUCH x | MODULE word | ACLCAT word"
        " | ACLCAT (keyspace | list | string | connection | transaction | blocking | dangerous | fast | write))]",
        "command_names",
    ),
    Row("command info", 0.5, "command_name+", "command_info", spoil=False),
    Row("command docs", 0.2, "command_name+", "command_docs", spoil=False),
    Row(
        "command getkeys",
        0.7,
        "(LPUSH key value | BLMOVE key key LEFT LEFT 0 | MSET (key value)+ | GET key | BLPOP key+ 0"
        " | LMPOP positive key key LEFT | BLMPOP 0 2 key key LEFT | SET key value | COPY key key | PING | word word"
        " | OBJECT ENCODING key | GET | DEL key+)",
        spoil=False,
    ),
    Row("command help", 0.05, "", "help"),
    Row("command nosuch", 0.1),
    Row("config get", 0.5, "option_pattern+", "config"),
    Row(
        "config set",
        0.3,
        "(unknown_option word | slowlog-max-len (128 | abc | -1) | maxclients | hz (10 | abc)"
        " | timeout (-1 | 0 | abc) | maxmemory (0 | 1x) | appendfsync nosuch | loglevel nosuch"
        " | slowlog-max-len 128 slowlog-max-len 127 | port 1 nosuch 2)",
        spoil=False,
    ),
    Row("config resetstat", 0.2),
    Row("config rewrite", 0.2),
    Row("config help", 0.05, "", "help"),
    Row("config nosuch", 0.1, "[word]"),
    Row(
        "info",
        0.3,
        "[server | clients | MEMORY | persistence | stats | replication | cpu | keyspace | nosuch | all"
        " | default | everything | clients Stats | commandstats | errorstats]",
        "info",
        spoil=False,
    ),
    Row("slowlog len", 0.3, "", "shape"),
    Row("slowlog get", 0.2, "[count]", "slowlog"),
    Row("slowlog reset", 0.2),
    Row("slowlog help", 0.05, "", "help"),
    Row("slowlog nosuch", 0.1),
    Row("memory usage", 0.5, "key [SAMPLES count]", "shape"),
    Row("memory doctor", 0.05, "", "shape"),
    Row("memory stats", 0.05, "", "shape", spoil=False),
    Row("memory malloc-stats", 0.05, "", "shape"),
    Row("memory purge", 0.05),
    Row("lolwut", 0.05, "[VERSION word]", "shape"),
    Row("time", 0.5, "", "shape"),
    Row("role", 0.1),
    Row("readonly", 0.1),
    Row("readwrite", 0.1),
    Row("asking", 0.1),
    Row("cluster", 0.1, "(INFO | SLOTS | NODES | MYID | KEYSLOT key)", spoil=False),
    Row("latency latest", 0.1, "", "shape"),
    Row("latency history", 0.1, "word"),
    Row("latency reset", 0.1, "[word]", "shape"),
    Row("latency graph", 0.1, "word"),
    Row("latency doctor", 0.05, "", "shape"),
    Row("latency histogram", 0.1, "command_name+", "shape"),
    Row("latency help", 0.05, "", "help"),
    Row("latency nosuch", 0.1),
    Row("object nosuch", 0.1, "[key]"),
    Row("memory nosuch", 0.1),
    Row("command getkeysandflags", 0.2, "(LPUSH key value | GET key | LMOVE key key LEFT LEFT | PING | word)", "shape"),
    Row("wait", 0.3, "0 0", spoil=False),
    Row("wait", 0.3, "(0 abc | abc 0 | 0 -1 | 1)", spoil=False),
    Row("debug sleep", 0.2, "0", spoil=False),
    Row("debug object", 0.3, "key", "shape"),
    Row("debug reload", 0.05, spoil=False),
    Row("debug nosuch", 0.1, "[word]", spoil=False),
    Row("shutdown", 0.1, "(NOSUCH | SAVE NOSAVE | ABORT | ABORT NOW | NOSAVE SAVE NOW)", spoil=False),
    # what nobody knows
    Row("", 0.5, "unknown word+"),
    Row("", 0.2, "(lpush | GET | bLpOp | linsert | Set | exec | incrbyfloat | copy | multi | brpoplpush)"),
]

# Of connections that only listen. No transactions: what a client is told in the middle of one stands in the middle of
# the reply. Scenes play them. No QUIT: without a reply redis-server does not close.
LISTENING_ROWS = [
    Row("subscribe", 5, "channel+"),
    Row("psubscribe", 5, "channel_pattern+"),
    Row("ssubscribe", 2, "channel+"),
    Row("unsubscribe", 2, "[channel+]"),
    Row("punsubscribe", 1, "[channel_pattern+]"),
    Row("sunsubscribe", 1, "[channel+]"),
    Row("ping", 2, "[message]"),
    Row("publish", 2, "channel message"),
    Row("spublish", 1, "channel message"),
    Row("hello", 1.5, "(2 | 3)", "hello"),
    Row("set", 1, "text value"),
    Row("lpush", 1, "list value"),
    Row("get", 1, "text"),
    Row("mget", 1, "text+"),
    Row("client reply", 0.5, "(ON | ON | SKIP | OFF)"),
    Row("reset", 0.7),
]

# Those that COMMAND tells of.
UNLISTED = (b"CLUSTER", b"READONLY", b"READWRITE", b"ASKING")
LISTED_ROWS = [row for row in [*ROWS, *LISTENING_ROWS] if row.name and row.words()[0] not in UNLISTED]
COMMAND_NAMES = [b"|".join(row.words()).lower() for row in LISTED_ROWS]

MAKERS = {id(row): compile_syntax(row.syntax) for row in [*ROWS, *LISTENING_ROWS]}
NAMES_TIMES = {
    id(row): any(time in row.syntax.replace("|", " ").replace("]", " ").replace(">", " ").split() for time in TIMES)
    for row in [*ROWS, *LISTENING_ROWS]
}

_by_words = {}
for _row in [*ROWS, *LISTENING_ROWS]:
    _by_words.setdefault(tuple(word.lower() for word in _row.words()), _row)
_containers = {words[0] for words in _by_words if len(words) == 2}
_fallback = Row("unknown", 0)


def row_of(words):
    """The row by which the reply to these words is compared."""
    name = words[0].lower() if isinstance(words[0], bytes) else b""
    if name in _containers and len(words) > 1 and isinstance(words[1], bytes):
        return _by_words.get((name, words[1].lower()), _fallback)
    return _by_words.get((name,), _fallback)


def draw(rng, row, spoil_share):
    """Words of one command from a row."""
    from grammar import spoil

    words = row.words() + MAKERS[id(row)](rng)
    if row.spoil and rng.random() < spoil_share:
        words = spoil(rng, words, NAMES_TIMES[id(row)])
    if words and isinstance(words[0], bytes):
        words[0] = rng.choice((words[0], words[0].lower(), words[0].title())) if rng.random() < 0.3 else words[0]
    return words
