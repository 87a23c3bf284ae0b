#!/usr/bin/python3
"""Clients on real sockets: addresses, Unix sockets, passwords, protocols, timeouts, limits."""

import os
import socket
import stat
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from support import cases, resp  # noqa: E402
from support.server_process import scratch_directory  # noqa: E402


def own_address():
    """An address of this machine that is not loopback, or None. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address = probe.getsockname()[0]
        except OSError:
            return None
    return None if address.startswith("127.") or address == "0.0.0.0" else address


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


class AddressesTest(cases.ServerCase):
    def test_listens_on_several_addresses(self):
        server = self.start(bind=["127.0.0.1", "127.0.0.2"])
        for host in ("127.0.0.1", "127.0.0.2"):
            with resp.Client((host, server.port)) as client:
                self.assertEqual(client.ask("PING"), "PONG")
        with self.assertRaises(OSError):
            resp.Client(("127.0.0.3", server.port))

    def test_listens_on_ipv6(self):
        if not has_ipv6():
            self.skipTest("this machine has no IPv6")
        server = self.start(bind=["127.0.0.1", "::1"])
        with resp.Client(("::1", server.port)) as client:
            self.assertEqual(client.ask("PING"), "PONG")
            line = client.call("CLIENT", "INFO").decode()
            self.assertIn(" addr=[::1]:", line)
            self.assertIn(f" laddr=[::1]:{server.port} ", line)

    def test_an_optional_address_that_is_not_there_is_skipped(self):
        server = self.start(bind=["127.0.0.1", "-192.0.2.77"])
        with server.client() as client:
            self.assertEqual(client.ask("PING"), "PONG")

    def test_an_address_that_is_not_there_stops_the_start(self):
        server = self.start(bind=["127.0.0.1", "192.0.2.77"], wait=False)
        self.assertNotEqual(server.process.wait(20), 0)
        self.assertIn("192.0.2.77", server.log())

    def test_a_port_in_use_is_named(self):
        first = self.start()
        second = self.start(port=first.port, wait=False)
        self.assertNotEqual(second.process.wait(20), 0)
        self.assertIn(str(first.port), second.log())
        self.assertIn("in use", second.log())
        with first.client() as client:
            self.assertEqual(client.ask("PING"), "PONG")

    def test_a_unix_socket_answers_and_has_its_permissions(self):
        path = os.path.join(scratch_directory("socket"), "server.sock")
        server = self.start(unixsocket=path, unixsocketperm="700")
        with resp.Client(path) as client:
            self.assertEqual(client.ask("PING"), "PONG")
            self.assertIn(f" addr={path}:0 ", client.call("CLIENT", "INFO").decode())
        mode = os.stat(path).st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o700)
        server.stop()
        self.assertFalse(os.path.exists(path))

    def test_a_unix_socket_alone_is_enough(self):
        path = os.path.join(scratch_directory("socket"), "server.sock")
        server = self.start(port=0, unixsocket=path, wait=False)

        def answers():
            try:
                with resp.Client(path) as client:
                    return client.ask("PING") == "PONG"
            except OSError:
                return False

        self.eventually(answers, "the Unix socket answers")
        self.assertTrue(server.alive())

    def test_a_stale_unix_socket_is_replaced(self):
        path = os.path.join(scratch_directory("socket"), "server.sock")
        first = self.start(unixsocket=path)
        first.kill()
        self.assertTrue(os.path.exists(path))
        self.start(unixsocket=path)
        with resp.Client(path) as client:
            self.assertEqual(client.ask("PING"), "PONG")

    def test_protected_mode_turns_strangers_away(self):
        address = own_address()
        if address is None:
            self.skipTest("this machine has loopback addresses only")
        server = self.start(bind="*", protected_mode="yes")
        with server.client() as client:
            self.assertEqual(client.ask("PING"), "PONG")
        with resp.Client((address, server.port)) as stranger:
            self.assertTrue(stranger.read_until_close().startswith(b"-DENIED "))
        with server.client() as client:
            self.assertEqual(client.call("CONFIG", "SET", "protected-mode", "no"), "OK")
        with resp.Client((address, server.port)) as stranger:
            self.assertEqual(stranger.ask("PING"), "PONG")


class PasswordTest(cases.ServerCase):
    def test_nothing_is_answered_before_the_password(self):
        server = self.start(requirepass="secret")
        client = self.client(server)
        for words in (["GET", "k"], ["PING"], ["CLIENT", "LIST"], ["MULTI"]):
            self.assert_error(client.ask(*words), "NOAUTH Authentication required.")
        self.assert_error(client.ask("AUTH", "wrong"), "WRONGPASS ")
        self.assertEqual(client.ask("AUTH", "secret"), "OK")
        self.assertEqual(client.ask("PING"), "PONG")

    def test_user_and_password_in_hello(self):
        server = self.start(requirepass="secret")
        client = self.client(server)
        self.assert_error(client.ask("HELLO", "3"), "NOAUTH ")
        reply = client.ask("HELLO", "3", "AUTH", "default", "secret", "SETNAME", "me")
        self.assertIsInstance(reply, resp.Map)
        self.assertEqual(client.ask("CLIENT", "GETNAME"), b"me")

    def test_large_requests_are_refused_before_the_password(self):
        server = self.start(requirepass="secret")
        client = self.client(server)
        client.send(b"*2\r\n$4\r\nAUTH\r\n$16385\r\n")
        self.assertEqual(client.read_until_close(), b"-ERR Protocol error: unauthenticated bulk length\r\n")
        client = self.client(server)
        client.send(b"*11\r\n")
        self.assertEqual(client.read_until_close(), b"-ERR Protocol error: unauthenticated multibulk length\r\n")


class ConversationTest(cases.ServerCase):
    def test_hello_3_speaks_resp3(self):
        server = self.start()
        client = self.client(server)
        reply = dict(client.call("HELLO", "3"))
        self.assertEqual(reply[b"proto"], 3)
        self.assertEqual(reply[b"server"], b"redis")
        client.send_command("GET", "absent")
        self.assertEqual(client.read_frame(), b"_\r\n")
        self.assert_error(client.ask("HELLO", "4"), "NOPROTO ")

    def test_a_pipeline_cut_at_every_byte(self):
        server = self.start()
        commands = (
            resp.encode("RPUSH", "l", "a\r\nb", "")
            + b"PING\r\n"
            + resp.encode("LPOP", "l", 2)
            + resp.encode("ECHO", b"\x00")
        )
        expected = b":2\r\n+PONG\r\n*2\r\n$4\r\na\r\nb\r\n$0\r\n\r\n$1\r\n\x00\r\n"
        for cut in range(1, len(commands)):
            client = self.client(server)
            client.send(commands[:cut])
            # A round trip of another client: the first piece has been read by now.
            with server.client() as other:
                other.ask("PING")
            client.send(commands[cut:])
            received = b""
            while len(received) < len(expected):
                received += client.socket.recv(1000)
            self.assertEqual(received, expected, f"cut at {cut}")
            client.close()

    def test_a_large_payload_comes_back_whole(self):
        server = self.start()
        client = self.client(server, timeout=60)
        payload = os.urandom(1 << 20) * 64
        self.assertEqual(client.call("RPUSH", "l", payload), 1)
        self.assertEqual(client.call("RPOPLPUSH", "l", "l"), payload)
        self.assertEqual(client.call("LREM", "l", 1, payload), 1)

    def test_quit_is_answered_and_closes(self):
        server = self.start()
        client = self.client(server)
        client.send(resp.encode("SET", "k", "v") + resp.encode("QUIT") + resp.encode("SET", "k", "w"))
        self.assertEqual(client.read_until_close(), b"+OK\r\n+OK\r\n")
        with server.client() as other:
            self.assertEqual(other.call("GET", "k"), b"v")

    def test_replies_come_although_the_client_has_finished_writing(self):
        server = self.start()
        client = self.client(server)
        client.send(resp.encode("SET", "k", "v") + resp.encode("GET", "k"))
        client.socket.shutdown(socket.SHUT_WR)
        self.assertIn(client.read_until_close(), (b"+OK\r\n$1\r\nv\r\n", b""))

    def test_blocked_clients_are_served_in_order_and_dead_ones_are_passed_over(self):
        server = self.start()
        waiters = [self.client(server) for _ in range(3)]
        for number, waiter in enumerate(waiters):
            waiter.send_command("BLPOP", "l", 0)
            with server.client() as other:
                self.eventually(
                    lambda: b"blocked_clients:%d\r\n" % (number + 1) in other.call("INFO", "clients"), "it waits"
                )
        waiters[0].close()
        with server.client() as other:
            self.eventually(lambda: b"blocked_clients:2\r\n" in other.call("INFO", "clients"), "the dead one is gone")
            self.assertEqual(other.call("RPUSH", "l", "1", "2", "3"), 3)
            self.assertEqual(waiters[1].read(), [b"l", b"1"])
            self.assertEqual(waiters[2].read(), [b"l", b"2"])
            self.assertEqual(other.call("LRANGE", "l", 0, -1), [b"3"])

    def test_two_thousand_waiters_are_served_by_one_push(self):
        count = 2000
        server = self.start(appendfsync="no")
        waiters = [self.client(server, timeout=60) for _ in range(count)]
        for waiter in waiters:
            waiter.send_command("BLPOP", "l", 0)
        with server.client(timeout=60) as other:
            self.eventually(lambda: b"blocked_clients:%d\r\n" % count in other.call("INFO", "clients"), "all wait")
            other.call("RPUSH", "l", *range(count))
            received = [int(waiter.read()[1]) for waiter in waiters]
            self.assertEqual(received, list(range(count)))
            self.assertEqual(other.call("EXISTS", "l"), 0)


class LimitsTest(cases.ServerCase):
    def test_idle_clients_are_closed_after_the_timeout_but_waiting_ones_are_not(self):
        server = self.start(timeout=1)
        idle, waiting = self.client(server), self.client(server)
        waiting.send_command("BLPOP", "l", 0)
        self.assertEqual(idle.read_until_close(), b"")
        time.sleep(1.5)
        with server.client() as other:
            other.call("RPUSH", "l", "x")
        self.assertEqual(waiting.read(), [b"l", b"x"])

    def test_one_client_too_many_is_told_so(self):
        server = self.start(maxclients=5)
        clients = [self.client(server)]
        # The connection that looked whether the server is ready may not have been seen closed yet.
        self.eventually(lambda: b"connected_clients:1\r\n" in clients[0].call("INFO", "clients"), "it is alone")
        clients += [self.client(server) for _ in range(4)]
        for client in clients:
            self.assertEqual(client.ask("PING"), "PONG")
        self.assertEqual(self.client(server).read_until_close(), b"-ERR max number of clients reached\r\n")
        clients[0].close()

        def admitted():
            with server.client() as another:
                try:
                    return another.ask("PING") == "PONG"
                except (ConnectionError, BrokenPipeError):
                    return False

        self.eventually(admitted, "there is room again")

    def test_maxmemory_refuses_growth_and_lets_consumers_drain(self):
        server = self.start(maxmemory="8mb")
        client = self.client(server)
        pushed = 0
        while not isinstance(reply := client.ask("LPUSH", "q", b"x" * 10_000), resp.Error):
            pushed += 1
            self.assertLess(pushed, 2000)
        self.assert_error(reply, "OOM command not allowed when used memory > 'maxmemory'.")
        self.assertEqual(client.ask("RPOP", "q"), b"x" * 10_000)
        self.assertEqual(client.call("LLEN", "q"), pushed - 1)

    @cases.only_baton("redis-server refuses a move at maxmemory")
    def test_moves_pass_at_maxmemory(self):
        server = self.start(maxmemory="8mb")
        client = self.client(server)
        while not isinstance(client.ask("LPUSH", "q", b"x" * 10_000), resp.Error):
            pass
        self.assertEqual(client.ask("RPOPLPUSH", "q", "processing"), b"x" * 10_000)
        self.assertEqual(client.ask("LREM", "processing", 1, b"x" * 10_000), 1)


if __name__ == "__main__":
    cases.main(__doc__)
