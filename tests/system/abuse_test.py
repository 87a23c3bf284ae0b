#!/usr/bin/python3
"""Hostile and clumsy clients: each gets a clear error, a close or back-pressure; memory stays bounded; others go on."""

import os
import random
import resource
import select
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from support import cases, resp  # noqa: E402
from support.server_process import raise_file_limit  # noqa: E402

MIB = 1 << 20
SEED = random.SystemRandom().randrange(1 << 30)


class Bystander:
    """Another client that is answered all the time, from a thread of its own; keeps the slowest answer."""

    def __init__(self, server):
        self.client = server.client(timeout=60)
        self.slowest_seconds = 0.0
        self.answers = 0
        self.error = None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            while not self.stopping.is_set():
                start = time.monotonic()
                if self.client.ask("PING") != "PONG":
                    raise AssertionError("PING was not answered with PONG")
                self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - start)
                self.answers += 1
                time.sleep(0.002)
        except Exception as error:  # shown by stop()
            self.error = error

    def stop(self):
        self.stopping.set()
        self.thread.join()
        self.client.close()
        if self.error:
            raise self.error


class AbuseTest(cases.ServerCase):
    def setUp(self):
        self.rng = random.Random(SEED)
        self.server = self.start(appendfsync="no")
        self.bystander = Bystander(self.server)
        self.addCleanup(self.check_others)
        self.before = self.server.resident_bytes()

    def check_others(self):
        self.bystander.stop()
        self.assertTrue(self.server.alive(), self.server.log_tail())
        self.assertGreater(self.bystander.answers, 0)
        with self.server.client() as other:
            self.assertEqual(other.call("SET", "still", "there"), "OK")
            self.assertEqual(other.call("GET", "still"), b"there")

    def assert_grew_less_than(self, bytes_max, peak=True):
        grown = self.server.resident_bytes("VmHWM" if peak else "VmRSS") - self.before
        self.assertLess(grown, bytes_max * cases.memory_factor, f"memory grew by {grown / MIB:.0f} MiB")

    def test_garbage_is_refused_or_ignored(self):
        for _ in range(200):
            client = self.client(self.server)
            try:
                client.send(self.rng.randbytes(self.rng.choice((1, 10, 1000, 100_000))))
                client.socket.shutdown(socket.SHUT_WR)
                client.read_until_close()
            except OSError:
                pass  # the server may close at the first byte that makes no sense
            finally:
                client.close()
        self.assert_grew_less_than(64 * MIB)

    def test_half_requests_are_not_run(self):
        request = resp.encode("LPUSH", "half", "value")
        for end in range(len(request)):
            client = self.client(self.server)
            client.send(request[:end])
            client.close()
        with self.server.client() as client:
            # Every connection was opened before this one, so its end has been read by now or is read before the reply.
            self.eventually(lambda: client.call("CLIENT", "LIST").count(b"\n") == 2, "the connections are gone")
            self.assertEqual(client.call("LLEN", "half"), 0)

    def test_claims_of_a_gigabyte_cost_nothing(self):
        client = self.client(self.server)
        client.send(b"*2\r\n$3\r\nGET\r\n$1073741824\r\n")
        self.assertEqual(client.read_until_close(), b"-ERR Protocol error: invalid bulk length\r\n")
        client = self.client(self.server)
        client.send(b"*2147483648\r\n")
        self.assertEqual(client.read_until_close(), b"-ERR Protocol error: invalid multibulk length\r\n")

    def test_claims_within_the_limit_cost_what_was_sent(self):
        """Thirty clients claim 512 MB each, send 100 kB of it and stall."""
        clients = []
        for _ in range(30):
            client = self.client(self.server)
            client.send(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\n" + b"x" * 100_000)
            clients.append(client)
        with self.server.client() as other:
            self.assertEqual(other.ask("PING"), "PONG")
        time.sleep(0.2)
        # Redis reserves the address space of a large argument; what counts is what is resident.
        self.assert_grew_less_than(64 * MIB)

    def test_claims_of_a_billion_arguments_cost_little(self):
        clients = []
        for _ in range(50):
            client = self.client(self.server)
            client.send(b"*1073741824\r\n$3\r\nDEL\r\n")
            clients.append(client)
        with self.server.client() as other:
            self.assertEqual(other.ask("PING"), "PONG")
        self.assert_grew_less_than(64 * MIB)

    def test_nested_arrays_are_a_protocol_error(self):
        client = self.client(self.server)
        try:
            client.send(b"*1\r\n" * 100_000)
            reply = client.read_until_close()
        except (BrokenPipeError, ConnectionResetError):
            reply = client.read_until_close()
        self.assertEqual(reply, b"-ERR Protocol error: expected '$', got '*'\r\n")
        self.assert_grew_less_than(32 * MIB)

    def test_a_line_without_an_end_is_refused(self):
        for data in (b"x" * 70_000, b"*" + b"1" * 70_000, b"*1\r\n$" + b"1" * 70_000):
            client = self.client(self.server)
            try:
                client.send(data)
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.assertIn(b"-ERR Protocol error: too big", client.read_until_close())

    def test_a_slow_writer_is_answered_in_the_end(self):
        client = self.client(self.server)
        for byte in resp.encode("RPUSH", "slow", "v" * 50) + resp.encode("LRANGE", "slow", 0, -1):
            client.send(bytes([byte]))
            time.sleep(0.001)
        self.assertEqual(client.read(), 1)
        self.assertEqual(client.read(), [b"v" * 50])

    def ask_for_gigabytes_and_read_nothing(self):
        """How much the server's memory grows by 400 replies of 10 MB that the client asks for and does not read."""
        with self.server.client() as other:
            for _ in range(10):
                other.call("RPUSH", "big", *[b"x" * 10_000] * 100)
        base = self.server.resident_bytes()
        client = self.client(self.server)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            client.socket.settimeout(3)
            for _ in range(400):
                client.send(resp.encode("LRANGE", "big", 0, -1))
        except (TimeoutError, BrokenPipeError, ConnectionResetError):
            pass
        time.sleep(0.5)
        return self.server.resident_bytes("VmHWM") - base

    def test_a_slow_reader_beyond_its_limit_is_closed(self):
        with self.server.client() as other:
            other.call("CONFIG", "SET", "client-output-buffer-limit", "normal 33554432 0 0")
        grown = self.ask_for_gigabytes_and_read_nothing()
        self.assertLess(grown, 128 * MIB * cases.memory_factor, f"memory grew by {grown / MIB:.0f} MiB")
        with self.server.client() as other:
            # The bystander, and this one.
            self.eventually(lambda: other.call("CLIENT", "LIST").count(b"\n") == 2, "the slow reader is gone")

    @cases.only_baton("redis-server buffers everything that is asked for")
    def test_a_slow_reader_without_a_limit_is_no_longer_read_from(self):
        grown = self.ask_for_gigabytes_and_read_nothing()
        self.assertLess(grown, 128 * MIB * cases.memory_factor, f"memory grew by {grown / MIB:.0f} MiB")

    def test_a_slow_reader_gets_everything_in_order(self):
        """With limits off, what was asked for arrives whole, however slowly it is read."""
        with self.server.client() as other:
            other.call("RPUSH", "numbers", *range(20_000))
        client = self.client(self.server, timeout=60)
        client.send(resp.encode("LRANGE", "numbers", 0, -1) * 20 + resp.encode("ECHO", "end"))
        expected = [b"%d" % number for number in range(20_000)]
        time.sleep(0.3)
        for _ in range(20):
            self.assertEqual(client.read(), expected)
        self.assertEqual(client.read(), b"end")

    def test_listeners_that_do_not_read_are_cut_and_cost_their_limit(self):
        limit = 8 * MIB
        with self.server.client(timeout=60) as speaker:
            speaker.call("CONFIG", "SET", "client-output-buffer-limit", f"pubsub {limit} 0 0")
            deaf = [self.client(self.server) for _ in range(5)]
            hearing = self.client(self.server, timeout=60)
            for client in [*deaf, hearing]:
                client.call("SUBSCRIBE", "news")
            message = b"m" * MIB
            for _ in range(40):  # the sockets take some of it
                speaker.call("PUBLISH", "news", message)
                self.assertEqual(hearing.read(), [b"message", b"news", message])
            self.assertEqual(speaker.call("PUBLISH", "news", b"end"), 1)
            self.assertEqual(hearing.read(), [b"message", b"news", b"end"])
            self.assertEqual(speaker.call("PUBSUB", "NUMSUB", "news"), [b"news", 1])
        self.assert_grew_less_than(len(deaf) * (limit + 2 * MIB) + 32 * MIB)

    def test_listeners_that_come_and_go_while_they_are_told(self):
        """Every one of them leaves without a word, some in the middle of their own pipelines."""
        raise_file_limit()
        with self.server.client(timeout=60) as speaker:
            speaker.call("CONFIG", "SET", "notify-keyspace-events", "KEA")
            for turn in range(20):
                clients = [self.client(self.server) for _ in range(100)]
                for client in clients:
                    names = [b"c:%d" % self.rng.randrange(50) for _ in range(20)]
                    client.send(resp.encode("HELLO", "3"))
                    client.send(resp.encode("SUBSCRIBE", *names) + resp.encode("PSUBSCRIBE", "c:?", "__key*"))
                    client.send(resp.encode("PUBLISH", names[0], b"x" * 1000) * self.rng.randrange(20))
                for number in range(200):
                    speaker.send_command("PUBLISH", f"c:{number % 50}", b"x" * self.rng.choice((1, 1000, 20_000)))
                    speaker.send_command("LPUSH", "q", number)
                self.rng.shuffle(clients)
                for client in clients:
                    client.close()
                for _ in range(400):
                    self.assertIsInstance(speaker.read(), int)
            self.eventually(lambda: speaker.call("PUBSUB", "CHANNELS") == [], "nobody listens any more")
            self.assertEqual(speaker.call("PUBSUB", "NUMPAT"), 0)
        self.assert_grew_less_than(320 * MIB)

    def test_thousands_of_listeners_and_of_subscriptions(self):
        raise_file_limit()
        with self.server.client(timeout=60) as speaker, self.server.client(timeout=60) as collector:
            names = [b"channel:%d" % number for number in range(20_000)]
            collector.send(resp.encode("SUBSCRIBE", *names))
            for count in range(1, len(names) + 1):
                self.assertEqual(collector.read(), [b"subscribe", names[count - 1], count])
            listeners = [self.client(self.server, timeout=60) for _ in range(3000)]
            for listener in listeners:
                listener.call("SUBSCRIBE", "channel:7")
            self.assertEqual(speaker.call("PUBLISH", "channel:7", "m"), len(listeners) + 1)
            for listener in [*listeners, collector]:
                self.assertEqual(listener.read(), [b"message", b"channel:7", b"m"])
            for listener in listeners[::2]:
                listener.close()
            self.eventually(
                lambda: speaker.call("PUBSUB", "NUMSUB", "channel:7") == [b"channel:7", 1501], "half of them have left"
            )
            self.assertEqual(speaker.call("PUBLISH", "channel:7", "n"), 1501)
        self.assert_grew_less_than(128 * MIB)

    def test_a_pipeline_of_a_million_commands_is_answered_in_order(self):
        client = self.client(self.server, timeout=120)
        commands, batch = 1_000_000, 50_000
        writer_error = []

        def write():
            try:
                for start in range(0, commands, batch):
                    client.socket.sendall(resp.encode("INCR", "count") * batch)
            except OSError as error:
                writer_error.append(error)

        writer = threading.Thread(target=write)
        writer.start()
        received = bytearray()
        expected_bytes = sum(len(b":%d\r\n" % number) for number in range(1, commands + 1))
        while len(received) < expected_bytes:
            data = client.socket.recv(1 << 20)
            self.assertTrue(data, "closed in the middle")
            received += data
        writer.join()
        self.assertFalse(writer_error)
        self.assertEqual(bytes(received), b"".join(b":%d\r\n" % number for number in range(1, commands + 1)))
        self.assert_grew_less_than(256 * MIB)

    def test_a_pipeline_whose_replies_are_not_read_is_held_back(self):
        """A million PINGs without reading: the server may stop reading; once the client reads, all replies come."""
        client = self.client(self.server, timeout=120)
        client.socket.setblocking(False)
        request = b"PING\r\n" * 10_000
        left = memoryview(request * 100)
        deadline = time.monotonic() + 60
        replies = 0
        reading = False
        while (left or replies < 7_000_000) and time.monotonic() < deadline:
            readable, writable, _ = select.select(
                [client.socket] if reading else [], [client.socket] if left else [], [], 1
            )
            if writable:
                left = left[client.socket.send(left[:MIB]) :]
            reading = reading or not writable or not left
            if readable:
                data = client.socket.recv(MIB)
                self.assertTrue(data, "closed in the middle")
                replies += len(data)
        self.assertEqual(replies, 7_000_000)
        self.assert_grew_less_than(256 * MIB)


class ManyConnectionsTest(cases.ServerCase):
    def test_ten_thousand_idle_and_a_thousand_busy_connections_hold(self):
        limit = raise_file_limit()
        idle_count, busy_count = 10_000, 1_000
        if limit < 12_500:
            idle_count = max(100, limit - busy_count - 500)
            print(f"(only {limit} open files are allowed here: {idle_count} idle connections) ", end="")
        server = self.start(maxclients=idle_count + busy_count + 100, appendfsync="no")
        base = server.resident_bytes()
        idle = [resp.connect(server.address) for _ in range(idle_count)]
        busy = [resp.connect(server.address) for _ in range(busy_count)]
        try:
            with server.client() as client:
                # Accepting the last ones may take a moment.
                self.eventually(
                    lambda: b"connected_clients:%d" % (idle_count + busy_count + 1) in client.call("INFO", "clients"),
                    "all connections are counted",
                )
            per_connection = (server.resident_bytes() - base) / (idle_count + busy_count)
            for round_number in range(20):
                for number, stream in enumerate(busy):
                    stream.sendall(resp.encode("LPUSH", f"l:{number}", round_number))
                for number, stream in enumerate(busy):
                    self.assertEqual(stream.recv(100), b":%d\r\n" % (round_number + 1))
            for stream in random.Random(SEED).sample(idle, 200):
                stream.sendall(b"PING\r\n")
                self.assertEqual(stream.recv(100), b"+PONG\r\n")
            self.assertLess(per_connection, 64 * 1024 * cases.memory_factor, "bytes of memory for each connection")
        finally:
            for stream in idle + busy:
                stream.close()
        with server.client() as client:
            self.eventually(
                lambda: b"connected_clients:1\r\n" in client.call("INFO", "clients"), "all connections are gone"
            )

    def test_connections_that_come_and_go_leave_nothing_behind(self):
        server = self.start(appendfsync="no")

        def storm(count):
            for _ in range(count):
                with server.client() as client:
                    client.send(b"PING\r\n*1\r\n$4\r\nPI")

        storm(2000)
        base = server.resident_bytes()
        storm(6000)
        with server.client() as client:
            self.eventually(
                lambda: b"connected_clients:1\r\n" in client.call("INFO", "clients"), "all connections are gone"
            )
        self.assertLess(server.resident_bytes() - base, 16 * MIB * cases.memory_factor)


if __name__ == "__main__":
    print(f"seed {SEED}")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cases.main(__doc__)
