package dev.dormouse.modulehost;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Values of 1, 2, 4 or 8 bytes in an array, little-endian, aligned or not. */
final class Scalars {
  static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Scalars() {}

  /** The value of so many bytes, its sign extended. */
  static long read(byte[] from, int at, int bytes) {
    return switch (bytes) {
      case Byte.BYTES -> from[at];
      case Short.BYTES -> (short) SHORTS.get(from, at);
      case Integer.BYTES -> (int) INTS.get(from, at);
      default -> (long) LONGS.get(from, at);
    };
  }

  /** Writes the lowest so many bytes of a value. */
  static void write(byte[] to, int at, int bytes, long value) {
    switch (bytes) {
      case Byte.BYTES -> to[at] = (byte) value;
      case Short.BYTES -> SHORTS.set(to, at, (short) value);
      case Integer.BYTES -> INTS.set(to, at, (int) value);
      default -> LONGS.set(to, at, value);
    }
  }
}
