package dev.dormouse.runtimenode.lanes;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Lets so many busy lanes go on at once. Who waits gets its turn in the order of what the lanes
 * have used lately, the least first, then of arrival. Thread safe.
 */
final class Turns {
  /** Somebody who waits. */
  interface Waiting {
    /** What its lane has used and not made up for, in nanoseconds. */
    long used(long now);

    /**
     * It is its turn. Called under the lock of the turns: must neither block nor ask for a turn.
     */
    void granted();
  }

  private final int count;
  private final List<Waiting> waiting = new ArrayList<>();
  private int taken;

  Turns(int count) {
    this.count = count;
  }

  /** Takes a turn if one is free and nobody waits. */
  synchronized boolean tryTake() {
    if (taken >= count || !waiting.isEmpty()) {
      return false;
    }
    taken++;
    return true;
  }

  /** Queues for a turn; it may be granted before this returns. */
  synchronized void await(Waiting one) {
    waiting.add(one);
    grant();
  }

  /** Gives a turn back. */
  synchronized void giveBack() {
    taken--;
    grant();
  }

  /** The least that one of those who wait has used; empty if nobody waits. */
  synchronized OptionalLong leastUsed(long now) {
    return waiting.stream().mapToLong(one -> one.used(now)).min();
  }

  /** Turns that somebody has. */
  synchronized int taken() {
    return taken;
  }

  private void grant() {
    while (taken < count && !waiting.isEmpty()) {
      long now = System.nanoTime();
      int first = 0;
      long least = waiting.getFirst().used(now);
      for (int i = 1; i < waiting.size(); i++) {
        long used = waiting.get(i).used(now);
        if (used < least) {
          first = i;
          least = used;
        }
      }
      taken++;
      waiting.remove(first).granted();
    }
  }
}
