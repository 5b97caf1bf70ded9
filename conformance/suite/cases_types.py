"""Every column type, in and out by every way. Source: data-model.md sections 2, 4, 5; http-api.md 2, 7.

The module is fixtures/abi: tables `prims`, `specials`, `compounds` hold each type once. A row is
written down once as BSATN and once as JSON; whichever way it comes in, it must come out as both.
"""

import json
import struct

from . import bsatn
from .harness import case, changes, equal, messages, only, tables, true

IDENTITY = "c200" + "5a" * 30


def integer(value, width):
    return value.to_bytes(width, "little", signed=value < 0)


def some(value):
    return b"\0" + value


NONE = b"\1"


class Row:
    """A row of a table: as BSATN, as JSON arguments, and as SQL prints it (without names)."""

    def __init__(self, table, columns):
        self.table = table
        self.bytes = b"".join(column[0] for column in columns)
        self.arguments = [column[1] for column in columns]
        self.printed = [column[2] if len(column) > 2 else column[1] for column in columns]


def hexadecimal(value):
    return ("-" if value < 0 else "") + hex(abs(value))


def prims(number, boolean, pick, f32, f64, string):
    """A row of `prims`; `pick` chooses a value of an integer type by signedness and bits."""
    columns = [(bsatn.u32(number), number), (bytes([boolean]), boolean)]
    for signed in (True, False):
        for bits in (8, 16, 32, 64, 128, 256):
            value = pick(signed, bits)
            columns.append(
                (integer(value, bits // 8), hexadecimal(value) if bits == 256 else value)
            )
    columns.append((struct.pack("<f", f32), f32))
    columns.append((struct.pack("<d", f64), f64))
    columns.append((bsatn.text(string), string))
    return Row("prims", columns)


def lowest(signed, bits):
    return -(1 << bits - 1) if signed else 0


def highest(signed, bits):
    return (1 << bits - 1) - 1 if signed else (1 << bits) - 1


PRIMS = [
    prims(1, False, lowest, 0.0, -0.0, ""),
    prims(2, True, highest, 1.5, 1.7976931348623157e308, 'quote " backslash \\ \u0001\t\n é 漢 🐭'),
    prims(3, True, lambda signed, bits: -1 if signed else 1, -0.25, 5e-324, "x" * 300),
    prims(4, False, lambda signed, bits: 1 << bits - 2, 2.0**24, 1e16, "\0"),
]


def specials(number, connection, stamp, duration, uuid, schedule):
    kind, value = schedule
    name = "__time_duration_micros__" if kind == 0 else "__timestamp_micros_since_unix_epoch__"
    return Row(
        "specials",
        [
            (bsatn.u32(number), number),
            (
                bytes.fromhex(IDENTITY)[::-1],
                {"__identity__": "0x" + IDENTITY},
                ["0x" + IDENTITY],
            ),
            (integer(connection, 16), {"__connection_id__": connection}, [connection]),
            (
                bsatn.i64(stamp),
                {"__timestamp_micros_since_unix_epoch__": stamp},
                [stamp],
            ),
            (bsatn.i64(duration), {"__time_duration_micros__": duration}, [duration]),
            (integer(uuid, 16), {"__uuid__": uuid}, [uuid]),
            (
                bytes([kind]) + bsatn.i64(value),
                {("Interval", "Time")[kind]: {name: value}},
                [kind, [value]],
            ),
        ],
    )


SPECIALS = [
    specials(1, 1, 0, 0, 0, (0, 1_000_000)),
    specials(2, (1 << 128) - 1, -1, -(1 << 63), (1 << 128) - 1, (1, 1_700_000_000_123_456)),
    specials(3, 0xAB << 100, (1 << 63) - 1, (1 << 63) - 1, 7, (0, -5)),
]


def point(x, y):
    return integer(x, 4) + integer(y, 4)


COMPOUNDS = [
    Row(
        "compounds",
        [
            (bsatn.u32(1), 1),
            (bsatn.blob(b""), ""),
            (bsatn.array([]), []),
            (bsatn.array([]), []),
            (bsatn.array([]), []),
            (bsatn.array([]), []),
            (bsatn.array([]), []),
            (NONE, None, [1, []]),
            (NONE, {"none": []}, [1, []]),
            (NONE, None, [1, []]),
            (b"\0" + bsatn.u32(5), {"ok": 5}, [0, 5]),
            (b"\0", {"red": []}, [0, []]),
            (b"\0", {"nothing": {}}, [0, []]),
            (
                bsatn.text("") + point(0, 0) + NONE + bsatn.array([]),
                {"label": "", "point": {"x": 0, "y": 0}, "color": None, "shapes": []},
                ["", [0, 0], [1, []], []],
            ),
            (bsatn.array([]), []),
            (b"", {}, []),
            (b"", [], []),
        ],
    ),
    Row(
        "compounds",
        [
            (bsatn.u32(2), 2),
            (bsatn.blob(b"\x00\xff\x10"), "00FF10", "00ff10"),
            (bsatn.array([bsatn.i64(-1), bsatn.i64(1 << 62)]), [-1, 1 << 62]),
            (bsatn.array([b"\1", b"\0"]), [True, False]),
            (bsatn.array([bsatn.text("a"), bsatn.text("")]), ["a", ""]),
            (
                bsatn.array([bsatn.array([bsatn.u16(1), bsatn.u16(65535)]), bsatn.array([])]),
                [[1, 65535], []],
            ),
            (
                bsatn.array([bytes.fromhex(IDENTITY)[::-1]]),
                [["0x" + IDENTITY]],
            ),
            (some(bsatn.text("here")), {"some": "here"}, [0, "here"]),
            (some(NONE), {"some": {"none": []}}, [0, [1, []]]),
            (
                some(bsatn.array([some(integer(-7, 4)), NONE])),
                {"some": [[0, -7], None]},
                [0, [[0, -7], [1, []]]],
            ),
            (b"\1" + bsatn.text("no"), {"err": "no"}, [1, "no"]),
            (b"\1", {"1": []}, [1, []]),
            (
                b"\4" + bsatn.array([point(1, -2), point(3, 4)]),
                ["many", [{"x": 1, "y": -2}, [3, 4]]],
                [4, [[1, -2], [3, 4]]],
            ),
            (
                bsatn.text("home")
                + point(-1, 1)
                + some(b"\2")
                + bsatn.array(
                    [
                        b"\1" + struct.pack("<d", 2.5),
                        b"\2" + bsatn.text("n"),
                        b"\3" + point(5, 6),
                        b"\5\1",
                        b"\6" + some(point(7, 8)),
                        b"\6" + NONE,
                    ]
                ),
                [
                    "home",
                    [-1, 1],
                    {"some": {"blue": []}},
                    [
                        {"circle": 2.5},
                        {"named": "n"},
                        {"at": {"y": 6, "x": 5}},
                        [5, {"darkGreen": []}],
                        {"maybe": {"some": [7, 8]}},
                        {"maybe": None},
                    ],
                ],
                [
                    "home",
                    [-1, 1],
                    [0, [2, []]],
                    [
                        [1, 2.5],
                        [2, "n"],
                        [3, [5, 6]],
                        [5, [1, []]],
                        [6, [0, [7, 8]]],
                        [6, [1, []]],
                    ],
                ],
            ),
            (
                bsatn.array([bsatn.text("p") + point(0, 0) + NONE + bsatn.array([])]),
                [["p", [0, 0], None, []]],
                [["p", [0, 0], [1, []], []]],
            ),
            (b"", [], []),
            (b"", {}, []),
        ],
    ),
]

ROWS = PRIMS + SPECIALS + COMPOUNDS


def printed(database, table):
    """What SQL prints of a table, by id; numbers with all their digits."""
    answer = database.sql(f"SELECT * FROM {table}")
    equal(200, answer.status, answer.text[:200])
    (result,) = json.loads(answer.body)
    return {row[0]: row for row in result["rows"]}


@case("every type goes in as BSATN and comes out the same to caller and watcher")
def in_as_bsatn(server):
    database = server.database("abi")
    caller, watcher = database.connect(), database.connect(protocol=messages.V2)
    for number, table in enumerate(("prims", "specials", "compounds")):
        watcher.subscribe(number, number, f"SELECT * FROM {table}")
        caller.subscribe(number, number, f"SELECT * FROM {table}")
    for row in ROWS:
        caller.send(messages.call_reducer(9, f"insert_{row.table}", row.bytes))
        ok = only("Ok", caller.next("ReducerResult")["result"])
        (mine,) = ok["transaction_update"]["query_sets"]
        (theirs,) = watcher.next("TransactionUpdate")["query_sets"]
        for query_set in (mine, theirs):
            equal([(row.table, [([row.bytes], [])])], changes(query_set))
    for table in ("prims", "specials", "compounds"):
        wanted = sorted(row.bytes for row in ROWS if row.table == table)
        equal(wanted, sorted(caller.query(f"SELECT * FROM {table}")), table)


@case("every type goes in as JSON and comes out as BSATN and as SQL prints it")
def in_as_json(server):
    database = server.database("abi")
    for row in ROWS:
        answer = database.call(f"insert_{row.table}", row.arguments)
        equal(200, answer.status, f"{row.table} {row.arguments[0]}: {answer.text[:300]}")
    connection = database.connect()
    for table in ("prims", "specials", "compounds"):
        rows = [row for row in ROWS if row.table == table]
        equal(sorted(row.bytes for row in rows), sorted(connection.query(f"SELECT * FROM {table}")))
        found = printed(database, table)
        for row in rows:
            equal(row.printed, found[row.printed[0]], table)


@case("a reducer takes each type as an argument, by place and by either spelling of its name")
def as_arguments(server):
    database = server.database("abi")
    for row in ROWS:
        answer = database.call(f"insert_{row.table}_args", *row.arguments)
        equal(200, answer.status, f"{row.table} {row.arguments[0]}: {answer.text[:300]}")
        equal(row.printed, printed(database, row.table)[row.printed[0]], row.table)
    names = "id bool i8 i16 i32 i64 i128 i256 u8 u16 u32 u64 u128 u256 f32 f64 string".split()
    canonical = [n[0] + "_" + n[1:] if n[1:].isdigit() else n for n in names]
    for number, spelling in ((40, names), (41, canonical)):
        values = [number] + PRIMS[1].arguments[1:]
        body = json.dumps(dict(zip(spelling, values))).encode()
        path = f"{database.path}/call/insert_prims_args"
        answer = server.http("POST", path, body, database.token, content_type="application/json")
        equal(200, answer.status, answer.text[:300])
        equal(PRIMS[1].printed[1:], printed(database, "prims")[number][1:])
    twice = dict(zip(names, [42] + PRIMS[1].arguments[1:]), i_8=5)
    body = json.dumps(twice).encode()
    answer = server.http("POST", path, body, database.token, content_type="application/json")
    equal(400, answer.status, "one parameter in two spellings")


@case("SQL prints floats as the shortest text of their width")
def floats(server):
    database = server.database("abi")
    texts = {
        50: ("0.1", "0.1"),
        51: ("1.0", "1.0"),
        52: ("-0.0", "-0.0"),
        53: ("16777216.0", "1e16"),
        54: ("1e20", "1000000000000000.0"),
        55: ("0.00001", "0.00001"),
        56: ("1e-7", "1e-6"),
        57: ("3.4028235e38", "1.7976931348623157e308"),
        58: ("1e-45", "5e-324"),
    }
    for number, (f32, f64) in texts.items():
        row = [number] + PRIMS[0].arguments[1:]
        body = json.dumps([row])
        head, tail = body.rsplit("0.0, -0.0, ", 1)
        answer = server.http(
            "POST",
            f"{database.path}/call/insert_prims",
            f"{head}{f32}, {f64}, {tail}".encode(),
            database.token,
            content_type="application/json",
        )
        equal(200, answer.status, answer.text[:300])
    text = database.sql("SELECT id, f_32, f_64 FROM prims").text
    rows = text[text.index('"rows":[') : text.index(',"total_duration_micros"')]
    for number, (f32, f64) in texts.items():
        true(f"[{number},{f32},{f64}]" in rows.replace(" ", ""), f"{number}: {f32} {f64} in {rows}")


@case("JSON that does not fit a type is refused, and what it is not is said")
def misfits(server):
    database = server.database("abi")
    fine = PRIMS[2].arguments
    wrong = {
        0: (-1, 4294967296, 1.5, "1", None),
        1: (0, "true", None),
        2: (128, -129, 1.0),
        7: (1, "1", "0x", "0x" + "8" + "0" * 63, "-0x8" + "0" * 62 + "1", "0X1", " 0x1", "0xg"),
        13: ("-0x1", "0x1" + "0" * 64, 5),
        14: (None, "1.5", True),
        16: (5, None, ["x"]),
    }
    for column, values in wrong.items():
        for value in values:
            row = list(fine)
            row[column] = value
            answer = database.call("insert_prims", row)
            equal(400, answer.status, f"column {column} as {value!r}")
            true(answer.text.startswith("invalid arguments for reducer insert_prims: "), answer.text)
    for row in (fine[:-1], fine + [1], "text", 5, None):
        equal(400, database.call("insert_prims", row).status, str(row)[:60])
    compound = list(COMPOUNDS[0].arguments)
    for column, value in (
        (1, "0"),
        (1, "0x00"),
        (1, [256]),
        (7, "bare"),
        (7, {"some": "a", "none": []}),
        (7, {"other": 1}),
        (11, "red"),
        (11, {"Red": []}),
        (11, {"3": []}),
        (11, [0, 1]),
        (13, {"label": "", "point": [0, 0], "color": None}),
        (13, {"label": "", "point": [0, 0], "color": None, "shapes": [], "more": 1}),
        (15, [1]),
    ):
        row = list(compound)
        row[column] = value
        equal(400, database.call("insert_compounds", row).status, f"column {column} as {value!r}")
    special = list(SPECIALS[0].arguments)
    for column, value in ((1, "0x" + IDENTITY), (1, {"__identity__": IDENTITY}), (3, 5), (6, [2, []])):
        row = list(special)
        row[column] = value
        equal(400, database.call("insert_specials", row).status, f"column {column} as {value!r}")
    equal({}, printed(database, "prims"))


@case("a literal finds each type that can be compared")
def literals(server):
    database = server.database("abi")
    for row in ROWS:
        equal(200, database.call(f"insert_{row.table}", row.arguments).status)
    caller = database.connect()
    big = highest(False, 256)
    for table, where, ids in (
        ("prims", "bool = true", [2, 3]),
        ("prims", "bool", [2, 3]),
        ("prims", "i_8 = -128", [1]),
        ("prims", f"i_128 = {lowest(True, 128)}", [1]),
        ("prims", f"i_256 = {lowest(True, 256)}", [1]),
        ("prims", f"u_128 >= {highest(False, 128)}", [2]),
        ("prims", f"u_256 = {big}", [2]),
        ("prims", "i_256 < 0 AND i_8 = -1", [3]),
        ("prims", "u_32 = 1e0", [3]),
        ("prims", "f_32 = 1.5 OR f_64 = 1e16", [2, 4]),
        ("prims", "f_32 = 0", [1]),
        ("prims", "string = ''", [1]),
        ("specials", f"identity = 0x{IDENTITY}", [1, 2, 3]),
        ("specials", f"identity = X'{IDENTITY}'", [1, 2, 3]),
        ("specials", "identity = :sender", []),
        ("specials", "connection = 0x" + "f" * 32, [2]),
        ("specials", "uuid = 0x" + "0" * 31 + "7", [3]),
        ("specials", "uuid = '00000000-0000-0000-0000-000000000007'", [3]),
        ("specials", "timestamp = '1970-01-01T00:00:00Z'", [1]),
        ("specials", "timestamp < '1970-01-01 01:00:00+01:00'", [2]),
        ("compounds", "bytes = 0x00ff10", [2]),
        ("compounds", "bytes = X'00FF10' OR id = 7", [2]),
        ("compounds", "bytes = :sender", []),
    ):
        query = f"SELECT * FROM {table} WHERE {where}"
        found = sorted(bsatn.Reader(row).u32() for row in caller.query(query))
        equal(ids, found, query)
        ((_, rows),) = caller.subscribe(1, 1, query)
        equal(ids, sorted(bsatn.Reader(row).u32() for row in rows), query)
        caller.send(messages.unsubscribe(2, 1))
        gone = only("some", caller.next("UnsubscribeApplied")["rows"])
        equal(len(ids), sum(len(rows) for _, rows in tables(gone)), query)
        answer = database.sql(f"SELECT id FROM {table} WHERE {where}")
        equal([[number] for number in ids], sorted(json.loads(answer.body)[0]["rows"]), query)


@case("what cannot be compared, or no literal of its type, is refused")
def uncomparable(server):
    database = server.database("abi")
    caller = database.connect()
    for table, where in (
        ("prims", "u_32 = 1.3"),
        ("prims", "u_8 = -1"),
        ("prims", "u_8 = 1e3"),
        ("prims", "u_32 = 'str'"),
        ("prims", "u_32 = 0x10"),
        ("prims", "bool = 1"),
        ("prims", "u_8 = u_16"),
        ("prims", "id = :sender"),
        ("prims", "1 = 1"),
        ("prims", "id"),
        ("specials", "identity = 0xc200"),
        ("specials", "timestamp > '2025-02-10 15:25:30'"),
        ("specials", "timestamp > 5"),
        ("specials", "duration = 5"),
        ("specials", "schedule = 5"),
        ("compounds", "bytes = 0x0"),
        ("compounds", "numbers = :sender"),
        ("compounds", "maybe = 'x'"),
        ("compounds", "color = 'red'"),
        ("compounds", "place = place"),
    ):
        query = f"SELECT * FROM {table} WHERE {where}"
        caller.send(messages.one_off_query(1, query))
        only("err", caller.next("OneOffQueryResult")["result"])
        caller.send(messages.subscribe(2, 2, query))
        error = caller.next("SubscriptionError")
        equal({"some": 2}, error["request_id"])
        true(error["error"].endswith(f", executing: `{query}`"), error["error"])
        answer = database.sql(f"SELECT id FROM {table} WHERE {where}")
        equal(400, answer.status, query)
        true("executing" not in answer.text, answer.text)
