"""What a module sees and clients see of it. Source: client-protocol.md 11 to 16; http-api.md 6; host-semantics.md.

The module is fixtures/abi: it notes who calls it, and misbehaves on request.
"""

import json
import struct
import time

from . import bsatn
from .bsatn import Reader
from .harness import case, changes, claims, equal, messages, only, tables, true

JSON = "application/json"
TRAP = "The instance encountered a fatal error."


def note(row):
    """A row of `note`: (id, what, sender, connection id or None, time)."""
    r = Reader(row)
    found = [r.u64(), r.text(), r.raw(32)[::-1].hex()]
    found.append(r.uint(16) if r.u8() == 0 else None)
    found.append(r.i64())
    r.end()
    return tuple(found)


def notes(connection):
    return sorted(note(row) for row in connection.query("SELECT * FROM note"))


def bag(number, text):
    return bsatn.u32(number) + bsatn.text(text)


def call(connection, request, reducer, args=b""):
    connection.send(messages.call_reducer(request, reducer, args))
    result = connection.next("ReducerResult")
    equal(request, result["request_id"])
    return result


def call_ok(connection, request, reducer, args=b""):
    ok = only("Ok", call(connection, request, reducer, args)["result"])
    return ok["transaction_update"]["query_sets"]


def barrier(connection):
    """Requires that nothing is on its way to a connection."""
    connection.send(messages.one_off_query(0xBAA, "SELECT * FROM bag"))
    equal(0xBAA, connection.next("OneOffQueryResult")["request_id"])


@case("init runs as the owner, connections are announced before they call and after they left")
def lifecycle(server):
    database = server.database("abi")
    watcher = database.connect()
    watcher.subscribe(1, 1, "SELECT * FROM note")
    first = notes(watcher)
    equal(("init", database.owner, None), first[0][1:4])
    me = watcher.first["connection_id"]["__connection_id__"]
    equal(("client_connected", watcher.identity, me), first[-1][1:4])

    def seen():
        (query_set,) = watcher.next("TransactionUpdate")["query_sets"]
        ((_, (((row,), deletes),)),) = changes(query_set)
        equal([], deletes)
        return note(row)

    guest, token = server.identity()
    equal(200, database.call("record", "over HTTP", token=token).status)
    steps = [seen() for _ in range(3)]
    equal(["client_connected", "over HTTP", "client_disconnected"], [s[1] for s in steps])
    equal({guest}, {s[2] for s in steps}, "caller")
    equal(1, len({s[3] for s in steps}), "one connection id for all three")
    true(steps[0][3] not in (None, 0, me), "a connection id of its own")
    true(steps[0][4] < steps[1][4] < steps[2][4], "time goes on")
    equal(200, database.sql("SELECT * FROM bag", token).status)
    equal(["client_connected", "client_disconnected"], [seen()[1] for _ in range(2)])
    equal(400, database.sql("SELECT * FROM nothing", token).status)
    equal(["client_connected", "client_disconnected"], [seen()[1] for _ in range(2)])
    equal(530, database.call("fail", "no", token=token).status)
    equal(["client_connected", "client_disconnected"], [seen()[1] for _ in range(2)])
    path = database.path + "/call/record"
    answer = server.http("POST", path, b'["x"]', token, content_type="text/plain")
    equal(415, answer.status)
    barrier(watcher)


@case("st_client and st_connection_credentials hold who is connected, and their claims")
def connections(server):
    database = server.database("abi")
    owner = database.connect(token=database.token)
    guest = database.connect()

    def connected():
        found = set()
        for row in owner.query("SELECT * FROM st_client"):
            r = Reader(row)
            found.add((r.raw(32)[::-1].hex(), r.uint(16)))
            r.end()
        return found

    def pair(connection):
        return connection.identity, connection.first["connection_id"]["__connection_id__"]

    equal({pair(owner), pair(guest)}, connected())
    for row in owner.query("SELECT * FROM st_connection_credentials"):
        r = Reader(row)
        number, payload = r.uint(16), r.text()
        token = owner.token if number == pair(owner)[1] else guest.token
        equal(claims(token), json.loads(payload))
    owner.subscribe(1, 1, "SELECT * FROM st_client")
    guest.websocket.close()
    (query_set,) = owner.next("TransactionUpdate")["query_sets"]
    ((table, ((inserts, deletes),)),) = changes(query_set)
    equal(("st_client", [], 1), (table, inserts, len(deletes)))
    equal({pair(owner)}, connected())


@case("a reducer sees caller, connection, claims and database")
def who_am_i(server):
    database = server.database("abi")
    caller = database.connect()
    result = call(caller, 1, "who_am_i")
    only("Ok", result["result"])
    (row,) = caller.query("SELECT * FROM caller")
    r = Reader(row)
    equal(caller.identity, r.raw(32)[::-1].hex(), "sender")
    equal((0, caller.first["connection_id"]["__connection_id__"]), (r.u8(), r.uint(16)))
    equal(result["timestamp"]["__timestamp_micros_since_unix_epoch__"], r.i64(), "timestamp")
    equal(database.identity, r.raw(32)[::-1].hex(), "database")
    equal(False, r.boolean(), "internal")
    content = claims(caller.token)
    equal((0, content["sub"]), (r.u8(), r.text()), "subject")
    equal((0, content["iss"]), (r.u8(), r.text()), "issuer")
    equal(content["aud"], r.array(r.text), "audience")
    equal(0, r.u8())
    equal(content, json.loads(r.text()), "claims")
    r.end()


@case("a trap is one fixed text, rolls back, and the module goes on")
def trap(server):
    database = server.database("abi")
    caller, other = database.connect(), database.connect()
    for connection in (caller, other):
        connection.subscribe(1, 1, "SELECT * FROM bag")
    for reducer, args in (("panic_now", bsatn.text("boom")), ("trap", bsatn.u32(0)), ("trap", bsatn.u32(2))):
        equal(TRAP, only("InternalError", call(caller, 2, reducer, args)["result"]), reducer)
    answer = database.call("panic_now", "boom")
    equal((530, TRAP), (answer.status, answer.text))
    for header in ("spacetime-energy-used", "spacetime-execution-duration-micros"):
        true((answer.header(header) or "x").isdigit(), header)
    barrier(caller)
    barrier(other)
    (query_set,) = call_ok(caller, 3, "insert_bag", bag(1, "after"))
    equal([("bag", [([bag(1, "after")], [])])], changes(query_set))
    logs = server.http("GET", database.path + "/logs", token=database.token).text
    records = [json.loads(line) for line in logs.splitlines()]
    panics = [r for r in records if r["level"] == "Panic"]
    true(any("boom" in r["message"] for r in panics), "the panic is in the log")


@case("errors of reducers arrive whole, whatever they say")
def errors(server):
    database = server.database("abi")
    caller = database.connect()
    for text in ("", "no", "quote \" \\ \n é 漢 🐭 \0", "x" * 70_000):
        result = call(caller, 1, "fail", bsatn.text(text))["result"]
        equal(bsatn.text(text).hex(), only("Err", result))
    answer = database.call("fail", "é 漢 \n 🐭")
    equal((530, "é 漢 \n 🐭"), (answer.status, answer.text))
    equal("text/plain; charset=utf-8", answer.header("content-type"))


@case("a transaction that changes nothing in the end is told to nobody")
def nothing_changed(server):
    database = server.database("abi")
    caller, other = database.connect(), database.connect()
    call_ok(caller, 1, "insert_bag", bag(1, "there"))
    call_ok(caller, 2, "insert_many", struct.pack("<QQI", 1, 20, 5))
    for connection in (caller, other):
        connection.subscribe(3, 1, "SELECT * FROM bag", "SELECT * FROM bulk")
    equal([], call_ok(caller, 4, "insert_bag", bag(1, "there")), "a row that is there")
    (query_set,) = call_ok(caller, 5, "update_all", bsatn.u32(77))
    ((_, ((inserts, deletes),)),) = changes(query_set)
    equal((20, 20), (len(inserts), len(deletes)))
    (query_set,) = other.next("TransactionUpdate")["query_sets"]
    equal([], call_ok(caller, 6, "update_all", bsatn.u32(77)), "rows replaced by their equals")
    barrier(other)


@case("tables are called by their canonical names, however they were asked for")
def canonical_names(server):
    database = server.database("abi")
    caller = database.connect()
    call_ok(caller, 1, "insert_renamed", bsatn.u32(1) + bsatn.u32(2))
    for query in (
        "SELECT * FROM renamedThing",
        "SELECT * FROM other_name",
        'SELECT * FROM "other_name" AS o WHERE o.the_id = 1',
        "SELECT o.* FROM renamedThing o WHERE o.theId = 1",
    ):
        ((table, rows),) = caller.subscribe(2, 2, query)
        equal(("other_name", [bsatn.u32(1) + bsatn.u32(2)]), (table, rows), query)
        caller.send(messages.unsubscribe(3, 2))
        equal(
            ["other_name"],
            [name for name, _ in tables(only("some", caller.next("UnsubscribeApplied")["rows"]))],
        )
    caller.subscribe(4, 4, "SELECT * FROM renamedThing")
    (query_set,) = call_ok(caller, 5, "insert_renamed", bsatn.u32(2) + bsatn.u32(2))
    equal(["other_name"], [table for table, _ in changes(query_set)])
    call_ok(caller, 6, "explicit_reducer", bsatn.text("by its canonical name"))
    text = only("InternalError", call(caller, 7, "someReducer", bsatn.text("x"))["result"])
    true(text.lower().startswith("no such reducer"), text)


@case("SELECT * FROM * is what the caller may read, beside other queries")
def everything(server):
    database = server.database("abi")
    owner, guest = database.connect(token=database.token), database.connect()
    call_ok(guest, 1, "insert_secret", bag(1, "s"))
    call_ok(guest, 2, "insert_bag", bag(1, "b"))
    found = owner.subscribe(3, 3, "SELECT * FROM bag WHERE number = 1", "select  *  from  *")
    equal(["bag", "bag", "note", "secret"], sorted(name for name, _ in found))
    found = guest.subscribe(3, 3, "SELECT * FROM *")
    equal(["bag", "note"], sorted(name for name, _ in found))
    for connection in (owner, guest):
        connection.send(messages.one_off_query(4, "SELECT * FROM *"))
        only("err", connection.next("OneOffQueryResult")["result"])
    call_ok(guest, 5, "insert_secret", bag(2, "t"))
    (query_set,) = owner.next("TransactionUpdate")["query_sets"]
    equal([("secret", [([bag(2, "t")], [])])], changes(query_set))


@case("equal queries with blanks around them are one; unequal ones are several")
def query_identity(server):
    database = server.database("abi")
    caller = database.connect()
    call_ok(caller, 1, "insert_bag", bag(1, "x"))
    found = caller.subscribe(
        2, 4_294_967_295, "SELECT * FROM bag", "  SELECT * FROM bag\n", "select * from bag"
    )
    equal([("bag", 1), ("bag", 1)], [(name, len(rows)) for name, rows in found])
    (query_set,) = call_ok(caller, 3, "insert_bag", bag(2, "y"))
    equal({"id": 4_294_967_295}, query_set["query_set_id"])
    ((_, elements),) = changes(query_set)
    equal(2, len(elements))


@case("tables of one update are in order of name")
def table_order(server):
    database = server.database("abi")
    caller = database.connect()
    names = ["st_client", "note", "bulk", "bag", "autos"]
    caller.subscribe(1, 1, *[f"SELECT * FROM {name}" for name in names])
    database.connect()
    (query_set,) = caller.next("TransactionUpdate")["query_sets"]
    equal(["note", "st_client"], [table for table, _ in changes(query_set)])


@case("a large result and a large update arrive whole, plain and compressed")
def large(server):
    database = server.database("abi")
    loader = database.connect()
    count, size = 3_000, 400
    call_ok(loader, 1, "insert_many", struct.pack("<QQI", 0, count, size))
    for compression in ("None", "Gzip"):
        for protocol in (messages.V3, messages.V2):
            watcher = database.connect(f"compression={compression}", protocol)
            ((_, rows),) = watcher.subscribe(1, 1, "SELECT * FROM bulk")
            equal(count, len(set(rows)))
            equal(0 if compression == "None" else 2, watcher.payloads[-1].tag)
            (query_set,) = call_ok(watcher, 2, "update_all", bsatn.u32(77))
            ((_, ((inserts, deletes),)),) = changes(query_set)
            equal((count, set(rows)), (len(inserts), set(deletes)))
            watcher.websocket.close()
            call_ok(loader, 3, "clear_all")
            call_ok(loader, 4, "insert_many", struct.pack("<QQI", 0, count, size))


@case("a body of 1024 bytes is not compressed, one of 1025 is")
def threshold(server):
    database = server.database("abi")
    connection = database.connect("compression=Gzip")
    call_ok(connection, 1, "insert_bag", bag(0, ""))
    connection.query("SELECT * FROM bag")
    empty = connection.payloads[-1].size
    for body in (1023, 1024, 1025):
        length = body - empty
        call_ok(connection, 1, "insert_bag", bag(body, "x" * length))
        connection.query(f"SELECT * FROM bag WHERE number = {body}")
        payload = connection.payloads[-1]
        equal((body, 0 if body <= 1024 else 2), (payload.size, payload.tag))


@case("several messages of a v3 payload stay within 512 KiB")
def coalescing(server):
    database = server.database("abi")
    loader, watcher = database.connect(), database.connect()
    watcher.subscribe(1, 1, "SELECT * FROM bulk")
    for first in range(0, 2_000, 100):
        loader.send(messages.call_reducer(2, "insert_many", struct.pack("<QQI", first, 100, 2_000)))
    seen = 0
    while seen < 2_000:
        for query_set in watcher.next("TransactionUpdate")["query_sets"]:
            ((_, ((inserts, _),)),) = changes(query_set)
            seen += len(inserts)
    for payload in watcher.payloads:
        true(len(payload.messages) == 1 or payload.size <= 524_288, f"{payload.size} bytes")


@case("an unconfirmed connection gets the same as a confirmed one")
def unconfirmed(server):
    database = server.database("abi")
    fast, slow = database.connect("compression=None&confirmed=false"), database.connect()
    for connection in (fast, slow):
        connection.subscribe(1, 1, "SELECT * FROM bag")
    for number in range(50):
        (mine,) = call_ok(fast, 2, "insert_bag", bag(number, "x"))
        (theirs,) = slow.next("TransactionUpdate")["query_sets"]
        equal(changes(mine), changes(theirs))


@case("requests of one connection are answered in order, the early refusals aside")
def in_order(server):
    database = server.database("abi")
    caller = database.connect()
    caller.send(
        messages.subscribe(1, 1, "SELECT * FROM bag"),
        messages.call_reducer(2, "insert_bag", bag(1, "x")),
        messages.one_off_query(3, "SELECT * FROM bag"),
        messages.subscribe(4, 1, "SELECT * FROM bag"),
        messages.call_reducer(5, "fail", bsatn.text("no")),
        messages.unsubscribe(6, 1),
        messages.call_reducer(7, "insert_bag", bag(2, "x")),
    )
    kinds = [
        "SubscribeApplied",
        "ReducerResult",
        "OneOffQueryResult",
        "SubscriptionError",
        "ReducerResult",
        "UnsubscribeApplied",
        "ReducerResult",
    ]
    for number, kind in enumerate(kinds, start=1):
        found = caller.next(kind)
        wanted = {"some": number} if kind == "SubscriptionError" else number
        equal(wanted, found["request_id"], kind)
        if kind == "OneOffQueryResult":
            ((_, rows),) = tables(only("ok", found["result"]))
            equal([bag(1, "x")], rows)


@case("commits of others come before the answer to what was asked after them")
def others_before(server):
    database = server.database("abi")
    writer, reader = database.connect(), database.connect()
    reader.subscribe(1, 1, "SELECT * FROM bag")
    for number in range(30):
        call_ok(writer, 2, "insert_bag", bag(number, "x"))
        reader.send(messages.one_off_query(3, f"SELECT * FROM bag WHERE number = {number}"))
        (query_set,) = reader.next("TransactionUpdate")["query_sets"]
        equal([("bag", [([bag(number, "x")], [])])], changes(query_set))
        ((_, rows),) = tables(only("ok", reader.next("OneOffQueryResult")["result"]))
        equal([bag(number, "x")], rows)


@case("logs are followed as they are written")
def follow(server):
    database = server.database("abi")
    for text in ("one", "two"):
        equal(200, database.call("log_all_levels", text).status)
    websocket = server.socket()
    deadline = time.monotonic() + server.timeout
    headers = [("Authorization", f"Bearer {database.token}"), ("Connection", "close")]
    path = f"{database.path}/logs?num_lines=1&follow=true"
    lines = websocket.stream(path, headers, deadline)
    true("two" in json.loads(next(lines))["message"], "the last line")
    equal(200, database.call("log_all_levels", "three").status)
    levels = {}
    while len(levels) < 5:
        record = json.loads(next(lines))
        if "three" in record["message"]:
            levels[record["level"]] = record
    equal({"Error", "Warn", "Info", "Debug", "Trace"}, set(levels))
    for record in levels.values():
        equal("log_all_levels", record["function"])
        true(isinstance(record["ts"], int) and isinstance(record["line_number"], int), str(record))
        true(record["filename"].endswith("logs.rs"), str(record))
    equal(200, database.delete().status)
    for line in lines:
        true(json.loads(line), "whole lines to the end, which comes with the database's")
