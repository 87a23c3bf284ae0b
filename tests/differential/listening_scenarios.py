"""Scenes of connections that listen, where replies and messages stand in one stream that is compared byte by byte."""

from grammar import RAW
from scenarios import A, fresh, lists, send
from steps import Close

# {} is 2 or 3. All names are left by name: in which order all are left is the order of a hash table in redis-server.
BEGIN = ["HELLO {}", "SUBSCRIBE a:1", "PSUBSCRIBE b:*", "SSUBSCRIBE a:1"]


def begin(rng):
    return [line.format(rng.choice("23")) for line in BEGIN if rng.random() < 0.75]


def messages_in_a_transaction(rng):
    lines = [
        "SUBSCRIBE a:1 a:2",
        "SUBSCRIBE a:1",
        "PSUBSCRIBE b:* news",
        "SSUBSCRIBE a:1",
        "UNSUBSCRIBE a:1",
        "UNSUBSCRIBE none a:2",
        "PUNSUBSCRIBE",
        "PUBLISH a:1 one",
        "PUBLISH b:1 two",
        "PUBLISH none x",
        "SPUBLISH a:1 three",
        "PING",
        "PING word",
        "SET s:0 v",
        "GET s:0",
        "HELLO 2",
        "HELLO 3",
        "CLIENT REPLY SKIP",
        "CLIENT REPLY OFF",
        "PUBSUB NUMSUB a:1",
        "LPUSH s:0 x",
        "SUBSCRIBE",
    ]
    body = rng.choices(lines, k=rng.randint(1, 8))
    end = rng.choice(["EXEC", "EXEC", "EXEC", "DISCARD", "RESET"])
    return [
        Close(RAW),
        *(send(RAW, line) for line in [*begin(rng), "MULTI", *body]),
        send(A, "PUBLISH a:1 from-another", "SPUBLISH a:1 from-another", "PUBLISH b:7 from-another"),
        *(send(RAW, line) for line in [end, "PING", "CLIENT REPLY ON", "PING", "UNSUBSCRIBE a:1", "RESET", "PING"]),
        Close(RAW),
    ]


def messages_and_reply_modes(rng):
    lines = [
        "CLIENT REPLY OFF",
        "CLIENT REPLY SKIP",
        "CLIENT REPLY ON",
        "SUBSCRIBE a:1",
        "SUBSCRIBE",
        "PSUBSCRIBE b:*",
        "UNSUBSCRIBE a:1",
        "PUNSUBSCRIBE",
        "PUBLISH a:1 self",
        "PUBLISH b:1 self",
        "PING",
        "GET s:0",
        "NOSUCH",
    ]
    steps = [Close(RAW), *(send(RAW, line) for line in begin(rng))]
    for line in rng.choices(lines, k=rng.randint(3, 12)):
        steps.append(send(RAW, line))
        if rng.random() < 0.3:
            steps.append(send(A, "PUBLISH a:1 m", "PUBLISH b:2 m"))
    return [*steps, send(RAW, "CLIENT REPLY ON"), send(RAW, "PING"), Close(RAW)]


def what_a_listener_may_not_ask(rng):
    lines = [
        "GET s:0",
        "SET s:0 v",
        "GET",
        "NOSUCH x",
        "CLIENT ID",
        "CLIENT",
        "CLIENT NOSUCH",
        "CONFIG GET maxmemory",
        "MULTI",
        "EXEC",
        "DISCARD",
        "WATCH s:0",
        "HELLO 3",
        "HELLO 9",
        "AUTH x",
        "PUBLISH a:1 x",
        "PING a b",
        "ping",
        "Subscribe a:2",
        "SSUBSCRIBE",
        "LPUSH s:0",
        "SHUTDOWN NOSUCH",
        "DEBUG SLEEP 0",
        "QUIT x",
        "RESET x",
        "RESET",
    ]
    no_memory = rng.random() < 0.3
    steps = [Close(RAW), send(RAW, rng.choice(["SUBSCRIBE a:1", "PSUBSCRIBE a:*", "SSUBSCRIBE a:1"]))]
    if no_memory:
        steps += [*fresh(A), send(A, "SET s:0 v", "CONFIG SET maxmemory 1")]
        lines.remove("MULTI")  # then redis-server queues nothing at all
    steps += [send(RAW, line) for line in rng.choices(lines, k=rng.randint(3, 12))]
    if no_memory:
        steps.append(send(A, "CONFIG SET maxmemory 0"))
    return [*steps, Close(RAW)]


def told_while_waiting(rng):
    one, two = lists(rng, 2)
    waits = rng.choice([f"BLPOP {one} 0", f"BLMOVE {one} {two} LEFT RIGHT 0", f"BLMPOP 0 2 {two} {one} LEFT"])
    wakes = rng.choice([f"RPUSH {one} x y", f"LPUSH {two} z", f"PUBLISH a:1 {one}"])
    return [
        *fresh(A),
        Close(RAW),
        send(A, f"DEL {one} {two}"),
        *(send(RAW, line) for line in ["HELLO 3", "SUBSCRIBE a:1", waits]),
        send(A, "PUBLISH a:1 m", wakes, "PUBLISH a:1 n"),
        send(RAW, "PING"),
        send(A, f"RPUSH {one} x", "PUBLISH a:1 o"),
        send(RAW, "PING"),
        Close(RAW),
    ]


LISTENING_SCENARIOS = {
    "messages_in_a_transaction": (messages_in_a_transaction, 5),
    "messages_and_reply_modes": (messages_and_reply_modes, 4),
    "what_a_listener_may_not_ask": (what_a_listener_may_not_ask, 3),
    "told_while_waiting": (told_while_waiting, 3),
}
