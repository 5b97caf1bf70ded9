package dev.dormouse.modulehost;

import java.util.Arrays;

/** Buffers that the guest of one call appends to, by handles 1, 2 … Source: spec module-abi §4. */
final class ByteSinks {
  private static final int SINKS_MAX = 2;
  private static final int INITIAL_BYTES = 256;

  /** A buffer larger than this is not kept for the next call. */
  private static final int KEPT_BYTES_MAX = 64 << 10;

  private final int sinkBytesMax;
  private final byte[][] contents = {new byte[0], new byte[0]};
  private final int[] lengths = new int[SINKS_MAX];
  private int opened;

  ByteSinks(int sinkBytesMax) {
    this.sinkBytesMax = sinkBytesMax;
  }

  /** Drops all sinks and starts again at handle 1. */
  void reset() {
    for (int i = 0; i < opened; i++) {
      lengths[i] = 0;
      if (contents[i].length > KEPT_BYTES_MAX) {
        contents[i] = new byte[0];
      }
    }
    opened = 0;
  }

  /** The handle of a new, empty sink. */
  int open() {
    if (opened == SINKS_MAX) {
      throw new IllegalStateException("more than %d sinks in one call".formatted(SINKS_MAX));
    }
    opened++;
    return opened;
  }

  /** Whether the handle is a sink of this call. */
  boolean contains(int handle) {
    return handle > 0 && handle <= opened;
  }

  /** Appends bytes of the guest. */
  void append(int handle, GuestMemory memory, int pointer, int length) {
    int sink = handle - 1;
    int before = lengths[sink];
    if (length > sinkBytesMax - before) {
      throw new HostTrap(
          "a sink of %d bytes, limit %d bytes".formatted((long) before + length, sinkBytesMax));
    }
    int after = before + length;
    if (after > contents[sink].length) {
      int doubled = Math.min(sinkBytesMax, Math.max(INITIAL_BYTES, contents[sink].length * 2));
      contents[sink] = Arrays.copyOf(contents[sink], Math.max(after, doubled));
    }
    memory.read(pointer, contents[sink], before, length);
    lengths[sink] = after;
  }

  /** What has been written so far. */
  byte[] content(int handle) {
    return Arrays.copyOf(contents[handle - 1], lengths[handle - 1]);
  }
}
