package dev.dormouse.sats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Reads BSATN scalars, lengths and strings from a range of bytes, in order.
 *
 * <p>A length is checked against the bytes that are left before anything is allocated. Not thread
 * safe. Source: spec data-model §2.
 */
public final class BsatnReader {
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] bytes;
  private int position;
  private int limit;

  public BsatnReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  /** Reads {@code length} bytes from {@code offset}; the array is not copied. */
  public BsatnReader(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    this.bytes = bytes;
    this.position = offset;
    this.limit = offset + length;
  }

  /** Starts again on another range, so that a reader can be kept. */
  public BsatnReader reset(byte[] newBytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, newBytes.length);
    this.bytes = newBytes;
    this.position = offset;
    this.limit = offset + length;
    return this;
  }

  /** Index of the next byte in the array. */
  public int position() {
    return position;
  }

  /** Bytes that are left. */
  public int remaining() {
    return limit - position;
  }

  /** The array that is read. */
  public byte[] array() {
    return bytes;
  }

  private int take(int count, String what) {
    if (count > limit - position) {
      throw new DecodeException(
          what + " needs " + count + " bytes at offset " + position + ", " + remaining() + " left");
    }
    int at = position;
    position += count;
    return at;
  }

  /** 0 or 1; any other byte is refused. */
  public boolean readBool() {
    int value = bytes[take(1, "Bool")];
    if (value != 0 && value != 1) {
      throw new DecodeException(
          "Bool is byte " + (value & 0xff) + " at offset " + (position - 1) + ", must be 0 or 1");
    }
    return value == 1;
  }

  /** 0 to 255. */
  public int readU8() {
    return bytes[take(1, "U8")] & 0xff;
  }

  /** 0 to 65535. */
  public int readU16() {
    return (short) SHORTS.get(bytes, take(2, "U16")) & 0xffff;
  }

  /** The 32 bits of a U32 or I32. */
  public int readI32() {
    return (int) INTS.get(bytes, take(4, "U32"));
  }

  /** 0 to 2^32 - 1. */
  public long readU32() {
    return readI32() & 0xffff_ffffL;
  }

  /** The 64 bits of a U64 or I64. */
  public long readI64() {
    return (long) LONGS.get(bytes, take(8, "U64"));
  }

  /** An integer of any width, little-endian. */
  public BigInteger readInteger(Primitive type) {
    int width = type.width();
    int at = take(width, type.display());
    byte[] bigEndian = new byte[width];
    for (int i = 0; i < width; i++) {
      bigEndian[width - 1 - i] = bytes[at + i];
    }
    return type.isSigned() ? new BigInteger(bigEndian) : new BigInteger(1, bigEndian);
  }

  /** A count of things of which each takes at least {@code minimumBytes}; refused if impossible. */
  public int readCount(int minimumBytes, String what) {
    long count = readU32();
    if (count > Integer.MAX_VALUE || count * minimumBytes > remaining()) {
      throw new DecodeException(
          what
              + " count "
              + count
              + " at offset "
              + (position - 4)
              + " needs at least "
              + count * minimumBytes
              + " bytes, "
              + remaining()
              + " left");
    }
    return (int) count;
  }

  /** Bytes with a length in front. */
  public byte[] readBytes() {
    int length = readCount(1, "bytes");
    return readRaw(length);
  }

  /** Exactly {@code length} bytes. */
  public byte[] readRaw(int length) {
    int at = take(length, "bytes");
    byte[] copy = new byte[length];
    System.arraycopy(bytes, at, copy, 0, length);
    return copy;
  }

  /** Steps over {@code length} bytes and returns the index of the first. */
  public int skip(int length) {
    if (length < 0) {
      throw new IllegalArgumentException("skip of " + length + " bytes");
    }
    return take(length, "bytes");
  }

  /** UTF-8 with a length in front; malformed UTF-8 is refused, a byte order mark is kept. */
  public String readString() {
    return readText(readCount(1, "String"));
  }

  /** Exactly {@code length} bytes of UTF-8, without a length in front. */
  public String readText(int length) {
    int at = take(length, "String");
    return Utf8.decode(bytes, at, length);
  }

  /** A sum's tag. */
  public int readTag() {
    return readU8();
  }

  /** Strict UTF-8. */
  static final class Utf8 {
    private Utf8() {}

    static String decode(byte[] bytes, int offset, int length) {
      boolean ascii = true;
      for (int i = offset; i < offset + length; i++) {
        if (bytes[i] < 0) {
          ascii = false;
          break;
        }
      }
      if (ascii) {
        return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
      }
      try {
        return StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(bytes, offset, length))
            .toString();
      } catch (CharacterCodingException e) {
        throw new DecodeException("String at offset " + offset + " is not UTF-8", e);
      }
    }
  }
}
