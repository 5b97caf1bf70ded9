package dev.dormouse.query;

import java.util.Optional;

/** A comparison. Source: spec sql-and-subscriptions §3. */
enum Operator {
  EQ("="),
  NE("<>"),
  LT("<"),
  LE("<="),
  GT(">"),
  GE(">=");

  private final String text;

  Operator(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  /** The operator a symbol stands for, if it is one; {@code !=} is another way to write NE. */
  static Optional<Operator> of(Token token) {
    if (token.kind() != Token.Kind.SYMBOL) {
      return Optional.empty();
    }
    return switch (token.text()) {
      case "=" -> Optional.of(EQ);
      case "<>", "!=" -> Optional.of(NE);
      case "<" -> Optional.of(LT);
      case "<=" -> Optional.of(LE);
      case ">" -> Optional.of(GT);
      case ">=" -> Optional.of(GE);
      default -> Optional.empty();
    };
  }

  /** The operator that says the same with its sides exchanged. */
  Operator mirrored() {
    return switch (this) {
      case EQ -> EQ;
      case NE -> NE;
      case LT -> GT;
      case LE -> GE;
      case GT -> LT;
      case GE -> LE;
    };
  }

  /** Whether it holds for two values of which {@code order} is the sign of left minus right. */
  boolean holds(int order) {
    return switch (this) {
      case EQ -> order == 0;
      case NE -> order != 0;
      case LT -> order < 0;
      case LE -> order <= 0;
      case GT -> order > 0;
      case GE -> order >= 0;
    };
  }
}
