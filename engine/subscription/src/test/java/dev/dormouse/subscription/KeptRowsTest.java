package dev.dormouse.subscription;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.query.Caller;
import dev.dormouse.query.QueryCompiler;
import dev.dormouse.query.QueryLimits;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.Primitive;
import dev.dormouse.subscription.TestDatabase.Kind;
import dev.dormouse.subscription.TextForm.TableRows;
import dev.dormouse.subscription.TextForm.Update;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows that are encoded once for all who subscribe to the same. */
final class KeptRowsTest {
  private static final int CLIENTS = 1_000;
  private static final String ITEMS = "select * from item";
  private static final String ONE = "select * from item where c0 = 1";

  private final TestDatabase database =
      new TestDatabase()
          .table("item", Kind.KEYED, Primitive.U32, Primitive.STRING)
          .table("note", Kind.PLAIN, Primitive.U32, Primitive.STRING);
  private final TextForm form = new TextForm();
  private final SubscriptionRegistry<String, TableRows, Update> registry = registry(1 << 20);
  private int sets;

  private static SubscriptionRegistry<String, TableRows, Update> registry(long keptBytesMax) {
    return registry(keptBytesMax, MemoryBudget.unlimited());
  }

  private static SubscriptionRegistry<String, TableRows, Update> registry(
      long keptBytesMax, MemoryBudget memory) {
    return new SubscriptionRegistry<>(
        new QueryCompiler(QueryLimits.DEFAULT),
        new SubscriptionLimits(
            10_000, 100, 10_000, 1_000, 10_000, Duration.ofSeconds(1), keptBytesMax, 1 << 20),
        () -> 0,
        memory);
  }

  private void insert(String table, int key, String name) {
    database.commit(
        registry,
        tx ->
            database.insert(tx, table, AlgebraicValue.Int.of(key), new AlgebraicValue.Text(name)));
  }

  private SubscribeOutcome<TableRows> outcome(
      SubscriptionRegistry<String, TableRows, Update> in, String... queries) {
    return in.subscribe("ann", new QuerySetId(++sets), List.of(queries), database.committed());
  }

  private List<TableRows> subscribe(String... queries) {
    return applied(outcome(registry, queries));
  }

  private static List<TableRows> applied(SubscribeOutcome<TableRows> outcome) {
    return switch (outcome) {
      case SubscribeOutcome.Applied<TableRows>(List<TableRows> rows) -> rows;
      case SubscribeOutcome.Refused<TableRows>(String error) -> throw new AssertionError(error);
    };
  }

  private void connect(SubscriptionRegistry<String, TableRows, Update> to) {
    to.connect("ann", new Caller(Identity.ZERO, false), form);
  }

  @Test
  void aThousandWhoSubscribeToTheSameCostOneEncoding() {
    connect(registry);
    insert("item", 1, "lamp");
    TableRows first = subscribe(ITEMS).getFirst();
    for (int i = 0; i < CLIENTS; i++) {
      assertSame(first, subscribe(ITEMS).getFirst());
    }
    assertEquals(1, form.lists());
    assertEquals(CLIENTS + 1, registry.sets("ann").size());
  }

  @Test
  void aChangeOfThePlanIsSeenAndAnyOtherCostsNothing() {
    connect(registry);
    insert("item", 1, "lamp");
    List<TableRows> one = subscribe(ONE);
    assertEquals(1, subscribe(ITEMS).getFirst().rows().size());
    insert("note", 1, "elsewhere");
    insert("item", 2, "rug");
    assertEquals(2, subscribe(ITEMS).getFirst().rows().size());
    assertSame(one.getFirst(), subscribe(ONE).getFirst());
    database.commit(
        registry,
        tx ->
            database.update(
                tx, "item", AlgebraicValue.Int.of(1), new AlgebraicValue.Text("torch")));
    assertEquals(
        List.of(
            java.util.HexFormat.of()
                .formatHex(
                    database.row(
                        "item", AlgebraicValue.Int.of(1), new AlgebraicValue.Text("torch")))),
        subscribe(ONE).getFirst().rows());
    database.commit(
        registry,
        tx ->
            database.delete(
                tx, "item", AlgebraicValue.Int.of(1), new AlgebraicValue.Text("torch")));
    assertEquals(List.of(), subscribe(ONE).getFirst().rows());
  }

  @Test
  void whatNobodyHoldsIsNotKept() {
    connect(registry);
    insert("item", 1, "lamp");
    subscribe(ITEMS);
    assertTrue(registry.keptBytes() > 0);
    registry.unsubscribe("ann", new QuerySetId(sets), true, database.committed());
    assertEquals(1, form.lists());
    assertEquals(0, registry.keptBytes());
    insert("note", 1, "x".repeat(2_000));
    assertInstanceOf(
        SubscribeOutcome.Refused.class, outcome(registry, ITEMS, "select * from note"));
    assertEquals(0, registry.keptBytes());
    assertEquals(0, registry.planCount());
    subscribe(ITEMS);
    registry.disconnect("ann");
    assertEquals(0, registry.keptBytes());
  }

  @Test
  void keptRowsCountForWhoeverAsksForThem() {
    connect(registry);
    insert("item", 1, "x".repeat(600));
    subscribe(ITEMS);
    insert("note", 1, "x".repeat(600));
    String error =
        assertInstanceOf(
                SubscribeOutcome.Refused.class, outcome(registry, "select * from note", ITEMS))
            .error();
    assertTrue(error.contains("limit of 1000 bytes"), error);
  }

  @Test
  void overTheLimitTheOneAskedForLongestAgoGoes() {
    insert("item", 1, "x".repeat(300));
    insert("note", 1, "x".repeat(300));
    SubscriptionRegistry<String, TableRows, Update> small = registry(1_000);
    connect(small);
    applied(outcome(small, ITEMS));
    applied(outcome(small, "select * from note"));
    applied(outcome(small, ITEMS));
    assertEquals(2, form.lists());
    applied(outcome(small, ONE));
    assertTrue(small.keptBytes() <= 1_000, "kept " + small.keptBytes());
    applied(outcome(small, ITEMS));
    assertEquals(3, form.lists());
    applied(outcome(small, "select * from note"));
    assertEquals(4, form.lists());
  }

  @Test
  void whatIsKeptIsCoveredByTheNodesMemory() {
    insert("item", 1, "lamp");
    MemoryBudget node = new MemoryBudget(1 << 20);
    SubscriptionRegistry<String, TableRows, Update> covered = registry(1_000, node);
    connect(covered);
    applied(outcome(covered, ITEMS));
    assertTrue(node.chargedBytes() >= covered.keptBytes() && covered.keptBytes() > 0);
    covered.close();
    assertEquals(0, node.chargedBytes());
    MemoryBudget full = new MemoryBudget(1);
    SubscriptionRegistry<String, TableRows, Update> poor = registry(1_000, full);
    connect(poor);
    for (int i = 0; i < 2; i++) {
      assertEquals(1, applied(outcome(poor, ITEMS)).getFirst().rows().size());
    }
    assertEquals(3, form.lists());
    assertEquals(0, full.chargedBytes());
    poor.close();
  }

  @Test
  void aSetThatIsResumedIsNeitherEvaluatedNorEncodedAndHearsOfChanges() {
    connect(registry);
    insert("item", 1, "lamp");
    assertEquals(
        List.of(),
        applied(registry.resume("ann", new QuerySetId(7), List.of(ITEMS), database.committed())));
    assertEquals(0, form.lists());
    Deltas<String, Update> deltas =
        database.commit(
            registry,
            tx ->
                database.insert(
                    tx, "item", AlgebraicValue.Int.of(2), new AlgebraicValue.Text("rug")));
    assertEquals(new QuerySetId(7), deltas.of("ann").getFirst().id());
  }
}
