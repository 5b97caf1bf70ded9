package dev.dormouse.benchmarks.load;

import java.nio.ByteBuffer;

/**
 * The calls that one thread makes. All of one kind have the same length, so that a frame's head can
 * precede them.
 */
sealed interface Calls permits Transfers, ChatMessages {
  /** Bytes of every call's message. */
  int bytes();

  /** Puts the next call as a v2 {@code CallReducer}. */
  void put(ByteBuffer out, int requestId);
}
