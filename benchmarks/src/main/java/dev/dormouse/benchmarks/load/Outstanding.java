package dev.dormouse.benchmarks.load;

/**
 * The calls of one connection that have no result yet. A request id is a slot in its lower bits and
 * the slot's generation above, so that a result is matched to its own call in constant time and a
 * second one for the same call is noticed.
 */
final class Outstanding {
  /** Answer of {@link #settle} to an id that no call waits under. */
  static final long UNKNOWN = Long.MIN_VALUE;

  private final int slotBits;
  private final int[] nextId;
  private final long[] sentAt;
  private final boolean[] waiting;
  private final int[] free;
  private int freeCount;

  Outstanding(int inFlight) {
    slotBits = 32 - Integer.numberOfLeadingZeros(inFlight - 1);
    nextId = new int[inFlight];
    sentAt = new long[inFlight];
    waiting = new boolean[inFlight];
    free = new int[inFlight];
    for (int slot = 0; slot < inFlight; slot++) {
      nextId[slot] = slot;
      free[slot] = slot;
    }
    freeCount = inFlight;
  }

  /** Calls that may be sent now. */
  int free() {
    return freeCount;
  }

  /** Calls without a result. */
  int waiting() {
    return free.length - freeCount;
  }

  /** Takes a free slot. Returns the request id, unique among the last 2^32 / slots of its slot. */
  int take(long now) {
    int slot = free[--freeCount];
    sentAt[slot] = now;
    waiting[slot] = true;
    return nextId[slot];
  }

  /** A result has come. Returns when its call was sent, or {@link #UNKNOWN}. */
  long settle(int requestId) {
    int slot = requestId & ((1 << slotBits) - 1);
    if (slot >= waiting.length || !waiting[slot] || nextId[slot] != requestId) {
      return UNKNOWN;
    }
    waiting[slot] = false;
    nextId[slot] = requestId + (1 << slotBits);
    free[freeCount++] = slot;
    return sentAt[slot];
  }
}
