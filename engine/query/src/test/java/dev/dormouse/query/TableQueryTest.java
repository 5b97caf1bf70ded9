package dev.dormouse.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.datastore.IndexSchema;
import dev.dormouse.datastore.ReadView;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.query.AccessPath.EveryRow;
import dev.dormouse.query.AccessPath.IndexInterval;
import dev.dormouse.query.AccessPath.IndexPoint;
import dev.dormouse.query.TableQuery.Equality;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.Bsatn;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.Primitive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans and their results. */
final class TableQueryTest {
  private static final Caller OWNER = new Caller(Identity.ZERO, true);
  private final QueryCompiler compiler = new QueryCompiler(QueryLimits.DEFAULT);

  private TableQuery query(String sql, ReadView view, Caller caller) {
    return assertInstanceOf(TableQuery.class, compiler.adHoc(sql, view, caller));
  }

  private List<List<AlgebraicValue>> run(String sql, ReadView view) {
    return decoded(query(sql, view, OWNER), view, Budget.unlimited());
  }

  private static List<List<AlgebraicValue>> decoded(
      TableQuery query, ReadView view, Budget budget) {
    RowList rows = query.rows(view, budget);
    List<List<AlgebraicValue>> decoded = new ArrayList<>();
    rows.forEach(
        (bytes, offset, length) -> {
          byte[] row = Arrays.copyOfRange(bytes, offset, offset + length);
          AlgebraicValue value = Bsatn.INLINED.read(query.resultType(), row);
          decoded.add(((AlgebraicValue.Product) value).elements());
        });
    return decoded;
  }

  private static List<List<AlgebraicValue>> sorted(List<List<AlgebraicValue>> rows) {
    return rows.stream().sorted(Comparator.comparing(List::toString)).toList();
  }

  private enum Path {
    SCAN,
    POINT,
    INTERVAL
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void agreesWithTheNaiveEvaluation(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomValues values = new RandomValues(random);
    Map<Path, Integer> paths = new EnumMap<>(Path.class);
    for (int round = 0; round < 12; round++) {
      List<AlgebraicType> types = new ArrayList<>();
      TestTable table = TestTable.named("t");
      int columns = 1 + random.nextInt(5);
      for (int i = 0; i < columns; i++) {
        types.add(values.anyType());
        table.column("c" + i, types.get(i));
      }
      addIndexes(table, columns, random);
      TestDatabase database = TestDatabase.with(table);
      for (int i = 0; i < 40; i++) {
        database.insert("t", types.stream().map(values::value).toArray(AlgebraicValue[]::new));
      }
      List<List<AlgebraicValue>> rows = database.rows("t");
      for (int i = 0; i < 40; i++) {
        RandomCondition condition = RandomCondition.over(types, random);
        String sql = "select * from t where " + condition.sql();
        TableQuery query = query(sql, database.committed(), OWNER);
        paths.merge(path(query), 1, Integer::sum);
        List<List<AlgebraicValue>> expected = rows.stream().filter(condition.naive()).toList();
        assertEquals(
            sorted(expected),
            sorted(decoded(query, database.committed(), Budget.unlimited())),
            () -> "seed " + seed + ": " + sql + " by " + query.path());
        assertEquals(
            List.of(List.of(AlgebraicValue.Int.of(expected.size()))),
            run("select count(*) as n from t where " + condition.sql(), database.committed()));
        for (Equality equality : query.equalities()) {
          AlgebraicType type = types.get(equality.column());
          for (List<AlgebraicValue> row : expected) {
            assertEquals(
                equality.value(),
                new Constant(Bsatn.INLINED.toBytes(type, row.get(equality.column()))),
                () -> "seed " + seed + ": " + sql);
          }
        }
      }
    }
    assertEquals(3, paths.size(), "seed " + seed + " took " + paths);
  }

  private static void addIndexes(TestTable table, int columns, SplittableRandom random) {
    for (int i = random.nextInt(4); i > 0; i--) {
      List<String> over = new ArrayList<>();
      for (int j = 0; j < 1 + random.nextInt(3); j++) {
        String column = "c" + random.nextInt(columns);
        if (!over.contains(column)) {
          over.add(column);
        }
      }
      String[] names = over.toArray(String[]::new);
      switch (random.nextInt(4)) {
        case 0 -> table.hash(names);
        case 1 -> table.unique(names);
        default -> table.btree(names);
      }
    }
  }

  private static Path path(TableQuery query) {
    return switch (query.path()) {
      case EveryRow ignored -> Path.SCAN;
      case IndexPoint ignored -> Path.POINT;
      case IndexInterval ignored -> Path.INTERVAL;
    };
  }

  private static TestDatabase people() {
    TestDatabase database =
        TestDatabase.with(
            TestTable.named("person")
                .column("id", Primitive.U64)
                .column("name", Primitive.STRING)
                .column("age", Primitive.U8)
                .column("town", Primitive.STRING)
                .unique("id")
                .btree("town", "age")
                .hash("name")
                .direct("age"));
    person(database, 1, "Ann", 30, "Bern");
    person(database, 2, "Bob", 20, "Bern");
    person(database, 3, "Cid", 40, "Bonn");
    person(database, 4, "Ann", 50, "Bonn");
    return database;
  }

  private static void person(TestDatabase database, int id, String name, int age, String town) {
    database.insert(
        "person",
        AlgebraicValue.Int.of(id),
        new AlgebraicValue.Text(name),
        AlgebraicValue.Int.of(age),
        new AlgebraicValue.Text(town));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name = 'Ann' and id = 1 | point 0 | 1",
        "id = 1 and id = 2 | point 0 | 1",
        "name = 'Ann' | point 2 | 2",
        "age = 40 and name <> 'Ann' | point 3 | 1",
        "town = 'Bern' and age = 20 | point 1 | 1",
        "age = 20 and town = 'Bern' and name = 'Bob' | point 1 | 1",
        "town = 'Bern' | interval 1 | 2",
        "town = 'Bern' and age > 20 | interval 1 | 1",
        "town = 'Bern' and age >= 20 and age < 30 | interval 1 | 1",
        "town > 'Bern' and town <= 'Bonn' | interval 1 | 2",
        "age >= 40 | interval 3 | 2",
        "id > 1 and id < 4 | interval 0 | 2",
        "name > 'Ann' | scan | 4",
        "name = 'Ann' or id = 1 | scan | 4",
        "not id = 1 | scan | 4",
        "id <> 1 | scan | 4",
        "id = id | scan | 4",
      })
  void theBestIndexIsUsed(String condition, String path, long scanned) {
    TestDatabase database = people();
    ReadView view = database.committed();
    TableQuery query = query("select * from person where " + condition, view, OWNER);
    List<Integer> indexes = query.table().indexes().stream().map(IndexSchema::id).toList();
    String taken =
        switch (query.path()) {
          case EveryRow ignored -> "scan";
          case IndexPoint point -> "point " + indexes.indexOf(point.index());
          case IndexInterval interval -> "interval " + indexes.indexOf(interval.index());
        };
    assertEquals(path, taken);
    Budget budget = Budget.unlimited();
    query.rows(view, budget);
    assertEquals(scanned, budget.rowsScanned());
  }

  @Test
  void projectionsTakeColumnsFromBytesInAnyOrder() {
    ReadView view = people().committed();
    assertEquals(
        List.of(
            List.of(
                new AlgebraicValue.Text("Bonn"),
                AlgebraicValue.Int.of(3),
                new AlgebraicValue.Text("Bonn"))),
        run("select town, p.id, town as again from person p where name = 'Cid'", view));
    TableQuery query = query("select town as place, id from person", view, OWNER);
    assertEquals(
        AlgebraicType.product(
            AlgebraicType.Member.of("place", Primitive.STRING),
            AlgebraicType.Member.of("id", Primitive.U64)),
        query.resultType());
  }

  @Test
  void duplicatesAreKept() {
    assertEquals(2, run("select name from person where name = 'Ann'", people().committed()).size());
  }

  @Test
  void limitBoundsRowsAndCountsKeepTheirOne() {
    ReadView view = people().committed();
    assertEquals(3, run("select id from person limit 3", view).size());
    assertEquals(4, run("select * from person limit 9", view).size());
    assertEquals(0, run("select * from person limit 0", view).size());
    List<List<AlgebraicValue>> four = List.of(List.of(AlgebraicValue.Int.of(4)));
    assertEquals(four, run("select count(*) as n from person limit 1", view));
    assertEquals(0, run("select count(*) as n from person limit 0", view).size());
  }

  @Test
  void countIsOneRowOverNothingToo() {
    ReadView view = TestDatabase.with(TestTable.named("t").column("a", Primitive.U8)).committed();
    List<List<AlgebraicValue>> zero = List.of(List.of(AlgebraicValue.Int.of(0)));
    assertEquals(zero, run("select count(*) as n from t", view));
    assertEquals(zero, run("select count(*) as n from t where a = 1", view));
    assertEquals(zero, run("select count(*) as n from t where false", view));
  }

  @Test
  void aTransactionSeesItsOwnRows() {
    TestDatabase database = people();
    Transaction transaction = database.begin();
    TableQuery query = query("select * from person where id >= 2", database.committed(), OWNER);
    byte[] row =
        Bsatn.INLINED.toBytes(
            query.resultType(),
            AlgebraicValue.Product.of(
                AlgebraicValue.Int.of(9),
                new AlgebraicValue.Text("Eve"),
                AlgebraicValue.Int.of(1),
                new AlgebraicValue.Text("")));
    transaction.insert(query.table().id(), row, 0, row.length);
    assertEquals(4, query.rows(transaction, Budget.unlimited()).count());
    assertEquals(3, query.rows(database.committed(), Budget.unlimited()).count());
    transaction.rollback();
  }

  @Test
  void systemTablesAreTables() {
    List<List<AlgebraicValue>> names =
        run("select table_name from st_table where table_name = 'person'", people().committed());
    assertEquals(List.of(List.of(new AlgebraicValue.Text("person"))), names);
  }

  @Test
  void theBudgetIsRefusedByName() {
    ReadView view = people().committed();
    TableQuery all = query("select * from person", view, OWNER);
    Budget rows = new Budget(3, Long.MAX_VALUE, Duration.ofDays(1), () -> 0);
    assertRefused("limit of 3 rows", all, view, rows);
    Budget bytes = new Budget(Long.MAX_VALUE, 50, Duration.ofDays(1), () -> 0);
    assertRefused("limit of 50 bytes", all, view, bytes);
    TestDatabase many = TestDatabase.with(TestTable.named("t").column("a", Primitive.U32));
    for (int i = 0; i < 300; i++) {
      many.insert("t", AlgebraicValue.Int.of(i));
    }
    long[] nanos = {0};
    Budget time =
        new Budget(
            Long.MAX_VALUE, Long.MAX_VALUE, Duration.ofMillis(3), () -> nanos[0] += 2_000_000);
    TableQuery count = query("select count(*) as n from t where a >= 0", many.committed(), OWNER);
    // The first look at the clock starts it, the second comes after 256 rows.
    count.rows(many.committed(), time);
    assertRefused("limit of 3 ms", count, many.committed(), time);
    assertEquals(512, time.rowsScanned());
    Budget enough = new Budget(4, 1_000, Duration.ofDays(1), () -> 0);
    assertEquals(4, all.rows(view, enough).count());
    assertTrue(enough.resultBytes() > 0 && enough.rowsScanned() == 4);
  }

  private static void assertRefused(String part, TableQuery query, ReadView view, Budget budget) {
    EngineException refused = assertThrows(EngineException.class, () -> query.rows(view, budget));
    assertTrue(refused.text().contains(part), refused.text());
    assertEquals(EngineException.Code.CALLER, refused.code());
  }

  @Test
  void eventTablesHoldNoRows() {
    TestDatabase database =
        TestDatabase.with(TestTable.named("e").event().column("a", Primitive.U32));
    database.insert("e", AlgebraicValue.Int.of(1));
    assertEquals(List.of(), run("select * from e", database.committed()));
    assertInstanceOf(EveryRow.class, query("select * from e", database.committed(), OWNER).path());
  }
}
