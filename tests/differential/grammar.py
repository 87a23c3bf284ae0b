"""A small language for the arguments of commands, and what its words stand for.

    key value   words of WORDS below        LPUSH -1    any other word: itself, in any case
    [a | b]     nothing, or one of the choices          (a | b)         one of the choices
    x+          x one to five times                     <a b c>         all of them, in any order

compile_syntax() turns a line of it into a function from a random generator to a list of words. A word is bytes, or a
Placeholder for what differs between the two servers (the id and the address of a connection).
"""

import collections
import re
import struct

Placeholder = collections.namedtuple("Placeholder", "kind connection")

# Connections by what they do: see stream.py.
PLAIN = range(0, 4)
BLOCKING = range(4, 9)
RAW = 9
LISTENING = range(10, 14)

LISTS = [b"l:%d" % n for n in range(8)]
TEXTS = [b"s:%d" % n for n in range(5)] + [b"bin\x00\xff\r\n", b""]
NUMBERS = [b"n:%d" % n for n in range(4)]
ABSENT = [b"absent", b"l:none"]
KEYS = LISTS + TEXTS + NUMBERS + ABSENT
EVENT_CHANNELS = [b"__keyevent@0__:set", b"__keyspace@0__:l:1"]
CHANNELS = [b"a:1", b"a:2", b"b:1", b"b:x", b"news", b"", b"bin\x00\xff\r\n"] + EVENT_CHANNELS
CHANNEL_PATTERNS = [
    b"a:*",
    b"b:[0-9]",
    b"n?ws",
    b"",
    b"none*",
    b"[",
    b"__keyevent@?__:*push",
    b"__keyevent@0__:[^r]?[a-z]",
    b"__keyspace@0__:s:*",
    b"__keyspace@1__:*",
]

ELEMENTS = [
    b"a",
    b"b",
    b"c",
    b"job:1",
    b"job:2",
    b"job:3",
    b"1",
    b"2",
    b"-7",
    b"",
    b"12345678901234567890",
    b"\x00\xff",
]
FAR = [
    b"9223372036854775807",
    b"-9223372036854775808",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"4294967296",
    b"2147483648",
    b"-2147483649",
    b"18446744073709551616",
    b"99999999999999999999999",
]
NOT_NUMBERS = [
    b"abc",
    b"",
    b" 1",
    b"1 ",
    b"01",
    b"+1",
    b"--1",
    b"1.0",
    b"0x10000",
    b"1e5",
    b"nan",
    b"inf",
    b"-inf",
    b"\x00",
    b"one",
    b"-0",
    b"1\x00",
    b"1.5.5",
    b".",
]
# Numbers that may stand where a time is asked for: they end at once, or long after the stream.
TIME_SAFE = [
    b"0",
    b"-1",
    b"-1000",
    b"1000000000",
    b"5000000000000",
    b"abc",
    b"",
    b"1.5x",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"9223372036854775808",
    b"1e400",
    b"nan",
    b"99999999999999999999999",
    b" 1",
    b"-0.1",
]
SMALL = [b"0", b"1", b"2", b"3", b"-1", b"-2", b"-3", b"5", b"10", b"100", b"-100"]


def any_value(rng):
    dice = rng.random()
    if dice < 0.55:
        return rng.choice(ELEMENTS)
    if dice < 0.70:
        return b"%d" % rng.randint(-1000, 1000)
    if dice < 0.80:
        return rng.randbytes(rng.randint(0, 24))
    if dice < 0.95:
        return b"payload-%d-" % rng.randint(0, 9) + b"x" * rng.randint(0, 120)
    if dice < 0.995:
        return rng.choice([b"z", b"\r\n", b"*1\r\n$4\r\nPING\r\n", b"\x00"]) * rng.randint(1, 1000)
    return rng.choice([b"Q", b"\n#C "]) * rng.randint(5000, 40000)


def any_double(rng):
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice([b"0.1", b"-0.1", b"3.0e3", b"1e-5", b"5.0", b"1e17", b"0x1p3", b"1e308", b"1e4932", b"0"])
    if kind == 1:
        return repr(struct.unpack("<d", rng.randbytes(8))[0]).encode()
    return b"%.*f" % (rng.randint(0, 17), rng.uniform(-100, 100))


def mostly(common, rare, share=0.9):
    return lambda rng: rng.choice(common) if rng.random() < share else rng.choice(rare)


def far_apart(low, high):
    """Times are drawn from a range so wide that two of them never meet within the test's own running time."""
    return lambda rng: b"%d" % rng.randint(low, high)


def placeholder(kind):
    return lambda rng: Placeholder(kind, rng.choice([*PLAIN, *BLOCKING]))


WORDS = {
    "key": lambda rng: rng.choice(KEYS),
    "list": mostly(LISTS, KEYS),
    "text": mostly(TEXTS, KEYS),
    "number_key": mostly(NUMBERS, KEYS),
    "value": any_value,
    "element": mostly(ELEMENTS, [b"no such element"]),
    "integer": mostly([b"%d" % n for n in range(-20, 21)], FAR + NOT_NUMBERS),
    "double": any_double,
    "index": mostly([b"%d" % n for n in range(-6, 7)], SMALL + FAR + NOT_NUMBERS + [b"500", b"-500"]),
    "count": mostly([b"%d" % n for n in range(0, 5)], SMALL + FAR + NOT_NUMBERS),
    "positive": mostly([b"1", b"2", b"3", b"10"], SMALL + FAR + NOT_NUMBERS),
    "offset": mostly([b"0", b"1", b"3", b"10", b"200"], [b"536870911", b"536870912", b"-1", *FAR, *NOT_NUMBERS], 0.95),
    "db": mostly([b"0", b"1", b"2", b"3"], [b"16", b"-1", b"abc", b"", b"99999999999999999999"], 0.95),
    "seconds": mostly([b"%d" % (n * 1_000_003 + 100_000) for n in range(1, 9000)], TIME_SAFE),
    "milliseconds": mostly([b"%d" % (n * 1_000_000_007 + 100_000_000) for n in range(1, 9000)], TIME_SAFE),
    "unix_seconds": mostly([b"%d" % (n * 1_000_003 + 10_000_000_000) for n in range(1, 9000)], TIME_SAFE),
    "unix_milliseconds": mostly([b"%d" % (n * 1_000_000_007 + 10_000_000_000_000) for n in range(1, 9000)], TIME_SAFE),
    # For commands that delete the key at once: what is stored with a time in the past stays until it is looked at.
    "past": lambda rng: rng.choice([b"1", b"1000", b"1000000000"]),
    "timeout": mostly([b"0", b"0", b"0.0", b"1000", b"1e4", b"100000.5"], TIME_SAFE),
    "pattern": mostly(
        [b"*", b"l:*", b"?:1", b"[ls]:[0-3]", b"[^l]*", b"s:\\*", b"*[", b"", b"absent", b"l:[1", b"*:*2"], KEYS
    ),
    "cursor": mostly(
        [b"0"], [b"1", b"17", b"-1", b"abc", b"18446744073709551615", b"18446744073709551616", b"", b"0x1"], 0.5
    ),
    "word": lambda rng: rng.choice(NOT_NUMBERS + FAR + SMALL + ELEMENTS),
    "unknown": lambda rng: rng.choice(
        [b"nosuch", b"LPUSHY", b"L PUSH", b"\x01\x02", b"x" * 200, b"lpush\r\n", b"'"]
    ),
    "option_pattern": lambda rng: rng.choice(
        [b"*", b"max*", b"MAXCLIENTS", b"*slow*", b"[a-k]*-[l-z]*", b"?z", b"databases", b"nosuch", b"lazyfree-*", b""]
    ),
    "unknown_option": lambda rng: rng.choice([b"nosuchoption", b"", b"ports", b"maxclient"]),
    "client_id": placeholder("id"),
    "client_address": placeholder("address"),
    "client_name": mostly([b"worker-1", b"w", b"", b"consumer:7"], [b"with space", b"new\nline", b"\xff", b"tab\t"]),
    "message": any_value,
    "channel": lambda rng: rng.choice(CHANNELS),
    # No two of them match one channel: see listening.py.
    "channel_pattern": lambda rng: rng.choice(CHANNEL_PATTERNS),
    "command_name": lambda rng: rng.choice(
        [
            b"lpush",
            b"LMOVE",
            b"blpop",
            b"get",
            b"set",
            b"client|kill",
            b"config|get",
            b"nosuch",
            b"client|nosuch",
            b"",
            b"exec",
            b"ping",
            b"Object|Encoding",
        ]
    ),
}
TIMES = {"seconds", "milliseconds", "unix_seconds", "unix_milliseconds", "timeout"}


def any_case(rng, word):
    dice = rng.random()
    if dice < 0.6:
        return word
    if dice < 0.8:
        return word.lower()
    return bytes(ord(chr(c).swapcase()) if rng.random() < 0.5 else c for c in word)


TOKEN = re.compile(r"\s*([\[\]()<>|+]|[A-Za-z0-9_\-:.*\"=@]+)")


def compile_syntax(syntax):
    """A function (rng) -> list of words."""
    tokens = TOKEN.findall(syntax)
    assert "".join(tokens) == re.sub(r"\s", "", syntax), f"cannot read {syntax!r}"
    make, end = _choice(tokens, 0)
    assert end == len(tokens), f"unbalanced {syntax!r}"
    return make


def _choice(tokens, position):
    branches = []
    while True:
        branch, position = _sequence(tokens, position)
        branches.append(branch)
        if position == len(tokens) or tokens[position] != "|":
            break
        position += 1
    if len(branches) == 1:
        return branches[0], position
    return (lambda rng: rng.choice(branches)(rng)), position


def _items(tokens, position):
    items = []
    while position < len(tokens) and tokens[position] not in "|])>":
        item, position = _item(tokens, position)
        items.append(item)
    return items, position


def _sequence(tokens, position):
    items, position = _items(tokens, position)
    return (lambda rng: [word for item in items for word in item(rng)]), position


def _item(tokens, position):
    token = tokens[position]
    if token in "[(":
        inner, end = _choice(tokens, position + 1)
        assert tokens[end] == {"[": "]", "(": ")"}[token]
        item = inner if token == "(" else lambda rng: inner(rng) if rng.random() < 0.5 else []
        position = end + 1
    elif token == "<":
        inner_items, end = _items(tokens, position + 1)
        assert tokens[end] == ">"

        def item(rng, inner_items=inner_items):
            return [word for each in rng.sample(inner_items, len(inner_items)) for word in each(rng)]

        position = end + 1
    else:
        item = _word(token)
        position += 1
    if position < len(tokens) and tokens[position] == "+":

        def repeated(rng, once=item):
            return [word for _ in range(min(rng.randint(1, 5), rng.randint(1, 5))) for word in once(rng)]

        return repeated, position + 1
    return item, position


def _word(token):
    if token in WORDS:
        draw = WORDS[token]
        return lambda rng: [draw(rng)]
    literal = token.encode()
    return lambda rng: [any_case(rng, literal)]


def spoil(rng, words, names_times):
    """An invalid or unusual variant of a command. `names_times`: some argument is a time (see TIME_SAFE)."""
    words = list(words)
    junk = rng.choice(TIME_SAFE) if names_times else WORDS["word"](rng)
    kind = rng.randrange(9)
    if kind == 0 and len(words) > 1:
        del words[rng.randrange(1, len(words))]
    elif kind == 1:
        words.insert(rng.randint(1, len(words)), junk)
    elif kind == 2 and len(words) > 1:
        words[rng.randrange(1, len(words))] = junk
    elif kind == 3 and len(words) > 2 and not names_times:
        i, j = rng.sample(range(1, len(words)), 2)
        words[i], words[j] = words[j], words[i]
    elif kind == 4:
        words.append(rng.choice(words))
    elif kind == 5:
        words = words[: rng.randint(1, len(words))]
    elif kind == 6:
        words += [junk] * rng.choice((2, 3, 10, 100))
    elif kind == 7 and len(words) > 1:
        index = rng.randrange(1, len(words))
        if isinstance(words[index], bytes):
            words[index] = rng.choice((b"", b" ", b"\r\n")) + words[index] + rng.choice((b"x", b" ", b"\r\n", b"\xff"))
    elif len(words) > 1:
        words[1] = rng.choice(KEYS)
    return words
