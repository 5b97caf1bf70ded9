package dev.dormouse.query;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.Primitive;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** A predicate as SQL and as the plainest evaluation that means the same. */
record RandomCondition(String sql, Predicate<List<AlgebraicValue>> naive) {

  /** A predicate over columns named c0, c1, … of these types. */
  static RandomCondition over(List<AlgebraicType> columns, RandomGenerator random) {
    return new Generator(columns, random).any(random.nextInt(4));
  }

  private static final class Generator {
    private final List<AlgebraicType> columns;
    private final RandomGenerator random;
    private final RandomValues values;

    Generator(List<AlgebraicType> columns, RandomGenerator random) {
      this.columns = columns;
      this.random = random;
      this.values = new RandomValues(random);
    }

    RandomCondition any(int depth) {
      if (depth == 0) {
        return leaf();
      }
      return switch (random.nextInt(5)) {
        case 0, 1 -> {
          List<RandomCondition> parts = parts(depth);
          yield new RandomCondition(
              parts.stream().map(part -> "(" + part.sql + ")").collect(Collectors.joining(" AND ")),
              row -> parts.stream().allMatch(part -> part.naive.test(row)));
        }
        case 2, 3 -> {
          List<RandomCondition> parts = parts(depth);
          yield new RandomCondition(
              parts.stream().map(part -> "(" + part.sql + ")").collect(Collectors.joining(" or ")),
              row -> parts.stream().anyMatch(part -> part.naive.test(row)));
        }
        default -> {
          RandomCondition inner = any(depth - 1);
          yield new RandomCondition("not (" + inner.sql + ")", inner.naive.negate());
        }
      };
    }

    private List<RandomCondition> parts(int depth) {
      List<RandomCondition> parts = new ArrayList<>();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        parts.add(any(depth - 1));
      }
      return parts;
    }

    private RandomCondition leaf() {
      int column = random.nextInt(columns.size());
      AlgebraicType type = columns.get(column);
      if (ColumnForm.of(type).isEmpty() || random.nextInt(30) == 0) {
        boolean value = random.nextBoolean();
        return new RandomCondition(String.valueOf(value), row -> value);
      }
      if (type == Primitive.BOOL && random.nextBoolean()) {
        return new RandomCondition(
            "c" + column, row -> ((AlgebraicValue.Bool) row.get(column)).value());
      }
      Operator operator = values.pick(List.of(Operator.values()));
      for (int other = 0; other < columns.size(); other++) {
        if (other != column && columns.get(other).equals(type) && random.nextInt(3) == 0) {
          int right = other;
          return new RandomCondition(
              "c" + column + " " + operator.text() + " t.c" + right,
              row -> holds(operator, row.get(column), row.get(right)));
        }
      }
      AlgebraicValue constant = values.value(type);
      while (!RandomValues.hasLiteral(type, constant)) {
        constant = values.value(type);
      }
      AlgebraicValue fixed = constant;
      String literal = values.literal(type, constant);
      return random.nextBoolean()
          ? new RandomCondition(
              "c" + column + operator.text() + literal,
              row -> holds(operator, row.get(column), fixed))
          : new RandomCondition(
              literal + " " + operator.text() + "t.c" + column,
              row -> holds(operator, fixed, row.get(column)));
    }

    private static boolean holds(Operator operator, AlgebraicValue left, AlgebraicValue right) {
      int order = NaiveOrder.compare(left, right);
      return switch (operator) {
        case EQ -> order == 0;
        case NE -> order != 0;
        case LT -> order < 0;
        case LE -> order <= 0;
        case GT -> order > 0;
        case GE -> order >= 0;
      };
    }
  }
}
