#!/usr/bin/python3
"""A disk whose syncs are slow, or hang: who waits, who does not, and what it may cost.

Needs the library of tests/support/slow_disk.c (--library). No test asserts a time: what is asserted is the order in which
syncs and answers happened.
"""

import os
import select
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from support import cases, resp  # noqa: E402
from support.server_process import scratch_directory  # noqa: E402

MIB = 1 << 20
library = None


class SlowDiskTest(cases.ServerCase):
    def start_on_slow_disk(self, **options):
        directory = scratch_directory("slow-disk")
        self.control = os.path.join(directory, "control")
        self.trace = os.path.join(directory, "trace")
        self.set_disk("0")
        environment = {"LD_PRELOAD": library, "SLOW_DISK_CONTROL": self.control, "SLOW_DISK_TRACE": self.trace}
        self.server = self.start(environment=environment, **options)
        self.addCleanup(self.set_disk, "0")  # or a clean stop would wait for ever
        return self.server

    def set_disk(self, what):
        with open(self.control + ".new", "w", encoding="ascii") as control:
            control.write(what)
        os.rename(self.control + ".new", self.control)

    def syncs(self):
        """(begin, end) of every sync so far, in nanoseconds of the monotonic clock."""
        with open(self.trace, encoding="ascii") as trace:
            return [tuple(int(word) for word in line.split()) for line in trace]

    def assert_waits(self, client):
        """Nothing comes for as long as a patient person looks. Too short a look can only make the test too kind."""
        self.assertEqual(select.select([client.socket], [], [], 0.3)[0], [])

    def test_a_write_is_answered_by_the_sync_that_covers_it_and_others_at_once(self):
        self.start_on_slow_disk(appendfsync="always")
        writer, other = self.client(self.server), self.client(self.server)
        other.call("SET", "still", "there")
        other.call("RPUSH", "list", "a")
        self.set_disk("100")
        answered_within, told = {"PING": 0, "INFO": 0, "GET": 0, "LLEN": 0}, []
        for number in range(8):
            sent = time.monotonic_ns()
            writer.send_command("LPUSH", "queue", number)
            asked = []
            while not select.select([writer.socket], [], [], 0)[0]:
                for words in (("PING",), ("INFO",), ("GET", "still"), ("LLEN", "list"), ("GET", "nobody")):
                    begin = time.monotonic_ns()
                    other.call(*words)
                    asked.append((words[0], begin, time.monotonic_ns()))
            self.assertEqual(writer.read(), number + 1)
            told.append((sent, time.monotonic_ns(), asked))
        syncs = self.syncs()
        for sent, heard, asked in told:
            # One that began after the request was sent and ended before the answer came.
            covering = [(begin, end) for begin, end in syncs if begin > sent and end < heard]
            self.assertTrue(covering, f"no sync between {sent} and {heard}")
            for name, begin, end in asked:
                answered_within[name] += any(first < begin and end < last for first, last in covering)
        # Each of the others was asked and answered while the sync that the writer waited for was under way.
        for name, times in answered_within.items():
            self.assertGreater(times, 8, f"{name} waited for syncs that it had no need of")

    def test_while_a_sync_hangs_only_those_wait_who_would_be_told_something_unsafe(self):
        self.start_on_slow_disk(appendfsync="always")
        calm = self.client(self.server)
        calm.call("SET", "still", "there")
        calm.call("RPUSH", "list", "a", "b")
        self.set_disk("hang")
        writer, reader, popper, blocked, late = (self.client(self.server) for _ in range(5))
        blocked.send_command("BLPOP", "empty", "0")
        writer.send_command("RPUSH", "queue", "v")
        writer.send_command("PING")  # behind its own answer
        self.assert_waits(writer)
        reader.send_command("LRANGE", "queue", "0", "-1")  # sees what is not safe yet
        popper.send_command("LPOP", "list")
        late.send_command("RPUSH", "empty", "w")  # serves the blocked client
        for waiting in (writer, reader, popper, blocked, late):
            self.assert_waits(waiting)
        for _ in range(100):
            self.assertEqual(calm.ask("PING"), "PONG")
            self.assertEqual(calm.call("GET", "still"), b"there")
            self.assertIn("log_position_synced", calm.call("INFO", "persistence").decode())
        self.set_disk("0")
        self.assertEqual(writer.read(), 1)
        self.assertEqual(writer.read(), "PONG")
        self.assertEqual(reader.read(), [b"v"])
        self.assertEqual(popper.read(), b"a")
        self.assertEqual(blocked.read(), [b"empty", b"w"])
        self.assertEqual(late.read(), 1)

    def test_a_hanging_disk_under_full_pipelines_holds_writers_back_within_bounded_memory(self):
        self.start_on_slow_disk(appendfsync="always", unwritten_bytes_max="8mb", sync_timeout="600")
        other = self.client(self.server)
        other.call("SET", "still", "there")
        before = self.server.resident_bytes()
        self.set_disk("hang")
        request = resp.encode("LPUSH", "queue", "x" * 1000)
        batch, batches, clients = request * 100, 1000, []
        for _ in range(4):
            client = self.client(self.server, timeout=60)
            client.socket.setblocking(False)
            clients.append([client, batch * batches, 0, b""])
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < 1.0:  # until the server takes no more
            for one in clients:
                try:
                    sent = one[0].socket.send(memoryview(one[1])[one[2] : one[2] + MIB])
                    if sent:
                        one[2] += sent
                        quiet_since = time.monotonic()
                except BlockingIOError:
                    pass
            self.assertEqual(other.ask("PING"), "PONG")
            self.assertEqual(other.call("GET", "still"), b"there")
        taken = sum(one[2] for one in clients)
        self.assertLess(taken, 4 * len(batch) * batches, "the server took everything while nothing was safe")
        grown = self.server.resident_bytes("VmHWM") - before
        self.assertLess(grown, 96 * MIB * cases.memory_factor, f"memory grew by {grown / MIB:.0f} MiB")
        # It goes on where it was, and every answer comes, in order.
        self.set_disk("0")
        lengths = []
        while len(lengths) < 4 * 100 * batches:
            readable, writable, _ = select.select(
                [one[0].socket for one in clients], [one[0].socket for one in clients if one[2] < len(one[1])], [], 30
            )
            self.assertTrue(readable or writable, f"stuck after {len(lengths)} answers")
            for one in clients:
                if one[0].socket in writable:
                    one[2] += one[0].socket.send(memoryview(one[1])[one[2] : one[2] + MIB])
                if one[0].socket in readable:
                    *lines, one[3] = (one[3] + one[0].socket.recv(MIB)).split(b"\r\n")
                    mine = [int(line[1:]) for line in lines]
                    self.assertEqual(mine, sorted(mine))
                    lengths += mine
        self.assertEqual(sorted(lengths), list(range(1, 4 * 100 * batches + 1)))

    def test_an_answer_that_waits_too_long_is_never_given_and_its_connection_closed(self):
        self.start_on_slow_disk(appendfsync="always", sync_timeout="1")
        other, writer = self.client(self.server), self.client(self.server)
        other.call("SET", "still", "there")
        self.set_disk("hang")
        writer.send_command("LPUSH", "queue", "v")
        with self.assertRaises(ConnectionError):
            writer.read()
        self.assertEqual(other.call("GET", "still"), b"there")
        self.assertIn("sync-timeout", self.server.log())
        self.set_disk("0")
        self.assertEqual(self.client(self.server).call("LRANGE", "queue", "0", "-1"), [b"v"])

    def test_everysec_answers_before_the_sync_but_not_for_ever(self):
        self.start_on_slow_disk(appendfsync="everysec")
        writer, other = self.client(self.server), self.client(self.server)
        self.set_disk("hang")
        self.assertEqual(writer.call("LPUSH", "queue", "first"), 1)
        answers = 1

        def held():
            nonlocal answers
            writer.send_command("LPUSH", "queue", "next")
            if not select.select([writer.socket], [], [], 0.5)[0]:
                return True
            answers += 1
            self.assertEqual(writer.read(), answers)
            return False

        self.eventually(held, "answers wait when the disk has stalled for about two seconds")
        self.assertEqual(other.ask("PING"), "PONG")
        self.set_disk("0")
        self.assertEqual(writer.read(), answers + 1)


def main():
    global library
    if "--library" not in sys.argv:
        sys.exit("slow_disk_test.py: --library, made from tests/support/slow_disk.c, is missing")
    at = sys.argv.index("--library")
    library = os.path.abspath(sys.argv[at + 1])
    del sys.argv[at : at + 2]
    cases.main(__doc__)


if __name__ == "__main__":
    main()
