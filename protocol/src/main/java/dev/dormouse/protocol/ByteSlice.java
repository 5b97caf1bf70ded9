package dev.dormouse.protocol;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/**
 * A view of a range of bytes; nothing is copied, so the array must not change while it is in use.
 *
 * <p>Equal if the bytes are equal.
 */
public final class ByteSlice {
  /** No bytes. */
  public static final ByteSlice EMPTY = new ByteSlice(new byte[0], 0, 0);

  private final byte[] array;
  private final int offset;
  private final int length;

  public ByteSlice(byte[] array, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, array.length);
    this.array = array;
    this.offset = offset;
    this.length = length;
  }

  /** All bytes of an array. */
  public static ByteSlice of(byte[] array) {
    return new ByteSlice(array, 0, array.length);
  }

  /** The array that the range lies in; not a copy. */
  public byte[] array() {
    return array;
  }

  /** Index of the first byte in {@link #array}. */
  public int offset() {
    return offset;
  }

  /** Number of bytes. */
  public int length() {
    return length;
  }

  /** Part of this range. */
  public ByteSlice slice(int from, int count) {
    Objects.checkFromIndexSize(from, count, length);
    return new ByteSlice(array, offset + from, count);
  }

  /** A copy of the bytes. */
  public byte[] toByteArray() {
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ByteSlice that
        && Arrays.equals(
            array, offset, offset + length, that.array, that.offset, that.offset + that.length);
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = offset; i < offset + length; i++) {
      hash = 31 * hash + array[i];
    }
    return hash;
  }

  /** The first bytes in hex, and how many there are. */
  @Override
  public String toString() {
    int shown = Math.min(length, 16);
    return length
        + " bytes "
        + HexFormat.of().formatHex(array, offset, offset + shown)
        + (shown < length ? "…" : "");
  }
}
