package dev.dormouse.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.query.Condition.All;
import dev.dormouse.query.Condition.Alone;
import dev.dormouse.query.Condition.Any;
import dev.dormouse.query.Condition.Column;
import dev.dormouse.query.Condition.Compared;
import dev.dormouse.query.Condition.Literal;
import dev.dormouse.query.Condition.Literal.Form;
import dev.dormouse.query.Condition.Not;
import dev.dormouse.query.Condition.Sender;
import dev.dormouse.query.Statement.AllTables;
import dev.dormouse.query.Statement.Assignment;
import dev.dormouse.query.Statement.Columns;
import dev.dormouse.query.Statement.Count;
import dev.dormouse.query.Statement.Delete;
import dev.dormouse.query.Statement.Everything;
import dev.dormouse.query.Statement.EverythingOf;
import dev.dormouse.query.Statement.From;
import dev.dormouse.query.Statement.Insert;
import dev.dormouse.query.Statement.Item;
import dev.dormouse.query.Statement.Join;
import dev.dormouse.query.Statement.On;
import dev.dormouse.query.Statement.Projection;
import dev.dormouse.query.Statement.Relation;
import dev.dormouse.query.Statement.Select;
import dev.dormouse.query.Statement.SetVariable;
import dev.dormouse.query.Statement.ShowVariable;
import dev.dormouse.query.Statement.Update;
import dev.dormouse.sats.EngineException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The grammar of spec sql-and-subscriptions §2 to §4 and since-2.8 §6. */
final class ParserTest {
  private static Statement parse(String sql) {
    return Parser.parse(sql, QueryLimits.DEFAULT);
  }

  private static Condition where(String condition) {
    return ((Select) parse("select * from t where " + condition)).where().orElseThrow();
  }

  private static String refusal(String sql) {
    EngineException refused = assertThrows(EngineException.class, () -> parse(sql), sql);
    assertEquals(EngineException.Code.CALLER, refused.code());
    return refused.text();
  }

  private static Select select(Projection projection, Relation relation) {
    return new Select(
        projection, new From(relation, List.of()), Optional.empty(), Optional.empty());
  }

  private static Relation table(String name) {
    return new Relation(name, List.of(), Optional.empty());
  }

  private static Relation table(String name, String alias) {
    return new Relation(name, List.of(), Optional.of(alias));
  }

  private static Column column(String name) {
    return new Column(Optional.empty(), name);
  }

  private static Column column(String qualifier, String name) {
    return new Column(Optional.of(qualifier), name);
  }

  private static Compared equal(String column, int value) {
    return new Compared(column(column), Operator.EQ, number(String.valueOf(value)));
  }

  private static Literal number(String text) {
    return new Literal(Form.NUMBER, text);
  }

  private static Literal string(String text) {
    return new Literal(Form.STRING, text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from t",
        "SELECT * FROM t;",
        "  Select\t*\nfRoM t ; ; ",
        "select * from \"t\"",
        "select/* a /* nested */ comment */* from t -- and the rest",
        "select * from t()",
      })
  void keywordsBlanksCommentsAndSemicolonsDoNotMatter(String sql) {
    assertEquals(select(new Everything(), table("t")), parse(sql));
  }

  @Test
  void identifiersKeepTheirCaseQuotedOrNot() {
    assertEquals(select(new Everything(), table("MyTable")), parse("select * from MyTable"));
    assertEquals(
        select(new Everything(), table("odd \" name")), parse("select * from \"odd \"\" name\""));
    assertEquals(select(new Everything(), table("Größe_7")), parse("select * from Größe_7"));
  }

  @Test
  void wordsOfLaterSqlAreNamesWhereNothingElseFits() {
    assertEquals(select(new Everything(), table("user")), parse("select * from user"));
    assertEquals(
        select(new Columns(List.of(new Item(column("count"), Optional.empty()))), table("t")),
        parse("select count from t"));
    assertEquals(select(new Everything(), table("order")), parse("select * from \"order\""));
  }

  @Test
  void dottedNamesDenoteOneName() {
    assertEquals(select(new Everything(), table("ns.t")), parse("select * from ns.t"));
    assertEquals(
        select(new EverythingOf("ns.inner.t"), table("ns.inner.t")),
        parse("select \"ns\".inner.\"t\".* from \"ns\".\"inner\".\"t\""));
    assertEquals(
        new Compared(column("ns.inner.t", "a"), Operator.EQ, number("1")),
        where("\"ns\".inner.t.a = 1"));
  }

  @Test
  void projections() {
    assertEquals(
        select(
            new Columns(
                List.of(
                    new Item(column("a"), Optional.empty()),
                    new Item(column("t", "b"), Optional.of("c")),
                    new Item(column("d"), Optional.of("e")))),
            table("t")),
        parse("select a, t.b as c, d e from t"));
    assertEquals(
        select(new Count("n"), table("t", "u")), parse("select count( * ) as n from t as u"));
    assertEquals(select(new EverythingOf("u"), table("t", "u")), parse("select u.* from t u"));
  }

  @Test
  void limitIsTextOfDigits() {
    assertEquals(Optional.of("5"), ((Select) parse("select * from t where a = 1 limit 5")).limit());
    for (String bad : List.of("'5'", "-5", "+5", "5.0", "5e1", "0x5", "n", "")) {
      refusal("select * from t limit " + bad);
    }
  }

  @Test
  void selectStarFromStarIsAStatementOfItsOwn() {
    assertEquals(new AllTables(), parse("select  *\nFROM *"));
    refusal("select * from *;");
    refusal("select * from * where true");
  }

  @Test
  void joins() {
    assertEquals(
        new Select(
            new EverythingOf("t"),
            new From(
                table("t"),
                List.of(
                    new Join(
                        table("s", "r"), Optional.of(new On(column("t", "a"), column("r", "b")))),
                    new Join(table("u"), Optional.empty()))),
            Optional.empty(),
            Optional.empty()),
        parse("select t.* from t join s as r on t.a = r.b inner join u"));
    assertTrue(refusal("select a.* from t as a, s as b").contains("comma"));
    assertTrue(refusal("select a.* from t a left join s b on a.x = b.x").contains("LEFT JOIN"));
    refusal("select a.* from t a join s b using (x)");
    refusal("select a.* from t a join s b on a.x < b.x");
    refusal("select a.* from t a join s b on a.x = 1");
    refusal("select a.* from t a join s b on a.x = b.x and a.y = b.y");
  }

  @Test
  void viewCalls() {
    assertEquals(
        select(
            new Everything(),
            new Relation(
                "near_place",
                List.of(number("-5"), string("it's"), new Literal(Form.HEX, "00ff")),
                Optional.of("v"))),
        parse("SELECT * FROM \"near_place\"(-5, 'it''s', 0x00ff) v"));
    for (String bad : List.of(":sender", "a", "1 + 1", "*", "1,", "(1)", "null")) {
      refusal("select * from v(" + bad + ")");
    }
  }

  @Test
  void literals() {
    assertEquals(new Compared(column("a"), Operator.EQ, number("-1")), where("a = -1"));
    assertEquals(new Compared(column("a"), Operator.NE, number("+1")), where("a <> +1"));
    assertEquals(new Compared(column("a"), Operator.NE, number("1E3")), where("a != 1E3"));
    assertEquals(new Compared(column("a"), Operator.LT, number(".1")), where("a < .1"));
    assertEquals(new Compared(column("a"), Operator.LE, number("1e-3")), where("a <= 1e-3"));
    assertEquals(new Compared(column("a"), Operator.GT, number("0.5")), where("a > 0.5"));
    assertEquals(
        new Compared(column("a"), Operator.GE, new Literal(Form.HEX, "AB01")),
        where("a >= 0xAB01"));
    assertEquals(
        new Compared(column("a"), Operator.EQ, new Literal(Form.HEX, "ab")), where("a = X'ab'"));
    assertEquals(
        new Compared(column("a"), Operator.EQ, new Literal(Form.HEX, "ab")), where("a = x'ab'"));
    assertEquals(
        new Compared(column("a"), Operator.EQ, new Literal(Form.BOOL, "true")), where("a = TRUE"));
    assertEquals(new Compared(new Sender(), Operator.EQ, column("a")), where(":sender = a"));
    for (String bad :
        List.of("--1", "- -1", "+-1", "B'1010'", "E'x'", "NULL", "1 + 1", "a::u32", "$1", "-'1'")) {
      refusal("select * from t where a = " + bad);
    }
  }

  @Test
  void andBindsTighterThanOrAndNotTighterThanAnd() {
    assertEquals(
        new Any(List.of(equal("a", 1), new All(List.of(equal("b", 2), equal("c", 3))))),
        where("a = 1 or b = 2 and c = 3"));
    assertEquals(
        new All(List.of(new Any(List.of(equal("a", 1), equal("b", 2))), equal("c", 3))),
        where("(a = 1 or b = 2) and c = 3"));
    assertEquals(
        new All(List.of(new Not(equal("a", 1)), new Alone(column("b")))), where("not a = 1 and b"));
  }

  @Test
  void equalConnectivesBecomeOne() {
    assertEquals(
        new All(List.of(equal("a", 1), equal("b", 2), equal("c", 3), equal("d", 4))),
        where("((a = 1) and (b = 2)) and (((c = 3) and (d = 4)))"));
    assertEquals(
        new Any(List.of(equal("a", 1), equal("b", 2), equal("c", 3))),
        where("(a = 1 or b = 2) or (c = 3)"));
    assertEquals(equal("a", 1), where("not not (not (not a = 1))"));
  }

  @Test
  void parenthesesAroundValuesAreLegal() {
    assertEquals(equal("a", 1), where("((a)) = ((1))"));
    assertEquals(new Not(equal("a", 1)), where("not (a) = 1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a = b = c | comparison of conditions",
        "(a = b) = true | comparison of conditions",
        "true = (a = b) | comparison of conditions",
        "a in (1, 2) | IN",
        "a between 1 and 2 | BETWEEN",
        "a like 'x' | LIKE",
        "a is null | IS",
        "lower(a) = 'x' | function `lower`",
        "a + 1 = 2 | operator `+`",
        "case when a then b end | CASE",
        "exists (select 1) | EXISTS",
        "a = (select 1) | sub-query",
        "a = :other | parameter `:other`",
        "a = 1; select * from t | several statements",
      })
  void whatSqlHasAndWeDoNotIsRefusedByName(String condition, String name) {
    String text = refusal("select * from t where " + condition);
    assertTrue(text.contains(name), text);
  }

  @Test
  void statementsThatWrite() {
    assertEquals(
        new Insert(
            "t",
            List.of("a", "b"),
            List.of(List.of(number("-1"), number("+2.5")), List.of(number("3"), number("4")))),
        parse("insert into t (a, b) values (-1, +2.5), (3, 4)"));
    assertEquals(
        new Update(
            "t",
            List.of(new Assignment("a", number("-1")), new Assignment("b", number("2"))),
            Optional.of(equal("c", 3))),
        parse("update t set a = -1, b = 2 where c = 3"));
    assertEquals(
        new Delete("t", Optional.of(new Compared(column("x"), Operator.EQ, new Sender()))),
        parse("delete from t where x = :sender"));
    assertEquals(new SetVariable("row_limit", number("10")), parse("set row_limit = 10"));
    assertEquals(new SetVariable("row_limit", number("10")), parse("SET row_limit TO 10"));
    assertEquals(new ShowVariable("row_limit"), parse("show row_limit"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "-- nothing",
        ";",
        "select",
        "select 1",
        "select 1 from t",
        "select * from",
        "select * from t where",
        "select * from t where (a = 1",
        "select * from t where a = 1)",
        "select * from t where a = 1 and",
        "select * from t where a =",
        "select count(*) from t",
        "select count(*), a from t",
        "select a, count(*) as n from t",
        "select a.*, b from t",
        "select b, a.* from t",
        "select *, a from t",
        "select distinct a from t",
        "select a from t group by a",
        "select * from t order by a",
        "select * from t limit 1 offset 2",
        "select * from t; select * from t",
        "select * from t select * from t",
        "select * from (select * from t)",
        "with x as (select * from t) select * from x",
        "insert into t values (1, 2)",
        "insert into t (a) values ()",
        "insert into t (a) values (b)",
        "update t as a set x = 1",
        "update t set a = b",
        "update t set a = 1 returning a",
        "delete t",
        "delete from t as x where a = 1",
        "drop table t",
        "set row_limit",
        "select * from 't'",
        "select * from \"t",
        "select * from \"\"",
        "select * from t where a = 'x",
        "select * from t /* open",
        "select * from t where a = \u0000",
        "select * from t where a ! 1",
        "select * from t where a = : sender",
      })
  void whatIsNoStatementIsRefused(String sql) {
    refusal(sql);
  }

  @Test
  void textIsLimitedInUtf8Bytes() {
    String head = "select * from t where a = '";
    String longest = head + "x".repeat(50_000 - head.length() - 1) + "'";
    parse(longest);
    String text = refusal(longest + " ");
    assertTrue(text.contains("50000 bytes: " + longest.substring(0, 120) + "…"), text);
    String umlauts = head + "ä".repeat(25_000 - head.length()) + "'";
    parse(umlauts);
    refusal(umlauts + "ä".repeat(20));
  }

  @Test
  void nestingIsLimitedAndFlatChainsAreNot() {
    String chain = "a = 1" + " and a = 1".repeat(4_900);
    assertEquals(4_901, ((All) where(chain)).parts().size());
    String negations = "not a" + " or not a".repeat(4_900);
    assertEquals(4_901, ((Any) where(negations)).parts().size());
    assertEquals(equal("a", 1), where("(".repeat(1_600) + "a = 1" + ")".repeat(1_600)));
    for (String open : List.of("(", "not ", "not (", "a = 1 or a = 1 and (")) {
      String text = refusal("select * from t where " + open.repeat(1_601) + "a = 1");
      assertTrue(text.contains("recursion limit"), text);
    }
  }
}
