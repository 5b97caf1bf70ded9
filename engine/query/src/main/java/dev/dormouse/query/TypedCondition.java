package dev.dormouse.query;

import java.util.List;

/**
 * A predicate over the rows of one table: columns by position, constants encoded at their column's
 * type.
 */
sealed interface TypedCondition {
  /** A conjunction. */
  record All(List<TypedCondition> parts) implements TypedCondition {
    public All {
      parts = List.copyOf(parts);
    }
  }

  /** A disjunction. */
  record Any(List<TypedCondition> parts) implements TypedCondition {
    public Any {
      parts = List.copyOf(parts);
    }
  }

  /** The opposite. */
  record Not(TypedCondition negated) implements TypedCondition {}

  /** Always or never. */
  record Fixed(boolean value) implements TypedCondition {}

  /** A column against a constant of its type. */
  record WithConstant(int column, ColumnForm form, Operator operator, Constant constant)
      implements TypedCondition {}

  /** Two columns of one type. */
  record Columns(int left, int right, ColumnForm form, Operator operator)
      implements TypedCondition {}
}
