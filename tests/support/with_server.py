#!/usr/bin/python3
"""Runs a program beside a server of its own: with_server.py --server PATH [--option NAME=VALUE]... -- PROGRAM {port}"""

import argparse
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from support.server_process import ServerProcess  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("program", nargs="+")
    arguments = parser.parse_args()
    with ServerProcess(arguments.server, dict(option.split("=", 1) for option in arguments.option)) as server:
        line = [word.replace("{port}", str(server.port)) for word in arguments.program]
        code = subprocess.run(line, timeout=900).returncode
        if not server.alive():
            print(f"the server died ({server.process.returncode}):\n{server.log_tail()}")
            code = code or 1
    return code


if __name__ == "__main__":
    sys.exit(main())
