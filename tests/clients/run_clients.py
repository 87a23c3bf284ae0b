#!/usr/bin/python3
"""Existing client libraries against one server: run_clients.py --server PATH [--only NAME]

Each script pushes, moves, waits, pipelines, transacts, acknowledges and reads errors, and ends with 1 at the first
mismatch. The clients of npm are installed into tests/clients/node/node_modules when they are not there.
"""

import argparse
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))

from support.server_process import ServerProcess  # noqa: E402

NODE = os.path.join(HERE, "node")
# Debian's python3-redis belongs to Debian's interpreter.
CLIENTS = [
    ("python3-redis", ["/usr/bin/python3", "client_python.py"], HERE),
    ("ruby-redis", ["ruby", "client_ruby.rb"], HERE),
    ("php-redis", ["php", "client_php.php"], HERE),
    ("libredis-perl", ["perl", "client_perl.pl"], HERE),
    ("ioredis", ["node", "client_ioredis.mjs"], NODE),
    ("node-redis", ["node", "client_node_redis.mjs"], NODE),
]


def install_node_clients():
    """npm ci, unless what is installed is what the lock file asks for."""
    lock, installed = os.path.join(NODE, "package-lock.json"), os.path.join(NODE, "node_modules", ".package-lock.json")
    if not os.path.exists(installed) or os.path.getmtime(installed) < os.path.getmtime(lock):
        print("installing ioredis and redis from npm", flush=True)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=NODE, check=True, timeout=600)
        os.utime(installed)


def run(server_path, line, directory):
    """(checks passed, None or what went wrong)."""
    with ServerProcess(server_path, name="clients") as server:
        try:
            result = subprocess.run(
                [*line, str(server.port)], cwd=directory, capture_output=True, text=True, timeout=120
            )
        except subprocess.TimeoutExpired as expired:
            said = (expired.stdout or b"").decode("utf-8", "replace")
            return said.count("ok "), f"did not end within 120 s; last lines:\n{said[-500:]}"
        passed = result.stdout.count("ok ")
        if not server.alive():
            return passed, f"the server died ({server.process.returncode}):\n{server.log_tail()}"
        if result.returncode or not passed:
            return passed, f"exit code {result.returncode}\n{result.stdout[-500:]}{result.stderr[-2000:]}"
        return passed, None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--only", help="the one client to run")
    arguments = parser.parse_args()
    chosen = [client for client in CLIENTS if arguments.only in (None, client[0])]
    if any(directory == NODE for _, _, directory in chosen):
        install_node_clients()
    failed = 0
    for name, line, directory in chosen:
        passed, wrong = run(arguments.server, line, directory)
        failed += wrong is not None
        print(f"{name:<16}{passed:>4} checks   {'ok' if wrong is None else 'FAILED: ' + wrong}", flush=True)
        if wrong:
            script = os.path.relpath(os.path.join(directory, line[-1]))
            print(f"  repeat: tests/support/with_server.py --server {arguments.server} -- {line[0]} {script} {{port}}")
    print(f"suite: {len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
