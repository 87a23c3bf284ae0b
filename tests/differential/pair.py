"""Two servers that are asked the same questions, connection by connection, and must answer alike.

redis-server is the reference: its replies decide when a command is answered and when a connection waits. Whether a
connection waits is decided without clocks: once a question on another connection that was sent later has been answered
(twice, since the order inside one turn of the server's loop is free), whatever had to come has come. The question is
DBSIZE: Baton answers it when the newest change is safe, so that replies that wait for the disk must have come too.
"""

import time
from collections import deque

from commands import row_of
from compare import CLASSES, Asked
from grammar import RAW
from half import PATIENCE, Difference, Half
from listening import Listener
from steps import Close, Command, Compare, Listen, Raw, Send, Sleep, Walk
from support import resp

DATABASES = range(4)
EVENTS = "KEAmn"  # of which the observer is told
WHOLE_BYTES_MAX = 8 << 20  # of a longer string (SETRANGE makes one of 512 MiB) the ends are compared
ONE_READ_BYTES = 15_000  # redis reads 16 KiB at a time, and looks after other clients in between


class Connection:
    def __init__(self, index, redis_address, baton_address):
        self.index = index
        self.redis = Half(redis_address)
        self.baton = Half(baton_address)
        self.pending = deque()  # commands without a reply yet
        self.queued = []  # words of the commands of an open MULTI
        self.ids = {}

    def halves(self):
        return (("redis", self.redis), ("baton", self.baton))

    def close(self):
        self.redis.socket.close()
        self.baton.socket.close()


class Pair:
    def __init__(self, redis_address, baton_address, tolerate=None):
        self.tolerate = tolerate  # a pattern of differing replies that are known and passed over
        self.addresses = (redis_address, baton_address)
        self.helpers = [Half(redis_address), Half(baton_address)]
        self.connections = {}
        self.ids = {"redis": {}, "baton": {}}
        self.waiting = set()
        self.paused = False
        self.listeners = {}
        self.may_have_expired = False  # keys may be there whose time is up
        self.last_frames = (b"", b"")  # of the newest command that may differ
        self.equal_ids()

    def equal_ids(self):
        """Sees to it that the next connection gets the same id on both sides, so that errors may quote it."""
        while True:
            redis, baton = (self.helper_ask(helper, b"CLIENT", b"ID") for helper in self.helpers)
            if redis == baton:
                break
            behind = 0 if redis < baton else 1
            self.helpers[behind].socket.close()
            self.helpers[behind] = Half(self.addresses[behind])
        for side in self.ids:
            self.ids[side][redis] = "helper"

    # --- helpers: one more connection to each side

    def helper_ask(self, helper, *words):
        helper.send(resp.encode(*words))
        frame = helper.wait_frame()
        if frame is None:
            raise Difference("no answer on the helper connection", b" ".join(words).decode("latin-1"))
        return resp.decode(frame)[0]

    def barrier(self, times, helpers=None):
        helpers = helpers or self.helpers
        for _ in range(times):
            for helper in helpers:
                helper.send(b"DBSIZE\r\n")
            for helper in helpers:
                if helper.wait_frame() is None:
                    raise Difference("DBSIZE on another connection is not answered", "DBSIZE")

    def reset(self):
        """Both servers as they were when they started, apart from counters."""
        for connection in self.connections.values():
            connection.close()
        self.connections.clear()
        for listener in self.listeners.values():
            listener.close()
        self.listeners.clear()
        self.waiting.clear()
        self.paused = self.may_have_expired = False
        for words in (
            "CLIENT UNPAUSE",
            "CONFIG SET requirepass ",
            "SELECT 0",
            "FLUSHALL",
            "DEBUG SET-ACTIVE-EXPIRE 0",
            "CONFIG SET slowlog-max-len 128",
            "CONFIG SET timeout 0",
            "CONFIG SET maxmemory 0",
            "CONFIG SET hz 10",
            "CONFIG SET notify-keyspace-events " + EVENTS,
        ):
            for side, helper in zip(self.ids, self.helpers):
                reply = self.helper_ask(helper, *words.encode().split(b" "))
                if reply != "OK":
                    raise Difference(f"{side} cannot be prepared: {reply!r}", words)
        self.barrier(2)
        self.observe()

    # --- those who listen

    def observe(self):
        """Somebody to whom both servers tell all that happens."""
        observer = self.listeners["observer"] = Listener("observer", self.addresses, self.ids)
        observer.send([Command((b"PSUBSCRIBE", b"*"))], [None, None])
        self.barrier(2)
        observer.compare_all()

    def listen(self, step):
        listener = self.listeners.get(step.connection)
        if listener is None:
            listener = self.listeners[step.connection] = Listener(step.connection, self.addresses, self.ids)
        listener.send(step.commands, [self.resolver(side) for side in self.ids])
        self.hear()

    def hear(self):
        """All have been told all that there was to tell."""
        self.barrier(2)
        for name, listener in list(self.listeners.items()):
            listener.compare_all()
            if listener.closed:
                del self.listeners[name]
                listener.close()
        if "observer" not in self.listeners:  # CLIENT KILL TYPE pubsub
            self.observe()

    def let_expire(self, step):
        """Before what meets keys in an order of its own, and may meet some whose time is up and others not."""
        wanders = isinstance(step, Walk) or any(command.wanders for command in getattr(step, "commands", ()))
        if not self.may_have_expired or not wanders:
            return
        self.hear()
        for database in DATABASES:
            for helper in self.helpers:
                self.helper_ask(helper, b"SELECT", b"%d" % database)
                cursor = b"0"
                while (cursor := self.helper_ask(helper, b"SCAN", cursor, b"COUNT", b"1000")[0]) != b"0":
                    pass
        self.barrier(2)
        for listener in self.listeners.values():
            listener.sort_messages()  # which key is met first is the order of a hash table
        self.hear()
        self.may_have_expired = False

    # --- steps

    def run(self, step):
        self.let_expire(step)
        if isinstance(step, Send):
            if step.connection == RAW:
                for command in step.commands:
                    self.send_raw(lambda side, each=command: each.bytes_for(self.resolver(side)), command.text())
            else:
                self.send(step)
        elif isinstance(step, Raw):
            self.send_raw(lambda side: step.data, step.text())
        elif isinstance(step, Walk):
            self.walk(step)
        elif isinstance(step, Sleep):
            self.sleep(step.milliseconds / 1000)
        elif isinstance(step, Close):
            if connection := self.connections.get(step.connection):
                self.forget(connection)
                self.barrier(2)
        elif isinstance(step, Listen):
            self.listen(step)
        elif isinstance(step, Compare):
            self.hear()
            self.compare_keyspaces()
        if self.waiting:
            self.poll_waiting()
        self.may_have_expired |= isinstance(step, Sleep) or any(
            command.names_the_past for command in getattr(step, "commands", ())
        )
        for listener in self.listeners.values():
            listener.compare_messages()
        if any(listener.closed for listener in self.listeners.values()):
            self.hear()

    def sleep(self, seconds):
        # An idle redis-server looks at timeouts ten times a second only; traffic makes it look more often.
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.005)
            self.barrier(1)

    def connection(self, index):
        if index not in self.connections:
            connection = self.connections[index] = Connection(index, *self.addresses)
            for side, half in connection.halves():
                half.send(resp.encode(b"CLIENT", b"ID"))
                frame = half.wait_frame()
                identity = resp.decode(frame)[0] if frame else 0
                connection.ids[side] = identity if isinstance(identity, int) else 0
                self.ids[side][connection.ids[side]] = index
        return self.connections[index]

    def forget(self, connection):
        connection.close()
        self.waiting.discard(connection.index)
        if self.connections.get(connection.index) is connection:
            del self.connections[connection.index]

    def resolver(self, side):
        def resolve(placeholder):
            connection = self.connection(placeholder.connection)
            if placeholder.kind == "id":
                return b"%d" % connection.ids[side]
            return getattr(connection, side).address.encode()

        return resolve

    def send(self, step):
        connection = self.connection(step.connection)
        pieces = []
        for side, half in connection.halves():
            data = b"".join(command.bytes_for(self.resolver(side)) for command in step.commands)
            ends = [cut for cut in step.cuts if cut < len(data)] + [len(data)]
            pieces.append([data[start:end] for start, end in zip([0] + ends, ends)])
        if self.waiting and len(step.commands) > 1 and len(data) > ONE_READ_BYTES:
            # Whether a client that is served meanwhile goes on before or after the rest depends on the server's reads.
            for command in step.commands:
                self.send(Send(step.connection, (command,)))
                self.poll_waiting()
            return
        for index, (redis_piece, baton_piece) in enumerate(zip(*pieces)):
            if index:
                self.barrier(2)
            connection.redis.send(redis_piece)
            connection.baton.send(baton_piece)
        connection.pending.extend(step.commands)
        self.collect(connection)

    def collect(self, connection):
        """Reads and compares what is there to be read; leaves the connection waiting or idle."""
        redis, baton = connection.redis, connection.baton
        while connection.pending:
            frame = redis.next_frame()
            if frame is not None:
                self.match(connection, connection.pending.popleft(), frame)
            elif redis.closed:
                break
            elif self.paused or row_of(connection.pending[0].words).waits:
                if redis.receive():
                    continue
                self.barrier(2, self.helpers[:1])
                if not redis.receive():
                    break
            elif not redis.receive(PATIENCE):
                raise Difference("redis does not answer", connection.pending[0].text(), connection=connection.index)
        if not redis.closed and not connection.pending:
            redis.receive()
        if redis.closed:
            self.expect_close(connection)
            return
        if connection.pending:
            self.waiting.add(connection.index)
            self.barrier(2, self.helpers[1:])
            if baton.receive() and self.redis_follows(connection):
                self.collect(connection)
                return
        else:
            self.waiting.discard(connection.index)
        if baton.buffer or baton.closed:
            asked = connection.pending[0].text() if connection.pending else ""
            raise Difference(
                "baton says something where redis waits" if baton.buffer else "baton closes where redis waits",
                asked,
                redis.buffer,
                baton.buffer,
                connection.index,
            )

    def redis_follows(self, connection):
        """Whether redis answers too after all: a timeout that it has not seen yet, since it looks now and then only."""
        deadline = time.monotonic() + 1
        while not connection.redis.receive():
            if time.monotonic() > deadline:
                return False
            self.barrier(1, self.helpers[:1])
        return True

    def expect_close(self, connection):
        baton = connection.baton
        deadline = time.monotonic() + PATIENCE
        while not baton.closed and time.monotonic() < deadline:
            if not baton.receive(0.5) and not connection.redis.buffer.startswith(baton.buffer):
                break
        reason = None if baton.closed else "redis closes"
        if not reason and baton.buffer != connection.redis.buffer:
            reason = self.match_broken_off(connection)
        if reason:
            asked = connection.pending[0].text() if connection.pending else ""
            raise Difference(reason, asked, connection.redis.buffer, baton.buffer, connection.index)
        self.forget(connection)

    def match_broken_off(self, connection):
        """The last replies before the end: those of a client that ends itself inside EXEC stop there."""
        if connection.redis.cut_off and connection.baton.buffer.startswith(connection.redis.buffer):
            return None
        if not connection.pending or connection.pending[0].words[0].upper() != b"EXEC":
            return "redis closes"
        theirs = elements(bytes(connection.baton.buffer)) or []
        queued = connection.queued[: len(theirs)]
        # Behind the reply to its CLIENT KILL, redis still sends the lengths of lists that it counts as it goes.
        killed = queued and queued[-1][0].upper() == b"CLIENT"
        ours = elements(bytes(connection.redis.buffer), len(theirs) if killed else None)
        return self.match_elements(queued, ours, theirs)

    def poll_waiting(self):
        progress = True
        while progress:
            progress = False
            self.barrier(1)
            for index in sorted(self.waiting):
                connection = self.connections[index]
                if connection.redis.receive():
                    progress = True
                    self.collect(connection)
                elif connection.baton.receive():
                    progress = self.redis_follows(connection)
                    self.collect(connection)

    # --- comparing replies

    def match(self, connection, command, frame):
        """Compares redis's frame with baton's next one."""
        words = command.words
        name = words[0].upper()
        row = row_of(words)
        if name == b"CLIENT" and frame == b"+OK\r\n" and words[1].upper() in (b"PAUSE", b"UNPAUSE"):
            self.paused = words[1].upper() == b"PAUSE"
        queued, kind = connection.queued, row.compare
        if frame == b"+QUEUED\r\n":
            queued.append(words)
            kind = "exact"
        elif name in (b"EXEC", b"DISCARD", b"RESET") and not frame.startswith(b"-ERR wrong number"):
            connection.queued = []
            if kind == "transaction" and all(row_of(each).compare == "exact" for each in queued):
                kind = "exact"
        if kind == "exact":
            self.expect_bytes(connection, command, frame)
            return
        other = connection.baton.wait_frame()
        if other is None:
            raise Difference("baton does not answer", command.text(), frame, connection.baton.buffer, connection.index)
        reason = (
            self.match_transaction(connection, queued, frame, other)
            if kind == "transaction"
            else self.compare_frames(words, frame, other, None if connection.pending else connection)
        )
        if reason:
            self.differ(Difference(reason, command.text(), frame, other, connection.index))
        self.last_frames = (frame, other)

    def differ(self, difference):
        if self.tolerate is None or not self.tolerate.search(difference.text()):
            raise difference

    def expect_bytes(self, connection, command, frame):
        baton = connection.baton
        deadline = time.monotonic() + PATIENCE
        while len(baton.buffer) < len(frame) and frame.startswith(baton.buffer) and not baton.closed:
            if not baton.receive(0.5) and time.monotonic() > deadline:
                raise Difference("baton does not answer", command.text(), frame, baton.buffer, connection.index)
        if not baton.buffer.startswith(frame):
            try:
                shown = baton.next_frame()
            except (resp.Malformed, ValueError):
                shown = None
            self.differ(
                Difference(
                    "the replies differ",
                    command.text(),
                    frame,
                    baton.buffer if shown is None else shown,
                    connection.index,
                )
            )
            return
        del baton.buffer[: len(frame)]

    def match_transaction(self, connection, queued, frame, other):
        if frame == other:
            return None
        return self.match_elements(queued, elements(frame), elements(other))

    def match_elements(self, queued, ours, theirs):
        if ours is None or theirs is None or len(ours) != len(theirs) or len(ours) != len(queued):
            return "the replies differ"
        for words, one, another in zip(queued, ours, theirs):
            if reason := self.compare_frames(words, one, another, None):
                return f"{reason}, in the reply to {Command(words).text()}"
        return None

    def compare_frames(self, words, frame, other, connection):
        if frame == other:
            return None
        kind = row_of(words).compare
        if kind in ("exact", "transaction") or frame[:1] != other[:1] or frame[:1] == b"-":
            return "the replies differ"
        has_key = None
        if connection is not None:

            def has_key(key):
                # Both are asked, so that CLIENT LIST goes on showing the same last command.
                for _, half in connection.halves():
                    half.send(resp.encode(b"EXISTS", key))
                return [half.wait_frame() for _, half in connection.halves()][0] == b":1\r\n"

        return CLASSES[kind](resp.decode(frame)[0], resp.decode(other)[0], Asked(words, self.ids, has_key))

    # --- the other steps

    def send_raw(self, data_for, text):
        connection = self.connection(RAW)
        redis, baton = connection.redis, connection.baton
        for side, half in connection.halves():
            half.send(data_for(side))
        self.barrier(2)
        while redis.receive():
            self.barrier(1)
        deadline = time.monotonic() + PATIENCE
        while (
            (len(baton.buffer) < len(redis.buffer) or redis.closed != baton.closed)
            and not baton.closed
            and time.monotonic() < deadline
        ):
            baton.receive(0.5)
        baton.receive()
        if redis.buffer != baton.buffer or redis.closed != baton.closed:
            what = "the streams differ"
            if redis.closed != baton.closed:
                what += f"; closed: redis {redis.closed}, baton {baton.closed}"
            self.differ(Difference(what, text, redis.buffer, baton.buffer, RAW))
            redis.closed = True  # what follows on this connection would differ too
        redis.buffer.clear()
        baton.buffer.clear()
        if redis.closed:
            self.forget(connection)

    def walk(self, step):
        connection = self.connection(step.connection)
        if connection.pending:
            return
        self.last_frames = (b"", b"")
        self.send(Send(step.connection, (Command((b"SCAN", b"0", *step.words)),)))
        found = []
        for (_, half), reply in zip(connection.halves(), self.last_frames):
            if reply[:1] != b"*":
                return  # an error, QUEUED, or the connection was closed
            (cursor, keys), _ = resp.decode(reply)
            while cursor != b"0":
                half.send(resp.encode(b"SCAN", cursor, *step.words))
                reply = half.wait_frame()
                if reply is None or reply[:1] != b"*":
                    raise Difference("a SCAN breaks off", step.text(), baton=reply or b"", connection=step.connection)
                cursor, more = resp.decode(reply)[0]
                keys += more
            found.append(set(keys))
        if found[0] != found[1]:
            raise Difference(
                "SCAN walks different keys",
                step.text(),
                repr(sorted(found[0] - found[1])).encode(),
                repr(sorted(found[1] - found[0])).encode(),
                step.connection,
            )

    def compare_keyspaces(self):
        for database in DATABASES:
            keys = []
            for helper in self.helpers:
                self.helper_ask(helper, b"SELECT", b"%d" % database)
                keys.append(sorted(self.helper_ask(helper, b"KEYS", b"*")))
            if keys[0] != keys[1]:
                raise Difference(
                    f"database {database} holds different keys",
                    "KEYS *",
                    repr(keys[0]).encode(),
                    repr(keys[1]).encode(),
                )
            for key in keys[0]:
                self.compare_key(key)

    def compare_key(self, key):
        kinds = [self.helper_ask(helper, b"TYPE", key) for helper in self.helpers]
        read = {"list": [(b"LRANGE", key, b"0", b"-1")], "string": [(b"GET", key)]}.get(kinds[0], [])
        if kinds[0] == "string" and self.helper_ask(self.helpers[0], b"STRLEN", key) > WHOLE_BYTES_MAX:
            ends = ((b"0", b"%d" % WHOLE_BYTES_MAX), (b"-%d" % WHOLE_BYTES_MAX, b"-1"))
            read = [(b"STRLEN", key), *((b"GETRANGE", key, *each) for each in ends)]
        questions = [(b"TYPE", key), *read, (b"OBJECT", b"ENCODING", key), (b"PTTL", key)]
        for helper in self.helpers:
            helper.send(b"".join(resp.encode(*words) for words in questions))
        for words in questions:
            frames = [helper.wait_frame() or b"" for helper in self.helpers]
            if reason := self.compare_frames(words, *frames, None):
                self.differ(Difference(f"the keyspaces differ: {reason}", Command(words).text(), *frames))


def elements(frame, count=None):
    """The raw frames inside an array frame, or the first `count`, or None. Of one that breaks off: those there are."""
    if frame[:1] != b"*" or frame[1:2] == b"-":
        return None
    position = frame.index(b"\r\n") + 2
    found = []
    while position < len(frame) and len(found) != count:
        end = resp.frame_end(frame, position)
        if end < 0:
            return None
        found.append(frame[position:end])
        position = end
    return found
