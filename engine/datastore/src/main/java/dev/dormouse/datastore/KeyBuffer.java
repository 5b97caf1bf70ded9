package dev.dormouse.datastore;

import java.util.Arrays;

/** An encoded key, or the start of one, in a growing array that is kept. */
final class KeyBuffer {
  /** The key of trees that need none besides their longs. */
  static final KeyBuffer NONE = new KeyBuffer();

  private static final int CAPACITY_KEPT = 4096;

  byte[] bytes = new byte[32];
  int length;

  /** Whether this is one text without zeros: its bytes as they are, then two zeros. */
  boolean plainText;

  /** Whether this stands for the position behind every key that starts with it. */
  boolean after;

  void clear() {
    if (bytes.length > CAPACITY_KEPT) {
      bytes = new byte[32];
    }
    length = 0;
    after = false;
    plainText = false;
  }

  /** Makes room for {@code count} more bytes and returns the index of the first. */
  int room(int count) {
    int at = length;
    if (bytes.length - at < count) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(at, count), 2 * bytes.length));
    }
    length = at + count;
    return at;
  }

  void put(int value) {
    int at = room(1);
    bytes[at] = (byte) value;
  }

  /**
   * The first eight bytes as a number whose signed order is the order of keys; missing bytes are
   * zeros, or ones where this is a position behind.
   */
  long prefix() {
    long word;
    if (bytes.length >= 8 && length >= 8) {
      word = Words.bigLong(bytes, 0);
    } else {
      word = 0;
      for (int i = 0; i < length; i++) {
        word |= (bytes[i] & 0xffL) << (56 - 8 * i);
      }
      if (after) {
        word |= length == 0 ? -1L : (1L << (64 - 8 * length)) - 1;
      }
    }
    return word ^ Long.MIN_VALUE;
  }

  /** Order of another key and this one; with {@link #after}, a key that starts with this is 0. */
  int compareFrom(byte[] other, int otherLength) {
    int considered = after ? Math.min(otherLength, length) : otherLength;
    return Arrays.compareUnsigned(other, 0, considered, bytes, 0, length);
  }

  byte[] copy() {
    return Arrays.copyOf(bytes, length);
  }
}
