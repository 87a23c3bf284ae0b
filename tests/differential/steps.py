"""What a stream is made of: steps that can be run, printed, stored as JSON and run again."""

from dataclasses import dataclass, field

from grammar import Placeholder
from support.resp import encode, encode_inline


@dataclass(frozen=True)
class Command:
    words: tuple  # bytes or Placeholder
    inline: bool = False

    def bytes_for(self, resolve):
        words = [resolve(word) if isinstance(word, Placeholder) else word for word in self.words]
        return (encode_inline if self.inline else encode)(*words)

    @property
    def wanders(self):
        """Whether it meets keys that it does not name, in an order of the server's own, and ends what is over."""
        words = [word.upper() if isinstance(word, bytes) else b"" for word in self.words[:2]]
        return words[0] in (b"SCAN", b"RANDOMKEY") or words == [b"DEBUG", b"RELOAD"]

    @property
    def names_the_past(self):
        """Whether it may leave a key whose time is up: see "unix_seconds" in grammar.py."""
        return b"1000000000" in self.words

    def text(self):
        shown = [f"<{w.kind} of {w.connection}>" if isinstance(w, Placeholder) else shorten(w) for w in self.words]
        return " ".join(shown) + ("   (inline)" if self.inline else "")


@dataclass(frozen=True)
class Send:
    """Commands sent on one connection in one piece, or cut at the given offsets."""

    connection: int
    commands: tuple
    cuts: tuple = ()

    def text(self):
        cut = f"   (cut at {list(self.cuts)})" if self.cuts else ""
        return "\n".join(f"[{self.connection}] {command.text()}" for command in self.commands) + cut


@dataclass(frozen=True)
class Listen:
    """Commands of a connection that listens (listening.py)."""

    connection: int
    commands: tuple

    def text(self):
        return "\n".join(f"[{self.connection}] {command.text()}" for command in self.commands)


@dataclass(frozen=True)
class Raw:
    """Bytes as they are, on a connection that is compared as a stream of bytes."""

    connection: int
    data: bytes

    def text(self):
        return f"[{self.connection}] raw {shorten(self.data)}"


@dataclass(frozen=True)
class Walk:
    """SCAN from 0 to the end; the keys are compared as a set."""

    connection: int
    words: tuple = field(default=())

    def text(self):
        return f"[{self.connection}] SCAN to the end, {b' '.join(self.words).decode('latin-1')}"


@dataclass(frozen=True)
class Sleep:
    milliseconds: int

    def text(self):
        return f"    sleep {self.milliseconds} ms"


@dataclass(frozen=True)
class Close:
    connection: int

    def text(self):
        return f"[{self.connection}] closes the connection"


@dataclass(frozen=True)
class Compare:
    """Compares the whole keyspace."""

    def text(self):
        return "    compare the keyspaces"


def shorten(word, limit=100):
    if len(word) <= limit:
        return (
            word.decode() if word and all(33 <= byte < 127 and byte not in b"\"'" for byte in word) else repr(word)[1:]
        )
    return f"{repr(word[:40])[1:]}... ({len(word)} bytes)"


STEP_TYPES = {cls.__name__: cls for cls in (Send, Listen, Raw, Walk, Sleep, Close, Compare)}


def _to_json(value):
    if isinstance(value, Placeholder):
        return {"placeholder": value.kind, "connection": value.connection}
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, Command):
        return {"words": [_to_json(word) for word in value.words], "inline": value.inline}
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    return value


def step_to_json(step):
    return {"step": type(step).__name__, **{name: _to_json(value) for name, value in vars(step).items()}}


def _word_from_json(word):
    return Placeholder(word["placeholder"], word["connection"]) if isinstance(word, dict) else word.encode("latin-1")


def step_from_json(data):
    data = dict(data)
    cls = STEP_TYPES[data.pop("step")]
    if "commands" in data:
        data["commands"] = tuple(
            Command(tuple(map(_word_from_json, each["words"])), each["inline"]) for each in data["commands"]
        )
        if "cuts" in data:
            data["cuts"] = tuple(data["cuts"])
    if "words" in data:
        data["words"] = tuple(map(_word_from_json, data["words"]))
    if cls is Raw:
        data["data"] = data["data"].encode("latin-1")
    return cls(**data)
