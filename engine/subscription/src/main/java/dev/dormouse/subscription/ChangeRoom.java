package dev.dormouse.subscription;

import dev.dormouse.sats.MemoryAccount;
import java.util.Optional;

/**
 * Room for what one transaction changes in all queries that are held: which rows each query has,
 * and their encodings. However many queries a row matches, it takes so much and no more. Used on
 * the lane.
 */
final class ChangeRoom {
  /** So little is not counted on the node's memory. */
  private static final int UNCOUNTED_BYTES = 32 << 10;

  private final long bytesMax;
  private final MemoryAccount memory;
  private long taken;

  /**
   * Empty room.
   *
   * @param memory covers what is taken; closed with this
   */
  ChangeRoom(long bytesMax, MemoryAccount memory) {
    this.bytesMax = bytesMax;
    this.memory = memory;
  }

  /** Takes room; why there is none, if so: then nothing is taken. */
  Optional<String> take(long bytes) {
    if (taken + bytes > bytesMax) {
      return Optional.of(
          "a transaction changes more than %d bytes in the queries that are held, which is the limit"
              .formatted(bytesMax));
    }
    if (taken + bytes > UNCOUNTED_BYTES && !memory.tryCover(taken + bytes)) {
      return Optional.of(
          memory.refusal(taken + bytes, "what a transaction changes for clients").text());
    }
    taken += bytes;
    return Optional.empty();
  }

  /** Gives everything back: clients have been told, or nobody is to be. */
  void clear() {
    taken = 0;
    if (memory.heldBytes() > 0) {
      memory.settle(0);
    }
  }

  void close() {
    memory.close();
  }
}
