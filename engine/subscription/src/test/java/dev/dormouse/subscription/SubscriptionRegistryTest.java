package dev.dormouse.subscription;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.datastore.SystemTables;
import dev.dormouse.query.Budget;
import dev.dormouse.query.Caller;
import dev.dormouse.query.QueryCompiler;
import dev.dormouse.query.QueryLimits;
import dev.dormouse.query.TableWrite;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import dev.dormouse.subscription.TestDatabase.Kind;
import dev.dormouse.subscription.TextForm.TableRows;
import dev.dormouse.subscription.TextForm.Update;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Query sets of one database, as spec client-protocol §12.4 to §12.6 has them. */
final class SubscriptionRegistryTest {
  private static final Identity ALICE = Identity.fromClaims("localhost", "alice");
  private static final Identity BOB = Identity.fromClaims("localhost", "bob");

  private final TestDatabase database =
      new TestDatabase()
          .table("item", Kind.KEYED, Primitive.U32, Primitive.STRING)
          .table("note", Kind.PLAIN, Primitive.U32, Primitive.STRING)
          .table("owned", Kind.PLAIN, SpecialType.IDENTITY.type(), Primitive.U32)
          .table("secret", Kind.SECRET, Primitive.U32)
          .table("ping", Kind.EVENT, Primitive.U32)
          .table("empty", Kind.PLAIN, Primitive.U32);
  private final TextForm form = new TextForm();
  private final SubscriptionRegistry<String, TableRows, Update> registry =
      registry(SubscriptionLimits.DEFAULT);

  private static SubscriptionRegistry<String, TableRows, Update> registry(
      SubscriptionLimits limits) {
    return new SubscriptionRegistry<>(new QueryCompiler(QueryLimits.DEFAULT), limits, () -> 0);
  }

  private static QuerySetId set(int id) {
    return new QuerySetId(id);
  }

  private static AlgebraicValue number(int value) {
    return AlgebraicValue.Int.of(value);
  }

  private static AlgebraicValue text(String value) {
    return new AlgebraicValue.Text(value);
  }

  private String item(int key, String name) {
    return HexFormat.of().formatHex(database.row("item", number(key), text(name)));
  }

  private Deltas<String, Update> insertItem(int key, String name) {
    return database.commit(registry, tx -> database.insert(tx, "item", number(key), text(name)));
  }

  private void connect(String... names) {
    for (String name : names) {
      registry.connect(name, new Caller(ALICE, false), form);
    }
  }

  private List<TableRows> subscribe(String subscriber, int id, String... queries) {
    SubscribeOutcome<TableRows> outcome =
        registry.subscribe(subscriber, set(id), List.of(queries), database.committed());
    return switch (outcome) {
      case SubscribeOutcome.Applied<TableRows>(List<TableRows> rows) -> rows;
      case SubscribeOutcome.Refused<TableRows>(String error) -> throw new AssertionError(error);
    };
  }

  private String refused(String subscriber, int id, String... queries) {
    SubscribeOutcome<TableRows> outcome =
        registry.subscribe(subscriber, set(id), List.of(queries), database.committed());
    return assertInstanceOf(SubscribeOutcome.Refused.class, outcome).error();
  }

  private static List<Update> updates(List<SetDelta<Update>> sets) {
    return sets.stream()
        .flatMap(delta -> delta.tables().stream())
        .flatMap(table -> table.updates().stream())
        .toList();
  }

  private static Update inserted(String table, String... rows) {
    return new Update(table, false, List.of(rows), List.of());
  }

  @Test
  void initialRowsAreThoseOfTheView() {
    insertItem(1, "a");
    insertItem(2, "b");
    connect("ann");
    assertEquals(
        List.of(new TableRows("item", List.of(item(2, "b"))), new TableRows("item", List.of())),
        subscribe(
            "ann",
            1,
            "select * from item where c0 = 2",
            "select * from item where c1 = 'none'",
            "select * from empty"));
  }

  @Test
  void equalQueriesOfManyAreOnePlanAndOneEncoding() {
    connect("ann", "bob", "cid");
    for (String name : List.of("ann", "bob", "cid")) {
      subscribe(name, 1, "select * from item");
      subscribe(name, 2, " select * from item ", "select * from item where c1 = 'a'");
    }
    assertEquals(2, registry.planCount());
    Deltas<String, Update> deltas = insertItem(1, "a");
    assertEquals(2, form.updates());
    assertEquals(List.of("ann", "bob", "cid"), List.copyOf(deltas.updates().keySet()));
    Update shared = updates(deltas.of("ann")).getFirst();
    for (String name : deltas.updates().keySet()) {
      List<Update> all = updates(deltas.of(name));
      assertEquals(3, all.size());
      assertSame(shared, all.get(0));
      assertSame(shared, all.get(1));
    }
  }

  @Test
  void everyWireFormIsEncodedOnce() {
    TextForm other = new TextForm();
    connect("ann", "bob");
    registry.connect("cid", new Caller(ALICE, false), other);
    registry.connect("dan", new Caller(ALICE, false), other);
    for (String name : List.of("ann", "bob", "cid", "dan")) {
      subscribe(name, 1, "select * from item");
    }
    insertItem(1, "a");
    assertEquals(1, form.updates());
    assertEquals(1, other.updates());
    assertEquals(1, registry.planCount());
  }

  @Test
  void aRowThatMatchesTwoQueriesOfASetIsTwoInserts() {
    connect("ann");
    subscribe("ann", 1, "select * from item", "select * from item where c0 = 1");
    List<SetDelta<Update>> sets = insertItem(1, "a").of("ann");
    assertEquals(1, sets.size());
    assertEquals(1, sets.getFirst().tables().size());
    assertEquals(
        List.of(inserted("item", item(1, "a")), inserted("item", item(1, "a"))), updates(sets));
  }

  @Test
  void equalQueriesInOneSetAreOneAndInTwoSetsTwo() {
    connect("ann");
    subscribe("ann", 1, "select * from item", " select * from item\n");
    subscribe("ann", 2, "select * from item");
    assertEquals(2, updates(insertItem(1, "a").of("ann")).size());
  }

  @Test
  void anUpdateThatMovesARowOutIsADeleteOnly() {
    connect("ann");
    insertItem(1, "a");
    subscribe("ann", 1, "select * from item where c1 = 'a'");
    Deltas<String, Update> deltas =
        database.commit(registry, tx -> database.update(tx, "item", number(1), text("b")));
    assertEquals(
        List.of(new Update("item", false, List.of(), List.of(item(1, "a")))),
        updates(deltas.of("ann")));
    Deltas<String, Update> back =
        database.commit(registry, tx -> database.update(tx, "item", number(1), text("a")));
    assertEquals(List.of(inserted("item", item(1, "a"))), updates(back.of("ann")));
  }

  @Test
  void whatCancelsOutIsNoChange() {
    connect("ann");
    insertItem(1, "a");
    subscribe("ann", 1, "select * from item");
    Deltas<String, Update> deltas =
        database.commit(
            registry,
            tx -> {
              database.delete(tx, "item", number(1), text("a"));
              database.insert(tx, "item", number(1), text("a"));
              database.insert(tx, "item", number(2), text("b"));
              database.delete(tx, "item", number(2), text("b"));
            });
    assertTrue(deltas.updates().isEmpty());
    assertEquals(List.of(), deltas.of("ann"));
  }

  @Test
  void setsAscendUnsignedAndTablesByName() {
    connect("ann");
    subscribe("ann", -1, "select * from item");
    subscribe("ann", 7, "select * from note", "select * from item where c0 < 9");
    subscribe("ann", 0, "select * from note");
    List<SetDelta<Update>> sets =
        database
            .commit(
                registry,
                tx -> {
                  database.insert(tx, "note", number(1), text("n"));
                  database.insert(tx, "item", number(1), text("a"));
                })
            .of("ann");
    assertEquals(List.of(set(0), set(7), set(-1)), sets.stream().map(SetDelta::id).toList());
    assertEquals(
        List.of("item", "note"),
        sets.get(1).tables().stream().map(delta -> delta.table().name()).toList());
    assertEquals(List.of(set(0), set(7), set(-1)), registry.sets("ann"));
  }

  @Test
  void anIdInUseIsRefusedAndTheSetStays() {
    connect("ann");
    subscribe("ann", 1, "select * from item");
    assertTrue(refused("ann", 1, "select * from note").contains("query set 1 is in use"));
    assertEquals(1, updates(insertItem(1, "a").of("ann")).size());
    assertInstanceOf(
        UnsubscribeOutcome.Applied.class,
        registry.unsubscribe("ann", set(1), false, database.committed()));
    assertEquals(0, registry.planCount());
    assertTrue(insertItem(2, "b").updates().isEmpty());
    subscribe("ann", 1, "select * from note");
  }

  @Test
  void unsubscribeReturnsTheRowsIfAsked() {
    connect("ann");
    insertItem(1, "a");
    subscribe("ann", 1, "select * from item", "select * from empty");
    subscribe("ann", 2, "select * from item");
    assertEquals(
        new UnsubscribeOutcome.Applied<>(List.of(new TableRows("item", List.of(item(1, "a"))))),
        registry.unsubscribe("ann", set(1), true, database.committed()));
    assertEquals(
        new UnsubscribeOutcome.Applied<TableRows>(List.of()),
        registry.unsubscribe("ann", set(2), false, database.committed()));
    UnsubscribeOutcome<TableRows> unknown =
        registry.unsubscribe("ann", set(2), true, database.committed());
    assertInstanceOf(UnsubscribeOutcome.Refused.class, unknown);
  }

  @Test
  void anEmptySetIsLegalAndTakesItsId() {
    connect("ann");
    assertEquals(List.of(), subscribe("ann", 1));
    refused("ann", 1);
  }

  @Test
  void oneBadQueryFailsTheWholeSet() {
    connect("ann");
    String error = refused("ann", 1, "select * from item", "select * from nowhere");
    assertTrue(error.contains("`nowhere`"), error);
    assertTrue(error.endsWith(", executing: `select * from nowhere`"), error);
    assertEquals(0, registry.planCount());
    assertEquals(List.of(), registry.sets("ann"));
    subscribe("ann", 1, "select * from item");
  }

  @Test
  void disconnectForgetsEverything() {
    connect("ann", "bob");
    subscribe("ann", 1, "select * from item", "select * from note where c0 = 1");
    subscribe("ann", 2, "select * from note where c0 = 1");
    subscribe("bob", 1, "select * from item");
    registry.disconnect("ann");
    registry.disconnect("ann");
    assertEquals(1, registry.planCount());
    assertEquals(1, registry.subscriberCount());
    assertEquals(List.of("bob"), List.copyOf(insertItem(1, "a").updates().keySet()));
    registry.disconnect("bob");
    assertEquals(0, registry.planCount());
    assertThrows(IllegalStateException.class, () -> refused("bob", 1));
  }

  @Test
  void senderIsEachCallersOwn() {
    connect("ann", "also ann");
    registry.connect("bob", new Caller(BOB, false), form);
    for (String name : List.of("ann", "also ann", "bob")) {
      subscribe(name, 1, "select * from owned where c0 = :sender");
    }
    assertEquals(2, registry.planCount());
    AlgebraicValue bob =
        AlgebraicValue.Product.of(
            new AlgebraicValue.Int(new java.math.BigInteger(BOB.toHex(), 16)));
    Deltas<String, Update> deltas =
        database.commit(registry, tx -> database.insert(tx, "owned", bob, number(1)));
    assertEquals(List.of("bob"), List.copyOf(deltas.updates().keySet()));
    assertEquals(1, form.updates());
  }

  @Test
  void privateTablesAreNotSharedWithOthersThanOwners() {
    connect("ann");
    registry.connect("boss", new Caller(BOB, true), form);
    registry.connect("second boss", new Caller(ALICE, true), form);
    subscribe("boss", 1, "select * from secret");
    assertTrue(refused("ann", 1, "select * from secret").contains("may be marked private"));
    subscribe("second boss", 1, "select * from secret");
    assertEquals(1, registry.planCount());
  }

  @Test
  void tablesWithRowLevelSecurityAreTheOwnersOnly() {
    connect("ann");
    registry.connect("boss", new Caller(BOB, true), form);
    subscribe("ann", 1, "select * from item");
    database.commit(
        registry,
        tx -> {
          byte[] rule =
              new BsatnWriter()
                  .writeI32(database.schema("item").id())
                  .writeString("select * from item where c0 = 1")
                  .toByteArray();
          tx.insert(SystemTables.ST_ROW_LEVEL_SECURITY, rule, 0, rule.length);
        });
    assertEquals(
        List.of(new DroppedSet<>("ann", set(1), "table `item` is no longer for everybody")),
        registry.schemaChanged(database.committed()));
    subscribe("boss", 1, "select * from item");
    assertTrue(refused("ann", 1, "select * from item").contains("row-level security"));
    subscribe("ann", 1, "select * from note");
  }

  @Test
  void selectStarFromStarIsAQueryPerTable() {
    insertItem(1, "a");
    connect("ann");
    registry.connect("boss", new Caller(BOB, true), form);
    assertEquals(
        List.of(new TableRows("item", List.of(item(1, "a")))),
        subscribe("ann", 1, "select * from item where c0 = 5 or false", "SELECT * FROM * ").stream()
            .filter(rows -> !rows.rows().isEmpty())
            .toList());
    // item, note, owned and empty, and the query beside them.
    assertEquals(5, registry.planCount());
    subscribe("boss", 1, "select * from *");
    assertEquals(6, registry.planCount());
  }

  @Test
  void eventsAreInsertsOnlyAndNeverInitial() {
    connect("ann");
    assertEquals(List.of(), subscribe("ann", 1, "select * from ping where c0 > 1"));
    Deltas<String, Update> deltas =
        database.commit(
            registry,
            tx -> {
              database.insert(tx, "ping", number(1));
              database.insert(tx, "ping", number(2));
            });
    assertEquals(
        List.of(new Update("ping", true, List.of("02000000"), List.of())),
        updates(deltas.of("ann")));
    assertTrue(database.commit(registry, tx -> {}).updates().isEmpty());
    assertEquals(List.of(), subscribe("ann", 2, "select * from ping"));
  }

  @Test
  void aFailingPlanDropsItsSetsAndNothingElse() {
    connect("ann", "bob");
    subscribe("ann", 1, "select * from item", "select * from note");
    subscribe("ann", 2, "select * from item");
    subscribe("bob", 3, "select * from note");
    form.failOn("note");
    Deltas<String, Update> deltas =
        database.commit(
            registry,
            tx -> {
              database.insert(tx, "item", number(1), text("a"));
              database.insert(tx, "note", number(1), text("n"));
            });
    String error = "changes of note cannot be sent";
    assertEquals(
        List.of(new DroppedSet<>("ann", set(1), error), new DroppedSet<>("bob", set(3), error)),
        deltas.dropped());
    assertEquals(List.of("ann"), List.copyOf(deltas.updates().keySet()));
    assertEquals(List.of(set(2)), deltas.of("ann").stream().map(SetDelta::id).toList());
    assertEquals(2, form.updates());
    assertEquals(1, registry.planCount());
    form.failOn("");
    assertEquals(List.of("ann"), List.copyOf(insertItem(2, "b").updates().keySet()));
    subscribe("ann", 1, "select * from note");
  }

  @Test
  void aThousandKeysCostOneLookupPerRow() {
    connect("ann");
    int keys = 1_000;
    for (int i = 0; i < keys; i++) {
      subscribe("ann", i, "select * from item where c0 = " + i + " and c1 <> 'x'");
    }
    assertEquals(keys, registry.planCount());
    Deltas<String, Update> deltas = insertItem(77, "a");
    assertEquals(List.of(set(77)), deltas.of("ann").stream().map(SetDelta::id).toList());
    assertEquals(1, deltas.plansAsked());
    assertTrue(insertItem(78, "x").updates().isEmpty());
    IntStream.range(0, keys)
        .forEach(i -> registry.unsubscribe("ann", set(i), false, database.committed()));
    assertEquals(0, registry.planCount());
  }

  @Test
  void aNewSchemaDropsWhatIsNoLongerPossibleOrPermitted() {
    connect("ann");
    registry.connect("boss", new Caller(BOB, true), form);
    for (String name : List.of("ann", "boss")) {
      subscribe(name, 1, "select * from item where c0 = 1");
      subscribe(name, 2, "select * from note", "select * from item");
      subscribe(name, 3, "select * from owned where c0 = :sender");
    }
    assertEquals(List.of(), registry.schemaChanged(database.committed()));
    TestDatabase next =
        new TestDatabase()
            .table("gap", Kind.PLAIN, Primitive.U32)
            .table("item", Kind.KEYED, Primitive.U32, Primitive.STRING)
            .table("owned", Kind.SECRET, SpecialType.IDENTITY.type());
    List<DroppedSet<String>> dropped = registry.schemaChanged(next.committed());
    assertEquals(
        List.of("ann 2", "boss 2", "ann 3"),
        dropped.stream().map(set -> set.subscriber() + " " + set.id()).toList());
    assertTrue(dropped.getFirst().error().contains("`note`"), dropped.getFirst().error());
    assertTrue(
        dropped.getLast().error().contains("no longer for everybody"), dropped.getLast().error());
    assertEquals(List.of(set(1)), registry.sets("ann"));
    assertEquals(List.of(set(1), set(3)), registry.sets("boss"));
    // The table has another id now.
    Deltas<String, Update> deltas =
        next.commit(registry, tx -> next.insert(tx, "item", number(1), text("a")));
    assertEquals(List.of("ann", "boss"), List.copyOf(deltas.updates().keySet()));
    registry.disconnect("ann");
    registry.disconnect("boss");
    assertEquals(0, registry.planCount());
  }

  @Test
  void rowLimitAddsUpTheNewQueriesOfARequest() {
    insertItem(1, "a");
    insertItem(2, "b");
    Caller owner = new Caller(BOB, true);
    var set =
        (TableWrite)
            new QueryCompiler(QueryLimits.DEFAULT)
                .adHoc("set row_limit = 3", database.committed(), owner);
    database.commit(registry, tx -> set.run(tx, Budget.unlimited()));
    connect("ann");
    registry.connect("boss", owner, form);
    String first = "select * from item";
    String second = "select * from item where c0 >= 0";
    assertEquals(
        "Estimated cardinality (4 rows) exceeds limit (3 rows)", refused("ann", 1, first, second));
    subscribe("boss", 1, first);
    // A query that is active already costs nothing.
    subscribe("ann", 1, first, second);
  }

  @Test
  void limitsAreNamed() {
    SubscriptionRegistry<String, TableRows, Update> small =
        registry(new SubscriptionLimits(2, 2, 3, 20, 3, Duration.ofSeconds(1), 0, 1 << 20));
    small.connect("ann", new Caller(ALICE, false), form);
    small.connect("bob", new Caller(ALICE, false), form);
    String[] three = {"select * from item", "select * from note", "select * from empty"};
    assertRefusal("limit of 2", small, "ann", 1, three);
    assertRefusal("limit of 2", small, "ann", 1, "select * from *");
    applied(small, "ann", 1, "select * from item", "select * from note");
    applied(small, "ann", 2, "select * from empty");
    assertRefusal("has 2 query sets, limit 2", small, "ann", 3);
    applied(small, "bob", 1, "select * from item", "select * from note");
    assertRefusal("limit 3", small, "bob", 2, "select * from owned");
    for (int i = 0; i < 3; i++) {
      insertItem(i, "abcd");
    }
    assertRefusal("limit of 20 bytes", small, "bob", 2, "select * from item");
    insertItem(4, "abcd");
    small.disconnect("ann");
    assertRefusal("limit of 3 rows", small, "bob", 2, "select * from item where c1 = 'none'");
    assertEquals(List.of(set(1)), small.sets("bob"));
  }

  private void applied(
      SubscriptionRegistry<String, TableRows, Update> small,
      String subscriber,
      int id,
      String... queries) {
    assertInstanceOf(
        SubscribeOutcome.Applied.class,
        small.subscribe(subscriber, set(id), List.of(queries), database.committed()));
  }

  private void assertRefusal(
      String part,
      SubscriptionRegistry<String, TableRows, Update> small,
      String subscriber,
      int id,
      String... queries) {
    SubscribeOutcome<TableRows> outcome =
        small.subscribe(subscriber, set(id), List.of(queries), database.committed());
    String error = assertInstanceOf(SubscribeOutcome.Refused.class, outcome).error();
    assertTrue(error.contains(part), error);
  }
}
