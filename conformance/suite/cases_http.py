"""HTTP routes. Source: http-api.md, auth.md, since-2.8.md 7."""

import json
import os
import string

from .harness import case, claims, equal, true

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
HEX = set("0123456789abcdef")


def parsed(answer, status=200):
    equal(status, answer.status, answer.text[:200])
    equal(JSON, answer.header("content-type"), "content type, exactly")
    return json.loads(answer.body)


def is_hex(text, digits=64):
    return len(text) == digits and set(text) <= HEX


@case("ping, health, unknown paths and methods")
def ping(server):
    answer = server.http("GET", "/v1/ping")
    equal((200, b""), (answer.status, answer.body))
    equal(200, server.http("GET", "/v1/health").status)
    answer = server.http("GET", "/v1/no/such/path")
    equal((404, b""), (answer.status, answer.body))
    equal(405, server.http("DELETE", "/v1/ping").status)


@case("any origin may call")
def cors(server):
    origin = ("Origin", "https://example.org")
    answer = server.http("GET", "/v1/ping", headers=[origin])
    equal("*", answer.header("access-control-allow-origin"))
    answer = server.http(
        "OPTIONS",
        "/v1/database/x/call/y",
        headers=[
            origin,
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type"),
        ],
    )
    equal(200, answer.status)
    equal("*", answer.header("access-control-allow-origin"))
    allowed = (answer.header("access-control-allow-headers") or "").lower()
    true("authorization" in allowed and "content-type" in allowed, f"allowed headers {allowed}")
    equal(None, answer.header("access-control-allow-credentials"))


@case("an identity is derived from its token's claims")
def identity(server):
    answer = parsed(server.http("POST", "/v1/identity"))
    equal(["identity", "token"], sorted(answer))
    true(is_hex(answer["identity"]) and answer["identity"].startswith("c200"), "identity")
    head, payload, _ = answer["token"].split(".")
    content = claims(answer["token"])
    equal(answer["identity"], content["hex_identity"])
    equal(["spacetimedb"], content["aud"])
    true(isinstance(content["iat"], int) and content.get("exp") is None, "iat and exp")
    true(1 <= len(content["iss"]) <= 128 and 1 <= len(content["sub"]) <= 128, "iss and sub")
    # The official CLI decodes the payload with the standard alphabet.
    true(set(payload) <= set(string.ascii_letters + string.digits), "payload without - and _")
    true(answer["identity"] != server.identity()[0], "another identity each time")


@case("the public key is served as PEM")
def public_key(server):
    answer = server.http("GET", "/v1/identity/public-key")
    equal(200, answer.status)
    equal("application/pem-certificate-chain", answer.header("content-type"))
    true(answer.text.startswith("-----BEGIN PUBLIC KEY-----"), answer.text[:40])


@case("identity routes check the token")
def identity_routes(server):
    mine, token = server.identity()
    other, _ = server.identity()
    path = f"/v1/identity/{mine}/verify"
    equal(204, server.http("GET", path, token=token).status)
    answer = server.http("GET", f"/v1/identity/{other}/verify", token=token)
    equal((400, b""), (answer.status, answer.body))
    equal(401, server.http("GET", path).status)
    equal(401, server.http("GET", path, token="garbage").status)
    equal(400, server.http("GET", "/v1/identity/c200/verify", token=token).status)
    equal(401, server.http("POST", "/v1/identity/websocket-token").status)
    short = parsed(server.http("POST", "/v1/identity/websocket-token", token=token))
    equal(["token"], sorted(short))
    equal(204, server.http("GET", path, token=short["token"]).status)
    equal([], parsed(server.http("GET", f"/v1/identity/{mine}/databases"))["identities"])


@case("an identity's databases are listed")
def databases(server):
    database = server.database()
    answer = parsed(server.http("GET", f"/v1/identity/{database.owner}/databases"))
    equal({"identities": [database.identity]}, answer)


@case("publishing creates, then updates")
def publish(server):
    database = server.database()
    answer = parsed(database.publish(server.module))
    equal(
        {
            "Success": {
                "domain": database.name,
                "database_identity": database.identity,
                "op": "updated",
            }
        },
        answer,
    )
    _, token = server.identity()
    created = parsed(server.http("POST", "/v1/database", server.module, token=token))["Success"]
    equal((None, "created"), (created["domain"], created["op"]))
    true(is_hex(created["database_identity"]), "identity of the new database")
    path = f"/v1/database/{created['database_identity']}"
    again = parsed(server.http("PUT", path, server.module, token=token))["Success"]
    equal((None, "updated"), (again["domain"], again["op"]))
    equal(200, server.http("DELETE", path, token=token).status)


@case("only the owner updates")
def publish_by_others(server):
    database = server.database()
    other, token = server.identity()
    answer = database.publish(server.module, token=token)
    equal(403, answer.status, answer.text[:200])
    true(answer.text.startswith(f"{other} is not authorized to perform action"), answer.text)
    equal(403, database.publish(server.module, "?clear=true", token=token).status)
    equal(403, server.http("DELETE", database.path, token=token).status)


@case("what is no module is refused, and leaves nothing")
def publish_garbage(server):
    _, token = server.identity()
    name = "conformance-" + os.urandom(6).hex()
    for program in (b"not a module", b"\0asm\1\0\0\0", server.module[:2000]):
        answer = server.http("PUT", f"/v1/database/{name}", program, token=token)
        equal(500, answer.status, answer.text[:200])
        true(answer.body, "a text")
    database = server.database()
    equal(500, database.publish(b"not a module").status)
    equal(200, database.call("send_message", "still works").status)


@case("publish parameters are checked")
def publish_parameters(server):
    database = server.database()
    equal(400, server.http("POST", "/v1/database?clear=true", server.module, database.token).status)
    for query in (
        "?clear=maybe",
        "?host_type=wasm",
        "?policy=Nonsense",
        "?policy=BreakClients",
        "?num_replicas=256",
        "?num_replicas=-1",
        "?update_confirmation_timeout=soon",
    ):
        equal(400, database.publish(server.module, query).status, query)
    for query in ("?num_replicas=0", "?update_confirmation_timeout=5s", "?policy=Compatible"):
        equal(200, database.publish(server.module, query).status, query)
    for query in ("?style=Loud", "?host_type=wasm"):
        answer = server.http("POST", database.path + "/pre_publish" + query, server.module, database.token)
        equal(400, answer.status, query)
    equal(200, database.publish(server.module, "?host_type=Wasm&unknown=1").status)
    equal(404, database.publish(server.module, "?parent=nobody-" + os.urandom(5).hex()).status)
    illegal = server.http("PUT", "/v1/database/Not_Legal", server.module, database.token)
    equal(400, illegal.status)


@case("clearing empties the database and keeps its identity")
def clear(server):
    database = server.database()
    equal(200, database.call("send_message", "before").status)
    answer = parsed(database.publish(server.module, "?clear=true"))["Success"]
    equal((database.identity, "updated"), (answer["database_identity"], answer["op"]))
    equal([], parsed(database.sql("SELECT * FROM message"))[0]["rows"])
    equal(200, database.call("send_message", "after").status)
    answer = parsed(server.http("PUT", database.path + "/reset", server.module, database.token))
    equal("updated", answer["Success"]["op"])
    equal([], parsed(database.sql("SELECT * FROM message"))[0]["rows"])
    answer = server.http("PUT", database.path + "/reset", bytes(2_097_153), database.token)
    equal(413, answer.status, "a reset has the ordinary limit")
    equal(200, database.call("send_message", "still there").status)


@case("pre-publishing says what an update would do")
def pre_publish(server):
    database = server.database()
    path = f"{database.path}/pre_publish"
    query = "?pretty_print_style=NoColor&host_type=Wasm"
    answer = parsed(server.http("POST", path + query, server.module, database.token))
    plan = answer["AutoMigrate"]
    equal(False, plan["break_clients"])
    true(isinstance(plan["migrate_plan"], str) and plan["token"].startswith("0x"), "plan, token")
    answer = database.publish(server.module, f"?policy=BreakClients&token={plan['token']}")
    equal(200, answer.status, answer.text[:200])
    _, token = server.identity()
    equal(403, server.http("POST", path, server.module, token).status)
    unknown = f"/v1/database/nobody-{os.urandom(5).hex()}/pre_publish"
    equal(404, server.http("POST", unknown, server.module, token).status)


@case("database routes carry the caller's identity and token")
def identity_headers(server):
    database = server.database()
    for path in ("/identity", "/names", "", "/schema", "/logs"):
        answer = server.http("GET", database.path + path)
        identity = answer.header("spacetime-identity")
        true(identity is not None and is_hex(identity), f"{path}: {identity}")
        equal(identity, claims(answer.header("spacetime-identity-token"))["hex_identity"], path)
    identity, token = server.identity()
    answer = server.http("GET", database.path, token=token)
    equal(identity, answer.header("spacetime-identity"))
    equal(token, answer.header("spacetime-identity-token"))
    answer = server.http("GET", f"{database.path}?token={token}")
    equal(identity, answer.header("spacetime-identity"), "token as a parameter")
    answer = server.http("GET", database.path, headers=[("Authorization", "Basic x")])
    equal(400, answer.status)


@case("info names identity, owner, host type and program")
def info(server):
    database = server.database()
    answer = parsed(server.http("GET", database.path))
    equal(
        ["database_identity", "host_type", "initial_program", "owner_identity"], sorted(answer)
    )
    equal({"__identity__": "0x" + database.identity}, answer["database_identity"])
    equal({"__identity__": "0x" + database.owner}, answer["owner_identity"])
    equal({"Wasm": []}, answer["host_type"])
    true(answer["initial_program"].startswith("0x"), "initial_program")
    missing = server.http("GET", f"/v1/database/nobody-{os.urandom(5).hex()}")
    equal(404, missing.status)
    true(missing.text.startswith("`nobody-") and missing.text.endswith("` not found"), missing.text)
    unknown = server.http("GET", "/v1/database/c200" + os.urandom(30).hex())
    equal((404, "No such database."), (unknown.status, unknown.text))


@case("a name leads to its identity")
def resolve(server):
    database = server.database()
    answer = server.http("GET", database.path + "/identity")
    equal((200, database.identity), (answer.status, answer.text))
    answer = server.http("GET", f"/v1/database/{database.name.upper()}/identity")
    true(answer.status in (200, 400), "upper case is found or illegal")
    invented = "c200" + os.urandom(30).hex()
    equal(invented, server.http("GET", f"/v1/database/{invented}/identity").text)
    equal(404, server.http("GET", f"/v1/database/nobody-{os.urandom(5).hex()}/identity").status)


@case("names are added and replaced")
def names(server):
    database = server.database()
    path = f"/v1/database/{database.identity}/names"
    equal({"names": [database.name]}, parsed(server.http("GET", path)))
    extra = "conformance-" + os.urandom(6).hex()
    answer = parsed(server.http("POST", path, extra.encode(), database.token))
    equal({"Success": {"domain": extra, "database_identity": database.identity}}, answer)
    equal({database.name, extra}, set(parsed(server.http("GET", path))["names"]))
    equal(400, server.http("POST", path, b"Not a name/", database.token).status)

    def put(new, token=database.token, content_type=JSON):
        body = json.dumps(new).encode()
        return server.http("PUT", path, body, token, content_type=content_type)

    renamed = "conformance-" + os.urandom(6).hex()
    equal("Success", parsed(put([renamed])))
    equal({"names": [renamed]}, parsed(server.http("GET", path)))
    equal(404, server.http("GET", f"/v1/database/{extra}/identity").status)
    _, other = server.identity()
    answer = put(["x" + renamed], other)
    equal({"NotYourDatabase": {"database": database.identity}}, parsed(answer, 401))
    equal("OtherError", next(iter(parsed(put([renamed]), 400))), "a name already in use")
    equal(400, put(["Not Legal"]).status)
    true(put([renamed], content_type="text/plain").status in (400, 415), "JSON is required")
    database.name = database.identity


@case("the schema is served in both versions, and only in these")
def schema(server):
    database = server.database()
    nine = parsed(server.http("GET", database.path + "/schema?version=9"))
    for key in ("typespace", "tables", "reducers", "types", "misc_exports", "row_level_security"):
        true(key in nine, f"version 9 has {key}")
    equal({"user", "message"}, {table["name"] for table in nine["tables"]})
    equal(
        {"set_name", "send_message", "client_connected", "client_disconnected"},
        {reducer["name"] for reducer in nine["reducers"]},
    )
    ten = parsed(server.http("GET", database.path + "/schema?version=10"))
    true(isinstance(ten["sections"], list) and ten["sections"], "version 10 has sections")
    for query in ("", "?version=8", "?version=ten"):
        equal(400, server.http("GET", database.path + "/schema" + query).status, query)


@case("a committed call is 200 with an empty body and its headers")
def call(server):
    database = server.database()
    answer = database.call("send_message", "Hello")
    equal((200, b""), (answer.status, answer.body), answer.text[:200])
    for header in ("spacetime-energy-used", "spacetime-execution-duration-micros"):
        true((answer.header(header) or "x").isdigit(), f"{header}: {answer.header(header)}")
    rows = parsed(database.sql("SELECT text FROM message"))[0]["rows"]
    equal([["Hello"]], rows)
    path = f"{database.path}/call/set_name"
    body = json.dumps({"name": "Ann"}).encode()
    answer = server.http("POST", path, body, database.token, content_type=JSON)
    equal(200, answer.status, "arguments by name")
    rows = parsed(database.sql("SELECT name, online FROM user"))[0]["rows"]
    # The query itself is a connection of the owner, bracketed by connect and disconnect.
    equal([[[0, "Ann"], True]], rows, "the owner, online while it asks")


@case("a failing call says who is to blame")
def call_errors(server):
    database = server.database()
    answer = database.call("send_message", "")
    equal((530, "Messages must not be empty"), (answer.status, answer.text))
    true((answer.header("spacetime-energy-used") or "x").isdigit(), "energy header")
    answer = database.call("nothing_like_it")
    equal(404, answer.status)
    true(answer.text.lower().startswith("no such procedure"), answer.text)
    for args in ((), (1,), ("a", "b"), ([],)):
        answer = database.call("set_name", *args)
        equal(400, answer.status, f"{args}")
        true(answer.text.startswith("invalid arguments for reducer set_name"), answer.text)
    equal(400, database.call("client_connected").status, "a lifecycle reducer")
    path = f"{database.path}/call/send_message"

    def post(body, content_type):
        return server.http("POST", path, body, database.token, content_type=content_type).status

    equal(400, post(b'["x"]', None), "no content type")
    equal(415, post(b'["x"]', "text/plain"))
    equal(415, post(b'["x"]', "application/json; charset=utf-8"))
    equal(400, post(b'["\xc3\x28"]', JSON), "not UTF-8")
    equal(400, post(b'["x"', JSON), "not JSON")
    equal(413, post(b'["' + b"x" * 2_097_152 + b'"]', JSON))
    rows = parsed(database.sql("SELECT * FROM message"))[0]["rows"]
    equal([], rows, "nothing was written")
    missing = server.http(
        "POST",
        f"/v1/database/nobody-{os.urandom(5).hex()}/call/f",
        b"[]",
        database.token,
        content_type=JSON,
    )
    equal(404, missing.status)


@case("SQL answers with schema, rows and statistics")
def sql(server):
    database = server.database()
    equal(200, database.call("send_message", "Hello").status)
    (result,) = parsed(database.sql("SELECT sender, text FROM message;"))
    equal(["rows", "schema", "stats", "total_duration_micros"], sorted(result))
    equal([[["0x" + database.owner], "Hello"]], result["rows"])
    elements = result["schema"]["elements"]
    equal([{"some": "sender"}, {"some": "text"}], [element["name"] for element in elements])
    equal({"String": []}, elements[1]["algebraic_type"])
    equal({"rows_inserted": 0, "rows_deleted": 0, "rows_updated": 0}, result["stats"])
    true(isinstance(result["total_duration_micros"], int), "total_duration_micros")
    answer = database.sql("SELECT COUNT(*) AS n FROM message")
    true((answer.header("spacetime-execution-duration-micros") or "x").isdigit(), "duration")
    equal([[1]], parsed(answer)[0]["rows"])
    (result,) = parsed(database.sql("SELECT * FROM user LIMIT 1"))
    equal([["0x" + database.owner], [1, []], True], result["rows"][0], "the caller is online")
    (result,) = parsed(database.sql("UPDATE user SET online = false WHERE online = true"))
    equal(([], []), (result["schema"]["elements"], result["rows"]))
    equal(1, result["stats"]["rows_updated"])
    (result,) = parsed(database.sql("DELETE FROM message WHERE text = 'Hello'"))
    equal(1, result["stats"]["rows_deleted"])


@case("SQL gives the owner the program of its database")
def sql_program(server):
    database = server.database()
    (result,) = parsed(database.sql("SELECT program_bytes, program_kind FROM st_module"))
    ((program, kind),) = result["rows"]
    true(program == server.module.hex(), f"{len(program)} characters: {program[:32]}…")
    equal(0, kind)


@case("SQL that is wrong or not allowed is 400 with a text")
def sql_errors(server):
    database = server.database()
    for text in (
        "",
        "SELECT",
        "SELECT 1",
        "SELECT * FROM nothing",
        "SELECT nothing FROM user",
        "SELECT * FROM user; SELECT * FROM user",
        "SELECT * FROM message WHERE text = 'x' LIMIT '5'",
        "DROP TABLE user",
        "SELECT * FROM message WHERE text = '" + "x" * 50_000 + "'",
    ):
        answer = database.sql(text)
        equal(400, answer.status, text[:60])
        true(answer.body, f"a text for {text[:60]}")
    equal(400, server.http("POST", database.path + "/sql", b"\xff\xfe", database.token).status)
    _, other = server.identity()
    equal(400, database.sql("DELETE FROM message", other).status, "only the owner writes")
    equal(400, database.sql("SELECT * FROM st_connection_credentials", other).status)
    equal(200, database.sql("SELECT * FROM st_connection_credentials").status)
    equal(200, database.sql("SELECT table_name FROM st_table", other).status)


@case("logs are NDJSON, for the owner alone")
def logs(server):
    database = server.database()
    for text in ("one", "two", "three"):
        equal(200, database.call("send_message", text).status)
    answer = server.http("GET", database.path + "/logs", token=database.token)
    equal(200, answer.status)
    equal("application/x-ndjson", answer.header("content-type"))
    equal("no-cache", answer.header("cache-control"))
    lines = answer.text.splitlines()
    records = [json.loads(line) for line in lines]
    for record in records:
        true(isinstance(record["ts"], int) and isinstance(record["message"], str), str(record))
        true(
            record["level"] in ("Error", "Warn", "Info", "Debug", "Trace", "Panic"), str(record)
        )
    said = [r for r in records if r["message"] == f"{database.owner} says: two"]
    equal(1, len(said), "the module's line")
    equal(("Info", "send_message"), (said[0]["level"], said[0].get("function")))
    answer = server.http("GET", database.path + "/logs?num_lines=2", token=database.token)
    equal(lines[-2:], answer.text.splitlines(), "the last two lines")
    _, other = server.identity()
    equal(403, server.http("GET", database.path + "/logs", token=other).status)
    equal(403, server.http("GET", database.path + "/logs").status)


@case("the server's time is served")
def timestamp(server):
    database = server.database()
    answer = parsed(server.http("GET", database.path + "/unstable/timestamp"))
    equal(["__timestamp_micros_since_unix_epoch__"], sorted(answer))
    true(answer["__timestamp_micros_since_unix_epoch__"] > 1_600_000_000_000_000, str(answer))


@case("a locked database is neither deleted nor reset")
def lock(server):
    database = server.database()
    _, other = server.identity()
    equal(403, server.http("POST", database.path + "/lock", token=other).status)
    equal(200, server.http("POST", database.path + "/lock", token=database.token).status)
    equal(403, database.delete().status)
    equal(403, database.publish(server.module, "?clear=true").status)
    equal(200, database.publish(server.module).status, "updates are allowed")
    equal(200, server.http("POST", database.path + "/unlock", token=database.token).status)
    equal(200, database.delete().status)


@case("a deleted database is gone, and its name keeps its identity")
def delete(server):
    database = server.database()
    answer = database.delete()
    equal((200, b""), (answer.status, answer.body))
    answer = database.call("send_message", "anyone?")
    equal((404, "No such database."), (answer.status, answer.text))
    answer = parsed(database.publish(server.module))["Success"]
    equal((database.identity, "created"), (answer["database_identity"], answer["op"]))
    equal([], parsed(database.sql("SELECT * FROM message"))[0]["rows"])
    unknown = server.http(
        "DELETE", f"/v1/database/nobody-{os.urandom(5).hex()}", token=database.token
    )
    equal(404, unknown.status)


@case("the module's own routes need no credentials and are 404 where there is none")
def routes(server):
    database = server.database()
    answer = server.http("GET", database.path + "/route/anything", token="garbage")
    equal(404, answer.status)
    equal(None, answer.header("spacetime-identity"))
