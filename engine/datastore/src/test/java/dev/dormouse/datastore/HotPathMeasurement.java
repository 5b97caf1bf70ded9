package dev.dormouse.datastore;

import dev.dormouse.sats.Primitive;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Times the hot paths; run by hand: not a test. */
final class HotPathMeasurement {
  private static final int ROWS = 100_000;

  private HotPathMeasurement() {}

  public static void main(String[] arguments) {
    Datastore store = Datastore.bootstrap(Tables.options());
    System.out.println("bootstrapped store: heap estimate " + store.heapBytes());
    Transaction tx = store.begin();
    int accounts =
        tx.createTable(
            Tables.table("accounts")
                .column("id", Primitive.U32)
                .column("balance", Primitive.I64)
                .primaryKey(0)
                .build());
    byte[] row = new byte[12];
    for (int i = 0; i < ROWS; i++) {
      Words.setLittleInt(row, 0, i);
      Words.setLittleLong(row, 4, 1_000_000);
      tx.insert(accounts, row, 0, 12);
    }
    int index = tx.table(accounts).orElseThrow().indexes().getFirst().id();
    tx.merge();
    long sum = 0;
    SplittableRandom random = new SplittableRandom(1);
    int[] keys = random.ints(1 << 16, 0, ROWS).toArray();
    for (int round = 0; round < 12; round++) {
      sum += finds(store, index, keys, round);
      for (int phase = 0; phase <= 4; phase++) {
        sum += transfers(store, accounts, index, keys, round, phase);
      }
    }
    System.out.println("sum " + sum + ", heap estimate " + store.heapBytes());
  }

  private static long finds(Datastore store, int index, int[] keys, int round) {
    byte[] key = new byte[4];
    RowSlice slice = new RowSlice();
    double[] samples = new double[32];
    long sum = 0;
    for (int s = 0; s < samples.length; s++) {
      long start = cpuNanos();
      for (int k : keys) {
        Words.setLittleInt(key, 0, k);
        store.committed().findUnique(index, key, 0, 4, slice);
        sum += slice.buffer()[slice.offset()];
      }
      samples[s] = (cpuNanos() - start) / (double) keys.length;
    }
    report("find", samples, round);
    return sum;
  }

  private static long transfers(
      Datastore store, int accounts, int index, int[] keys, int round, int phase) {
    byte[] row = new byte[64];
    byte[] from = new byte[12];
    byte[] to = new byte[12];
    byte[] log = new byte[256];
    RowSlice slice = new RowSlice();
    double[] samples = new double[32];
    long sum = 0;
    RowVisitor visitor =
        (buffer, offset, length) -> System.arraycopy(buffer, offset, log, 0, length);
    for (int s = 0; s < samples.length; s++) {
      long start = cpuNanos();
      for (int i = 0; i < keys.length; i += 2) {
        Transaction tx = store.begin();
        if (phase == 0) {
          tx.rollback();
          continue;
        }
        Words.setLittleInt(row, 0, keys[i]);
        tx.findUnique(index, row, 0, 4, slice);
        System.arraycopy(slice.buffer(), slice.offset(), from, 0, 12);
        Words.setLittleInt(row, 0, keys[i + 1]);
        tx.findUnique(index, row, 0, 4, slice);
        System.arraycopy(slice.buffer(), slice.offset(), to, 0, 12);
        if (phase == 1) {
          sum += from[4] + to[4];
          tx.rollback();
          continue;
        }
        Words.setLittleLong(from, 4, Words.littleLong(from, 4) - 1);
        Words.setLittleLong(to, 4, Words.littleLong(to, 4) + 1);
        tx.update(accounts, index, from, 0, 12);
        tx.update(accounts, index, to, 0, 12);
        if (phase == 2) {
          tx.rollback();
          continue;
        }
        TxChanges changes = tx.changes();
        for (int t = 0; t < changes.tableCount(); t++) {
          changes.table(t).forEachInserted(visitor);
          changes.table(t).forEachDeleted(visitor);
        }
        sum += log[0];
        if (phase == 3) {
          tx.rollback();
        } else {
          tx.merge();
        }
      }
      samples[s] = (cpuNanos() - start) / (keys.length / 2.0);
    }
    report(
        List.of("begin", "+ 2 finds", "+ 2 updates", "+ changes", "= transfer").get(phase),
        samples,
        round);
    return sum;
  }

  private static void report(String what, double[] samples, int round) {
    Arrays.sort(samples);
    if (round >= 9) {
      System.out.printf(
          "%-12s median %.1f ns, min %.1f ns%n", what, samples[samples.length / 2], samples[0]);
    }
  }

  /** CPU time of this thread: other work on the machine counts less. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
