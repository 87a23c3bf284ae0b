#!/usr/bin/env python3
"""Flat latency: what other clients feel while one does something large. Baton and redis-server in turn, same run.

A connection of its own sends PING at 1,000 a second, each counted from the time it was due, while the scenario runs; the table shows
p99.9 and the maximum in milliseconds. Two noisy cores show pauses that are nobody's: compare the columns, and see `idle`.

    make bench-flat                       every scenario at a tenth of full size
    make bench-flat ARGS='--scale 1'      10 M keys, one list of 50 M elements
    make bench-flat ARGS='--scenario del-list'
"""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from bench import EVERYSEC, Bench, Server, peers_parser  # noqa: E402


def command(port, *words, timeout=300):
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s:
        s.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in (str(x).encode() for x in words)))
        return s.recv(1 << 20)


class Scenarios:
    def __init__(self, bench, scale):
        self.bench = bench
        self.keys = int(10_000_000 * scale)
        self.elements = int(50_000_000 * scale)

    def fill_keys(self, server):
        self.bench.load(server, ["SET", "key:{seq}", "{data:16}"], self.keys, clients=4)

    def fill_list(self, server):
        self.bench.load(server, ["RPUSH", "list", "{data:16}"], self.elements, clients=4)

    # name: (before the clock starts, what is measured)
    def table(self):
        nothing = lambda server: None
        return {
            "idle": (nothing, lambda server: time.sleep(3)),
            "fill-keys": (nothing, self.fill_keys),
            "fill-list": (nothing, self.fill_list),
            "del-list": (self.fill_list, lambda server: self.settle(server, "DEL", "list")),
            "unlink-list": (self.fill_list, lambda server: self.settle(server, "UNLINK", "list")),
            "flushall-keys": (self.fill_keys, lambda server: self.settle(server, "FLUSHALL")),
            "ltrim-list": (self.fill_list, lambda server: self.settle(server, "LTRIM", "list", "0", "9")),
            "rewrite-list": (self.fill_list, lambda server: self.settle(server, "BGREWRITEAOF", seconds=6)),
            "expire-100k": (nothing, self.expire),
            "blocked-10k": (self.block, self.serve),
        }

    @staticmethod
    def settle(server, *words, seconds=2):
        time.sleep(0.5)
        command(server.port, *words)
        time.sleep(seconds)

    def expire(self, server):
        at = int(time.time() * 1000) + 4000
        self.bench.load(server, ["SET", "key:{seq}", "v", "PXAT", str(at)], 100_000, clients=4)
        time.sleep(max(0, at / 1000 + 2 - time.time()))

    def block(self, server):
        self.waiting = []
        for _ in range(10_000):
            s = socket.create_connection(("127.0.0.1", server.port))
            s.sendall(b"*3\r\n$5\r\nBLPOP\r\n$4\r\nline\r\n$1\r\n0\r\n")
            self.waiting.append(s)
        time.sleep(1)

    def serve(self, server):
        time.sleep(0.5)
        command(server.port, "RPUSH", "line", *range(10_000))
        for s in self.waiting:
            s.recv(100)
            s.close()
        time.sleep(1)


def measure(bench, scenarios, name, peer):
    before, during = scenarios.table()[name]
    server = Server(peer, bench.peers[peer], EVERYSEC)
    try:
        before(server)
        ping = subprocess.Popen(
            [bench.load_tool, "--json", "--port", str(server.port), "--clients", "1", "--rate", "1000", "--requests", "100000000", "--until-term",
             "--", "PING"], stdout=subprocess.PIPE, text=True)
        time.sleep(0.2)
        during(server)
        ping.terminate()
        return json.loads(ping.communicate()[0])
    finally:
        server.stop()


def main():
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (20_000, max(20_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    parser = peers_parser(__doc__)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--scenario", action="append")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    scenarios = Scenarios(bench, arguments.scale)
    print(f"{'ms':16} {'baton p99.9':>12} {'max':>9} {'redis p99.9':>12} {'max':>9}")
    for name in scenarios.table():
        if arguments.scenario and name not in arguments.scenario:
            continue
        figures = {peer: measure(bench, scenarios, name, peer) for peer in ("baton", "redis")}
        print(f"{name:16} " + " ".join(f"{figures[p]['p999_us'] / 1000:>12.2f} {figures[p]['max_us'] / 1000:>9.2f}" for p in figures), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
