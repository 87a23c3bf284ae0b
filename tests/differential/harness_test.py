#!/usr/bin/python3
"""The differential harness itself, tried on redis-server against redis-server.

Two equal servers show no difference; a server that is set up differently is found out, and the stream is made small.
"""

import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def run(redis, *arguments):
    line = [sys.executable, os.path.join(HERE, "differential.py"), "--baton", redis, "--redis", redis, "--no-log"]
    return subprocess.run([*line, *arguments], capture_output=True, text=True, timeout=300)


def equal_servers_show_no_difference(redis, out):
    result = run(redis, "--seeds", "2", "--commands", "3000", "--out", out)
    return result.returncode == 0, result.stdout


def a_server_with_other_rules_is_found_out(redis, out):
    result = run(redis, "--seeds", "1", "--seed", "7", "--baton-option", "maxmemory-policy=allkeys-lfu", "--out", out)
    steps = result.stdout.count("\n[")
    found = result.returncode == 1 and "=> " in result.stdout and 1 <= steps <= 6
    return found, result.stdout


def a_stored_stream_fails_again(redis, out):
    stored = os.path.join(out, "differential-7.json")
    result = run(redis, "--baton-option", "maxmemory-policy=allkeys-lfu", "--replay", stored)
    return result.returncode == 1 and "=> " in result.stdout, result.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--redis", default="redis-server")
    redis = parser.parse_args().redis
    failed = 0
    cases = (equal_servers_show_no_difference, a_server_with_other_rules_is_found_out, a_stored_stream_fails_again)
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
