#!/usr/bin/python3
"""redis-benchmark runs to its end against the server, without and with pipelining. No speed is asserted."""

import argparse
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from support.server_process import ServerProcess  # noqa: E402

TESTS = "lpush,rpop,lpop,rpush,lrange,mset,ping"
ROWS_EXPECTED = 12  # ping and lrange stand for several rows, and lrange fills its list first
REQUESTS = 2000  # and more with pipelining: what ends within a millisecond is reported as "inf" a second


def run(server, depth):
    """None, or what went wrong."""
    line = ["redis-benchmark", "-p", str(server.port), "-t", TESTS, "-n", str(max(REQUESTS, 300 * depth)), "-P", str(depth), "--csv"]
    result = subprocess.run(line, capture_output=True, text=True, timeout=300)
    rows = re.findall(r'^"([^"]+)","([\d.]+|inf)"', result.stdout, re.M)
    if result.returncode or "rror" in result.stderr or len(rows) != ROWS_EXPECTED:
        return f"exit code {result.returncode}, {len(rows)} of {ROWS_EXPECTED} rows\n{result.stdout}{result.stderr}"
    print(f"-P {depth}: " + ", ".join(f"{name.split()[0]} {float(rate):.0f}/s" for name, rate in rows))
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    arguments = parser.parse_args()
    failed = 0
    depths = (1, 16, 64)
    with ServerProcess(arguments.server, name="benchmark") as server:
        for depth in depths:
            if wrong := run(server, depth):
                failed += 1
                print(f"FAILED -P {depth}: {wrong}\n{server.log_tail()}")
    print(f"suite: {len(depths) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
