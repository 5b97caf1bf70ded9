package dev.dormouse.snapshot;

import dev.dormouse.datastore.Capture;
import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.module.IndexAlgorithm;
import dev.dormouse.sats.module.TableDef;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;

/**
 * Run by hand: how much CPU time it takes to write and to restore 100 MB in rows of 200 B, two
 * indexes.
 */
final class SnapshotMeasurement {
  private static final int ROWS = 500_000;
  private static final int ROUNDS = 7;

  private SnapshotMeasurement() {}

  public static void main(String[] arguments) throws IOException {
    measure("fixed", false);
    measure("variable", true);
  }

  private static void measure(String name, boolean variable) throws IOException {
    Datastore store = fill(variable);
    SnapshotHeader header = new World(1, 1).header();
    MemoryChunks chunks = new MemoryChunks();
    Manifest manifest = World.snapshot(store, header, SnapshotLimits.DEFAULTS, chunks);
    long packed = chunks.packed.values().stream().mapToLong(bytes -> bytes.length).sum();
    System.out.printf(
        "%s: %,d live bytes, %d chunks, %,d packed bytes, manifest %,d bytes%n",
        name, manifest.liveBytes(), manifest.chunks().size(), packed, manifest.encode().length);
    long[] capture = new long[ROUNDS];
    long[] again = new long[ROUNDS];
    long[] first = new long[ROUNDS];
    long[] unpack = new long[ROUNDS];
    long[] restore = new long[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long t0 = cpuNanos();
      Capture captured = store.capture();
      capture[round] = cpuNanos() - t0;
      t0 = cpuNanos();
      new SnapshotWriter(SnapshotLimits.DEFAULTS).write(captured, header, chunks);
      again[round] = cpuNanos() - t0;
      t0 = cpuNanos();
      new SnapshotWriter(SnapshotLimits.DEFAULTS).write(captured, header, new MemoryChunks());
      first[round] = cpuNanos() - t0;
      captured.close();
      t0 = cpuNanos();
      chunks.read(manifest.chunks(), chunk -> {});
      unpack[round] = cpuNanos() - t0;
      t0 = cpuNanos();
      Datastore back = new SnapshotReader(manifest).restore(World.options(), chunks);
      restore[round] = cpuNanos() - t0;
      if (back.liveBytes() != store.liveBytes()) {
        throw new AssertionError("not the same");
      }
    }
    print("capture, on the lane", capture);
    print("write, all chunks known", again);
    print("write, no chunk known", first);
    print("unpack and verify all chunks", unpack);
    print("restore, one thread, unpacking included", restore);
  }

  /** CPU time of this thread: other processes' load must not show. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void print(String what, long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    System.out.printf(
        "  %-42s median %8.2f ms, first %8.2f ms%n",
        what, sorted[sorted.length / 2] / 1e6, nanos[0] / 1e6);
  }

  /** Rows {id: U64, owner: U32, rest}, as compressible as game data is. */
  private static Datastore fill(boolean variable) {
    Datastore store = Datastore.bootstrap(World.options());
    Transaction tx = store.begin();
    TableDef table = variable ? variableTable() : fixedTable();
    int id = tx.createTable(table);
    tx.prepare();
    tx.merge();
    Random random = new Random(1);
    String text = "the quick brown fox jumps over the lazy dog ".repeat(5);
    for (int row = 0; row < ROWS; ) {
      tx = store.begin();
      for (int i = 0; i < 50_000 && row < ROWS; i++, row++) {
        BsatnWriter writer = new BsatnWriter(200);
        writer.writeI64(Integer.reverse(row)).writeI32(random.nextInt(10_000));
        if (variable) {
          int length = 150 + random.nextInt(70) - 20;
          writer.writeString(text.substring(0, length - 16));
          writer.writeI64(random.nextLong() & 0xffff).writeI64(random.nextLong());
          writer.writeI64(row).writeI64(random.nextInt(100));
        } else {
          for (int word = 0; word < 23; word++) {
            writer.writeI64(word % 3 == 0 ? random.nextLong() : random.nextInt(1000));
          }
          writer.writeI32(row);
        }
        byte[] bytes = writer.toByteArray();
        if (!tx.insert(id, bytes, 0, bytes.length).isDone()) {
          throw new AssertionError("row " + row);
        }
      }
      tx.prepare();
      tx.merge();
    }
    return store;
  }

  private static TableDef.ColumnDef column(String name, Primitive type) {
    return new TableDef.ColumnDef(name, name, type, Optional.empty());
  }

  private static TableDef fixedTable() {
    TableDef.ColumnDef[] columns = new TableDef.ColumnDef[26];
    columns[0] = column("id", Primitive.U64);
    columns[1] = column("owner", Primitive.U32);
    for (int i = 2; i < 25; i++) {
      columns[i] = column("c" + i, Primitive.I64);
    }
    columns[25] = column("last", Primitive.U32);
    return table(List.of(columns));
  }

  private static TableDef variableTable() {
    return table(
        List.of(
            column("id", Primitive.U64),
            column("owner", Primitive.U32),
            column("text", Primitive.STRING),
            column("a", Primitive.I64),
            column("b", Primitive.I64),
            column("c", Primitive.I64),
            column("d", Primitive.I64)));
  }

  private static TableDef table(List<TableDef.ColumnDef> columns) {
    return new TableDef(
        "t",
        "t",
        true,
        false,
        columns,
        OptionalInt.of(0),
        List.of(
            new TableDef.IndexDef(
                "t_id", "t_id", Optional.empty(), new IndexAlgorithm.BTree(List.of(0))),
            new TableDef.IndexDef(
                "t_owner", "t_owner", Optional.empty(), new IndexAlgorithm.BTree(List.of(1)))),
        List.of(new TableDef.UniqueDef("t_key", List.of(0))),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        0);
  }
}
