package dev.dormouse.modulehost;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Byte strings that the guest of one call can read, by handles 1, 2, 3 … Source: spec module-abi
 * §4.
 */
final class ByteSources {
  /** The handle of an empty byte string: valid to hold, never to read. */
  static final int EMPTY = 0;

  private static final int INITIAL_SLOTS = 4;

  private final int sourcesMax;
  private byte[] @Nullable [] contents = new byte[INITIAL_SLOTS][];
  private int[] positions = new int[INITIAL_SLOTS];
  private int added;
  private int open;

  ByteSources(int sourcesMax) {
    this.sourcesMax = sourcesMax;
  }

  /** Drops all sources and starts again at handle 1. */
  void reset() {
    for (int i = 0; i < added; i++) {
      contents[i] = null;
    }
    added = 0;
    open = 0;
  }

  /** Sources that are not read to their end. */
  int outstanding() {
    return open;
  }

  /** The handle of new bytes, or {@link #EMPTY} if there are none. */
  int addUnlessEmpty(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : add(bytes);
  }

  /** The handle of new bytes; they are not copied. */
  int add(byte[] bytes) {
    if (added == sourcesMax) {
      throw new HostTrap("more than %d byte sources in one call".formatted(sourcesMax));
    }
    if (added == contents.length) {
      contents = Arrays.copyOf(contents, added * 2);
      positions = Arrays.copyOf(positions, added * 2);
    }
    contents[added] = bytes;
    positions[added] = 0;
    added++;
    open++;
    return added;
  }

  /** Whether the handle is a source that has not been read to its end. */
  boolean contains(int handle) {
    return handle > 0 && handle <= added && contents[handle - 1] != null;
  }

  /** Bytes not yet read; the handle must be {@link #contains contained}. */
  int remaining(int handle) {
    return bytes(handle).length - positions[handle - 1];
  }

  /**
   * Copies the next bytes into the guest, and drops the source if they were the last.
   *
   * @return how many bytes were copied
   */
  int read(int handle, GuestMemory memory, int pointer, int capacity) {
    byte[] bytes = bytes(handle);
    int from = positions[handle - 1];
    int count = Math.min(capacity, bytes.length - from);
    memory.write(pointer, bytes, from, count);
    if (from + count == bytes.length) {
      contents[handle - 1] = null;
      open--;
    } else {
      positions[handle - 1] = from + count;
    }
    return count;
  }

  private byte[] bytes(int handle) {
    byte[] bytes = contents[handle - 1];
    if (bytes == null) {
      throw new IllegalStateException("byte source " + handle + " has been read to its end");
    }
    return bytes;
  }
}
