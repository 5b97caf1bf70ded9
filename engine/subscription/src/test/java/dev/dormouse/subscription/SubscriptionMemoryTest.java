package dev.dormouse.subscription;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.query.Budget;
import dev.dormouse.query.Caller;
import dev.dormouse.query.QueryCompiler;
import dev.dormouse.query.QueryLimits;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.Primitive;
import dev.dormouse.subscription.TestDatabase.Kind;
import dev.dormouse.subscription.TextForm.TableRows;
import dev.dormouse.subscription.TextForm.Update;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What subscriptions take of the memory of their node, and what one transaction may take. */
final class SubscriptionMemoryTest {
  private static final String ITEMS = "select * from item";
  private static final int MIB = 1 << 20;

  private final TestDatabase database =
      new TestDatabase().table("item", Kind.KEYED, Primitive.U32, Primitive.STRING);
  private final TextForm form = new TextForm();
  private int sets;

  private SubscriptionRegistry<String, TableRows, Update> registry(
      long initialBytes, long changeBytes, MemoryBudget memory) {
    SubscriptionRegistry<String, TableRows, Update> registry =
        new SubscriptionRegistry<>(
            new QueryCompiler(QueryLimits.DEFAULT),
            new SubscriptionLimits(
                10_000, 1_000, 10_000, initialBytes, 10_000, Duration.ofSeconds(1), 0, changeBytes),
            () -> 0,
            memory);
    registry.connect("ann", new Caller(Identity.ZERO, false), form);
    return registry;
  }

  private Deltas<String, Update> insert(
      SubscriptionRegistry<String, TableRows, Update> registry, int from, int to, int length) {
    return database.commit(
        registry,
        tx -> {
          for (int i = from; i < to; i++) {
            database.insert(
                tx, "item", AlgebraicValue.Int.of(i), new AlgebraicValue.Text("x".repeat(length)));
          }
        });
  }

  private SubscribeOutcome<TableRows> subscribe(
      SubscriptionRegistry<String, TableRows, Update> registry, Budget budget, String... queries) {
    return registry.subscribe(
        "ann", new QuerySetId(++sets), List.of(queries), database.committed(), budget);
  }

  private static String error(SubscribeOutcome<TableRows> outcome) {
    return assertInstanceOf(SubscribeOutcome.Refused.class, outcome).error();
  }

  private static String where(int i) {
    return "select * from item where c0 >= " + i;
  }

  @Test
  void rowsThatARequestReturnsAreCoveredUntilTheyAreOnTheirWayOrRefused() {
    MemoryBudget node = new MemoryBudget(MIB);
    var registry = registry(64 * MIB, MIB, node);
    insert(registry, 0, 100, 1_000);
    try (MemoryAccount rows = node.open()) {
      assertInstanceOf(
          SubscribeOutcome.Applied.class, subscribe(registry, registry.budget(rows), ITEMS));
      assertTrue(
          node.chargedBytes() >= 100_000L * Budget.MESSAGE_COPIES, node.chargedBytes() + " bytes");
    }
    long held = node.chargedBytes();
    try (MemoryAccount neighbours = node.open();
        MemoryAccount rows = node.open()) {
      neighbours.cover(node.limitBytes() - node.chargedBytes() - 300_000, "the neighbours");
      String error = error(subscribe(registry, registry.budget(rows), ITEMS));
      assertTrue(error.startsWith("node memory: the result of a query needs"), error);
    }
    assertEquals(held, node.chargedBytes());
    registry.close();
    assertEquals(0, node.chargedBytes());
  }

  @Test
  void allSetsOfARequestShareItsLimit() {
    MemoryBudget node = MemoryBudget.unlimited();
    var registry = registry(250_000, MIB, node);
    insert(registry, 0, 100, 1_000);
    Budget budget = registry.budget(node.open());
    for (int i = 0; i < 2; i++) {
      assertInstanceOf(SubscribeOutcome.Applied.class, subscribe(registry, budget, where(i)));
    }
    String error = error(subscribe(registry, budget, where(2)));
    assertTrue(error.contains("limit of 250000 bytes"), error);
    assertInstanceOf(
        SubscribeOutcome.Applied.class,
        subscribe(registry, registry.budget(node.open()), where(2)));
  }

  @Test
  void setsAndTheirPlansAreCoveredWhileTheyAreHeld() {
    MemoryBudget node = new MemoryBudget(4 * MIB);
    var registry = registry(MIB, MIB, node);
    int refusedAt = 0;
    while (true) {
      int first = 1_000 * sets;
      SubscribeOutcome<TableRows> outcome =
          subscribe(
              registry,
              registry.budget(node.open()),
              IntStream.range(first, first + 500)
                  .mapToObj(SubscriptionMemoryTest::where)
                  .toArray(String[]::new));
      if (outcome instanceof SubscribeOutcome.Refused<TableRows>(String error)) {
        assertTrue(error.startsWith("node memory: the query sets of a database needs"), error);
        refusedAt = sets;
        break;
      }
    }
    assertTrue(refusedAt > 2, "refused at set " + refusedAt);
    assertEquals(500 * (refusedAt - 1), registry.planCount());
    assertTrue(node.chargedBytes() > 2 * MIB, node.chargedBytes() + " bytes");
    registry.disconnect("ann");
    assertEquals(0, node.chargedBytes());
  }

  @Test
  void whatOneTransactionChangesHasALimitOverAllQueriesAndDropsThoseBeyond() {
    MemoryBudget node = new MemoryBudget(64 * MIB);
    var registry = registry(64 * MIB, MIB, node);
    int queries = 20;
    for (int i = 0; i < queries; i++) {
      subscribe(registry, registry.budget(node.open()), where(i));
    }
    long held = node.chargedBytes();
    Deltas<String, Update> deltas = insert(registry, 100, 200, 1_000);
    int told = deltas.updates().getOrDefault("ann", List.of()).size();
    assertTrue(told >= 1 && told <= MIB / 200_000, told + " of " + queries + " sets were told");
    assertEquals(queries - told, deltas.dropped().size());
    assertEquals(
        "a transaction changes more than 1048576 bytes in the queries that are held, which is the"
            + " limit",
        deltas.dropped().getFirst().error());
    assertTrue(node.chargedBytes() >= held + told * 200_000L, node.chargedBytes() + " bytes");
    assertEquals(told, registry.planCount());
    registry.delivered();
    assertTrue(node.chargedBytes() <= held, node.chargedBytes() + " bytes");
    // Who is left hears of the next, and of all of it.
    Deltas<String, Update> next = insert(registry, 200, 202, 10);
    assertEquals(told, next.updates().getOrDefault("ann", List.of()).size());
    assertEquals(List.of(), next.dropped());
  }

  @Test
  void rowsThatMatchCountBeforeAnyIsEncoded() {
    MemoryBudget node = MemoryBudget.unlimited();
    var registry = registry(64 * MIB, 100_000, node);
    for (int i = 0; i < 50; i++) {
      subscribe(registry, registry.budget(node.open()), where(i));
    }
    int encoded = form.updates();
    Deltas<String, Update> deltas = insert(registry, 100, 5_100, 0);
    assertEquals(50, deltas.dropped().size(), "the references alone are too much");
    assertEquals(encoded, form.updates());
    assertEquals(0, registry.planCount());
  }

  @Test
  void changesForWhichTheNodeHasNoMemoryDropTheSetsThatMissThem() {
    MemoryBudget node = new MemoryBudget(4 * MIB);
    var registry = registry(64 * MIB, 64 * MIB, node);
    for (int i = 0; i < 10; i++) {
      subscribe(registry, registry.budget(node.open()), where(i));
    }
    try (MemoryAccount neighbours = node.open()) {
      neighbours.cover(node.limitBytes() - node.chargedBytes() - 500_000, "the neighbours");
      Deltas<String, Update> deltas = insert(registry, 100, 200, 1_000);
      assertTrue(!deltas.dropped().isEmpty(), "2 MB were told with room for half a megabyte");
      String error = deltas.dropped().getFirst().error();
      assertTrue(
          error.startsWith("node memory: what a transaction changes for clients needs"), error);
      assertTrue(node.chargedBytes() <= node.limitBytes(), node.chargedBytes() + " bytes");
    }
  }
}
