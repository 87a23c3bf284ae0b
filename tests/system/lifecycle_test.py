#!/usr/bin/python3
"""From the command line to the last log line: configuration, start, stop, signals, one server for each directory."""

import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from support import cases, resp  # noqa: E402
from support.server_process import free_port, scratch_directory  # noqa: E402


class CommandLineTest(cases.ServerCase):
    def run_server(self, *arguments, stdin=""):
        """Runs the server to its end; it must end by itself."""
        return subprocess.run(
            [cases.server_path, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=30,
            cwd=scratch_directory("run"),
        )

    def write(self, name, text, directory=None):
        path = os.path.join(directory or scratch_directory("conf"), name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def test_version_and_help(self):
        version = self.run_server("--version")
        self.assertEqual(version.returncode, 0)
        self.assertRegex(version.stdout, r"\d+\.\d+")
        self.assertEqual(self.run_server("-v").stdout, version.stdout)
        usage = self.run_server("--help")
        self.assertIn("Usage", usage.stdout + usage.stderr)

    def test_an_unknown_option_is_named_with_its_place(self):
        path = self.write("bad.conf", "port 0\n\n# a comment\n  tiemout 10\n")
        result = self.run_server(path)
        said = result.stdout + result.stderr
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("tiemout", said)
        self.assertRegex(said, r"line 4|:4\b")
        result = self.run_server("--tiemout", "10")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("tiemout", result.stdout + result.stderr)

    @cases.only_baton("redis-server names neither")
    def test_an_unknown_option_comes_with_its_column_and_the_nearest_name(self):
        path = self.write("bad.conf", "port 0\n  tiemout 10\n")
        said = self.run_server(path)
        self.assertIn("bad.conf", said.stderr)
        self.assertRegex(said.stderr, r"2:3|line 2, column 3")
        self.assertRegex(said.stderr, r"\btimeout\b")

    def test_a_wrong_value_is_named(self):
        for arguments, word in (
            (["--port", "70000"], "port"),
            (["--appendfsync", "sometimes"], "appendfsync"),
            (["--maxmemory", "10zb"], "maxmemory"),
            (["--timeout", "soon"], "timeout"),
        ):
            result = self.run_server(*arguments)
            self.assertNotEqual(result.returncode, 0, arguments)
            self.assertIn(word, result.stdout + result.stderr)

    def test_a_missing_file_is_named(self):
        result = self.run_server("/nonexistent/server.conf")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("/nonexistent/server.conf", result.stdout + result.stderr)

    def test_a_missing_directory_is_named(self):
        result = self.run_server("--port", "0", "--dir", "/nonexistent/data")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("/nonexistent/data", result.stdout + result.stderr)

    def test_file_include_quotes_units_and_command_line_in_that_order(self):
        directory = scratch_directory("conf")
        included = self.write(
            "more.conf", 'maxmemory 64mb\ntimeout 7\nrequirepass "two \\"words\\" \\x41"\n', directory
        )
        path = self.write(
            "main.conf", f"# first\nmaxmemory 32mb\ninclude {included}\ntimeout 8\nMaxClients 77\n", directory
        )
        server = self.start(path, maxclients=78)
        client = self.client(server)
        self.assertEqual(client.ask("AUTH", 'two "words" A'), "OK")
        for name, value in (("maxmemory", b"67108864"), ("timeout", b"8"), ("maxclients", b"78")):
            self.assertEqual(client.call("CONFIG", "GET", name), [name.encode(), value])

    def test_configuration_from_stdin(self):
        port, directory = free_port(), scratch_directory("stdin")
        process = subprocess.Popen(
            [cases.server_path, "-", "--port", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=directory,
            start_new_session=True,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdin.write(f"bind 127.0.0.1\ntimeout 9\ndir {directory}\n".encode())
        process.stdin.close()

        def asked():
            try:
                with resp.Client(("127.0.0.1", port)) as client:
                    return client.call("CONFIG", "GET", "timeout")
            except (OSError, resp.Error):
                return None

        self.assertEqual(self.eventually(asked, "the server answers"), [b"timeout", b"9"])


class ConfigRewriteTest(cases.ServerCase):
    def test_rewrite_keeps_comments_and_changes_what_changed(self):
        directory = scratch_directory("conf")
        path = os.path.join(directory, "server.conf")
        port = free_port()
        with open(path, "w", encoding="utf-8") as out:
            out.write(
                f"# keep me\nport {port}\nbind 127.0.0.1\ndir {directory}\n\n# and me\ntimeout 5\nmaxclients 100\n"
            )
        server = self.start(path, port=port)
        with server.client() as client:
            self.assertEqual(client.call("CONFIG", "SET", "timeout", "6"), "OK")
            self.assertEqual(client.call("CONFIG", "SET", "requirepass", "pass word"), "OK")
            self.assertEqual(client.call("CONFIG", "SET", "maxmemory", "100mb"), "OK")
            self.assertEqual(client.call("CONFIG", "REWRITE"), "OK")
        with open(path, encoding="utf-8") as stored:
            text = stored.read()
        self.assertTrue(text.startswith("# keep me\n"), text)
        self.assertIn("# and me\ntimeout 6\n", text)
        self.assertIn("maxclients 100\n", text)
        self.assertEqual(len(re.findall(r"(?m)^timeout ", text)), 1)
        server.stop()
        again = self.start(path, port=port)
        with again.client() as client:
            self.assertEqual(client.ask("AUTH", "pass word"), "OK")
            self.assertEqual(client.call("CONFIG", "GET", "maxmemory"), [b"maxmemory", b"104857600"])
            self.assertEqual(client.call("CONFIG", "GET", "timeout"), [b"timeout", b"6"])

    def test_rewrite_without_a_file_is_an_error(self):
        with self.start().client() as client:
            self.assert_error(client.ask("CONFIG", "REWRITE"), "ERR The server is running without a config file")


class StopTest(cases.ServerCase):
    def push(self, server):
        with server.client() as client:
            client.call("RPUSH", "l", "a", "b")

    def assert_kept(self, server):
        again = self.start(directory=server.directory, appendonly="yes")
        with again.client() as client:
            self.assertEqual(client.call("LRANGE", "l", 0, -1), [b"a", b"b"])

    def test_sigterm_and_sigint_stop_cleanly(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = self.start(appendonly="yes", appendfsync="no")
            self.push(server)
            server.process.send_signal(number)
            self.assertEqual(server.process.wait(20), 0)
            self.assert_kept(server)

    def test_a_stop_closes_waiting_clients(self):
        server = self.start(appendonly="yes")
        client = self.client(server)
        client.send_command("BLPOP", "l", 0)
        with server.client() as other:
            self.eventually(lambda: b"blocked_clients:1\r\n" in other.call("INFO", "clients"), "it waits")
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(client.read_until_close(), b"")
        self.assertEqual(server.process.wait(20), 0)

    def test_shutdown_ends_the_server(self):
        for words in (["SHUTDOWN"], ["SHUTDOWN", "NOSAVE"], ["shutdown", "save"], ["SHUTDOWN", "NOW", "FORCE"]):
            server = self.start(appendonly="yes")
            self.push(server)
            client = self.client(server)
            client.send_command(*words)
            self.assertEqual(client.read_until_close(), b"", words)
            self.assertEqual(server.process.wait(20), 0)
            self.assert_kept(server)

    def test_sighup_and_sigpipe_are_ignored(self):
        server = self.start()
        for number in (signal.SIGHUP, signal.SIGPIPE):
            server.process.send_signal(number)
        with server.client() as client:
            self.assertEqual(client.ask("PING"), "PONG")

    def test_acknowledged_writes_survive_a_kill(self):
        server = self.start(appendonly="yes", appendfsync="always")
        self.push(server)
        server.kill()
        self.assert_kept(server)


class DaemonTest(cases.ServerCase):
    def test_daemonize_pidfile_and_logfile(self):
        directory = scratch_directory("daemon")
        pidfile, logfile = os.path.join(directory, "server.pid"), os.path.join(directory, "own.log")
        server = self.start(daemonize="yes", pidfile=pidfile, logfile=logfile, directory=directory, wait=False)
        self.assertEqual(server.process.wait(20), 0)

        def answers():
            try:
                with server.client() as client:
                    return client.ask("PING") == "PONG"
            except OSError:
                return False

        self.eventually(answers, "the daemon answers")
        with open(pidfile, encoding="ascii") as stored:
            pid = int(stored.read())
        try:
            self.assertNotEqual(pid, server.process.pid)
            self.assertEqual(os.getsid(pid), pid)
            self.assertGreater(os.path.getsize(logfile), 0)
            os.kill(pid, signal.SIGTERM)
            self.eventually(lambda: not os.path.exists(pidfile), "the pidfile is removed")
            self.eventually(lambda: not os.path.exists(f"/proc/{pid}"), "the daemon is gone")
        finally:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def test_a_logfile_is_appended_to(self):
        logfile = os.path.join(scratch_directory("log"), "own.log")
        for _ in range(2):
            server = self.start(logfile=logfile)
            server.stop()
        with open(logfile, encoding="utf-8") as stored:
            pids = set(re.findall(r"(?m)^(\d+):M ", stored.read()))
        self.assertEqual(len(pids), 2)


class DirectoryTest(cases.ServerCase):
    @cases.only_baton("redis-server does not lock its directory")
    def test_a_second_server_on_the_same_directory_is_refused(self):
        first = self.start(appendonly="yes")
        with first.client() as client:
            client.call("RPUSH", "l", "a")
        second = self.start(appendonly="yes", directory=first.directory, wait=False)
        self.assertNotEqual(second.process.wait(20), 0)
        self.assertIn(first.directory, first.log())  # both write the same file name in this directory
        with first.client() as client:
            self.assertEqual(client.call("LRANGE", "l", 0, -1), [b"a"])
        first.kill()
        # The lock is gone with its holder.
        third = self.start(appendonly="yes", directory=first.directory)
        with third.client() as client:
            self.assertEqual(client.call("LRANGE", "l", 0, -1), [b"a"])

    @cases.only_baton("Baton's own files, redis-server's tools")
    def test_redis_loads_what_a_clean_stop_leaves(self):
        from support.server_process import ServerProcess

        server = self.start(appendonly="yes")
        with server.client() as client:
            client.call("RPUSH", "l", "a", b"\x00\r\n#C", "")
            client.call("SET", "s", "v", "EX", "100000")
            client.call("SELECT", "3")
            client.call("RPUSH", "other", *range(500))
            client.call("RPOPLPUSH", "other", "processing")
        self.assertEqual(server.stop(), 0)
        manifest = os.path.join(server.directory, "appendonlydir", "appendonly.aof.manifest")
        check = subprocess.run(["redis-check-aof", manifest], capture_output=True, text=True, timeout=60)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
        redis = ServerProcess("redis-server", {"appendonly": "yes"}, directory=server.directory, name="redis")
        self.addCleanup(redis.kill)
        with redis.client() as client:
            self.assertEqual(client.call("LRANGE", "l", 0, -1), [b"a", b"\x00\r\n#C", b""])
            self.assertGreater(client.call("TTL", "s"), 90_000)
            client.call("SELECT", "3")
            self.assertEqual(client.call("LLEN", "other"), 499)
            self.assertEqual(client.call("LRANGE", "processing", 0, -1), [b"499"])

    @cases.only_baton("Baton loads redis-server's files")
    def test_baton_loads_what_redis_wrote_without_a_preamble(self):
        from support.server_process import ServerProcess

        directory = scratch_directory("redis")
        redis = ServerProcess(
            "redis-server", {"appendonly": "yes", "aof-use-rdb-preamble": "no"}, directory=directory, name="redis"
        )
        self.addCleanup(redis.kill)
        with redis.client() as client:
            client.call("RPUSH", "l", "a", b"\x00\r\n#C", "")
            client.call("BGREWRITEAOF")
            self.eventually(
                lambda: b"aof_rewrite_in_progress:0" in client.call("INFO", "persistence"), "the rewrite ends"
            )
            client.call("SET", "s", "v", "EX", "100000")
            client.call("SELECT", "3")
            client.call("LPUSH", "other", *range(500))
            client.call("LMOVE", "other", "processing", "RIGHT", "LEFT")
        redis.stop()
        server = self.start(directory=directory, appendonly="yes")
        with server.client() as client:
            self.assertEqual(client.call("LRANGE", "l", 0, -1), [b"a", b"\x00\r\n#C", b""])
            self.assertGreater(client.call("TTL", "s"), 90_000)
            client.call("SELECT", "3")
            self.assertEqual(client.call("LLEN", "other"), 499)
            self.assertEqual(client.call("LRANGE", "processing", 0, -1), [b"0"])

    @cases.only_baton("Baton cannot read RDB yet")
    def test_a_directory_with_an_rdb_preamble_is_refused_by_name(self):
        from support.server_process import ServerProcess

        directory = scratch_directory("redis")
        redis = ServerProcess("redis-server", {"appendonly": "yes"}, directory=directory, name="redis")
        self.addCleanup(redis.kill)
        with redis.client() as client:
            client.call("RPUSH", "l", "a")
        redis.stop()
        server = self.start(directory=directory, appendonly="yes", wait=False)
        self.assertNotEqual(server.process.wait(20), 0)
        self.assertIn("base.rdb", server.log())
        self.assertIn("RDB", server.log())

    @cases.only_baton("Baton's banner")
    def test_the_start_says_what_an_ok_means(self):
        server = self.start(appendonly="yes")
        for word in ("127.0.0.1", server.directory, "always"):
            self.assertIn(word, server.log())


class LoadingTest(cases.ServerCase):
    def test_clients_are_told_that_the_server_is_loading(self):
        server = self.start(appendonly="yes", appendfsync="no")
        with server.client(timeout=60) as client:
            for _ in range(40):
                client.send(resp.encode("RPUSH", "l", *["x" * 20] * 20_000))
                client.read()
        server.stop()
        again = self.start(directory=server.directory, appendonly="yes", wait=False)
        seen = set()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with again.client() as client:
                    reply = client.ask("LLEN", "l")
            except OSError:
                continue
            if not isinstance(reply, resp.Error):
                break
            seen.add(str(reply))
        self.assertEqual(reply, 800_000)
        self.assertLessEqual(seen, {"LOADING Redis is loading the dataset in memory"})

    @cases.only_baton("redis-server loads to the end first")
    def test_a_stop_while_loading_does_not_wait_for_the_end_of_the_load(self):
        server = self.start(appendonly="yes", appendfsync="no", auto_aof_rewrite_percentage="0")
        with server.client(timeout=60) as client:
            for _ in range(20):
                client.send(resp.encode("LPUSH", "l", "v") * 50_000)
                for _ in range(50_000):
                    client.read_frame()
        server.stop()
        for _ in range(20):
            again = self.start(directory=server.directory, appendonly="yes", wait=False)
            stopped = False
            while again.alive() and not stopped:
                try:
                    with again.client() as client:
                        reply = client.ask("LLEN", "l")
                        stopped = isinstance(reply, resp.Error)  # -LOADING
                        if reply == 1_000_000:
                            break
                except OSError:
                    continue
            again.process.send_signal(signal.SIGTERM)
            self.assertEqual(again.process.wait(60), 0, again.log_tail())
            if "while it was loading" in again.log():
                break
        else:
            self.fail("in 20 starts none was stopped while it was loading")
        with self.start(directory=server.directory, appendonly="yes").client() as client:
            self.assertEqual(client.call("LLEN", "l"), 1_000_000)


if __name__ == "__main__":
    cases.main(__doc__)
