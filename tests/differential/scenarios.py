"""Short scenes that random commands alone would hardly ever play: several steps that belong together.

Steps of a scene use fixed connections: A and B are plain, P Q R S wait. Keys are drawn like anywhere else.
"""

from grammar import BLOCKING, ELEMENTS, LISTS, RAW, TEXTS, Placeholder
from steps import Close, Command, Raw, Send, Sleep

A, B = 0, 1
P, Q, R, S = 4, 5, 6, 7


def send(connection, *lines):
    """Lines are words in text, separated by spaces, or tuples of words."""

    def words(line):
        return tuple(line.encode().split(b" ")) if isinstance(line, str) else tuple(line)

    return Send(connection, tuple(Command(words(line)) for line in lines))


def fresh(*connections):
    """New connections, so that no earlier MULTI or waiting stands in the way."""
    return [Close(connection) for connection in connections]


def lists(rng, count):
    return [name.decode() for name in rng.sample(LISTS, count)]


def key_expires(rng):
    key = rng.choice(LISTS[:3] + TEXTS[:3]).decode()
    make = [f"DEL {key}", f"SET {key} v"] if key.startswith("s") else [f"DEL {key}", f"RPUSH {key} a b c"]
    probe = rng.choice(
        [
            f"EXISTS {key}",
            f"TTL {key}",
            f"TYPE {key}",
            f"GET {key}",
            f"LPUSHX {key} z",
            f"RENAME {key} s:4",
            f"COPY {key} s:4",
            f"LPUSH {key} new",
            f"APPEND {key} x",
            f"LMOVE {key} l:7 LEFT RIGHT",
            f"DEL {key}",
            f"INCR {key}",
            f"PERSIST {key}",
            f"EXPIRE {key} 1000000",
            f"OBJECT ENCODING {key}",
            f"LRANGE {key} 0 -1",
            f"SETNX {key} n",
            f"GETSET {key} n",
            f"MOVE {key} 3",
            f"TOUCH {key}",
            f"KEYS {key}",
            f"LINSERT {key} BEFORE a b",
        ]
    )
    return [*fresh(A), send(A, *make, f"PEXPIRE {key} 25"), Sleep(60), send(A, probe, f"EXISTS {key}", f"TYPE {key}")]


def expiry_under_conditions(rng):
    """Absolute times that meet, which those drawn for single commands never do."""
    key = rng.choice(LISTS[:3] + TEXTS[:3]).decode()
    lines = [f"SET {key} v" if key.startswith("s") else f"RPUSH {key} a"]
    for _ in range(rng.randint(3, 10)):
        at = 20_000_000_000 + rng.randint(-1, 1)
        form = rng.choice((f"EXPIREAT {key} {at}", f"PEXPIREAT {key} {at * 1000 + rng.randint(-1, 1)}"))
        lines += [f"{form} {rng.choice(('', 'NX', 'XX', 'GT', 'LT', 'XX GT', 'LT XX'))}".strip(), f"PEXPIRETIME {key}"]
        if rng.random() < 0.2:
            lines.append(rng.choice((f"PERSIST {key}", f"SET {key} v PXAT {at * 1000}", f"GETEX {key} EXAT {at}")))
    return [*fresh(A), send(A, f"DEL {key}", *lines)]


def watched_key_expires(rng):
    key = rng.choice(TEXTS[:3]).decode()
    before = rng.random() < 0.5
    watch = send(A, f"WATCH {key}")
    setup = send(B, "SELECT 0", f"SET {key} v PX 25")
    body = [setup, Sleep(60), watch] if before else [setup, watch, Sleep(60)]
    return [*fresh(A, B), *body, send(A, "MULTI", f"GET {key}", "EXEC", f"EXISTS {key}")]


def watch_is_disturbed(rng):
    one, two = lists(rng, 2)
    change = rng.choice(
        [
            f"LPUSH {one} x",
            f"DEL {one}",
            f"RENAME {two} {one}",
            f"EXPIRE {one} 5000000",
            "FLUSHDB",
            f"LREM {one} 0 absent",
            f"LSET {one} 0 y",
            f"COPY {two} {one} REPLACE",
            f"GETEX {one}",
            f"LLEN {one}",
            f"LTRIM {one} 0 -1",
            f"MOVE {one} 3",
            f"PERSIST {one}",
            f"LMOVE {one} {one} LEFT RIGHT",
            "FLUSHALL",
        ]
    )
    unwatch = rng.choice([[], [], ["UNWATCH"], ["DISCARD"], ["RESET"]])
    return [
        *fresh(A, B),
        send(B, "SELECT 0", f"RPUSH {one} a b", f"RPUSH {two} c"),
        send(A, f"WATCH {one} absent"),
        send(B, change),
        send(A, *unwatch, "MULTI", f"LPUSH {two} done", f"LRANGE {one} 0 -1", "EXEC"),
    ]


def waiting_runs_out(rng):
    one, two = lists(rng, 2)
    return [
        *fresh(A, P, Q, R),
        send(A, f"DEL {one} {two}"),
        send(P, f"BLPOP {one} {two} 0.02"),
        send(Q, "HELLO 3", f"BLMOVE {one} {two} LEFT RIGHT 0.01", "PING"),
        send(R, f"BLMPOP 0.03 1 {one} LEFT", f"BRPOPLPUSH {one} {two} 0.001"),
        Sleep(120),
    ]


def many_wait_for_one(rng):
    one, two = lists(rng, 2)
    waiters = [
        (P, rng.choice((f"BLPOP {two} {one} 0", f"BLPOP {one} {one} {two} {one} 0"))),
        (Q, f"BRPOP {one} 0"),
        (R, f"BLMPOP 0 2 {two} {one} RIGHT COUNT 2"),
        (S, f"BLMOVE {one} {two} LEFT LEFT 0"),
    ]
    rng.shuffle(waiters)
    pushes = rng.choice(
        [
            [f"RPUSH {one} 1 2 3 4 5"],
            [f"LPUSH {one} 1", f"LPUSH {two} 2", f"RPUSH {one} 3"],
            [f"MULTI", f"RPUSH {two} a b", f"RPUSH {one} c d", "EXEC"],
            [f"RPUSH {one} 1 2", f"RPUSH {two} 3 4 5 6"],
            [f"RPUSH l:tmp 1 2 3 4", f"RENAME l:tmp {one}"],
            [f"RPUSH l:tmp 1 2 3 4", f"COPY l:tmp {two}"],
            [f"LPUSHX {one} 1", f"SET {one} x", f"DEL {one}", f"LPUSH {one} a b c"],
            ["RPUSH l:tmp 1 2 3", f"LMOVE l:tmp {one} LEFT RIGHT", f"RPOPLPUSH l:tmp {two}"],
            ["RPUSH l:tmp 1 2", "MULTI", f"RPOPLPUSH l:tmp {two}", f"RPUSH {one} x y", f"DEL {two}", "EXEC"],
            ["MULTI", f"RPUSH {one} x", f"SET {one} y", f"DEL {one}", f"RPUSH {one} z", "EXEC"],
            ["MULTI", f"RPUSH {one} x", f"PEXPIREAT {one} 1", f"RPUSH {two} y", "EXEC"],
            ["SELECT 1", f"RPUSH {one} x y", f"MOVE {one} 0", "SELECT 0"],
            [f"RPUSH {one} x", "FLUSHALL", f"RPUSH {two} y", f"GETDEL {two}"],
        ]
    )
    return [
        *fresh(A, P, Q, R, S),
        send(A, f"DEL {one} {two}"),
        *(send(connection, line) for connection, line in waiters),
        send(A, *pushes),
        send(A, f"LRANGE {one} 0 -1", f"LRANGE {two} 0 -1"),
    ]


def push_and_pop_in_one_transaction(rng):
    one, two = lists(rng, 2)
    return [
        *fresh(A, P, Q),
        send(A, f"DEL {one} {two}"),
        send(P, f"BLPOP {one} 0"),
        send(Q, f"BLMOVE {one} {two} RIGHT LEFT 0"),
        send(
            A,
            "MULTI",
            f"LPUSH {one} a b",
            rng.choice([f"LPOP {one}", f"LPOP {one} 2", f"DEL {one}", f"RENAME {one} {two}", f"LTRIM {one} 1 0"]),
            "EXEC",
        ),
        send(A, f"RPUSH {one} c", f"LRANGE {two} 0 -1"),
    ]


def chain_of_moves(rng):
    one, two, three = lists(rng, 3)
    waiters = [
        (P, f"BLMOVE {one} {two} LEFT RIGHT 0"),
        (Q, f"BRPOPLPUSH {two} {three} 0"),
        (R, f"BLPOP {three} 0"),
        (S, f"BLMOVE {three} {one} LEFT LEFT 0"),
    ]
    rng.shuffle(waiters)
    return [
        *fresh(A, P, Q, R, S),
        send(A, f"DEL {one} {two} {three}"),
        *(send(connection, line) for connection, line in waiters),
        send(A, f"RPUSH {one} x"),
        send(A, f"RPUSH {one} y z"),
        send(A, f"LRANGE {one} 0 -1", f"LRANGE {two} 0 -1", f"LRANGE {three} 0 -1"),
    ]


def woken_on_a_wrong_type(rng):
    one, two = lists(rng, 2)
    return [
        *fresh(A, P, Q),
        send(A, f"DEL {one} {two}", f"SET {two} text"),
        send(P, f"BLMOVE {one} {two} LEFT LEFT 0"),
        send(Q, f"BLPOP {one} 0"),
        send(A, f"SET {one} text", f"DEL {one}", f"RPUSH {one} 1"),
        send(A, f"LRANGE {one} 0 -1", f"DEL {one} {two}"),
    ]


def unblocked_by_another(rng):
    one, two = lists(rng, 2)
    how = rng.choice([(), (b"TIMEOUT",), (b"ERROR",), (b"error",)])
    return [
        *fresh(A, P),
        send(A, f"DEL {one} {two}"),
        send(
            P,
            rng.choice(["HELLO 3", "PING"]),
            rng.choice(
                [
                    f"BLPOP {one} 0",
                    f"BRPOPLPUSH {one} {two} 0",
                    f"BLMOVE {one} {two} LEFT LEFT 0",
                    f"BLMPOP 0 1 {one} LEFT",
                ]
            ),
        ),
        send(A, (b"CLIENT", b"UNBLOCK", Placeholder("id", P), *how)),
        send(A, (b"CLIENT", b"UNBLOCK", Placeholder("id", P))),
        send(P, "PING"),
    ]


def dead_client_is_not_served(rng):
    one, _ = lists(rng, 2)
    ends = rng.choice([Close(P), send(A, (b"CLIENT", b"KILL", b"ID", Placeholder("id", P)))])
    return [
        *fresh(A, P, Q),
        send(A, f"DEL {one}"),
        send(P, f"BLPOP {one} 0"),
        send(Q, f"BLPOP {one} 0"),
        ends,
        send(A, f"RPUSH {one} 1 2", f"LRANGE {one} 0 -1"),
    ]


def commands_behind_a_waiting_one(rng):
    one, two = lists(rng, 2)
    return [
        *fresh(A, P, Q),
        send(A, f"DEL {one} {two}"),
        send(P, f"BLPOP {one} 0", f"LPUSH {two} from-p", "PING", f"BLPOP {one} 0", "ECHO end"),
        send(Q, f"BRPOP {two} 0", f"LPUSH {one} from-q"),
        send(A, f"LPUSH {one} 1"),
        send(A, f"LRANGE {one} 0 -1", f"LRANGE {two} 0 -1"),
    ]


def waiting_for_what_expires(rng):
    one, two = lists(rng, 2)
    waits = rng.choice([f"BLPOP {one} 0", f"BRPOPLPUSH {one} {two} 0", f"BLMPOP 0 2 {two} {one} LEFT"])
    wakes = rng.choice(["RPUSH {} b", "LPUSHX {} b", "RENAME l:tmp {}", "COPY l:tmp {}", "PERSIST {}"])
    gone, stays = rng.choice([(one, two), (two, one)])
    return [
        *fresh(A, P, Q),
        send(A, f"DEL {one} {two}", "RPUSH l:tmp 1 2"),
        send(A, f"{rng.choice(('RPUSH', 'SET'))} {gone} a", f"PEXPIRE {gone} 25"),
        Sleep(60),
        send(P, waits),
        send(Q, f"BLMOVE {stays} {gone} LEFT RIGHT 0"),
        send(A, wakes.format(one), f"TYPE {one}"),
        send(A, f"RPUSH {stays} c", f"LRANGE {one} 0 -1", f"LRANGE {two} 0 -1"),
    ]


def acknowledged_by_value(rng):
    """Consumers of a long list say what is done, LREM by LREM, while it goes on changing."""
    one, two = lists(rng, 2)
    size = rng.choice((300, 3000))
    distinct = rng.choice((3, size // 10, size))
    value = lambda: b"message-%d" % rng.randint(0, distinct)  # noqa: E731
    key = one.encode()
    steps = [*fresh(A), send(A, (b"DEL", key), (b"RPUSH", key, *(value() for _ in range(size))))]
    for _ in range(rng.randint(5, 60)):
        lines = [(b"LREM", key, b"%d" % rng.choice((1, 1, 1, -1, 0, 2, -3)), value()) for _ in range(rng.randint(1, 8))]
        where = b"%d" % rng.randint(-size, size)
        lines.append(
            rng.choice(
                [
                    (b"LPUSH", key, value(), value()),
                    (b"RPUSH", key, value()),
                    (b"LINSERT", key, rng.choice((b"BEFORE", b"AFTER")), value(), value()),
                    (b"LSET", key, where, value()),
                    (b"LPOP", key, b"3"),
                    (b"RPOP", key),
                    (b"LMOVE", two.encode(), key, b"LEFT", b"RIGHT"),
                    (b"LMOVE", key, two.encode(), b"RIGHT", b"LEFT"),
                    (b"RPOPLPUSH", key, key),
                    (b"LTRIM", key, b"%d" % rng.randint(0, 3), b"-1"),
                    (b"RENAME", key, key),
                    (b"COPY", key, two.encode(), b"REPLACE"),
                    (b"LPOS", key, value(), b"RANK", rng.choice((b"1", b"-1", b"2")), b"COUNT", b"2"),
                ]
            )
        )
        if rng.random() < 0.05:
            lines.append((b"DEBUG", b"RELOAD"))
        steps.append(send(A, *lines))
    return [*steps, send(A, (b"LRANGE", key, b"0", b"-1"), (b"LTRIM", key, b"0", b"20"))]


def waiting_across_databases(rng):
    one, _ = lists(rng, 2)
    wake = rng.choice(
        [["SWAPDB 1 2"], [f"MOVE {one} 1"], [f"COPY {one} {one} DB 1"], ["SELECT 1", f"RPUSH {one} 9", "SELECT 2"]]
    )
    return [
        *fresh(A, P, Q),
        send(A, "FLUSHALL", "SELECT 2", f"RPUSH {one} 1 2"),
        send(P, "SELECT 1", f"BLPOP {one} 0"),
        send(Q, "SELECT 1", f"BRPOP {one} 0"),
        send(A, *wake),
        send(A, f"LRANGE {one} 0 -1", "SELECT 1", f"LRANGE {one} 0 -1", "DBSIZE", "SELECT 0"),
    ]


def databases_are_swapped(rng):
    one, two = lists(rng, 2)
    pairs = ["0 1", "1 0", "2 3", "0 0", "0 16", "-1 0", "a 0", "0 b", "0", "0 1 2"]
    watch = rng.choice([[], [f"WATCH {one}"], [f"WATCH {two} absent"]])
    return [
        *fresh(A, B, *BLOCKING),
        send(A, f"RPUSH {one} here", *watch, "SET s:0 v EX 5000000"),
        send(B, "SELECT 1", f"RPUSH {two} there"),
        *(send(B, f"SWAPDB {rng.choice(pairs)}", "DBSIZE") for _ in range(3)),
        send(A, "MULTI", f"LRANGE {one} 0 -1", "GET s:0", "SWAPDB 0 1", f"LRANGE {two} 0 -1", "EXEC"),
        send(B, "EXISTS s:0", f"EXISTS {one} {two}"),
    ]


def reply_modes(rng):
    lines = [
        "CLIENT REPLY OFF",
        "PING",
        "SET s:0 quiet",
        "GET s:0",
        "NOSUCH",
        "CLIENT REPLY SKIP",
        "PING",
        "CLIENT REPLY ON",
        "PING",
        "CLIENT REPLY SKIP",
        "PING",
        "GET s:0",
        "CLIENT REPLY SKIP",
        "CLIENT REPLY SKIP",
        "PING",
        "PING",
        "MULTI",
        "PING",
        "EXEC",
        "CLIENT REPLY NOSUCH",
        "RESET",
        "HELLO 3 SETNAME",
        "PING",
    ]
    drop = rng.randrange(len(lines))
    return [Close(RAW), *(send(RAW, line) for index, line in enumerate(lines) if index != drop), Close(RAW)]


def reply_modes_in_a_transaction(rng):
    modes = ["CLIENT REPLY OFF", "CLIENT REPLY SKIP", "CLIENT REPLY ON", "CLIENT REPLY NOSUCH"]
    words = [*modes, "PING", "GET s:0", "ECHO x"]
    if rng.random() < 0.2:
        # With OFF, redis would never close the connection: it does so when it has sent something.
        lines = ["MULTI", *rng.choices(words[1:], k=rng.randint(1, 5))]
        lines += [(b"CLIENT", b"KILL", b"ID", Placeholder("id", RAW), b"SKIPME", b"no"), "PING", "EXEC"]
    else:
        lines = ["CLIENT REPLY " + rng.choice(("ON", "OFF", "SKIP")), "MULTI"]
        lines += rng.choices([*words, "NOSUCH"], [2, 2, 2, 2, 2, 2, 2, 1], k=rng.randint(2, 7))
        lines += [rng.choice(("EXEC", "EXEC", "EXEC", "DISCARD", "RESET")), "ECHO y", "ECHO z", "CLIENT REPLY ON"]
    return [Close(RAW), *(send(RAW, line) for line in lines), Close(RAW)]


def paused(rng):
    one, _ = lists(rng, 2)
    writes = rng.choice(
        [
            [f"LPUSH {one} x", f"LLEN {one}"],
            ["PING", f"RPUSH {one} x y", f"LPOP {one}", "GET s:0"],
            ["MULTI", "GET s:0", f"RPUSH {one} z", "EXEC"],
            ["MULTI", "GET s:0", "DISCARD", "GETEX s:0", "TOUCH s:0"],
            ["WATCH s:0", "MULTI", "GET s:0", "EXEC", f"RPUSH {one} a", "LPUSH", "NOSUCH"],
            [f"BLPOP {one} 1000", "PING"],
            ["FLUSHALL ASYNC", f"LPUSHX {one} x"],
            ["PUBLISH a:1 x", f"RPUSH {one} x"],
        ]
    )
    # What is looked at during the pause must not expire by it: redis leaves such a key where it is.
    settle = send(A, f"EXISTS s:0 {one}")
    if rng.random() < 0.3:
        return [
            *fresh(A, B),
            settle,
            send(A, "CLIENT PAUSE 25"),
            send(B, f"LPUSH {one} x", "GET s:0"),
            Sleep(60),
            send(A, "CLIENT UNPAUSE"),
        ]
    return [
        *fresh(A, B, P, Q),
        settle,
        send(A, f"DEL {one}"),
        send(Q, f"BLPOP {one} 0"),
        send(A, "CLIENT PAUSE 100000 WRITE"),
        send(B, "GET s:0", "PING", f"LLEN {one}"),
        send(P, *writes),
        send(B, "MULTI", "GET s:0", "EXEC"),
        send(A, "CLIENT UNPAUSE"),
        send(B, f"LRANGE {one} 0 -1"),
        send(A, "CLIENT UNPAUSE"),
    ]


def password(rng):
    commands = rng.sample(
        [
            "GET s:0",
            "PING",
            "HELLO 3",
            "AUTH wrong",
            "AUTH default wrong",
            "AUTH nosuch secret",
            "MULTI",
            "EXEC",
            "NOSUCH",
            "LPUSH",
            "RESET",
            "AUTH",
            "HELLO 3 AUTH default wrong",
            "CLIENT ID",
            "COMMAND COUNT x y",
            "SUBSCRIBE a:1",
            "HELLO 9",
        ],
        7,
    )
    enter = rng.choice(
        ["AUTH secret", "AUTH default secret", "HELLO 3 AUTH default secret SETNAME me", "HELLO 2 AUTH default secret"]
    )
    return [
        *fresh(A, B),
        send(A, "CONFIG SET requirepass secret", "GET s:0"),
        send(B, *commands),
        send(B, enter, "GET s:0", "CLIENT GETNAME"),
        Close(RAW),
        Raw(
            RAW,
            rng.choice(
                [
                    b"*100\r\n",
                    b"*1\r\n$100000\r\n",
                    b"*11\r\n",
                    b"*1\r\n$16385\r\n",
                    b"*10\r\n$1\r\na\r\n",
                    b"*1\r\n$16384\r\n",
                ]
            ),
        ),
        Close(RAW),
        send(B, "RESET", "GET s:0", "QUIT"),
        send(A, ("CONFIG SET requirepass").encode().split() + [b""], "PING"),
    ]


def long_list(rng):
    one, two = lists(rng, 2)
    big = rng.random() < 0.4
    values = [
        rng.choice(ELEMENTS) if rng.random() < 0.5 else b"%d" % rng.randint(0, 50) for _ in range(rng.randint(200, 900))
    ]
    if big:
        values = [value * rng.choice((1, 1, 1, 300)) + b"." for value in values]
    target = one.encode()
    lines = [(b"DEL", target), (b"RPUSH", target, *values)]
    for _ in range(rng.randint(3, 14)):
        value = rng.choice(values)
        where = b"%d" % rng.randint(-len(values), len(values))
        lines.append(
            rng.choice(
                [
                    (b"LREM", target, b"%d" % rng.randint(-5, 5), value),
                    (
                        b"LPOS",
                        target,
                        value,
                        b"RANK",
                        b"%d" % (rng.randint(1, 40) * rng.choice((1, -1))),
                        b"COUNT",
                        b"3",
                    ),
                    (
                        b"LINSERT",
                        target,
                        rng.choice((b"BEFORE", b"AFTER")),
                        value,
                        b"inserted" * rng.choice((1, 1, 2000)),
                    ),
                    (b"LSET", target, where, b"set" * rng.choice((1, 4000))),
                    (b"LINDEX", target, where),
                    (b"LRANGE", target, where, b"%d" % rng.randint(-len(values), len(values))),
                    (b"LPOS", target, value, b"COUNT", b"0", b"MAXLEN", b"%d" % rng.randint(0, 700)),
                    (b"LTRIM", target, b"%d" % rng.randint(0, 9), b"-%d" % rng.randint(1, 9)),
                    (b"LPOP", target, b"%d" % rng.randint(0, 99)),
                    (b"RPOP", target, b"%d" % rng.randint(0, 99)),
                    (b"LMOVE", target, rng.choice((target, two.encode())), b"LEFT", b"RIGHT"),
                    (b"COPY", target, two.encode(), b"REPLACE"),
                    (b"LLEN", target),
                ]
            )
        )
    lines.append((b"LRANGE", target, b"0", b"-1"))
    return [*fresh(A), send(A, *lines)]


def wait_for_replicas(rng):
    return [*fresh(P), send(P, "SET s:0 w", "WAIT 1 15", "WAIT 0 1", "PING"), Sleep(60)]


def config_round_trip(rng):
    name, value = rng.choice(
        [
            ("slowlog-max-len", "77"),
            ("slowlog-log-slower-than", "123456"),
            ("maxclients", "9999"),
            ("timeout", "4000"),
            ("tcp-keepalive", "301"),
            ("maxmemory", "2gb"),
            ("proto-max-bulk-len", "100mb"),
            ("hz", "50"),
            ("loglevel", "verbose"),
            ("auto-aof-rewrite-percentage", "70"),
            ("auto-aof-rewrite-min-size", "65mb"),
            ("client-query-buffer-limit", "1025mb"),
            ("client-output-buffer-limit", "pubsub 33554432 8388608 61"),
            ("notify-keyspace-events", rng.choice(("KEA", "g$KE", "KElxm", "AKEn", "Kn"))),
            ("maxmemory-policy", "noeviction"),
            ("lazyfree-lazy-expire", "yes"),
        ]
    )
    lines = [
        (b"CONFIG", b"GET", name.encode()),
        (b"CONFIG", b"SET", name.encode(), value.encode()),
        (b"CONFIG", b"GET", name.upper().encode()),
    ]
    restore = {
        "slowlog-max-len": "128",
        "slowlog-log-slower-than": "10000",
        "maxclients": "10000",
        "timeout": "0",
        "tcp-keepalive": "300",
        "maxmemory": "0",
        "proto-max-bulk-len": "512mb",
        "hz": "10",
        "loglevel": "notice",
        "auto-aof-rewrite-percentage": "100",
        "auto-aof-rewrite-min-size": "64mb",
        "client-query-buffer-limit": "1gb",
        "client-output-buffer-limit": "pubsub 33554432 8388608 60",
        "notify-keyspace-events": "KEAmn",  # pair.EVENTS
        "maxmemory-policy": "noeviction",
        "lazyfree-lazy-expire": "no",
    }[name]
    # Bounds may be Baton's own: no numbers that overflow, and nothing that makes an error quote the largest argument.
    bad = restore if name == "proto-max-bulk-len" else rng.choice(["-1", "x", "", "1.5"])
    return [
        *fresh(A),
        send(A, *lines[1:], (b"CONFIG", b"SET", name.encode(), restore.encode()), lines[0]),
        send(A, (b"CONFIG", b"SET", name.encode(), bad.encode()), (b"CONFIG", b"SET", name.encode(), restore.encode())),
    ]


def clients_seen(rng):
    one, _ = lists(rng, 2)
    return [
        *fresh(A, B, P),
        send(A, f"DEL {one}", "CLIENT SETNAME me"),
        send(P, "CLIENT SETNAME waiter", "SELECT 3", f"BLPOP {one} 0"),
        send(B, "HELLO 3", "MULTI", "PING", "GET s:1"),
        send(A, "CLIENT LIST", "CLIENT INFO", (b"CLIENT", b"LIST", b"ID", Placeholder("id", P), Placeholder("id", B))),
        send(B, "EXEC", "RESET", "CLIENT INFO"),
    ]


def reload_keeps_everything(rng):
    one, _ = lists(rng, 2)
    return [
        *fresh(A),
        send(A, f"RPUSH {one} a b", "SET s:3 v EX 5000000", "DEBUG RELOAD", f"LRANGE {one} 0 -1", "GET s:3"),
    ]


def protocol_error(rng):
    return [Close(RAW), Raw(RAW, junk(rng)), Close(RAW)]


def junk(rng):
    """Bytes that are hardly a request."""
    whole = rng.choice(
        [
            b"*-1\r\n",
            b"*0\r\n",
            b"*abc\r\n",
            b"*1048577\r\n",
            b"*99999999999999999999\r\n",
            b"*1\r\nPING\r\n",
            b"*1\r\n$-1\r\n",
            b"*1\r\n$536870913\r\n",
            b"*1\r\n$abc\r\n",
            b"*1\r\n$4\r\nPINGxx",
            b"*1\r\n:4\r\n",
            b"\r\n",
            b"\n",
            b"   \r\n",
            b"PING\n",
            b'ping "unbalanced\r\n',
            b"ping 'a'b\r\n",
            b'ECHO "\\x41\\n\\q"\r\n',
            b"ECHO 'it\\'s'\r\n",
            b"$4\r\nPING\r\n",
            b"+OK\r\n",
            b"*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
            b"*\r\n",
            b"*1\r\n$\r\n",
            b"*1\r\n$04\r\nPING\r\n",
            b"*01\r\n$4\r\nPING\r\n",
            b"*+1\r\n$4\r\nPING\r\n",
            b"*1 \r\n$4\r\nPING\r\n",
            b"PING\r\n" * 5,
            b"*1\r\n$4\r\nPING\r\n*-1\r\n*0\r\n*1\r\n$4\r\nPING\r\n",
            b"GET / HTTP/1.1\r\n",
            b"POST / HTTP/1.1\r\n",
            b"Host: localhost\r\n",
            b"host: x\r\n",
            b"*3\r\n$3\r\nSET\r\n$3\r\ns:0\r\n$-5\r\n",
            b"ECHO\t tab\r\n",
            b"*1\n$4\nPING\n",
            b"PING\r\r\n",
            b"x" * 100_000,
            b"*" + b"1" * 100_000,
            b"*1\r\n$" + b"1" * 100_000,
            b"quit\r\n",
            b"*2\r\n$4\r\necho\r\n$3\r\n\xff\x00\r\r\n",
            b'echo ""\r\n',
            b'"" x\r\n',
        ]
    )
    if rng.random() < 0.2:  # a line of quotes and escapes
        return b"ECHO " + bytes(rng.choices(b"\"\"''\\\\ \tabfnrtx01F\xff", k=rng.randint(1, 14))) + b"\r\n"
    # No NUL: in an inline request redis never finds the end of the line behind one.
    noise = bytes(rng.choice([b for b in range(1, 256) if b not in b"\r\n"]) for _ in range(rng.randint(1, 8)))
    return whole + (noise + b"\r\n" if len(whole) < 1000 and rng.random() < 0.1 else b"")


SCENARIOS = {
    "key_expires": (key_expires, 4),
    "expiry_under_conditions": (expiry_under_conditions, 4),
    "watched_key_expires": (watched_key_expires, 2),
    "watch_is_disturbed": (watch_is_disturbed, 8),
    "waiting_runs_out": (waiting_runs_out, 2),
    "many_wait_for_one": (many_wait_for_one, 8),
    "push_and_pop_in_one_transaction": (push_and_pop_in_one_transaction, 5),
    "chain_of_moves": (chain_of_moves, 5),
    "woken_on_a_wrong_type": (woken_on_a_wrong_type, 3),
    "unblocked_by_another": (unblocked_by_another, 5),
    "dead_client_is_not_served": (dead_client_is_not_served, 4),
    "commands_behind_a_waiting_one": (commands_behind_a_waiting_one, 4),
    "waiting_for_what_expires": (waiting_for_what_expires, 2),
    "waiting_across_databases": (waiting_across_databases, 4),
    "acknowledged_by_value": (acknowledged_by_value, 3),
    "databases_are_swapped": (databases_are_swapped, 4),
    "reply_modes": (reply_modes, 2),
    "reply_modes_in_a_transaction": (reply_modes_in_a_transaction, 4),
    "paused": (paused, 2),
    "password": (password, 2),
    "long_list": (long_list, 6),
    "wait_for_replicas": (wait_for_replicas, 1.5),
    "config_round_trip": (config_round_trip, 3),
    "clients_seen": (clients_seen, 2),
    "reload_keeps_everything": (reload_keeps_everything, 2),
    "protocol_error": (protocol_error, 6),
}
