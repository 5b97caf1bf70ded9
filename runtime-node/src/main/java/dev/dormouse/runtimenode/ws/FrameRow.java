package dev.dormouse.runtimenode.ws;

import java.util.Arrays;

/**
 * Whole WebSocket messages as they go over the wire, one frame each, back to back in one array: so
 * that a row of replies costs one write, where each by itself would cost a task and a system call.
 * Used by one thread. Source: RFC 6455 §5.2.
 */
final class FrameRow {
  private static final int FINAL_BINARY = 0x82;
  private static final int SHORT_MAX = 125;
  private static final int LENGTH_IN_16_BITS = 126;
  private static final int LENGTH_IN_64_BITS = 127;

  /** The bytes before a payload at most. */
  static final int HEAD_BYTES_MAX = 2 + Long.BYTES;

  private byte[] bytes;
  private int length;
  private int messages;

  /** An empty row with room for so many bytes. */
  FrameRow(int capacity) {
    this.bytes = new byte[capacity];
  }

  /**
   * Adds a message.
   *
   * @param tag the first byte of its payload; the others are taken from {@code source}
   */
  void add(byte tag, byte[] source, int from, int to) {
    int payload = 1 + to - from;
    int room = length + HEAD_BYTES_MAX + payload;
    if (room > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(room, 2 * bytes.length));
    }
    head(payload);
    bytes[length] = tag;
    System.arraycopy(source, from, bytes, length + 1, payload - 1);
    length += payload;
    messages++;
  }

  private void head(int payload) {
    bytes[length] = (byte) FINAL_BINARY;
    if (payload <= SHORT_MAX) {
      bytes[length + 1] = (byte) payload;
      length += 2;
    } else if (payload <= 0xffff) {
      bytes[length + 1] = LENGTH_IN_16_BITS;
      length += 2;
      bigEndian(payload, Short.BYTES);
    } else {
      bytes[length + 1] = LENGTH_IN_64_BITS;
      length += 2;
      bigEndian(payload, Long.BYTES);
    }
  }

  private void bigEndian(long value, int size) {
    for (int i = size - 1; i >= 0; i--) {
      bytes[length++] = (byte) (value >>> (8 * i));
    }
  }

  /** The array; not to be changed while it is written. */
  byte[] bytes() {
    return bytes;
  }

  /** Bytes of it that are frames. */
  int length() {
    return length;
  }

  /** Messages added. */
  int messages() {
    return messages;
  }
}
