package dev.dormouse.datastore;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Integers in byte arrays at any index. */
final class Words {
  private static final VarHandle LITTLE_SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LITTLE_INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LITTLE_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle BIG_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Up to here a loop beats a call. */
  private static final int SHORT_MAX = 48;

  private Words() {}

  /** 0 to 65535. */
  static int littleShort(byte[] bytes, int at) {
    return (short) LITTLE_SHORT.get(bytes, at) & 0xffff;
  }

  static void setLittleShort(byte[] bytes, int at, int value) {
    LITTLE_SHORT.set(bytes, at, (short) value);
  }

  static int littleInt(byte[] bytes, int at) {
    return (int) LITTLE_INT.get(bytes, at);
  }

  static void setLittleInt(byte[] bytes, int at, int value) {
    LITTLE_INT.set(bytes, at, value);
  }

  static long littleLong(byte[] bytes, int at) {
    return (long) LITTLE_LONG.get(bytes, at);
  }

  static void setLittleLong(byte[] bytes, int at, long value) {
    LITTLE_LONG.set(bytes, at, value);
  }

  static long bigLong(byte[] bytes, int at) {
    return (long) BIG_LONG.get(bytes, at);
  }

  /** Copies bytes; short rows in a few moves instead of a call. */
  static void copy(byte[] from, int fromAt, byte[] to, int toAt, int length) {
    if (length < Long.BYTES || length > SHORT_MAX) {
      System.arraycopy(from, fromAt, to, toAt, length);
      return;
    }
    int last = length - Long.BYTES;
    for (int i = 0; i < last; i += Long.BYTES) {
      setLittleLong(to, toAt + i, littleLong(from, fromAt + i));
    }
    setLittleLong(to, toAt + last, littleLong(from, fromAt + last));
  }

  /** Whether bytes are the same; short rows in a few steps instead of a call. */
  static boolean equal(byte[] a, int aAt, byte[] b, int bAt, int length) {
    if (length < Long.BYTES || length > SHORT_MAX) {
      return Arrays.equals(a, aAt, aAt + length, b, bAt, bAt + length);
    }
    int last = length - Long.BYTES;
    for (int i = 0; i < last; i += Long.BYTES) {
      if (littleLong(a, aAt + i) != littleLong(b, bAt + i)) {
        return false;
      }
    }
    return littleLong(a, aAt + last) == littleLong(b, bAt + last);
  }
}
