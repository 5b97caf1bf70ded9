"""The upgrade and what may stop it. Source: client-protocol.md section 2, auth.md, since-2.8.md 5."""

import os

from .harness import case, claims, equal, messages, true


@case("a valid upgrade is answered with 101 and its headers")
def upgrade(server):
    database = server.database()
    websocket, response = database.upgrade(
        headers=[("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")]
    )
    equal(101, response.status)
    true("upgrade" in response.header("connection").lower(), "Connection header")
    equal("websocket", response.header("upgrade").lower(), "Upgrade header")
    equal(websocket.accept, response.header("sec-websocket-accept"), "Sec-WebSocket-Accept")
    equal(messages.V3, response.header("sec-websocket-protocol"), "Sec-WebSocket-Protocol")
    equal(None, response.header("sec-websocket-extensions"), "no extension is agreed")
    identity = response.header("spacetime-identity")
    true(identity is not None and len(identity) == 64, "spacetime-identity header")
    token = response.header("spacetime-identity-token")
    equal(identity, claims(token)["hex_identity"], "hex_identity of the minted token")


@case("the server's order of subprotocols decides")
def order(server):
    database = server.database()
    for offered, chosen in [
        ([f"{messages.V3}, {messages.V2}"], messages.V3),
        ([f"{messages.V2},{messages.V3}"], messages.V3),
        ([f"v1.bsatn.spacetimedb,{messages.V2}"], messages.V2),
        ([f"foo , {messages.V2}"], messages.V2),
        ([messages.V2, messages.V3], messages.V3),
    ]:
        _, response = database.upgrade(protocols=offered)
        equal(101, response.status, str(offered))
        equal(chosen, response.header("sec-websocket-protocol"), str(offered))


@case("no known subprotocol is 400")
def no_subprotocol(server):
    database = server.database()
    for offered in ((), ("foo",), ("V3.BSATN.SPACETIMEDB",)):
        _, response = database.upgrade(protocols=offered)
        equal(400, response.status, str(offered))


@case("a request that is no upgrade is 426 and says what to upgrade to")
def no_upgrade(server):
    database = server.database()
    for missing in (("Connection",), ("Upgrade",), ("Connection", "Upgrade")):
        _, response = database.upgrade(drop=missing)
        equal(426, response.status, f"without {missing}")
        true("upgrade" in (response.header("connection") or "").lower(), "Connection header")
        equal("websocket", (response.header("upgrade") or "").lower(), "Upgrade header")


@case("a wrong method is 405, a wrong version or a missing key 400")
def malformed_upgrade(server):
    database = server.database()
    path = f"{database.path}/subscribe"
    equal(405, server.http("POST", path).status, "POST")
    _, response = database.upgrade(drop=("Sec-WebSocket-Key",))
    equal(400, response.status, "without Sec-WebSocket-Key")
    for version in ("8", None):
        headers = [("Sec-WebSocket-Version", version)] if version else []
        _, response = database.upgrade(drop=("Sec-WebSocket-Version",), headers=headers)
        equal(400, response.status, f"Sec-WebSocket-Version {version}")


@case("query parameters are taken or refused by the letter")
def query_parameters(server):
    database = server.database()
    good = [
        "",
        "compression=Gzip&confirmed=true",
        "compression=None&light=true&extra=1",
        "compression=Brotli",
        "confirmed=false",
        "light=false",
        "connection_id=00112233445566778899aabbccddeeff",
        "session_id=00112233445566778899aabbccddeeff",
    ]
    bad = [
        "compression=gzip",
        "compression=",
        "compression=None&compression=None",
        "light=1",
        "light=TRUE",
        "confirmed=yes",
        "confirmed=",
        "connection_id=00000000000000000000000000000000",
        "connection_id=0011",
        "connection_id=zz112233445566778899aabbccddeeff",
        "session_id=0011",
    ]
    for query, status in [(q, 101) for q in good] + [(q, 400) for q in bad]:
        _, response = database.upgrade(query)
        equal(status, response.status, f"?{query}")
        if status == 400:
            true(response.text, f"?{query} is refused with a text")


@case("an unknown name is 404 with its text, an illegal one 400")
def unknown_database(server):
    database = server.database()
    real = database.name
    database.name = "nobody-" + os.urandom(5).hex()
    _, response = database.upgrade()
    equal(404, response.status)
    equal(f"`{database.name}` not found", response.text)
    database.name = "Not_A_Name!"
    _, response = database.upgrade()
    equal(400, response.status)
    database.name = "c200" + os.urandom(30).hex()
    _, response = database.upgrade()
    true(response.status in (404, 500), f"identity that is no database: {response.status}")
    database.name = real


@case("a database answers to its identity")
def by_identity(server):
    database = server.database()
    real = database.name
    for path in (database.identity, "0x" + database.identity):
        database.name = path
        database.connect()
    database.name = real


@case("bad credentials are refused before the upgrade")
def credentials(server):
    database = server.database()
    _, response = database.upgrade("token=garbage")
    equal(401, response.status, "token=garbage")
    _, response = database.upgrade(token="garbage")
    equal(401, response.status, "Bearer garbage")
    _, response = database.upgrade(headers=[("Authorization", "Basic dXNlcjpwYXNz")])
    equal(400, response.status, "Basic")
    _, response = database.upgrade("token=garbage&compression=nonsense")
    equal(401, response.status, "the token is looked at first")
    _, token = server.identity()
    head, payload, signature = token.split(".")
    forged = ".".join([head, payload, signature[:-8] + "AAAAAAAA"])
    _, response = database.upgrade(token=forged)
    equal(401, response.status, "a forged signature")


@case("the Authorization header wins over the token parameter")
def header_wins(server):
    database = server.database()
    first, first_token = server.identity()
    _, second_token = server.identity()
    connection = database.connect(f"compression=None&token={second_token}", token=first_token)
    equal(first, connection.identity)
