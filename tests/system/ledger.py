"""What clients were told about each message, and whether a recovered server bears it out.

A message is a unique payload. Producers LPUSH it to the queue, alone or several in one command or transaction;
consumers RPOPLPUSH it to their own processing list and LREM it there, or RPOP it. A request without a reply may have
happened or not.
"""

import threading
from collections import deque

from support import resp

QUEUE = b"queue"
GROUP_SIZE = 3


def processing_list(worker):
    return b"processing:%d" % worker


class Ledger:
    def __init__(self):
        self.lock = threading.Lock()
        self.queued = set()  # acknowledged pushes that nobody was given
        self.processing = {}  # payload -> worker that was given it
        self.removed = set()  # acknowledged as gone, of all rounds
        self.maybe_pushed = []  # tuples of payloads that stand or fall together
        self.maybe_removed = set()  # LREM without a reply
        self.maybe_popped = 0  # RPOP without a reply: each may have taken one
        self.maybe_moved = {}  # worker -> RPOPLPUSH without a reply
        self.told = 0  # replies

    def judge(self, queue, processing):
        """The promises, in words, that a server breaks which shows these lists after the crash."""
        broken = []
        everything = list(queue)
        for elements in processing.values():
            everything += elements
        present = set(everything)
        if len(present) != len(everything):
            twice = {payload for payload in present if everything.count(payload) > 1}
            broken.append(f"there more than once: {sorted(twice)[:5]}")
        if back := present & self.removed:
            broken.append(f"{len(back)} removed messages are back: {sorted(back)[:5]}")
        maybe = {payload for group in self.maybe_pushed for payload in group}
        if alien := present - self.queued - self.processing.keys() - maybe - self.removed:
            broken.append(f"{len(alien)} messages that nobody sent: {sorted(alien)[:5]}")
        lost = self.queued - present
        if len(lost) > self.maybe_popped:
            broken.append(
                f"{len(lost)} acknowledged pushes are lost ({self.maybe_popped} may have been popped): "
                f"{sorted(lost)[:5]}"
            )
        for payload, worker in self.processing.items():
            if payload not in self.maybe_removed and payload not in processing[worker]:
                broken.append(f"{payload} was given to worker {worker} and is not in its list")
        for worker, elements in processing.items():
            not_told = [payload for payload in elements if self.processing.get(payload) != worker]
            if len(not_told) > self.maybe_moved.get(worker, 0):
                broken.append(f"worker {worker} holds {len(not_told)} messages that it was not given: {not_told[:5]}")
        seen = present | self.removed | self.maybe_removed
        for group in self.maybe_pushed:
            missing = set(group) - seen
            if len(missing) < len(group) and len(missing) > self.maybe_popped:
                broken.append(f"half of a request is there: of {group} these are missing: {missing}")
        return broken + self._disorder(queue)

    def adopt(self, queue, processing):
        """Takes what the server shows as the truth for the next round."""
        self.removed |= (
            self.queued | self.processing.keys() | {payload for group in self.maybe_pushed for payload in group}
        )
        self.queued = set(queue)
        self.processing = {payload: worker for worker, elements in processing.items() for payload in elements}
        self.removed -= self.queued | self.processing.keys()
        self.maybe_pushed, self.maybe_removed, self.maybe_popped, self.maybe_moved = [], set(), 0, {}

    @staticmethod
    def _disorder(queue):
        """Each producer's messages stand in the order in which it pushed them: the newest first."""
        newest = {}
        for payload in queue:
            producer, number = payload.rsplit(b":", 1)[0], int(payload.rsplit(b":", 1)[1])
            if number >= newest.get(producer, number + 1):
                return [f"out of order: {payload}"]
            newest[producer] = number
        return []

    def summary(self):
        return (
            f"{self.told} replies, {len(self.queued)} queued, {len(self.processing)} in processing, "
            f"{len(self.removed)} gone"
        )


class Worker:
    """One connection that sends pipelines of random requests until the server is gone."""

    _numbers = {}

    def __init__(self, number, address, ledger, rng):
        self.number, self.ledger, self.rng = number, ledger, rng
        self.address = address
        self.sent = deque()  # (kind, payloads) without a reply
        self.mine = [payload for payload, worker in ledger.processing.items() if worker == number]
        self.surprise = None

    def run(self):
        try:
            client = resp.Client(self.address, timeout=30)
            with client:
                while True:
                    requests = [self.draw() for _ in range(self.rng.choice((1, 1, 2, 16, 64)))]
                    client.send(b"".join(data for data, _, _ in requests))
                    self.sent.extend((kind, payloads) for _, kind, payloads in requests)
                    while self.sent:
                        reply = client.read()
                        if isinstance(reply, resp.Error):
                            self.surprise = f"worker {self.number}: {self.sent[0][0]} was answered with {reply}"
                            return
                        self.told(*self.sent.popleft(), reply)
        except (ConnectionError, BrokenPipeError):
            pass
        except TimeoutError:
            self.surprise = f"worker {self.number}: no reply within 30 s"
        finally:
            self.leave_open()

    def payload(self):
        number = Worker._numbers[self.number] = Worker._numbers.get(self.number, 0) + 1
        filler = b"x" * self.rng.choice((0, 0, 10, 100, 3000))
        return b"w%d%b:%d" % (self.number, filler and b"-" + filler, number)

    def draw(self):
        """(bytes, kind, payloads) of one request."""
        dice = self.rng.random()
        crowded = len(self.ledger.queued) > 3000
        if dice < (0.15 if crowded else 0.40):
            payload = self.payload()
            return resp.encode("LPUSH", QUEUE, payload), "push", (payload,)
        if dice < (0.20 if crowded else 0.50):
            group = tuple(self.payload() for _ in range(GROUP_SIZE))
            if self.rng.random() < 0.5:
                return resp.encode("LPUSH", QUEUE, *group), "push", group
            commands = resp.encode("MULTI") + b"".join(resp.encode("LPUSH", QUEUE, each) for each in group)
            return commands + resp.encode("EXEC"), "transaction", group
        if dice < 0.55:
            return resp.encode("RPOP", QUEUE), "pop", ()
        if dice < 0.78 or not self.mine:
            words = self.rng.choice(
                (
                    ("RPOPLPUSH", QUEUE, processing_list(self.number)),
                    ("LMOVE", QUEUE, processing_list(self.number), "RIGHT", "LEFT"),
                )
            )
            return resp.encode(*words), "move", ()
        payload = self.mine.pop(self.rng.randrange(len(self.mine)))
        return resp.encode("LREM", processing_list(self.number), 1, payload), "remove", (payload,)

    def told(self, kind, payloads, reply):
        if kind == "transaction" and reply in ("OK", "QUEUED"):
            self.sent.appendleft((kind, payloads))  # the reply to EXEC is still to come
            return
        ledger = self.ledger
        with ledger.lock:
            ledger.told += 1
            if kind in ("push", "transaction"):
                # Somebody may have been given it before this reply was read.
                ledger.queued.update(set(payloads) - ledger.processing.keys() - ledger.removed)
            elif kind == "pop" and reply is not None:
                self.take(reply)
                ledger.removed.add(reply)
            elif kind == "move" and reply is not None:
                self.take(reply)
                ledger.processing[reply] = self.number
                self.mine.append(reply)
            elif kind == "remove":
                if reply != 1:
                    self.surprise = f"worker {self.number}: LREM of {payloads[0]} was answered with {reply}"
                ledger.processing.pop(payloads[0], None)
                ledger.removed.add(payloads[0])

    def take(self, payload):
        self.ledger.queued.discard(payload)
        if payload in self.ledger.removed or payload in self.ledger.processing:
            self.surprise = f"worker {self.number} was given {payload}, which somebody else had"

    def leave_open(self):
        """Files the requests that were never answered."""
        ledger = self.ledger
        with ledger.lock:
            for kind, payloads in self.sent:
                if kind in ("push", "transaction"):
                    ledger.maybe_pushed.append(payloads)
                elif kind == "pop":
                    ledger.maybe_popped += 1
                elif kind == "move":
                    ledger.maybe_moved[self.number] = ledger.maybe_moved.get(self.number, 0) + 1
                else:
                    ledger.maybe_removed.update(payloads)
