#!/usr/bin/env python3
"""Baton and redis-server side by side, in one run, in turn (A B A B ...).

The figure is CPU-seconds of the server process per million commands, from the kernel's own accounting of that process: the
load generator, the other core and the neighbours of a virtual machine spoil it least. A row passes when Baton's median
ratio to redis-server is at or below the goal. `floor` is tests/bench/floor_server: a libuv server that only finds where requests end.
Where that alone costs more than the goal, the row says so ("floor"): on this machine sockets cost so much that no server
can reach it. Last, for comparison and without a goal, one job of beanstalkd.

    make bench                          every row, 3 pairs
    make bench ARGS='--row lpush-p64'   one row (again for more)
    make bench ARGS='--list'            the rows
    make bench ARGS='--json out.json --chart out.svg --pairs 5'
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

EVERYSEC = ["--appendonly", "yes", "--appendfsync", "everysec"]
ALWAYS = ["--appendonly", "yes", "--appendfsync", "always"]
NO_LOG = ["--appendonly", "no"]
COMMON = ["--save", "", "--auto-aof-rewrite-percentage", "0", "--maxclients", "20000", "--loglevel", "warning"]


@dataclass
class Row:
    """One line of the table. `goal` is the ratio to redis-server that passes."""

    name: str
    what: str
    goal: float
    command: list = field(default_factory=list)
    options: list = field(default_factory=lambda: EVERYSEC)
    clients: int = 50
    pipeline: int = 1
    requests: int = 500_000
    fill: list = field(default_factory=list)  # (requests, command) run before the clock starts
    kind: str = "cpu"  # cpu | rate | memory | latency
    payload: int = 0  # memory rows: payload bytes of what fill made
    items: int = 0
    floor: bool = False
    higher_is_better: bool = False


PUSH64 = ["LPUSH", "bench", "{data:64}"]
MOVE = ["RPOPLPUSH", "bench", "bench2", ";", "RPOPLPUSH", "bench2", "bench"]
FILL = [(200_000, PUSH64)]


def in_flight(count):
    """As RPOPLPUSH leaves it: the newest at the head, the oldest at the tail."""
    return [(count, ["LPUSH", "flight", "{seq}"])]


ROWS = [
    Row("lpush-p1", "LPUSH, no pipeline, no AOF", 4.2 / 4.9, PUSH64, NO_LOG, floor=True, requests=300_000),
    Row("rpoplpush-p1", "RPOPLPUSH, no pipeline, everysec", 4.5 / 5.7, MOVE, fill=FILL, floor=True, requests=300_000),
    Row("lpush-p16", "LPUSH, pipeline 16, everysec", 0.50 / 1.25, PUSH64, pipeline=16, requests=2_000_000, floor=True),
    Row("rpoplpush-p16", "RPOPLPUSH, pipeline 16, everysec", 0.55 / 1.41, MOVE, pipeline=16, requests=2_000_000, fill=FILL, floor=True),
    Row("lpush-p64", "LPUSH, pipeline 64, everysec", 0.25 / 1.02, PUSH64, pipeline=64, requests=4_000_000, floor=True),
    Row("rpoplpush-p64", "RPOPLPUSH, pipeline 64, everysec", 0.30 / 1.21, MOVE, pipeline=64, requests=4_000_000, fill=FILL, floor=True),
    Row("rpop-p64", "RPOP, pipeline 64, everysec", 0.25 / 0.91, ["RPOP", "bench"], pipeline=64, requests=4_000_000,
        fill=[(4_000_000, PUSH64)], floor=True),
    Row("lpush-1k-p64", "LPUSH 1 KiB, pipeline 64, everysec", 1.2 / 3.57, ["LPUSH", "bench", "{data:1024}"], pipeline=64,
        requests=500_000, floor=True),
    Row("lrange-p16", "LRANGE of 100 x 64 B, pipeline 16", 2.0 / 8.0, ["LRANGE", "bench", "0", "99"], pipeline=16,
        requests=200_000, fill=[(100, PUSH64)]),
    Row("ping-10k", "PING, 10,000 connections, no pipeline", 6.3 / 8.6, ["PING"], NO_LOG, clients=10_000, requests=300_000, floor=True),
    Row("lrem-10k", "LREM key 1 v, the oldest of 10,000, one client", 0.2, clients=1, requests=1_000, fill=in_flight(10_000), kind="lrem", items=10_000),
    Row("lrem-1m", "LREM key 1 v, the oldest of 1,000,000, one client", 0.01, clients=1, requests=400, fill=in_flight(1_000_000),
        kind="lrem", items=1_000_000),
    Row("job-100", "one reliable job, 100 in flight", 2 / 7.0, kind="job", items=100, floor=True, requests=200_000),
    Row("job-10000", "one reliable job, 10,000 in flight", 2 / 270, kind="job", items=10_000, requests=40_000),
    Row("job-100000", "one reliable job, 100,000 in flight", 2 / 2670, kind="job", items=100_000, requests=4_000),
    Row("memory-64", "bytes above payload, 10 M x 64 B in one list", 3 / 4.8, NO_LOG, NO_LOG, kind="memory", items=10_000_000, payload=64,
        fill=[(10_000_000, PUSH64)]),
    Row("memory-1k", "bytes above payload, 1 M x 1 KiB in one list", 24 / 175, NO_LOG, NO_LOG, kind="memory", items=1_000_000, payload=1024,
        fill=[(1_000_000, ["LPUSH", "bench", "{data:1024}"])]),
    Row("memory-keys", "bytes above payload, 1 M lists of one 64 B", 75 / 193, NO_LOG, NO_LOG, kind="memory", items=1_000_000, payload=64,
        fill=[(1_000_000, ["LPUSH", "{seq}", "{data:64}"])]),
    Row("always-p1", "always: acknowledged LPUSH/s, 50 connections", 1.3, PUSH64, ALWAYS, requests=100_000, kind="rate", higher_is_better=True),
    Row("always-p16", "always: the same, pipeline 16", 2.4, PUSH64, ALWAYS, pipeline=16, requests=600_000, kind="rate", higher_is_better=True),
    Row("always-p64", "always: the same, pipeline 64", 3.5, PUSH64, ALWAYS, pipeline=64, requests=2_000_000, kind="rate", higher_is_better=True),
    Row("always-one", "always: one connection alone", 1.3, PUSH64, ALWAYS, clients=1, requests=10_000, kind="rate", higher_is_better=True),
]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


GREETINGS = {"floor": b"*1\r\n$4\r\nPING\r\n", "beanstalkd": b"hello\r\n"}


class Server:
    """A server process on core 0 (or those that are named), in a directory of its own."""

    def __init__(self, name, argv, options, cores="0"):
        self.name = name
        self.port = free_port()
        self.directory = tempfile.mkdtemp(prefix=f"bench-{name}-", dir=os.environ.get("BENCH_DIR"))
        if name == "floor":
            command = argv + [str(self.port)]
        elif name == "beanstalkd":
            command = argv + ["-l", "127.0.0.1", "-p", str(self.port)]
        else:
            command = argv + ["--port", str(self.port), "--dir", self.directory, *COMMON, *options]
        self.log = open(Path(self.directory) / "out", "wb")
        self.process = subprocess.Popen(["taskset", "-c", cores, *command], stdout=self.log, stderr=self.log, start_new_session=True)
        deadline = time.monotonic() + 20
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as s:
                    s.sendall(GREETINGS.get(name, b"PING\r\n"))
                    if s.recv(100)[:1] in (b"+", b"U"):  # and not -LOADING; UNKNOWN_COMMAND is an answer, too
                        return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                text = (Path(self.directory) / "out").read_text(errors="replace")
                raise SystemExit(f"{name} did not start: {text}")
            time.sleep(0.02)

    def cpu_seconds(self):
        """All threads, ended ones too; nanoseconds from the kernel (clock_getcpuclockid)."""
        return time.clock_gettime(((~self.process.pid) << 3) | 2)

    def rss(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.load_tool = str(Path(arguments.tools) / "load")
        self.peers = {
            "baton": [arguments.baton],
            "redis": [arguments.redis],
            "floor": [str(Path(arguments.tools) / "floor_server")],
        }

    def load(self, server, command, requests, clients=50, pipeline=64, extra=()):
        done = subprocess.run(
            ["taskset", "-c", "1", self.load_tool, "--json", "--port", str(server.port), "--clients", str(clients),
             "--pipeline", str(pipeline), "--requests", str(requests), *extra, "--", *command],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"load against {server.name} failed: {done.stderr}")
        result = json.loads(done.stdout)
        if result["errors"]:
            raise SystemExit(f"{server.name} answered errors: {done.stderr}")
        return result

    def once(self, row, peer):
        """One measurement: the figure, and how busy the load generator was."""
        if peer == "floor":
            server = Server(peer, self.peers[peer], [])
        else:
            server = Server(peer, self.peers[peer], row.options)
        try:
            if row.kind == "memory":
                before = server.rss()
                for requests, command in row.fill:
                    self.load(server, command, requests, clients=1)
                return (server.rss() - before) / row.items - row.payload, 0
            if peer != "floor":
                for requests, command in row.fill:
                    self.load(server, command, requests, clients=1)
            if row.kind == "lrem":
                return self.lrem(server, row), 0
            if row.kind == "job":
                return self.job(server, row), 0
            cpu = server.cpu_seconds()
            result = self.load(server, row.command, row.requests, row.clients, row.pipeline)
            cpu = server.cpu_seconds() - cpu
            busy = result["load_cpu"] / result["seconds"]
            if row.kind == "rate":
                return result["per_second"], busy
            return cpu / row.requests * 1e6, busy
        finally:
            server.stop()

    def lrem(self, server, row):
        """Server microseconds for one LREM of the oldest, less those of one PING: to a walk from the head the oldest is last."""
        # Baton builds its index when a walk has been long; a walk is so slow that fewer of them tell enough.
        self.load(server, ["LREM", "flight", "1", "nobody"], 20, clients=1, pipeline=1)
        self.wait_until_idle(server)
        requests = row.requests if server.name == "redis" else 20 * row.requests
        cpu = server.cpu_seconds()
        self.load(server, ["LREM", "flight", "1", "{seq:ack}"], requests, clients=1, pipeline=1)
        lrem = (server.cpu_seconds() - cpu) / requests * 1e6
        pings = max(requests, 5_000)
        cpu = server.cpu_seconds()
        self.load(server, ["PING"], pings, clients=1, pipeline=1)
        ping = (server.cpu_seconds() - cpu) / pings * 1e6
        return lrem - ping if lrem > ping else 0.01

    def wait_until_idle(self, server):
        cpu = -1.0
        while server.cpu_seconds() - cpu > 0.01:
            cpu = server.cpu_seconds()
            time.sleep(0.3)

    def job(self, server, row):
        """Server microseconds per job (push, move, acknowledge the oldest in flight), in batches of 16."""
        if server.name != "floor":
            self.load(server, ["LPUSH", "flight", "{seq}"], row.items, clients=1)
            self.load(server, ["LREM", "flight", "1", "nobody"], 20, clients=1, pipeline=1)
            self.wait_until_idle(server)
        # redis-server walks over what is in flight: fewer of its jobs tell enough, and few of the others' tell too little.
        requests = row.requests if server.name == "redis" else max(row.requests, 100_000)
        cpu = server.cpu_seconds()
        self.load(server, ["LPUSH", "todo", "{seq:push}", ";", "RPOPLPUSH", "todo", "flight", ";", "LREM", "flight", "1", "{seq:ack}"],
                  requests * 3, clients=1, pipeline=48, extra=["--seq", str(row.items)])
        return (server.cpu_seconds() - cpu) / requests * 1e6

    def row(self, row):
        figures = {"baton": [], "redis": [], "floor": []}
        ratios, floors, busiest = [], [], 0.0
        for _ in range(self.arguments.pairs):
            pair = {}
            for peer in ("baton", "redis"):
                pair[peer], busy = self.once(row, peer)
                figures[peer].append(pair[peer])
                busiest = max(busiest, busy)
            ratios.append(pair["baton"] / pair["redis"] if pair["redis"] else float("inf"))
            if row.floor:
                figures["floor"].append(self.once(row, "floor")[0])
                floors.append(figures["floor"][-1] / pair["redis"])
        ratio = statistics.median(ratios)
        floor = statistics.median(floors) if floors else None
        passed = ratio >= row.goal if row.higher_is_better else ratio <= row.goal
        return {
            "row": row.name, "what": row.what, "kind": row.kind, "goal": round(row.goal, 3), "ratio": round(ratio, 3),
            "ratio_min": round(min(ratios), 3), "ratio_max": round(max(ratios), 3),
            "baton": statistics.median(figures["baton"]), "redis": statistics.median(figures["redis"]),
            "floor": statistics.median(figures["floor"]) if floors else None, "floor_ratio": round(floor, 3) if floors else None,
            "verdict": "PASS" if passed else "floor" if floors and floor > row.goal else "short",
            "load_busy": round(busiest, 2), "passed": passed,
        }


    def beanstalkd(self):
        """What a job costs a queue server that is nothing else: put, reserve and delete in batches of 16, no log."""
        server = Server("beanstalkd", [self.arguments.beanstalkd], [])
        try:
            jobs, batch = 20_000, 16
            with socket.create_connection(("127.0.0.1", server.port)) as s, s.makefile("rb") as replies:
                cpu = server.cpu_seconds()
                for _ in range(jobs // batch):
                    s.sendall(b"put 0 0 60 64\r\n%s\r\n" % (b"x" * 64) * batch + b"reserve\r\n" * batch)
                    reserved = []
                    for _ in range(2 * batch):
                        word, number, *rest = replies.readline().split()
                        if word == b"RESERVED":
                            replies.read(int(rest[0]) + 2)
                            reserved.append(number)
                        elif word != b"INSERTED":
                            raise SystemExit(f"beanstalkd answered {word!r}")
                    s.sendall(b"".join(b"delete %s\r\n" % number for number in reserved))
                    if any(replies.readline() != b"DELETED\r\n" for _ in reserved):
                        raise SystemExit("beanstalkd did not delete what it had handed out")
                cpu = (server.cpu_seconds() - cpu) / jobs * 1e6
            print(f"beanstalkd, one job (put, reserve, delete) in batches of {batch}, without a log: {cpu:.2f} us")
        finally:
            server.stop()


UNITS = {"cpu": "CPU s per M", "rate": "acknowledged/s", "memory": "bytes each", "lrem": "us above PING", "job": "us per job"}


def show(result):
    floor = f"{result['floor']:.2f}" if result["floor"] is not None else "-"
    sign = ">=" if result["kind"] == "rate" else "<="
    busy = " load busy" if result["kind"] == "cpu" and result["load_busy"] > 0.95 else ""
    print(f"{result['what']:50} {result['baton']:>10.2f} {result['redis']:>10.2f} {floor:>6}  {result['ratio']:>6.3f} "
          f"[{result['ratio_min']:.2f} .. {result['ratio_max']:.2f}]  {sign} {result['goal']:<6} "
          f"{result['verdict']:5} {UNITS[result['kind']]}{busy}", flush=True)


def chart(results, path):
    """Bars of Baton's ratio to redis-server (= 1), one per row; plain SVG."""
    bar, left, width = 22, 330, 400
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 120}" height="{bar * len(results) + 60}" '
             'font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>',
             '<text x="10" y="20" font-size="14">Baton relative to redis-server 7.0.15 (= 1), same run: '
             '<tspan fill="#2a7">at its goal</tspan>, <tspan fill="#c93">short of it</tspan>, '
             '<tspan fill="#89a">goal below the floor of the machine</tspan></text>']
    for i, result in enumerate(results):
        y = 40 + i * bar
        better = result["kind"] == "rate"
        ratio = result["ratio"]
        length = min(ratio / (6 if better else 1.2), 1) * width
        colour = {"PASS": "#2a7", "floor": "#89a", "short": "#c93"}[result["verdict"]]
        lines.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{result["what"]}</text>')
        lines.append(f'<rect x="{left}" y="{y + 3}" width="{length:.0f}" height="{bar - 8}" fill="{colour}"/>')
        note = "x the rate" if better else "x the cost"
        lines.append(f'<text x="{left + length + 6:.0f}" y="{y + 14}">{ratio:.2f} {note}</text>')
    lines.append("</svg>")
    Path(path).write_text("\n".join(lines) + "\n")


def write_json(path, results):
    """Nothing without a path. Whole or not at all, since a chart may be drawn from it."""
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        whole = Path(path).with_suffix(".part")
        whole.write_text(json.dumps(results, indent=1) + "\n")
        whole.replace(path)


def peers_parser(description):
    """Arguments that say where the servers and tools are."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--baton", default="build/baton-server")
    parser.add_argument("--redis", default="redis-server")
    parser.add_argument("--tools", default="build/bench")
    return parser


def main():
    parser = peers_parser(__doc__)
    parser.add_argument("--row", action="append", help="only this row; may be given again")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--json")
    parser.add_argument("--chart")
    parser.add_argument("--beanstalkd", default="beanstalkd")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    if arguments.list:
        for row in ROWS:
            print(f"{row.name:14} {row.what}")
        return 0
    known = {row.name for row in ROWS}
    for name in arguments.row or []:
        if name not in known:
            parser.error(f"no row {name}; --list shows them")
    print(f"{'':50} {'baton':>10} {'redis':>10} {'floor':>6}  {'ratio':>6} {'spread':16}  goal")
    bench = Bench(arguments)
    results = []
    for row in ROWS:
        if arguments.row and row.name not in arguments.row:
            continue
        results.append(bench.row(row))
        show(results[-1])
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(results, indent=1) + "\n")
    if arguments.chart:
        chart(results, arguments.chart)
    verdicts = [result["verdict"] for result in results]
    print(f"{verdicts.count('PASS')} of {len(results)} rows at their goal, {verdicts.count('floor')} whose goal is below this machine's floor")
    if not arguments.row:
        bench.beanstalkd()
    return 0


if __name__ == "__main__":
    sys.exit(main())
