"""Draws a stream of steps from a seed. What it knows about the servers is only which connections wait."""

from commands import LISTENING_ROWS, ROWS, draw
from grammar import BLOCKING, LISTENING, PLAIN, RAW
from listening_scenarios import LISTENING_SCENARIOS
from scenarios import SCENARIOS, junk
from server_scenarios import SERVER_SCENARIOS
from steps import Command, Compare, Listen, Raw, Send, Walk

SPOIL_SHARE = 0.12
INLINE_BYTES_MAX = 20_000  # a server refuses longer lines
COMPARE_EVERY = 500


class Stream:
    def __init__(self, rng, leave_out=()):
        self.rng = rng

        def kept(rows):
            return [row for row in rows if row.name not in leave_out and row.name.split(" ")[0] not in leave_out]

        self.rows, self.listening_rows = kept(ROWS), kept(LISTENING_ROWS)
        scenarios = {**SCENARIOS, **SERVER_SCENARIOS, **LISTENING_SCENARIOS}
        self.scenarios = [(maker, weight) for name, (maker, weight) in scenarios.items() if name not in leave_out]
        self.waiting = set()
        self.since_compare = 0

    def steps(self, commands):
        """Yields steps with about so many commands in all; ends with a comparison of the keyspaces."""
        count = 0
        while count < commands:
            for step in self.next_steps():
                if isinstance(step, (Send, Listen)):
                    count += len(step.commands)
                    self.since_compare += len(step.commands)
                yield step
            if self.since_compare >= COMPARE_EVERY:
                self.since_compare = 0
                yield Compare()
        yield Compare()

    def next_steps(self):
        rng = self.rng
        dice = rng.random()
        if dice < 0.05 and self.scenarios:
            makers, weights = zip(*self.scenarios)
            return rng.choices(makers, weights)[0](rng)
        if dice < 0.06:
            return [Raw(RAW, junk(rng))]
        if dice < 0.07:
            return [Walk(rng.choice(PLAIN), self.walk_words())]
        if dice < 0.11 and self.listening_rows:
            return [self.listen()]
        return [self.send()]

    def walk_words(self):
        rng = self.rng
        words = []
        if rng.random() < 0.5:
            words += [b"MATCH", rng.choice([b"l:*", b"*", b"?:1", b"none"])]
        if rng.random() < 0.5:
            words += [b"COUNT", rng.choice([b"1", b"3", b"100"])]
        if rng.random() < 0.3:
            words += [b"TYPE", rng.choice([b"list", b"string"])]
        return tuple(words)

    def listen(self):
        rows = self.rng.choices(
            self.listening_rows, [row.weight for row in self.listening_rows], k=self.rng.randint(1, 5)
        )
        return Listen(
            self.rng.choice(LISTENING), tuple(self.framed(tuple(draw(self.rng, row, SPOIL_SHARE))) for row in rows)
        )

    def send(self):
        rng = self.rng
        if rng.random() < 0.35:
            idle = [index for index in BLOCKING if index not in self.waiting]
            connection = rng.choice(idle if idle and rng.random() < 0.95 else list(BLOCKING))
        else:
            connection = rng.choice(PLAIN)
        length = rng.choices((1, rng.randint(2, 6), rng.randint(7, 50)), (35, 40, 25))[0]
        if connection in BLOCKING:
            length = min(length, 4)
        commands = []
        for row in rng.choices(self.rows, [row.weight for row in self.rows], k=length):
            words = tuple(draw(rng, row, SPOIL_SHARE))
            if row.waits and connection in PLAIN:
                commands += [Command((b"MULTI",)), self.framed(words), Command((b"EXEC",))]
            else:
                commands.append(self.framed(words))
        if any(command.names_the_past for command in commands):
            # Which of two keys is met first, one whose time is up, is another thing on the other server.
            commands = [command for command in commands if not command.wanders]
        cuts = ()
        if rng.random() < 0.08:
            size = sum(len(command.bytes_for(lambda placeholder: b"127.0.0.1:65535")) for command in commands)
            cuts = tuple(sorted({rng.randint(1, size) for _ in range(rng.randint(1, 3))}))
        return Send(connection, tuple(commands), cuts)

    def framed(self, words):
        inline = (
            self.rng.random() < 0.1
            and words[0][:1] != b"*"
            and words[0] != b""
            and sum(len(word) for word in words if isinstance(word, bytes)) * 4 < INLINE_BYTES_MAX
        )
        return Command(words, inline)
