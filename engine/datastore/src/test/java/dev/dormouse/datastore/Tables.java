package dev.dormouse.datastore;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.module.IndexAlgorithm;
import dev.dormouse.sats.module.TableDef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Table definitions for tests, as a module's validated definition would give them. */
final class Tables {
  private final String name;
  private final List<TableDef.ColumnDef> columns = new ArrayList<>();
  private final List<TableDef.IndexDef> indexes = new ArrayList<>();
  private final List<TableDef.UniqueDef> uniques = new ArrayList<>();
  private final List<TableDef.SequenceDef> sequences = new ArrayList<>();
  private OptionalInt primaryKey = OptionalInt.empty();
  private boolean isEvent;

  private Tables(String name) {
    this.name = name;
  }

  static Tables table(String name) {
    return new Tables(name);
  }

  static DatastoreOptions options() {
    return new DatastoreOptions(Identity.ZERO, 0x1234_5678_9abc_def0L, DatastoreLimits.DEFAULTS);
  }

  Tables column(String column, AlgebraicType type) {
    columns.add(new TableDef.ColumnDef(column, column, type, Optional.empty()));
    return this;
  }

  private Tables index(IndexAlgorithm algorithm) {
    StringBuilder index = new StringBuilder(name);
    algorithm.columns().forEach(column -> index.append('_').append(columns.get(column).name()));
    String full = index.append("_idx_").append(algorithm.suffix()).toString();
    indexes.add(new TableDef.IndexDef(full, full + "_alias", Optional.empty(), algorithm));
    return this;
  }

  Tables btree(Integer... key) {
    return index(new IndexAlgorithm.BTree(List.of(key)));
  }

  Tables hash(Integer... key) {
    return index(new IndexAlgorithm.Hash(List.of(key)));
  }

  Tables direct(int column) {
    return index(new IndexAlgorithm.Direct(column));
  }

  Tables unique(Integer... key) {
    uniques.add(new TableDef.UniqueDef(name + "_key_" + uniques.size(), List.of(key)));
    return this;
  }

  Tables primaryKey(int column) {
    primaryKey = OptionalInt.of(column);
    return unique(column).btree(column);
  }

  Tables sequence(int column) {
    sequences.add(
        new TableDef.SequenceDef(name + "_" + columns.get(column).name() + "_seq", column));
    return this;
  }

  Tables event() {
    isEvent = true;
    return this;
  }

  TableDef build() {
    return new TableDef(
        name,
        name + "Accessor",
        true,
        isEvent,
        columns,
        primaryKey,
        indexes,
        uniques,
        sequences,
        Optional.empty(),
        Optional.empty(),
        0);
  }
}
