package dev.dormouse.sats;

import java.util.List;
import java.util.Optional;

/**
 * A SATS type: one of 20 variants, itself a SATS sum. Source: spec data-model §1.
 *
 * <p>Special types (Identity, Option, …) are recognised by structure alone, see {@link
 * SpecialType}.
 */
public sealed interface AlgebraicType
    permits AlgebraicType.Ref,
        AlgebraicType.Sum,
        AlgebraicType.Product,
        AlgebraicType.Array,
        Primitive {

  /**
   * A reference to a slot of the typespace it belongs to.
   *
   * @param index unsigned; no typespace is so large that one from 2^31 on would not be dangling
   */
  record Ref(int index) implements AlgebraicType {
    /** Whether it points into a typespace of {@code slots}. */
    public boolean isWithin(int slots) {
      return index >= 0 && index < slots;
    }

    @Override
    public String toString() {
      return "Ref[" + Integer.toUnsignedString(index) + "]";
    }
  }

  /** One of several variants; at most 256. */
  record Sum(List<Member> variants) implements AlgebraicType {
    public Sum {
      variants = List.copyOf(variants);
    }

    /** Whether every variant's payload is the unit type (a plain enum). The empty sum is not. */
    public boolean isPlainEnum() {
      return !variants.isEmpty() && variants.stream().allMatch(v -> v.type().equals(UNIT));
    }
  }

  /** Several values one after another. */
  record Product(List<Member> elements) implements AlgebraicType {
    public Product {
      elements = List.copyOf(elements);
    }
  }

  /** Any number of values of one type. */
  record Array(AlgebraicType element) implements AlgebraicType {}

  /** An element of a product or a variant of a sum, in order, with or without a name. */
  record Member(Optional<String> name, AlgebraicType type) {
    /** A member with a name. */
    public static Member of(String name, AlgebraicType type) {
      return new Member(Optional.of(name), type);
    }

    /** The name, or {@code col_<position>} for a member without one. */
    public String nameOr(int position) {
      return name.orElseGet(() -> "col_" + position);
    }
  }

  /** The product without elements. */
  Product UNIT = new Product(List.of());

  /** The sum without variants; it has no value. */
  Sum NEVER = new Sum(List.of());

  /** An array of U8. */
  Array BYTES = new Array(Primitive.U8);

  /** The option of a type: {@code some} is tag 0, {@code none} is tag 1. */
  static Sum option(AlgebraicType some) {
    return new Sum(List.of(Member.of("some", some), Member.of("none", UNIT)));
  }

  /** The result of two types: {@code ok} is tag 0, {@code err} is tag 1. */
  static Sum result(AlgebraicType ok, AlgebraicType err) {
    return new Sum(List.of(Member.of("ok", ok), Member.of("err", err)));
  }

  /** A product of named elements. */
  static Product product(Member... elements) {
    return new Product(List.of(elements));
  }
}
