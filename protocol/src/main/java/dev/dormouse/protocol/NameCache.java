package dev.dormouse.protocol;

import dev.dormouse.sats.BsatnReader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Names of functions by their UTF-8 bytes, so that a call for a known name allocates no string.
 *
 * <p>A direct-mapped cache of fixed size: names that share a slot displace each other, and long
 * names are decoded each time. Any number of threads may use one without a lock: an entry is
 * immutable, and a lost write only costs a decoding.
 */
public final class NameCache {
  private static final int SLOTS_MAX = 1 << 16;
  private static final int CACHED_BYTES_MAX = 128;

  private final @Nullable Entry[] slots;

  /** Holds up to {@code slots} names: a power of two, at most 65,536. */
  public NameCache(int slots) {
    if (slots <= 0 || slots > SLOTS_MAX || Integer.bitCount(slots) != 1) {
      throw new IllegalArgumentException(
          "slots must be a power of two up to " + SLOTS_MAX + ", got " + slots);
    }
    this.slots = new Entry[slots];
  }

  /**
   * The name at {@code lengthOffset}: a BSATN string whose {@code length} has been read and
   * checked.
   *
   * @throws dev.dormouse.sats.DecodeException if the bytes are not UTF-8
   */
  String name(byte[] bytes, int lengthOffset, int length) {
    int at = lengthOffset + Integer.BYTES;
    if (length > CACHED_BYTES_MAX) {
      return decode(bytes, lengthOffset, length);
    }
    int slot = slot(bytes, at, length);
    Entry entry = slots[slot];
    if (entry != null && entry.matches(bytes, at, length)) {
      return entry.name;
    }
    String name = decode(bytes, lengthOffset, length);
    slots[slot] = new Entry(Arrays.copyOfRange(bytes, at, at + length), name);
    return name;
  }

  private static String decode(byte[] bytes, int lengthOffset, int length) {
    return new BsatnReader(bytes, lengthOffset, Integer.BYTES + length).readString();
  }

  private int slot(byte[] bytes, int offset, int length) {
    int hash = length;
    for (int i = offset; i < offset + length; i++) {
      hash = 31 * hash + bytes[i];
    }
    return (hash ^ (hash >>> 16)) & (slots.length - 1);
  }

  private static final class Entry {
    final byte[] utf8;
    final String name;

    Entry(byte[] utf8, String name) {
      this.utf8 = utf8;
      this.name = name;
    }

    boolean matches(byte[] bytes, int offset, int length) {
      return Arrays.equals(utf8, 0, utf8.length, bytes, offset, offset + length);
    }
  }
}
