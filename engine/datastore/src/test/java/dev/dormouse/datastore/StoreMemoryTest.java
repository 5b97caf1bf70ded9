package dev.dormouse.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.Primitive;
import org.junit.jupiter.api.Test;

/** What stores take of the memory of their node. */
final class StoreMemoryTest {
  private static final long NODE_BYTES = 4 << 20;

  private final MemoryBudget node = new MemoryBudget(NODE_BYTES);
  private final DatastoreOptions options =
      new DatastoreOptions(Identity.ZERO, 5, DatastoreLimits.DEFAULTS, node);
  private final Datastore store = Datastore.bootstrap(options);
  private final int table = createTable(store);

  private static int createTable(Datastore store) {
    Transaction ddl = store.begin();
    int id =
        ddl.createTable(
            Tables.table("t").column("id", Primitive.U32).column("s", Primitive.STRING).build());
    ddl.merge();
    return id;
  }

  private static byte[] row(int id, int length) {
    return new BsatnWriter().writeI32(id).writeString("x".repeat(length)).toByteArray();
  }

  private void insert(Transaction tx, int from, int count, int length) {
    for (int i = from; i < from + count; i++) {
      byte[] row = row(i, length);
      assertEquals(Outcome.DONE, tx.insert(table, row, 0, row.length));
    }
  }

  @Test
  void aTransactionTakesWhileItLastsAndIsRefusedWithTheNodesLimit() {
    long before = node.chargedBytes();
    Transaction tx = store.begin();
    insert(tx, 0, 500, 1000);
    assertTrue(node.chargedBytes() > before + 2 * 500 * 1000);
    tx.rollback();
    assertEquals(before, node.chargedBytes());
    Transaction large = store.begin();
    EngineException refused =
        assertThrows(EngineException.class, () -> insert(large, 0, 10_000, 1000));
    assertEquals(EngineException.Code.RETRY, refused.code());
    assertTrue(
        refused.text().startsWith("node memory: a transaction needs")
            && refused.text().endsWith("of 4194304 bytes are taken by databases"),
        refused.text());
    large.rollback();
    assertEquals(before, node.chargedBytes());
    Transaction next = store.begin();
    insert(next, 0, 1, 10);
    next.merge();
  }

  @Test
  void manySmallCommitsAreRefusedTooAndDeletionsMakeRoom() {
    int[] rows = new int[1];
    EngineException refused =
        assertThrows(
            EngineException.class,
            () -> {
              while (true) {
                Transaction tx = store.begin();
                try {
                  insert(tx, rows[0], 1, 10);
                  tx.merge();
                } finally {
                  if (!tx.isIdle()) {
                    tx.rollback();
                  }
                }
                rows[0]++;
              }
            });
    assertTrue(refused.text().startsWith("node memory: a database's rows needs"), refused.text());
    assertTrue(store.heapBytes() > NODE_BYTES / 2, store.heapBytes() + " bytes of heap");
    assertTrue(store.heapBytes() <= NODE_BYTES, store.heapBytes() + " bytes of heap");
    Transaction clear = store.begin();
    for (int i = 0; i < 100; i++) {
      byte[] row = row(i, 10);
      clear.deleteAllByEqual(table, rows(row), 0, row.length + 4);
    }
    clear.merge();
    store.close();
    assertEquals(0, node.chargedBytes());
  }

  private static byte[] rows(byte[] row) {
    return new BsatnWriter().writeI32(1).writeRaw(row, 0, row.length).toByteArray();
  }

  @Test
  void aCaptureHoldsTheMemoryUntilItIsClosed() {
    Transaction tx = store.begin();
    insert(tx, 0, 500, 1000);
    tx.merge();
    Capture capture = store.capture();
    store.close();
    store.close();
    assertTrue(node.chargedBytes() >= 500 * 1000, node.chargedBytes() + " bytes");
    capture.close();
    capture.close();
    assertEquals(0, node.chargedBytes());
  }

  private void clear() {
    Transaction tx = store.begin();
    try {
      assertEquals(Outcome.DONE, tx.clear(table));
      tx.merge();
    } finally {
      if (!tx.isIdle()) {
        tx.rollback();
      }
    }
  }

  @Test
  void pagesThatACaptureKeepsAreCountedBesideTheirCopiesAndRefusedIfTheyDoNotFit() {
    Transaction tx = store.begin();
    insert(tx, 0, 500, 1000);
    tx.merge();
    MemoryAccount neighbours = node.open();
    neighbours.cover(node.limitBytes() - node.chargedBytes() - 200_000, "the neighbours");
    try (Capture capture = store.capture()) {
      long full = node.chargedBytes();
      EngineException refused = assertThrows(EngineException.class, this::clear);
      assertEquals(EngineException.Code.RETRY, refused.code());
      assertTrue(
          refused.text().startsWith("node memory: rows kept for a snapshot needs"), refused.text());
      assertTrue(node.chargedBytes() <= NODE_BYTES, node.chargedBytes() + " bytes");
      assertEquals(500, rowsIn(capture));
      neighbours.close();
      long alone = node.chargedBytes();
      clear();
      assertTrue(node.chargedBytes() >= alone + 200_000, full + " then " + node.chargedBytes());
      assertEquals(500, rowsIn(capture));
    }
    store.begin().rollback();
    long copies = 500_000;
    assertTrue(node.chargedBytes() < copies, node.chargedBytes() + " bytes for an empty table");
    store.close();
    assertEquals(0, node.chargedBytes());
  }

  private int rowsIn(Capture capture) {
    int[] rows = new int[1];
    capture.tables().stream()
        .filter(each -> each.schema().id() == table)
        .flatMap(each -> each.pages().stream())
        .forEach(page -> page.forEachRow((bytes, offset, length) -> rows[0]++));
    return rows[0];
  }

  @Test
  void aRestoreIsRefusedByTheBytesThatWillCome() {
    long before = node.chargedBytes();
    EngineException refused =
        assertThrows(EngineException.class, () -> Datastore.restore(options, NODE_BYTES));
    assertEquals(EngineException.Code.RETRY, refused.code());
    assertTrue(
        refused.text().startsWith("node memory: a database of 4194304 bytes needs"),
        refused.text());
    assertEquals(before, node.chargedBytes());
    Restore abandoned = Datastore.restore(options, 1000);
    abandoned.abandon();
    assertEquals(before, node.chargedBytes());
  }
}
