#!/usr/bin/python3
"""The classic consumer, killed: no message is lost, none is done twice over, the bad ones end as dead letters.

    lease_kill_test.py --server build/baton-server [--messages N] [--kills N] [--seed N]

The consumer is what people have written for Redis since RPOPLPUSH is there (see `consume`), with python3-redis, which
knows nothing of leases. Eight of them, each a process, are killed with SIGKILL at random and started again; so is the
server. Some messages take longer than their lease, some are poison: whoever has one dies of it. Every process notes
what it asks for and what it is told in a file of its own, which outlives it; from these and from the server's account
the end is judged (see `Judge`).
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import defaultdict

import redis

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from support.server_process import ServerProcess, die_with_parent, scratch_directory  # noqa: E402

from kill_test import Failed, check_with_redis, options_of, read_lists  # noqa: E402

WORKERS = 8
QUEUE, PROCESSING, DELAYED, DEAD = "mail", "backup", "mail:delayed", "mail:dead"
VISIBILITY_MS = 500
COUNTED_SHORT_MS = 20  # the server counts whole milliseconds, from the beginning of its turn
MAXDELIVER = 3
POLICY = (
    f"QPOLICY SET mail MATCH {QUEUE} PROCESSING {PROCESSING} VISIBILITY {VISIBILITY_MS} "
    f"MAXDELIVER {MAXDELIVER} DEADLETTER {DEAD} BACKOFF EXP 50 200"
)
POISONED_OF = 100  # one message of so many
SLOW_OF = 200  # as often its work takes longer than the lease
FILLED_MAX = 1500  # the producer waits when so many are ready
STILL_SECONDS = 60  # without any progress
GONE_ON = (redis.ConnectionError, redis.TimeoutError)


class Diary:
    """What one process asks and hears, line by line, in a file. Nothing is buffered here, so SIGKILL takes none of it
    away."""

    def __init__(self, directory, name):
        self.name = name
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self.file = os.open(os.path.join(directory, f"{name}.diary"), flags, 0o600)

    def note(self, what, *more):
        line = json.dumps([what, time.monotonic(), time.time(), *more]) + "\n"
        os.write(self.file, line.encode())


# --- the processes


def consume(queue, diary, rng):
    while True:
        diary.note("ask")
        message = queue.rpoplpush(QUEUE, PROCESSING)
        if message is None:
            time.sleep(0.01)
            continue
        diary.note("have", message)
        work(message, rng)
        diary.note("ack", message)
        diary.note("acked", message, queue.lrem(PROCESSING, 1, message))


def work(message, rng):
    if message.startswith("poison"):
        os.kill(os.getpid(), signal.SIGKILL)
    if rng.randrange(SLOW_OF) == 0:
        time.sleep(VISIBILITY_MS / 1000 * rng.uniform(1, 1.5))


def produce(port, diary, rng, messages):
    queue = connect(port)
    number = 0
    while number < messages:
        payloads = []
        for number in range(number, min(number + rng.choice((1, 1, 5, 40)), messages)):
            kind = "poison" if rng.randrange(POISONED_OF) == 0 else "letter"
            payloads.append(f"{kind}:{number}:{'x' * rng.choice((0, 10, 200))}")
        number += 1
        diary.note("push", payloads)
        try:
            queue.lpush(QUEUE, *payloads)
            diary.note("pushed", payloads)
            while queue.llen(QUEUE) > FILLED_MAX:
                time.sleep(0.01)
        except GONE_ON:
            queue = connect(port)  # whether they were pushed is not known; they are never pushed again


def connect(port):
    """A connected client, as soon as there is a server."""
    while True:
        client = redis.Redis(port=port, decode_responses=True)
        try:
            client.ping()
            return client
        except GONE_ON:
            time.sleep(0.01)


class Process:
    """A forked child that runs `body`."""

    def __init__(self, body):
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            die_with_parent()
            try:
                body()
                code = 0
            except GONE_ON:
                code = 2  # the server has gone; the consumer ends with a stack trace, as it does everywhere
            except BaseException as error:  # pylint: disable=broad-except
                print(f"process {os.getpid()} of {parent}: {type(error).__name__}: {error}", flush=True)
            finally:
                os._exit(code)  # nothing of the parent's is to be cleaned up twice
        self.code = None

    def ended(self):
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def kill(self):
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            _, status = os.waitpid(self.pid, 0)
            self.code = os.waitstatus_to_exitcode(status)


# --- the run


class Run:
    """Server, producer and consumers, and somebody who kills them."""

    def __init__(self, path, directory, rng, messages, kills):
        self.directory, self.rng, self.messages = directory, rng, messages
        self.diaries = os.path.join(directory, "diaries")
        os.mkdir(self.diaries)
        self.server = ServerProcess(path, options_of(path), directory=directory)
        self.admin = connect(self.server.port)
        self.admin.execute_command(*POLICY.split())
        # At how many messages settled the server is killed; the rest comes when it comes.
        self.kills_at = sorted(rng.sample(range(messages // 20, messages - messages // 20), kills))
        self.server_kills = self.worker_kills = self.worker_deaths = self.rewrites = 0
        self.workers = {}
        self.producer = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in [*self.workers.values(), *([self.producer] if self.producer else [])]:
            process.kill()
        self.server.kill()

    def start_worker(self, number):
        diary = Diary(self.diaries, f"worker-{number}-{self.worker_kills + self.worker_deaths}")
        rng = random.Random(self.rng.getrandbits(64))
        port = self.server.port
        self.workers[number] = Process(lambda: consume(redis.Redis(port=port, decode_responses=True), diary, rng))
        os.close(diary.file)

    def to_the_end(self):
        rng = random.Random(self.rng.getrandbits(64))
        diary = Diary(self.diaries, "producer")
        self.producer = Process(lambda: produce(self.server.port, diary, rng, self.messages))
        for number in range(WORKERS):
            self.start_worker(number)
        account, changed = None, time.monotonic()
        while True:
            time.sleep(self.rng.expovariate(1 / 0.02))
            before, account = account, self.account()
            if before != account:
                changed = time.monotonic()
            if time.monotonic() - changed > STILL_SECONDS:
                raise Failed(f"nothing has happened for {STILL_SECONDS} s: {account}")
            settled = account["acked"] + account["dead"]
            if self.kills_at and settled >= self.kills_at[0]:
                self.kills_at.pop(0)
                self.kill_server()
            self.tend_workers()
            if self.producer.ended():
                if self.producer.code:
                    raise Failed(f"the producer ended with {self.producer.code}")
                if account["ready"] + account["leased"] + account["delayed"] == 0 and account == before:
                    return

    def account(self):
        figures = self.admin.execute_command("QINFO", QUEUE)
        account = dict(zip(figures[::2], figures[1::2]))
        if account["balanced"] != 1:
            raise Failed(f"the account does not balance: {account}")
        # What a server knows of its own time only.
        passing = ("waiting-consumers", "expired-while-connected")
        return {
            name: value
            for name, value in account.items()
            if not name.endswith(("-ms", "-per-second")) and name not in passing
        }

    def tend_workers(self):
        victim = self.rng.randrange(WORKERS * 4)
        if victim in self.workers and not self.workers[victim].ended():
            self.workers[victim].kill()
            self.worker_kills += 1
            self.start_worker(victim)
        for number, worker in list(self.workers.items()):
            if worker.ended():
                if worker.code == 1:
                    raise Failed("a consumer ended with an error that is none of the connection's")
                self.worker_deaths += 1
                self.start_worker(number)

    def kill_server(self):
        if self.rng.random() < 0.5:
            self.admin.execute_command("BGREWRITEAOF")
            self.rewrites += 1
            time.sleep(self.rng.uniform(0, 0.03))
        self.server.kill()
        self.server_kills += 1
        self.server.start()
        self.admin = connect(self.server.port)


# --- the verdict


class Judge:
    """What the diaries say, and whether the server bears it out."""

    def __init__(self, diaries):
        self.pushed, self.maybe_pushed = set(), set()
        self.had = defaultdict(list)  # payload -> (asked, told) of each time it was given to somebody
        self.acked = {}  # payload -> when the LREM was answered with 1
        self.maybe_acked = set()  # LREM without an answer
        self.too_late = 0  # LREM answered with 0: somebody else had done it, or it was dead
        self.broken = []
        for name in sorted(os.listdir(diaries)):
            with open(os.path.join(diaries, name), encoding="utf-8") as diary:
                self.read([json.loads(line) for line in diary])

    def read(self, lines):
        asked, unanswered = None, None
        for what, monotonic, wall, *more in lines:
            if what == "push":
                self.maybe_pushed.update(more[0])
            elif what == "pushed":
                self.maybe_pushed.difference_update(more[0])
                self.pushed.update(more[0])
            elif what == "ask":
                asked = (monotonic, wall)
            elif what == "have":
                self.had[more[0]].append((asked, (monotonic, wall)))
            elif what == "ack":
                unanswered = more[0]
            else:
                self.read_answer(more[0], more[1], (monotonic, wall))
                unanswered = None
        if unanswered:
            self.maybe_acked.add(unanswered)

    def read_answer(self, payload, count, when):
        if count == 1:
            self.expect(payload not in self.acked, f"{payload} was acknowledged with 1 twice")
            self.acked[payload] = when
        else:
            self.expect(count == 0, f"LREM of {payload} was answered with {count}")
            self.too_late += 1

    def expect(self, true, what):
        if not true:
            self.broken.append(what)

    def judge(self, lists, metas, account):
        """What is broken, in words."""
        dead = lists.get(DEAD, [])
        dead_set = set(dead)
        self.expect(len(dead) == len(dead_set), "a dead letter is there more than once")
        for name in (QUEUE, PROCESSING, DELAYED):
            self.expect(name not in lists, f"{name} is not empty: {lists.get(name, [])[:3]}")

        settled = self.acked.keys() | self.maybe_acked | dead_set
        lost = self.pushed - settled
        self.expect(not lost, f"{len(lost)} acknowledged pushes are lost: {sorted(lost)[:5]}")
        both = self.acked.keys() & dead_set
        self.expect(not both, f"{len(both)} dead letters were acknowledged: {sorted(both)[:5]}")
        arrived = self.maybe_pushed & (settled | self.had.keys())
        alien = (settled | self.had.keys()) - self.pushed - self.maybe_pushed
        self.expect(not alien, f"nobody sent {sorted(alien)[:5]}")
        self.expect(not arrived - settled, f"neither done nor dead: {sorted(arrived - settled)[:5]}")
        poisoned = {payload for payload in self.pushed | arrived if payload.startswith("poison")}
        self.expect(poisoned <= dead_set, f"poison that is no dead letter: {sorted(poisoned - dead_set)[:5]}")

        for payload, times in self.had.items():
            self.judge_deliveries(payload, sorted(times), self.acked.get(payload))
        for payload, meta in metas.items():
            right = (meta["state"], meta["queue"], meta["deliveries"], meta["failures"], meta["reason"])
            self.expect(right == ("dead", QUEUE, MAXDELIVER, MAXDELIVER, "expired"), f"{payload}: {meta}")

        right = {"enqueued": len(self.pushed | arrived), "dead": len(dead), "ready": 0, "leased": 0, "delayed": 0}
        right.update(removed=0, forwarded=0, dropped=0, adopted=0, unleased=0)
        right["acked"] = right["enqueued"] - right["dead"]
        wrong = {name: (account[name], value) for name, value in right.items() if account[name] != value}
        self.expect(not wrong, f"the account differs from what was done (there, here): {wrong}")
        given = sum(len(times) for times in self.had.values())
        self.expect(account["delivered"] >= given, f"given {given} times, counted {account['delivered']}")
        return self.broken

    def judge_deliveries(self, payload, times, acked):
        self.expect(len(times) <= MAXDELIVER, f"{payload} was given out {len(times)} times")
        for (asked, _), (_, told) in zip(times, times[1:]):
            # The longer of what two clocks say: one of them may have been set.
            ms = 1000 * max(told[0] - asked[0], told[1] - asked[1])
            self.expect(ms > VISIBILITY_MS - COUNTED_SHORT_MS, f"{payload} was given out again after {ms:.0f} ms")
        if acked and times[-1][0] > acked:
            self.broken.append(f"{payload} was given out after it had been acknowledged")

    def summary(self, dead):
        letters = sum(not payload.startswith("poison") for payload in dead)
        return (
            f"{len(self.acked)} acknowledged, {len(self.maybe_acked)} LREM unanswered, {self.too_late} too late, "
            f"{len(dead)} dead letters ({letters} of them no poison), "
            f"{sum(len(times) > 1 for times in self.had.values())} given out more than once"
        )


def metas_of(admin, payloads):
    metas = {}
    for payload in payloads:
        words = admin.execute_command("QMETA", DEAD, payload)
        metas[payload] = (
            dict(zip(words[::2], words[1::2]))
            if words
            else dict.fromkeys(("state", "queue", "deliveries", "failures", "reason"), "no record")
        )
    return metas


def check(path, directory, rng, messages, kills):
    with Run(path, directory, rng, messages, kills) as run:
        run.to_the_end()
        for worker in run.workers.values():
            worker.kill()
        account = run.account()
        run.server.kill()
        by_redis, _ = check_with_redis(directory)
        run.server.start()
        run.admin = connect(run.server.port)
        lists = read_lists(run.server.address)
        if lists != by_redis:
            raise Failed("redis-server reads other lists from the same directory")
        lists = {name.decode(): [element.decode() for element in elements] for name, elements in lists.items()}
        if (again := run.account()) != account:
            raise Failed(f"a restart has changed the account from {account} to {again}")
        dead = lists.get(DEAD, [])
        judge = Judge(run.diaries)
        broken = judge.judge(lists, metas_of(run.admin, dead), account)
        print(
            f"{messages} messages, {run.worker_kills} consumers killed, {run.worker_deaths} ended by poison or with "
            f"the server, {run.server_kills} servers killed ({run.rewrites} in or after a rewrite)\n"
            f"{judge.summary(dead)}, {account['late-acks']} late acks, {account['expired']} leases ended",
            flush=True,
        )
        if broken:
            raise Failed(f"{len(broken)} promises are broken:\n" + "\n".join(broken[:20]))
        if not judge.acked or not dead or not run.worker_kills or run.server_kills != kills:
            raise Failed("the run proves nothing: nothing was acknowledged, died or was killed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=3, help="how often the server is killed before the end")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    arguments = parser.parse_args()
    print(
        f"seed {arguments.seed}: the load is drawn from it; who is killed when also depends on the machine", flush=True
    )
    directory = scratch_directory("lease-kill")
    start = time.monotonic()
    failed = 0
    try:
        check(arguments.server, directory, random.Random(arguments.seed), arguments.messages, arguments.kills)
    except Exception as error:  # whatever went wrong, the evidence is kept
        kept = f"/tmp/baton-lease-kill-{arguments.seed}"
        shutil.copytree(directory, kept, dirs_exist_ok=True)
        print(
            f"FAILED: {type(error).__name__}: {error}\n  the directory is kept in {kept}\n  repeat: {sys.argv[0]} "
            f"--server {arguments.server} --messages {arguments.messages} --kills {arguments.kills} "
            f"--seed {arguments.seed}"
        )
        failed = 1
    print(f"{time.monotonic() - start:.1f} s")
    print(f"suite: {1 - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
