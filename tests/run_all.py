#!/usr/bin/python3
"""Runs every suite and counts: run_all.py [--build-root build] [--set test|all|torture] [--only NAME]

One row of SUITES is one suite: its name, its command, the variants it runs in, and for each set what is put in for
{effort}. Output goes to <build-root>/test-logs; of a suite that fails, its end is shown. The last line counts.
"""

import argparse
import glob
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VARIANTS = ("release", "asan", "tsan")
LINES_SHOWN = 100
ENVIRONMENT = {
    "asan": {
        "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:quarantine_size_mb=32",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    },
    "tsan": {"TSAN_OPTIONS": "halt_on_error=0:second_deadlock_stack=1"},
}
SERVER = "{build}/baton-server"


@dataclass(frozen=True)
class Suite:
    name: str
    command: str
    test: dict = field(default_factory=dict)  # variant -> {effort}, in make test
    all: dict = field(default_factory=dict)  # and in make test-all, which runs the `test` ones too
    torture: dict = field(default_factory=dict)
    minutes_max: float = 10
    alone: bool = False  # it waits for time to pass or counts on memory: no other suite runs beside it


def gtest(name, command, everywhere="", **sets):
    return Suite(name, command, test={"release": everywhere, "asan": everywhere}, all={"tsan": everywhere}, **sets)


SUITES = [
    *(
        gtest(f"unit {os.path.basename(path)}", "{build}/unit_" + os.path.basename(path) + " --gtest_brief=1")
        for path in sorted(glob.glob(os.path.join(ROOT, "tests/unit/*")))
        if glob.glob(os.path.join(path, "*_test.cc"))
    ),
    gtest("protocol", "{build}/protocol_tests --gtest_brief=1"),
    # How many crashes are simulated: in make test always the same ones, else from fresh seeds. A failure says how to see
    # it again.
    Suite(
        "crash",
        "env {effort} {build}/crash_tests --gtest_brief=1",
        test={"release": "BATON_CRASHES=400000 BATON_SEED=1", "asan": "BATON_CRASHES=20000 BATON_SEED=1"},
        all={"release": "BATON_CRASHES=600000", "asan": "BATON_CRASHES=60000", "tsan": "BATON_CRASHES=15000"},
        torture={"release": "BATON_CRASHES=1000000"},
        minutes_max=600,
    ),
    # Every byte of a log of 64 KiB changed, in each of nine ways; make test tries one way each.
    Suite(
        "every change of a byte",
        "env BATON_EVERY_FLIP=1 {build}/unit_log --gtest_brief=1 --gtest_filter=EveryChangedByte.*",
        all={"release": ""},
    ),
    Suite("differential harness", "python3 tests/differential/harness_test.py", test={"release": ""}),
    # make test asks the same questions each time, so that it fails for a change and not for its luck: seeds in a row
    # that draw every command and every scene. Fresh seeds are for make test-all, and for you: leave out --seed.
    Suite(
        "differential",
        f"python3 tests/differential/differential.py --baton {SERVER} --out {{logs}} {{effort}}",
        test={
            "release": "--seed 1 --seeds 12 --appendfsync no",
            "asan": "--seed 1 --seeds 6 --appendfsync no",
        },
        all={
            "release": "--seeds 20 --appendfsync no",
            "asan": "--seeds 10 --appendfsync no",
            "tsan": "--seeds 4 --appendfsync no",
        },
    ),
    Suite(
        "differential, every write synced",
        f"python3 tests/differential/differential.py --baton {SERVER} --out {{logs}} " "{effort}",
        test={"release": "--seed 1 --seeds 6", "asan": "--seed 1 --seeds 3"},
        all={"release": "--seeds 20", "asan": "--seeds 5"},
    ),
    Suite(
        "hiredis",
        f"python3 tests/support/with_server.py --server {SERVER} -- {{build}}/hiredis_test {{port}}",
        test={"release": "", "asan": ""},
        all={"tsan": ""},
    ),
    Suite(
        "sockets",
        f"python3 tests/system/sockets_test.py --server {SERVER} {{effort}}",
        test={"release": "", "asan": "--memory-factor 8"},
        all={"tsan": "--memory-factor 16"},
    ),
    Suite(
        "lifecycle",
        f"python3 tests/system/lifecycle_test.py --server {SERVER} {{effort}}",
        test={"release": "", "asan": "--memory-factor 8"},
        all={"tsan": "--memory-factor 16"},
    ),
    Suite(
        "check-aof",
        f"python3 tests/system/check_aof_test.py --server {SERVER}",
        test={"release": "", "asan": ""},
        all={"tsan": ""},
    ),
    Suite(
        "abuse",
        f"python3 tests/system/abuse_test.py --server {SERVER} {{effort}}",
        test={"release": ""},
        all={"asan": "--memory-factor 8", "tsan": "--memory-factor 16"},
    ),
    Suite(
        "kill -9",
        f"python3 tests/system/kill_test.py --server {SERVER} --rounds {{effort}}",
        test={"release": "3"},
        all={"release": "50", "asan": "10"},
        torture={"release": "200"},
        minutes_max=20,
    ),
    # python3-redis is Debian's interpreter's.
    Suite(
        "killed consumers",
        f"/usr/bin/python3 tests/system/lease_kill_test.py --server {SERVER} --messages {{effort}}",
        test={"release": "3000 --kills 3"},
        all={"release": "100000 --kills 20", "asan": "5000 --kills 5"},
        torture={"release": "300000 --kills 100"},
        minutes_max=30,
    ),
    # The library is preloaded, which a sanitizer's runtime does not allow.
    Suite(
        "slow disk",
        f"python3 tests/system/slow_disk_test.py --library {{build}}/slow_disk.so --server {SERVER}",
        test={"release": ""},
    ),
    Suite(
        "full disk",
        f"{'' if os.geteuid() == 0 else 'sudo '}python3 tests/system/full_disk_test.py --server {SERVER} --mib {{effort}}",
        all={"release": "256"},
        torture={"release": "1024"},
    ),
    Suite("clients", f"python3 tests/clients/run_clients.py --server {SERVER}", test={"release": ""}, all={"asan": ""}),
    Suite(
        "queues.md",
        f"python3 tests/system/queues_doc_test.py --server {SERVER}",
        test={"release": ""},
        all={"asan": ""},
    ),
    Suite("redis-benchmark", f"python3 tests/system/benchmark_smoke.py --server {SERVER}", test={"release": ""}),
]


class Run:
    """One suite at work in one variant."""

    def __init__(self, suite, variant, effort, build_root, logs):
        self.suite, self.variant = suite, variant
        build = os.path.join(build_root, variant)
        command = suite.command.replace("{build}", build).replace("{logs}", logs).replace("{effort}", effort)
        self.words = command.split()
        self.log_path = os.path.join(logs, f"{variant}-{suite.name.replace(' ', '-').replace(',', '')}.log")
        self.started = time.monotonic()
        self.overdue = False
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                self.words,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={
                    **os.environ,
                    **ENVIRONMENT.get(variant, {}),
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "PYTHONUNBUFFERED": "1",
                },
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def ended(self):
        self.overdue = time.monotonic() - self.started > self.suite.minutes_max * 60
        return self.overdue or self.process.poll() is not None

    def kill(self):
        """Nothing outlives its suite."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def result(self):
        """(variant, name, passed, failed, seconds), once it has ended; shows the end of its output when it failed."""
        self.kill()
        code = f"no end within {self.suite.minutes_max} minutes" if self.overdue else self.process.returncode
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            text = log.read()
        passed, failed = counts(text)
        if code and not failed or not passed and not failed:
            failed += 1  # it ended early, or it ran nothing
        if failed:
            print(
                f"FAILED  {self.variant} {self.suite.name} (exit {code}): {' '.join(self.words)}\n"
                + "\n".join(text.splitlines()[-LINES_SHOWN:])
                + f"\n  all of it: {self.log_path}",
                flush=True,
            )
        return self.variant, self.suite.name, passed, failed, time.monotonic() - self.started


def run_all(waiting, jobs):
    """Runs (suite, ...) of Run, so many at a time, those that must be alone at the end. Yields results as they come."""
    together = [each for each in waiting if not each[0].alone]
    alone = [each for each in waiting if each[0].alone]
    running = []
    try:
        while together or alone or running:
            while together and len(running) < jobs:
                running.append(Run(*together.pop(0)))
            if not running:
                running.append(Run(*alone.pop(0)))
            time.sleep(0.02)
            for each in [each for each in running if each.ended()]:
                running.remove(each)
                yield each.result()
    finally:
        for each in running:
            each.kill()


def counts(text):
    """What a suite says that it did: our own last line, or GoogleTest's summary."""
    if ours := re.findall(r"^suite: (\d+) passed, (\d+) failed$", text, re.M):
        return int(ours[-1][0]), int(ours[-1][1])
    passed = sum(int(number) for number in re.findall(r"^\[  PASSED  \] (\d+) tests?\.", text, re.M))
    failed = sum(int(number) for number in re.findall(r"^\[  FAILED  \] (\d+) tests?, listed below", text, re.M))
    return passed, failed


def chosen(arguments):
    for variant in VARIANTS:
        for suite in SUITES:
            if arguments.only and arguments.only not in suite.name:
                continue
            effort = {"test": suite.test, "all": {**suite.test, **suite.all}, "torture": suite.torture}[arguments.set]
            if variant in effort and variant in arguments.variants.split(","):
                yield suite, variant, effort[variant]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-root", default=os.path.join(ROOT, "build"))
    parser.add_argument("--set", choices=("test", "all", "torture"), default="test")
    parser.add_argument("--only", help="suites whose name contains it")
    parser.add_argument("--variants", default=",".join(VARIANTS), help="of those that the set names")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count()), help="suites that run at a time")
    arguments = parser.parse_args()
    build_root = os.path.abspath(arguments.build_root)
    logs = os.path.join(build_root, "test-logs")
    os.makedirs(logs, exist_ok=True)
    rows = []
    started = time.monotonic()
    for row in run_all([(*each, build_root, logs) for each in chosen(arguments)], arguments.jobs):
        variant, name, passed, failed, seconds = row
        rows.append(row)
        print(f"{variant:<9}{name:<36}{passed:>6} passed {failed:>4} failed {seconds:>7.1f} s", flush=True)
    total_passed, total_failed = sum(row[2] for row in rows), sum(row[3] for row in rows)
    if failures := [f"{variant} {name}" for variant, name, _, failed, _ in rows if failed]:
        print(f"failed: {', '.join(failures)}")
    print(f"{len(rows)} suites in {time.monotonic() - started:.0f} s")
    print(f"{total_passed} passed, {total_failed} failed", flush=True)
    return 1 if total_failed or not total_passed else 0


if __name__ == "__main__":
    sys.exit(main())
