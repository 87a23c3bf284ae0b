"""When two replies count as equal: byte for byte, as a set, or in shape. One function per class, named in commands.py.

Each takes the two decoded replies and what is known about the asking (Asked), and returns None or the reason.
Errors and differing kinds of reply never reach it: those must be equal byte for byte.
"""

import re
from dataclasses import dataclass, field

from support.resp import Map

CLOCK_TOLERANCE = {b"TTL": 30, b"PTTL": 30_000, b"EXPIRETIME": 30, b"PEXPIRETIME": 30_000, b"OBJECT": 3600}
# OBJECT: in redis small numbers are one shared object, last used whenever any of them was.

# What clients, frameworks and monitors read from INFO.
INFO_FIELDS = set(
    """
redis_version redis_mode os arch_bits process_id run_id tcp_port uptime_in_seconds uptime_in_days hz executable
config_file
connected_clients blocked_clients maxclients used_memory used_memory_human used_memory_rss used_memory_peak
used_memory_peak_human used_memory_dataset total_system_memory maxmemory maxmemory_human maxmemory_policy
mem_fragmentation_ratio mem_allocator loading rdb_changes_since_last_save rdb_bgsave_in_progress rdb_last_save_time
rdb_last_bgsave_status aof_enabled aof_rewrite_in_progress aof_rewrite_scheduled aof_last_rewrite_time_sec
aof_last_bgrewrite_status aof_last_write_status total_connections_received total_commands_processed
instantaneous_ops_per_sec total_net_input_bytes total_net_output_bytes rejected_connections expired_keys evicted_keys
keyspace_hits keyspace_misses total_error_replies role connected_slaves master_replid master_repl_offset used_cpu_sys
used_cpu_user cluster_enabled""".split()
)
INFO_SECTIONS_THAT_MAY_LACK = {"Modules", "Latencystats"}
CLIENT_FIELDS_EQUAL = "name flags db sub psub ssub multi cmd user redir resp".split()


@dataclass
class Asked:
    words: list
    ids: dict = field(default_factory=dict)  # {"redis": {client id: connection}, "baton": ...}
    reference_has_key: object = None  # callable(key) on the asking connection, or None inside EXEC


def near(redis, baton, asked):
    tolerance = CLOCK_TOLERANCE.get(asked.words[0].upper(), 0)
    if redis == baton or (
        isinstance(redis, int)
        and isinstance(baton, int)
        and redis >= 0
        and baton >= 0
        and abs(redis - baton) <= tolerance
    ):
        return None
    return f"more than {tolerance} apart"


def unordered(redis, baton, asked):
    return None if sorted(redis) == sorted(baton) else "not the same set"


def shape(redis, baton, asked):
    if type(redis) is not type(baton):
        return "not the same kind of value"
    return None


# The client that makes itself known by this name runs commands that are all slow enough to be logged.
LOGGED_NAME = b"logged"


def slowlog(redis, baton, asked):
    if not isinstance(redis, list):
        return shape(redis, baton, asked)
    redis, baton = [[entry[3] for entry in reply if entry[5] == LOGGED_NAME] for reply in (redis, baton)]
    return None if redis == baton else f"{redis} and {baton}"


# By name: what another data structure, another default or another place has as its value.
CONFIG_VALUES_OF_OUR_OWN = set(
    """aof-use-rdb-preamble appendfsync appendonly dir port lazyfree-lazy-eviction lazyfree-lazy-expire
lazyfree-lazy-server-del lazyfree-lazy-user-del lazyfree-lazy-user-flush""".split()
)


def config(redis, baton, asked):
    pairs = [reply if isinstance(reply, Map) else list(zip(reply[::2], reply[1::2])) for reply in (redis, baton)]
    redis, baton = [{name.decode("latin-1"): value for name, value in each} for each in pairs]
    if len(pairs[0]) != len(redis) or len(pairs[1]) != len(baton):
        return "an option is there twice"
    if missing := redis.keys() - baton.keys():  # options of our own are no difference
        return f"options missing: {sorted(missing)}"
    differing = [name for name in redis if redis[name] != baton[name] and name not in CONFIG_VALUES_OF_OUR_OWN]
    return "; ".join(f"{name}: {redis[name]} and {baton[name]}" for name in differing) or None


def scan(redis, baton, asked):
    for reply in (redis, baton):
        if (
            len(reply) != 2
            or not isinstance(reply[0], bytes)
            or not reply[0].isdigit()
            or not isinstance(reply[1], list)
        ):
            return "not a cursor and a list"
    return None


def some_key(redis, baton, asked):
    if (redis is None) != (baton is None):
        return "nil on one side only"
    if baton is not None and asked.reference_has_key and not asked.reference_has_key(baton):
        return "a key that redis does not have"
    return None


def help_text(redis, baton, asked):
    return None if redis and baton and redis[0] == baton[0] else "the first lines differ"


def hello(redis, baton, asked):
    pairs = [list(reply if isinstance(reply, Map) else zip(reply[::2], reply[1::2])) for reply in (redis, baton)]
    redis, baton = [[(key, value) for key, value in each if key != b"id"] for each in pairs]
    return None if redis == baton else f"{redis} and {baton}"


def refcount(redis, baton, asked):
    return None if redis > 0 and baton > 0 else "not the number of references to a value"


def client_fields(line):
    fields = dict(word.split("=", 1) for word in line.decode("latin-1").strip().split(" ") if "=" in word)
    # "u": served a moment ago, in the same turn of the loop.
    fields["flags"] = fields.get("flags", "").replace("u", "") or "N"
    # A container that is not here has no subcommands.
    fields["cmd"] = re.sub(r"^cluster\|.*", "cluster", fields.get("cmd", ""))
    return fields


def client_line(redis, baton, asked):
    redis, baton = client_fields(redis), client_fields(baton)
    missing = [name for name in redis if name not in baton]
    if missing:
        return f"fields missing: {missing}"
    differing = [
        f"{name}: {redis[name]} and {baton[name]}" for name in CLIENT_FIELDS_EQUAL if redis[name] != baton[name]
    ]
    return "; ".join(differing) or None


def client_list(redis, baton, asked):
    by_connection = []
    for side, text in (("redis", redis), ("baton", baton)):
        lines = {}
        for line in text.splitlines():
            identity = int(client_fields(line).get("id", 0))
            lines[str(asked.ids[side].get(identity, "not ours"))] = line
        by_connection.append(lines)
    redis, baton = by_connection
    if redis.keys() != baton.keys():
        return f"connections {sorted(redis)} and {sorted(baton)}"
    for connection in redis.keys() - {"helper"}:
        if reason := client_line(redis[connection], baton[connection], asked):
            return f"connection {connection}: {reason}"
    return None


def command_info(redis, baton, asked):
    if len(redis) != len(baton):
        return f"{len(redis)} and {len(baton)} entries"
    for one, other in zip(redis, baton):
        if (one is None) != (other is None):
            return f"known on one side only: {one or other}"
        if one is None:
            continue
        if len(one) != len(other):
            return f"{one[0]}: {len(one)} and {len(other)} fields"
        for index, name in ((0, "name"), (1, "arity"), (3, "first key"), (4, "last key"), (5, "step")):
            if one[index] != other[index]:
                return f"{one[0]}: {name} {one[index]} and {other[index]}"
        for index, name in ((2, "flags"), (6, "categories")):
            if set(one[index]) != set(other[index]):
                return (
                    f"{one[0]}: {name}: only redis {set(one[index]) - set(other[index])}, "
                    f"only baton {set(other[index]) - set(one[index])}"
                )
    return None


def command_docs(redis, baton, asked):
    names = [
        {(pair[0] if isinstance(pair, tuple) else pair) for pair in (reply if isinstance(reply, Map) else reply[::2])}
        for reply in (redis, baton)
    ]
    return None if names[0] == names[1] else f"names {names[0]} and {names[1]}"


NEWER_COMMANDS = {b"waitaof", b"client|setinfo", b"client|no-touch"}
QUEUE_COMMANDS = {b"qack", b"qinfo", b"qmeta", b"qnack", b"qpending", b"qpolicy", b"qpop", b"qredrive", b"qtouch"}


def command_names(redis, baton, asked):
    if len(asked.words) > 3 and asked.words[3].upper() == b"ACLCAT":
        # Redis has many more commands, and there is no telling which of them should be here.
        only_ours = set(baton) - set(redis) - NEWER_COMMANDS
        only_ours = {name for name in only_ours if name.split(b"|")[0] not in QUEUE_COMMANDS}
        return f"in Baton's category only: {only_ours}" if only_ours or bool(redis) != bool(baton) else None
    if len(asked.words) > 2:
        return unordered(redis, baton, asked)
    return None if baton and all(isinstance(name, bytes) for name in baton) else "not a list of names"


# Asked for in this order by somebody whose commands alone were counted.
COUNTED_SECTIONS = [b"stats", b"commandstats", b"errorstats"]
COUNTED = re.compile(
    r"^(?:(cmdstat_\w[^:]*:calls=\d+),.*(rejected_calls.*)"
    r"|((?:errorstat_|keyspace_hits|keyspace_misses|total_error_replies|total_commands_processed).*))\r$",
    re.M,
)


def info(redis, baton, asked):
    texts = (redis, baton)
    sections, fields, keyspace = [], [], []
    for text in (redis, baton):
        text = text.decode("latin-1")
        sections.append(set(re.findall(r"^# (.*?)\r?$", text, re.M)))
        fields.append(set(re.findall(r"^([a-z_0-9]+):", text, re.M)))
        keyspace.append(re.findall(r"^(db\d+:keys=\d+,expires=\d+)", text, re.M))
    if missing := sections[0] - sections[1] - INFO_SECTIONS_THAT_MAY_LACK:
        return f"sections missing: {sorted(missing)}"
    if missing := (fields[0] & INFO_FIELDS) - fields[1]:
        return f"fields missing: {sorted(missing)}"
    if [word.lower() for word in asked.words[1:]] == COUNTED_SECTIONS:
        counts = [sorted(COUNTED.findall(text.decode("latin-1"))) for text in texts]
        if counts[0] != counts[1]:
            return f"only redis: {set(counts[0]) - set(counts[1])}, only baton: {set(counts[1]) - set(counts[0])}"
    return None if keyspace[0] == keyspace[1] else f"keyspace {keyspace[0]} and {keyspace[1]}"


CLASSES = {
    "near": near,
    "unordered": unordered,
    "refcount": refcount,
    "slowlog": slowlog,
    "config": config,
    "shape": shape,
    "scan": scan,
    "some_key": some_key,
    "help": help_text,
    "hello": hello,
    "client_line": client_line,
    "client_list": client_list,
    "command_info": command_info,
    "command_docs": command_docs,
    "command_names": command_names,
    "info": info,
}
