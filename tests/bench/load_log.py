#!/usr/bin/env python3
"""How fast the log is loaded: Baton and redis-server 7 on copies of the same directory, in turn (A B A B ...), in one run.

    make bench-load                                 10 million LPUSH of 64 bytes, written by redis-server without a preamble
    make bench-load ARGS='--writer baton'           the same, written by Baton (redis-server loads it, too)
    make bench-load ARGS='--commands 1000000 --pairs 5 --in /somewhere'

Two figures: commands per second from the start of the process until it answers (wall), and CPU-seconds of the process for
them, which a busy machine spoils less. The directory is read once before each start, so that it comes from memory for both.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OPTIONS = ["--appendonly", "yes", "--auto-aof-rewrite-percentage", "0", "--save", "", "--loglevel", "warning"]
GOAL = 3.0


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, binary, directory, sync):
        self.port = free_port()
        options = [*OPTIONS, "--appendfsync", sync, "--port", str(self.port), "--dir", directory]
        if "redis" in Path(binary).name:
            options += ["--aof-use-rdb-preamble", "no"]
        self.log = open(Path(directory) / "out", "wb")
        self.process = subprocess.Popen([binary, *options], stdout=self.log, stderr=self.log)

    def ask(self, *words):
        """The reply's first line, or None while nobody answers."""
        request = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=60) as s:
                s.sendall(request.encode())
                return s.makefile("rb").readline().decode().strip()
        except OSError:
            if self.process.poll() is not None:
                raise SystemExit(f"the server has ended: {Path(self.log.name).read_text(errors='replace')}")
            return None

    def wait(self):
        while (self.ask("PING") or "-")[0] == "-":
            time.sleep(0.01)

    def cpu_seconds(self):
        return time.clock_gettime(((~self.process.pid) << 3) | 2)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


def write(arguments, scratch):
    """A log directory with that many LPUSH commands."""
    directory = os.path.join(scratch, "written")
    os.mkdir(directory)
    writer = arguments.baton if arguments.writer == "baton" else arguments.redis
    server = Server(writer, directory, "no")
    server.wait()
    subprocess.run(
        [str(Path(arguments.tools) / "load"), "--port", str(server.port), "--clients", "10", "--pipeline", "200",
         "--requests", str(arguments.commands), "--", "LPUSH", "bench", f"{{data:{arguments.bytes}}}"],
        check=True, stdout=subprocess.DEVNULL)
    server.ask("SHUTDOWN")
    server.process.wait()
    server.log.close()
    return directory


def once(binary, written, scratch, commands):
    directory = os.path.join(scratch, "copy")
    shutil.copytree(written, directory)
    try:
        for path in Path(directory).rglob("*.aof"):
            with open(path, "rb") as file:
                while file.read(1 << 24):
                    pass
        start = time.monotonic()
        server = Server(binary, directory, "everysec")
        try:
            server.wait()
            seconds = time.monotonic() - start
            cpu = server.cpu_seconds()
            length = server.ask("LLEN", "bench")
            if length != f":{commands}":
                raise SystemExit(f"{binary} has loaded {length} elements, not {commands}")
        finally:
            server.kill()
        return commands / seconds, cpu
    finally:
        shutil.rmtree(directory)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--baton", default="build/baton-server")
    parser.add_argument("--redis", default="redis-server")
    parser.add_argument("--tools", default="build/bench")
    parser.add_argument("--writer", choices=("redis", "baton"), default="redis")
    parser.add_argument("--commands", type=int, default=10_000_000)
    parser.add_argument("--bytes", type=int, default=64)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--in", dest="place", default=os.environ.get("BENCH_DIR"), help="where to put the directories")
    arguments = parser.parse_args()
    arguments.baton = os.path.abspath(arguments.baton)

    scratch = tempfile.mkdtemp(prefix="bench-load-", dir=arguments.place)
    try:
        written = write(arguments, scratch)
        figures = {"baton": [], "redis": []}
        print(f"{'':8} {'commands/s':>12} {'CPU s':>8}")
        for _ in range(arguments.pairs):
            for name, binary in (("baton", arguments.baton), ("redis", arguments.redis)):
                rate, cpu = once(binary, written, scratch, arguments.commands)
                figures[name].append((rate, cpu))
                print(f"{name:8} {rate:12,.0f} {cpu:8.2f}", flush=True)
        pairs = list(zip(figures["baton"], figures["redis"]))
        wall = statistics.median(ours[0] / theirs[0] for ours, theirs in pairs)
        cpu = statistics.median(theirs[1] / ours[1] for ours, theirs in pairs)
        print(f"Baton loads {wall:.2f} times as many commands per second, for 1/{cpu:.2f} of the CPU time "
              f"(median of {len(pairs)} pairs, written by {arguments.writer}); goal {GOAL}: "
              f"{'PASS' if wall >= GOAL else 'short'}")
    finally:
        shutil.rmtree(scratch)
    return 0


if __name__ == "__main__":
    sys.exit(main())
