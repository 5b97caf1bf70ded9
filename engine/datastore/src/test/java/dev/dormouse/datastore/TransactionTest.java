package dev.dormouse.datastore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.module.TableDef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TransactionTest {
  private final Datastore store = Datastore.bootstrap(Tables.options());

  private int create(TableDef definition) {
    Transaction tx = store.begin();
    int id = tx.createTable(definition);
    tx.merge();
    return id;
  }

  private static byte[] row(int id, long value) {
    return new BsatnWriter().writeI32(id).writeI64(value).toByteArray();
  }

  private static Outcome insert(Transaction tx, int table, byte[] row) {
    return tx.insert(table, row, 0, row.length);
  }

  private static List<String> values(Scan scan) {
    RowCursor cursor = assertInstanceOf(RowCursor.class, scan);
    List<String> values = new ArrayList<>();
    while (cursor.next()) {
      values.add(
          Words.littleInt(cursor.buffer(), cursor.offset())
              + "="
              + Words.littleLong(cursor.buffer(), cursor.offset() + 4));
    }
    return values;
  }

  private static Tables accounts() {
    return Tables.table("accounts")
        .column("id", Primitive.U32)
        .column("balance", Primitive.I64)
        .primaryKey(0)
        .btree(1);
  }

  @Test
  void insertedRowsComeFirstInIndexScansAndLastInTableScans() {
    int table = create(accounts().build());
    int byBalance = store.committed().table(table).orElseThrow().indexes().get(1).id();
    Transaction first = store.begin();
    insert(first, table, row(1, 10));
    insert(first, table, row(2, 20));
    first.merge();
    Transaction tx = store.begin();
    insert(tx, table, row(3, 25));
    insert(tx, table, row(4, 15));
    assertEquals(List.of("1=10", "2=20", "3=25", "4=15"), values(tx.scan(table)));
    assertEquals(
        List.of("4=15", "3=25", "1=10", "2=20"),
        values(tx.range(byBalance, new IndexRange())),
        "in the order of keys within each part");
    tx.rollback();
  }

  @Test
  void aCursorKeepsItsMomentThroughDeletionsUpdatesAndRestorations() {
    int table = create(accounts().build());
    int byId = store.committed().table(table).orElseThrow().indexes().getFirst().id();
    Transaction first = store.begin();
    insert(first, table, row(1, 10));
    insert(first, table, row(2, 20));
    first.merge();
    Transaction tx = store.begin();
    tx.update(table, byId, row(2, 21), 0, 12);
    insert(tx, table, row(3, 30));
    byte[] key = {1, 0, 0, 0};
    tx.deletePoint(byId, key, 0, 4);
    Scan scan = tx.scan(table);
    Scan range = tx.range(byId, new IndexRange());
    insert(tx, table, row(1, 10));
    tx.update(table, byId, row(2, 22), 0, 12);
    tx.update(table, byId, row(3, 31), 0, 12);
    insert(tx, table, row(4, 40));
    assertEquals(List.of("2=21", "3=30"), values(scan));
    assertEquals(List.of("2=21", "3=30"), values(range));
    assertEquals(4, tx.rowCount(table).orElseThrow());
    TxChanges changes = tx.changes();
    assertEquals(1, changes.table(0).deletedCount(), "row 1 was deleted and came back");
    assertEquals(3, changes.table(0).insertedCount());
    tx.merge();
    assertEquals(
        List.of("1=10", "2=22", "3=31", "4=40"),
        values(store.committed().scan(table)).stream().sorted().toList());
  }

  @Test
  void aRowUpdatedOftenTakesRoomOnce() {
    int table = create(accounts().build());
    int byId = store.committed().table(table).orElseThrow().indexes().getFirst().id();
    DatastoreLimits narrow = new DatastoreLimits(1000, 500_000, 1 << 20, 100, 10, 10, 4);
    Datastore small = Datastore.bootstrap(new DatastoreOptions(Identity.ZERO, 5, narrow));
    Transaction ddl = small.begin();
    assertEquals(table, ddl.createTable(accounts().build()));
    ddl.merge();
    Transaction tx = small.begin();
    insert(tx, table, row(1, 0));
    EngineException refused =
        assertThrows(
            EngineException.class,
            () -> {
              for (int i = 1; i < 100_000; i++) {
                tx.insert(table, row(i, i), 0, 12);
              }
            });
    assertTrue(refused.text().contains("limit 500000 bytes"), refused.text());
    tx.rollback();
    Transaction next = small.begin();
    insert(next, table, row(1, 0));
    for (int i = 1; i < 100_000; i++) {
      assertEquals(Outcome.DONE, next.update(table, byId, row(1, i), 0, 12));
    }
    next.merge();
    assertEquals(List.of("1=99999"), values(small.committed().scan(table)));
  }

  @Test
  void eventRowsAreSeenInTheirTransactionAndReportedButNeverKept() {
    int table =
        create(
            Tables.table("news")
                .column("id", Primitive.U32)
                .column("n", Primitive.I64)
                .primaryKey(0)
                .event()
                .build());
    for (int i = 0; i < 2; i++) {
      Transaction tx = store.begin();
      assertEquals(Outcome.DONE, insert(tx, table, row(7, 1)), "unique values may repeat");
      assertEquals(Outcome.UNIQUE_ALREADY_EXISTS, insert(tx, table, row(7, 2)));
      assertEquals(List.of("7=1"), values(tx.scan(table)));
      assertEquals(1, tx.changes().table(0).insertedCount());
      tx.merge();
      assertEquals(List.of(), values(store.committed().scan(table)));
      assertEquals(0, store.liveBytes(table));
    }
  }

  @Test
  void updateChecksInTheOrderOfTheSpecification() {
    int table =
        create(
            Tables.table("t")
                .column("a", Primitive.U32)
                .column("b", Primitive.I64)
                .primaryKey(0)
                .unique(1)
                .btree(1)
                .btree(1, 0)
                .build());
    List<IndexSchema> indexes = store.committed().table(table).orElseThrow().indexes();
    int byA = indexes.get(0).id();
    int byBoth = indexes.get(2).id();
    Transaction tx = store.begin();
    insert(tx, table, row(1, 10));
    insert(tx, table, row(2, 20));
    assertEquals(Outcome.NO_SUCH_TABLE, tx.update(9999, byA, row(1, 1), 0, 12));
    assertEquals(Outcome.NO_SUCH_INDEX, tx.update(table, 9999, row(1, 1), 0, 12));
    assertEquals(Outcome.NO_SUCH_INDEX, tx.update(table, 1, row(1, 1), 0, 12), "of st_table");
    assertEquals(Outcome.INDEX_NOT_UNIQUE, tx.update(table, byBoth, row(1, 1), 0, 12));
    assertEquals(Outcome.NO_SUCH_ROW, tx.update(table, byA, row(3, 10), 0, 12));
    assertEquals(Outcome.UNIQUE_ALREADY_EXISTS, tx.update(table, byA, row(1, 20), 0, 12));
    assertEquals(Outcome.UNCHANGED, tx.update(table, byA, row(1, 10), 0, 12));
    assertThrows(DecodeException.class, () -> tx.update(table, byA, new byte[3], 0, 3));
    tx.rollback();
  }

  @Test
  void swappedUniqueValuesMerge() {
    int table =
        create(
            Tables.table("t")
                .column("a", Primitive.U32)
                .column("b", Primitive.I64)
                .primaryKey(0)
                .unique(1)
                .hash(1)
                .build());
    int byA = store.committed().table(table).orElseThrow().indexes().getFirst().id();
    Transaction first = store.begin();
    insert(first, table, row(1, 10));
    insert(first, table, row(2, 20));
    first.merge();
    Transaction tx = store.begin();
    assertEquals(Outcome.DONE, tx.update(table, byA, row(1, 30), 0, 12));
    assertEquals(Outcome.DONE, tx.update(table, byA, row(2, 10), 0, 12));
    assertEquals(Outcome.DONE, tx.update(table, byA, row(1, 20), 0, 12));
    tx.merge();
    int byB = store.committed().table(table).orElseThrow().indexes().get(1).id();
    byte[] ten = new BsatnWriter().writeI64(10).toByteArray();
    assertEquals(List.of("2=10"), values(store.committed().point(byB, ten, 0, 8)));
  }

  @ParameterizedTest
  @EnumSource(
      value = Primitive.class,
      names = {
        "I8", "U8", "I16", "U16", "I32", "U32", "I64", "U64", "I128", "U128", "I256", "U256"
      })
  void sequencesFillColumnsOfEveryWidth(Primitive type) {
    int table =
        create(
            Tables.table("seq")
                .column("text", Primitive.STRING)
                .column("id", type)
                .sequence(1)
                .build());
    int width = type.width();
    byte[] row = new byte[4 + 1 + width];
    row[0] = 1;
    for (int i = 1; i <= 3; i++) {
      row[4] = (byte) ('a' + i);
      Transaction tx = store.begin();
      assertEquals(Outcome.DONE, insert(tx, table, row));
      byte[] generated = Arrays.copyOf(tx.generated(), tx.generatedLength());
      byte[] expected = new byte[width];
      expected[0] = (byte) i;
      assertArrayEquals(expected, generated);
      RowSlice slice = new RowSlice();
      tx.locate(table, tx.lastRow(), slice);
      assertEquals(i, slice.buffer()[slice.offset() + 5]);
      tx.merge();
    }
    Transaction given = store.begin();
    row[5] = 1;
    insert(given, table, row);
    assertEquals(0, given.generatedLength(), "an explicit value is stored as given");
    given.merge();
  }

  @Test
  void aRollbackGivesNumbersBackAndChangesCarryThePosition() {
    int table =
        create(
            Tables.table("seq")
                .column("id", Primitive.U32)
                .column("n", Primitive.I64)
                .primaryKey(0)
                .sequence(0)
                .build());
    Transaction lost = store.begin();
    insert(lost, table, row(0, 1));
    insert(lost, table, row(0, 2));
    lost.rollback();
    Transaction tx = store.begin();
    insert(tx, table, row(0, 1));
    assertEquals(List.of("1=1"), values(tx.scan(table)));
    assertTrue(tx.delete(table, tx.lastRow()));
    assertFalse(tx.delete(table, tx.lastRow()));
    TxChanges changes = tx.changes();
    assertFalse(changes.isEmpty(), "a number was drawn");
    assertEquals(0, changes.tableCount());
    List<String> positions = new ArrayList<>();
    changes.forEachSequence((id, high, low) -> positions.add(id + ":" + high + ":" + low));
    assertEquals(List.of("4096:0:2"), positions);
    tx.merge();
    Transaction next = store.begin();
    insert(next, table, row(0, 1));
    assertEquals(List.of("2=1"), values(next.scan(table)));
    next.rollback();
  }

  @Test
  void aNarrowColumnHoldsTheLowBitsAndTheEndOfI128IsRefused() {
    int table =
        create(
            Tables.table("seq")
                .column("id", Primitive.U8)
                .column("n", Primitive.U16)
                .sequence(0)
                .build());
    Replay replay = store.replay();
    replay.sequence(4096, 0, 256);
    replay.end();
    Transaction tx = store.begin();
    insert(tx, table, new byte[] {0, 1, 0});
    assertEquals(0, tx.generated()[0], "256 in a U8");
    insert(tx, table, new byte[] {0, 2, 0});
    assertEquals(1, tx.generated()[0]);
    tx.rollback();
    Replay toTheEnd = store.replay();
    toTheEnd.sequence(4096, Long.MAX_VALUE, -1);
    toTheEnd.end();
    Transaction last = store.begin();
    EngineException refused =
        assertThrows(EngineException.class, () -> insert(last, table, new byte[] {0, 1, 0}));
    assertEquals(EngineException.Code.TENANT, refused.code());
    last.rollback();
  }

  @Test
  void rowsAndDatabasesHaveLimits() {
    DatastoreLimits narrow = new DatastoreLimits(100, 10_000, 9_500, 30, 3, 2, 1);
    Datastore small = Datastore.bootstrap(new DatastoreOptions(Identity.ZERO, 5, narrow));
    Transaction ddl = small.begin();
    int table = ddl.createTable(Tables.table("t").column("s", Primitive.STRING).build());
    ddl.merge();
    assertThrows(
        EngineException.class,
        () -> {
          Transaction tx = small.begin();
          tx.createTable(
              Tables.table("wide")
                  .column("a", Primitive.U8)
                  .column("b", Primitive.U8)
                  .btree(0, 1)
                  .build());
        });
    Datastore other = Datastore.bootstrap(new DatastoreOptions(Identity.ZERO, 5, narrow));
    Transaction tx = other.begin();
    tx.createTable(Tables.table("t").column("s", Primitive.STRING).build());
    byte[] large = new BsatnWriter().writeString("x".repeat(97)).toByteArray();
    EngineException tooLarge = assertThrows(EngineException.class, () -> insert(tx, table, large));
    assertEquals("row 101 bytes, limit 100 bytes, table t", tooLarge.text());
    tx.rollback();
    Transaction fill = other.begin();
    fill.createTable(Tables.table("t").column("s", Primitive.STRING).build());
    for (int i = 0; i < 60; i++) {
      insert(fill, table, new BsatnWriter().writeString(i + "y".repeat(70)).toByteArray());
    }
    EngineException full = assertThrows(EngineException.class, fill::merge);
    assertTrue(full.text().contains("limit 9500 bytes"), full.text());
    fill.rollback();
    assertEquals(26, other.committed().tables().size());
  }

  @Test
  void badKeysAndUnknownIdsAreRefusedAsTheAbiSays() {
    int table = create(accounts().build());
    List<IndexSchema> indexes = store.committed().table(table).orElseThrow().indexes();
    int byId = indexes.getFirst().id();
    ReadView view = store.committed();
    assertEquals(Scan.Refused.NO_SUCH_TABLE, view.scan(77));
    assertEquals(Scan.Refused.NO_SUCH_INDEX, view.point(77, new byte[4], 0, 4));
    assertEquals(Scan.Refused.BSATN_DECODE_ERROR, view.point(byId, new byte[3], 0, 3));
    assertEquals(
        Scan.Refused.BSATN_DECODE_ERROR,
        view.range(byId, new IndexRange().prefix(1, new byte[4], 0, 4)));
    assertEquals(
        Scan.Refused.BSATN_DECODE_ERROR,
        view.range(byId, new IndexRange().prefix(0, new byte[4], 0, 4)));
    assertEquals(
        Scan.Refused.BSATN_DECODE_ERROR, view.range(byId, new IndexRange().end(new byte[0], 0, 0)));
    assertEquals(
        Scan.Refused.BSATN_DECODE_ERROR, view.range(byId, new IndexRange().start(3, new byte[4])));
    assertEquals(ReadView.NO_INDEX, view.findUnique(77, new byte[4], 0, 4, new RowSlice()));
    assertEquals(3, Outcome.BSATN_DECODE_ERROR.errno());
    Transaction tx = store.begin();
    assertEquals(Outcome.BSATN_DECODE_ERROR, tx.deleteAllByEqual(table, new byte[3], 0, 3));
    assertEquals(
        Outcome.BSATN_DECODE_ERROR, tx.deleteAllByEqual(table, new byte[] {1, 0, 0, 0}, 0, 4));
    assertEquals(Outcome.NO_SUCH_TABLE, tx.clear(77));
    tx.rollback();
  }

  @Test
  void aProductColumnIsSearchedByItsFields() {
    int table =
        create(
            Tables.table("points")
                .column(
                    "at",
                    AlgebraicType.product(
                        Member.of("x", Primitive.I32), Member.of("y", Primitive.I64)))
                .unique(0)
                .btree(0)
                .build());
    TableSchema schema = store.committed().table(table).orElseThrow();
    IndexSchema index = schema.indexes().getFirst();
    assertEquals(2, schema.keyElements(index));
    Transaction tx = store.begin();
    for (int x = -2; x < 3; x++) {
      for (int y = 0; y < 5; y++) {
        insert(tx, table, row(x, y));
      }
    }
    tx.merge();
    byte[] x = new BsatnWriter().writeI32(-1).toByteArray();
    IndexRange range =
        new IndexRange()
            .prefix(1, x, 0, 4)
            .start(IndexRange.EXCLUDED, new BsatnWriter().writeI64(1).toByteArray())
            .end(IndexRange.INCLUDED, new BsatnWriter().writeI64(3).toByteArray());
    assertEquals(List.of("-1=2", "-1=3"), values(store.committed().range(index.id(), range)));
    assertFalse(range.isPoint(2));
    IndexRange below =
        new IndexRange().end(IndexRange.EXCLUDED, new BsatnWriter().writeI32(-1).toByteArray());
    assertEquals(5, values(store.committed().range(index.id(), below)).size());
    IndexRange above =
        new IndexRange().start(IndexRange.EXCLUDED, new BsatnWriter().writeI32(1).toByteArray());
    assertEquals(5, values(store.committed().range(index.id(), above)).size());
    byte[] three = new BsatnWriter().writeI64(3).toByteArray();
    assertTrue(
        new IndexRange()
            .prefix(1, x, 0, 4)
            .start(IndexRange.INCLUDED, three)
            .end(IndexRange.INCLUDED, three)
            .isPoint(2));
  }

  @Test
  void clearDeletesWhatIsVisible() {
    int table = create(accounts().build());
    Transaction first = store.begin();
    for (int i = 0; i < 100; i++) {
      insert(first, table, row(i, i));
    }
    first.merge();
    Transaction tx = store.begin();
    for (int i = 100; i < 150; i++) {
      insert(tx, table, row(i, i));
    }
    assertEquals(Outcome.DONE, tx.clear(table));
    assertEquals(150, tx.affected());
    assertEquals(0, tx.rowCount(table).orElseThrow());
    assertEquals(0, tx.changes().table(0).insertedCount());
    assertEquals(100, tx.changes().table(0).deletedCount());
    tx.merge();
    assertEquals(0, store.liveBytes(table));
  }

  @Test
  void bytesThatAreNoRowChangeNothing() {
    int table = create(accounts().build());
    Transaction tx = store.begin();
    insert(tx, table, row(1, 1));
    assertThrows(DecodeException.class, () -> insert(tx, table, new byte[11]));
    insert(tx, table, row(2, 2));
    tx.merge();
    assertEquals(List.of("1=1", "2=2"), values(store.committed().scan(table)));
  }

  @Test
  void rowsOfEverySizeShareATransaction() {
    int unit = create(Tables.table("unit").build());
    int texts = create(Tables.table("texts").column("s", Primitive.STRING).build());
    Transaction tx = store.begin();
    List<Integer> sizes = List.of(4000, 100, 70_000, 0, 65_532, 65_536, 1_000_000, 1);
    for (int size : sizes) {
      byte[] row = new BsatnWriter().writeString("x".repeat(size)).toByteArray();
      assertEquals(Outcome.DONE, insert(tx, texts, row));
      insert(tx, unit, new byte[0]);
      tx.delete(unit, tx.lastRow());
    }
    insert(tx, unit, new byte[0]);
    tx.merge();
    for (int size : sizes) {
      byte[] row = new BsatnWriter().writeString("x".repeat(size)).toByteArray();
      assertTrue(store.committed().findRow(texts, row, 0, row.length) != ReadView.NO_ROW);
    }
    assertEquals(1, store.committed().rowCount(unit).orElseThrow());
  }

  @Test
  void rowsWithoutBytesAreOneRow() {
    int table = create(Tables.table("unit").build());
    Transaction tx = store.begin();
    assertEquals(Outcome.DONE, insert(tx, table, new byte[0]));
    assertEquals(Outcome.UNCHANGED, insert(tx, table, new byte[0]));
    tx.merge();
    Transaction next = store.begin();
    assertEquals(Outcome.UNCHANGED, insert(next, table, new byte[0]));
    byte[] many = {-1, -1, -1, -1};
    assertEquals(Outcome.DONE, next.deleteAllByEqual(table, many, 0, 4));
    assertEquals(1, next.affected());
    next.merge();
    assertEquals(0, store.committed().rowCount(table).orElseThrow());
  }

  @Test
  void aStackOverflowWithinAWriteLeavesARollbackThatLeavesNoTrace() {
    int table = create(accounts().build());
    int byId = store.committed().table(table).orElseThrow().indexes().getFirst().id();
    Transaction first = store.begin();
    for (int i = 0; i < 200; i++) {
      insert(first, table, row(i, i));
    }
    first.merge();
    List<String> before = values(store.committed().scan(table));
    for (int round = 0; round < 40; round++) {
      Transaction tx = store.begin();
      int salt = round;
      assertThrows(
          StackOverflowError.class, () -> writeAndDescend(tx, table, byId, salt * 1000, 0));
      tx.rollback();
      assertEquals(before, values(store.committed().scan(table)));
      Transaction probe = store.begin();
      assertEquals(before, values(probe.scan(table)));
      assertTrue(probe.changes().isEmpty());
      probe.rollback();
    }
  }

  @SuppressWarnings("InfiniteRecursion") // the overflow is the point
  private static int writeAndDescend(Transaction tx, int table, int index, int salt, int depth) {
    tx.update(table, index, row(depth % 200, salt - depth), 0, 12);
    tx.insert(table, row(1000 + depth, depth), 0, 12);
    return 1 + writeAndDescend(tx, table, index, salt, depth + 1);
  }

  @Test
  void aMergeCutShortIsNeverTakenForAState() {
    int table = create(accounts().build());
    Transaction tx = store.begin();
    for (int i = 0; i < 500; i++) {
      insert(tx, table, row(i, -i));
    }
    tx.prepare();
    boolean whole = mergeAtTheEndOfTheStack(tx);
    if (whole) {
      assertEquals(500, store.committed().rowCount(table).orElseThrow());
    } else {
      assertThrows(IllegalStateException.class, store::committed);
      assertThrows(IllegalStateException.class, store::begin);
      assertThrows(IllegalStateException.class, tx::rollback);
    }
  }

  /** Tries to merge with next to no stack, then with a little more, until a merge begins. */
  @SuppressWarnings("InfiniteRecursion") // the overflow is the point
  private static boolean mergeAtTheEndOfTheStack(Transaction tx) {
    try {
      return mergeAtTheEndOfTheStack(tx);
    } catch (StackOverflowError atTheEnd) {
      try {
        tx.merge();
        return true;
      } catch (IllegalStateException begunBefore) {
        return false;
      }
    }
  }
}
