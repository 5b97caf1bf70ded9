"""Messages of v2 and v3. Source: docs/spec/client-protocol.md sections 3, 4, 8, 9; since-2.8.md 5.

Client messages are written by functions. Server messages are read into the JSON notation that the
specification's vectors use: {"Variant": {field: value}}, bytes as lower-case hex.
"""

import gzip

from . import bsatn
from .bsatn import Malformed, Reader

V3 = "v3.bsatn.spacetimedb"
V2 = "v2.bsatn.spacetimedb"


# --- client -> server -------------------------------------------------------------------------


def subscribe(request, query_set, *queries):
    return (
        bsatn.u8(0) + bsatn.u32(request) + bsatn.u32(query_set) + bsatn.array(map(bsatn.text, queries))
    )


def unsubscribe(request, query_set, flags=1):
    return bsatn.u8(1) + bsatn.u32(request) + bsatn.u32(query_set) + bsatn.u8(flags)


def one_off_query(request, query):
    return bsatn.u8(2) + bsatn.u32(request) + bsatn.text(query)


def call_reducer(request, name, args=b"", flags=0):
    return bsatn.u8(3) + bsatn.u32(request) + bsatn.u8(flags) + bsatn.text(name) + bsatn.blob(args)


def call_procedure(request, name, args=b"", flags=0):
    return bsatn.u8(4) + bsatn.u32(request) + bsatn.u8(flags) + bsatn.text(name) + bsatn.blob(args)


def subscribe_batch(request, *sets):
    """Each set is (query set id, query, query, …)."""
    return (
        bsatn.u8(5)
        + bsatn.u32(request)
        + bsatn.array(bsatn.u32(s[0]) + bsatn.array(map(bsatn.text, s[1:])) for s in sets)
    )


def client_from_notation(message):
    """The bytes of a client message in the vectors' notation."""
    (kind, m), = message.items()
    if kind == "Subscribe":
        return subscribe(m["request_id"], m["query_set_id"]["id"], *m["query_strings"])
    if kind == "Unsubscribe":
        flags = {"Default": 0, "SendDroppedRows": 1}[next(iter(m["flags"]))]
        return unsubscribe(m["request_id"], m["query_set_id"]["id"], flags)
    if kind == "OneOffQuery":
        return one_off_query(m["request_id"], m["query_string"])
    if kind == "CallReducer":
        return call_reducer(m["request_id"], m["reducer"], bytes.fromhex(m["args"]), m["flags"])
    if kind == "CallProcedure":
        return call_procedure(m["request_id"], m["procedure"], bytes.fromhex(m["args"]), m["flags"])
    raise ValueError(kind)


# --- server -> client -------------------------------------------------------------------------


def _one(key, value):
    return {key: value}


def _tagged(reader, what, *variants):
    tag = reader.u8()
    if tag >= len(variants):
        raise Malformed(f"{what} tag {tag}")
    name, read = variants[tag]
    return {name: read()}


def _row_list(r):
    hint = _tagged(
        r, "row size hint", ("FixedSize", r.u16), ("RowOffsets", lambda: r.array(r.u64))
    )
    return {"size_hint": hint, "rows_data": r.blob().hex()}


def _query_rows(r):
    return _one(
        "tables", r.array(lambda: {"table": r.text(), "rows": _row_list(r)})
    )


def _unit():
    return []


def _update_rows(r):
    return _tagged(
        r,
        "table update rows",
        ("PersistentTable", lambda: {"inserts": _row_list(r), "deletes": _row_list(r)}),
        ("EventTable", lambda: {"events": _row_list(r)}),
    )


def _transaction_update(r):
    def table():
        return {"table_name": r.text(), "rows": r.array(lambda: _update_rows(r))}

    def query_set():
        return {"query_set_id": {"id": r.u32()}, "tables": r.array(table)}

    return {"query_sets": r.array(query_set)}


def _timestamp(r):
    return {"__timestamp_micros_since_unix_epoch__": r.i64()}


def read_server_message(r):
    def initial_connection():
        return {
            "identity": {"__identity__": "0x" + r.raw(32)[::-1].hex()},
            "connection_id": {"__connection_id__": r.uint(16)},
            "token": r.text(),
        }

    def subscribe_applied():
        return {
            "request_id": r.u32(),
            "query_set_id": {"id": r.u32()},
            "rows": _query_rows(r),
        }

    def unsubscribe_applied():
        return {
            "request_id": r.u32(),
            "query_set_id": {"id": r.u32()},
            "rows": _tagged(r, "option", ("some", lambda: _query_rows(r)), ("none", _unit)),
        }

    def subscription_error():
        return {
            "request_id": _tagged(r, "option", ("some", r.u32), ("none", _unit)),
            "query_set_id": {"id": r.u32()},
            "error": r.text(),
        }

    def one_off_query_result():
        return {
            "request_id": r.u32(),
            "result": _tagged(r, "result", ("ok", lambda: _query_rows(r)), ("err", r.text)),
        }

    def reducer_result():
        def ok():
            return {"ret_value": r.blob().hex(), "transaction_update": _transaction_update(r)}

        return {
            "request_id": r.u32(),
            "timestamp": _timestamp(r),
            "result": _tagged(
                r,
                "reducer outcome",
                ("Ok", ok),
                ("OkEmpty", _unit),
                ("Err", lambda: r.blob().hex()),
                ("InternalError", r.text),
            ),
        }

    def procedure_result():
        return {
            "status": _tagged(
                r,
                "procedure status",
                ("Returned", lambda: r.blob().hex()),
                ("InternalError", r.text),
            ),
            "timestamp": _timestamp(r),
            "total_host_execution_duration": {"__time_duration_micros__": r.i64()},
            "request_id": r.u32(),
        }

    def subscribe_batch_applied():
        def result():
            return {
                "query_set_id": {"id": r.u32()},
                "outcome": _tagged(
                    r, "set outcome", ("Applied", lambda: _query_rows(r)), ("Error", r.text)
                ),
            }

        return {"request_id": r.u32(), "results": r.array(result)}

    return _tagged(
        r,
        "server message",
        ("InitialConnection", initial_connection),
        ("SubscribeApplied", subscribe_applied),
        ("UnsubscribeApplied", unsubscribe_applied),
        ("SubscriptionError", subscription_error),
        ("TransactionUpdate", lambda: _transaction_update(r)),
        ("OneOffQueryResult", one_off_query_result),
        ("ReducerResult", reducer_result),
        ("ProcedureResult", procedure_result),
        ("SubscribeBatchApplied", subscribe_batch_applied),
    )


class Payload:
    """A server's WebSocket payload: its compression tag, uncompressed size, and messages."""

    def __init__(self, data):
        if not data:
            raise Malformed("empty payload")
        self.tag = data[0]
        if self.tag == 0:
            body = data[1:]
        elif self.tag == 2:
            body = gzip.decompress(data[1:])
        elif self.tag == 1:
            raise Malformed("a Brotli payload, which this suite cannot read")
        else:
            raise Malformed(f"compression tag {self.tag}")
        self.size = len(body)
        reader = Reader(body)
        self.messages = [read_server_message(reader)]
        while reader.left:
            self.messages.append(read_server_message(reader))


def rows(row_list):
    """The rows of a row list as bytes, found by its hint."""
    data = bytes.fromhex(row_list["rows_data"])
    (kind, hint), = row_list["size_hint"].items()
    if kind == "FixedSize":
        if hint == 0 or len(data) % hint:
            raise Malformed(f"{len(data)} bytes do not hold rows of {hint} bytes")
        return [data[i : i + hint] for i in range(0, len(data), hint)]
    ends = hint[1:] + [len(data)]
    if hint and hint[0] != 0 or any(a > b for a, b in zip(hint, ends)) or (data and not hint):
        raise Malformed(f"row offsets {hint} in {len(data)} bytes")
    return [data[a:b] for a, b in zip(hint, ends)]
