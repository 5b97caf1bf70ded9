package dev.dormouse.datastore;

/** Where a row's bytes are. Made once and filled by each lookup; must not be written into. */
public final class RowSlice {
  private static final byte[] NO_BYTES = {};

  private byte[] buffer = NO_BYTES;
  private int offset;
  private int length;

  /** The array that holds the row. */
  public byte[] buffer() {
    return buffer;
  }

  /** Index of the row's first byte. */
  public int offset() {
    return offset;
  }

  /** Bytes of the row. */
  public int length() {
    return length;
  }

  void set(byte[] newBuffer, int newOffset, int newLength) {
    buffer = newBuffer;
    offset = newOffset;
    length = newLength;
  }
}
