package dev.dormouse.modulehost;

/**
 * An open scan: a list of rows, each its BSATN bytes, taken when the scan began. Later writes of
 * the same transaction do not change it.
 *
 * <p>Used by the thread of the call only, and closed by the time the call has ended.
 */
public interface HostCursor {
  /** Bytes of the row under the cursor, or −1 past the last one. */
  int peekLength();

  /** Copies the row under the cursor into the guest; its range has been checked. */
  void copyTo(GuestMemory memory, int pointer);

  /** Copies the row under the cursor. */
  void copyTo(byte[] destination, int offset);

  /** Goes to the next row; only while {@link #peekLength()} is not negative. */
  void advance();

  /** Lets the host reuse the cursor; called exactly once. */
  void close();
}
