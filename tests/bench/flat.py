#!/usr/bin/env python3
"""Flat latency: what other clients feel while one does something large. Baton and redis-server in turn, same run.

A connection of its own sends PING at 1,000 a second, each counted from the time it was due, while the scenario runs. The
table shows p99.9 and the maximum in milliseconds, as felt, and of that what is the server's own: less the time for which the
server, or the client, was ready to run and the machine had no core for it (see load.cc). A row passes when Baton's own maximum
is at most 5 ms.

    make bench-flat                       every scenario at a tenth of full size
    make bench-flat ARGS='--scale 1'      10 M keys, one list of 50 M elements
    make bench-flat ARGS='--scenario del-list --json out.json'   (again for more; --list shows them)
"""

import json
import resource
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

sys.path.insert(0, str(Path(__file__).parent))
from bench import EVERYSEC, Bench, Server, peers_parser, write_json  # noqa: E402

GOAL_MS = 5.0
CLIENTS = 10_000  # that wait on one list
EXPIRING = 100_000  # keys, in one millisecond
FIGURES = ("p999", "max", "own_p999", "own_max")  # ms


def encode(*words):
    words = [str(word).encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def command(port, *words, timeout=300):
    """The first bytes of the reply, which must not be an error."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s:
        s.sendall(encode(*words))
        reply = s.recv(1 << 20)
        if not reply or reply[:1] == b"-":
            raise SystemExit(f"{words[0]} was answered with {reply!r}")
        return reply


class Sizes:
    """What the scenarios are made of, and how that comes into a server."""

    def __init__(self, bench, scale):
        self.bench = bench
        self.keys = max(int(10_000_000 * scale), 1000)
        self.elements = max(int(50_000_000 * scale), 1000)

    def no_keys(self, server):
        pass

    def fill_keys(self, server):
        self.bench.load(server, ["SET", "key:{seq}", "{data:16}"], self.keys, clients=4)

    def fill_list(self, server):
        self.bench.load(server, ["RPUSH", "list", "{data:16}"], self.elements, clients=4)

    def have_list(self, server):
        """The same, faster: a hundred elements a command."""
        self.bench.load(server, ["RPUSH", "list", *["{data:16}"] * 100], self.elements // 100, clients=4, pipeline=8)

    def wait_in_line(self, server):
        self.waiting = []
        for _ in range(CLIENTS):
            s = socket.create_connection(("127.0.0.1", server.port))
            s.sendall(encode("BLPOP", "line", 0))
            self.waiting.append(s)
        while b"blocked_clients:%d\r\n" % CLIENTS not in command(server.port, "INFO", "clients"):
            time.sleep(0.1)

    def serve_the_line(self, server):
        time.sleep(0.5)
        command(server.port, "RPUSH", "line", *range(CLIENTS))
        for number, s in enumerate(self.waiting):
            wanted = b"*2\r\n$4\r\nline\r\n$%d\r\n%d\r\n" % (len(str(number)), number)
            if (got := s.recv(100)) != wanted:
                raise SystemExit(f"client {number} of the line got {got!r}")
        for s in self.waiting:
            s.close()
        time.sleep(1)

    def expire_together(self, server):
        at_ms = int(time.time() * 1000) + 4000
        self.bench.load(server, ["SET", "key:{seq}", "v", "PXAT", str(at_ms)], EXPIRING, clients=4)
        if time.time() * 1000 > at_ms:
            raise SystemExit("the keys were not there in time")
        time.sleep(max(0, at_ms / 1000 + 2 - time.time()))
        if (left := command(server.port, "DBSIZE")) != b":0\r\n":
            raise SystemExit(f"keys are left two seconds after their time: {left!r}")


def ask(*words, seconds=2):
    """A scenario: one command, and some time for what it leaves behind."""

    def during(_, server):
        time.sleep(0.5)
        command(server.port, *words)
        time.sleep(seconds)

    return during


def expire_list(_, server):
    time.sleep(0.5)
    command(server.port, "PEXPIRE", "list", 500)
    time.sleep(2.5)
    if command(server.port, "EXISTS", "list") != b":0\r\n":
        raise SystemExit("the list has not expired")


def rewrite(_, server):
    time.sleep(0.5)
    command(server.port, "BGREWRITEAOF")
    while b"aof_rewrite_in_progress:1" in command(server.port, "INFO", "persistence"):
        time.sleep(0.2)
    time.sleep(1)


@dataclass(frozen=True)
class Scenario:
    name: str
    what: str
    before: Callable  # (sizes, server), then the clock starts
    during: Callable


SCENARIOS = [
    Scenario("idle", "nothing", Sizes.no_keys, lambda sizes, server: time.sleep(5)),
    Scenario("fill-keys", "10 M keys come", Sizes.no_keys, Sizes.fill_keys),
    Scenario("fill-list", "50 M elements come into one list", Sizes.no_keys, Sizes.fill_list),
    Scenario("del-list", "DEL of that list", Sizes.have_list, ask("DEL", "list")),
    Scenario("unlink-list", "UNLINK of that list", Sizes.have_list, ask("UNLINK", "list")),
    Scenario("expire-list", "that list expires", Sizes.have_list, expire_list),
    Scenario("ltrim-list", "LTRIM of that list to ten", Sizes.have_list, ask("LTRIM", "list", 0, 9)),
    Scenario("flushall-list", "FLUSHALL, that list", Sizes.have_list, ask("FLUSHALL")),
    Scenario("flushall-keys", "FLUSHALL, 10 M keys", Sizes.fill_keys, ask("FLUSHALL")),
    Scenario("rewrite-list", "the log is rewritten, that list", Sizes.have_list, rewrite),
    Scenario("expire-keys", "100,000 keys expire in one millisecond", Sizes.no_keys, Sizes.expire_together),
    Scenario("blocked", "10,000 blocked clients, one RPUSH", Sizes.wait_in_line, Sizes.serve_the_line),
]


def measure(bench, sizes, scenario, peer):
    server = Server(peer, bench.peers[peer], EVERYSEC, cores="0,1")
    try:
        scenario.before(sizes, server)
        bench.wait_until_idle(server)
        ping = subprocess.Popen(
            ["taskset", "-c", "1", bench.load_tool, "--json", "--port", str(server.port), "--clients", "1", "--rate", "1000",
             "--watch", str(server.process.pid), "--requests", "100000000", "--until-term", "--", "PING"],
            stdout=subprocess.PIPE, text=True)
        try:
            time.sleep(0.2)
            scenario.during(sizes, server)
        finally:
            ping.terminate()
            said = ping.communicate()[0]
        felt = json.loads(said)
        return {name: felt[name + "_us"] / 1000 for name in FIGURES}
    finally:
        server.stop()


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (20_000, max(20_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    parser = peers_parser(__doc__)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--scenario", action="append", choices=[scenario.name for scenario in SCENARIOS])
    parser.add_argument("--json")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    if arguments.list:
        for scenario in SCENARIOS:
            print(f"{scenario.name:14} {scenario.what}")
        return 0
    bench = Bench(arguments)
    sizes = Sizes(bench, arguments.scale)
    print(f"keys and elements: {arguments.scale:g} of what the rows say; ms of a PING at 1 kHz; goal: Baton's own at most {GOAL_MS:g}")
    print(f"{'':39}" + "".join(f" | {peer:6} {'p99.9':>8} {'max':>8} {'own p99.9':>10} {'max':>7}" for peer in ("baton", "redis")))
    rows = []
    for scenario in SCENARIOS:
        if arguments.scenario and scenario.name not in arguments.scenario:
            continue
        row = {peer: measure(bench, sizes, scenario, peer) for peer in ("baton", "redis")}
        row.update(row=scenario.name, what=scenario.what, goal=GOAL_MS, passed=row["baton"]["own_max"] <= GOAL_MS)
        rows.append(row)
        print(f"{scenario.what:39}"
              + "".join(" | {:15.2f} {:8.2f} {:10.2f} {:7.2f}".format(*(row[peer][name] for name in FIGURES)) for peer in ("baton", "redis"))
              + f"  {'PASS' if row['passed'] else 'short'}", flush=True)
    write_json(arguments.json, {"scale": arguments.scale, "rows": rows})
    print(f"{sum(row['passed'] for row in rows)} of {len(rows)} rows at their goal")
    return 0


if __name__ == "__main__":
    sys.exit(main())
