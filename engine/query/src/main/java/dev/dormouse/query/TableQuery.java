package dev.dormouse.query;

import dev.dormouse.datastore.ReadView;
import dev.dormouse.datastore.RowCursor;
import dev.dormouse.datastore.RowVisitor;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.RowShape;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A query of one table, compiled against one schema. Immutable; valid until the schema changes.
 *
 * <p>Row order is unspecified, duplicates are kept.
 */
public final class TableQuery implements AdHocStatement {
  /** A demand {@code column = value}: the column's bytes are the constant's. */
  public record Equality(int column, Constant value) {}

  /**
   * For whom a query is.
   *
   * @param everybody whether the table is public and no rule hides some of its rows
   * @param callerSpecific whether it names its sender
   */
  record Audience(boolean everybody, boolean callerSpecific) {}

  /** What becomes of a matching row. */
  sealed interface Output {
    /** It is returned. */
    record WholeRow() implements Output {}

    /** Some of its columns are, in this order; more than one may be the same. */
    record Columns(List<Integer> positions) implements Output {
      public Columns {
        positions = List.copyOf(positions);
      }
    }

    /** It is counted. */
    record Count() implements Output {}
  }

  private final TableSchema table;
  private final Product resultType;
  private final Output output;
  private final TypedCondition condition;
  private final RowPredicate predicate;
  private final AccessPath path;
  private final long limit;
  private final Audience audience;

  TableQuery(
      TableSchema table,
      Product resultType,
      Output output,
      TypedCondition condition,
      long limit,
      Audience audience) {
    this.table = table;
    this.resultType = resultType;
    this.output = output;
    this.condition = condition;
    this.predicate = RowPredicate.compile(condition, table.shape());
    this.path = Planner.choose(table, condition);
    this.limit = limit;
    this.audience = audience;
  }

  /** The table. */
  public TableSchema table() {
    return table;
  }

  /** Names and types of the result's columns. */
  public Product resultType() {
    return resultType;
  }

  /** Where the result shows a column of the table, in ascending order; empty for a count. */
  public List<Integer> shownAt(int column) {
    return switch (output) {
      case Output.WholeRow() -> List.of(column);
      case Output.Columns(List<Integer> positions) ->
          IntStream.range(0, positions.size())
              .filter(at -> positions.get(at) == column)
              .boxed()
              .toList();
      case Output.Count() -> List.of();
    };
  }

  /** Whether the result depends on who asks, beyond what they may read. */
  public boolean isCallerSpecific() {
    return audience.callerSpecific;
  }

  /** Whether anybody may have the result, and not the owner alone. */
  public boolean isForEverybody() {
    return audience.everybody;
  }

  /** What a row must fulfil. */
  public RowPredicate predicate() {
    return predicate;
  }

  /** Equalities that every matching row fulfils; none of floats, whose equal values may differ. */
  public List<Equality> equalities() {
    return Planner.conjuncts(condition).stream()
        .filter(comparison -> comparison.operator() == Operator.EQ)
        .filter(comparison -> !comparison.form().isFloat())
        .map(comparison -> new Equality(comparison.column(), comparison.constant()))
        .toList();
  }

  /** How matching rows are found; for tests. */
  AccessPath path() {
    return path;
  }

  /**
   * Hands every row of the result to a visitor.
   *
   * @return how many
   * @throws dev.dormouse.sats.EngineException if the budget does not suffice; rows may have been
   *     handed over
   */
  public long run(ReadView view, Budget budget, RowVisitor visitor) {
    return switch (output) {
      case Output.Count() -> {
        if (limit == 0) {
          yield 0;
        }
        byte[] row = new BsatnWriter(Long.BYTES).writeI64(count(view, budget)).toByteArray();
        visitor.row(row, 0, row.length);
        yield 1;
      }
      case Output.WholeRow() -> matching(view, budget, visitor);
      case Output.Columns(List<Integer> positions) ->
          matching(view, budget, projected(positions, visitor));
    };
  }

  /** As {@link #run} into a list. */
  public RowList rows(ReadView view, Budget budget) {
    RowList rows = new RowList();
    run(view, budget, rows);
    return rows;
  }

  private long count(ReadView view, Budget budget) {
    if (predicate.isAlways()) {
      return view.rowCount(table.id()).orElseThrow();
    }
    return forEachMatch(view, budget, row -> {});
  }

  private long matching(ReadView view, Budget budget, RowVisitor visitor) {
    return forEachMatch(
        view,
        budget,
        row -> {
          budget.returned(row.length());
          visitor.row(row.buffer(), row.offset(), row.length());
        });
  }

  /**
   * Shows a cursor at every row that matches, up to the limit.
   *
   * @return how many
   */
  long forEachMatch(ReadView view, Budget budget, Consumer<RowCursor> action) {
    if (predicate.isNever() || limit == 0) {
      return 0;
    }
    long bound = output instanceof Output.Count ? Long.MAX_VALUE : limit;
    long found = 0;
    RowCursor row = path.open(view);
    while (found < bound && row.next()) {
      budget.scanned();
      if (predicate.test(row.buffer(), row.offset())) {
        action.accept(row);
        found++;
      }
    }
    return found;
  }

  /**
   * How many rows a run would look at. Beyond {@code enough} the figure is only some that is
   * larger.
   */
  long estimate(ReadView view, long enough) {
    if (predicate.isNever()) {
      return 0;
    }
    if (path instanceof AccessPath.EveryRow) {
      return view.rowCount(table.id()).orElseThrow();
    }
    long rows = 0;
    RowCursor row = path.open(view);
    while (rows <= enough && row.next()) {
      rows++;
    }
    return rows;
  }

  private RowVisitor projected(List<Integer> positions, RowVisitor visitor) {
    RowShape shape = table.shape();
    BsatnWriter row = new BsatnWriter();
    return (bytes, offset, length) -> {
      row.reset();
      for (int position : positions) {
        int from = shape.columnOffset(bytes, offset, position);
        row.writeRaw(bytes, from, shape.columnEnd(bytes, from, position) - from);
      }
      visitor.row(row.array(), 0, row.size());
    };
  }

  /** The type of a count. */
  static Product countType(String name) {
    return new Product(List.of(Member.of(name, Primitive.U64)));
  }
}
