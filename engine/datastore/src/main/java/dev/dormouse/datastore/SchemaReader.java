package dev.dormouse.datastore;

import dev.dormouse.datastore.TableSchema.ColumnSchema;
import dev.dormouse.datastore.TableSchema.ConstraintSchema;
import dev.dormouse.datastore.TableSchema.ScheduleSchema;
import dev.dormouse.datastore.TableSchema.SequenceSchema;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.TypeCodec;
import dev.dormouse.sats.module.IndexAlgorithm;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Reads what tables there are out of the rows of the system tables. */
final class SchemaReader {
  private record Column(int position, String name, AlgebraicType type) {}

  private record Index(int id, String name, IndexAlgorithm algorithm) {}

  /** What all tables have of one kind, by table id. */
  private static final class PerTable<T> extends TreeMap<Integer, List<T>> {
    private static final long serialVersionUID = 1L;

    void add(int tableId, T part) {
      computeIfAbsent(tableId, id -> new ArrayList<>()).add(part);
    }

    List<T> of(int tableId) {
      return getOrDefault(tableId, List.of());
    }
  }

  private final ReadView view;
  private final PerTable<Column> columns = new PerTable<>();
  private final PerTable<Index> indexes = new PerTable<>();
  private final PerTable<ConstraintSchema> constraints = new PerTable<>();
  private final PerTable<SequenceSchema> sequences = new PerTable<>();
  private final Map<Integer, ScheduleSchema> schedules = new TreeMap<>();
  private final Set<Integer> eventTables = new TreeSet<>();
  private final Map<Integer, Integer> views = new TreeMap<>();
  private final Map<String, String> tableAccessors = new HashMap<>();
  private final Map<String, String> indexAccessors = new HashMap<>();
  private final Map<List<String>, String> columnAccessors = new HashMap<>();

  private SchemaReader(ReadView view) {
    this.view = view;
  }

  /** The schemas of all tables that are not the system's own, in ascending order of ids. */
  static List<TableSchema> userTables(ReadView view) {
    return new SchemaReader(view).read();
  }

  private void forEach(int tableId, Consumer<BsatnReader> row) {
    if (!(view.scan(tableId) instanceof RowCursor cursor)) {
      throw new IllegalStateException("no system table " + tableId);
    }
    while (cursor.next()) {
      row.accept(new BsatnReader(cursor.buffer(), cursor.offset(), cursor.length()));
    }
  }

  private List<TableSchema> read() {
    forEach(
        SystemTables.ST_COLUMN,
        row ->
            columns.add(
                row.readI32(),
                new Column(
                    row.readU16(),
                    row.readString(),
                    TypeCodec.read(new BsatnReader(row.readBytes())))));
    forEach(
        SystemTables.ST_INDEX,
        row -> {
          int id = row.readI32();
          int tableId = row.readI32();
          indexes.add(tableId, new Index(id, row.readString(), readAlgorithm(row)));
        });
    forEach(
        SystemTables.ST_CONSTRAINT,
        row -> {
          int id = row.readI32();
          String name = row.readString();
          int tableId = row.readI32();
          int tag = row.readTag();
          if (tag != SystemRows.UNIQUE) {
            throw corrupt("constraint %d has the tag %d".formatted(id, tag));
          }
          constraints.add(tableId, new ConstraintSchema(id, name, readColumns(row)));
        });
    forEach(
        SystemTables.ST_SEQUENCE,
        row -> {
          int id = row.readI32();
          String name = row.readString();
          int tableId = row.readI32();
          sequences.add(tableId, new SequenceSchema(id, name, row.readU16()));
        });
    forEach(
        SystemTables.ST_SCHEDULED,
        row -> {
          int id = row.readI32();
          int tableId = row.readI32();
          String function = row.readString();
          schedules.put(tableId, new ScheduleSchema(id, row.readString(), function, row.readU16()));
        });
    forEach(SystemTables.ST_EVENT_TABLE, row -> eventTables.add(row.readI32()));
    forEach(
        SystemTables.ST_VIEW,
        row -> {
          int id = row.readI32();
          row.readString();
          if (TypeCodec.readOptionTag(row)) {
            views.put(row.readI32(), id);
          }
        });
    forEach(
        SystemTables.ST_TABLE_ACCESSOR,
        row -> tableAccessors.put(row.readString(), row.readString()));
    forEach(
        SystemTables.ST_INDEX_ACCESSOR,
        row -> indexAccessors.put(row.readString(), row.readString()));
    forEach(
        SystemTables.ST_COLUMN_ACCESSOR,
        row -> columnAccessors.put(List.of(row.readString(), row.readString()), row.readString()));
    List<TableSchema> schemas = new ArrayList<>();
    forEach(
        SystemTables.ST_TABLE,
        row -> {
          int id = row.readI32();
          if (id >= SystemTables.FIRST_USER_ID) {
            schemas.add(readTable(id, row));
          }
        });
    schemas.sort(Comparator.comparingInt(TableSchema::id));
    return schemas;
  }

  private TableSchema readTable(int id, BsatnReader row) {
    String name = row.readString();
    TableSchema.Kind kind =
        row.readString().equals("system") ? TableSchema.Kind.SYSTEM : TableSchema.Kind.USER;
    boolean isPublic = row.readString().equals("public");
    OptionalInt primaryKey = OptionalInt.empty();
    if (TypeCodec.readOptionTag(row)) {
      List<Integer> key = readColumns(row);
      primaryKey = key.size() == 1 ? OptionalInt.of(key.getFirst()) : OptionalInt.empty();
    }
    Integer viewId = views.get(id);
    return new TableSchema(
        new TableSchema.Parts(
            id,
            name,
            tableAccessors.getOrDefault(name, name),
            kind,
            isPublic,
            eventTables.contains(id),
            viewId == null ? OptionalInt.empty() : OptionalInt.of(viewId),
            columns(id, name),
            primaryKey,
            indexes(id),
            constraints.of(id).stream()
                .sorted(Comparator.comparingInt(ConstraintSchema::id))
                .toList(),
            sequences.of(id).stream()
                .sorted(Comparator.comparingInt(SequenceSchema::column))
                .toList(),
            Optional.ofNullable(schedules.get(id))));
  }

  private List<ColumnSchema> columns(int tableId, String table) {
    List<Column> sorted =
        columns.of(tableId).stream().sorted(Comparator.comparingInt(Column::position)).toList();
    List<ColumnSchema> schemas = new ArrayList<>(sorted.size());
    for (int i = 0; i < sorted.size(); i++) {
      Column column = sorted.get(i);
      if (column.position() != i) {
        throw corrupt("table %s has no column %d".formatted(table, i));
      }
      schemas.add(
          new ColumnSchema(
              column.name(),
              columnAccessors.getOrDefault(List.of(table, column.name()), column.name()),
              column.type()));
    }
    return schemas;
  }

  private List<IndexSchema> indexes(int tableId) {
    return indexes.of(tableId).stream()
        .sorted(Comparator.comparingInt(Index::id))
        .map(
            index ->
                new IndexSchema(
                    index.id(),
                    tableId,
                    index.name(),
                    indexAccessors.getOrDefault(index.name(), index.name()),
                    index.algorithm(),
                    isUnique(index.algorithm().columns(), constraints.of(tableId))))
        .toList();
  }

  /** Whether a constraint has the same set of columns. Source: host-semantics §6.1. */
  static boolean isUnique(List<Integer> columns, List<ConstraintSchema> constraints) {
    Set<Integer> set = new TreeSet<>(columns);
    return constraints.stream()
        .anyMatch(constraint -> new TreeSet<>(constraint.columns()).equals(set));
  }

  private static IndexAlgorithm readAlgorithm(BsatnReader row) {
    int tag = row.readTag();
    return switch (tag) {
      case SystemRows.BTREE -> new IndexAlgorithm.BTree(readColumns(row));
      case SystemRows.DIRECT -> new IndexAlgorithm.Direct(row.readU16());
      case SystemRows.HASH -> new IndexAlgorithm.Hash(readColumns(row));
      default -> throw corrupt("index algorithm has the tag " + tag);
    };
  }

  private static List<Integer> readColumns(BsatnReader row) {
    int count = row.readCount(2, "column");
    List<Integer> columns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      columns.add(row.readU16());
    }
    return columns;
  }

  private static EngineException corrupt(String what) {
    return EngineException.operator("system tables are not consistent: " + what);
  }
}
