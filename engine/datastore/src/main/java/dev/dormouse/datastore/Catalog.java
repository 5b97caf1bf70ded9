package dev.dormouse.datastore;

import it.unimi.dsi.fastutil.ints.Int2ObjectOpenHashMap;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What tables, indexes and sequences there are, by id and name. */
final class Catalog {
  private final Int2ObjectOpenHashMap<Table> tables;
  private final Int2ObjectOpenHashMap<Index> indexes;
  private final Int2ObjectOpenHashMap<SequenceState> sequences;
  private final Map<String, Table> tablesByName;
  private final Map<String, Table> tablesByAccessor;
  private final Map<String, IndexSchema> indexesByName;
  private final Map<String, IndexSchema> indexesByAlias;

  Catalog() {
    tables = new Int2ObjectOpenHashMap<>();
    indexes = new Int2ObjectOpenHashMap<>();
    sequences = new Int2ObjectOpenHashMap<>();
    tablesByName = new HashMap<>();
    tablesByAccessor = new HashMap<>();
    indexesByName = new HashMap<>();
    indexesByAlias = new HashMap<>();
  }

  private Catalog(Catalog copied) {
    tables = copied.tables.clone();
    indexes = copied.indexes.clone();
    sequences = copied.sequences.clone();
    tablesByName = new HashMap<>(copied.tablesByName);
    tablesByAccessor = new HashMap<>(copied.tablesByAccessor);
    indexesByName = new HashMap<>(copied.indexesByName);
    indexesByAlias = new HashMap<>(copied.indexesByAlias);
  }

  Catalog copy() {
    return new Catalog(this);
  }

  void add(Table table) {
    TableSchema schema = table.schema;
    tables.put(schema.id(), table);
    tablesByName.put(schema.name(), table);
    tablesByAccessor.put(schema.accessor(), table);
    for (Index index : table.indexes) {
      IndexSchema indexSchema = index.schema;
      if (indexSchema != null) {
        indexes.put(indexSchema.id(), index);
        indexesByName.put(indexSchema.name(), indexSchema);
        indexesByAlias.put(indexSchema.alias(), indexSchema);
      }
    }
    for (SequenceState sequence : table.sequences) {
      sequences.put(sequence.schema.id(), sequence);
    }
  }

  void remove(Table table) {
    TableSchema schema = table.schema;
    tables.remove(schema.id());
    tablesByName.remove(schema.name());
    tablesByAccessor.remove(schema.accessor());
    for (IndexSchema index : schema.indexes()) {
      indexes.remove(index.id());
      indexesByName.remove(index.name());
      indexesByAlias.remove(index.alias());
    }
    for (SequenceState sequence : table.sequences) {
      sequences.remove(sequence.schema.id());
    }
  }

  @Nullable Table table(int id) {
    return tables.get(id);
  }

  @Nullable Index index(int id) {
    return indexes.get(id);
  }

  @Nullable SequenceState sequence(int id) {
    return sequences.get(id);
  }

  @Nullable Table tableByName(String name) {
    return tablesByName.get(name);
  }

  @Nullable Table tableByAccessor(String accessor) {
    return tablesByAccessor.get(accessor);
  }

  @Nullable IndexSchema indexByName(String name) {
    return indexesByName.get(name);
  }

  @Nullable IndexSchema indexByAlias(String alias) {
    return indexesByAlias.get(alias);
  }

  int tableCount() {
    return tables.size();
  }

  /** All tables in ascending order of ids. */
  List<Table> tables() {
    return tables.values().stream()
        .sorted(Comparator.comparingInt(table -> table.schema.id()))
        .toList();
  }
}
