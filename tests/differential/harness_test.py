#!/usr/bin/python3
"""The differential harness itself, tried on redis-server against redis-server.

Two equal servers show no difference; servers that are set up differently are found out, and the stream is made small.
What may differ between two replies is no wider than it is meant to be.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]

from commands import LISTENING_ROWS, ROWS, row_of  # noqa: E402
from compare import CLASSES, Asked  # noqa: E402
from listening_scenarios import LISTENING_SCENARIOS  # noqa: E402
from scenarios import SCENARIOS  # noqa: E402
from server_scenarios import SERVER_SCENARIOS  # noqa: E402
from steps import Listen, Send  # noqa: E402
from stream import Stream  # noqa: E402
from support.resp import Map  # noqa: E402

OTHER_RULES = ("databases=8", "proto-max-bulk-len=600mb", "maxmemory-policy=allkeys-lfu")


def run(redis, *arguments):
    line = [sys.executable, os.path.join(HERE, "differential.py"), "--baton", redis, "--redis", redis, "--no-log"]
    return subprocess.run([*line, *arguments], capture_output=True, text=True, timeout=300)


def equal_servers_show_no_difference(redis, out):
    result = run(redis, "--seeds", "2", "--commands", "3000", "--out", out)
    return result.returncode == 0, result.stdout


def a_server_with_other_rules_is_found_out(redis, out):
    for option in OTHER_RULES:
        result = run(redis, "--seeds", "1", "--seed", "8", "--baton-option", option, "--out", out)
        steps = result.stdout.count("\n[")
        if result.returncode != 1 or "=> " not in result.stdout or not 1 <= steps <= 6:
            return False, option + "\n" + result.stdout
    return True, ""


def a_stored_stream_fails_again(redis, out):
    stored = os.path.join(out, "differential-8.json")
    result = run(redis, "--baton-option", OTHER_RULES[-1], "--replay", stored)
    return result.returncode == 1 and "=> " in result.stdout, result.stdout


def seeds_in_a_row_draw_every_command_and_every_scene(redis, out):
    drawn = set()
    for seed in range(1, 13):  # those of make test
        stream = Stream(random.Random(seed))
        stream.scenarios = [(noting(maker, drawn), weight) for maker, weight in stream.scenarios]
        sent = [step for step in stream.steps(5000) if isinstance(step, (Send, Listen))]
        drawn |= {row_of(command.words).name for step in sent for command in step.commands}
    scenarios = (SCENARIOS, SERVER_SCENARIOS, LISTENING_SCENARIOS)
    scenes = {maker.__name__ for each in scenarios for maker, _ in each.values()}
    missing = ({row.name for row in [*ROWS, *LISTENING_ROWS] if row.name} | scenes) - drawn
    return not missing, f"never drawn: {missing}"


def noting(maker, drawn):
    def made(rng):
        drawn.add(maker.__name__)
        return maker(rng)

    return made


def client(**fields):
    fields = {"id": "5", "addr": "a", "cmd": "ping", "user": "default", "redir": "-1", "resp": "2", **fields}
    names = ("name", "flags", "db", "sub", "psub", "ssub", "multi")
    line = {"name": "", "flags": "N", **dict.fromkeys(names[2:], "0"), **fields}
    return " ".join(f"{name}={value}" for name, value in line.items()).encode()


def logged(*words, name=b"logged"):
    return [7, 1700000000, 12, [word.encode() for word in words], b"127.0.0.1:1", name]


def counts(**calls):
    lines = "".join(
        f"cmdstat_{name}:calls={count},usec=5,usec_per_call=5.00,rejected_calls=0,failed_calls=0\r\n"
        for name, count in calls.items()
    )
    return f"# Commandstats\r\n{lines}# Keyspace\r\n".encode()


COUNTED = ["INFO", "stats", "commandstats", "errorstats"]
# (class, request, redis's value, a value that is as good, a value that is not)
JUDGED = [
    ("near", ["TTL", "k"], 1000, 990, 900),
    ("near", ["TTL", "k"], -1, -1, -2),
    ("near", ["GET", "k"], 5, 5, 6),
    ("unordered", ["KEYS", "*"], [b"a", b"b"], [b"b", b"a"], [b"a", b"a"]),
    ("refcount", ["OBJECT", "REFCOUNT", "k"], 2147483647, 1, 0),
    ("shape", ["TIME"], [b"1", b"2"], [b"3", b"4"], 5),
    ("scan", ["SCAN", "0"], [b"0", []], [b"17", [b"a"]], [b"x", []]),
    ("help", ["OBJECT", "HELP"], ["OBJECT <x>", "a"], ["OBJECT <x>", "b"], ["MEMORY <x>", "a"]),
    ("hello", ["HELLO"], Map([(b"proto", 3), (b"id", 4)]), Map([(b"proto", 3), (b"id", 5)]), Map([(b"proto", 2)])),
    ("client_line", ["CLIENT", "INFO"], client(), client(id="6"), client(flags="x")),
    ("client_line", ["CLIENT", "INFO"], client(cmd="cluster|slots"), client(cmd="cluster"), client(cmd="client")),
    ("client_line", ["CLIENT", "INFO"], client(cmd="client|list"), client(cmd="client|list"), client(cmd="client")),
    ("slowlog", ["SLOWLOG", "GET"], [logged("GET", "a")], [logged("GET", "a")], [logged("GET", "b")]),
    ("slowlog", ["SLOWLOG", "GET"], [logged("GET")], [logged("SET", name=b""), logged("GET")], []),
    ("config", ["CONFIG", "GET", "*"], [b"hz", b"10"], [b"sync-timeout", b"1", b"hz", b"10"], [b"hz", b"11"]),
    ("config", ["CONFIG", "GET", "*"], [b"hz", b"10", b"dir", b"a"], [b"dir", b"b", b"hz", b"10"], [b"hz", b"10"]),
    ("config", ["CONFIG", "GET", "*"], [b"hz", b"10"], [b"hz", b"10"], [b"hz", b"10", b"hz", b"10"]),
    ("info", COUNTED, counts(get=1, set=2), counts(set=2, get=1), counts(get=1, set=3)),
    ("info", ["INFO"], counts(get=1), counts(get=2), b"# Keyspace\r\n"),
    ("command_names", ["COMMAND", "LIST", "FILTERBY", "PATTERN", "l*"], [b"a", b"b"], [b"b", b"a"], [b"a"]),
    ("command_names", ["COMMAND", "LIST", "FILTERBY", "ACLCAT", "x"], [b"a", b"b"], [b"a", b"waitaof"], [b"c"]),
    ("command_docs", ["COMMAND", "DOCS"], [b"get", []], [b"get", [b"x"]], [b"set", []]),
]


def what_may_differ_is_no_wider_than_meant(redis, out):
    for kind, words, ours, as_good, other in JUDGED:
        asked = Asked([word.encode() for word in words])
        for value, equal in ((ours, True), (as_good, True), (other, False)):
            reason = CLASSES[kind](ours, value, asked)
            if (reason is None) != equal:
                return False, f"{kind}, {ours!r} and {value!r}: {reason}"
    return True, ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--redis", default="redis-server")
    redis = parser.parse_args().redis
    failed = 0
    cases = (
        what_may_differ_is_no_wider_than_meant,
        seeds_in_a_row_draw_every_command_and_every_scene,
        equal_servers_show_no_difference,
        a_server_with_other_rules_is_found_out,
        a_stored_stream_fails_again,
    )
    with tempfile.TemporaryDirectory(prefix="baton-harness-") as out:
        for case in cases:
            passed, text = case(redis, out)
            print(f"{'ok    ' if passed else 'FAILED'} {case.__name__}")
            if not passed:
                failed += 1
                print(text)
    print(f"suite: {len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
