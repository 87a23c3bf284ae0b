"""unittest for suites that test one server program: --server PATH, and one line of counts at the end."""

import argparse
import os
import sys
import time
import unittest

from . import resp
from .server_process import ServerProcess, is_baton

server_path = None  # these two are set by main()
memory_factor = 1  # how much more memory a server built with sanitizers may take


class ServerCase(unittest.TestCase):
    """A test case with ways to start the server under test; whatever was started is gone after each test."""

    maxDiff = 2000

    def start(self, *arguments, **options):
        """A running server; keyword underscores become dashes: appendfsync="no", requirepass="x"."""
        wait = options.pop("wait", True)
        directory = options.pop("directory", None)
        environment = options.pop("environment", None)
        server = ServerProcess(
            server_path,
            {name.replace("_", "-"): value for name, value in options.items()},
            directory=directory,
            arguments=arguments,
            wait=wait,
            environment=environment,
        )
        # A server that must not come up is watched by its test.
        self.addCleanup(server.finish if wait else server.discard)
        return server

    def client(self, server, timeout=10):
        client = server.client(timeout)
        self.addCleanup(client.close)
        return client

    def assert_error(self, reply, beginning):
        self.assertIsInstance(reply, resp.Error)
        self.assertTrue(str(reply).startswith(beginning), f"{reply} does not start with {beginning!r}")

    def eventually(self, condition, what, seconds=20):
        """Waits until condition() is true; fails with `what` when that takes too long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if result := condition():
                return result
            time.sleep(0.01)
        self.fail(f"not within {seconds} s: {what}")


def only_baton(reason):
    """For what redis-server does otherwise."""

    def decorate(test):
        def run(self):
            if not is_baton(server_path):
                self.skipTest(reason)
            return test(self)

        run.__name__, run.__doc__ = test.__name__, test.__doc__
        return run

    return decorate


class _Result(unittest.TextTestResult):
    def getDescription(self, test):
        return test.id().split(".", 1)[1]

    def startTest(self, test):
        self.started = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        self.passed = getattr(self, "passed", 0) + 1
        unittest.TestResult.addSuccess(self, test)
        self.stream.writeln(f"ok ({time.monotonic() - self.started:.1f} s)")


def main(description):
    global server_path, memory_factor
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--server", required=True, help="baton-server, or redis-server to try the suite itself")
    parser.add_argument("--only", action="append", metavar="PATTERN", help="tests whose name contains it")
    parser.add_argument("--memory-factor", type=float, default=1, help="for a server built with sanitizers")
    arguments = parser.parse_args()
    memory_factor = arguments.memory_factor
    server_path = os.path.abspath(arguments.server) if os.sep in arguments.server else arguments.server
    loader = unittest.TestLoader()
    if arguments.only:
        loader.testNamePatterns = [f"*{pattern}*" for pattern in arguments.only]
    suite = loader.loadTestsFromModule(sys.modules["__main__"])
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=_Result)
    result = runner.run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"suite: {getattr(result, 'passed', 0)} passed, {failed} failed", flush=True)
    sys.exit(1 if failed or not result.testsRun else 0)
