package dev.dormouse.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The v2 message {@code CallReducer}. Source: spec client-protocol §8. */
final class CallReducer {
  /** Where the request id stands in a message. */
  static final int REQUEST_ID_AT = 1;

  private static final byte TAG = 3;

  private CallReducer() {}

  /** A whole message. */
  static byte[] message(int requestId, String reducer, byte[] arguments) {
    byte[] name = reducer.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + 4 + 1 + 4 + name.length + 4 + arguments.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(TAG)
        .putInt(requestId)
        .put((byte) 0)
        .putInt(name.length)
        .put(name)
        .putInt(arguments.length)
        .put(arguments)
        .array();
  }
}
