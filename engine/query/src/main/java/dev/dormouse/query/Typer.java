package dev.dormouse.query;

import dev.dormouse.query.Condition.All;
import dev.dormouse.query.Condition.Alone;
import dev.dormouse.query.Condition.Any;
import dev.dormouse.query.Condition.Column;
import dev.dormouse.query.Condition.Compared;
import dev.dormouse.query.Condition.Literal;
import dev.dormouse.query.Condition.Not;
import dev.dormouse.query.Condition.Operand;
import dev.dormouse.query.Condition.Sender;
import dev.dormouse.query.Scope.Field;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import java.util.ArrayList;
import java.util.List;

/** Looks up names and gives literals a type. Source: spec sql-and-subscriptions §5. */
final class Typer {
  private static final AlgebraicType IDENTITY = SpecialType.IDENTITY.type();
  private static final Constant TRUE = new Constant(new byte[] {1});

  private final Scope scope;
  private final Identity sender;
  private final QueryLimits limits;
  private boolean senderUsed;

  Typer(Scope scope, Identity sender, QueryLimits limits) {
    this.scope = scope;
    this.sender = sender;
    this.limits = limits;
  }

  /** Whether what was typed so far holds {@code :sender}. */
  boolean senderUsed() {
    return senderUsed;
  }

  TypedCondition type(Condition condition) {
    return type(condition, 0);
  }

  private TypedCondition type(Condition condition, int depth) {
    if (depth > limits.alternationsMax()) {
      throw Refusals.tooDeep(limits.alternationsMax());
    }
    if (condition instanceof All all) {
      return new TypedCondition.All(types(all.parts(), depth));
    }
    if (condition instanceof Any any) {
      return new TypedCondition.Any(types(any.parts(), depth));
    }
    if (condition instanceof Not not) {
      return new TypedCondition.Not(type(not.negated(), depth + 1));
    }
    return leaf(condition);
  }

  private List<TypedCondition> types(List<Condition> parts, int depth) {
    List<TypedCondition> typed = new ArrayList<>(parts.size());
    for (int i = 0; i < parts.size(); i++) {
      typed.add(type(parts.get(i), depth + 1));
    }
    return typed;
  }

  /** Apart, so that the frames of the recursion above stay small. */
  private TypedCondition leaf(Condition condition) {
    return switch (condition) {
      case Alone(Operand operand) -> alone(operand);
      case Compared compared -> compared(compared);
      case All ignored -> throw new IllegalStateException("a conjunction is no leaf");
      case Any ignored -> throw new IllegalStateException("a disjunction is no leaf");
      case Not ignored -> throw new IllegalStateException("a negation is no leaf");
    };
  }

  private TypedCondition alone(Operand operand) {
    return switch (operand) {
      case Column column -> {
        Field field = scope.field(column);
        if (field.type() != Primitive.BOOL) {
          throw Refusals.unexpectedType(Primitive.BOOL, field.type());
        }
        yield new TypedCondition.WithConstant(field.position(), ColumnForm.U8, Operator.EQ, TRUE);
      }
      case Literal literal when literal.form() == Literal.Form.BOOL ->
          new TypedCondition.Fixed(Boolean.parseBoolean(literal.text()));
      case Literal literal -> throw Refusals.unparsable(literal.text(), Primitive.BOOL, limits);
      case Sender ignored -> throw Refusals.unexpectedType(Primitive.BOOL, IDENTITY);
    };
  }

  private Field compared(Column column) {
    Field field = scope.field(column);
    if (!field.comparable()) {
      throw Refusals.programNotCompared();
    }
    return field;
  }

  private TypedCondition compared(Compared compared) {
    Operator operator = compared.operator();
    return switch (compared.left()) {
      case Column left ->
          switch (compared.right()) {
            case Column right -> columns(compared(left), operator, compared(right));
            case Literal literal -> withLiteral(compared(left), operator, literal);
            case Sender ignored -> withSender(compared(left), operator);
          };
      case Literal left ->
          switch (compared.right()) {
            case Column right -> withLiteral(compared(right), operator.mirrored(), left);
            case Literal right -> literals(left, operator, right);
            case Sender ignored -> fixed(IDENTITY, encoded(left, IDENTITY), operator, sender());
          };
      case Sender ignored ->
          switch (compared.right()) {
            case Column right -> withSender(compared(right), operator.mirrored());
            case Literal right -> fixed(IDENTITY, sender(), operator, encoded(right, IDENTITY));
            case Sender alsoIgnored -> fixed(IDENTITY, sender(), operator, sender());
          };
    };
  }

  private static ColumnForm form(AlgebraicType type, Operator operator) {
    return ColumnForm.of(type).orElseThrow(() -> Refusals.operatorNotAllowed(operator, type));
  }

  private static TypedCondition columns(Field left, Operator operator, Field right) {
    if (!left.type().equals(right.type())) {
      throw Refusals.unexpectedType(left.type(), right.type());
    }
    return new TypedCondition.Columns(
        left.position(), right.position(), form(left.type(), operator), operator);
  }

  private TypedCondition withLiteral(Field field, Operator operator, Literal literal) {
    Constant constant = encoded(literal, field.type());
    return new TypedCondition.WithConstant(
        field.position(), form(field.type(), operator), operator, constant);
  }

  private TypedCondition withSender(Field field, Operator operator) {
    Constant constant;
    if (field.type().equals(IDENTITY)) {
      constant = sender();
    } else if (field.type().equals(AlgebraicType.BYTES)) {
      senderUsed = true;
      constant = new Constant(new BsatnWriter().writeBytes(sender.toBigEndian()).toByteArray());
    } else {
      throw Refusals.unexpectedType(field.type(), IDENTITY);
    }
    return new TypedCondition.WithConstant(
        field.position(), form(field.type(), operator), operator, constant);
  }

  private Constant sender() {
    senderUsed = true;
    return new Constant(sender.toBsatn());
  }

  private TypedCondition literals(Literal left, Operator operator, Literal right) {
    if (left.form() != Literal.Form.BOOL && right.form() != Literal.Form.BOOL) {
      throw Refusals.untyped();
    }
    return fixed(
        Primitive.BOOL, encoded(left, Primitive.BOOL), operator, encoded(right, Primitive.BOOL));
  }

  private static TypedCondition fixed(
      AlgebraicType type, Constant left, Operator operator, Constant right) {
    int order = form(type, operator).compare(left.bytes(), 0, right.bytes(), 0);
    return new TypedCondition.Fixed(operator.holds(order));
  }

  private Constant encoded(Literal literal, AlgebraicType type) {
    return Literals.encode(literal, type, limits);
  }
}
