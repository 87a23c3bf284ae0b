#!/usr/bin/env python3
"""What readers of other keys feel while writers keep the disk busy under `always`. Baton and redis-server in turn, same run.

A connection of its own sends GET of a key that nobody changes, 1,000 a second, each counted from the time it was due: first beside
writers with `appendfsync no` (an idle disk, and the same load on processor and network), then beside the same writers, at the same
rate, under `always`. The table shows p50, p99 and p99.9 of both, the medians over the pairs. Goal: under `always` p99 at most 1.5
times that of the idle disk.

    make bench-readers
    make bench-readers ARGS='--rate 20000 --pairs 5 --seconds 10'
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench, Server, peers_parser, write_json  # noqa: E402

FIGURES = ("p50_us", "p99_us", "p999_us")


def readers_beside_writers(bench, peer, policy, arguments):
    server = Server(peer, bench.peers[peer], ["--appendonly", "yes", "--appendfsync", policy], cores="0,1")
    try:
        bench.load(server, ["SET", "read", "{data:64}"], 1, clients=1, pipeline=1)
        writers = subprocess.Popen(
            ["taskset", "-c", "1", bench.load_tool, "--json", "--port", str(server.port), "--clients", "50", "--rate", str(arguments.rate),
             "--requests", "1000000000", "--until-term", "--", "LPUSH", "list", "{data:64}"], stdout=subprocess.PIPE, text=True)
        time.sleep(1)
        readers = bench.load(server, ["GET", "read"], 1000 * arguments.seconds, clients=1, pipeline=1, extra=["--rate", "1000"])
        writers.terminate()
        written = json.loads(writers.communicate()[0])
        return {**{name: readers[name] for name in FIGURES}, "written_per_second": written["per_second"]}
    finally:
        server.stop()


def main():
    parser = peers_parser(__doc__)
    parser.add_argument("--rate", type=int, default=5_000, help="writes a second")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    results = {(peer, policy): [] for peer in ("baton", "redis") for policy in ("no", "always")}
    for _ in range(arguments.pairs):
        for peer, policy in results:
            results[peer, policy].append(readers_beside_writers(bench, peer, policy, arguments))
    print(f"GET of a key that nobody changes, beside {arguments.rate:,} LPUSH a second: latency in us, medians of {arguments.pairs} pairs")
    print(f"{'':8} {'appendfsync':12} {'p50':>8} {'p99':>8} {'p99.9':>8}   writes a second")
    p99 = {}
    for (peer, policy), runs in results.items():
        middle = {name: statistics.median(run[name] for run in runs) for name in (*FIGURES, "written_per_second")}
        p99[peer, policy] = middle["p99_us"]
        print(f"{peer:8} {policy:12} " + " ".join(f"{middle[name]:8.0f}" for name in FIGURES) + f"   {middle['written_per_second']:.0f}")
    for peer in ("baton", "redis"):
        ratio = p99[peer, "always"] / p99[peer, "no"]
        verdict = f"  goal 1.5  {'PASS' if ratio <= 1.5 else 'short'}" if peer == "baton" else ""
        print(f"{peer}: p99 under always {ratio:.2f} of that on an idle disk{verdict}")
    write_json(arguments.json, {f"{peer} {policy}": runs for (peer, policy), runs in results.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
