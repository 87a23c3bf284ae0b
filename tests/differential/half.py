"""One end of a connection, and what is said when two of them differ."""

import select
import socket
import time

from steps import shorten
from support import resp

PATIENCE = 10.0  # seconds for a reply that must come


class Difference(Exception):
    """The two servers answered differently."""

    def __init__(self, what, asked="", redis=b"", baton=b"", connection=None):
        super().__init__(what)
        self.what, self.asked, self.redis, self.baton, self.connection = what, asked, redis, baton, connection

    def text(self):
        where = "" if self.connection is None else f"on connection [{self.connection}] "
        return (
            f"{where}{self.what}\n  asked:  {self.asked}\n  redis:  {shorten(bytes(self.redis), 2000)}\n"
            f"  baton:  {shorten(bytes(self.baton), 2000)}"
        )


class Half:
    """One end of a connection: a socket that never blocks, and what came out of it."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.address = "%s:%d" % self.socket.getsockname()
        self.socket.setblocking(False)
        self.poll = select.poll()
        self.poll.register(self.socket, select.POLLIN)
        self.buffer = bytearray()
        self.closed = False
        self.cut_off = False  # closed with requests unread: what was on its way to us may be lost

    def send(self, data):
        view = memoryview(data)
        while view:
            try:
                view = view[self.socket.send(view) :]
            except BlockingIOError:
                select.select([], [self.socket], [], PATIENCE)
            except (BrokenPipeError, ConnectionResetError):
                return

    def receive(self, seconds=0.0):
        """Whether anything came, the end included."""
        if self.closed:
            return False
        if seconds and not self.poll.poll(seconds * 1000):
            return False
        try:
            data = self.socket.recv(1 << 20)
        except BlockingIOError:
            return False
        except ConnectionResetError:
            data = b""
            self.cut_off = True
        if not data:
            self.closed = True
        self.buffer += data
        return True

    def next_frame(self):
        if not self.buffer:
            return None
        end = resp.frame_end(self.buffer)
        if end < 0:
            return None
        frame = bytes(self.buffer[:end])
        del self.buffer[:end]
        return frame

    def wait_frame(self):
        deadline = time.monotonic() + PATIENCE
        while (frame := self.next_frame()) is None:
            if self.closed or time.monotonic() > deadline:
                return None
            self.receive(0.5)
        return frame
