package dev.dormouse.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Heads of the frames that a client writes. The mask key is zero: the server sees a masked frame,
 * as RFC 6455 demands, and we do not pay for masking.
 */
final class Frames {
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PONG = 10;

  /** Bytes of the longest head: opcode, length, 8 bytes of length, mask key. */
  static final int HEAD_BYTES_MAX = 14;

  private Frames() {}

  /** Puts the head of a final frame; {@code out} is little-endian as all of our buffers are. */
  static void head(ByteBuffer out, int opcode, int payloadBytes) {
    out.put((byte) (0x80 | opcode));
    if (payloadBytes < 126) {
      out.put((byte) (0x80 | payloadBytes));
    } else if (payloadBytes < 1 << 16) {
      out.put((byte) (0x80 | 126));
      out.put((byte) (payloadBytes >>> 8)).put((byte) payloadBytes);
    } else {
      out.put((byte) (0x80 | 127));
      out.putLong(Long.reverseBytes(payloadBytes));
    }
    out.putInt(0);
  }

  /** A buffer as this package uses them. */
  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
