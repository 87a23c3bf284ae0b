#!/usr/bin/env python3
"""Cost per command as things grow: clients, keys, the length of a list. Baton and redis-server in turn, same run.

The figure is CPU microseconds of the server process per command. A command that knows nothing of size draws a flat line; what
still rises is the processor's caches, which hold less and less of it. Without a log, so that nothing else is measured.

    make bench-scale                                   every line; the longest list has 10 M elements
    make bench-scale ARGS='--longest 100000000'        100 M (redis-server and Baton take 7 GB each, one after the other)
    make bench-scale ARGS='--line keys --chart scale.svg --json scale.json'
"""

import resource
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from bench import NO_LOG, Bench, Server, peers_parser, write_json  # noqa: E402

REQUESTS = 1_000_000


@dataclass
class Line:
    """One line of the drawing. `words` may name the size: {size}."""

    name: str
    what: str
    along: str  # what the sizes count
    sizes: list
    words: list
    fill: list = field(default_factory=list)  # elements or keys are made by this, one for each of `size`
    per_fill: int = 1  # how many each request of `fill` makes
    clients: int = 50
    pipeline: int = 64


HUNDRED = ["{data:64}"] * 100

LINES = [
    Line("clients-ping", "PING", "clients", [1, 100, 10_000], ["PING"], pipeline=1),
    Line("clients-lpush", "LPUSH", "clients", [1, 100, 10_000], ["LPUSH", "list", "{data:64}"], pipeline=1),
    Line("keys-get", "GET of any key", "keys", [1, 1_000, 1_000_000], ["GET", "key:{rand:{size}}"],
         ["SET", "key:{seq}", "{data:64}"]),
    Line("keys-push", "LPUSH and RPOP of any list", "lists", [1, 1_000, 1_000_000],
         ["LPUSH", "key:{rand:{size}}", "{data:64}", ";", "RPOP", "key:{rand:{size}}"], ["LPUSH", "key:{seq}", "{data:64}"]),
    Line("length-ends", "LPUSH and RPOP", "elements", [10, 1_000, 100_000, 10_000_000],
         ["LPUSH", "list", "{data:64}", ";", "RPOP", "list"], ["RPUSH", "list", *HUNDRED], per_fill=100),
    Line("length-move", "RPOPLPUSH of a list to itself", "elements", [10, 1_000, 100_000, 10_000_000],
         ["RPOPLPUSH", "list", "list"], ["RPUSH", "list", *HUNDRED], per_fill=100),
    Line("length-middle", "LINDEX of the middle", "elements", [10, 1_000, 100_000, 10_000_000],
         ["LINDEX", "list", "{half}"], ["RPUSH", "list", *HUNDRED], per_fill=100),
]


def with_size(words, size):
    return [word.replace("{size}", str(size)).replace("{half}", str(size // 2)) for word in words]


def measure(bench, peer, line, size):
    server = Server(peer, bench.peers[peer], NO_LOG)
    try:
        clients = size if line.along == "clients" else line.clients
        if line.fill:
            if size >= line.per_fill:
                bench.load(server, line.fill, size // line.per_fill, clients=1, pipeline=16)
            else:
                bench.load(server, line.fill[:2 + size], 1, clients=1, pipeline=1)
        requests = REQUESTS // (20 if line.pipeline == 1 else 1)
        if line.name == "length-middle":
            requests //= 10 if size <= 100_000 else 100  # redis-server walks there
        cpu = server.cpu_seconds()
        bench.load(server, with_size(line.words, size), requests, clients=clients, pipeline=line.pipeline)
        return (server.cpu_seconds() - cpu) / requests * 1e6
    finally:
        server.stop()


def draw(results, path):
    """One small drawing per line, side by side: both axes logarithmic, Baton dark, redis-server light. Plain SVG."""
    from math import log10
    width, height, columns, gap = 250, 170, 4, 24
    rows = (len(results) + columns - 1) // columns
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{columns * (width + gap) + gap}" height="{rows * (height + 56) + 40}" '
           'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>',
           f'<text x="{gap}" y="20" font-size="14">CPU microseconds of the server per command '
           '(<tspan fill="#175">Baton</tspan>, <tspan fill="#c63">redis-server 7.0.15</tspan>), both axes logarithmic</text>']
    for i, line in enumerate(results):
        left, top = gap + (i % columns) * (width + gap), 40 + (i // columns) * (height + 56)
        values = [value for peer in ("baton", "redis") for value in line[peer]]
        low, high = log10(min(values) / 2), log10(max(values) * 2)
        first, last = log10(line["sizes"][0]), log10(line["sizes"][-1])

        def x(size):
            return left + 24 + (width - 52) * (log10(size) - first) / (last - first)

        def y(value):
            return top + 20 + (height - 40) * (high - log10(value)) / (high - low)
        out.append(f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#ccc"/>')
        out.append(f'<text x="{left + 4}" y="{top + 14}" font-weight="bold">{line["what"]}</text>')
        for peer, colour in (("redis", "#c63"), ("baton", "#175")):
            points = list(zip(line["sizes"], line[peer]))
            out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="'
                       + " ".join(f"{x(size):.0f},{y(value):.0f}" for size, value in points) + '"/>')
            for size, value in points:
                above = -6 if (peer == "redis") == (value >= line["baton"][line["sizes"].index(size)]) else 14
                out.append(f'<text x="{x(size):.0f}" y="{y(value) + above:.0f}" text-anchor="middle" fill="{colour}">{value:.3g}</text>')
        for size in line["sizes"]:
            out.append(f'<text x="{x(size):.0f}" y="{top + height + 14}" text-anchor="middle">{size:,}</text>')
        out.append(f'<text x="{left + width / 2:.0f}" y="{top + height + 28}" text-anchor="middle">{line["along"]}</text>')
    out.append("</svg>")
    Path(path).write_text("\n".join(out) + "\n")


def main():
    parser = peers_parser(__doc__)
    parser.add_argument("--line", action="append", help="only this one; may be given again: " + " ".join(line.name for line in LINES))
    parser.add_argument("--longest", type=int, default=10_000_000, help="elements of the longest list")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--json")
    parser.add_argument("--chart")
    arguments = parser.parse_args()
    unknown = set(arguments.line or []) - {line.name for line in LINES}
    if unknown:
        parser.error(f"no line {', '.join(sorted(unknown))}")
    # 10,000 connections, and some for whoever else there is.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 20_000), hard), hard))
    bench = Bench(arguments)
    results = []
    for line in LINES:
        if arguments.line and line.name not in arguments.line:
            continue
        sizes = line.sizes[:-1] + [max(arguments.longest, line.sizes[-2] * 10)] if line.along == "elements" else line.sizes
        result = {"line": line.name, "what": line.what, "along": line.along, "sizes": sizes, "baton": [], "redis": []}
        for size in sizes:
            figures = {"baton": [], "redis": []}
            for _ in range(arguments.pairs if size < 100_000_000 else 1):
                for peer in ("baton", "redis"):
                    figures[peer].append(measure(bench, peer, line, size))
            for peer in ("baton", "redis"):
                result[peer].append(round(statistics.median(figures[peer]), 3))
        results.append(result)
        print(f"{line.what}, by {line.along}: CPU us per command")
        for name, values in (("", [f"{size:,}" for size in sizes]), ("baton", result["baton"]), ("redis", result["redis"])):
            print(f"  {name:6}" + "".join(f"{value:>14}" for value in values), flush=True)
    write_json(arguments.json, results)
    if arguments.chart:
        draw(results, arguments.chart)
    return 0


if __name__ == "__main__":
    sys.exit(main())
