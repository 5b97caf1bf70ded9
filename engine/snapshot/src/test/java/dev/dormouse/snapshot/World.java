package dev.dormouse.snapshot;

import dev.dormouse.datastore.Capture;
import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.DatastoreLimits;
import dev.dormouse.datastore.DatastoreOptions;
import dev.dormouse.datastore.IndexSchema;
import dev.dormouse.datastore.Replay;
import dev.dormouse.datastore.RowCursor;
import dev.dormouse.datastore.TableChanges;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.datastore.TxChanges;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.module.IndexAlgorithm;
import dev.dormouse.sats.module.TableDef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/** A store with some tables, filled at random, and the history of its transactions. */
final class World {
  static final int FIXED = 0;
  static final int VARIABLE = 1;
  static final int BAG = 2;
  static final int EVENTS = 3;

  final Datastore store;
  final List<Consumer<Replay>> history = new ArrayList<>();
  final int[] tables = new int[4];
  private final SplittableRandom random;
  private final int noteBytesMax;

  World(long seed, int noteBytesMax) {
    this.random = new SplittableRandom(seed);
    this.noteBytesMax = noteBytesMax;
    this.store = Datastore.bootstrap(options());
    Transaction tx = store.begin();
    tables[FIXED] =
        tx.createTable(
            table("accounts", false, List.of("id", "balance"), Primitive.U32, Primitive.I64));
    tables[VARIABLE] =
        tx.createTable(
            table(
                "notes",
                false,
                List.of("id", "owner", "text"),
                Primitive.U64,
                Primitive.U32,
                Primitive.STRING));
    tables[BAG] =
        tx.createTable(
            table("visits", false, List.of("who", "where"), Primitive.STRING, Primitive.U8));
    tables[EVENTS] = tx.createTable(table("clicks", true, List.of("x"), Primitive.U32));
    commit(tx);
  }

  static DatastoreOptions options() {
    return new DatastoreOptions(new Identity(1, 2, 3, 4), 99, DatastoreLimits.DEFAULTS);
  }

  /** A table; unless its first column is a text, that is its key, drawn where it is a U64. */
  private static TableDef table(
      String name, boolean event, List<String> names, AlgebraicType... types) {
    List<TableDef.ColumnDef> columns = new ArrayList<>();
    for (int i = 0; i < types.length; i++) {
      columns.add(new TableDef.ColumnDef(names.get(i), names.get(i), types[i], Optional.empty()));
    }
    boolean keyed = types[0] != Primitive.STRING;
    List<TableDef.IndexDef> indexes = new ArrayList<>();
    for (int column = keyed ? 0 : 1; column < Math.min(2, types.length); column++) {
      String index = name + "_" + names.get(column) + "_idx_btree";
      indexes.add(
          new TableDef.IndexDef(
              index, index, Optional.empty(), new IndexAlgorithm.BTree(List.of(column))));
    }
    return new TableDef(
        name,
        name,
        true,
        event,
        columns,
        keyed ? OptionalInt.of(0) : OptionalInt.empty(),
        indexes,
        keyed ? List.of(new TableDef.UniqueDef(name + "_key", List.of(0))) : List.of(),
        types[0] == Primitive.U64 ? List.of(new TableDef.SequenceDef(name + "_seq", 0)) : List.of(),
        Optional.empty(),
        Optional.empty(),
        0);
  }

  /** The tx offset of the next commit. */
  long nextOffset() {
    return history.size();
  }

  private void commit(Transaction tx) {
    TxChanges changes = tx.changes();
    List<Consumer<Replay>> record = new ArrayList<>();
    for (int i = 0; i < changes.tableCount(); i++) {
      TableChanges table = changes.table(i);
      int id = table.schema().id();
      table.forEachDeleted(
          (bytes, offset, length) -> {
            byte[] row = Arrays.copyOfRange(bytes, offset, offset + length);
            record.add(replay -> replay.delete(id, row, 0, row.length));
          });
      table.forEachInserted(
          (bytes, offset, length) -> {
            byte[] row = Arrays.copyOfRange(bytes, offset, offset + length);
            record.add(replay -> replay.insert(id, row, 0, row.length));
          });
    }
    changes.forEachSequence(
        (sequence, high, low) -> record.add(replay -> replay.sequence(sequence, high, low)));
    tx.prepare();
    tx.merge();
    history.add(
        replay -> {
          record.forEach(step -> step.accept(replay));
          replay.end();
        });
  }

  /** Commits a transaction of some inserts and deletions. */
  void transact(int operations) {
    Transaction tx = store.begin();
    for (int i = 0; i < operations; i++) {
      int kind = random.nextInt(8);
      if (kind == 0) {
        deleteOne(tx, tables[random.nextInt(3)]);
      } else {
        byte[] row = row(kind);
        int table = tables[kind <= 2 ? FIXED : kind <= 5 ? VARIABLE : kind == 6 ? BAG : EVENTS];
        if (!tx.insert(table, row, 0, row.length).isDone() && kind <= 2) {
          int index = store.committed().table(table).orElseThrow().indexes().getFirst().id();
          tx.update(table, index, row, 0, row.length);
        }
      }
    }
    commit(tx);
  }

  private byte[] row(int kind) {
    BsatnWriter row = new BsatnWriter();
    if (kind <= 2) {
      row.writeI32(random.nextInt(20_000)).writeI64(random.nextLong());
    } else if (kind <= 5) {
      row.writeI64(0).writeI32(random.nextInt(50)).writeString(text());
    } else if (kind == 6) {
      row.writeString(text()).writeU8(random.nextInt(5));
    } else {
      row.writeI32(random.nextInt());
    }
    return row.toByteArray();
  }

  private String text() {
    int length = random.nextInt(100) == 0 ? noteBytesMax : random.nextInt(60);
    StringBuilder text = new StringBuilder(length);
    while (text.length() < length) {
      text.append(Long.toString(random.nextLong(), 36));
    }
    return text.substring(0, length);
  }

  private void deleteOne(Transaction tx, int table) {
    long rows = store.committed().rowCount(table).orElseThrow();
    if (rows == 0) {
      return;
    }
    RowCursor cursor = (RowCursor) store.committed().scan(table);
    long skip = random.nextLong(Math.min(rows, 200));
    do {
      cursor.next();
    } while (skip-- > 0);
    tx.delete(table, cursor.rowPointer());
  }

  /** The state after so many transactions, by replay. */
  Datastore replayed(long transactions) {
    Datastore replica = Datastore.bootstrap(options());
    replay(replica, 0, transactions);
    return replica;
  }

  void replay(Datastore into, long from, long to) {
    for (long i = from; i < to; i++) {
      history.get((int) i).accept(into.replay());
    }
  }

  SnapshotHeader header() {
    return new SnapshotHeader(
        new Identity(1, 2, 3, 4),
        new UUID(1, 2),
        nextOffset(),
        1_000 * nextOffset(),
        ModuleHash.ofProgram(new byte[] {1}),
        new Identity(5, 6, 7, 8));
  }

  Manifest snapshot(SnapshotLimits limits, ChunkSink chunks) throws java.io.IOException {
    return snapshot(store, header(), limits, chunks);
  }

  static Manifest snapshot(
      Datastore store, SnapshotHeader header, SnapshotLimits limits, ChunkSink chunks)
      throws java.io.IOException {
    try (Capture capture = store.capture()) {
      return new SnapshotWriter(limits).write(capture, header, chunks);
    }
  }

  /** All that is to be known of a store: rows by table, in order of their bytes, and sequences. */
  static Map<String, List<String>> state(Datastore store) {
    Map<String, List<String>> state = new TreeMap<>();
    try (Capture capture = store.capture()) {
      for (Capture.CapturedTable table : capture.tables()) {
        List<String> rows = new ArrayList<>();
        table
            .pages()
            .forEach(
                page ->
                    page.forEachRow(
                        (bytes, offset, length) ->
                            rows.add(HexFormat.of().formatHex(bytes, offset, offset + length))));
        rows.sort(null);
        state.put(table.schema().toString(), rows);
      }
      List<String> sequences = new ArrayList<>();
      capture.forEachSequence((id, high, low) -> sequences.add(id + " is at " + high + ":" + low));
      state.put("sequences", sequences);
    }
    return state;
  }

  /**
   * For each index of the store's tables: how often a row is found by a row's key, for all rows.
   */
  static Map<String, Long> indexed(Datastore store) {
    Map<String, Long> found = new TreeMap<>();
    for (TableSchema table : store.committed().tables()) {
      for (IndexSchema index : table.indexes()) {
        long hits = 0;
        RowCursor rows = (RowCursor) store.committed().scan(table.id());
        while (table.kind() == TableSchema.Kind.USER && rows.next()) {
          byte[] key = key(table.name(), index.columns().getFirst(), rows);
          RowCursor matches = (RowCursor) store.committed().point(index.id(), key, 0, key.length);
          while (matches.next()) {
            hits++;
          }
        }
        found.put(index.name(), hits);
      }
    }
    return found;
  }

  private static byte[] key(String table, int column, RowCursor row) {
    int at = row.offset();
    int end = at + row.length();
    return switch (table + column) {
      case "accounts0" -> Arrays.copyOfRange(row.buffer(), at, at + 4);
      case "accounts1" -> Arrays.copyOfRange(row.buffer(), at + 4, at + 12);
      case "notes0" -> Arrays.copyOfRange(row.buffer(), at, at + 8);
      case "notes1" -> Arrays.copyOfRange(row.buffer(), at + 8, at + 12);
      case "visits1" -> Arrays.copyOfRange(row.buffer(), end - 1, end);
      default -> throw new AssertionError(table + column);
    };
  }
}
