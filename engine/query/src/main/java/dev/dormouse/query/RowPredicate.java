package dev.dormouse.query;

import dev.dormouse.sats.RowShape;
import java.util.ArrayList;
import java.util.List;

/**
 * A predicate compiled to tests with two successors each: evaluating it is a loop over row bytes
 * that allocates nothing and does not recurse. Immutable.
 */
public final class RowPredicate {
  private static final int ACCEPT = -1;
  private static final int REJECT = -2;

  private final RowShape shape;
  private final RowTest[] tests;
  private final int[] onTrue;
  private final int[] onFalse;
  private final int entry;

  private RowPredicate(RowShape shape, Code code, int entry) {
    this.shape = shape;
    this.tests = code.tests.toArray(RowTest[]::new);
    this.onTrue = code.onTrue.stream().mapToInt(Integer::intValue).toArray();
    this.onFalse = code.onFalse.stream().mapToInt(Integer::intValue).toArray();
    this.entry = entry;
  }

  static RowPredicate compile(TypedCondition condition, RowShape shape) {
    Code code = new Code();
    int entry = code.emit(condition, ACCEPT, REJECT);
    return new RowPredicate(shape, code, entry);
  }

  /** Whether it holds for the row that begins at an index; the row is valid. */
  public boolean test(byte[] bytes, int row) {
    int at = entry;
    while (at >= 0) {
      at = tests[at].test(shape, bytes, row) ? onTrue[at] : onFalse[at];
    }
    return at == ACCEPT;
  }

  /** Whether it holds for every row, so that there is nothing to test. */
  public boolean isAlways() {
    return entry == ACCEPT;
  }

  /** Whether it holds for no row. */
  public boolean isNever() {
    return entry == REJECT;
  }

  /** Emitted from the last part to the first, so that every successor is known when it is used. */
  private static final class Code {
    private final List<RowTest> tests = new ArrayList<>();
    private final List<Integer> onTrue = new ArrayList<>();
    private final List<Integer> onFalse = new ArrayList<>();

    /** Emits a condition and returns where it begins. */
    int emit(TypedCondition condition, int whenTrue, int whenFalse) {
      if (condition instanceof TypedCondition.All all) {
        int next = whenTrue;
        for (int i = all.parts().size() - 1; i >= 0; i--) {
          next = emit(all.parts().get(i), next, whenFalse);
        }
        return next;
      }
      if (condition instanceof TypedCondition.Any any) {
        int next = whenFalse;
        for (int i = any.parts().size() - 1; i >= 0; i--) {
          next = emit(any.parts().get(i), whenTrue, next);
        }
        return next;
      }
      if (condition instanceof TypedCondition.Not not) {
        return emit(not.negated(), whenFalse, whenTrue);
      }
      return leaf(condition, whenTrue, whenFalse);
    }

    /** Apart, so that the frames of the recursion above stay small. */
    private int leaf(TypedCondition condition, int whenTrue, int whenFalse) {
      return switch (condition) {
        case TypedCondition.Fixed(boolean value) -> value ? whenTrue : whenFalse;
        case TypedCondition.WithConstant comparison ->
            add(RowTest.of(comparison), whenTrue, whenFalse);
        case TypedCondition.Columns(int left, int right, ColumnForm form, Operator operator) ->
            add(new RowTest.TwoColumns(left, right, form, operator), whenTrue, whenFalse);
        case TypedCondition.All ignored -> throw new IllegalStateException("not a leaf");
        case TypedCondition.Any ignored -> throw new IllegalStateException("not a leaf");
        case TypedCondition.Not ignored -> throw new IllegalStateException("not a leaf");
      };
    }

    private int add(RowTest test, int whenTrue, int whenFalse) {
      if (whenTrue == whenFalse) {
        return whenTrue;
      }
      tests.add(test);
      onTrue.add(whenTrue);
      onFalse.add(whenFalse);
      return tests.size() - 1;
    }
  }
}
