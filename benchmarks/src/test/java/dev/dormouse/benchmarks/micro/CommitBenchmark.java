package dev.dormouse.benchmarks.micro;

import dev.dormouse.commitlog.CommitKind;
import dev.dormouse.commitlog.CommitRecordWriter;
import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.DurabilityListener;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.commitlog.Journal;
import dev.dormouse.commitlog.JournalAppender;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.TableChanges;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.datastore.TxChanges;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Two updated accounts on their way into the log; the disk costs nothing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CommitBenchmark {
  private static final int ROWS = 100_000;
  private static final int PICKS = 1 << 16;

  /** Records that the writer takes at once. */
  private static final int GROUP = 1_000;

  private static final DatabaseKey KEY =
      new DatabaseKey(Identity.fromClaims("benchmark", "owner"), new Generation(new UUID(1, 2)));

  private static final class Unheard implements DurabilityListener {
    @Override
    public void durable(TxOffset last) {}

    @Override
    public void failed(Throwable cause) {
      throw new IllegalStateException(cause);
    }
  }

  private final Epoch epoch = new Epoch(1);
  private final Identity caller = Identity.fromClaims("benchmark", "caller");
  private final ConnectionId connection = new ConnectionId(3, 4);
  private Datastore store = StoreBenchmark.empty();
  private Journal journal = openJournal();
  private JournalAppender appender = journal.appender(KEY, epoch, TxOffset.ZERO, new Unheard());
  private final CommitRecordWriter record = new CommitRecordWriter(LogLimits.DEFAULT);
  private int table;
  private int index;
  private byte[][] rows = {};
  private byte[] finished = {};
  private int next;
  private long balance = ROWS;
  private long offset;

  static Journal openJournal() {
    try {
      return Journal.open(
          new DiscardingStorage(), LogLimits.DEFAULT, new SplittableRandom(1), () -> {});
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Setup
  public void fill() {
    store = StoreBenchmark.empty();
    Transaction tx = store.begin();
    table = tx.createTable(KeyKind.BTREE_U32.table());
    tx.prepare();
    tx.merge();
    index = StoreBenchmark.index(store, table);
    tx = store.begin();
    for (int i = 0; i < ROWS; i++) {
      byte[] row = KeyKind.BTREE_U32.row(i, i);
      StoreBenchmark.accepted(tx.insert(table, row, 0, row.length));
    }
    tx.prepare();
    tx.merge();
    var random = new SplittableRandom(2);
    rows = new byte[PICKS][];
    for (int i = 0; i < PICKS; i++) {
      rows[i] = KeyKind.BTREE_U32.row(random.nextInt(ROWS), random.nextLong());
    }
    tx = begun();
    encode(tx.changes());
    finished = record.toByteArray();
    tx.rollback();
    next = 0;
    offset = 0;
    journal = openJournal();
    appender = journal.appender(KEY, epoch, TxOffset.ZERO, new Unheard());
  }

  private Transaction begun() {
    Transaction tx = store.begin();
    for (int i = 0; i < 2; i++) {
      next = (next + 1) & (PICKS - 1);
      byte[] row = rows[next];
      KeyKind.setBalance(row, ++balance);
      StoreBenchmark.accepted(tx.update(table, index, row, 0, row.length));
    }
    return tx;
  }

  private void encode(TxChanges changes) {
    record.begin(
        KEY,
        epoch,
        new TxOffset(offset),
        1_700_000_000_000_000L,
        CommitKind.REDUCER,
        caller,
        "transfer");
    for (int i = 0; i < changes.tableCount(); i++) {
      TableChanges changed = changes.table(i);
      record.beginTable(changed.schema().id());
      changed.forEachDeleted(record::deletedRow);
      changed.forEachInserted(record::insertedRow);
    }
    record.connectionId(connection);
    record.finish();
  }

  private void written() throws IOException {
    offset++;
    if (offset % GROUP == 0 && !journal.writeGroup()) {
      throw new IllegalStateException("the journal had nothing to write");
    }
  }

  /** The two updates, and nothing else: to be subtracted. */
  @Benchmark
  public void updatesRolledBack() {
    begun().rollback();
  }

  /** The two updates, and the record of them. */
  @Benchmark
  public void updatesAndRecord() {
    Transaction tx = begun();
    encode(tx.changes());
    tx.rollback();
  }

  /** The two updates, merged and in the log. */
  @Benchmark
  public void updatesAndCommit() throws IOException {
    Transaction tx = begun();
    encode(tx.changes());
    tx.prepare();
    if (!appender.tryReserve(record.length())) {
      throw new IllegalStateException("the journal is full");
    }
    tx.merge();
    appender.append(record);
    written();
  }

  /** A finished record into the log: reserved, copied, checksummed with its group. */
  @Benchmark
  public void journalAppend() throws IOException {
    encodeEmpty();
    if (!appender.tryReserve(record.length())) {
      throw new IllegalStateException("the journal is full");
    }
    appender.append(record);
    written();
  }

  /** A record of the size of a transfer's, without a store. */
  private void encodeEmpty() {
    record.begin(
        KEY,
        epoch,
        new TxOffset(offset),
        1_700_000_000_000_000L,
        CommitKind.REDUCER,
        caller,
        "transfer");
    record.arguments(finished, 0, 80);
    record.finish();
  }

  /** That record by itself: to be subtracted. */
  @Benchmark
  public int recordAlone() {
    encodeEmpty();
    return record.length();
  }
}
