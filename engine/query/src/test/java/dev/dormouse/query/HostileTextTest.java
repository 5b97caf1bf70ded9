package dev.dormouse.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.datastore.Transaction;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the text, the outcome is a query or a refusal that the caller can mend. */
final class HostileTextTest {
  private static final List<String> SEEDS =
      List.of(
          "select * from t where a = 1 and (b = 'it''s' or not c) limit 5",
          "SELECT \"t\".* FROM \"t\" AS r WHERE (r.a > -1.5e3) OR r.id = 0xABCD -- end",
          "select count(*) as n from ns.t /* x /* y */ */ where at > '2023-11-14T22:13:20Z'",
          "insert into t (a, b) values (-1, +2.5), (3, 'x')",
          "update t set a = 1, b = true where id = :sender",
          "delete from t where u = '00000000-0000-0000-0000-000000000005'",
          "set row_limit to 10; ",
          "select t.* from t join s on t.a = s.a inner join r on s.b = r.b",
          "select * from v(1, 'x', 0x00, true) as w",
          "select * from *");
  private static final List<String> PIECES =
      List.of(
          "select",
          "*",
          "from",
          "where",
          "and",
          "or",
          "not",
          "(",
          ")",
          ",",
          ".",
          ";",
          "'",
          "\"",
          "--",
          "/*",
          "*/",
          "=",
          "<>",
          "<",
          "!=",
          "!",
          ":",
          ":sender",
          "a",
          "t",
          "t.a",
          "id",
          "0x",
          "X'",
          "1",
          "-1",
          "1e999999999",
          ".5",
          "e",
          "true",
          "null",
          "in",
          "limit",
          "join",
          "on",
          "as",
          "count(*)",
          "\u0000",
          "\ud800",
          "\udca4",
          "\ud83d\udca4",
          "\u00e4",
          "\ufeff",
          " ",
          "\n",
          "9".repeat(60),
          "((((((((",
          "not not not ");

  private final QueryCompiler compiler = new QueryCompiler(QueryLimits.DEFAULT);
  private final TestDatabase database =
      TestDatabase.with(
          TestTable.named("t")
              .column("a", Primitive.I32)
              .column("b", Primitive.STRING)
              .column("c", Primitive.BOOL)
              .column("id", SpecialType.IDENTITY.type())
              .column("at", SpecialType.TIMESTAMP.type())
              .column("u", SpecialType.UUID.type())
              .column("x", AlgebraicType.BYTES)
              .btree("a", "b"),
          TestTable.named("ns.t").column("at", SpecialType.TIMESTAMP.type()));

  private int compiled;

  private void write(TableWrite write) {
    Transaction transaction = database.begin();
    try {
      write.run(transaction, Budget.unlimited());
    } finally {
      transaction.rollback();
    }
  }

  private void attempt(String sql) {
    Caller caller = new Caller(Identity.ZERO, sql.length() % 2 == 0);
    try {
      switch (compiler.adHoc(sql, database.committed(), caller)) {
        case TableQuery query -> query.rows(database.committed(), Budget.unlimited());
        case TableWrite write -> write(write);
      }
      compiled++;
    } catch (EngineException e) {
      assertEquals(EngineException.Code.CALLER, e.code(), sql);
      assertTrue(e.text().length() < 1_000, sql);
    }
    try {
      compiler
          .subscription(sql, database.committed(), caller)
          .rows(database.committed(), Budget.unlimited());
    } catch (EngineException e) {
      assertEquals(EngineException.Code.CALLER, e.code(), sql);
    }
    compiler.isAllTables(sql);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void mutatedStatements(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 2_000; i++) {
      StringBuilder sql = new StringBuilder(SEEDS.get(random.nextInt(SEEDS.size())));
      for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
        int at = random.nextInt(sql.length() + 1);
        int end = Math.min(sql.length(), at + random.nextInt(6));
        switch (random.nextInt(4)) {
          case 0 -> sql.delete(at, end);
          case 1 -> sql.insert(at, PIECES.get(random.nextInt(PIECES.size())));
          case 2 -> sql.insert(random.nextInt(sql.length() + 1), sql.substring(at, end));
          default -> sql.replace(at, end, String.valueOf((char) random.nextInt(0x180)));
        }
      }
      attempt(sql.toString());
    }
    assertTrue(compiled > 15, "mutations left only " + compiled + " legal");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void soupOfPieces(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 2_000; i++) {
      StringBuilder sql = new StringBuilder(random.nextBoolean() ? "select * from t where " : "");
      for (int pieces = random.nextInt(12); pieces > 0; pieces--) {
        sql.append(PIECES.get(random.nextInt(PIECES.size())));
        if (random.nextBoolean()) {
          sql.append(' ');
        }
      }
      attempt(sql.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(",
        "not ",
        "not (",
        "a = 1 and (a = 1 or (",
        "a = (",
        ")",
        "a = 1 or ",
        "'",
        "\"",
        "/*",
        "--",
        ":",
        "x.",
        "1",
        "0x",
        "a,",
        "''''",
        "e1"
      })
  void longRepetitions(String piece) {
    for (String head :
        List.of("", "select * from t where ", "select ", "select * from t where a=")) {
      attempt(head + piece.repeat((49_900 - head.length()) / piece.length()));
    }
  }
}
