package dev.dormouse.commitlog;

import dev.dormouse.sats.Identity;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.UUID;

/** Fixed-width numbers in byte arrays, least significant byte first: how all formats here store. */
final class LittleEndian {
  private static final VarHandle U16 =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle U32 =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle U64 =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}

  static int getU16(byte[] bytes, int at) {
    return (short) U16.get(bytes, at) & 0xffff;
  }

  static int getInt(byte[] bytes, int at) {
    return (int) U32.get(bytes, at);
  }

  static long getLong(byte[] bytes, int at) {
    return (long) U64.get(bytes, at);
  }

  static void putU16(byte[] bytes, int at, int value) {
    U16.set(bytes, at, (short) value);
  }

  static void putInt(byte[] bytes, int at, int value) {
    U32.set(bytes, at, value);
  }

  static void putLong(byte[] bytes, int at, long value) {
    U64.set(bytes, at, value);
  }

  static Identity getIdentity(byte[] bytes, int at) {
    return new Identity(
        getLong(bytes, at),
        getLong(bytes, at + 8),
        getLong(bytes, at + 16),
        getLong(bytes, at + 24));
  }

  static void putIdentity(byte[] bytes, int at, Identity identity) {
    putLong(bytes, at, identity.word0());
    putLong(bytes, at + 8, identity.word1());
    putLong(bytes, at + 16, identity.word2());
    putLong(bytes, at + 24, identity.word3());
  }

  /** 48 bytes: the identity's BSATN form, then the UUID as an integer of 128 bits. */
  static DatabaseKey getKey(byte[] bytes, int at) {
    return new DatabaseKey(
        getIdentity(bytes, at),
        new Generation(new UUID(getLong(bytes, at + 40), getLong(bytes, at + 32))));
  }

  static void putKey(byte[] bytes, int at, DatabaseKey key) {
    putIdentity(bytes, at, key.database());
    putLong(bytes, at + 32, key.generation().id().getLeastSignificantBits());
    putLong(bytes, at + 40, key.generation().id().getMostSignificantBits());
  }

  static boolean isKey(byte[] bytes, int at, DatabaseKey key) {
    Identity database = key.database();
    UUID generation = key.generation().id();
    return getLong(bytes, at) == database.word0()
        && getLong(bytes, at + 8) == database.word1()
        && getLong(bytes, at + 16) == database.word2()
        && getLong(bytes, at + 24) == database.word3()
        && getLong(bytes, at + 32) == generation.getLeastSignificantBits()
        && getLong(bytes, at + 40) == generation.getMostSignificantBits();
  }
}
