package dev.dormouse.sats;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A value as a tree. For definitions, literals, JSON and tests; rows on the hot path stay bytes.
 *
 * <p>A value does not know its type: {@code Int(5)} is a U8 as well as an I256. Source: spec
 * data-model §2.
 */
public sealed interface AlgebraicValue {
  /** A Bool. */
  record Bool(boolean value) implements AlgebraicValue {}

  /** An integer of any of the twelve integer types. */
  record Int(BigInteger value) implements AlgebraicValue {
    /** A small integer. */
    public static Int of(long value) {
      return new Int(BigInteger.valueOf(value));
    }
  }

  /** An F32; compared by bits. */
  record F32(float value) implements AlgebraicValue {
    @Override
    public boolean equals(Object other) {
      return other instanceof F32 that
          && Float.floatToRawIntBits(value) == Float.floatToRawIntBits(that.value);
    }

    @Override
    public int hashCode() {
      return Float.floatToRawIntBits(value);
    }
  }

  /** An F64; compared by bits. */
  record F64(double value) implements AlgebraicValue {
    @Override
    public boolean equals(Object other) {
      return other instanceof F64 that
          && Double.doubleToRawLongBits(value) == Double.doubleToRawLongBits(that.value);
    }

    @Override
    public int hashCode() {
      return Long.hashCode(Double.doubleToRawLongBits(value));
    }
  }

  /** A String. */
  record Text(String value) implements AlgebraicValue {}

  /** An Array of U8. */
  final class Bytes implements AlgebraicValue {
    private final byte[] value;

    public Bytes(byte[] value) {
      this.value = value.clone();
    }

    /** A copy of the bytes. */
    public byte[] toByteArray() {
      return value.clone();
    }

    /** How many bytes. */
    public int size() {
      return value.length;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Bytes that && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
      return "Bytes[" + HexFormat.of().formatHex(value) + "]";
    }
  }

  /** An Array of anything but U8. */
  record Array(List<AlgebraicValue> elements) implements AlgebraicValue {
    public Array {
      elements = List.copyOf(elements);
    }
  }

  /** A product's elements in order. */
  record Product(List<AlgebraicValue> elements) implements AlgebraicValue {
    public Product {
      elements = List.copyOf(elements);
    }

    /** A product of these elements. */
    public static Product of(AlgebraicValue... elements) {
      return new Product(List.of(elements));
    }
  }

  /** A sum's variant, by tag 0 to 255, and its payload. */
  record Sum(int tag, AlgebraicValue payload) implements AlgebraicValue {}

  /** The value of the unit type. */
  Product UNIT = new Product(List.of());

  /** Some of an option. */
  static Sum some(AlgebraicValue value) {
    return new Sum(0, value);
  }

  /** None of an option. */
  static Sum none() {
    return new Sum(1, UNIT);
  }
}
