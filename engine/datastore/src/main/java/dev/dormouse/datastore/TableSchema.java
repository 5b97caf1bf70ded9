package dev.dormouse.datastore;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.RowShape;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/** A table as the system tables describe it. Immutable. */
public final class TableSchema {
  /** What a table is, besides its parts. */
  public enum Kind {
    /** One of the database's own. */
    SYSTEM,
    /** A module's. */
    USER
  }

  /**
   * A column; its id is its position.
   *
   * @param name canonical
   * @param accessor the name in the module's source
   * @param type without references
   */
  public record ColumnSchema(String name, String accessor, AlgebraicType type) {}

  /** A unique constraint. */
  public record ConstraintSchema(int id, String name, List<Integer> columns) {
    public ConstraintSchema {
      columns = List.copyOf(columns);
    }
  }

  /** A sequence that fills a column. */
  public record SequenceSchema(int id, String name, int column) {}

  /** What a table of schedules calls; see host-semantics §8. */
  public record ScheduleSchema(int id, String name, String function, int atColumn) {}

  /**
   * The parts of a schema, compared by value.
   *
   * @param view the view whose rows the table holds, if it does: its rows are neither logged nor
   *     kept in snapshots
   * @param indexes in ascending order of ids
   * @param constraints in ascending order of ids
   * @param sequences in ascending order of columns
   */
  record Parts(
      int id,
      String name,
      String accessor,
      Kind kind,
      boolean isPublic,
      boolean isEvent,
      OptionalInt view,
      List<ColumnSchema> columns,
      OptionalInt primaryKey,
      List<IndexSchema> indexes,
      List<ConstraintSchema> constraints,
      List<SequenceSchema> sequences,
      Optional<ScheduleSchema> schedule) {
    Parts {
      columns = List.copyOf(columns);
      indexes = List.copyOf(indexes);
      constraints = List.copyOf(constraints);
      sequences = List.copyOf(sequences);
    }
  }

  private final Parts parts;
  private final RowShape shape;

  TableSchema(Parts parts) {
    this.parts = parts;
    this.shape = RowShape.ofColumns(columnTypes());
  }

  private List<AlgebraicType> columnTypes() {
    return parts.columns.stream().map(ColumnSchema::type).toList();
  }

  Parts parts() {
    return parts;
  }

  /** The id, 1 to 4095 for tables of the system. */
  public int id() {
    return parts.id;
  }

  /** The canonical name. */
  public String name() {
    return parts.name;
  }

  /** The name in the module's source. */
  public String accessor() {
    return parts.accessor;
  }

  /** Whether it is the database's own or a module's. */
  public Kind kind() {
    return parts.kind;
  }

  /** Whether every client may read it. */
  public boolean isPublic() {
    return parts.isPublic;
  }

  /** Whether its rows live only as long as the transaction that inserts them. */
  public boolean isEvent() {
    return parts.isEvent;
  }

  /** The view whose rows it holds; such rows are neither logged nor kept in snapshots. */
  public OptionalInt view() {
    return parts.view;
  }

  /** The columns in order. */
  public List<ColumnSchema> columns() {
    return parts.columns;
  }

  /** The column with this canonical name. */
  public OptionalInt column(String name) {
    for (int i = 0; i < parts.columns.size(); i++) {
      if (parts.columns.get(i).name().equals(name)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** The key column. */
  public OptionalInt primaryKey() {
    return parts.primaryKey;
  }

  /** The indexes in ascending order of ids. */
  public List<IndexSchema> indexes() {
    return parts.indexes;
  }

  /** The unique constraints in ascending order of ids. */
  public List<ConstraintSchema> constraints() {
    return parts.constraints;
  }

  /** The sequences in ascending order of columns. */
  public List<SequenceSchema> sequences() {
    return parts.sequences;
  }

  /** The schedule, if rows are calls to be made later. */
  public Optional<ScheduleSchema> schedule() {
    return parts.schedule;
  }

  /** The row type, compiled. */
  public RowShape shape() {
    return shape;
  }

  /** The row type. */
  public Product rowType() {
    return new Product(
        parts.columns.stream().map(column -> Member.of(column.name(), column.type())).toList());
  }

  /**
   * How many elements the key of an index has for {@link IndexRange}: its columns, or the fields of
   * its only column if that is a product.
   */
  public int keyElements(IndexSchema index) {
    return keyEncoding(index).elementCount();
  }

  /** The key of an index, compiled. */
  KeyEncoding keyEncoding(IndexSchema index) {
    return new KeyEncoding(shape, columnTypes(), index.columns());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TableSchema that && parts.equals(that.parts);
  }

  @Override
  public int hashCode() {
    return Objects.hash(parts);
  }

  @Override
  public String toString() {
    return "TableSchema[" + parts.id + " " + parts.name + "]";
  }
}
