package dev.dormouse.query;

import dev.dormouse.query.Condition.All;
import dev.dormouse.query.Condition.Alone;
import dev.dormouse.query.Condition.Any;
import dev.dormouse.query.Condition.Compared;
import dev.dormouse.query.Condition.Not;
import dev.dormouse.query.Condition.Operand;
import dev.dormouse.query.Condition.Sender;
import dev.dormouse.query.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Parses what stands behind WHERE. Source: spec sql-and-subscriptions §3.
 *
 * <p>Parentheses are kept on a stack of its own, not on the thread's, and a conjunction within a
 * conjunction becomes one: the SDKs' query builders nest one level per call of {@code and}.
 */
final class ConditionParser {
  private final TokenStream tokens;
  private final Deque<Group> open = new ArrayDeque<>();
  private Group group = new Group();
  private int depth;

  private ConditionParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  static Condition parse(TokenStream tokens) {
    return new ConditionParser(tokens).parse();
  }

  private Condition parse() {
    while (true) {
      if (tokens.accept("NOT")) {
        deeper();
        group.negations++;
      } else if (tokens.acceptSymbol("(")) {
        deeper();
        open.push(group);
        group = new Group();
      } else {
        add(comparison(operand()));
        closeGroups();
        if (tokens.accept("OR")) {
          group.endConjunction();
        } else if (!tokens.accept("AND")) {
          if (!open.isEmpty()) {
            throw tokens.unexpected("`)`");
          }
          return group.finish();
        }
      }
    }
  }

  private void deeper() {
    depth++;
    if (depth > tokens.limits().nestingMax()) {
      throw Refusals.tooDeep(tokens.limits().nestingMax());
    }
  }

  private void closeGroups() {
    while (!open.isEmpty() && tokens.acceptSymbol(")")) {
      Condition inner = group.finish();
      depth--;
      group = open.pop();
      if (Operator.of(tokens.peek()).isPresent()) {
        if (!(inner instanceof Alone(Operand operand))) {
          throw Refusals.unsupported("a comparison of conditions");
        }
        inner = comparison(operand);
      }
      add(inner);
    }
  }

  private void add(Condition condition) {
    depth -= group.negations;
    group.add(condition);
  }

  private Condition comparison(Operand left) {
    Optional<Operator> operator = Operator.of(tokens.peek());
    if (operator.isEmpty()) {
      return new Alone(left);
    }
    tokens.next();
    int parentheses = 0;
    while (tokens.acceptSymbol("(")) {
      parentheses++;
    }
    Operand right = operand();
    if (parentheses > 0 && !tokens.peek().isSymbol(")")) {
      throw Refusals.unsupported("a comparison of conditions");
    }
    for (int i = 0; i < parentheses; i++) {
      tokens.requireSymbol(")");
    }
    if (Operator.of(tokens.peek()).isPresent()) {
      throw Refusals.unsupported("a comparison of conditions");
    }
    return new Compared(left, operator.get(), right);
  }

  private Operand operand() {
    if (tokens.atLiteral()) {
      return tokens.literal();
    }
    Token token = tokens.peek();
    if (token.kind() == Kind.PARAMETER) {
      if (!token.text().equals("sender")) {
        throw Refusals.unsupported(
            "parameter `:" + Refusals.clip(token.text(), tokens.limits()) + "`");
      }
      tokens.next();
      return new Sender();
    }
    if (!tokens.atIdentifier()) {
      throw tokens.unexpected("a condition");
    }
    return tokens.column();
  }

  /** What stands between one pair of parentheses, so far. */
  private static final class Group {
    private final List<Condition> alternatives = new ArrayList<>();
    private List<Condition> conjunction = new ArrayList<>();
    private int negations;

    void add(Condition condition) {
      Condition added = condition;
      if (negations % 2 == 1) {
        added = condition instanceof Not(Condition twice) ? twice : new Not(condition);
      }
      negations = 0;
      if (added instanceof All(List<Condition> parts)) {
        conjunction.addAll(parts);
      } else {
        conjunction.add(added);
      }
    }

    void endConjunction() {
      Condition ended = conjunction.size() == 1 ? conjunction.getFirst() : new All(conjunction);
      if (ended instanceof Any(List<Condition> parts)) {
        alternatives.addAll(parts);
      } else {
        alternatives.add(ended);
      }
      conjunction = new ArrayList<>();
    }

    Condition finish() {
      endConjunction();
      return alternatives.size() == 1 ? alternatives.getFirst() : new Any(alternatives);
    }
  }
}
