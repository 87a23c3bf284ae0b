#!/usr/bin/env python3
"""What leases cost: the figures of doc/queues.md, taken from one server after the other.

- acknowledging one of a million leased messages, by value (LREM) and by token (QACK), the oldest, and drawn at random:
  CPU time of the server process beyond that of a PING;
- memory for each leased message above its payload;
- 100,000 leases that end in the same millisecond: how long until all are back, and what a PING at 1 kHz feels meanwhile;
- a list that no policy names, while there are policies for others: CPU time against a server without policies.

    make bench-leases                      1,000,000 leases
    make bench-leases ARGS='--leases 100000'
"""

import json
import random
import socket
import statistics
import subprocess
import sys
import time

from bench import Bench, NO_LOG, Server, peers_parser

PAYLOAD = 64
VISIBILITY_MS = 3_600_000


class Client:
    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port))
        self.file = self.socket.makefile("rb")

    def ask(self, *words):
        self.send(words)
        return self.reply()

    def send(self, *requests):
        text = bytearray()
        for words in requests:
            text += b"*%d\r\n" % len(words)
            for word in words:
                word = word if isinstance(word, bytes) else str(word).encode()
                text += b"$%d\r\n%s\r\n" % (len(word), word)
        self.socket.sendall(text)

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


def payload(number):
    return b"%0*d" % (PAYLOAD, number)


def policy(client, name="jobs", milliseconds=VISIBILITY_MS):
    client.ask("QPOLICY", "SET", name, "MATCH", name, "PROCESSING", name + ":taken", "VISIBILITY", milliseconds)


def lease_many(client, count):
    """Push and lease, so that the queue itself stays short: all memory is that of leased messages."""
    step = 1000
    for first in range(0, count, step):
        numbers = range(first, min(first + step, count))
        client.send(*[("LPUSH", "jobs", payload(n)) for n in numbers], *[("RPOPLPUSH", "jobs", "jobs:taken") for _ in numbers])
        for _ in range(2 * len(numbers)):
            client.reply()


def cpu_each(server, client, requests, expected=None):
    """Server microseconds for each request, one at a time."""
    cpu = server.cpu_seconds()
    for request in requests:
        got = client.ask(*request)
        if expected is not None and got != expected:
            raise SystemExit(f"{request[0]} answered {got}")
    return (server.cpu_seconds() - cpu) / len(requests) * 1e6


def acknowledging(bench, leases, pairs):
    server = Server("baton", bench.peers["baton"], NO_LOG)
    try:
        client = Client(server)
        policy(client)
        client.ask("LPUSH", "jobs", "x")
        client.ask("RPOP", "jobs")
        time.sleep(1)
        before = server.rss()
        lease_many(client, leases)
        bench.wait_until_idle(server)
        above = (server.rss() - before) / leases - PAYLOAD
        sample = 5_000
        token_of = {int(entry[3]): entry[1] for entry in client.ask("QPENDING", "jobs", 0, leases)}
        if len(token_of) != leases:
            raise SystemExit(f"{len(token_of)} of {leases} are pending")
        rng = random.Random(7)
        order = list(range(leases))
        rng.shuffle(order)
        figures = {"LREM, the oldest": [], "LREM, any": [], "LREM, none there": [], "QACK, any": []}
        oldest, at = 0, 0
        gone = set()
        for _ in range(pairs):
            def some(count):
                nonlocal at
                taken = []
                while len(taken) < count:
                    if order[at] not in gone:
                        taken.append(order[at])
                        gone.add(order[at])
                    at += 1
                return taken
            eldest = []
            while len(eldest) < sample:
                if oldest not in gone:
                    eldest.append(oldest)
                    gone.add(oldest)
                oldest += 1
            bench.wait_until_idle(server)
            ping = cpu_each(server, client, [("PING",)] * sample)
            figures["LREM, the oldest"].append(cpu_each(server, client, [("LREM", "jobs:taken", "1", payload(n)) for n in eldest], 1) - ping)
            figures["LREM, any"].append(cpu_each(server, client, [("LREM", "jobs:taken", "1", payload(n)) for n in some(sample)], 1) - ping)
            figures["LREM, none there"].append(cpu_each(server, client, [("LREM", "jobs:taken", "1", b"none")] * sample, 0) - ping)
            figures["QACK, any"].append(cpu_each(server, client, [("QACK", "jobs", token_of[n]) for n in some(sample)], 1) - ping)
        print(f"with {leases:,} leases outstanding, us of the server beyond a PING, median of {pairs} (spread); goal 3")
        for name, values in figures.items():
            print(f"  {name:20} {statistics.median(values):6.2f}  [{min(values):.2f} .. {max(values):.2f}]")
        print(f"memory for each above its payload: {above:.0f} B; goal 96")
        if client.ask("QINFO", "jobs")[client.ask("QINFO", "jobs").index(b"balanced") + 1] != 1:
            raise SystemExit("the account does not balance")
    finally:
        server.stop()


def ending_together(bench, count, pairs):
    longest, slowest = [], []
    for _ in range(pairs):
        server = Server("baton", bench.peers["baton"], NO_LOG)
        try:
            client = Client(server)
            policy(client, milliseconds=4000)
            for first in range(0, count, 1000):
                client.ask("LPUSH", "jobs", *[payload(n) for n in range(first, first + 1000)])
            if len(client.ask("QPOP", "COUNT", count, "FROM", "jobs")) != count:
                raise SystemExit("not all were leased")
            due = time.monotonic() + 4.0
            time.sleep(3.0)
            ping = subprocess.Popen(["taskset", "-c", "1", bench.load_tool, "--json", "--port", str(server.port), "--clients", "1",
                                     "--pipeline", "1", "--rate", "1000", "--requests", "4000", "--", "PING"],
                                    stdout=subprocess.PIPE, text=True)
            while client.ask("LLEN", "jobs") < count:
                time.sleep(0.005)
            longest.append(time.monotonic() - due)
            slowest.append(json.loads(ping.communicate()[0])["max_us"] / 1000)
            back = client.ask("LRANGE", "jobs", 0, -1)
            if back != [payload(n) for n in reversed(range(count))]:
                raise SystemExit("they are not back in order")
        finally:
            server.stop()
    print(f"{count:,} leases that end together: all back, in order, {statistics.median(longest):.2f} s later (goal 1); "
          f"the slowest PING meanwhile {statistics.median(slowest):.1f} ms (goal 5)")


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
    parser.add_argument("--pairs", type=int, default=3)
    arguments = parser.parse_args()
    bench = Bench(arguments)
    acknowledging(bench, arguments.leases, arguments.pairs)
    ending_together(bench, 100_000, arguments.pairs)
    lists_without_policy(bench, arguments.pairs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
