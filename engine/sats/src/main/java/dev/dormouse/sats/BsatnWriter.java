package dev.dormouse.sats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Writes BSATN scalars, lengths and strings into a growing array.
 *
 * <p>Can be kept and {@link #reset}. Not thread safe. At most 2^31 - 9 bytes. Source: spec
 * data-model §2.
 */
public final class BsatnWriter {
  private static final int SIZE_MAX = Integer.MAX_VALUE - 8;
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] bytes;
  private int size;

  public BsatnWriter() {
    this(64);
  }

  /** Starts with room for {@code capacity} bytes. */
  public BsatnWriter(int capacity) {
    bytes = new byte[capacity];
  }

  /** Bytes written so far. */
  public int size() {
    return size;
  }

  /** The array written into; valid up to {@link #size} and until the next write. */
  public byte[] array() {
    return bytes;
  }

  /** A copy of what was written. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  /** Forgets what was written and keeps the array. */
  public void reset() {
    size = 0;
  }

  /** Forgets what was written after {@code newSize}. */
  public void truncate(int newSize) {
    size = Objects.checkIndex(newSize, size + 1);
  }

  /** Makes room for so many more bytes at once, and for no more than that. */
  public void reserve(long more) {
    long wanted = size + more;
    if (wanted > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(SIZE_MAX, wanted));
    }
  }

  private int room(int count) {
    int at = size;
    if (bytes.length - at < count) {
      long wanted = (long) at + count;
      if (wanted > SIZE_MAX) {
        throw EngineException.caller(
            "encoding of " + wanted + " bytes, limit " + SIZE_MAX + " bytes");
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(SIZE_MAX, Math.max(wanted, 2L * bytes.length)));
    }
    size = at + count;
    return at;
  }

  /** One byte, 0 or 1. */
  public BsatnWriter writeBool(boolean value) {
    return writeU8(value ? 1 : 0);
  }

  /** The low 8 bits. */
  public BsatnWriter writeU8(int value) {
    int at = room(1);
    bytes[at] = (byte) value;
    return this;
  }

  /** The low 16 bits. */
  public BsatnWriter writeU16(int value) {
    int at = room(2);
    SHORTS.set(bytes, at, (short) value);
    return this;
  }

  /** 32 bits, signed or not. */
  public BsatnWriter writeI32(int value) {
    int at = room(4);
    INTS.set(bytes, at, value);
    return this;
  }

  /** 64 bits, signed or not. */
  public BsatnWriter writeI64(long value) {
    int at = room(8);
    LONGS.set(bytes, at, value);
    return this;
  }

  /** The bits of a float, NaN payload included. */
  public BsatnWriter writeF32(float value) {
    return writeI32(Float.floatToRawIntBits(value));
  }

  /** The bits of a double, NaN payload included. */
  public BsatnWriter writeF64(double value) {
    return writeI64(Double.doubleToRawLongBits(value));
  }

  /** Overwrites 32 bits written before, such as a count that was not known then. */
  public void setI32(int at, int value) {
    Objects.checkFromIndexSize(at, 4, size);
    INTS.set(bytes, at, value);
  }

  /** An integer at its type's width; refused if it does not fit. */
  public BsatnWriter writeInteger(Primitive type, BigInteger value) {
    if (value.compareTo(type.minimum()) < 0 || value.compareTo(type.maximum()) > 0) {
      throw new DecodeException(value + " is out of range for " + type.display());
    }
    int width = type.width();
    int at = room(width);
    byte[] bigEndian = value.toByteArray();
    byte fill = (byte) (value.signum() < 0 ? -1 : 0);
    for (int i = 0; i < width; i++) {
      int from = bigEndian.length - 1 - i;
      bytes[at + i] = from >= 0 ? bigEndian[from] : fill;
    }
    return this;
  }

  /** A length, then UTF-8. */
  public BsatnWriter writeString(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    return writeBytes(utf8, 0, utf8.length);
  }

  /** A length, then the bytes. */
  public BsatnWriter writeBytes(byte[] value) {
    return writeBytes(value, 0, value.length);
  }

  /** A length, then a range of the bytes. */
  public BsatnWriter writeBytes(byte[] value, int offset, int length) {
    writeI32(length);
    return writeRaw(value, offset, length);
  }

  /** The bytes, without a length. */
  public BsatnWriter writeRaw(byte[] value) {
    return writeRaw(value, 0, value.length);
  }

  /** A range of the bytes, without a length. */
  public BsatnWriter writeRaw(byte[] value, int offset, int length) {
    int at = room(length);
    System.arraycopy(value, offset, bytes, at, length);
    return this;
  }

  /** A sum's tag. */
  public BsatnWriter writeTag(int tag) {
    return writeU8(tag);
  }
}
