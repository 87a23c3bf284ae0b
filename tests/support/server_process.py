"""Starts a server for a test: own scratch directory, free port, own process group, gone when the test is gone.

Works for baton-server and for redis-server, so that every suite can be tried against the latter.
"""

import atexit
import ctypes
import os
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from . import resp

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent():
    """This process is killed when its parent ends, however that ends."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def raise_file_limit():
    """Lets this process, and what it starts, open as many files as it may. Returns how many that are."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def free_port():
    """A port that nobody listens on, outside the range from which the system takes ports for connections."""
    for _ in range(1000):
        port = random.SystemRandom().randrange(20000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


_scratch_directories = []


def scratch_directory(name):
    """A new directory that is removed when the program ends, unless BATON_KEEP is set."""
    path = tempfile.mkdtemp(prefix=f"baton-{name}-")
    _scratch_directories.append(path)
    return path


@atexit.register
def _remove_scratch_directories():
    for path in _scratch_directories:
        if os.environ.get("BATON_KEEP"):
            print(f"kept {path}")
        else:
            shutil.rmtree(path, ignore_errors=True)


def is_baton(path):
    """Whether the program says that it is Baton."""
    version = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    return "baton" in version.lower()


class StartFailed(Exception):
    """The server ended, or did not answer, before it was ready."""


class Misbehaved(Exception):
    """The server died, did not stop cleanly, or a sanitizer complained."""


class ServerProcess:
    """One running server. `options` are configuration words: {"appendfsync": "no"} becomes --appendfsync no."""

    def __init__(self, path, options=None, directory=None, port=None, name="server", arguments=None, wait=True,
                 environment=None):
        self.path = os.path.abspath(path) if os.sep in path else path
        self.baton = is_baton(self.path)
        self.owns_directory = directory is None
        self.directory = directory or scratch_directory(name)
        self.port = free_port() if port is None else port
        self.log_path = os.path.join(self.directory, f"{name}.log")
        self.options = {"port": self.port, "bind": "127.0.0.1", "dir": self.directory}
        if not self.baton:
            self.options["save"] = ""
        self.options.update(options or {})
        self.port = int(self.options["port"])
        self.arguments = list(arguments or [])
        self.environment = {**os.environ, **(environment or {})}
        self.process = None
        self.start(wait)

    @property
    def address(self):
        return ("127.0.0.1", self.port)

    @property
    def pid(self):
        return self.process.pid

    def command_line(self):
        line = [self.path] + self.arguments
        for name, value in self.options.items():
            line += [f"--{name}"] + ([str(value)] if not isinstance(value, (list, tuple)) else [str(v) for v in value])
        return line

    def start(self, wait=True):
        self.killed = False  # by kill(): an end that proves nothing
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command_line(),
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self.directory,
                env=self.environment,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        atexit.register(self.kill)
        if wait:
            self.wait_ready()

    def wait_ready(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise StartFailed(
                    f"{' '.join(self.command_line())} ended with {self.process.returncode}:\n" + self.log_tail()
                )
            try:
                with resp.Client(self.address, timeout=5) as client:
                    reply = client.ask("PING")
                    if reply == "PONG" or (isinstance(reply, resp.Error) and "NOAUTH" in str(reply)):
                        return
            except OSError:
                pass
            time.sleep(0.01)
        raise StartFailed(f"{self.path} did not answer within {seconds} s:\n" + self.log_tail())

    def client(self, timeout=10):
        return resp.Client(self.address, timeout)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        with open(self.log_path, "rb") as log:
            return log.read().decode("utf-8", "replace")

    def log_tail(self, lines=25):
        return "\n".join(self.log().splitlines()[-lines:])

    def kill(self):
        """SIGKILL to the whole process group."""
        if self.process is None:
            return
        self.killed = True
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        atexit.unregister(self.kill)

    def discard(self):
        """kill, and the scratch directory goes too if it was made for this server."""
        self.kill()
        if self.owns_directory and not os.environ.get("BATON_KEEP"):
            shutil.rmtree(self.directory, ignore_errors=True)

    def stop(self, seconds=30):
        """A clean stop; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        atexit.unregister(self.kill)
        return self.process.returncode

    def resident_bytes(self, field="VmRSS"):
        """Memory from /proc: VmRSS now, VmHWM the most it ever was."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return int(re.search(rf"{field}:\s+(\d+) kB", status.read()).group(1)) * 1024

    def finish(self):
        """A clean stop of a server that still runs; raises Misbehaved when it died, or when a sanitizer complained."""
        try:
            code = 0 if self.killed else self.stop()
            said = re.search(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:", self.log())
            if code or said:
                tail = self.log()[said.start() :][:4000] if said else self.log_tail()
                raise Misbehaved(f"{self.path} ended with {code}:\n{tail}")
        finally:
            self.discard()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.finish()
        else:
            self.discard()
