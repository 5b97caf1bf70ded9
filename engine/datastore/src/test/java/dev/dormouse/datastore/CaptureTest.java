package dev.dormouse.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Primitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

final class CaptureTest {
  private static final int ROWS = 20_000;
  private final Datastore store = Datastore.bootstrap(Tables.options());
  private final int table = fill();

  /** Rows whose balances always sum to the same. */
  private int fill() {
    Transaction tx = store.begin();
    int id =
        tx.createTable(
            Tables.table("accounts")
                .column("id", Primitive.U32)
                .column("balance", Primitive.I64)
                .column("note", Primitive.STRING)
                .primaryKey(0)
                .build());
    for (int i = 0; i < ROWS; i++) {
      byte[] row = row(i, 100, "n");
      tx.insert(id, row, 0, row.length);
    }
    tx.merge();
    return id;
  }

  private static byte[] row(int id, long balance, String note) {
    return new BsatnWriter().writeI32(id).writeI64(balance).writeString(note).toByteArray();
  }

  private int index() {
    return store.committed().table(table).orElseThrow().indexes().getFirst().id();
  }

  private void transfer(int from, int to, int round) {
    RowSlice slice = new RowSlice();
    Transaction tx = store.begin();
    for (int id : new int[] {from, to}) {
      byte[] key = new BsatnWriter().writeI32(id).toByteArray();
      tx.findUnique(index(), key, 0, 4, slice);
      long balance = Words.littleLong(slice.buffer(), slice.offset() + 4);
      byte[] row = row(id, balance + (id == from ? -1 : 1), "note ".repeat(round % 7));
      assertEquals(Outcome.DONE, tx.update(table, index(), row, 0, row.length));
    }
    tx.merge();
  }

  private static long sum(Capture capture, int table) {
    long[] sum = new long[1];
    capture.tables().stream()
        .filter(captured -> captured.schema().id() == table)
        .flatMap(captured -> captured.pages().stream())
        .forEach(
            page ->
                page.forEachRow(
                    (buffer, offset, length) -> sum[0] += Words.littleLong(buffer, offset + 4)));
    return sum[0];
  }

  @Test
  void aCaptureReadByAnotherThreadIsTheStateOfItsMoment() throws Exception {
    try (ExecutorService reader = Executors.newSingleThreadExecutor()) {
      for (int round = 0; round < 20; round++) {
        Capture capture = store.capture();
        CompletableFuture<Long> sum =
            CompletableFuture.supplyAsync(
                () -> {
                  try (capture) {
                    return sum(capture, table);
                  }
                },
                reader);
        int i = 0;
        while (!sum.isDone() || i < 500) {
          int from = (round * 7919 + i * 31) % ROWS;
          transfer(from, (from + 1 + i % 1000) % ROWS, i);
          i++;
        }
        assertEquals(100L * ROWS, sum.get(), "round " + round);
      }
    }
  }

  @Test
  void onlyPagesWrittenSinceAreOfALaterGeneration() {
    Capture first = store.capture();
    transfer(1, 2, 3);
    transfer(1, 2, 3);
    Capture second = store.capture();
    List<Integer> changed = new ArrayList<>();
    for (Capture.CapturedTable captured : second.tables()) {
      for (Capture.CapturedPage page : captured.pages()) {
        if (page.generation() > first.generation()) {
          changed.add(captured.schema().id());
        }
      }
    }
    assertTrue(changed.size() == 1 || changed.size() == 2, changed.toString());
    assertTrue(changed.stream().allMatch(id -> id == table), changed.toString());
    first.close();
    second.close();
  }

  @Test
  void pagesAreCopiedOnlyWhileACaptureIsOpen() {
    Capture capture = store.capture();
    byte[] captured = firstPage();
    capture.close();
    transfer(0, 1, 0);
    assertSame(captured, firstPage(), "not copied");
    try (Capture open = store.capture()) {
      transfer(0, 1, 0);
      assertNotSame(captured, firstPage(), "copied");
      assertEquals(100L * ROWS, sum(open, table));
    }
  }

  private byte[] firstPage() {
    return Objects.requireNonNull(store.catalog().table(table)).pages.bytes(0);
  }

  @Test
  void capturesAreMadeBetweenTransactions() {
    Transaction tx = store.begin();
    assertThrows(IllegalStateException.class, store::capture);
    tx.rollback();
  }

  @Test
  void aRestoreRefusesWhatNoCaptureGives() {
    byte[] row = row(1, 2, "x");
    assertThrows(
        EngineException.class,
        () -> Datastore.restore(Tables.options(), 0).row(4096, row, 0, row.length));
    Restore restore = Datastore.restore(Tables.options(), 0);
    Capture capture = store.capture();
    assertThrows(
        EngineException.class,
        () -> {
          for (Capture.CapturedTable captured : capture.tables()) {
            for (Capture.CapturedPage page : captured.pages()) {
              page.forEachRow((b, o, l) -> restore.row(captured.schema().id(), b, o, l));
            }
          }
          restore.row(table, row, 0, row.length);
          restore.finish();
        },
        "two rows with the key 1");
    capture.close();
  }

  @Test
  void aRowWithAPrimaryKeyTakesLessThan60Bytes() {
    Transaction tx = store.begin();
    int id =
        tx.createTable(
            Tables.table("small")
                .column("id", Primitive.U32)
                .column("n", Primitive.I64)
                .primaryKey(0)
                .build());
    tx.merge();
    long before = store.heapBytes();
    int rows = 100_000;
    byte[] row = new byte[12];
    for (int i = 0; i < rows; i++) {
      Transaction one = store.begin();
      Words.setLittleInt(row, 0, i * 0x9e3779b1);
      one.insert(id, row, 0, 12);
      one.merge();
    }
    double each = (store.heapBytes() - before) / (double) rows;
    assertTrue(each < 40, each + " bytes per row, keys in random order");
  }
}
