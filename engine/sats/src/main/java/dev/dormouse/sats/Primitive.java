package dev.dormouse.sats;

import java.math.BigInteger;

/** A type without parts. Ordered as in the type's own encoding. Source: spec data-model §1. */
public enum Primitive implements AlgebraicType {
  STRING(4, 0, "String"),
  BOOL(5, 1, "Bool"),
  I8(6, 1, "I8"),
  U8(7, 1, "U8"),
  I16(8, 2, "I16"),
  U16(9, 2, "U16"),
  I32(10, 4, "I32"),
  U32(11, 4, "U32"),
  I64(12, 8, "I64"),
  U64(13, 8, "U64"),
  I128(14, 16, "I128"),
  U128(15, 16, "U128"),
  I256(16, 32, "I256"),
  U256(17, 32, "U256"),
  F32(18, 4, "F32"),
  F64(19, 8, "F64");

  private final int tag;
  private final int width;
  private final String display;

  Primitive(int tag, int width, String display) {
    this.tag = tag;
    this.width = width;
    this.display = display;
  }

  /** The tag in the type's own BSATN encoding, 4 to 19. */
  public int tag() {
    return tag;
  }

  /** Bytes of every value of this type, or 0 for String. */
  public int width() {
    return width;
  }

  /** The name in SATS notation, such as {@code U32}. */
  public String display() {
    return display;
  }

  /** Whether this is one of the twelve integer types. */
  public boolean isInteger() {
    return tag >= 6 && tag <= 17;
  }

  /** Whether this is a signed integer type. */
  public boolean isSigned() {
    return switch (this) {
      case I8, I16, I32, I64, I128, I256 -> true;
      case STRING, BOOL, U8, U16, U32, U64, U128, U256, F32, F64 -> false;
    };
  }

  /** Smallest value of an integer type. */
  public BigInteger minimum() {
    requireInteger();
    return isSigned() ? BigInteger.ONE.shiftLeft(width * 8 - 1).negate() : BigInteger.ZERO;
  }

  /** Largest value of an integer type. */
  public BigInteger maximum() {
    requireInteger();
    int bits = isSigned() ? width * 8 - 1 : width * 8;
    return BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
  }

  private void requireInteger() {
    if (!isInteger()) {
      throw new IllegalStateException(this + " is no integer type");
    }
  }

  /** The primitive with this tag. */
  public static Primitive ofTag(int tag) {
    if (tag < 4 || tag > 19) {
      throw new DecodeException("no primitive type has tag " + tag);
    }
    return ALL[tag - 4];
  }

  private static final Primitive[] ALL = values();
}
