#!/usr/bin/python3
"""python3-redis against the server on the given port: what a queue's users do with it."""

import sys
import threading

import redis

BINARY = bytes(range(256)) + b"\r\n*1\r\n$4\r\nPING\r\n"


def check(what, actual, expected):
    if actual != expected:
        print(f"FAILED {what}: {actual!r}, expected {expected!r}")
        sys.exit(1)
    print(f"ok     {what}")


def main(port):
    client = redis.Redis(port=port)
    client.flushall()

    check("push", client.lpush("q", "a", BINARY, ""), 3)
    check("push at the tail", client.rpush("q", "z"), 4)
    check("read", client.lrange("q", 0, -1), [b"", BINARY, b"a", b"z"])
    check("length", client.llen("q"), 4)

    check("move", client.rpoplpush("q", "processing"), b"z")
    check("move with sides", client.lmove("q", "processing", "RIGHT", "LEFT"), b"a")
    check("move a binary payload", client.rpoplpush("q", "processing"), BINARY)
    check("acknowledge", client.lrem("processing", 1, BINARY), 1)
    check("acknowledge again", client.lrem("processing", 1, BINARY), 0)
    check("left in processing", client.lrange("processing", 0, -1), [b"a", b"z"])
    check("pop several", client.lpop("processing", 5), [b"a", b"z"])
    check("pop nothing", client.rpop("processing"), None)

    client.delete("q")
    for what, wait, expected in (
        ("wait with BLPOP", lambda c: c.blpop(["other", "q"], 10), (b"q", b"job")),
        ("wait with BRPOPLPUSH", lambda c: c.brpoplpush("q", "processing", 10), b"job"),
        ("wait with BLMOVE", lambda c: c.blmove("q", "processing", 10, "LEFT", "RIGHT"), b"job"),
    ):
        answers = []
        waiter = threading.Thread(target=lambda: answers.append(wait(redis.Redis(port=port))))
        waiter.start()
        while client.info("clients")["blocked_clients"] != 1:
            pass
        client.lpush("q", "job")
        waiter.join(20)
        check(what, answers, [expected])
    check("a wait that ends", client.blpop("q", 0.05), None)

    pipeline = client.pipeline(transaction=False)
    for number in range(1000):
        pipeline.rpush("numbers", number)
    check("pipeline", pipeline.execute(), list(range(1, 1001)))

    pipeline = client.pipeline()
    pipeline.rpush("t", "x").lrange("t", 0, -1).llen("t")
    check("transaction", pipeline.execute(), [1, [b"x"], 1])

    with client.pipeline() as pipeline:
        pipeline.watch("t")
        client.rpush("t", "y")
        pipeline.multi()
        pipeline.lpop("t")
        try:
            pipeline.execute()
            check("a watched key that changed", "no error", "WatchError")
        except redis.WatchError:
            check("a watched key that changed", "WatchError", "WatchError")

    client.set("text", "v")
    try:
        client.lpush("text", "x")
        check("wrong type", "no error", "an error")
    except redis.ResponseError as error:
        check("wrong type", str(error), "WRONGTYPE Operation against a key holding the wrong kind of value")
    try:
        client.execute_command("NOSUCH", "word")
        check("unknown command", "no error", "an error")
    except redis.ResponseError as error:
        check("unknown command", str(error), "unknown command 'NOSUCH', with args beginning with: 'word' ")

    client.set("gone", "v", px=20)
    check("time to live", 0 < client.pttl("gone") <= 20, True)
    check("scan", sorted(client.scan_iter(match="t*")), [b"t", b"text"])
    check("who is there", client.ping() and client.client_setname("me") and client.client_getname(), "me")
    check("version", client.info()["redis_version"].split(".")[0], "7")

    client.config_set("notify-keyspace-events", "El")
    listener = redis.Redis(port=port).pubsub()
    listener.subscribe("news")
    listener.psubscribe("__keyevent@0__:*push")

    def heard():
        message = listener.get_message(timeout=10)
        return message["type"], message["channel"], message["data"]

    check("subscribe", heard(), ("subscribe", b"news", 1))
    check("subscribe to a pattern", heard(), ("psubscribe", b"__keyevent@0__:*push", 2))
    check("publish", client.publish("news", BINARY), 1)
    check("a message", heard(), ("message", b"news", BINARY))
    client.lpush("letters", "x")
    check("an event", heard(), ("pmessage", b"__keyevent@0__:lpush", b"letters"))
    check("who listens", (client.pubsub_channels(), client.pubsub_numsub("news")), ([b"news"], [(b"news", 1)]))
    check("ping of a listener", listener.ping() or heard(), ("pong", None, b""))
    listener.unsubscribe()
    listener.punsubscribe()
    check("unsubscribe", (heard()[0], heard()[0]), ("unsubscribe", "punsubscribe"))
    check("nobody listens", client.publish("news", "x"), 0)



main(int(sys.argv[1]))
