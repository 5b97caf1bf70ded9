package dev.dormouse.commitlog;

import java.io.IOException;

/** A file being appended to; see the laws of {@link LogStorage}. Used by one thread at a time. */
public interface LogFile extends AutoCloseable {
  /**
   * Appends bytes at the end.
   *
   * @throws IOException if nothing, or only a part, was written; the caller must stop appending
   */
  void append(byte[] bytes, int offset, int length) throws IOException;

  /**
   * Makes everything appended so far survive a crash.
   *
   * @throws IOException if it may not survive; never to be retried, since a second success proves
   *     nothing of what the first failed to write
   */
  void sync() throws IOException;

  /** Bytes appended so far. */
  long size();

  /** Ends appending; does not sync. */
  @Override
  void close() throws IOException;
}
