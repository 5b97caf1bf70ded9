"""Statements over /sql, and what subscribers see of them. Source: sql-and-subscriptions.md; http-api.md 7."""

import json

from . import bsatn
from .harness import case, changes, equal, messages, only, true

NOTHING = {"rows_inserted": 0, "rows_deleted": 0, "rows_updated": 0}


def run(database, text, token=None):
    """The one result of a statement."""
    answer = database.sql(text, token)
    equal(200, answer.status, f"{text}: {answer.text[:200]}")
    equal("application/json", answer.header("content-type"))
    true((answer.header("spacetime-execution-duration-micros") or "x").isdigit(), "duration header")
    (result,) = json.loads(answer.body)
    return result


def changed(database, text, **counts):
    """Runs a statement that returns no rows and must have changed so many."""
    result = run(database, text)
    equal(({"elements": []}, []), (result["schema"], result["rows"]), text)
    equal({**NOTHING, **counts}, result["stats"], text)


def refused(database, text, token=None):
    """The text with which a statement is refused."""
    answer = database.sql(text, token)
    equal(400, answer.status, f"{text}: {answer.text[:200]}")
    equal("text/plain; charset=utf-8", answer.header("content-type"), text)
    true(answer.text, f"a text for {text}")
    true("executing" not in answer.text, answer.text)
    return answer.text


def bag(number, text):
    return bsatn.u32(number) + bsatn.text(text)


def rows(database, text, token=None):
    return sorted(run(database, text, token)["rows"])


@case("INSERT, UPDATE and DELETE count what they change and reach subscribers")
def writes(server):
    database = server.database("abi")
    watcher = database.connect()
    watcher.subscribe(1, 1, "SELECT * FROM bag")

    def seen(inserts, deletes):
        (query_set,) = watcher.next("TransactionUpdate")["query_sets"]
        ((table, ((added, gone),)),) = changes(query_set)
        equal(("bag", sorted(inserts), sorted(deletes)), (table, sorted(added), sorted(gone)))

    changed(database, "INSERT INTO bag (number, text) VALUES (1, 'a'), (2, 'it''s')", rows_inserted=2)
    seen([bag(1, "a"), bag(2, "it's")], [])
    changed(database, "insert into bag (number, text) values (1, 'a');")  # a set: it is there
    changed(database, "INSERT INTO bag (number, text) VALUES (1, 'a'), (3, 'c')", rows_inserted=1)
    seen([bag(3, "c")], [])
    changed(database, "UPDATE bag SET text = 'z' WHERE number >= 2", rows_updated=2)
    seen([bag(2, "z"), bag(3, "z")], [bag(2, "it's"), bag(3, "c")])
    changed(database, "UPDATE bag SET text = 'z' WHERE number = 2", rows_updated=1)  # as it was
    changed(database, "UPDATE bag SET number = 9 WHERE number = 77")
    changed(database, "UPDATE bag SET number = 5, text = 'one'", rows_updated=3)
    seen([bag(5, "one")], [bag(1, "a"), bag(2, "z"), bag(3, "z")])
    changed(database, "DELETE FROM bag WHERE text = 'none'")
    changed(database, "DELETE FROM bag", rows_deleted=1)
    seen([], [bag(5, "one")])
    watcher.send(messages.one_off_query(5, "SELECT * FROM bag"))
    watcher.next("OneOffQueryResult")  # Nothing was sent for statements that changed nothing.


@case("INSERT assigns by place, needs all columns, and takes numbers from sequences")
def inserts(server):
    database = server.database("abi")
    changed(database, "INSERT INTO bag (text, number) VALUES (7, 'by place')", rows_inserted=1)
    equal([[7, "by place"]], rows(database, "SELECT * FROM bag"))
    changed(database, "INSERT INTO bag (number, text) VALUES (1e1, 'exponent')", rows_inserted=1)
    for text in (
        "INSERT INTO bag VALUES (1, 'x')",
        "INSERT INTO bag (number) VALUES (1)",
        "INSERT INTO bag (number, text) VALUES (1)",
        "INSERT INTO bag (number, text) VALUES (1, 'x', 2)",
        "INSERT INTO bag (number, text) VALUES (-1, 'x')",
        "INSERT INTO bag (number, text) VALUES ('1', 'x')",
        "INSERT INTO bag (number, text) VALUES (true, 'x')",
        "INSERT INTO bag (number, text) VALUES (4294967296, 'x')",
        "INSERT INTO bag (number, text) VALUES (NULL, 'x')",
        "INSERT INTO bag (number, text) VALUES (1 + 1, 'x')",
        "INSERT INTO bag (number, text) SELECT number, text FROM bag",
        "INSERT INTO nothing (a) VALUES (1)",
    ):
        refused(database, text)
    arity = refused(database, "INSERT INTO bag (number) VALUES (1)")
    true("bag" in arity and "1" in arity and "2" in arity, arity)
    columns = "i_8, u_8, i_16, u_16, i_32, label, u_32, i_64, id, i_128, u_128"
    zeros = "0, 0, 0, 0, 0, 'l', 0, 0, 0, 0, 0"
    for number in (1, 2):
        changed(database, f"INSERT INTO autos ({columns}) VALUES ({zeros})", rows_inserted=1)
        equal(
            [[number] * 5 + ["l"] + [number] * 5],
            rows(database, f"SELECT * FROM autos WHERE id = {number}"),
        )


@case("constraints hold for statements, and a statement that fails changes nothing")
def constraints(server):
    database = server.database("abi")
    for number in (1, 2, 3):
        text = f"INSERT INTO bulk (id, \"group\", text) VALUES ({number}, 0, 'x{number}')"
        changed(database, text, rows_inserted=1)
    refused(database, "INSERT INTO bulk (id, \"group\", text) VALUES (4, 0, 'y'), (1, 1, 'other')")
    refused(database, "UPDATE bulk SET id = 2 WHERE id = 1")
    refused(database, "UPDATE bulk SET id = 9")
    equal([[1], [2], [3]], rows(database, "SELECT id FROM bulk"))
    changed(database, "INSERT INTO bulk (id, \"group\", text) VALUES (1, 0, 'x1')")
    changed(database, 'UPDATE bulk SET id = 3, "group" = 7 WHERE id = 3', rows_updated=1)
    equal([[3, 7]], rows(database, 'SELECT id, "group" FROM bulk WHERE "group" = 7'))


@case("only the owner writes")
def permissions(server):
    database = server.database("abi")
    other, token = server.identity()
    for text in (
        "DELETE FROM bag",
        "INSERT INTO bag (number, text) VALUES (1, 'x')",
        "UPDATE bag SET number = 1",
        "SET row_limit = 5",
    ):
        true(other in refused(database, text, token), "the caller is named")
    for text in ("SELECT * FROM secret", "SELECT * FROM st_connection_credentials"):
        unknown = refused(database, text, token)
        name = text.rsplit(" ", 1)[1]
        true(f"`{name}`" in unknown and "private" in unknown, unknown)
        equal(
            unknown.replace(name, "nothing"),
            refused(database, "SELECT * FROM nothing", token),
            "as one that is not there",
        )
        run(database, text)


@case("row_limit is set, shown and cleared, and binds all but the owner")
def row_limit(server):
    database = server.database("abi")
    _, token = server.identity()
    for number in range(5):
        text = f"INSERT INTO bag (number, text) VALUES ({number}, 'x')"
        changed(database, text, rows_inserted=1)
    equal([], run(database, "SHOW row_limit")["rows"])
    changed(database, "SET row_limit = 3", rows_inserted=1)
    shown = run(database, "SHOW row_limit")
    equal([[[8, 3]]], shown["rows"])
    equal([{"some": "value"}], [e["name"] for e in shown["schema"]["elements"]])
    text = refused(database, "SELECT * FROM bag", token)
    equal("Estimated cardinality (5 rows) exceeds limit (3 rows)", text)
    equal(5, len(rows(database, "SELECT * FROM bag")), "the owner")
    stranger, owner = database.connect(), database.connect(token=database.token)
    stranger.send(messages.one_off_query(1, "SELECT * FROM bag"))
    equal(text, only("err", stranger.next("OneOffQueryResult")["result"]))
    stranger.send(messages.subscribe(2, 2, "SELECT * FROM bag"))
    true(text in stranger.next("SubscriptionError")["error"], "the same of a subscription")
    equal(5, len(owner.query("SELECT * FROM bag")))
    owner.subscribe(3, 3, "SELECT * FROM bag")
    changed(database, "SET row_limit TO 3")  # the same again
    refused(database, "SET row_limit = 'x'")
    refused(database, "SET row_limit = -1")
    refused(database, "SET other = 1")
    refused(database, "SHOW other")
    changed(database, "DELETE FROM st_var WHERE name = 'row_limit'", rows_deleted=1)
    equal([], run(database, "SHOW row_limit")["rows"])
    equal(5, len(rows(database, "SELECT * FROM bag", token)))


@case("what only the server writes cannot be written")
def system_tables(server):
    database = server.database("abi")
    for text in (
        "DELETE FROM st_client",
        "UPDATE st_table SET table_name = 'x'",
        "INSERT INTO st_client (identity, connection_id) VALUES (0x00, 0x00)",
    ):
        refused(database, text)
    equal(
        "Database environment variables can only be changed by publishing",
        refused(database, "INSERT INTO st_env (key, value) VALUES ('a', 'b')"),
    )


@case("projections, aliases, COUNT and LIMIT")
def projections(server):
    database = server.database("abi")
    for number in range(1, 5):
        changed(database, f"INSERT INTO bag (number, text) VALUES ({number}, 't')", rows_inserted=1)

    def named(text):
        result = run(database, text)
        names = [e["name"]["some"] for e in result["schema"]["elements"]]
        return names, sorted(result["rows"])

    equal((["number"], [[1], [2], [3], [4]]), named("select number from bag"))
    equal((["t", "n"], [["t", 4]]), named("SELECT text AS t, number n FROM bag WHERE number > 3"))
    equal((["number"], [[1]]), named("SELECT b.number FROM bag AS b WHERE b.number < 2"))
    equal((["number"], [[1]]), named('SELECT "number" FROM "bag" WHERE "bag"."number" = 1'))
    equal((["number", "text"], [[2, "t"]]), named("SELECT bag.* FROM bag WHERE number = 2"))
    equal((["n"], [[4]]), named("SELECT COUNT(*) AS n FROM bag"))
    equal((["n"], [[0]]), named("SELECT count(*) n FROM bag WHERE number = 9"))
    equal(["U64"], list(run(database, "SELECT COUNT(*) AS n FROM bag")["schema"]["elements"][0]["algebraic_type"]))
    equal(2, len(named("SELECT * FROM bag LIMIT 2")[1]))
    equal([], named("SELECT * FROM bag LIMIT 0")[1])
    equal((["number"], [[3]]), named("/* a comment */ select number -- and more\nfrom bag where number = 3;"))
    equal((["the_id"], []), named("SELECT the_id FROM other_name"))
    equal((["theId"], []), named("SELECT theId FROM renamedThing"))
    equal((["the_id", "some_value_2"], []), named("SELECT * FROM renamedThing"))


@case("what the language does not have is refused")
def not_in_the_language(server):
    database = server.database("abi")
    for text in (
        "",
        " ",
        ";",
        "SELECT 1",
        "SELECT count(*) FROM bag",
        "SELECT number + 1 FROM bag",
        "SELECT *, number FROM bag",
        "SELECT bag.*, number FROM bag",
        "SELECT number, number FROM bag",
        "SELECT DISTINCT number FROM bag",
        "SELECT number FROM bag ORDER BY number",
        "SELECT number, COUNT(*) AS n FROM bag GROUP BY number",
        "SELECT * FROM bag LIMIT '5'",
        "SELECT * FROM bag LIMIT -1",
        "SELECT * FROM bag OFFSET 1",
        "SELECT * FROM bag AS b WHERE bag.number = 1",
        "SELECT b.* FROM bag AS b, bulk AS c",
        "SELECT * FROM bag b JOIN bulk c ON b.number = c.id",
        "SELECT * FROM Bag",
        "SELECT Number FROM bag",
        "SELECT number FROM bag WHERE number IN (1, 2)",
        "SELECT number FROM bag WHERE number BETWEEN 1 AND 2",
        "SELECT number FROM bag WHERE text LIKE 't%'",
        "SELECT number FROM bag WHERE text IS NULL",
        "SELECT number FROM bag WHERE number = NULL",
        "SELECT number FROM bag WHERE number = B'1010'",
        "SELECT number FROM bag WHERE (number = 1",
        "SELECT number FROM bag; SELECT number FROM bag",
        "UPDATE bag AS b SET number = 1",
        "UPDATE bag SET nothing = 1",
        "DELETE FROM bag AS b",
        "DELETE FROM bag RETURNING *",
        "DROP TABLE bag",
        "BEGIN",
    ):
        refused(database, text)
    equal(400, server.http("POST", database.path + "/sql?confirmed=perhaps", b"SELECT * FROM bag").status)


@case("errors name what they are about")
def error_texts(server):
    database = server.database("abi")
    for text, parts in (
        ("SELECT * FROM nothing", ("`nothing`", "private")),
        ("SELECT nothing FROM bag", ("`nothing`", "not in scope")),
        ("SELECT x.number FROM bag", ("`x`", "not in scope")),
        ("SELECT * FROM prims WHERE u_8 = u_16", ("U8", "U16")),
        ("SELECT * FROM prims WHERE u_32 = 'str'", ("str", "U32")),
        ("SELECT * FROM bag b JOIN bulk c ON b.number = c.id", ("not supported for joins",)),
        ("SELECT * FROM bag WHERE text = '" + "x" * 50_000 + "'", ("50000", "SELECT * FROM bag WHERE text = 'xxxx")),
    ):
        answer = refused(database, text)
        for part in parts:
            true(part in answer, f"{text[:60]}: {part} in {answer[:200]}")
