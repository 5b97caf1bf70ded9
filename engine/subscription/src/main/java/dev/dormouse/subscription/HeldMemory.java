package dev.dormouse.subscription;

import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryAccount;

/**
 * What query sets and their plans take of the node's memory while they are held, by estimates. Used
 * on the lane.
 */
final class HeldMemory {
  /** So little is not counted. */
  private static final int UNCOUNTED_BYTES = 32 << 10;

  private static final int SET_BYTES = 256;
  private static final int HOLDING_BYTES = 128;
  private static final int PLAN_BYTES = 1_024;

  /** A plan has its text, and the text as a tree of conditions. */
  private static final int PLAN_BYTES_PER_CHARACTER = 16;

  private final MemoryAccount memory;
  private long bytes;

  /**
   * Nothing is held.
   *
   * @param memory covers what is; closed with this
   */
  HeldMemory(MemoryAccount memory) {
    this.memory = memory;
  }

  /** What a set takes that has so many queries. */
  static long ofSet(int queries) {
    return SET_BYTES + (long) HOLDING_BYTES * queries;
  }

  /** What a plan takes. */
  static long ofPlan(QueryKey key) {
    return PLAN_BYTES + (long) PLAN_BYTES_PER_CHARACTER * key.text().length();
  }

  /**
   * Covers what is about to be held.
   *
   * @throws EngineException if the node has not so much memory
   */
  void take(long more) {
    if (bytes + more > UNCOUNTED_BYTES) {
      memory.cover(bytes + more, "the query sets of a database");
    }
    bytes += more;
  }

  /** Something is not held any more. */
  void give(long less) {
    bytes -= less;
    if (memory.heldBytes() > 0) {
      memory.settle(bytes > UNCOUNTED_BYTES ? bytes : 0);
    }
  }

  void close() {
    memory.close();
  }
}
