package dev.dormouse.benchmarks.micro;

import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.DatastoreLimits;
import dev.dormouse.datastore.DatastoreOptions;
import dev.dormouse.datastore.Outcome;
import dev.dormouse.datastore.ReadView;
import dev.dormouse.datastore.RowSlice;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.sats.Identity;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One row found, inserted, updated, deleted in a table of 100,000, by kind of index. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StoreBenchmark {
  private static final int ROWS = 100_000;
  private static final int PICKS = 1 << 16;

  @Param public KeyKind kind = KeyKind.BTREE_U32;

  private Datastore store = empty();
  private int table;
  private int index;
  private int emptyIndex;
  private Datastore emptyStore = store;
  private byte[][] keys = {};
  private byte[][] rows = {};
  private byte[][] strangers = {};
  private final RowSlice slice = new RowSlice();
  private int next;
  private long balance = ROWS;

  static Datastore empty() {
    return Datastore.bootstrap(new DatastoreOptions(Identity.ZERO, 42, DatastoreLimits.DEFAULTS));
  }

  static int index(Datastore store, int table) {
    return store.committed().table(table).orElseThrow().indexes().getFirst().id();
  }

  @Setup
  public void fill() {
    emptyStore = empty();
    Transaction making = emptyStore.begin();
    int made = making.createTable(kind.table());
    making.prepare();
    making.merge();
    emptyIndex = index(emptyStore, made);

    store = empty();
    Transaction tx = store.begin();
    table = tx.createTable(kind.table());
    tx.prepare();
    tx.merge();
    index = index(store, table);
    tx = store.begin();
    for (int i = 0; i < ROWS; i++) {
      byte[] row = kind.row(i, i);
      accepted(tx.insert(table, row, 0, row.length));
    }
    tx.prepare();
    tx.merge();
    var random = new SplittableRandom(1);
    keys = new byte[PICKS][];
    rows = new byte[PICKS][];
    strangers = new byte[PICKS][];
    for (int i = 0; i < PICKS; i++) {
      int number = random.nextInt(ROWS);
      keys[i] = kind.key(number);
      rows[i] = kind.row(number, random.nextLong());
      strangers[i] = kind.row(ROWS + i, 0);
    }
  }

  static void accepted(Outcome outcome) {
    if (outcome != Outcome.DONE) {
      throw new IllegalStateException("refused: " + outcome);
    }
  }

  private int pick() {
    next = (next + 1) & (PICKS - 1);
    return next;
  }

  /** Checks and decodes a key, and looks into an empty index. */
  @Benchmark
  public long keyDecode() {
    byte[] key = keys[pick()];
    return emptyStore.committed().findUnique(emptyIndex, key, 0, key.length, slice);
  }

  @Benchmark
  public long find() {
    byte[] key = keys[pick()];
    long found = store.committed().findUnique(index, key, 0, key.length, slice);
    if (found == ReadView.NO_ROW) {
      throw new IllegalStateException("a row is missing");
    }
    return found;
  }

  /** A transaction that changes one row. */
  @Benchmark
  public void update() {
    byte[] row = rows[pick()];
    KeyKind.setBalance(row, ++balance);
    Transaction tx = store.begin();
    accepted(tx.update(table, index, row, 0, row.length));
    tx.prepare();
    tx.merge();
  }

  /** A transaction that inserts a row and is rolled back. */
  @Benchmark
  public void insertRolledBack() {
    byte[] row = strangers[pick()];
    Transaction tx = store.begin();
    accepted(tx.insert(table, row, 0, row.length));
    tx.rollback();
  }

  /** Two transactions: one inserts a row, one deletes it. */
  @Benchmark
  public void insertAndDelete() {
    byte[] row = strangers[pick()];
    Transaction tx = store.begin();
    accepted(tx.insert(table, row, 0, row.length));
    tx.prepare();
    tx.merge();
    tx = store.begin();
    accepted(tx.deletePoint(index, row, 0, row.length - 8));
    tx.prepare();
    tx.merge();
  }
}
