"""Query sets. Source: client-protocol.md sections 4, 9, 12; sql-and-subscriptions.md; since-2.8.md 5."""

from . import bsatn
from .harness import case, changes, equal, message, messages, only, tables, true, user


@case("SubscribeApplied holds the rows, and no entry for an empty table")
def applied(server):
    database = server.database()
    for protocol in (messages.V3, messages.V2):
        connection = database.connect(protocol=protocol)
        found = connection.subscribe(1, 5, "SELECT * FROM user", "SELECT * FROM message")
        equal(["user"], [name for name, _ in found])
        true(
            (connection.identity, None, True) in [user(row) for row in found[0][1]],
            "the connection's own row",
        )


@case("a query without matching row over a filled table has an entry without rows")
def no_match(server):
    connection = server.database().connect()
    connection.send(messages.subscribe(1, 1, "SELECT * FROM user WHERE online = false"))
    (entry,) = connection.next("SubscribeApplied")["rows"]["tables"]
    equal(
        {"table": "user", "rows": {"size_hint": {"RowOffsets": []}, "rows_data": ""}},
        entry,
    )


@case("row lists name their rows by the producer rules")
def hints(server):
    database = server.database()
    connection = database.connect()
    ann = database.connect()
    ann.call_ok(1, "set_name", "Ann")

    def hint(query):
        connection.send(messages.one_off_query(1, query))
        result = only("ok", connection.next("OneOffQueryResult")["result"])
        (kind, value), = result["tables"][0]["rows"]["size_hint"].items()
        return kind, value

    equal(("FixedSize", 34), hint(f"SELECT * FROM user WHERE identity = 0x{connection.identity}"))
    equal(("FixedSize", 41), hint(f"SELECT * FROM user WHERE identity = 0x{ann.identity}"))
    kind, offsets = hint("SELECT * FROM user")
    equal(("RowOffsets", 0), (kind, offsets[0]))
    equal(("RowOffsets", []), hint("SELECT * FROM message"))


@case("an empty list of queries is a query set")
def empty_set(server):
    connection = server.database().connect()
    equal([], connection.subscribe(1, 1))
    connection.send(messages.subscribe(2, 1, "SELECT * FROM user"))
    connection.next("SubscriptionError")


@case("the same query twice in a set counts once, in two sets twice")
def duplicates(server):
    connection = server.database().connect()
    mine = f"SELECT * FROM user WHERE identity = 0x{connection.identity}"
    equal([("user", 1)], [(n, len(r)) for n, r in connection.subscribe(1, 1, mine, mine)])
    equal([("user", 1)], [(n, len(r)) for n, r in connection.subscribe(2, 2, mine)])
    sets = connection.call_ok(3, "set_name", "Ann")
    equal([{"id": 1}, {"id": 2}], [s["query_set_id"] for s in sets], "in order of their ids")
    equal(changes(sets[0]), changes(sets[1]))
    ((_, elements),) = changes(sets[0])
    equal(1, len(elements), "one element per query")


@case("query sets of an update are in order of id, their tables in order of name")
def order(server):
    connection = server.database().connect()
    connection.subscribe(1, 12, "SELECT * FROM user")
    connection.subscribe(2, 4, "SELECT * FROM user")
    sets = connection.call_ok(3, "set_name", "Ann")
    equal([4, 12], [s["query_set_id"]["id"] for s in sets])


@case("two changed queries over one table are two elements of one table")
def elements(server):
    connection = server.database().connect()
    connection.subscribe(
        1, 1, "SELECT * FROM message", "SELECT * FROM message WHERE text = 'both'"
    )
    (query_set,) = connection.call_ok(2, "send_message", "both")
    ((table, found),) = changes(query_set)
    equal(("message", 2), (table, len(found)))
    equal(found[0], found[1])
    (query_set,) = connection.call_ok(3, "send_message", "only one")
    ((_, found),) = changes(query_set)
    equal(1, len(found))


@case("an id in use is refused and the set stays")
def id_in_use(server):
    connection = server.database().connect()
    connection.subscribe(1, 1, "SELECT * FROM message")
    connection.send(messages.subscribe(2, 1, "SELECT * FROM user"))
    error = connection.next("SubscriptionError")
    equal({"some": 2}, error["request_id"])
    equal({"id": 1}, error["query_set_id"])
    true(error["error"], "a text")
    equal(1, len(connection.call_ok(3, "send_message", "still subscribed")))


@case("a failed subscription leaves its id free, and none of its queries")
def failed(server):
    connection = server.database().connect()
    for query in ("SELECT * FROM nothing", "gibberish", "SELECT name FROM user"):
        connection.send(messages.subscribe(1, 3, "SELECT * FROM message", query))
        error = connection.next("SubscriptionError")
        equal({"some": 1}, error["request_id"])
        equal({"id": 3}, error["query_set_id"])
    equal([], connection.call_ok(2, "send_message", "nobody listens"))
    connection.subscribe(3, 3, "SELECT * FROM message")


@case("a SQL text over 50,000 bytes is refused and the connection goes on")
def long_sql(server):
    connection = server.database().connect()
    query = "SELECT * FROM message WHERE text = '" + "x" * 50_000 + "'"
    connection.send(messages.subscribe(1, 1, query))
    connection.next("SubscriptionError")
    connection.send(messages.one_off_query(2, query))
    only("err", connection.next("OneOffQueryResult")["result"])
    connection.nothing_before_now()


@case("unsubscribing answers with or without rows, as the flag says")
def unsubscribe(server):
    connection = server.database().connect()
    mine = f"SELECT * FROM user WHERE identity = 0x{connection.identity}"
    for flags in (0, 1):
        subscribed = connection.subscribe(1, 1, mine)
        connection.send(messages.unsubscribe(2, 1, flags))
        answer = connection.next("UnsubscribeApplied")
        equal((2, {"id": 1}), (answer["request_id"], answer["query_set_id"]))
        if flags == 0:
            equal({"none": []}, answer["rows"])
        else:
            equal(subscribed, tables(only("some", answer["rows"])))
    equal([], connection.call_ok(3, "set_name", "Ann"), "no longer subscribed")


@case("unsubscribing an unknown id is a SubscriptionError")
def unsubscribe_unknown(server):
    connection = server.database().connect()
    connection.send(messages.unsubscribe(8, 99))
    error = connection.next("SubscriptionError")
    equal(({"some": 8}, {"id": 99}), (error["request_id"], error["query_set_id"]))
    connection.subscribe(1, 1, "SELECT * FROM user")
    connection.send(messages.unsubscribe(9, 1, 0))
    connection.next("UnsubscribeApplied")
    connection.send(messages.unsubscribe(10, 1, 0))
    connection.next("SubscriptionError")


@case("SELECT * FROM * is every public table of the module")
def everything(server):
    connection = server.database().connect()
    found = connection.subscribe(1, 1, "SELECT * FROM *")
    equal(["user"], [name for name, _ in found], "message is empty, system tables are not meant")
    (query_set,) = connection.call_ok(2, "send_message", "seen")
    equal(["message"], [table for table, _ in changes(query_set)])


@case(":sender is the caller")
def sender(server):
    database = server.database()
    first, second = database.connect(), database.connect()
    query = "SELECT * FROM user WHERE identity = :sender"
    for connection in (first, second):
        ((_, (row,)),) = connection.subscribe(1, 1, query)
        equal(connection.identity, user(row)[0])
        ((one_off),) = connection.query(query)
        equal(row, one_off)
    equal(1, len(first.call_ok(2, "set_name", "Ann")))
    second.nothing_before_now()


@case("rows enter and leave a query by what they became")
def enter_and_leave(server):
    database = server.database()
    watcher = database.connect()
    watcher.subscribe(1, 1, "SELECT * FROM user WHERE online = true")

    def seen():
        (query_set,) = watcher.next("TransactionUpdate")["query_sets"]
        ((_, ((inserts, deletes),)),) = changes(query_set)
        return [user(row) for row in inserts], [user(row) for row in deletes]

    guest = database.connect()
    before, named = (guest.identity, None, True), (guest.identity, "Ann", True)
    equal(([before], []), seen(), "enters")
    guest.call_ok(1, "set_name", "Ann")
    equal(([named], [before]), seen(), "stays, changed")
    guest.websocket.close()
    equal(([], [named]), seen(), "leaves")
    watcher.nothing_before_now()


@case("comparisons, AND and OR select rows")
def predicates(server):
    connection = server.database().connect()
    for text in ("a", "b", "c", "it's"):
        connection.call_ok(1, "send_message", text)
    for where, expected in (
        ("text = 'a'", ["a"]),
        ("text <> 'a'", ["b", "c", "it's"]),
        ("text > 'a' AND text < 'c'", ["b"]),
        ("(text = 'a') OR (text = 'c')", ["a", "c"]),
        ("text = 'it''s'", ["it's"]),
        ('"message"."text" >= \'c\'', ["c", "it's"]),
        (f"sender = 0x{connection.identity}", ["a", "b", "c", "it's"]),
        ("sent > '2020-01-01T00:00:00Z' AND text = 'b'", ["b"]),
    ):
        rows = connection.query(f"SELECT * FROM message WHERE {where}")
        equal(expected, sorted(message(row)[2] for row in rows), where)


@case("a join changes with either of its tables")
def join(server):
    database = server.database()
    watcher, guest = database.connect(), database.connect()
    query = (
        "SELECT m.* FROM message m JOIN user u ON m.sender = u.identity WHERE u.online = true"
    )
    equal([], watcher.subscribe(1, 1, query), "no entry while a table is empty")

    def seen():
        (query_set,) = watcher.next("TransactionUpdate")["query_sets"]
        ((table, ((inserts, deletes),)),) = changes(query_set)
        equal("message", table)
        return [message(r)[2] for r in inserts], sorted(message(r)[2] for r in deletes)

    guest.call_ok(1, "send_message", "one")
    equal((["one"], []), seen())
    guest.call_ok(2, "send_message", "two")
    equal((["two"], []), seen())
    guest.call_ok(3, "set_name", "Ann")
    watcher.nothing_before_now()
    guest.websocket.close()
    equal(([], ["one", "two"]), seen(), "the sender went offline")
    database.connect(token=guest.token)
    inserts, deletes = seen()
    equal((["one", "two"], []), (sorted(inserts), deletes), "and came back")
    watcher.send(messages.subscribe(2, 2, "SELECT a.* FROM message a JOIN message b ON a.text = b.text"))
    watcher.next("SubscriptionError")


@case("private tables do not exist for others; the owner may read them")
def private(server):
    database = server.database()
    query = "SELECT * FROM st_connection_credentials"
    guest = database.connect()
    guest.send(messages.subscribe(1, 1, query))
    guest.next("SubscriptionError")
    owner = database.connect(token=database.token)
    true(len(owner.query(query)) >= 1, "the owner's own credentials row")


@case("SubscribeBatch applies what it can and reports the rest")
def batch(server):
    database = server.database()
    for protocol in (messages.V3, messages.V2):
        connection = database.connect(protocol=protocol)
        mine = f"SELECT * FROM user WHERE identity = 0x{connection.identity}"
        connection.send(
            messages.subscribe_batch(
                1,
                (7, mine, "SELECT * FROM message"),
                (8, "SELECT * FROM nothing"),
                (7, "SELECT * FROM message"),
                (9,),
            )
        )
        answer = connection.next("SubscribeBatchApplied")
        equal(1, answer["request_id"])
        results = answer["results"]
        equal([7, 8, 7, 9], [r["query_set_id"]["id"] for r in results])
        found = tables(only("Applied", results[0]["outcome"]))
        true("user" in [name for name, _ in found], "rows of the first set")
        true(only("Error", results[1]["outcome"]), "an unknown table")
        true(only("Error", results[2]["outcome"]), "an id used earlier in the batch")
        equal([], tables(only("Applied", results[3]["outcome"])))
        (query_set,) = connection.call_ok(2, "send_message", "batched")
        equal({"id": 7}, query_set["query_set_id"])
        connection.subscribe(3, 8, "SELECT * FROM user")
        connection.send(messages.unsubscribe(4, 9, 1))
        connection.next("UnsubscribeApplied")
        connection.send(messages.subscribe_batch(5))
        equal({"request_id": 5, "results": []}, connection.next("SubscribeBatchApplied"))


@case("what SubscribeApplied shows and what follows make the table's state")
def snapshot_rule(server):
    database = server.database()
    writer, reader = database.connect(), database.connect()
    count = 200
    writer.send(
        *[
            messages.call_reducer(i, "send_message", bsatn.text(f"m{i}"))
            for i in range(count)
        ]
    )
    seen = []
    for _, rows in reader.subscribe(1, 1, "SELECT * FROM message"):
        seen += rows
    while len(seen) < count:
        for query_set in reader.next("TransactionUpdate")["query_sets"]:
            for _, found in changes(query_set):
                for inserts, deletes in found:
                    equal([], deletes)
                    seen += inserts
    equal({f"m{i}" for i in range(count)}, {message(row)[2] for row in seen})
    equal(count, len(seen), "each row once")
    for _ in range(count):
        only("Ok", writer.next("ReducerResult")["result"])
