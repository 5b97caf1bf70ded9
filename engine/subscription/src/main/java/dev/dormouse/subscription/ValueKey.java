package dev.dormouse.subscription;

import java.util.Arrays;

/**
 * A value of a column as a key: bytes by reference, so that looking up a row's value copies
 * nothing.
 *
 * <p>Clients choose the values. Keys are comparable, so a {@code HashMap} whose keys collide on
 * purpose still answers in logarithmic time.
 */
final class ValueKey implements Comparable<ValueKey> {
  private byte[] bytes;
  private int offset;
  private int length;
  private int hash;

  ValueKey(byte[] bytes) {
    this.bytes = bytes;
    set(bytes, 0, bytes.length);
  }

  /** Points to another value; never of a key that a map holds. */
  void set(byte[] newBytes, int newOffset, int newLength) {
    bytes = newBytes;
    offset = newOffset;
    length = newLength;
    int mixed = 1;
    for (int i = newOffset; i < newOffset + newLength; i++) {
      mixed = 31 * mixed + newBytes[i];
    }
    hash = mixed;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ValueKey that
        && hash == that.hash
        && Arrays.equals(
            bytes, offset, offset + length, that.bytes, that.offset, that.offset + that.length);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public int compareTo(ValueKey other) {
    return Arrays.compare(
        bytes, offset, offset + length, other.bytes, other.offset, other.offset + other.length);
  }
}
