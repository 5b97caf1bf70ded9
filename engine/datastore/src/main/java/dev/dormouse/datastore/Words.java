package dev.dormouse.datastore;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

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
}
