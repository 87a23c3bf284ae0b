"""Connections that listen: a stream of replies and a stream of messages, each of which must be equal on both servers.

The two streams are compared apart, since redis-server 7.0 tells a client of its own changes now before and now behind
the reply, or in the middle of it, and Baton always behind. What is not compared is how the messages of several patterns
of one client, and the names in the answer to UNSUBSCRIBE of all, are ordered: in redis-server that is the order of a
hash table.
"""

import re
import time
from collections import deque

from half import PATIENCE, Difference, Half
from support import resp

MESSAGE = re.compile(rb"[*>][34]\r\n\$[78]\r\n[ps]?message\r\n")
LEFT = re.compile(rb"([*>]3\r\n\$1[12]\r\ns?unsubscribe\r\n)(.*)(:\d+\r\n)\Z", re.S)


class Ear:
    """One end of a connection that listens."""

    def __init__(self, address):
        self.half = Half(address)
        self.replies, self.messages = deque(), deque()

    def take_in(self, seconds=0.0):
        """Reads what there is. Whether anything came."""
        came = False
        while self.half.receive(seconds):
            came, seconds = True, 0.0
            if self.half.closed:
                break
        while (frame := self.half.next_frame()) is not None:
            (self.messages if MESSAGE.match(frame) else self.replies).append(frame)
        return came


def without_order_of_leaving(frames):
    """Names that are left one after another, sorted; the counts stay."""
    result, run = [], []
    for frame in [*frames, b""]:
        if found := LEFT.match(frame):
            run.append(found.groups())
            continue
        names = sorted((verb, name) for verb, name, _ in run)
        result += [verb + name + count for (verb, name), (_, _, count) in zip(names, run)]
        run = []
        result.append(frame)
    return result[:-1]


class Listener:
    def __init__(self, name, addresses, ids):
        self.name = name
        self.ears = [Ear(address) for address in addresses]
        self.asked = ""
        for ear, known in zip(self.ears, ids.values()):
            ear.half.send(resp.encode(b"CLIENT", b"ID"))
            frame = ear.half.wait_frame()
            known[resp.decode(frame)[0] if frame and frame[:1] == b":" else 0] = name

    @property
    def closed(self):
        return all(ear.half.closed for ear in self.ears)

    def send(self, commands, resolvers):
        self.asked = "; ".join(command.text() for command in commands)
        for ear, resolve in zip(self.ears, resolvers):
            ear.half.send(b"".join(command.bytes_for(resolve) for command in commands))

    def sort_messages(self):
        for ear in self.ears:
            ear.take_in()
            ear.messages = deque(sorted(ear.messages))

    def compare_messages(self):
        """Those that have come to both."""
        for ear in self.ears:
            ear.take_in()
        redis, baton = (ear.messages for ear in self.ears)
        while redis and baton:
            one, other = redis.popleft(), baton.popleft()
            if one != other:
                raise Difference(
                    "the messages differ", self.asked, b"".join([one, *redis]), b"".join([other, *baton]), self.name
                )

    def compare_all(self):
        """Everything, for which the time to come has passed."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.compare_messages()
            redis, baton = (without_order_of_leaving(ear.replies) for ear in self.ears)
            ends = [ear.half.closed for ear in self.ears]
            # What was on its way to one that is killed is lost, and Baton's messages are on their way for longer.
            missing = not all(ends) and any(ear.messages for ear in self.ears)
            if redis == baton and not missing and ends[0] == ends[1]:
                break
            too_much = len(baton) >= len(redis) and redis != baton
            if too_much or time.monotonic() > deadline or all(ends):
                what = "the replies differ" if redis != baton else "a message is missing"
                if ends[0] != ends[1]:
                    what += f"; closed: redis {ends[0]}, baton {ends[1]}"
                streams = [b"".join([*ear.replies, *ear.messages]) for ear in self.ears]
                raise Difference(what, self.asked, *streams, self.name)
            self.ears[1].take_in(0.2)
        for ear in self.ears:
            ear.replies.clear()

    def close(self):
        for ear in self.ears:
            ear.half.socket.close()
