package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicValue.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A table, validated.
 *
 * @param name the canonical name, with the path of its namespace
 * @param accessor the name in the module's source, under which the module looks it up
 * @param isPublic whether every client may read it
 * @param isEvent whether its rows live only as long as the transaction that inserts them
 * @param columns in order; a column's id is its position
 * @param primaryKey the key column; a unique constraint on exactly it exists
 * @param indexes in the order of the definition
 * @param uniques unique constraints; an index over the same set of columns exists for each
 * @param sequences at most one per column
 * @param schedule if rows are calls to be made later
 * @param outbox if rows are calls of another database
 * @param rowTypeRef slot of the schema's typespace that holds the row type
 */
public record TableDef(
    String name,
    String accessor,
    boolean isPublic,
    boolean isEvent,
    List<ColumnDef> columns,
    OptionalInt primaryKey,
    List<IndexDef> indexes,
    List<UniqueDef> uniques,
    List<SequenceDef> sequences,
    Optional<ScheduleDef> schedule,
    Optional<OutboxDef> outbox,
    int rowTypeRef) {
  public TableDef {
    columns = List.copyOf(columns);
    indexes = List.copyOf(indexes);
    uniques = List.copyOf(uniques);
    sequences = List.copyOf(sequences);
  }

  /**
   * A column.
   *
   * @param name the canonical name
   * @param accessor the name in the module's source
   * @param type with references replaced
   * @param defaultValue BSATN at the type, for rows that are older than the column
   */
  public record ColumnDef(
      String name, String accessor, AlgebraicType type, Optional<Bytes> defaultValue) {}

  /**
   * An index.
   *
   * @param name the canonical name, with the path of its namespace
   * @param alias the source name, with the path of accessors; modules look indexes up by it
   * @param accessor what generated client code calls it, if it does
   */
  public record IndexDef(
      String name, String alias, Optional<String> accessor, IndexAlgorithm algorithm) {}

  /** A unique constraint over columns in the listed order. */
  public record UniqueDef(String name, List<Integer> columns) {
    public UniqueDef {
      columns = List.copyOf(columns);
    }
  }

  /** A sequence that fills a column: starts at 1, steps by 1. */
  public record SequenceDef(String name, int column) {}

  /**
   * A schedule.
   *
   * @param name local to its module, even in a submodule
   * @param atColumn column of type ScheduleAt
   * @param function canonical name of the reducer or procedure, with the path of its namespace
   */
  public record ScheduleDef(String name, int atColumn, String function, FunctionKind kind) {}

  /** What a schedule calls. */
  public enum FunctionKind {
    REDUCER,
    PROCEDURE
  }

  /** The row type with references replaced. */
  public Product rowType() {
    return new Product(
        columns.stream().map(column -> Member.of(column.name(), column.type())).toList());
  }

  /** The column with this canonical name. */
  public OptionalInt column(String canonicalName) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(canonicalName)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }
}
