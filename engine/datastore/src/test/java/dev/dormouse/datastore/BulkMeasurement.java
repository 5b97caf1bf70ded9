package dev.dormouse.datastore;

import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.Primitive;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Times work on many rows; run by hand: not a test. */
final class BulkMeasurement {
  private BulkMeasurement() {}

  public static void main(String[] arguments) {
    int small = 1_000_000;
    int large = 500_000;
    for (int round = 0; round < 4; round++) {
      System.out.println("-- round " + round);
      Datastore store = Datastore.bootstrap(Tables.options());
      Transaction ddl = store.begin();
      int accounts =
          ddl.createTable(
              Tables.table("accounts")
                  .column("id", Primitive.U32)
                  .column("balance", Primitive.I64)
                  .primaryKey(0)
                  .build());
      int people =
          ddl.createTable(
              Tables.table("people")
                  .column("id", Primitive.U64)
                  .column("name", Primitive.STRING)
                  .column("text", Primitive.STRING)
                  .primaryKey(0)
                  .btree(1)
                  .build());
      ddl.merge();
      byte[] row = new byte[12];
      SplittableRandom random = new SplittableRandom(round);
      long start = cpuNanos();
      Transaction tx = store.begin();
      for (int i = 0; i < 100_000; i++) {
        Words.setLittleInt(row, 0, i * 0x9e3779b1);
        tx.insert(accounts, row, 0, 12);
      }
      report("insert 100k random keys, one transaction", start, 100_000);
      start = cpuNanos();
      tx.merge();
      report("  merge", start, 100_000);
      start = cpuNanos();
      for (int i = 0; i < 100_000; i++) {
        Words.setLittleInt(row, 0, (i + 100_000) * 0x9e3779b1);
        Transaction one = store.begin();
        one.insert(accounts, row, 0, 12);
        one.changes();
        one.merge();
      }
      report("insert 100k random keys, a transaction each", start, 100_000);
      start = cpuNanos();
      Replay replay = store.replay();
      for (int i = 0; i < small; i++) {
        Words.setLittleInt(row, 0, (i + 200_000) * 0x9e3779b1);
        replay.insert(accounts, row, 0, 12);
      }
      replay.end();
      report("replay 1M random keys", start, small);
      start = cpuNanos();
      List<byte[]> rows = new ArrayList<>();
      for (int i = 0; i < 10_000; i++) {
        rows.add(
            new BsatnWriter()
                .writeI64(0)
                .writeString(System.getProperty("start", "name ") + random.nextInt(1_000_000))
                .writeString("x".repeat(150 + random.nextInt(50)))
                .toByteArray());
      }
      start = cpuNanos();
      Replay wide = store.replay();
      for (int i = 0; i < large; i++) {
        byte[] person = rows.get(i % rows.size());
        Words.setLittleLong(person, 0, i);
        wide.insert(people, person, 0, person.length);
      }
      wide.end();
      report("replay 500k rows of ~195 B, two indexes", start, large);
      System.out.printf(
          "live %d MB, heap %d MB%n", store.liveBytes() >> 20, store.heapBytes() >> 20);
      start = cpuNanos();
      Capture capture = store.capture();
      report("capture", start, 1);
      start = cpuNanos();
      Restore restore = Datastore.restore(Tables.options(), 0);
      for (Capture.CapturedTable table : capture.tables()) {
        int id = table.schema().id();
        for (Capture.CapturedPage page : table.pages()) {
          page.forEachRow((b, o, l) -> restore.row(id, b, o, l));
        }
      }
      capture.forEachSequence(restore::sequence);
      Datastore restored = restore.finish();
      report("restore all", start, small + large + 200_000);
      capture.close();
      start = cpuNanos();
      RowCursor cursor = (RowCursor) restored.committed().scan(people);
      long sum = 0;
      int count = 0;
      while (cursor.next()) {
        sum += cursor.buffer()[cursor.offset()];
        count++;
      }
      report("scan " + (sum & 1), start, count);
    }
  }

  private static void report(String what, long start, int count) {
    long nanos = cpuNanos() - start;
    System.out.printf("%-48s %8.1f ms  %8.1f ns each%n", what, nanos / 1e6, nanos / (double) count);
  }

  /** CPU time of this thread: other work on the machine counts less. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
