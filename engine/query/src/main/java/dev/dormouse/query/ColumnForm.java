package dev.dormouse.query;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/**
 * How values of a comparable type lie in a row and are ordered. Source: spec data-model §3, spec
 * sql-and-subscriptions §5.
 */
enum ColumnForm {
  I8(1),
  U8(1),
  I16(2),
  U16(2),
  I32(4),
  U32(4),
  I64(8),
  U64(8),
  F32(4),
  F64(8),
  I128(16),
  U128(16),
  I256(32),
  U256(32),
  /** String and bytes: a length, then bytes that are ordered unsigned, a prefix first. */
  BYTES(0);

  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final int width;

  ColumnForm(int width) {
    this.width = width;
  }

  /** The form of a type, if its values may be compared by SQL. */
  static Optional<ColumnForm> of(AlgebraicType type) {
    if (type instanceof Primitive primitive) {
      return Optional.of(of(primitive));
    }
    if (type.equals(AlgebraicType.BYTES)) {
      return Optional.of(BYTES);
    }
    return SpecialType.of(type)
        .flatMap(
            special ->
                switch (special) {
                  case IDENTITY -> Optional.of(U256);
                  case CONNECTION_ID, UUID -> Optional.of(U128);
                  case TIMESTAMP -> Optional.of(I64);
                  case TIME_DURATION -> Optional.empty();
                });
  }

  private static ColumnForm of(Primitive primitive) {
    return switch (primitive) {
      case STRING -> BYTES;
      case BOOL, U8 -> U8;
      case I8 -> I8;
      case I16 -> I16;
      case U16 -> U16;
      case I32 -> I32;
      case U32 -> U32;
      case I64 -> I64;
      case U64 -> U64;
      case I128 -> I128;
      case U128 -> U128;
      case I256 -> I256;
      case U256 -> U256;
      case F32 -> F32;
      case F64 -> F64;
    };
  }

  /** Whether a value can be mapped to a long in order, see {@link #ordered}. */
  boolean fitsLong() {
    return width > 0 && width <= Long.BYTES;
  }

  /** Whether values may be equal and their bytes not. */
  boolean isFloat() {
    return this == F32 || this == F64;
  }

  /** Bytes of a value of a form of fixed width. */
  int width() {
    return width;
  }

  /**
   * The value at an index as a long, so that longs are ordered and equal as the values are.
   *
   * <p>Floats: −0 is +0, all NaN are one and the greatest.
   */
  long ordered(byte[] bytes, int at) {
    return switch (this) {
      case I8 -> bytes[at];
      case U8 -> bytes[at] & 0xff;
      case I16 -> (short) SHORTS.get(bytes, at);
      case U16 -> (short) SHORTS.get(bytes, at) & 0xffff;
      case I32 -> (int) INTS.get(bytes, at);
      case U32 -> (int) INTS.get(bytes, at) & 0xffff_ffffL;
      case I64 -> (long) LONGS.get(bytes, at);
      case U64 -> (long) LONGS.get(bytes, at) ^ Long.MIN_VALUE;
      case F32 -> ordered(Float.intBitsToFloat((int) INTS.get(bytes, at)));
      case F64 -> ordered(Double.longBitsToDouble((long) LONGS.get(bytes, at)));
      case I128, U128, I256, U256, BYTES -> throw new IllegalStateException(this + " is no long");
    };
  }

  private static long ordered(double value) {
    // Adding zero turns −0 into +0; doubleToLongBits makes all NaN one.
    long bits = Double.doubleToLongBits(value + 0.0);
    return bits ^ ((bits >> 63) & Long.MAX_VALUE);
  }

  /** The sign of left minus right for two values of this form. */
  int compare(byte[] left, int leftAt, byte[] right, int rightAt) {
    return switch (this) {
      case I8, U8, I16, U16, I32, U32, I64, U64, F32, F64 ->
          Long.compare(ordered(left, leftAt), ordered(right, rightAt));
      case I128, U128, I256, U256 -> compareWide(left, leftAt, right, rightAt);
      case BYTES -> {
        int leftLength = (int) INTS.get(left, leftAt);
        int rightLength = (int) INTS.get(right, rightAt);
        yield Arrays.compareUnsigned(
            left,
            leftAt + Integer.BYTES,
            leftAt + Integer.BYTES + leftLength,
            right,
            rightAt + Integer.BYTES,
            rightAt + Integer.BYTES + rightLength);
      }
    };
  }

  private int compareWide(byte[] left, int leftAt, byte[] right, int rightAt) {
    int word = width - Long.BYTES;
    long top = (long) LONGS.get(left, leftAt + word);
    long otherTop = (long) LONGS.get(right, rightAt + word);
    int order =
        this == I128 || this == I256
            ? Long.compare(top, otherTop)
            : Long.compareUnsigned(top, otherTop);
    while (order == 0 && word > 0) {
      word -= Long.BYTES;
      order =
          Long.compareUnsigned(
              (long) LONGS.get(left, leftAt + word), (long) LONGS.get(right, rightAt + word));
    }
    return order;
  }

  /** Whether two values of a form other than a float are the same; their bytes then are. */
  boolean sameBytes(byte[] left, int leftAt, byte[] right, int rightAt) {
    int length = this == BYTES ? Integer.BYTES + (int) INTS.get(right, rightAt) : width;
    if (this == BYTES && (int) INTS.get(left, leftAt) != length - Integer.BYTES) {
      return false;
    }
    return Arrays.equals(left, leftAt, leftAt + length, right, rightAt, rightAt + length);
  }
}
