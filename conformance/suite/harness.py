"""Cases, the server under test, databases that live for one case, and connections to them."""

import base64
import json
import os
import time
import traceback
import urllib.parse

from . import bsatn, messages
from .bsatn import Reader
from .websocket import BINARY, Closed, Response, TimedOut, WebSocket

CASES = []


class Failed(Exception):
    """The server did not do what the specification says."""


class Skipped(Exception):
    """The case does not apply to this server."""


def case(title):
    """Registers a function as a case; its module's SOURCE names the document."""

    def register(function):
        CASES.append((function.__module__.rsplit(".", 1)[-1], title, function))
        return function

    return register


def equal(expected, actual, what=""):
    if expected != actual:
        raise Failed(f"{what + ': ' if what else ''}expected {expected!r}, got {actual!r}")


def true(condition, what):
    if not condition:
        raise Failed(what)


def only(kind, value):
    """The payload of a one-key object, which must have that key."""
    if list(value) != [kind]:
        raise Failed(f"expected {kind}, got {json.dumps(value)[:400]}")
    return value[kind]


def claims(token):
    """The payload of a JWT."""
    middle = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


class Server:
    def __init__(self, url, modules, timeout):
        """`modules` are files of modules by their name: `chat`, `abi`, …"""
        self.url = url.rstrip("/")
        self.timeout = timeout
        self.programs = {}
        for name, module in modules.items():
            with open(module, "rb") as file:
                self.programs[name] = file.read()
        self._open = []
        self._databases = []

    # --- HTTP ---------------------------------------------------------------------------------

    def http(self, method, path, body=b"", token=None, headers=(), content_type=None):
        """One request on a connection of its own."""
        lines = [("Connection", "close"), ("Content-Length", str(len(body)))]
        if token:
            lines.append(("Authorization", f"Bearer {token}"))
        if content_type:
            lines.append(("Content-Type", content_type))
        connection = WebSocket(self.url, max(self.timeout, 30))
        try:
            return connection.open(path, lines + list(headers), method, body)
        finally:
            connection.close()

    def identity(self):
        """A new identity: (64 hex digits, token)."""
        answer = self.http("POST", "/v1/identity")
        equal(200, answer.status, "POST /v1/identity")
        parsed = json.loads(answer.body)
        return parsed["identity"], parsed["token"]

    @property
    def module(self):
        """The chat module."""
        return self.programs["chat"]

    def database(self, module="chat"):
        """A fresh database of a module with an owner of its own; deleted after the case."""
        owner, token = self.identity()
        name = "conformance-" + os.urandom(6).hex()
        database = Database(self, name, owner, token)
        answer = database.publish(self.programs[module])
        equal(200, answer.status, f"publish: {answer.text[:300]}")
        self._databases.append(database)
        database.identity = json.loads(answer.body)["Success"]["database_identity"]
        return database

    # --- WebSocket ----------------------------------------------------------------------------

    def socket(self):
        websocket = WebSocket(self.url, self.timeout)
        self._open.append(websocket)
        return websocket

    def finish(self):
        """Ends what the case left open; databases go even if one of them cannot."""
        sockets, databases = self._open, self._databases
        self._open, self._databases = [], []
        for websocket in sockets:
            websocket.close()
        problems = []
        for database in databases:
            try:
                database.delete()
            except (OSError, Closed, TimedOut) as error:
                problems.append(f"{database.name}: {error}")
        if problems:
            raise Failed("; ".join(problems))


class Database:
    def __init__(self, server, name, owner, token):
        self.server = server
        self.name = name
        self.owner = owner
        self.token = token
        self.identity = None

    @property
    def path(self):
        return f"/v1/database/{self.name}"

    def publish(self, program, query="", token=None):
        return self.server.http("PUT", self.path + query, program, token=token or self.token)

    def delete(self):
        return self.server.http("DELETE", self.path, token=self.token)

    def call(self, reducer, *args, token=None):
        return self.server.http(
            "POST",
            f"{self.path}/call/{reducer}",
            json.dumps(args).encode(),
            token=token or self.token,
            content_type="application/json",
        )

    def sql(self, text, token=None):
        return self.server.http("POST", self.path + "/sql", text.encode(), token=token or self.token)

    def upgrade(self, query="", protocols=(messages.V3,), headers=(), token=None, drop=()):
        """Asks for an upgrade; (websocket, response)."""
        websocket = self.server.socket()
        lines = [h for h in WebSocket.upgrade_headers(*protocols) if h[0] not in drop]
        if token:
            lines.append(("Authorization", f"Bearer {token}"))
        path = f"{self.path}/subscribe" + ("?" + query if query else "")
        lines += list(headers)
        websocket.accept = (
            WebSocket.accept_for(lines) if "Sec-WebSocket-Key" in dict(lines) else None
        )
        return websocket, websocket.open(path, lines)

    def connect(self, query="compression=None", protocol=messages.V3, token=None):
        """A connection after its first message."""
        websocket, response = self.upgrade(query, (protocol,), token=token)
        equal(101, response.status, f"upgrade: {response.text[:200]}")
        equal(protocol, response.header("sec-websocket-protocol"), "subprotocol")
        return Connection(websocket, response)


class Connection:
    def __init__(self, websocket, response):
        self.websocket = websocket
        self.response = response
        self.queue = []
        self.payloads = []
        self.first = self.next("InitialConnection")
        self.identity = self.first["identity"]["__identity__"][2:]
        self.token = self.first["token"]
        self._barrier = 0xB000_0000

    def send(self, *parts):
        """Sends messages in one payload."""
        self.websocket.send(b"".join(parts))

    def receive(self, timeout=None):
        """The next message, in the vectors' notation."""
        if not self.queue:
            opcode, data = self.websocket.receive(timeout)
            equal(BINARY, opcode, "opcode")
            payload = messages.Payload(data)
            self.payloads.append(payload)
            self.queue = list(payload.messages)
        return self.queue.pop(0)

    def next(self, kind, timeout=None):
        """The next message, which must be of this kind."""
        return only(kind, self.receive(timeout))

    def nothing_before_now(self):
        """Requires that nothing is on its way: a query's answer is what comes next."""
        self._barrier += 1
        self.send(messages.one_off_query(self._barrier, "SELECT * FROM user"))
        answer = self.next("OneOffQueryResult")
        equal(self._barrier, answer["request_id"], "request id")

    def closed(self, timeout=None):
        """How the server ends the connection; data messages before that are dropped."""
        try:
            while True:
                self.websocket.receive(timeout)
        except Closed as end:
            return end
        except TimedOut as error:
            raise Failed("the connection stayed open") from error

    def call(self, request, reducer, *args):
        """Calls a reducer of the chat with string arguments; its result."""
        self.send(messages.call_reducer(request, reducer, b"".join(map(bsatn.text, args))))
        result = self.next("ReducerResult")
        equal(request, result["request_id"], "request id")
        return result

    def call_ok(self, request, reducer, *args):
        """The same, which must commit; the embedded update's query sets."""
        ok = only("Ok", self.call(request, reducer, *args)["result"])
        equal("", ok["ret_value"], "ret_value")
        return ok["transaction_update"]["query_sets"]

    def subscribe(self, request, query_set, *queries):
        """Subscribes; the tables of the answer, in order: [(name, [row, …]), …]."""
        self.send(messages.subscribe(request, query_set, *queries))
        applied = self.next("SubscribeApplied")
        equal(request, applied["request_id"], "request id")
        equal({"id": query_set}, applied["query_set_id"], "query set id")
        return tables(applied["rows"])

    def query(self, text, request=77):
        """The rows of a one-off query."""
        self.send(messages.one_off_query(request, text))
        answer = self.next("OneOffQueryResult")
        equal(request, answer["request_id"], "request id")
        (_, found), = tables(only("ok", answer["result"]))
        return found


def tables(query_rows):
    return [(t["table"], messages.rows(t["rows"])) for t in query_rows["tables"]]


def changes(query_set):
    """What an update says about a query set: [(table, [(inserts, deletes), …]), …]."""
    found = []
    for table in query_set["tables"]:
        elements = []
        for element in table["rows"]:
            persistent = only("PersistentTable", element)
            elements.append(
                (messages.rows(persistent["inserts"]), messages.rows(persistent["deletes"]))
            )
        found.append((table["table_name"], elements))
    return found


def user(row):
    """A row of the chat's `user`: (identity, name or None, online)."""
    r = Reader(row)
    identity = r.raw(32)[::-1].hex()
    tag = r.u8()
    name = r.text() if tag == 0 else None
    online = r.boolean()
    r.end()
    return identity, name, online


def message(row):
    """A row of the chat's `message`: (sender, sent, text)."""
    r = Reader(row)
    found = r.raw(32)[::-1].hex(), r.i64(), r.text()
    r.end()
    return found


def run(server, pattern, verbose, out):
    """Runs the cases whose title or group holds the pattern; (passed, failed, skipped)."""
    passed = failed = skipped = 0
    for group, title, function in CASES:
        name = f"{group.replace('cases_', '')}: {title}"
        if pattern and pattern.lower() not in name.lower():
            continue
        started = time.monotonic()
        problem = None
        try:
            function(server)
        except Skipped as reason:
            skipped += 1
            out(f"skip  {name} ({reason})")
            continue
        except Exception as error:  # Whatever goes wrong in a case is that case's failure.
            problem = f"{type(error).__name__}: {error}"
            if isinstance(error, Failed):
                problem = str(error)
            if verbose:
                problem += "\n" + traceback.format_exc()
        finally:
            try:
                server.finish()
            except Exception as error:
                problem = problem or f"cleaning up: {error}"
        if problem is None:
            passed += 1
            out(f"ok    {name} ({time.monotonic() - started:.2f} s)")
        else:
            failed += 1
            out(f"FAIL  {name}: {problem}")
    return passed, failed, skipped


__all__ = [
    "BINARY",
    "Closed",
    "Failed",
    "Response",
    "Skipped",
    "TimedOut",
    "case",
    "changes",
    "claims",
    "equal",
    "message",
    "messages",
    "only",
    "tables",
    "true",
    "user",
]
