#!/usr/bin/env python3
"""What leases cost, with the goals that were set for them; each line ends with PASS or short.

- acknowledging one of a million leased messages, drawn at random, by value (LREM) and by token (QACK): CPU time of the server
  process beyond that of a PING. Pipelined batches of the same size, in blocks that take turns within one server.
- memory for each leased message above its payload.
- 100,000 leases that end in the same millisecond, and a million leases that go at once: how much CPU time the server takes
  between two replies to a client that does nothing but PING. That is what the longest turn costs; how long it lasts on a
  machine that does other things, too, would say more about these.
- a list that no policy names, while there are policies for others: CPU time against a server without policies.

CPU time is the kernel's own account of the process, so neighbours spoil little of it.

    make bench-leases                                        1,000,000 leases
    make bench-leases ARGS='--leases 100000 --only acks'     fewer; one part (again for more): acks together atonce plain
"""

import random
import socket
import statistics
import sys
import threading
import time

from bench import EVERYSEC, NO_LOG, Bench, Server, peers_parser

PAYLOAD = 64
VISIBILITY_MS = 3_600_000
BATCH = 200  # requests in one write


def encode(*words):
    text = b"*%d\r\n" % len(words)
    for word in words:
        word = word if isinstance(word, bytes) else str(word).encode()
        text += b"$%d\r\n%s\r\n" % (len(word), word)
    return text


class Client:
    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb", buffering=1 << 20)

    def ask(self, *words):
        self.socket.sendall(encode(*words))
        return self.reply()

    def reply(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise SystemExit(f"the server answered {line!r}")
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.reply() for _ in range(int(rest))]
        return rest

    def batch(self, requests, expected):
        """Sends encoded requests in one write, and wants as many times the same reply."""
        self.socket.sendall(b"".join(requests))
        wanted = expected * len(requests)
        if self.file.read(len(wanted)) != wanted:
            raise SystemExit(f"{requests[0]!r} and so on: not all answered {expected!r}")


def payload(number):
    return b"%0*d" % (PAYLOAD, number)


def policy(client, name="jobs", milliseconds=VISIBILITY_MS):
    client.ask("QPOLICY", "SET", name, "MATCH", name, "PROCESSING", name + ":taken", "VISIBILITY", milliseconds)


def figure(client, name, queue="jobs"):
    info = client.ask("QINFO", queue)
    return info[info.index(name) + 1]


def lease_many(client, numbers, tokens=None):
    """Pushes and leases, so that the queue itself stays short: all memory is that of leased messages."""
    numbers = list(numbers)
    for first in range(0, len(numbers), 1000):
        some = numbers[first:first + 1000]
        client.socket.sendall(encode("LPUSH", "jobs", *[payload(n) for n in some]) + encode("QPOP", "COUNT", len(some), "FROM", "jobs"))
        client.reply()
        popped = client.reply()
        if tokens is not None:
            tokens.update((int(value), token) for _, token, value in popped)


def verdict(figure, goal):
    return "PASS" if figure <= goal else "short"


# --- acknowledging

def acknowledging(bench, leases, rounds, options, log):
    server = Server("baton", bench.peers["baton"], options)
    try:
        client = Client(server)
        policy(client)
        lease_many(client, range(1000))
        client.ask("DEL", "jobs:taken")
        bench.wait_until_idle(server)
        before = server.rss()
        tokens = {}
        lease_many(client, range(leases), tokens)
        bench.wait_until_idle(server)
        above = (server.rss() - before) / leases - PAYLOAD
        rng = random.Random(7)
        order = list(range(leases))
        rng.shuffle(order)
        next_number = leases
        per_block = min(20_000, leases // 10)
        ping = encode("PING")
        figures = {"PING": [], "LREM": [], "QACK": []}

        def block(requests, expected):
            bench.wait_until_idle(server)
            cpu = server.cpu_seconds()
            for first in range(0, len(requests), BATCH):
                client.batch(requests[first:first + BATCH], expected)
            return (server.cpu_seconds() - cpu) / len(requests) * 1e6

        for _ in range(rounds):
            by_value, by_token = [order.pop() for _ in range(per_block)], [order.pop() for _ in range(per_block)]
            figures["PING"].append(block([ping] * per_block, b"+PONG\r\n"))
            figures["LREM"].append(block([encode("LREM", "jobs:taken", "1", payload(n)) for n in by_value], b":1\r\n"))
            figures["QACK"].append(block([encode("QACK", "jobs", tokens[n]) for n in by_token], b":1\r\n"))
            # As many as there were, and any of them may be next.
            fresh = range(next_number, next_number + 2 * per_block)
            next_number += 2 * per_block
            lease_many(client, fresh, tokens)
            order.extend(fresh)
            rng.shuffle(order)
        beyond = {name: [value - ping for value, ping in zip(values, figures["PING"])] for name, values in figures.items()}
        ping = statistics.median(figures["PING"])
        print(f"{leases:,} leases outstanding, {log}; us of the server beyond a PING ({ping:.2f}), {rounds} blocks of {per_block:,} in batches of {BATCH}")
        for name in ("LREM", "QACK"):
            values = beyond[name]
            middle = statistics.median(values)
            print(f"  {name} of any of them: median {middle:5.2f}  [{min(values):.2f} .. {max(values):.2f}]  goal 3  {verdict(middle, 3)}")
        print(f"  memory for each above its payload: {above:.0f} B  goal 96  {verdict(above, 96)}")
        if figure(client, b"balanced") != 1:
            raise SystemExit("the account does not balance")
    finally:
        server.stop()


# --- turns

class Watch:
    """A client that asks PING after PING, and how much CPU time the server took for the dearest."""

    def __init__(self, server):
        self.server, self.client, self.going = server, Client(server), True
        self.dearest_ms = self.slowest_ms = 0.0
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while self.going:
            started, cpu = time.monotonic(), self.server.cpu_seconds()
            self.client.ask("PING")
            self.dearest_ms = max(self.dearest_ms, (self.server.cpu_seconds() - cpu) * 1e3)
            self.slowest_ms = max(self.slowest_ms, (time.monotonic() - started) * 1e3)
            time.sleep(0.002)  # so seldom that the server is idle beside it (Bench.wait_until_idle)

    def end(self):
        self.going = False
        self.thread.join()
        return self.dearest_ms, self.slowest_ms


def ending_together(bench, count, pairs):
    longest, dearest, slowest, usual = [], [], [], []
    for _ in range(pairs):
        server = Server("baton", bench.peers["baton"], NO_LOG)
        try:
            client = Client(server)
            policy(client, milliseconds=4000)
            for first in range(0, count, 1000):
                client.ask("LPUSH", "jobs", *[payload(n) for n in range(first, first + 1000)])
            client.socket.sendall(encode("QPOP", "COUNT", count, "FROM", "jobs"))
            client.file.peek(1)  # the leases run from when the reply goes, and reading all of it takes long
            due = time.monotonic() + 4.0
            if len(client.reply()) != count:
                raise SystemExit("not all were leased")
            bench.wait_until_idle(server)
            watch = Watch(server)
            time.sleep(1.0)
            usual.append(watch.end()[1])
            time.sleep(max(due - 0.5 - time.monotonic(), 0))
            watch = Watch(server)
            while client.ask("LLEN", "jobs") < count:
                time.sleep(0.005)
            longest.append(time.monotonic() - due)
            cpu_ms, wall_ms = watch.end()
            dearest.append(cpu_ms)
            slowest.append(wall_ms)
            if client.ask("LRANGE", "jobs", 0, -1) != [payload(n) for n in reversed(range(count))]:
                raise SystemExit("they are not back in order")
        finally:
            server.stop()
    back, cpu_ms = statistics.median(longest), statistics.median(dearest)
    print(f"{count:,} leases that end together: all back, in order, {back:.2f} s later  goal 1  {verdict(back, 1)}")
    print(f"  the dearest PING meanwhile: {cpu_ms:.1f} ms of the server's CPU  goal 5  {verdict(cpu_ms, 5)}  (by the clock "
          f"{statistics.median(slowest):.1f} ms; before, with nothing to do, {statistics.median(usual):.1f} ms)")


def going_at_once(bench, leases):
    rows = [
        ("QPENDING jobs 0 100", ("QPENDING", "jobs", 0, 100)),
        (f"QPENDING jobs {leases - 200:,} 100", ("QPENDING", "jobs", leases - 200, 100)),
        ("RENAME of the processing list", ("RENAME", "jobs:taken", "jobs:processing")),
        ("LTRIM to 100 of them", ("LTRIM", "{list}", 0, 99)),
        ("LTRIM to half of them", ("LTRIM", "{list}", 0, leases // 2)),
        ("DEL of the processing list", ("DEL", "{list}")),
        ("FLUSHALL", ("FLUSHALL",)),
        ("QPOLICY DEL", ("QPOLICY", "DEL", "jobs")),
    ]
    print(f"with {leases:,} leases: CPU ms of the server for the dearest PING from there on until it is idle again")
    server = Server("baton", bench.peers["baton"], NO_LOG)
    try:
        client = Client(server)
        for name, words in rows:
            # So many again, in the list where they stand.
            policy(client)
            held = figure(client, b"leased")
            lease_many(client, range(leases - held))
            where = "jobs:processing" if client.ask("EXISTS", "jobs:processing") else "jobs:taken"
            bench.wait_until_idle(server)
            watch = Watch(server)
            client.ask(*[where if word == "{list}" else word for word in words])
            bench.wait_until_idle(server)
            cpu_ms, wall_ms = watch.end()
            print(f"  {name:32} {cpu_ms:6.1f}  goal 5  {verdict(cpu_ms, 5)}  (by the clock {wall_ms:.1f} ms)", flush=True)
    finally:
        server.stop()


# --- plain lists

def lists_without_policy(bench, pairs):
    ratios = []
    for _ in range(pairs):
        cpu = []
        for with_policy in (False, True):
            server = Server("baton", bench.peers["baton"], NO_LOG)
            try:
                if with_policy:
                    client = Client(server)
                    policy(client)
                    client.ask("LPUSH", "jobs", "x")
                    client.ask("RPOPLPUSH", "jobs", "jobs:taken")
                bench.load(server, ["LPUSH", "plain", "{data:64}"], 200_000)
                started = server.cpu_seconds()
                bench.load(server, ["RPOPLPUSH", "plain", "other"], 2_000_000)
                cpu.append(server.cpu_seconds() - started)
            finally:
                server.stop()
        ratios.append(cpu[1] / cpu[0])
    print(f"RPOPLPUSH between lists that no policy names, with policies for others: {statistics.median(ratios):.3f} "
          f"[{min(ratios):.2f} .. {max(ratios):.2f}] of the CPU time without")


def main():
    parser = peers_parser(__doc__)
    parser.add_argument("--leases", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--only", action="append", choices=["acks", "together", "atonce", "plain"])
    arguments = parser.parse_args()
    bench = Bench(arguments)
    only = arguments.only or ["acks", "together", "atonce", "plain"]
    if "acks" in only:
        acknowledging(bench, arguments.leases, arguments.rounds, NO_LOG, "no log")
        acknowledging(bench, arguments.leases, arguments.rounds, EVERYSEC, "appendfsync everysec")
    if "together" in only:
        ending_together(bench, 100_000, arguments.pairs)
    if "atonce" in only:
        going_at_once(bench, arguments.leases)
    if "plain" in only:
        lists_without_policy(bench, arguments.pairs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
