#!/usr/bin/python3
"""doc/queues.md does what it says: its tour is typed into redis-cli, its programs are run, on Redis and here.

A program is killed with SIGKILL while it holds a message; on Redis the message stays in the processing list, here the
next one gets it.
"""

import glob
import os
import queue
import re
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from clients.run_clients import install_node_clients  # noqa: E402
from support import cases  # noqa: E402
from support.server_process import die_with_parent, scratch_directory  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "doc", "queues.md")
NODE_MODULES = os.path.join(ROOT, "tests", "clients", "node")
# Language of a block of code -> how it is run, and the ending of its file. There is no Go among what the tests need.
RUN = {
    "python": (["/usr/bin/python3"], ".py"),
    "javascript": (["node"], ".mjs"),
    "ruby": (["ruby"], ".rb"),
    "php": (["php"], ".php"),
}
NOT_RUN = {"go"}
MESSAGES = ["to: ann", "to: bob", "to: eve"]
PROMPT = "127.0.0.1:6379> "


def page():
    with open(PAGE, encoding="utf-8") as file:
        return file.read()


def programs():
    return re.findall(r"^```(\w+)\n(.*?)^```$", page(), re.M | re.S)


def tour():
    """(command, lines of its answer) of every command that the page shows in redis-cli."""
    steps = []
    for block in re.findall(r"^<!-- tour -->\n((?:    .*\n)+)", page(), re.M):
        for line in block.splitlines():
            line = line.removeprefix("    ")
            if line.startswith(PROMPT):
                steps.append((line.removeprefix(PROMPT), []))
            else:
                steps[-1][1].append(line)
    return steps


class Program:
    """A program of the page under way, and the lines that it says."""

    def __init__(self, language, code, port):
        interpreter, ending = RUN[language]
        # Node looks for modules beside the file.
        directory = scratch_directory("program")
        if language == "javascript":
            os.symlink(os.path.join(NODE_MODULES, "node_modules"), os.path.join(directory, "node_modules"))
        path = os.path.join(directory, "consumer" + ending)
        with open(path, "w", encoding="utf-8") as file:
            file.write(code.replace("6379", str(port)))
        self.process = subprocess.Popen(
            [*interpreter, path],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=die_with_parent,
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip())

    def next_line(self):
        return self.lines.get(timeout=30)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Programs(cases.ServerCase):
    @classmethod
    def setUpClass(cls):
        install_node_clients()

    def start_program(self, language, code, server):
        program = Program(language, code, server.port)
        self.addCleanup(program.kill)
        return program

    def figures(self, client):
        words = client.call("QINFO", "mail")
        return {name.decode(): value for name, value in zip(words[::2], words[1::2])}

    def take_one_and_die(self, language, code, server, client):
        client.call("LPUSH", "mail", *MESSAGES)
        program = self.start_program(language, code, server)
        self.assertEqual(program.next_line(), "sending to: ann")
        program.kill()
        self.assertEqual(client.call("LRANGE", "backup", 0, -1), [b"to: ann"])

    def test_every_program_is_run(self):
        languages = {language for language, _ in programs()}
        self.assertEqual(languages, RUN.keys() | NOT_RUN)

    def test_on_redis_they_work_and_a_message_of_a_killed_one_stays(self):
        for language, code in programs():
            if language in NOT_RUN or "QPOP" in code:
                continue
            with self.subTest(language):
                server = cases.ServerProcess("redis-server")
                self.addCleanup(server.discard)
                client = self.client(server)
                self.take_one_and_die(language, code, server, client)
                program = self.start_program(language, code, server)
                self.assertEqual([program.next_line() for _ in MESSAGES[1:]], ["sending to: bob", "sending to: eve"])
                self.eventually(lambda: client.call("LRANGE", "backup", 0, -1) == [b"to: ann"], "the others are done")

    def test_here_the_next_one_gets_it(self):
        for language, code in programs():
            if language in NOT_RUN:
                continue
            with self.subTest(f"{language}{' with tokens' if 'QPOP' in code else ''}"):
                server = self.start(
                    queue_policy="mail MATCH mail PROCESSING backup VISIBILITY 2000 MAXDELIVER 5 DEADLETTER mail:dead"
                )
                client = self.client(server)
                self.take_one_and_die(language, code, server, client)
                program = self.start_program(language, code, server)
                said = sorted(program.next_line() for _ in MESSAGES)
                self.assertEqual(said, [f"sending {message}" for message in MESSAGES])
                self.eventually(lambda: self.figures(client)["acked"] == len(MESSAGES), "all are acknowledged")
                figures = self.figures(client)
                names = ("ready", "leased", "delayed", "dead", "balanced")
                self.assertEqual([figures[name] for name in names], [0, 0, 0, 0, 1])
                self.assertGreater(figures["expired"], 0)


class Tour(cases.ServerCase):
    def test_redis_cli_shows_what_the_page_shows(self):
        server = self.start()
        steps = tour()
        self.assertGreater(len(steps), 10)
        ids = {}  # on the page -> here
        for command, shown in steps:
            for theirs, ours in ids.items():
                command = command.replace(theirs, ours)
            words = re.findall(r'"[^"]*"|\S+', command)
            answer = subprocess.run(
                ["redis-cli", "--no-raw", "-p", str(server.port), *(word.strip('"') for word in words)],
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            ).stdout.rstrip("\n")
            self.compare(command, shown, answer.split("\n"), ids)

    def compare(self, command, shown, answer, ids):
        # How long it took, redis-cli tells to people alone.
        shown = [line for line in shown if not re.fullmatch(r"\(\d+\.\d+s\)", line)]
        cut = " ..." in shown
        for line in shown:
            if line == " ...":
                continue
            pattern = re.escape(line)
            pattern = re.sub(r"\d{15,}", r"(\\d{15,})", pattern)  # ids
            pattern = re.sub(r"(?<=integer\\\)\\ )\d{3,}", r"\\d+", pattern)  # milliseconds
            found = [match for match in (re.fullmatch(pattern, each) for each in answer) if match]
            self.assertTrue(found, f"{command}: {line!r} is not in {answer}")
            for theirs, ours in zip(re.findall(r"\d{15,}", line), found[0].groups()):
                ids[theirs] = ours
        if not cut:
            self.assertEqual(len(shown), len(answer), f"{command}: {answer}")


class TakenOverByRedis(cases.ServerCase):
    """What the page says under "On disk"."""

    def test_redis_sees_the_same_lists_and_what_it_does_counts_as_done_by_hand(self):
        directory = scratch_directory("queues-doc")
        server, client = self.start_managed(directory)
        client.call("LPUSH", "mail", "1", "2", "3")
        client.call("RPOPLPUSH", "mail", "backup")
        server.stop()
        redis, client = self.start_redis(directory)
        self.assertEqual(client.call("LRANGE", "mail", 0, -1), [b"3", b"2"])
        self.assertEqual(client.call("LRANGE", "backup", 0, -1), [b"1"])
        client.call("RPOPLPUSH", "mail", "backup")
        client.call("LREM", "backup", 1, "1")
        redis.stop()
        server, client = self.start_managed(directory)
        self.assertEqual(client.call("LRANGE", "backup", 0, -1), [b"2"])
        words = client.call("QINFO", "mail")
        figures = {name.decode(): value for name, value in zip(words[::2], words[1::2])}
        names = ("ready", "leased", "unleased", "acked", "forwarded", "balanced")
        self.assertEqual({name: figures[name] for name in names}, dict(zip(names, (1, 0, 1, 1, 1, 1))))

    def test_when_redis_rewrites_records_are_gone_and_messages_are_not(self):
        directory = scratch_directory("queues-doc")
        server, client = self.start_managed(directory)
        client.call("LPUSH", "mail", "1", "2")
        client.call("RPOPLPUSH", "mail", "backup")
        server.stop()
        redis, client = self.start_redis(directory)
        client.call("BGREWRITEAOF")
        self.eventually(lambda: b"aof_rewrite_in_progress:0" in client.call("INFO", "persistence"), "it is rewritten")
        redis.stop()
        self.assertEqual([path for path in glob.glob(f"{directory}/appendonlydir/*.aof") if b"#Q" in read(path)], [])
        server = self.start(directory=directory)
        client = self.client(server)
        self.assertEqual(client.call("QPOLICY", "LIST"), [])
        self.assertEqual(client.call("LRANGE", "mail", 0, -1), [b"2"])
        self.assertEqual(client.call("LRANGE", "backup", 0, -1), [b"1"])
        words = "SET mail MATCH mail PROCESSING backup VISIBILITY 1000 ADOPT".split()
        client.call("QPOLICY", *words)
        self.eventually(lambda: client.call("LRANGE", "mail", 0, -1) == [b"2", b"1"], "the adopted lease has ended")

    def start_managed(self, directory):
        server = self.start(directory=directory)
        client = self.client(server)
        client.call("QPOLICY", *"SET mail MATCH mail PROCESSING backup VISIBILITY 60000".split())
        return server, client

    def start_redis(self, directory):
        options = {"appendonly": "yes", "aof-use-rdb-preamble": "no"}
        redis = cases.ServerProcess("redis-server", options, directory=directory, name="redis")
        self.addCleanup(redis.discard)
        return redis, self.client(redis)


def read(path):
    with open(path, "rb") as file:
        return file.read()


if __name__ == "__main__":
    cases.main(__doc__)
