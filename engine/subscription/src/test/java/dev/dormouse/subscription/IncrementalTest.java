package dev.dormouse.subscription;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.datastore.RowCursor;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.query.Budget;
import dev.dormouse.query.Caller;
import dev.dormouse.query.QueryCompiler;
import dev.dormouse.query.QueryLimits;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import dev.dormouse.subscription.TestDatabase.Kind;
import dev.dormouse.subscription.TextForm.TableRows;
import dev.dormouse.subscription.TextForm.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a client has after its updates is what its queries return, after every transaction. Design
 * §12, invariant 6.
 */
final class IncrementalTest {
  private static final List<AlgebraicType> TYPES =
      List.of(
          Primitive.U32,
          Primitive.I8,
          Primitive.BOOL,
          Primitive.STRING,
          Primitive.F64,
          AlgebraicType.BYTES,
          SpecialType.IDENTITY.type(),
          AlgebraicType.option(Primitive.U32));

  private final QueryCompiler compiler = new QueryCompiler(QueryLimits.DEFAULT);

  private record Held(List<String> queries, Map<String, Integer> bag) {}

  private record Client(int name, Map<QuerySetId, Held> sets) {}

  /** One run: a random schema, clients that come, ask and go, and random transactions. */
  private final class World {
    private final SplittableRandom random;
    private final TestDatabase database = new TestDatabase();
    private final List<List<AlgebraicType>> schemas = new ArrayList<>();
    private final List<Kind> kinds = new ArrayList<>();
    private final SubscriptionRegistry<Integer, TableRows, Update> registry =
        new SubscriptionRegistry<>(compiler, SubscriptionLimits.DEFAULT, () -> 0);
    private final List<TextForm> forms = List.of(new TextForm(), new TextForm());

    /** What every client believes: per set its queries, and its rows with their multiplicity. */
    private final List<Client> clients = new ArrayList<>();

    private int named;
    private int changes;

    World(long seed) {
      random = new SplittableRandom(seed);
      for (int table = 0; table < 3; table++) {
        List<AlgebraicType> types = new ArrayList<>();
        types.add(TYPES.get(random.nextInt(2)));
        for (int i = random.nextInt(4); i > 0; i--) {
          types.add(TYPES.get(random.nextInt(TYPES.size())));
        }
        schemas.add(types);
        kinds.add(random.nextBoolean() ? Kind.KEYED : Kind.PLAIN);
        database.table("t" + table, kinds.get(table), types.toArray(AlgebraicType[]::new));
      }
    }

    private AlgebraicValue value(AlgebraicType type) {
      int small = random.nextInt(4);
      if (type.equals(SpecialType.IDENTITY.type())) {
        return AlgebraicValue.Product.of(AlgebraicValue.Int.of(small));
      }
      if (type.equals(AlgebraicType.BYTES)) {
        return new AlgebraicValue.Bytes(new byte[small]);
      }
      if (SpecialType.isOption(type)) {
        return small == 0 ? AlgebraicValue.none() : AlgebraicValue.some(AlgebraicValue.Int.of(1));
      }
      return switch ((Primitive) type) {
        case BOOL -> new AlgebraicValue.Bool(small < 2);
        case STRING -> new AlgebraicValue.Text("abcd".substring(small));
        case F64 -> new AlgebraicValue.F64(new double[] {0.0, -0.0, 1.5, Double.NaN}[small]);
        default -> AlgebraicValue.Int.of(random.nextInt(8));
      };
    }

    private String literal(AlgebraicType type) {
      int small = random.nextInt(4);
      if (type.equals(SpecialType.IDENTITY.type())) {
        return random.nextBoolean() ? ":sender" : "0x" + "0".repeat(63) + small;
      }
      if (type.equals(AlgebraicType.BYTES)) {
        return "0x" + "00".repeat(small);
      }
      return switch ((Primitive) type) {
        case BOOL -> String.valueOf(random.nextBoolean());
        case STRING -> "'" + "abcd".substring(small) + "'";
        case F64 -> List.of("0", "-0.0", "1.5", "2").get(small);
        default -> String.valueOf(random.nextInt(8));
      };
    }

    private String query() {
      int table = random.nextInt(schemas.size());
      StringBuilder sql = new StringBuilder("select * from t" + table);
      int conditions = random.nextInt(4);
      for (int i = 0; i < conditions; i++) {
        sql.append(i == 0 ? " where " : random.nextInt(3) == 0 ? " or " : " and ");
        int column = random.nextInt(schemas.get(table).size());
        AlgebraicType type = schemas.get(table).get(column);
        if (SpecialType.isOption(type)) {
          sql.append("true");
        } else {
          String operator = List.of("=", "=", "=", "<>", "<", ">=").get(random.nextInt(6));
          sql.append("c").append(column).append(' ').append(operator).append(' ');
          sql.append(literal(type));
        }
      }
      return sql.toString();
    }

    private AlgebraicValue[] row(int table) {
      return schemas.get(table).stream().map(this::value).toArray(AlgebraicValue[]::new);
    }

    private void transaction() {
      Deltas<Integer, Update> deltas =
          database.commit(
              registry,
              tx -> {
                for (int i = random.nextInt(6); i > 0; i--) {
                  write(tx, random.nextInt(schemas.size()));
                }
              });
      assertTrue(deltas.dropped().isEmpty());
      for (Client client : clients) {
        deltas.of(client.name).forEach(set -> apply(held(client, set.id()), set));
      }
      assertTrue(
          clients.stream().map(Client::name).toList().containsAll(deltas.updates().keySet()));
    }

    private void write(Transaction tx, int table) {
      String name = "t" + table;
      switch (random.nextInt(4)) {
        case 0, 1 -> database.insert(tx, name, row(table));
        case 2 -> {
          if (kinds.get(table) == Kind.KEYED) {
            database.update(tx, name, row(table));
          }
        }
        default -> {
          boolean again = random.nextBoolean();
          RowCursor cursor = database.scan(tx, name);
          while (cursor.next()) {
            if (random.nextInt(3) == 0) {
              byte[] bytes =
                  java.util.Arrays.copyOfRange(
                      cursor.buffer(), cursor.offset(), cursor.offset() + cursor.length());
              tx.delete(database.schema(name).id(), cursor.rowPointer());
              if (again && random.nextBoolean()) {
                tx.insert(database.schema(name).id(), bytes, 0, bytes.length);
              }
            }
          }
        }
      }
    }

    private static Held held(Client client, QuerySetId id) {
      return Optional.ofNullable(client.sets.get(id)).orElseThrow();
    }

    private void apply(Held held, SetDelta<Update> set) {
      for (TableDelta<Update> table : set.tables()) {
        for (Update update : table.updates()) {
          changes++;
          assertTrue(!update.inserted().isEmpty() || !update.deleted().isEmpty());
          update.inserted().forEach(row -> add(held.bag, update.table(), row, 1));
          update.deleted().forEach(row -> add(held.bag, update.table(), row, -1));
        }
      }
    }

    private static void add(Map<String, Integer> bag, String table, String row, int count) {
      String key = table + " " + row;
      int total = bag.getOrDefault(key, 0) + count;
      if (total == 0) {
        bag.remove(key);
      } else {
        bag.put(key, total);
      }
    }

    private static Map<String, Integer> bag(List<TableRows> rows) {
      Map<String, Integer> bag = new TreeMap<>();
      rows.forEach(table -> table.rows().forEach(row -> add(bag, table.table(), row, 1)));
      return bag;
    }

    private static Caller caller(int client) {
      return new Caller(new Identity(client % 4, 0, 0, 0), false);
    }

    private void clientsMove() {
      int move = clients.isEmpty() ? 0 : random.nextInt(6);
      switch (move) {
        case 0 -> {
          registry.connect(named, caller(named), forms.get(named % 2));
          clients.add(new Client(named, new TreeMap<>()));
          named++;
        }
        case 1 -> {
          if (random.nextInt(4) == 0) {
            registry.disconnect(clients.remove(random.nextInt(clients.size())).name);
          }
        }
        case 2 -> unsubscribe(clients.get(random.nextInt(clients.size())));
        default -> subscribe(clients.get(random.nextInt(clients.size())));
      }
    }

    private void subscribe(Client client) {
      QuerySetId id = new QuerySetId(random.nextInt(5) - 2);
      List<String> asked = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        asked.add(query());
      }
      SubscribeOutcome<TableRows> outcome =
          registry.subscribe(client.name, id, asked, database.committed());
      switch (outcome) {
        case SubscribeOutcome.Applied<TableRows>(List<TableRows> rows) ->
            client.sets.put(id, new Held(asked.stream().distinct().toList(), bag(rows)));
        case SubscribeOutcome.Refused<TableRows>(String error) ->
            assertTrue(client.sets.containsKey(id), error);
      }
    }

    private void unsubscribe(Client client) {
      QuerySetId id = new QuerySetId(random.nextInt(5) - 2);
      UnsubscribeOutcome<TableRows> outcome =
          registry.unsubscribe(client.name, id, true, database.committed());
      switch (outcome) {
        case UnsubscribeOutcome.Applied<TableRows>(List<TableRows> rows) -> {
          assertEquals(held(client, id).bag, bag(rows));
          client.sets.remove(id);
        }
        case UnsubscribeOutcome.Refused<TableRows>(String error) ->
            assertTrue(!client.sets.containsKey(id), error);
      }
    }

    private void check(String where) {
      for (Client client : clients) {
        client.sets.forEach(
            (id, held) ->
                assertEquals(
                    requeried(client.name, held.queries),
                    held.bag,
                    () -> where + ": " + held.queries));
      }
    }

    private Map<String, Integer> requeried(int client, List<String> texts) {
      Map<String, Integer> bag = new TreeMap<>();
      for (String text : texts) {
        var query = compiler.subscription(text, database.committed(), caller(client));
        var rows = query.rows(database.committed(), Budget.unlimited());
        TextForm.hex(rows).forEach(row -> add(bag, query.table().name(), row, 1));
      }
      return bag;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void updatesLeaveWhatTheQueriesReturn(long seed) {
    World world = new World(seed);
    for (int step = 0; step < 150; step++) {
      world.clientsMove();
      world.transaction();
      world.check("seed " + seed + ", step " + step);
    }
    assertTrue(world.changes > 100, "only " + world.changes + " updates");
    world.clients.forEach(client -> world.registry.disconnect(client.name));
    assertEquals(0, world.registry.planCount());
  }
}
