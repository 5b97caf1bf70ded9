"""Reducer calls, procedures, one-off queries. Source: client-protocol.md sections 9, 13, 14, 15."""

import time

from . import bsatn
from .harness import case, changes, equal, message, messages, only, true, user


@case("a committed reducer answers Ok with the caller's changes inside")
def reducer_ok(server):
    database = server.database()
    for protocol in (messages.V3, messages.V2):
        caller = database.connect(protocol=protocol)
        caller.subscribe(1, 7, f"SELECT * FROM message WHERE sender = 0x{caller.identity}")
        result = caller.call(2, "send_message", "Hello")
        ok = only("Ok", result["result"])
        equal("", ok["ret_value"], "ret_value")
        (query_set,) = ok["transaction_update"]["query_sets"]
        equal({"id": 7}, query_set["query_set_id"])
        ((table, ((inserts, deletes),)),) = changes(query_set)
        equal(("message", []), (table, deletes))
        micros = result["timestamp"]["__timestamp_micros_since_unix_epoch__"]
        equal([(caller.identity, micros, "Hello")], [message(row) for row in inserts])
        true(abs(time.time() - micros / 1e6) < 300, "timestamp is the time of the call")


@case("the caller gets nothing but its ReducerResult")
def caller_only_result(server):
    caller = server.database().connect()
    caller.subscribe(1, 1, "SELECT * FROM message")
    equal(1, len(caller.call_ok(2, "send_message", "one")))
    caller.nothing_before_now()


@case("others get a TransactionUpdate with the same rows, in commit order")
def others_get_update(server):
    database = server.database()
    caller, other = database.connect(), database.connect(protocol=messages.V2)
    caller.subscribe(1, 1, "SELECT * FROM message")
    other.subscribe(1, 9, "SELECT * FROM message")
    for text in ("one", "two", "three"):
        (mine,) = caller.call_ok(2, "send_message", text)
        (theirs,) = other.next("TransactionUpdate")["query_sets"]
        equal({"id": 9}, theirs["query_set_id"])
        equal(changes(mine), changes(theirs))
    other.nothing_before_now()


@case("without a subscription the caller gets an empty update and others get nothing")
def no_subscription(server):
    database = server.database()
    caller, other = database.connect(), database.connect()
    other.subscribe(1, 1, "SELECT * FROM message WHERE text = 'never'")
    equal([], caller.call_ok(1, "send_message", "unseen"))
    other.nothing_before_now()


@case("an update is delete and insert in one message, with the bytes of before")
def update_pairs(server):
    database = server.database()
    caller, other = database.connect(), database.connect()
    where = f"WHERE identity = 0x{caller.identity}"
    ((_, (before,)),) = other.subscribe(1, 1, f"SELECT * FROM user {where}")
    equal([], caller.call_ok(1, "set_name", "Ann"))
    (query_set,) = other.next("TransactionUpdate")["query_sets"]
    ((table, (((after,), (gone,)),)),) = changes(query_set)
    equal("user", table)
    equal(before, gone, "bytes of the deleted row")
    equal((caller.identity, "Ann", True), user(after))
    caller.call_ok(2, "set_name", "Anna")
    (query_set,) = other.next("TransactionUpdate")["query_sets"]
    ((_, (((_,), (gone,)),)),) = changes(query_set)
    equal(after, gone, "bytes of the row deleted next")


@case("a reducer's error is Err with a BSATN string, and nobody else hears of it")
def reducer_err(server):
    database = server.database()
    caller, other = database.connect(), database.connect()
    other.subscribe(1, 1, "SELECT * FROM message")
    result = caller.call(3, "send_message", "")
    equal(bsatn.text("Messages must not be empty").hex(), only("Err", result["result"]))
    other.nothing_before_now()
    caller.nothing_before_now()
    equal([], caller.query("SELECT * FROM message"), "rolled back")


@case("an unknown reducer is InternalError and begins `no such reducer`")
def unknown_reducer(server):
    caller = server.database().connect()
    for name in ("nothing_like_it", "", "n" * 300):
        text = only("InternalError", caller.call(4, name)["result"])
        true(text.lower().startswith("no such reducer"), text)


@case("arguments that do not fit are InternalError and name the reducer")
def bad_arguments(server):
    caller = server.database().connect()
    for args in (b"", b"\x05\0\0\0ab", b"\x02\0\0\0\xc3\x28"):
        caller.send(messages.call_reducer(5, "set_name", args))
        result = caller.next("ReducerResult")
        equal(5, result["request_id"])
        text = only("InternalError", result["result"])
        true(text.startswith("invalid arguments for reducer set_name"), text)
    caller.nothing_before_now()


@case("a lifecycle reducer cannot be called")
def lifecycle_call(server):
    caller = server.database().connect()
    only("InternalError", caller.call(6, "client_connected")["result"])


@case("a procedure that does not exist answers InternalError at time 0")
def unknown_procedure(server):
    caller = server.database().connect()
    caller.send(messages.call_procedure(8, "nothing_like_it"))
    result = caller.next("ProcedureResult")
    equal(8, result["request_id"])
    only("InternalError", result["status"])
    equal({"__timestamp_micros_since_unix_epoch__": 0}, result["timestamp"])
    equal({"__time_duration_micros__": 0}, result["total_host_execution_duration"])


@case("pipelined calls are answered in order with growing timestamps")
def pipelined(server):
    caller = server.database().connect()
    caller.subscribe(1, 1, "SELECT * FROM message")
    count = 300
    for start in range(0, count, 100):
        caller.send(
            *[
                messages.call_reducer(i, "send_message", bsatn.text(f"m{i}"))
                for i in range(start, start + 100)
            ]
        )
    stamps = []
    for i in range(count):
        result = caller.next("ReducerResult")
        equal(i, result["request_id"])
        (query_set,) = only("Ok", result["result"])["transaction_update"]["query_sets"]
        ((_, (((row,), _),)),) = changes(query_set)
        equal(f"m{i}", message(row)[2])
        stamps.append(result["timestamp"]["__timestamp_micros_since_unix_epoch__"])
    true(all(a < b for a, b in zip(stamps, stamps[1:])), "timestamps rise")
    equal(count, len(caller.query("SELECT * FROM message")))


@case("a one-off query answers with exactly one table")
def one_off_ok(server):
    caller = server.database().connect()
    rows = caller.query("SELECT * FROM user WHERE online = true")
    true(caller.identity in [user(row)[0] for row in rows], "the caller's row")
    equal([], caller.query("SELECT * FROM message"))
    equal([], caller.query("SELECT * FROM user WHERE online = false"))


@case("a failing one-off query answers with a text and the connection goes on")
def one_off_err(server):
    caller = server.database().connect()
    for query in (
        "SELECT * FROM nothing",
        "not sql",
        "SELECT name FROM user",
        "DELETE FROM user",
        "SELECT * FROM user WHERE name = 'Ann'",  # an Option compares with nothing
        "SELECT * FROM user LIMIT 1",
        "SELECT * FROM user; SELECT * FROM user",
        "",
    ):
        caller.send(messages.one_off_query(9, query))
        answer = caller.next("OneOffQueryResult")
        equal(9, answer["request_id"])
        true(only("err", answer["result"]), query)
    caller.nothing_before_now()


@case("a one-off query may join without indexes")
def one_off_join(server):
    caller = server.database().connect()
    caller.call_ok(1, "send_message", "joined")
    rows = caller.query("SELECT m.* FROM message m JOIN user u ON m.sender = u.identity")
    equal(["joined"], [message(row)[2] for row in rows])


@case("a call over HTTP reaches subscribers as a TransactionUpdate")
def http_call(server):
    database = server.database()
    watcher = database.connect()
    watcher.subscribe(1, 1, "SELECT * FROM message")
    equal(200, database.call("send_message", "over HTTP").status)
    (query_set,) = watcher.next("TransactionUpdate")["query_sets"]
    ((table, (((row,), deletes),)),) = changes(query_set)
    equal(("message", []), (table, deletes))
    equal((database.owner, "over HTTP"), message(row)[::2])
    watcher.nothing_before_now()


@case("changes by SQL reach subscribers")
def sql_change(server):
    database = server.database()
    watcher = database.connect()
    watcher.call_ok(1, "send_message", "doomed")
    watcher.subscribe(2, 1, "SELECT * FROM message")
    answer = database.sql("DELETE FROM message WHERE text = 'doomed'")
    equal(200, answer.status, answer.text[:200])
    (query_set,) = watcher.next("TransactionUpdate")["query_sets"]
    ((_, ((inserts, (gone,)),)),) = changes(query_set)
    equal(([], "doomed"), (inserts, message(gone)[2]))
