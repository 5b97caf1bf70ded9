package dev.dormouse.benchmarks.micro;

import dev.dormouse.database.EncodedRows;
import dev.dormouse.database.EncodedUpdate;
import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.query.Caller;
import dev.dormouse.query.QueryCompiler;
import dev.dormouse.query.QueryLimits;
import dev.dormouse.sats.Identity;
import dev.dormouse.subscription.Deltas;
import dev.dormouse.subscription.QuerySetId;
import dev.dormouse.subscription.SubscribeOutcome;
import dev.dormouse.subscription.SubscriptionLimits;
import dev.dormouse.subscription.SubscriptionRegistry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
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

/** What a transaction of two updated rows costs when 1,000 clients watch the table. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DeltaBenchmark {
  private static final int ROWS = 100_000;
  private static final int CLIENTS = 1_000;
  private static final int PICKS = 1 << 16;

  /** What the clients watch. */
  public enum Watch {
    /** Nobody watches. */
    NONE,
    /** Each client another key: {@code WHERE k0 = …}. */
    OWN_KEY,
    /** All of them the same query, which no change matches. */
    SAME_WITHOUT_MATCH,
    /** All of them the whole table. */
    WHOLE_TABLE
  }

  @Param public Watch watch = Watch.NONE;

  private Datastore store = StoreBenchmark.empty();
  private SubscriptionRegistry<Integer, EncodedRows, EncodedUpdate> registry = registry();
  private int table;
  private int index;
  private byte[][] rows = {};
  private int next;
  private long balance = ROWS;

  private static SubscriptionRegistry<Integer, EncodedRows, EncodedUpdate> registry() {
    return new SubscriptionRegistry<>(
        new QueryCompiler(QueryLimits.DEFAULT), SubscriptionLimits.DEFAULT, System::nanoTime);
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
    var random = new SplittableRandom(3);
    rows = new byte[PICKS][];
    for (int i = 0; i < PICKS; i++) {
      rows[i] = KeyKind.BTREE_U32.row(random.nextInt(ROWS), 1 + random.nextInt(1_000_000));
    }
    registry = registry();
    var form = new BytesForm();
    var caller = new Caller(Identity.ZERO, false);
    for (int client = 0; client < CLIENTS && watch != Watch.NONE; client++) {
      registry.connect(client, caller, form);
      SubscribeOutcome<EncodedRows> outcome =
          registry.subscribe(client, new QuerySetId(1), List.of(query(client)), store.committed());
      if (outcome instanceof SubscribeOutcome.Refused<EncodedRows>(String error)) {
        throw new IllegalStateException(error);
      }
    }
  }

  private String query(int client) {
    return switch (watch) {
      case NONE -> throw new IllegalStateException("nobody watches");
      case OWN_KEY ->
          "SELECT * FROM account WHERE k0 = "
              + Integer.toUnsignedString(
                  ByteBuffer.wrap(KeyKind.BTREE_U32.key(client * (ROWS / CLIENTS)))
                      .order(ByteOrder.LITTLE_ENDIAN)
                      .getInt());
      case SAME_WITHOUT_MATCH -> "SELECT * FROM account WHERE balance < 0";
      case WHOLE_TABLE -> "SELECT * FROM account";
    };
  }

  /** Two updates, the deltas of their changes for everybody, and the merge. */
  @Benchmark
  public Deltas<Integer, EncodedUpdate> delta() {
    Transaction tx = store.begin();
    for (int i = 0; i < 2; i++) {
      next = (next + 1) & (PICKS - 1);
      byte[] row = rows[next];
      KeyKind.setBalance(row, ++balance);
      StoreBenchmark.accepted(tx.update(table, index, row, 0, row.length));
    }
    tx.prepare();
    Deltas<Integer, EncodedUpdate> deltas = registry.evaluate(tx.changes());
    tx.merge();
    return deltas;
  }
}
