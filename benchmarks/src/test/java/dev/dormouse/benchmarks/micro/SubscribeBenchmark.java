package dev.dormouse.benchmarks.micro;

import dev.dormouse.database.EncodedRows;
import dev.dormouse.database.EncodedUpdate;
import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.query.Caller;
import dev.dormouse.query.QueryCompiler;
import dev.dormouse.query.QueryLimits;
import dev.dormouse.sats.Identity;
import dev.dormouse.subscription.QuerySetId;
import dev.dormouse.subscription.SubscribeOutcome;
import dev.dormouse.subscription.SubscriptionLimits;
import dev.dormouse.subscription.SubscriptionRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What 1,000 clients cost that subscribe to the same 10,000 rows, and leave. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SubscribeBenchmark {
  private static final int ROWS = 10_000;
  private static final int CLIENTS = 1_000;
  private static final List<String> QUERY = List.of("SELECT * FROM account");

  /** Bytes of encoded rows that are kept; with 0 each client costs an encoding. */
  @Param({"0", "16777216"})
  public long keptBytes;

  private Datastore store = StoreBenchmark.empty();
  private SubscriptionRegistry<Integer, EncodedRows, EncodedUpdate> registry = registry(0);

  private static SubscriptionRegistry<Integer, EncodedRows, EncodedUpdate> registry(long kept) {
    SubscriptionLimits limits = SubscriptionLimits.DEFAULT;
    return new SubscriptionRegistry<>(
        new QueryCompiler(QueryLimits.DEFAULT),
        new SubscriptionLimits(
            limits.setsPerSubscriberMax(),
            limits.queriesPerSetMax(),
            limits.plansMax(),
            limits.initialBytesMax(),
            limits.initialRowsScannedMax(),
            limits.initialTimeMax(),
            kept,
            limits.changeBytesMax()),
        System::nanoTime);
  }

  @Setup
  public void fill() {
    store = StoreBenchmark.empty();
    Transaction tx = store.begin();
    int table = tx.createTable(KeyKind.BTREE_U32.table());
    tx.prepare();
    tx.merge();
    tx = store.begin();
    for (int i = 0; i < ROWS; i++) {
      byte[] row = KeyKind.BTREE_U32.row(i, i);
      StoreBenchmark.accepted(tx.insert(table, row, 0, row.length));
    }
    tx.prepare();
    tx.merge();
    registry = registry(keptBytes);
  }

  /** All come, and all go. */
  @Benchmark
  public int subscribe() {
    var form = new BytesForm();
    var caller = new Caller(Identity.ZERO, false);
    int applied = 0;
    for (int client = 0; client < CLIENTS; client++) {
      registry.connect(client, caller, form);
      if (registry.subscribe(client, new QuerySetId(1), QUERY, store.committed())
          instanceof SubscribeOutcome.Applied<EncodedRows>(List<EncodedRows> rows)) {
        applied += rows.size();
      }
    }
    if (applied != CLIENTS) {
      throw new IllegalStateException(applied + " of " + CLIENTS + " were given rows");
    }
    for (int client = 0; client < CLIENTS; client++) {
      registry.disconnect(client);
    }
    return applied;
  }
}
