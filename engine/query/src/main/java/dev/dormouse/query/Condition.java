package dev.dormouse.query;

import java.util.List;
import java.util.Optional;

/** A predicate as written, before names are looked up and literals have a type. */
sealed interface Condition {
  /** A conjunction of two or more; none of them is a conjunction itself. */
  record All(List<Condition> parts) implements Condition {
    public All {
      parts = List.copyOf(parts);
    }
  }

  /** A disjunction of two or more; none of them is a disjunction itself. */
  record Any(List<Condition> parts) implements Condition {
    public Any {
      parts = List.copyOf(parts);
    }
  }

  /** The opposite; never of a {@code Not}. */
  record Not(Condition negated) implements Condition {}

  /** Two values compared. */
  record Compared(Operand left, Operator operator, Operand right) implements Condition {}

  /** One boolean value. */
  record Alone(Operand operand) implements Condition {}

  /** A value as written. */
  sealed interface Operand {}

  /**
   * A column.
   *
   * @param qualifier table name or alias, its parts joined by dots
   */
  record Column(Optional<String> qualifier, String name) implements Operand {
    String text() {
      return qualifier.map(q -> q + "." + name).orElse(name);
    }
  }

  /** A literal, its text without decoration. */
  record Literal(Form form, String text) implements Operand {
    /** How it was written; a number's text keeps its sign. */
    enum Form {
      BOOL,
      NUMBER,
      STRING,
      HEX
    }
  }

  /** {@code :sender}. */
  record Sender() implements Operand {}
}
