package dev.dormouse.commitlog;

import java.io.EOFException;
import java.io.IOException;

/** A window that moves over one file, so that whole records stand in one array. */
final class JournalReader {
  private static final int WINDOW_BYTES = 1 << 20;

  private final LogStorage storage;
  private final String name;
  private final long end;
  private byte[] window = new byte[0];
  private long windowStart;
  private int windowBytes;

  /** Reads a file up to a position that is not beyond its end. */
  JournalReader(LogStorage storage, String name, long end) {
    this.storage = storage;
    this.name = name;
    this.end = end;
  }

  /**
   * Brings bytes into the window; what was located before is no longer valid.
   *
   * @param length already checked against {@link #remaining}
   * @return where in {@link #bytes} the position is
   */
  int locate(long position, int length) throws IOException {
    long offset = position - windowStart;
    if (offset < 0 || offset + length > windowBytes) {
      int wanted = (int) Math.min(end - position, Math.max(length, WINDOW_BYTES));
      if (window.length < wanted) {
        window = new byte[wanted];
      }
      windowStart = position;
      windowBytes = storage.read(name, position, window, 0, wanted);
      offset = 0;
      if (windowBytes < length) {
        throw new EOFException(
            "%s has no %d bytes at byte %d though it had".formatted(name, length, position));
      }
    }
    return (int) offset;
  }

  byte[] bytes() {
    return window;
  }

  /** Bytes from a position to the end. */
  long remaining(long position) {
    return end - position;
  }
}
