package dev.dormouse.sats;

import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Sum;
import java.util.List;
import java.util.Optional;

/**
 * A type with a meaning of its own, known purely by its structure. Source: spec data-model §1.1.
 */
public enum SpecialType {
  IDENTITY("__identity__", Primitive.U256),
  CONNECTION_ID("__connection_id__", Primitive.U128),
  TIMESTAMP("__timestamp_micros_since_unix_epoch__", Primitive.I64),
  TIME_DURATION("__time_duration_micros__", Primitive.I64),
  UUID("__uuid__", Primitive.U128);

  private final String field;
  private final Product type;

  SpecialType(String field, Primitive inner) {
    this.field = field;
    this.type = AlgebraicType.product(Member.of(field, inner));
  }

  /** The one field's name, such as {@code __identity__}. */
  public String field() {
    return field;
  }

  /** The type: a product of one named integer. */
  public Product type() {
    return type;
  }

  /** The special product this type is, if it is one. */
  public static Optional<SpecialType> of(AlgebraicType candidate) {
    if (candidate instanceof Product product && product.elements().size() == 1) {
      for (SpecialType special : ALL) {
        if (special.type.equals(product)) {
          return Optional.of(special);
        }
      }
    }
    return Optional.empty();
  }

  /** {@code Interval(TimeDuration)} or {@code Time(Timestamp)}, with capital names. */
  public static final Sum SCHEDULE_AT =
      new Sum(
          List.of(Member.of("Interval", TIME_DURATION.type), Member.of("Time", TIMESTAMP.type)));

  /** Whether this is an option: {@code some} of any type, then {@code none} of unit. */
  public static boolean isOption(AlgebraicType candidate) {
    return candidate instanceof Sum sum
        && sum.variants().size() == 2
        && named(sum, 0, "some")
        && named(sum, 1, "none")
        && sum.variants().get(1).type().equals(AlgebraicType.UNIT);
  }

  /** Whether this is a result: {@code ok} then {@code err}, of any types. */
  public static boolean isResult(AlgebraicType candidate) {
    return candidate instanceof Sum sum
        && sum.variants().size() == 2
        && named(sum, 0, "ok")
        && named(sum, 1, "err");
  }

  /** Whether case conversion leaves the names of this sum alone. */
  public static boolean isSpecialSum(AlgebraicType candidate) {
    return isOption(candidate) || isResult(candidate) || SCHEDULE_AT.equals(candidate);
  }

  private static boolean named(Sum sum, int index, String name) {
    return sum.variants().get(index).name().filter(name::equals).isPresent();
  }

  private static final SpecialType[] ALL = values();
}
