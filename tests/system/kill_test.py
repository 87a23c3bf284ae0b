#!/usr/bin/python3
"""kill -9 under load: what was acknowledged is there afterwards, once, and what was removed stays away.

    kill_test.py --server build/baton-server [--rounds N] [--seed N]

Producers and consumers work on a server with appendfsync always until it is killed at a random moment. Then the data
directory is judged three times: redis-check-aof accepts it, a stock redis-server loads a copy of it, and the server
itself, started again, shows the same lists; and the lists hold what the clients were told (see ledger.py). The next
round goes on from there, on the same directory.
"""

import argparse
import glob
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from support import resp  # noqa: E402
from support.server_process import ServerProcess, scratch_directory  # noqa: E402

from ledger import QUEUE, Ledger, Worker, processing_list  # noqa: E402

WORKERS = 6


class Failed(Exception):
    """A promise was broken."""


def options_of(path):
    options = {"appendonly": "yes", "appendfsync": "always"}
    if "redis" in os.path.basename(path):
        options["aof-use-rdb-preamble"] = "no"
    return options


def read_lists(address):
    """Every list of the server: name -> elements from head to tail."""
    with resp.Client(address, timeout=60) as client:
        return {key: client.call("LRANGE", key, 0, -1) for key in sorted(client.call("KEYS", "*"))}


def load_until_killed(server, ledger, rng, rewrite):
    """Runs the workers until the server has been killed at a random moment."""
    workers = [Worker(number, server.address, ledger, random.Random(rng.getrandbits(64))) for number in range(WORKERS)]
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    seconds = rng.uniform(0.15, 1.2)
    if rewrite:
        at = rng.uniform(0, seconds)
        time.sleep(at)
        with server.client() as client:
            client.ask("BGREWRITEAOF")
        seconds = rng.choice((seconds - at, rng.uniform(0, 0.05)))
    time.sleep(seconds)
    server.kill()
    for thread in threads:
        thread.join(30)
    for worker in workers:
        if worker.surprise:
            raise Failed(worker.surprise)


def check_with_redis(directory):
    """The lists that a stock redis-server finds in a copy of the data directory."""
    copy = scratch_directory("copy")
    shutil.copytree(os.path.join(directory, "appendonlydir"), os.path.join(copy, "appendonlydir"))
    manifest = os.path.join(copy, "appendonlydir", "appendonly.aof.manifest")
    check = subprocess.run(["redis-check-aof", manifest], capture_output=True, text=True, timeout=120)
    torn = ""
    if check.returncode:
        # SIGKILL may cut a large write() short. Only the last file's end may be torn, and then redis says so.
        found = re.findall(r"AOF analyzed: .*diff=(\d+)", check.stdout)
        if not found or "Use the --fix option" not in check.stdout + check.stderr:
            raise Failed(f"redis-check-aof refuses the directory:\n{check.stdout}{check.stderr}")
        torn = f", torn tail of {found[-1]} bytes"
    options = {"appendonly": "yes", "appendfsync": "no", "auto-aof-rewrite-percentage": 0}
    with ServerProcess("redis-server", options, directory=copy, name="redis") as redis:
        lists = read_lists(redis.address)
    shutil.rmtree(copy)
    return lists, torn


def judge(ledger, lists, who):
    processing = {number: lists.get(processing_list(number), []) for number in range(WORKERS)}
    if broken := ledger.judge(lists.get(QUEUE, []), processing):
        raise Failed(f"{who} breaks promises:\n" + "\n".join(broken[:20]))
    return lists.get(QUEUE, []), processing


def one_round(path, directory, ledger, rng, rewrite):
    server = ServerProcess(path, options_of(path), directory=directory)
    with server:
        load_until_killed(server, ledger, rng, rewrite)
    by_redis, torn = check_with_redis(directory)
    cuts = set(glob.glob(os.path.join(directory, "appendonlydir", "*.cut")))
    with ServerProcess(path, options_of(path), directory=directory) as server:
        lists = read_lists(server.address)
    judge(ledger, by_redis, "redis-server, on a copy of the directory,")
    ledger.adopt(*judge(ledger, lists, "the server"))
    # SIGKILL may have cut a write() short: then redis runs the whole commands of a group that nobody was told of, where
    # Baton takes back the group. Otherwise both read the same.
    cut = set(glob.glob(os.path.join(directory, "appendonlydir", "*.cut"))) - cuts
    if lists != by_redis and not cut:
        keys = sorted(key for key in {*lists, *by_redis} if lists.get(key) != by_redis.get(key))
        raise Failed(
            f"redis-server reads other lists from the same directory: {keys}, e.g. "
            f"{len(lists.get(keys[0], []))} elements here, {len(by_redis.get(keys[0], []))} in redis"
        )
    return torn + (", half a group cut" if cut else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}: the load is drawn from it; the moment of the kill also depends on the machine")
    rng = random.Random(arguments.seed)
    directory = scratch_directory("kill")
    ledger = Ledger()
    for number in range(1, arguments.rounds + 1):
        rewrite = number % 3 == 0
        start = time.monotonic()
        try:
            torn = one_round(arguments.server, directory, ledger, rng, rewrite)
        except Exception as error:  # whatever went wrong, the evidence is kept
            kept = f"/tmp/baton-kill-{arguments.seed}-{number}"
            shutil.copytree(directory, kept, dirs_exist_ok=True)
            print(
                f"round {number}: FAILED: {type(error).__name__}: {error}\n  the directory is kept in {kept}\n"
                f"  repeat: {sys.argv[0]} --server {arguments.server} --rounds {number} --seed {arguments.seed}"
            )
            print(f"suite: {number - 1} passed, 1 failed")
            return 1
        print(
            f"round {number}: {ledger.summary()}{', killed in a rewrite' if rewrite else ''}{torn}, "
            f"{time.monotonic() - start:.1f} s",
            flush=True,
        )
    print(f"suite: {arguments.rounds} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
