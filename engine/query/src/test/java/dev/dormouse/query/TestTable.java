package dev.dormouse.query;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.ModuleHash;
import dev.dormouse.sats.module.IndexAlgorithm;
import dev.dormouse.sats.module.OutboxDef;
import dev.dormouse.sats.module.TableDef;
import dev.dormouse.sats.module.TableDef.ColumnDef;
import dev.dormouse.sats.module.TableDef.FunctionKind;
import dev.dormouse.sats.module.TableDef.IndexDef;
import dev.dormouse.sats.module.TableDef.ScheduleDef;
import dev.dormouse.sats.module.TableDef.UniqueDef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A definition of a table, step by step. */
final class TestTable {
  private final String name;
  private String accessor;
  private boolean isPublic = true;
  private boolean isEvent;
  private final List<ColumnDef> columns = new ArrayList<>();
  private final List<IndexDef> indexes = new ArrayList<>();
  private final List<UniqueDef> uniques = new ArrayList<>();
  private Optional<ScheduleDef> schedule = Optional.empty();
  private Optional<OutboxDef> outbox = Optional.empty();

  private TestTable(String name) {
    this.name = name;
    this.accessor = name;
  }

  static TestTable named(String name) {
    return new TestTable(name);
  }

  TestTable accessor(String newAccessor) {
    accessor = newAccessor;
    return this;
  }

  TestTable notPublic() {
    isPublic = false;
    return this;
  }

  TestTable event() {
    isEvent = true;
    return this;
  }

  TestTable column(String column, AlgebraicType type) {
    return column(column, column, type);
  }

  TestTable column(String column, String columnAccessor, AlgebraicType type) {
    columns.add(new ColumnDef(column, columnAccessor, type, Optional.empty()));
    return this;
  }

  TestTable btree(String... over) {
    return index(new IndexAlgorithm.BTree(positions(over)));
  }

  TestTable hash(String... over) {
    return index(new IndexAlgorithm.Hash(positions(over)));
  }

  TestTable direct(String over) {
    return index(new IndexAlgorithm.Direct(positions(over).getFirst()));
  }

  /** A btree with a unique constraint over the same columns. */
  TestTable unique(String... over) {
    uniques.add(new UniqueDef(name + "_" + String.join("_", over) + "_key", positions(over)));
    return btree(over);
  }

  TestTable index(IndexAlgorithm algorithm) {
    String indexName = name + "_" + indexes.size() + "_idx_" + algorithm.suffix();
    indexes.add(new IndexDef(indexName, indexName, Optional.empty(), algorithm));
    return this;
  }

  TestTable scheduled() {
    schedule = Optional.of(new ScheduleDef(name + "_sched", 0, "run", FunctionKind.REDUCER));
    return this;
  }

  TestTable outbox() {
    ModuleHash signature = ModuleHash.ofProgram(new byte[0]);
    outbox = Optional.of(new OutboxDef("remote", 0, List.of(), Optional.empty(), signature));
    return this;
  }

  private List<Integer> positions(String... over) {
    List<Integer> positions = new ArrayList<>();
    for (String column : over) {
      for (int i = 0; i < columns.size(); i++) {
        if (columns.get(i).name().equals(column)) {
          positions.add(i);
        }
      }
    }
    return positions;
  }

  TableDef build() {
    return new TableDef(
        name,
        accessor,
        isPublic,
        isEvent,
        columns,
        OptionalInt.empty(),
        indexes,
        uniques,
        List.of(),
        schedule,
        outbox,
        0);
  }
}
