package dev.dormouse.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.datastore.Transaction;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** INSERT, UPDATE, DELETE, SET and SHOW of spec sql-and-subscriptions §8. */
final class TableWriteTest {
  private static final Caller OWNER = new Caller(Identity.fromClaims("localhost", "alice"), true);
  private static final Caller GUEST = new Caller(Identity.fromClaims("localhost", "bob"), false);

  private final QueryCompiler compiler = new QueryCompiler(QueryLimits.DEFAULT);
  private final TestDatabase database =
      TestDatabase.with(
          TestTable.named("t")
              .column("a", Primitive.I32)
              .column("b", Primitive.STRING)
              .column("c", Primitive.BOOL)
              .unique("a"),
          TestTable.named("bag").column("x", Primitive.F64).column("y", Primitive.U8),
          TestTable.named("ids")
              .column("who", SpecialType.IDENTITY.type())
              .column("what", AlgebraicType.BYTES),
          TestTable.named("times").column("at", SpecialType.TIMESTAMP.type()),
          TestTable.named("uuids").column("id", SpecialType.UUID.type()),
          TestTable.named("numbers").column("all", new Array(Primitive.U32)),
          TestTable.named("jobs").column("id", Primitive.U64).scheduled(),
          TestTable.named("mail").column("id", Primitive.U64).outbox());

  private WriteCounts write(String sql) {
    TableWrite write =
        assertInstanceOf(TableWrite.class, compiler.adHoc(sql, database.committed(), OWNER));
    Transaction transaction = database.begin();
    try {
      WriteCounts counts = write.run(transaction, Budget.unlimited());
      transaction.merge();
      return counts;
    } catch (EngineException e) {
      transaction.rollback();
      throw e;
    }
  }

  private String refusal(String sql) {
    EngineException refused = assertThrows(EngineException.class, () -> write(sql), sql);
    assertEquals(EngineException.Code.CALLER, refused.code());
    return refused.text();
  }

  private List<String> rows(String table) {
    return database.rows(table).stream()
        .sorted(Comparator.comparing(List::toString))
        .map(row -> String.join(" ", row.stream().map(TableWriteTest::shown).toList()))
        .toList();
  }

  private static String shown(AlgebraicValue value) {
    return switch (value) {
      case AlgebraicValue.Int(var integer) -> integer.toString();
      case AlgebraicValue.Text(String text) -> text;
      case AlgebraicValue.Bool(boolean bool) -> String.valueOf(bool);
      case AlgebraicValue.F64(double number) -> String.valueOf(number);
      default -> value.toString();
    };
  }

  @Test
  void insertAssignsByPositionAndCountsWhatWasAdded() {
    assertEquals(
        new WriteCounts(2, 0, 0),
        write("insert into t (x, y, z) values (1, 'one', true), (-2, 'it''s', FALSE)"));
    assertEquals(List.of("-2 it's false", "1 one true"), rows("t"));
    assertEquals(
        new WriteCounts(1, 0, 0),
        write("insert into bag (x, y) values (1e3, 2), (1000, 2), (1e3, 2.0)"));
    assertEquals(List.of("1000.0 2"), rows("bag"));
  }

  @Test
  void numbersAndHexAreConvertedAsInPredicates() {
    write("insert into t (a, b, c) values (1e3, 5, true), (2, 0xAB, true)");
    assertEquals(List.of("1000 5 true", "2 AB true"), rows("t"));
    write("insert into ids (a, b) values (0x" + "0".repeat(63) + "7, X'00ff')");
    assertEquals(1, rows("ids").size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "insert into t (a, b) values (1, 'x') | table `t`: the number of values must be the number of columns; given 2, expected 3",
        "insert into t (a, b, c) values (1, 'x') | given 2, expected 3",
        "insert into t (a, b, c) values ('1', 'x', true) | `1` cannot be parsed as type `I32`",
        "insert into t (a, b, c) values (1, true, true) | `String`",
        "insert into t (a, b, c) values (1, 'x', 1) | `1` cannot be parsed as type `Bool`",
        "insert into t (a, b, c) values (1.5, 'x', true) | `1.5` cannot be parsed as type `I32`",
        "insert into times (at) values ('2025-02-10T15:45:30Z') | `Timestamp`",
        "insert into times (at) values (5) | `Timestamp`",
        "insert into uuids (id) values (0x00000000000000000000000000000005) | `Uuid`",
        "insert into numbers (all) values (0x00) | `Array<U32>`",
        "insert into ids (a, b) values ('00', 0x00) | `Identity`",
        "insert into nowhere (a) values (1) | `nowhere`",
        "update t set x = 1 | `x` is not in scope",
        "update t set a = 1, a = 2 | Duplicate name `a`",
        "update t set a = 'x' | cannot be parsed as type `I32`",
        "update t set a = 1 where x = 1 | `x` is not in scope",
        "delete from t where a = 'x' | cannot be parsed as type `I32`",
        "delete from jobs | SQL writes to scheduled tables are not supported",
        "insert into mail (id) values (1) | SQL writes to outbox tables are not supported",
        "delete from st_env | Database environment variables can only be changed by publishing",
        "delete from st_table | system table `st_table`",
        "set row_limit = '10' | `10` cannot be parsed",
        "set row_limit = -1 | `-1` cannot be parsed",
        "set other = 1 | Unknown variable `other`",
        "show other | Unknown variable `other`",
      })
  void refusals(String sql, String cause) {
    String text = refusal(sql);
    assertTrue(text.contains(cause), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "insert into t (a, b, c) values (1, 'x', true)",
        "update t set a = 1",
        "delete from t",
        "delete from st_env",
        "delete from nowhere",
        "set row_limit = 10"
      })
  void writingIsForOwners(String sql) {
    EngineException refused =
        assertThrows(EngineException.class, () -> compiler.adHoc(sql, database.committed(), GUEST));
    assertTrue(refused.text().contains("not authorized to run SQL DML"), refused.text());
  }

  private void three() {
    write("insert into t (a, b, c) values (1, 'x', true), (2, 'y', false), (3, 'x', true)");
  }

  @Test
  void updateReplacesMatchingRowsAndCountsThem() {
    three();
    assertEquals(new WriteCounts(0, 0, 2), write("update t set b = 'z', c = false where b = 'x'"));
    assertEquals(List.of("1 z false", "2 y false", "3 z false"), rows("t"));
    assertEquals(new WriteCounts(0, 0, 1), write("update t set b = 'y' where a = 2"));
    assertEquals(new WriteCounts(0, 0, 3), write("update t set c = false"));
    assertEquals(new WriteCounts(0, 0, 0), write("update t set c = true where a = 9"));
  }

  @Test
  void updateChecksUniquenessAfterAllMatchesAreGone() {
    three();
    assertEquals(new WriteCounts(0, 0, 1), write("update t set a = 2 where b = 'y'"));
    String text = refusal("update t set a = 2 where b = 'x'");
    assertTrue(text.contains("Unique constraint violation in table `t`"), text);
    assertEquals(List.of("1 x true", "2 y false", "3 x true"), rows("t"));
    write("insert into bag (x, y) values (1, 1), (2, 1)");
    assertEquals(new WriteCounts(0, 0, 2), write("update bag set x = 7"));
    assertEquals(List.of("7.0 1"), rows("bag"));
  }

  @Test
  void deleteRemovesMatchingRows() {
    three();
    assertEquals(new WriteCounts(0, 1, 0), write("delete from t where a >= 2 and b = 'x'"));
    assertEquals(new WriteCounts(0, 2, 0), write("delete from t"));
    assertEquals(List.of(), rows("t"));
  }

  @Test
  void insertOfATakenKeyIsRefused() {
    three();
    refusal("insert into t (a, b, c) values (4, 'new', true), (1, 'taken', true)");
    assertEquals(3, rows("t").size());
    assertEquals(new WriteCounts(0, 0, 0), write("insert into t (a, b, c) values (1, 'x', true)"));
  }

  @Test
  void budgetBoundsWrites() {
    three();
    TableWrite write =
        assertInstanceOf(
            TableWrite.class, compiler.adHoc("delete from t", database.committed(), OWNER));
    Transaction transaction = database.begin();
    Budget two = new Budget(2, Long.MAX_VALUE, Duration.ofDays(1), () -> 0);
    assertThrows(EngineException.class, () -> write.run(transaction, two));
    transaction.rollback();
  }

  private void select(String sql, Caller caller) {
    compiler.adHoc(sql, database.committed(), caller);
  }

  @Test
  void rowLimitBoundsEstimatesOfOthersThanTheOwner() {
    three();
    select("select * from t", GUEST);
    assertEquals(new WriteCounts(1, 0, 0), write("set row_limit = 2"));
    TableQuery show =
        assertInstanceOf(
            TableQuery.class, compiler.adHoc("show row_limit", database.committed(), GUEST));
    assertEquals(1, show.rows(database.committed(), Budget.unlimited()).count());
    EngineException refused =
        assertThrows(EngineException.class, () -> select("select * from t", GUEST));
    assertEquals("Estimated cardinality (3 rows) exceeds limit (2 rows)", refused.text());
    assertThrows(
        EngineException.class,
        () -> compiler.oneOff("select * from t where b = 'x'", database.committed(), GUEST));
    select("select * from t where a = 1", GUEST);
    select("select * from t where a < 3", GUEST);
    assertThrows(EngineException.class, () -> select("select * from t where a > 0", GUEST));
    select("select * from t", OWNER);
    String taken = refusal("set row_limit = 3");
    assertTrue(taken.contains("Unique constraint violation"), taken);
    assertEquals(new WriteCounts(0, 1, 0), write("delete from st_var where name = 'row_limit'"));
    select("select * from t", GUEST);
    assertEquals(0, show.rows(database.committed(), Budget.unlimited()).count());
  }
}
