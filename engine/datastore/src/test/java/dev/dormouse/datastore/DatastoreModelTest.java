package dev.dormouse.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations on the store and on sets of rows that are searched naively. */
final class DatastoreModelTest {
  private static final int STEPS = 25_000;

  /** A table's visible rows by their bytes in hex. */
  private static final class Model {
    final TableSchema schema;
    final Product type;
    TreeMap<String, List<AlgebraicValue>> committed = new TreeMap<>();
    TreeMap<String, List<AlgebraicValue>> visible = new TreeMap<>();

    Model(TableSchema schema) {
      this.schema = schema;
      this.type = schema.rowType();
    }

    static List<AlgebraicValue> key(List<AlgebraicValue> row, List<Integer> columns) {
      return columns.stream().map(row::get).toList();
    }

    Optional<String> conflict(
        List<AlgebraicValue> row, IndexSchema index, Optional<String> except) {
      List<AlgebraicValue> key = key(row, index.columns());
      for (var entry : visible.entrySet()) {
        if (Values.compareAll(key(entry.getValue(), index.columns()), key) == 0
            && !except.equals(Optional.of(entry.getKey()))) {
          return Optional.of(entry.getKey());
        }
      }
      return Optional.empty();
    }

    Outcome insert(byte[] bytes, List<AlgebraicValue> row) {
      String hex = HexFormat.of().formatHex(bytes);
      if (visible.containsKey(hex)) {
        return Outcome.UNCHANGED;
      }
      for (IndexSchema index : schema.indexes()) {
        if (index.unique() && conflict(row, index, Optional.empty()).isPresent()) {
          return Outcome.UNIQUE_ALREADY_EXISTS;
        }
      }
      visible.put(hex, row);
      return Outcome.DONE;
    }

    Outcome update(byte[] bytes, List<AlgebraicValue> row, IndexSchema by) {
      if (!by.unique()) {
        return Outcome.INDEX_NOT_UNIQUE;
      }
      String hex = HexFormat.of().formatHex(bytes);
      Optional<String> old = conflict(row, by, Optional.empty());
      if (old.isEmpty()) {
        return Outcome.NO_SUCH_ROW;
      }
      if (old.get().equals(hex)) {
        return Outcome.UNCHANGED;
      }
      for (IndexSchema index : schema.indexes()) {
        if (index.unique() && conflict(row, index, old).isPresent()) {
          return Outcome.UNIQUE_ALREADY_EXISTS;
        }
      }
      visible.remove(old.get());
      visible.put(hex, row);
      return Outcome.DONE;
    }
  }

  /** A cursor opened some time ago, and the rows of that moment. */
  private record OpenCursor(RowCursor cursor, Set<String> expected, String opened) {}

  /** A capture made some time ago, and the rows of that moment by table. */
  private record OpenCapture(Capture capture, Map<Integer, Set<String>> expected, String made) {}

  private final List<OpenCursor> cursors = new ArrayList<>();
  private final List<OpenCapture> captures = new ArrayList<>();
  private final List<Model> models = new ArrayList<>();
  private Datastore store = Datastore.bootstrap(Tables.options());
  private Datastore replica = Datastore.bootstrap(Tables.options());
  private String what = "";

  private void createTables() {
    AlgebraicType identity = SpecialType.IDENTITY.type();
    List<Tables> drafts =
        List.of(
            Tables.table("accounts")
                .column("id", Primitive.U32)
                .column("balance", Primitive.I64)
                .primaryKey(0),
            Tables.table("places")
                .column("x", Primitive.U64)
                .column("name", Primitive.STRING)
                .column("kind", Primitive.U8)
                .unique(0, 1)
                .btree(0, 1)
                .btree(2)
                .hash(1),
            Tables.table("bag").column("n", Primitive.U8).column("s", Primitive.STRING).btree(1),
            Tables.table("people")
                .column("id", Primitive.I32)
                .column("mail", Primitive.STRING)
                .column("height", Primitive.F64)
                .primaryKey(0)
                .unique(1)
                .hash(1)
                .btree(2),
            Tables.table("pairs")
                .column("a", Primitive.U16)
                .column("b", Primitive.U16)
                .unique(0)
                .direct(0)
                .unique(1)
                .hash(1),
            Tables.table("owners")
                .column("owner", identity)
                .column("tags", new AlgebraicType.Array(Primitive.STRING))
                .column("size", AlgebraicType.option(Primitive.F32))
                .unique(0)
                .btree(0)
                .btree(2, 0));
    Transaction tx = store.begin();
    List<Integer> ids = drafts.stream().map(draft -> tx.createTable(draft.build())).toList();
    replicate(tx);
    tx.merge();
    ids.forEach(id -> models.add(new Model(store.committed().table(id).orElseThrow())));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void sameOutcomesAndRowsAsTheModel(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int spread = seed % 2 == 0 ? 12 : 400;
    createTables();
    int step = 0;
    while (step < STEPS) {
      Transaction tx = store.begin();
      int length = random.nextInt(20) == 0 ? 300 : 1 + random.nextInt(30);
      for (int i = 0; i < length; i++, step++) {
        what = "seed " + seed + " step " + step;
        Model model = models.get(random.nextInt(models.size()));
        operate(tx, model, random, spread);
        if (random.nextInt(50) == 0) {
          assertReads(tx, model, random, spread);
        }
        if (random.nextInt(10) == 0) {
          openCursor(tx, model, random);
        }
        if (!cursors.isEmpty() && random.nextInt(20) == 0) {
          drain(cursors.remove(random.nextInt(cursors.size())));
        }
      }
      cursors.forEach(this::drain);
      cursors.clear();
      if (random.nextInt(4) == 0) {
        if (random.nextBoolean()) {
          tx.changes();
        }
        if (random.nextBoolean()) {
          tx.prepare();
        }
        tx.rollback();
        models.forEach(model -> model.visible = new TreeMap<>(model.committed));
      } else {
        assertChanges(tx.changes());
        replicate(tx);
        if (random.nextBoolean()) {
          tx.prepare();
        }
        models.forEach(model -> assertRows(model.visible.keySet(), tx, model));
        models.forEach(model -> assertRows(model.committed.keySet(), store.committed(), model));
        tx.merge();
        models.forEach(model -> model.committed = new TreeMap<>(model.visible));
      }
      Model model = models.get(random.nextInt(models.size()));
      assertRows(model.committed.keySet(), store.committed(), model);
      assertReads(store.committed(), model, random, spread);
      if (random.nextInt(60) == 0) {
        Map<Integer, Set<String>> rows = new TreeMap<>();
        models.forEach(m -> rows.put(m.schema.id(), Set.copyOf(m.committed.keySet())));
        captures.add(new OpenCapture(store.capture(), rows, what));
      }
      if (!captures.isEmpty() && random.nextInt(60) == 0) {
        assertCapture(captures.remove(random.nextInt(captures.size())));
      }
    }
    captures.forEach(this::assertCapture);
    for (Model model : models) {
      assertRows(model.committed.keySet(), store.committed(), model);
      assertRows(model.committed.keySet(), replica.committed(), model);
      assertReads(replica.committed(), model, random, spread);
      assertEquals(
          model.committed.keySet().stream().mapToLong(hex -> hex.length() / 2).sum(),
          store.liveBytes(model.schema.id()),
          what);
    }
    assertEquals(store.liveBytes(), replica.liveBytes(), what);
  }

  private void openCursor(Transaction tx, Model model, SplittableRandom random) {
    if (model.schema.indexes().isEmpty() || random.nextBoolean()) {
      RowCursor cursor = assertInstanceOf(RowCursor.class, tx.scan(model.schema.id()));
      cursors.add(new OpenCursor(cursor, Set.copyOf(model.visible.keySet()), what));
      return;
    }
    IndexSchema index = model.schema.indexes().get(random.nextInt(model.schema.indexes().size()));
    if (index.isOrdered() && random.nextBoolean()) {
      Scan all = tx.range(index.id(), new IndexRange());
      RowCursor cursor = assertInstanceOf(RowCursor.class, all);
      cursors.add(new OpenCursor(cursor, Set.copyOf(model.visible.keySet()), what));
    } else if (!model.visible.isEmpty()) {
      List<AlgebraicValue> key = Model.key(pick(model, random), index.columns());
      byte[] point = encodeKey(model, index, key);
      Scan rows = tx.point(index.id(), point, 0, point.length);
      Set<String> expected = new HashSet<>();
      model.visible.forEach(
          (hex, row) -> {
            if (Values.compareAll(Model.key(row, index.columns()), key) == 0) {
              expected.add(hex);
            }
          });
      cursors.add(new OpenCursor(assertInstanceOf(RowCursor.class, rows), expected, what));
    }
  }

  private void drain(OpenCursor open) {
    List<String> rows = rows(open.cursor);
    String when = what + ", cursor of " + open.opened;
    assertEquals(open.expected, new HashSet<>(rows), when);
    assertEquals(open.expected.size(), rows.size(), when);
  }

  private void assertCapture(OpenCapture open) {
    String when = what + ", capture of " + open.made;
    Restore restore = Datastore.restore(Tables.options(), 0);
    for (Capture.CapturedTable table : open.capture.tables()) {
      int id = table.schema().id();
      Set<String> rows = new HashSet<>();
      for (Capture.CapturedPage page : table.pages()) {
        page.forEachRow(
            (buffer, offset, length) -> {
              rows.add(HexFormat.of().formatHex(buffer, offset, offset + length));
              restore.row(id, buffer, offset, length);
            });
      }
      assertEquals(table.rowCount(), rows.size(), when);
      if (id >= SystemTables.FIRST_USER_ID) {
        assertEquals(open.expected.get(id), rows, when);
      }
    }
    open.capture.forEachSequence(restore::sequence);
    open.capture.close();
    Datastore restored = restore.finish();
    for (Model model : models) {
      Set<String> expected = Objects.requireNonNull(open.expected.get(model.schema.id()));
      assertRows(expected, restored.committed(), model);
      for (String hex : expected) {
        byte[] row = HexFormat.of().parseHex(hex);
        for (IndexSchema index : model.schema.indexes()) {
          List<AlgebraicValue> values =
              ((AlgebraicValue.Product) Values.decode(model.type, row)).elements();
          byte[] key = encodeKey(model, index, Model.key(values, index.columns()));
          assertTrue(
              rows(restored.committed().point(index.id(), key, 0, key.length)).contains(hex), when);
        }
      }
    }
  }

  private void operate(Transaction tx, Model model, SplittableRandom random, int spread) {
    AlgebraicValue.Product value =
        (AlgebraicValue.Product) Values.random(model.type, random, spread);
    byte[] row = Values.encode(model.type, value);
    int table = model.schema.id();
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4 ->
          assertEquals(
              model.insert(row, value.elements()), tx.insert(table, row, 0, row.length), what);
      case 5, 6, 7 -> {
        if (model.schema.indexes().isEmpty()) {
          return;
        }
        IndexSchema by = model.schema.indexes().get(random.nextInt(model.schema.indexes().size()));
        if (random.nextBoolean() && !model.visible.isEmpty()) {
          // An existing key with other columns anew.
          List<AlgebraicValue> existing = pick(model, random);
          List<AlgebraicValue> changed = new ArrayList<>(value.elements());
          by.columns().forEach(column -> changed.set(column, existing.get(column)));
          value = new AlgebraicValue.Product(changed);
          row = Values.encode(model.type, value);
        }
        assertEquals(
            model.update(row, value.elements(), by),
            tx.update(table, by.id(), row, 0, row.length),
            what);
      }
      case 8 -> {
        // Re-insert what was committed, possibly deleted since.
        if (!model.committed.isEmpty()) {
          String hex =
              new ArrayList<>(model.committed.keySet()).get(random.nextInt(model.committed.size()));
          byte[] bytes = HexFormat.of().parseHex(hex);
          assertEquals(
              model.insert(bytes, row(model.committed, hex)),
              tx.insert(table, bytes, 0, bytes.length),
              what);
        }
      }
      case 9 -> {
        BsatnWriter rows = new BsatnWriter();
        rows.writeI32(2).writeRaw(row);
        long expected = model.visible.remove(HexFormat.of().formatHex(row)) == null ? 0 : 1;
        byte[] other = model.visible.isEmpty() ? row : encode(model, pick(model, random));
        rows.writeRaw(other);
        expected += model.visible.remove(HexFormat.of().formatHex(other)) == null ? 0 : 1;
        assertEquals(Outcome.DONE, tx.deleteAllByEqual(table, rows.array(), 0, rows.size()), what);
        assertEquals(expected, tx.affected(), what);
      }
      default -> {
        if (model.schema.indexes().isEmpty()) {
          return;
        }
        IndexSchema by = model.schema.indexes().get(random.nextInt(model.schema.indexes().size()));
        List<AlgebraicValue> key =
            Model.key(
                model.visible.isEmpty() || random.nextInt(4) == 0
                    ? value.elements()
                    : pick(model, random),
                by.columns());
        List<String> doomed =
            model.visible.entrySet().stream()
                .filter(e -> Values.compareAll(Model.key(e.getValue(), by.columns()), key) == 0)
                .map(Map.Entry::getKey)
                .toList();
        byte[] point = encodeKey(model, by, key);
        assertEquals(Outcome.DONE, tx.deletePoint(by.id(), point, 0, point.length), what);
        assertEquals(doomed.size(), tx.affected(), what);
        doomed.forEach(model.visible::remove);
      }
    }
  }

  private static List<AlgebraicValue> pick(Model model, SplittableRandom random) {
    return new ArrayList<>(model.visible.values()).get(random.nextInt(model.visible.size()));
  }

  private static byte[] encode(Model model, List<AlgebraicValue> row) {
    return Values.encode(model.type, new AlgebraicValue.Product(row));
  }

  private static byte[] encodeKey(Model model, IndexSchema index, List<AlgebraicValue> key) {
    BsatnWriter writer = new BsatnWriter();
    for (int i = 0; i < key.size(); i++) {
      writer.writeRaw(
          Values.encode(model.schema.columns().get(index.columns().get(i)).type(), key.get(i)));
    }
    return writer.toByteArray();
  }

  private static List<String> rows(Scan scan) {
    RowCursor cursor = assertInstanceOf(RowCursor.class, scan);
    List<String> rows = new ArrayList<>();
    while (cursor.next()) {
      rows.add(
          HexFormat.of()
              .formatHex(cursor.buffer(), cursor.offset(), cursor.offset() + cursor.length()));
    }
    return rows;
  }

  private void assertRows(Set<String> expected, ReadView view, Model model) {
    List<String> rows = rows(view.scan(model.schema.id()));
    assertEquals(expected, new HashSet<>(rows), what);
    assertEquals(expected.size(), rows.size(), what);
    assertEquals(expected.size(), view.rowCount(model.schema.id()).orElseThrow(), what);
  }

  private void assertReads(ReadView view, Model model, SplittableRandom random, int spread) {
    TreeMap<String, List<AlgebraicValue>> expected =
        view instanceof Transaction ? model.visible : model.committed;
    assertRows(expected.keySet(), view, model);
    for (IndexSchema index : model.schema.indexes()) {
      List<Integer> columns = index.columns();
      AlgebraicValue.Product probe =
          (AlgebraicValue.Product) Values.random(model.type, random, spread);
      List<AlgebraicValue> row =
          expected.isEmpty() || random.nextBoolean()
              ? probe.elements()
              : new ArrayList<>(expected.values()).get(random.nextInt(expected.size()));
      List<AlgebraicValue> key = Model.key(row, columns);
      byte[] point = encodeKey(model, index, key);
      Set<String> matching = new HashSet<>();
      expected.forEach(
          (hex, value) -> {
            if (Values.compareAll(Model.key(value, columns), key) == 0) {
              matching.add(hex);
            }
          });
      List<String> found = rows(view.point(index.id(), point, 0, point.length));
      assertEquals(matching, new HashSet<>(found), what);
      assertEquals(matching.size(), found.size(), what);
      RowSlice slice = new RowSlice();
      long pointer = view.findUnique(index.id(), point, 0, point.length, slice);
      if (!index.unique()) {
        assertEquals(ReadView.NOT_UNIQUE, pointer, what);
      } else if (matching.isEmpty()) {
        assertEquals(ReadView.NO_ROW, pointer, what);
      } else {
        assertEquals(
            matching,
            Set.of(
                HexFormat.of()
                    .formatHex(slice.buffer(), slice.offset(), slice.offset() + slice.length())),
            what);
      }
      assertRange(view, model, index, expected, random, spread);
    }
  }

  private void assertRange(
      ReadView view,
      Model model,
      IndexSchema index,
      Map<String, List<AlgebraicValue>> expected,
      SplittableRandom random,
      int spread) {
    if (!index.isOrdered()) {
      assertEquals(
          Scan.Refused.WRONG_INDEX_ALGORITHM, view.range(index.id(), new IndexRange()), what);
      return;
    }
    List<Integer> columns = index.columns();
    if (columns.size() == 1
        && model.schema.columns().get(columns.getFirst()).type() instanceof Product) {
      return;
    }
    int prefixElements = random.nextInt(columns.size());
    List<AlgebraicValue> low =
        ((AlgebraicValue.Product) Values.random(model.type, random, spread)).elements();
    List<AlgebraicValue> high =
        ((AlgebraicValue.Product) Values.random(model.type, random, spread)).elements();
    if (!expected.isEmpty() && random.nextBoolean()) {
      low = new ArrayList<>(expected.values()).get(random.nextInt(expected.size()));
    }
    List<AlgebraicValue> prefix = Model.key(low, columns.subList(0, prefixElements));
    int column = columns.get(prefixElements);
    AlgebraicType type = model.schema.columns().get(column).type();
    int lowTag = random.nextInt(3);
    int highTag = random.nextInt(3);
    IndexRange range = new IndexRange();
    byte[] prefixBytes = encodeKey(model, index, prefix);
    range.prefix(prefixElements, prefixBytes, 0, prefixBytes.length);
    range.start(lowTag, lowTag == 2 ? new byte[0] : Values.encode(type, low.get(column)));
    range.end(highTag, highTag == 2 ? new byte[0] : Values.encode(type, high.get(column)));
    Set<String> matching = new HashSet<>();
    for (var entry : expected.entrySet()) {
      List<AlgebraicValue> row = entry.getValue();
      AlgebraicValue value = row.get(column);
      int fromLow = Values.compare(value, low.get(column));
      int fromHigh = Values.compare(value, high.get(column));
      if (Values.compareAll(Model.key(row, columns.subList(0, prefixElements)), prefix) == 0
          && (lowTag == 2 || fromLow > 0 || (lowTag == 0 && fromLow == 0))
          && (highTag == 2 || fromHigh < 0 || (highTag == 0 && fromHigh == 0))) {
        matching.add(entry.getKey());
      }
    }
    List<String> found = rows(view.range(index.id(), range));
    assertEquals(matching, new HashSet<>(found), what);
    assertEquals(matching.size(), found.size(), what);
    if (!(view instanceof Transaction)) {
      Comparator<List<AlgebraicValue>> order = Values::compareAll;
      for (int i = 1; i < found.size(); i++) {
        assertTrue(
            order.compare(
                    Model.key(row(expected, found.get(i - 1)), columns),
                    Model.key(row(expected, found.get(i)), columns))
                <= 0,
            what);
      }
    }
  }

  private static List<AlgebraicValue> row(Map<String, List<AlgebraicValue>> rows, String hex) {
    return Objects.requireNonNull(rows.get(hex));
  }

  private void assertChanges(TxChanges changes) {
    TreeMap<Integer, List<Set<String>>> expected = new TreeMap<>();
    for (Model model : models) {
      Set<String> inserted = new HashSet<>(model.visible.keySet());
      inserted.removeAll(model.committed.keySet());
      Set<String> deleted = new HashSet<>(model.committed.keySet());
      deleted.removeAll(model.visible.keySet());
      if (!inserted.isEmpty() || !deleted.isEmpty()) {
        expected.put(model.schema.id(), List.of(inserted, deleted));
      }
    }
    TreeMap<Integer, List<Set<String>>> actual = new TreeMap<>();
    int last = 0;
    for (int i = 0; i < changes.tableCount(); i++) {
      TableChanges table = changes.table(i);
      assertTrue(table.schema().id() > last, what);
      last = table.schema().id();
      actual.put(last, List.of(set(table.inserted()), set(table.deleted())));
      assertEquals(table.insertedCount(), actual.get(last).get(0).size(), what);
      assertEquals(table.deletedCount(), actual.get(last).get(1).size(), what);
    }
    assertEquals(expected, actual, what);
    assertEquals(expected.isEmpty(), changes.isEmpty(), what);
  }

  private static Set<String> set(RowCursor cursor) {
    return new HashSet<>(rows(cursor));
  }

  /** Applies a transaction's changes to the other store as recovery does. */
  private void replicate(Transaction tx) {
    Replay replay = replica.replay();
    TxChanges changes = tx.changes();
    for (int i = 0; i < changes.tableCount(); i++) {
      TableChanges table = changes.table(i);
      int id = table.schema().id();
      table.forEachDeleted((b, o, l) -> replay.delete(id, Arrays.copyOfRange(b, o, o + l), 0, l));
      table.forEachInserted((b, o, l) -> replay.insert(id, Arrays.copyOfRange(b, o, o + l), 0, l));
    }
    changes.forEachSequence(replay::sequence);
    replay.end();
  }
}
