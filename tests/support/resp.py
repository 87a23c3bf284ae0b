"""The Redis protocol over a raw socket: requests as bytes, replies as raw frames or as Python values.

Tests that compare bytes use Frames; those that only want an answer use Client.
"""

import socket

CRLF = b"\r\n"


def to_bytes(word):
    if isinstance(word, bytes):
        return word
    if isinstance(word, (int, float)):
        return repr(word).encode()
    return word.encode("utf-8", "surrogateescape")


def encode(*words):
    """A request as an array of bulk strings."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        word = to_bytes(word)
        parts.append(b"$%d\r\n%b\r\n" % (len(word), word))
    return b"".join(parts)


def encode_inline(*words):
    """A request as one line; every word that is not plain is quoted with escapes."""
    return b" ".join(quote(to_bytes(word)) for word in words) + CRLF


def quote(word):
    if word and all(33 <= byte < 127 and byte not in b"\"'\\" for byte in word):
        return word
    return (
        b'"'
        + b"".join(b"\\x%02x" % byte if byte < 32 or byte > 126 or byte in b'"\\' else bytes([byte]) for byte in word)
        + b'"'
    )


class Error(Exception):
    """An error reply, as a value: decode() returns it, Client.call() raises it."""

    def __eq__(self, other):
        return isinstance(other, Error) and self.args == other.args

    __hash__ = Exception.__hash__


class Malformed(Exception):
    """The bytes are not the protocol."""


def frame_end(data, start=0):
    """Where the reply that begins at `start` ends, or -1 while it is not whole."""
    pending = 1
    position = start
    while pending:
        pending -= 1
        line_end = data.find(CRLF, position)
        if line_end < 0:
            return -1
        kind = data[position]
        if kind in b"+-:_,#(":
            position = line_end + 2
        elif kind in b"$=!":
            size = int(data[position + 1 : line_end])
            position = line_end + 2 + (size + 2 if size >= 0 else 0)
            if position > len(data):
                return -1
        elif kind in b"*~>":
            pending += max(0, int(data[position + 1 : line_end]))
            position = line_end + 2
        elif kind in b"%":
            pending += 2 * int(data[position + 1 : line_end])
            position = line_end + 2
        elif kind in b"|":
            pending += 2 * int(data[position + 1 : line_end]) + 1
            position = line_end + 2
        else:
            raise Malformed(f"not a reply: {bytes(data[position:position + 40])!r}")
    return position


class Map(list):
    """A RESP3 map as a list of pairs, since keys may repeat and order matters to a comparison."""


class Set(list):
    """A RESP3 set, in the order in which it came."""


class Push(list):
    """A RESP3 push message."""


def decode(frame, start=0):
    """The value of a whole frame and where it ends."""
    line_end = frame.index(CRLF, start)
    kind = frame[start : start + 1]
    line = bytes(frame[start + 1 : line_end])
    position = line_end + 2
    if kind == b"+":
        return line.decode("latin-1"), position
    if kind == b"-":
        return Error(line.decode("latin-1")), position
    if kind in b":(":
        return int(line), position
    if kind == b",":
        return float(line), position
    if kind == b"#":
        return line == b"t", position
    if kind == b"_":
        return None, position
    if kind in b"$=!":
        size = int(line)
        if size < 0:
            return None, position
        value = bytes(frame[position + (4 if kind == b"=" else 0) : position + size])  # "txt:" is not part of the text
        return (Error(value.decode("latin-1")) if kind == b"!" else value), position + size + 2
    count = int(line)
    if count < 0:
        return None, position
    items = []
    for _ in range(2 * count if kind == b"%" else count):
        item, position = decode(frame, position)
        items.append(item)
    if kind == b"%":
        return Map(zip(items[::2], items[1::2])), position
    return {b"*": list, b"~": Set, b">": Push}[kind](items), position


class Frames:
    """Cuts a stream of bytes into whole replies."""

    def __init__(self):
        self.data = bytearray()

    def feed(self, data):
        self.data += data

    def next(self):
        """The next whole reply as bytes, or None."""
        if not self.data:
            return None
        end = frame_end(self.data)
        if end < 0:
            return None
        frame = bytes(self.data[:end])
        del self.data[:end]
        return frame


def connect(address, timeout=10):
    """A connected socket; address is a Unix socket's path or (host, port)."""
    if isinstance(address, str):
        stream = socket.socket(socket.AF_UNIX)
        stream.settimeout(timeout)
        stream.connect(address)
        return stream
    stream = socket.create_connection(address, timeout=timeout)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return stream


class Client:
    """A plain blocking client for tests."""

    def __init__(self, address, timeout=10):
        self.socket = connect(address, timeout)
        self.frames = Frames()

    def send(self, data):
        self.socket.sendall(data)

    def send_command(self, *words):
        self.socket.sendall(encode(*words))

    def read_frame(self):
        """The next reply's bytes; ConnectionError when the server closed first, TimeoutError when nothing came."""
        while True:
            frame = self.frames.next()
            if frame is not None:
                return frame
            data = self.socket.recv(1 << 18)
            if not data:
                raise ConnectionError("closed by the server")
            self.frames.feed(data)

    def read(self):
        """The next reply as a value; an error reply comes back as an Error."""
        return decode(self.read_frame())[0]

    def ask(self, *words):
        """Sends one command; the reply as a value, an Error included."""
        self.send_command(*words)
        return self.read()

    def call(self, *words):
        """Sends one command; raises its error reply."""
        reply = self.ask(*words)
        if isinstance(reply, Error):
            raise reply
        return reply

    def read_until_close(self):
        """Everything that still comes; the server must close within the socket's timeout."""
        rest = bytearray(self.frames.data)
        self.frames.data.clear()
        try:
            while data := self.socket.recv(1 << 18):
                rest += data
        except ConnectionResetError:
            pass
        return bytes(rest)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
