package dev.dormouse.query;

import dev.dormouse.sats.RowShape;

/** One comparison on the bytes of a row; nothing is decoded into objects. */
sealed interface RowTest {
  /** Whether it holds for the row at an index; the row is valid. */
  boolean test(RowShape shape, byte[] bytes, int row);

  /** The test of a column against a constant. */
  static RowTest of(TypedCondition.WithConstant condition) {
    byte[] constant = condition.constant().bytes();
    ColumnForm form = condition.form();
    int column = condition.column();
    if (form.fitsLong()) {
      return InRange.of(column, form, condition.operator(), form.ordered(constant, 0));
    }
    return switch (condition.operator()) {
      case EQ -> new SameBytes(column, form, constant, true);
      case NE -> new SameBytes(column, form, constant, false);
      case LT, LE, GT, GE -> new Ordered(column, form, condition.operator(), constant);
    };
  }

  /** Values that map to a long: every operator is a range or the outside of one. */
  record InRange(int column, ColumnForm form, long least, long greatest, boolean inside)
      implements RowTest {
    static InRange of(int column, ColumnForm form, Operator operator, long value) {
      return switch (operator) {
        case EQ -> new InRange(column, form, value, value, true);
        case NE -> new InRange(column, form, value, value, false);
        case LE -> new InRange(column, form, Long.MIN_VALUE, value, true);
        case GT -> new InRange(column, form, Long.MIN_VALUE, value, false);
        case GE -> new InRange(column, form, value, Long.MAX_VALUE, true);
        case LT -> new InRange(column, form, value, Long.MAX_VALUE, false);
      };
    }

    @Override
    public boolean test(RowShape shape, byte[] bytes, int row) {
      long value = form.ordered(bytes, shape.columnOffset(bytes, row, column));
      return (value >= least && value <= greatest) == inside;
    }
  }

  /** Wide integers, String and bytes against a constant that must be the same or not. */
  @SuppressWarnings("ArrayRecordComponent") // private to this package, never compared
  record SameBytes(int column, ColumnForm form, byte[] constant, boolean same) implements RowTest {
    @Override
    public boolean test(RowShape shape, byte[] bytes, int row) {
      return form.sameBytes(bytes, shape.columnOffset(bytes, row, column), constant, 0) == same;
    }
  }

  /** Wide integers, String and bytes before or behind a constant. */
  @SuppressWarnings("ArrayRecordComponent") // private to this package, never compared
  record Ordered(int column, ColumnForm form, Operator operator, byte[] constant)
      implements RowTest {
    @Override
    public boolean test(RowShape shape, byte[] bytes, int row) {
      return operator.holds(
          form.compare(bytes, shape.columnOffset(bytes, row, column), constant, 0));
    }
  }

  /** Two columns of one row. */
  record TwoColumns(int left, int right, ColumnForm form, Operator operator) implements RowTest {
    @Override
    public boolean test(RowShape shape, byte[] bytes, int row) {
      return operator.holds(
          form.compare(
              bytes,
              shape.columnOffset(bytes, row, left),
              bytes,
              shape.columnOffset(bytes, row, right)));
    }
  }
}
