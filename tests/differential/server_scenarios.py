"""Scenes about the server as a whole: its limits, what it counts and what it remembers of its clients' commands."""

from commands import COMMAND_NAMES, LISTED_ROWS, draw
from grammar import ELEMENTS, RAW
from scenarios import A, B, fresh, lists, send
from steps import Close, Raw

# Drawn from where every kind of change, and a few that change nothing, should be tried. {} is a list.
CHANGES = [
    "LPUSH {} x",
    "RPUSH {} x y",
    "LPUSHX {} x",
    "RPUSHX absent x",
    "LINSERT {} BEFORE a x",
    "LSET {} 0 x",
    "LREM {} 1 a",
    "LTRIM {} 0 100",
    "LPOP {}",
    "RPOP {} 1",
    "LMPOP 1 {} LEFT",
    "LRANGE {} 0 -1",
    "LPOS {} a",
    "SET s:0 w",
    "SET s:0 w GET",
    "SET absent w XX",
    "SETNX s:1 w",
    "SETEX s:1 5000000 w",
    "PSETEX s:1 5000000000 w",
    "GETSET s:1 w",
    "GETDEL s:1",
    "GETEX s:0 PERSIST",
    "MSET s:1 a s:2 b",
    "MSETNX s:1 a s:3 b",
    "APPEND s:2 x",
    "SETRANGE s:2 3 x",
    "STRLEN s:2",
    "INCR n:0",
    "DECR n:0",
    "INCRBY n:0 7",
    "DECRBY n:0 7",
    "INCRBYFLOAT n:1 0.5",
    "COPY {} l:7 REPLACE",
    "RENAME s:0 s:0",
    "MOVE absent 1",
    "DEL absent",
    "UNLINK s:3",
    "EXPIRE {} 5000000",
    "PERSIST {}",
    "EXISTS {}",
    "TYPE {}",
    "TOUCH {} absent",
    "TTL absent",
    "GET s:0",
    "GET {}",
    "LLEN s:4",
    "PING",
    "ECHO x",
    "WATCH s:0",
    "NOSUCH x",
    "GET",
    "CLIENT NOSUCH",
    "INCR s:4",
    "LPUSH s:4 x",
    "SELECT 99",
    "AUTH x y",
]


def changes(rng, key, count):
    return [line.format(key) for line in rng.choices(CHANGES, k=count)]


def no_memory_left(rng):
    one, _ = lists(rng, 2)
    # Queued while there was memory: redis refuses to queue anything in a transaction once there is none.
    return [
        *fresh(A, B),
        send(A, f"DEL {one} s:4", f"RPUSH {one} a b c", "SET s:4 kept"),
        send(B, "MULTI", *changes(rng, one, rng.randint(1, 4))),
        send(A, "CONFIG SET maxmemory 1"),
        send(B, "EXEC"),
        send(B, *changes(rng, one, 20)),
        send(A, "CONFIG SET maxmemory 0"),
        send(B, "DISCARD", "UNWATCH", *changes(rng, one, 3)),
    ]


def slow_commands_are_remembered(rng):
    # One piece, so that nobody else's commands come in between.
    one, _ = lists(rng, 2)
    long = rng.choice([b"x", b"\x00\r\n\xff"]) * rng.choice([1, 127, 128, 129, 5000])
    many = [rng.choice(ELEMENTS) for _ in range(rng.choice([1, 30, 31, 32, 33, 300]))]
    lines = [
        *changes(rng, one, rng.randint(0, 5)),
        (b"RPUSH", one.encode(), *many),
        (b"ECHO", long),
        (b"AUTH", b"user", b"secret"),
        (b"HELLO", b"2", b"AUTH", b"user", b"secret"),
        "MULTI",
        "PING",
        f"LPUSH {one} x",
        "EXEC",
        (b"NOSUCH", long),
        (b"CLIENT", b"NOSUCH", long),
        (b"CONFIG", b"SET", b"nosuch", long),
    ]
    rng.shuffle(lines)
    return [
        *fresh(A),
        send(
            A,
            "CLIENT SETNAME logged",
            "CONFIG SET slowlog-log-slower-than 0",
            "SLOWLOG RESET",
            *lines,
            "DISCARD",
            "SLOWLOG LEN",
            "SLOWLOG GET",
            f"SLOWLOG GET {rng.choice([0, 1, 5, 100, -1])}",
            "CONFIG SET slowlog-log-slower-than 10000",
            "SLOWLOG RESET",
        ),
        *fresh(A),
    ]


def commands_are_counted(rng):
    # One piece, for the same reason.
    one, _ = lists(rng, 2)
    body = changes(rng, one, rng.randint(3, 25))
    if rng.random() < 0.5:
        body += ["MULTI", *changes(rng, one, rng.randint(1, 6)), rng.choice(("EXEC", "DISCARD"))]
    return [
        *fresh(A),
        send(A, f"DEL {one} s:4 n:0 n:1", f"RPUSH {one} a b c", "SET s:4 text", "CONFIG RESETSTAT", *body, "DISCARD",
             "INFO stats commandstats errorstats"),
    ]


def largest_argument(rng):
    limit = 1 << 20
    lines = [
        f"SETRANGE s:0 {limit - 1} x",
        f"SETRANGE s:0 {limit} x",
        f"SETRANGE s:1 {limit - 2} xy",
        f"SETRANGE s:1 {limit - 1} xy",
        f"SETRANGE s:1 {limit + 5} ",
        (b"SET", b"s:2", b"x" * limit),
        (b"APPEND", b"s:2", b"x"),
        (b"APPEND", b"s:3", b"x"),
        "STRLEN s:0",
        "STRLEN s:2",
    ]
    begin = rng.choice([b"*1\r\n$%d\r\n", b"*2\r\n$4\r\nECHO\r\n$%d\r\n"])
    return [
        *fresh(A),
        Close(RAW),
        send(A, "CONFIG SET proto-max-bulk-len 1mb", "DEL s:0 s:1 s:2"),
        send(A, *rng.sample(lines, 5)),
        Raw(RAW, begin % rng.randint(limit - 1, limit + 1)),
        Close(RAW),
        send(A, "CONFIG SET proto-max-bulk-len 512mb", "DEL s:0 s:1 s:2"),
    ]


def many_arguments(rng):
    one, _ = lists(rng, 2)
    count = rng.choice([100, 1000, 5000])
    words = [b"%d" % rng.randint(0, 50) for _ in range(count)]
    keys = [rng.choice((b"l:%d", b"s:%d", b"none:%d")) % rng.randint(0, 9) for _ in range(count)]
    lines = [
        (b"RPUSH", one.encode(), *words),
        (b"LPUSHX", one.encode(), *words),
        (b"EXISTS", *keys),
        (b"TOUCH", *keys),
        (b"MGET", *keys),
        (b"MSETNX", *keys),
        (b"WATCH", *keys),
        (b"NOSUCH", *words),
        (b"GET", *words),
        (b"LPOS", one.encode(), b"a", *words),
        (b"SET", b"s:0", *words),
        (b"CONFIG", b"GET", *words),
        (b"LMPOP", b"%d" % count, *keys, b"LEFT"),
        (b"COMMAND", b"GETKEYS", b"DEL", *keys),
        (b"COMMAND", b"INFO", *words[:100]),
        (b"SCAN", b"0", *words),
        (b"CLIENT", b"KILL", *words),
    ]
    return [
        *fresh(A),
        send(A, *rng.sample(lines, 4)),
        send(A, "MULTI", *["PING"] * rng.choice([10, 500]), *changes(rng, one, 20), "EXEC"),
        send(A, f"LTRIM {one} 0 5", "UNWATCH"),
    ]


def commands_describe_themselves(rng):
    requests = [draw(rng, row, 0.1) for row in rng.choices(LISTED_ROWS, k=15)]
    names = [rng.choice((name, name, name.upper(), name + b"x")) for name in rng.choices(COMMAND_NAMES, k=20)]
    return [
        *fresh(A),
        send(A, *((b"COMMAND", b"GETKEYS", *words) for words in requests)),
        send(A, (b"COMMAND", b"INFO", *names), (b"COMMAND", b"DOCS", *names)),
    ]


SERVER_SCENARIOS = {
    "commands_describe_themselves": (commands_describe_themselves, 3),
    "no_memory_left": (no_memory_left, 3),
    "slow_commands_are_remembered": (slow_commands_are_remembered, 2),
    "commands_are_counted": (commands_are_counted, 3),
    "largest_argument": (largest_argument, 2),
    "many_arguments": (many_arguments, 2),
}
