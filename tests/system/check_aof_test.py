#!/usr/bin/python3
"""baton-check-aof on directories that real servers wrote: what it says, what it mends, what it leaves alone."""

import fcntl
import os
import pty
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from support import cases, resp  # noqa: E402
from support.server_process import ServerProcess, scratch_directory  # noqa: E402

FINE, TORN, DAMAGED, NOT_DONE = 0, 1, 2, 3
SEGMENT = "appendonly.aof.1.incr.aof"


def contents(directory):
    """Every file below, with its bytes."""
    found = {}
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, directory)] = file.read()
    return found


class CheckAofTest(cases.ServerCase):
    def check(self, *arguments, expect):
        tool = os.path.join(os.path.dirname(cases.server_path), "baton-check-aof")
        result = subprocess.run([tool, *arguments], capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, expect, result.stdout + result.stderr)
        return result.stdout + result.stderr

    def written(self, path=None, count=40, rewrite=False, **options):
        """The log directory of a server that pushed 0 … count-1 onto q, one group each, and was then killed."""
        directory = scratch_directory("written")
        options = {"appendonly": "yes", "appendfsync": "always"} | {
            name.replace("_", "-"): value for name, value in options.items()
        }
        server = ServerProcess(path or cases.server_path, options, directory=directory)
        self.addCleanup(server.discard)
        with server.client() as client:
            client.ask("SELECT", 3)
            for number in range(count):
                client.ask("RPUSH", "q", number)
            if rewrite:
                client.ask("BGREWRITEAOF")
                self.eventually(lambda: self.rewritten(client), "the rewrite ends")
                client.ask("RPUSH", "q", "after")
        server.kill()
        return os.path.join(directory, "appendonlydir")

    @staticmethod
    def rewritten(client):
        info = client.call("INFO", "persistence").decode()
        return "aof_rewrite_in_progress:0" in info and "aof_rewrite_scheduled:0" in info

    def queue_after_start(self, log_directory):
        server = self.start(directory=os.path.dirname(log_directory))
        client = self.client(server)
        client.ask("SELECT", 3)
        return [int(element) for element in client.call("LRANGE", "q", 0, -1)]

    @staticmethod
    def edit(log_directory, change, name=SEGMENT):
        path = os.path.join(log_directory, name)
        with open(path, "rb") as file:
            data = bytearray(file.read())
        data = change(data) or data
        with open(path, "wb") as file:
            file.write(data)

    @staticmethod
    def flip(at):
        def change(data):
            data[at if at >= 0 else len(data) + at] ^= 1

        return change

    # --- verifying

    def test_a_healthy_log_is_fine_however_it_is_named(self):
        log = self.written(count=40)
        for path in (log, log + "/", os.path.dirname(log), f"{log}/appendonly.aof.manifest", f"{log}/{SEGMENT}"):
            said = self.check(path, expect=FINE)
            self.assertRegex(said, r"incr\.aof: segment, \d+ bytes, \d+ groups with right checksums, 40 commands")
            self.assertIn("A start would load 40 commands", said)
        self.assertEqual(self.check(log, "--quiet", expect=FINE), "")
        self.assertIn("40 commands", self.check(log, "--checksums-only", expect=FINE))

    def test_verifying_writes_nothing(self):
        log = self.written()
        os.remove(os.path.join(log, "baton.lock"))
        for spoil in (lambda data: None, lambda data: data[:-7], self.flip(200)):
            self.edit(log, spoil)
            before = contents(log)
            tool = os.path.join(os.path.dirname(cases.server_path), "baton-check-aof")
            subprocess.run([tool, log, "--stats"], capture_output=True, timeout=60)
            self.assertEqual(contents(log), before)

    def test_a_rewritten_log_is_fine(self):
        log = self.written(rewrite=True)
        said = self.check(log, expect=FINE)
        self.assertRegex(said, r"base\.aof: base, \d+ bytes, \d+ groups with right checksums, [1-9]")

    def test_a_torn_tail_is_told_with_its_place(self):
        log = self.written(count=40)
        good = os.path.getsize(os.path.join(log, SEGMENT))
        self.edit(log, lambda data: data + b"*3\r\n$5\r\nRPUSH\r\n$1\r\nq\r\n$2")
        said = self.check(log, expect=TORN)
        self.assertIn(f"good up to byte {good};", said)
        self.assertIn(f"It would cut 24 bytes from byte {good} of {SEGMENT} on", said)
        self.assertIn("was never acknowledged", said)

    def test_a_flipped_byte_below_a_synced_group_is_damage(self):
        log = self.written(count=40)
        for at in (len("#B 1 "), 300, -400):
            copy = os.path.join(scratch_directory("copy"), "appendonlydir")
            shutil.copytree(log, copy)
            self.edit(copy, self.flip(at))
            for arguments in ((), ("--checksums-only",)):
                said = self.check(copy, *arguments, expect=DAMAGED)
                self.assertRegex(said, rf"{SEGMENT}, byte \d+: ")

    def test_a_missing_file_and_a_missing_manifest_are_named(self):
        log = self.written()
        shutil.move(os.path.join(log, SEGMENT), os.path.join(log, "moved"))
        self.assertIn(SEGMENT, self.check(log, expect=DAMAGED))
        shutil.move(os.path.join(log, "moved"), os.path.join(log, SEGMENT))
        os.remove(os.path.join(log, "appendonly.aof.manifest"))
        self.assertIn("no manifest", self.check(log, expect=DAMAGED))

    def test_one_file_out_of_a_log_is_checked_alone(self):
        log = self.written(count=40, rewrite=True)
        for name in sorted(os.listdir(log)):
            if not name.endswith(".aof"):
                continue
            path = os.path.join(scratch_directory("alone"), "copy.aof")
            shutil.copy(os.path.join(log, name), path)
            self.check(path, expect=FINE)
            with open(path, "r+b") as file:
                # Behind the last group there may be room for more, one line of "#".
                file.truncate(len(file.read().rstrip(b"\n").rstrip(b"#")) - 5)
            is_base = name.endswith(".base.aof")
            self.assertIn("copy.aof", self.check(path, expect=DAMAGED if is_base else TORN))

    def test_what_is_no_log_and_wrong_words(self):
        for arguments in (
            (),
            ("/nonexistent",),
            (scratch_directory("empty"),),
            ("--frob", "."),
            (".", "."),
            ("--keys",),
        ):
            self.assertIn("baton-check-aof: ", self.check(*arguments, expect=NOT_DONE))
        self.assertIn("Exit codes", self.check("--help", expect=FINE))
        self.assertRegex(self.check("--version", expect=FINE), r"^baton-check-aof \d+\.\d+")

    def test_progress_is_drawn_on_a_terminal_only(self):
        log = self.written()
        self.assertNotIn("%", self.check(log, expect=FINE))
        ours, theirs = pty.openpty()
        tool = os.path.join(os.path.dirname(cases.server_path), "baton-check-aof")
        result = subprocess.run([tool, log], stdout=subprocess.PIPE, stderr=theirs, timeout=60)
        os.close(theirs)
        drawn = os.read(ours, 65536)
        os.close(ours)
        self.assertEqual(result.returncode, FINE)
        self.assertIn(b"100 %", drawn)
        self.assertTrue(drawn.endswith(b"\r\x1b[K"), drawn)

    # --- mending

    def test_fix_cuts_a_torn_tail_and_keeps_a_copy_and_then_a_start_has_nothing_to_do(self):
        log = self.written(count=40)
        tail = b"*3\r\n$5\r\nRPUSH\r\n$1\r\nq\r\n$2"
        self.edit(log, lambda data: data + tail)
        self.assertIn("kept in", self.check(log, "--fix", expect=FINE))
        cuts = [data for name, data in contents(log).items() if name.endswith(".cut")]
        self.assertEqual(cuts, [tail])
        self.check(log, expect=FINE)
        self.assertEqual(self.queue_after_start(log), list(range(40)))

    def test_fix_cuts_where_damage_begins_and_a_start_loads_what_was_before(self):
        log = self.written(count=40)
        path = os.path.join(log, SEGMENT)
        with open(path, "rb") as file:
            at = file.read().index(b"$2\r\n20\r\n") + 4
        self.edit(log, self.flip(at))
        size = os.path.getsize(path)
        self.check(log, expect=DAMAGED)
        self.assertIn("may have been acknowledged", self.check(log, "--fix", expect=FINE))
        cut = next(data for name, data in contents(log).items() if name.endswith(".cut"))
        self.assertEqual(os.path.getsize(path) + len(cut), size)
        self.assertIn(b"$2\r\n39\r\n", cut)
        self.assertEqual(self.queue_after_start(log), list(range(20)))

    def test_fix_does_not_touch_a_log_that_is_fine(self):
        log = self.written()
        before = contents(log)
        self.check(log, "--fix", expect=FINE)
        after = contents(log)
        before.pop("baton.lock"), after.pop("baton.lock")
        self.assertEqual(after, before)

    def test_fix_gives_up_on_a_damaged_base_and_changes_nothing(self):
        log = self.written(rewrite=True)
        base = next(name for name in os.listdir(log) if name.endswith(".base.aof"))
        self.edit(log, self.flip(-20), base)
        before = contents(log)
        self.assertIn("cutting cannot mend this", self.check(log, "--fix", expect=DAMAGED))
        after = contents(log)
        before.pop("baton.lock"), after.pop("baton.lock")
        self.assertEqual(after, before)

    def test_fix_is_refused_while_a_server_runs(self):
        server = self.start()
        client = self.client(server)
        client.ask("RPUSH", "q", "a")
        log = os.path.join(server.directory, "appendonlydir")
        said = self.check(log, "--fix", expect=NOT_DONE)
        self.assertIn("in use by a server", said)
        self.assertIn(str(server.pid), said)
        self.check(log, expect=FINE)  # looking is allowed

    def test_verifying_takes_no_notice_of_a_lock(self):
        log = self.written()
        with open(os.path.join(log, "baton.lock"), "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.check(log, expect=FINE)
            self.check(log, "--fix", expect=NOT_DONE)

    # --- what redis-server writes

    def test_a_log_of_redis_is_read_without_checksums(self):
        log = self.written("redis-server", aof_use_rdb_preamble="no")
        said = self.check(log, expect=FINE)
        self.assertIn("without checksums", said)
        self.assertRegex(said, r"A start would load 40 commands")

    def test_a_log_of_redis_that_is_cut_short_is_mended(self):
        log = self.written("redis-server", aof_use_rdb_preamble="no")
        self.edit(log, lambda data: data[:-3])
        self.assertIn("may have been acknowledged", self.check(log, expect=TORN))
        self.check(log, "--fix", expect=FINE)
        self.assertEqual(self.queue_after_start(log), list(range(39)))

    def test_a_bad_byte_in_a_log_of_redis_is_damage_that_fix_cuts(self):
        log = self.written("redis-server", aof_use_rdb_preamble="no")

        def change(data):
            data[data.index(b"$2\r\n20\r\n")] = ord("?")

        self.edit(log, change)
        self.assertIn("bad file format", self.check(log, expect=DAMAGED))
        self.check(log, "--fix", expect=FINE)
        self.assertEqual(self.queue_after_start(log), list(range(20)))

    def test_an_rdb_preamble_is_named(self):
        log = self.written("redis-server", rewrite=True)
        before = contents(log)
        self.assertIn("RDB preamble", self.check(log, expect=DAMAGED))
        self.assertIn("cutting cannot mend this", self.check(log, "--fix", expect=DAMAGED))
        after = contents(log)
        after.pop("baton.lock")
        self.assertEqual(after, before)

    def test_a_command_that_no_start_would_take_is_found(self):
        log = self.written("redis-server", aof_use_rdb_preamble="no")
        self.edit(log, lambda data: data + b"*4\r\n$5\r\nFROBX\r\n$1\r\nh\r\n$1\r\nf\r\n$1\r\nv\r\n")
        self.assertIn("FROBX", self.check(log, expect=DAMAGED))
        self.edit(log, lambda data: data[: data.index(b"*4\r\n$5\r\nFROBX")] + b"*2\r\n$4\r\nINCR\r\n$1\r\nq\r\n")
        self.assertIn("WRONGTYPE", self.check(log, expect=DAMAGED))
        self.check(log, "--checksums-only", expect=FINE)

    # --- figures

    def test_stats_tell_bytes_and_dead_bytes_by_command_and_key(self):
        directory = scratch_directory("stats")
        server = self.start(directory=directory, appendonly="yes")
        client = self.client(server)
        for number in range(100):
            client.ask("RPUSH", "drained", number)
        for _ in range(100):
            client.ask("LPOP", "drained")
        client.ask("RPUSH", "kept", "x" * 1000)
        server.kill()
        said = self.check(directory, "--stats", "--keys", "1", expect=FINE)
        rows = {line.split()[0]: line.split() for line in said.splitlines() if line.strip()}
        pushed = sum(len(resp.encode("RPUSH", "drained", number)) for number in range(100))
        popped = 100 * len(resp.encode("LPOP", "drained"))
        kept = len(resp.encode("RPUSH", "kept", "x" * 1000))
        self.assertIn('db0 "drained"', said)
        self.assertNotIn('"kept"', said)
        self.assertEqual(rows["db0"][2:], ["200", str(pushed + popped), str(pushed + popped)])
        commands = said.split("\nkey")[0]
        self.assertRegex(commands, rf"\nLPOP +100 +{popped} +{popped}\n")
        self.assertRegex(commands, rf"\nRPUSH +101 +{pushed + kept} +{pushed}\n")
        self.assertIn("1 keys more", said)

    def test_what_a_rewrite_has_just_written_is_alive_records_of_leases_too(self):
        directory = scratch_directory("stats-queues")
        server = self.start(directory=directory, appendonly="yes")
        client = self.client(server)
        client.ask("QPOLICY", "SET", "mail", "MATCH", "mail", "PROCESSING", "backup", "VISIBILITY", "60000")
        for number in range(100):
            client.ask("LPUSH", "mail", number)
            client.ask("RPOPLPUSH", "mail", "backup")
        client.ask("BGREWRITEAOF")
        while b"aof_rewrite_in_progress:1" in client.ask("INFO", "persistence"):
            time.sleep(0.05)
        server.kill()
        said = self.check(directory, "--stats", expect=FINE)
        dead = int(re.search(r"\((\d+) %\) are dead", said).group(1))
        self.assertLess(dead, 10, said)


if __name__ == "__main__":
    cases.main(__doc__)
