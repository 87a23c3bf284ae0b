#!/usr/bin/python3
"""Asks Baton and a redis-server the same random questions and compares their answers.

    differential.py --baton build/baton-server [--redis redis-server] [--seed N] [--seeds K] [--commands N]

Streams are drawn from seeds: a seed brings the same stream back. A stream that fails is made small and printed, with
both replies, and stored as JSON for --replay. Exits with 1 when anything differed.
"""

import argparse
import json
import multiprocessing
import os
import queue
import random
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from pair import Difference, Pair  # noqa: E402
from shrink import shrink  # noqa: E402
from steps import Listen, Send, step_from_json, step_to_json  # noqa: E402
from stream import Stream  # noqa: E402
from support.server_process import Misbehaved, ServerProcess  # noqa: E402


LINES_SHOWN = 40


class Servers:
    """A redis-server and a Baton, and a Pair between them; started anew when one of them is no longer usable."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.tolerate = re.compile(arguments.tolerate, re.S | re.I) if arguments.tolerate else None
        self.start()

    def start(self):
        words = self.arguments.baton_option
        options = {"appendonly": "no"} if self.arguments.no_log else {"appendfsync": self.arguments.appendfsync}
        options.update(dict(word.split("=", 1) for word in words))
        self.redis = ServerProcess(
            self.arguments.redis, {"appendonly": "no", "enable-debug-command": "yes"}, name="redis"
        )
        self.baton = ServerProcess(self.arguments.baton, {"enable-debug-command": "yes", **options}, name="baton")
        self.pair = Pair(self.redis.address, self.baton.address, self.tolerate)
        self.pair.reset()

    def stop(self):
        self.redis.discard()
        self.baton.discard()

    def fresh_pair(self):
        """A pair whose servers hold nothing."""
        try:
            if self.baton.alive() and self.redis.alive():
                self.pair.reset()
                return self.pair
        except (Difference, OSError):
            pass  # no longer usable: a dead server, or one that hangs
        self.stop()
        self.start()
        return self.pair

    def run(self, steps, stream=None):
        """Runs the steps on fresh servers: (those that were run, the Difference or None)."""
        pair = self.fresh_pair()
        if stream is not None:
            stream.waiting = pair.waiting
        done = []
        try:
            for step in steps:
                done.append(step)
                pair.run(step)
        except Difference as difference:
            # A server that died needs a moment to be seen dead.
            time.sleep(0.05)
            if not self.baton.alive():
                difference.what += f"; baton died ({self.baton.process.returncode}):\n" + self.baton.log_tail(15)
            return done, difference
        except OSError as error:
            return done, Difference(f"a server cannot be reached: {error}\n{self.baton.log_tail(15)}")
        return done, None


def run_seed(servers, seed, arguments):
    """(commands sent, None or the report of a difference)."""
    stream = Stream(random.Random(seed), set(filter(None, arguments.leave_out.split(","))))
    done, difference = servers.run(stream.steps(arguments.commands), stream)
    commands = sum(len(step.commands) for step in done if isinstance(step, (Send, Listen)))
    if difference is None:
        return commands, None
    return commands, report(servers, done, difference, seed, arguments)


def report(servers, done, difference, seed, arguments):
    if arguments.shrink_seconds:
        found = {"difference": difference}

        def fails(steps):
            _, again = servers.run(steps)
            # A stream that fails for another reason is not a smaller version of this one.
            if again is not None and again.what.split(",")[0] == difference.what.split(",")[0]:
                found["difference"] = again
                return True
            return False

        if fails(done):
            done = shrink(done, fails, arguments.shrink_seconds)
            _, again = servers.run(done)
            difference = again or found["difference"]
        else:
            difference.what += "   (did not fail again when repeated: depends on time?)"
    path = os.path.join(arguments.out, f"differential-{seed}.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump([step_to_json(step) for step in done], out, indent=1)
    shown = "\n".join("\n".join(step.text() for step in done).splitlines()[-LINES_SHOWN:])
    return (
        f"seed {seed}: a difference after {len(done)} steps:\n{shown}\n  => {difference.text()}\n"
        f"  repeat: {sys.argv[0]} --baton {arguments.baton} --redis {arguments.redis} --replay {path}\n"
        f"  or:     ... --seed {seed} --commands {arguments.commands}"
    )


def worker(arguments, seeds, results):
    servers = Servers(arguments)
    try:
        while (seed := seeds.get()) is not None:
            results.put((seed, *run_seed(servers, seed, arguments)))
        servers.baton.finish()
    except (Misbehaved, TimeoutError, subprocess.TimeoutExpired) as misbehaved:
        results.put((None, 0, str(misbehaved)))
    finally:
        servers.stop()


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--baton", required=True, help="the server under test")
    parser.add_argument("--redis", default="redis-server", help="the reference")
    parser.add_argument("--seed", type=int, help="the first seed; a fresh one when left out")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, one after another")
    parser.add_argument("--commands", type=int, default=5000, help="commands in each stream")
    parser.add_argument("--jobs", type=int, default=2, help="streams at the same time")
    parser.add_argument("--no-log", action="store_true", help="start Baton with --appendonly no")
    parser.add_argument("--appendfsync", default="always", help="Baton's policy, with a log")
    parser.add_argument("--baton-option", action="append", default=[], metavar="NAME=VALUE", help="an option for Baton")
    parser.add_argument(
        "--leave-out", default="", metavar="NAME,...", help="commands, containers and scenarios not to draw"
    )
    parser.add_argument("--tolerate", metavar="PATTERN", help="differing replies that are known: pass over them")
    parser.add_argument(
        "--shrink-seconds", type=float, default=40, help="time for making a failing stream small; 0: none"
    )
    parser.add_argument("--out", default=tempfile.gettempdir(), help="where failing streams are stored")
    parser.add_argument("--replay", metavar="FILE", help="run a stored stream")
    return parser.parse_args()


def replay(arguments):
    with open(arguments.replay, encoding="utf-8") as stored:
        steps = [step_from_json(step) for step in json.load(stored)]
    servers = Servers(arguments)
    done, difference = servers.run(steps)
    servers.stop()
    print("\n".join(step.text() for step in done))
    print("no difference" if difference is None else f"  => {difference.text()}")
    return 0 if difference is None else 1


def main():
    arguments = parse_arguments()
    if arguments.replay:
        return replay(arguments)
    first = random.SystemRandom().randrange(1, 1 << 30) if arguments.seed is None else arguments.seed
    print(f"seeds {first} to {first + arguments.seeds - 1}, {arguments.commands} commands each", flush=True)
    start = time.monotonic()
    seeds, results = multiprocessing.Queue(), multiprocessing.Queue()
    jobs = min(arguments.jobs, arguments.seeds)
    for seed in [*range(first, first + arguments.seeds), *[None] * jobs]:
        seeds.put(seed)
    workers = [multiprocessing.Process(target=worker, args=(arguments, seeds, results)) for _ in range(jobs)]
    for each in workers:
        each.start()
    commands = failed = done = 0
    while True:
        try:
            seed, count, difference = results.get(timeout=0.1)
        except queue.Empty:
            if not any(each.is_alive() for each in workers) and results.empty():
                break
            continue
        done += seed is not None
        commands += count
        if difference:
            failed += 1
            print(difference, flush=True)
    lost = arguments.seeds - done
    if lost:
        print(f"{lost} seeds were not run: a worker ended early")
    seconds = time.monotonic() - start
    print(f"{commands} commands in {seconds:.1f} s ({commands / seconds:.0f}/s)")
    print(f"suite: {max(0, done - failed)} passed, {failed + lost} failed", flush=True)
    return 1 if failed or lost else 0


if __name__ == "__main__":
    sys.exit(main())
