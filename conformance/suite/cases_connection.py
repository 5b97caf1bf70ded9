"""Life of a connection. Source: client-protocol.md sections 3, 11, 15, 16; since-2.8.md 5."""

import json
import os
import struct
import time

from . import websocket
from .harness import Closed, Failed, TimedOut, case, claims, equal, messages, only, true, user



@case("InitialConnection comes first, with identity, connection id and the minted token")
def initial_connection(server):
    database = server.database()
    for protocol in (messages.V3, messages.V2):
        connection = database.connect(protocol=protocol)
        equal(connection.response.header("spacetime-identity"), connection.identity)
        equal(connection.response.header("spacetime-identity-token"), connection.token)
        equal(connection.identity, claims(connection.token)["hex_identity"])
        true(connection.identity.startswith("c200"), "identities begin with c200")
        true(connection.first["connection_id"]["__connection_id__"] != 0, "connection id is not 0")
        equal(None, claims(connection.token).get("exp"), "an anonymous token never expires")
    again = database.connect(token=connection.token)
    equal(connection.identity, again.identity, "the token brings the identity back")


@case("a presented token is echoed, from the header and from the parameter")
def token_echo(server):
    database = server.database()
    identity, token = server.identity()
    for connection in (
        database.connect(token=token),
        database.connect(f"compression=None&token={token}"),
    ):
        equal(token, connection.token)
        equal(identity, connection.identity)


@case("a short-lived websocket token is accepted and echoed")
def websocket_token(server):
    database = server.database()
    identity, token = server.identity()
    answer = server.http("POST", "/v1/identity/websocket-token", token=token)
    equal(200, answer.status)
    short = json.loads(answer.body)["token"]
    content = claims(short)
    equal(60, content["exp"] - content["iat"], "seconds of validity")
    connection = database.connect(f"compression=None&token={short}")
    equal(identity, connection.identity)
    equal(short, connection.token)


@case("a chosen connection id is used")
def connection_id(server):
    database = server.database()
    chosen = os.urandom(16).hex()
    connection = database.connect(f"compression=None&connection_id={chosen}")
    equal(int(chosen, 16), connection.first["connection_id"]["__connection_id__"])


@case("connecting and leaving run the module's lifecycle reducers")
def lifecycle(server):
    database = server.database()
    watcher = database.connect()
    guest = database.connect()
    rows = [user(row) for row in watcher.query("SELECT * FROM user")]
    true((guest.identity, None, True) in rows, f"the guest is online: {rows}")
    tables = watcher.subscribe(1, 1, f"SELECT * FROM user WHERE identity = 0x{guest.identity}")
    equal([("user", 1)], [(name, len(found)) for name, found in tables])
    guest.websocket.close()
    update = watcher.next("TransactionUpdate")
    element = update["query_sets"][0]["tables"][0]["rows"][0]["PersistentTable"]
    (inserted,) = messages.rows(element["inserts"])
    (deleted,) = messages.rows(element["deletes"])
    equal((guest.identity, None, False), user(inserted))
    equal((guest.identity, None, True), user(deleted))


@case("the server pings within seconds of the connection and answers pings")
def pings(server):
    connection = server.database().connect()
    deadline = time.monotonic() + 5
    while not connection.websocket.pings and time.monotonic() < deadline:
        try:
            connection.websocket.receive(deadline - time.monotonic())
        except TimedOut:
            break
    true(connection.websocket.pings, "no ping within 5 s")
    equal(b"", connection.websocket.pings[0], "payload of the ping")
    connection.websocket.send_frame(websocket.PING, b"are you there")
    connection.nothing_before_now()
    equal([b"are you there"], connection.websocket.pongs)


@case("a close is echoed")
def close(server):
    for protocol in (messages.V3, messages.V2):
        connection = server.database().connect(protocol=protocol)
        connection.websocket.send_frame(websocket.CLOSE, struct.pack(">H", 1000))
        equal(1000, connection.closed().code)


@case("fragmented client messages are put together, with pings between fragments")
def fragments(server):
    connection = server.database().connect()
    whole = messages.one_off_query(5, "SELECT * FROM user")
    connection.websocket.send_frame(websocket.BINARY, whole[:3], fin=False)
    connection.websocket.send_frame(websocket.PING, b"x")
    connection.websocket.send_frame(websocket.CONTINUATION, whole[3:9], fin=False)
    connection.websocket.send_frame(websocket.CONTINUATION, whole[9:])
    equal(5, connection.next("OneOffQueryResult")["request_id"])


def _undecodable(server, protocol, payload):
    connection = server.database().connect(protocol=protocol)
    connection.send(payload)
    end = connection.closed()
    equal(1011, end.code, f"close code, reason {end.reason!r}")
    true(0 < len(end.reason.encode()) <= 123, f"reason {end.reason!r}")


@case("an empty v3 payload closes with 1011")
def empty_payload(server):
    _undecodable(server, messages.V3, b"")


@case("an unknown tag closes with 1011, also behind a valid message in v3")
def unknown_tag(server):
    _undecodable(server, messages.V3, b"\xff")
    _undecodable(server, messages.V2, b"\xff")
    _undecodable(server, messages.V3, messages.one_off_query(1, "SELECT * FROM user") + b"\xff")


@case("invalid flags close with 1011")
def invalid_flags(server):
    _undecodable(server, messages.V3, messages.call_reducer(1, "send_message", flags=1))
    _undecodable(server, messages.V2, messages.call_procedure(1, "anything", flags=1))
    _undecodable(server, messages.V2, messages.unsubscribe(1, 1, flags=2))


@case("truncated messages and hostile lengths close with 1011")
def truncated(server):
    _undecodable(server, messages.V3, messages.one_off_query(1, "SELECT * FROM user")[:-1])
    _undecodable(server, messages.V2, b"")
    _undecodable(server, messages.V2, bytes.fromhex("000100000001000000ffffffff"))


@case("a text frame closes with 1011")
def text_frame(server):
    for protocol in (messages.V3, messages.V2):
        connection = server.database().connect(protocol=protocol)
        connection.websocket.send_frame(websocket.TEXT, b'{"CallReducer":{}}')
        equal(1011, connection.closed().code)


@case("v2 ignores what follows a message; v3 takes many messages in a payload")
def payloads(server):
    database = server.database()
    connection = database.connect(protocol=messages.V2)
    connection.send(messages.one_off_query(1, "SELECT * FROM user") + b"\xff\xff")
    equal(1, connection.next("OneOffQueryResult")["request_id"])
    connection.nothing_before_now()
    connection = database.connect()
    connection.send(*[messages.one_off_query(i, "SELECT * FROM user") for i in range(200)])
    equal(
        list(range(200)),
        [connection.next("OneOffQueryResult")["request_id"] for _ in range(200)],
    )


@case("a v2 payload holds exactly one message")
def v2_payloads(server):
    connection = server.database().connect(protocol=messages.V2)
    for i in range(50):
        connection.send(messages.one_off_query(i, "SELECT * FROM user"))
    for i in range(50):
        equal(i, connection.next("OneOffQueryResult")["request_id"])
    equal([1] * 51, [len(payload.messages) for payload in connection.payloads])


@case("a message over 32 MiB ends the connection, one of a MiB does not")
def message_size(server):
    database = server.database()
    connection = database.connect()
    connection.send(messages.call_reducer(1, "nothing", bytes(1 << 20)))
    only("InternalError", connection.next("ReducerResult")["result"])
    try:
        connection.send(messages.call_reducer(1, "nothing", bytes(33 << 20)))
    except Closed:
        return
    end = connection.closed()
    true(end.code in (None, 1009, 1011, 1002), f"ended with {end.code}")


@case("compression follows the parameter and the size of the body")
def compression(server):
    database = server.database()
    writer = database.connect()
    # Body of the answer below: 10 + 4+7 (name) + 3 + 4 (hint, length) + 44 + text.
    fixed = 1 + 4 + 1 + 4 + 4 + 7 + 3 + 4 + 32 + 8 + 4
    for length, name in ((1024, "a"), (1025, "b")):
        text = name + "x" * (length - fixed - 1)
        writer.call_ok(1, "send_message", text)
        for parameter, tags in (("None", (0, 0)), ("Gzip", (0, 2)), ("Brotli", (0, 0, 1))):
            connection = database.connect(f"compression={parameter}")
            connection.send(
                messages.one_off_query(1, f"SELECT * FROM message WHERE text = '{text}'")
            )
            _, data = connection.websocket.receive()
            expected = tags[:1] if length == 1024 else tags[1:]
            true(data[0] in expected, f"{parameter}, body of {length} bytes: tag {data[0]}")
            if data[0] != 1:
                equal(length, messages.Payload(data).size, "uncompressed bytes")


@case("without a parameter large payloads are plain or Brotli")
def default_compression(server):
    database = server.database()
    database.connect().call_ok(1, "send_message", "x" * 5000)
    connection = database.connect("")
    connection.send(messages.one_off_query(1, "SELECT * FROM message"))
    _, data = connection.websocket.receive()
    true(data[0] in (0, 1), f"tag {data[0]}")


@case("confirmed and unconfirmed connections see the same")
def confirmed(server):
    database = server.database()
    for parameter in ("confirmed=true", "confirmed=false"):
        connection = database.connect(f"compression=None&{parameter}")
        connection.subscribe(1, 1, "SELECT * FROM message")
        sets = connection.call_ok(2, "send_message", parameter)
        equal(1, len(sets), parameter)
    equal(2, len(connection.query("SELECT * FROM message")))


@case("a second connection of a session is closed with 4000 and the first is kicked")
def session(server):
    database = server.database()
    _, token = server.identity()
    query = "compression=None&session_id=" + os.urandom(16).hex()
    holder = database.connect(query, token=token)
    newcomer, response = database.upgrade(query, token=token)
    equal(101, response.status)
    try:
        newcomer.receive()
        raise Failed("the newcomer got a message")
    except Closed as end:
        equal(4000, end.code)
    holder.closed()
    deadline = time.monotonic() + 10
    while True:
        again, response = database.upgrade(query, token=token)
        try:
            again.receive()
            break
        except Closed:
            true(time.monotonic() < deadline, "the session never becomes free")
            time.sleep(0.1)
    other = database.connect(query)
    other.nothing_before_now()


@case("deleting or clearing a database closes its connections with 1001")
def module_exited(server):
    for end_it in (
        lambda d: d.delete(),
        lambda d: d.publish(server.module, "?clear=true"),
    ):
        database = server.database()
        connection = database.connect()
        equal(200, end_it(database).status)
        end = connection.closed()
        equal((1001, "module exited"), (end.code, end.reason))


@case("publishing the same program keeps connections and subscriptions")
def publish_again(server):
    database = server.database()
    connection = database.connect()
    connection.subscribe(1, 1, "SELECT * FROM message")
    equal(200, database.publish(server.module).status)
    equal(1, len(connection.call_ok(2, "send_message", "still here")))
