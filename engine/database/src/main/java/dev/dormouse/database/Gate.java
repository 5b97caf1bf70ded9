package dev.dormouse.database;

import java.util.ArrayDeque;

/**
 * Holds answers back until the commit they rest on is durable, in order. Not thread safe: used on
 * the lane. Bounded by the requests that can be in flight: each holds at most one answer back.
 * Source: design §3.
 */
final class Gate {
  private record Held(long offset, Runnable release, Runnable abandon) {}

  private final ArrayDeque<Held> held = new ArrayDeque<>();

  /**
   * Runs {@code release} once everything up to {@code offset} is durable, or {@code abandon} if
   * that can no longer be known.
   *
   * @param durable the offset up to which everything is durable now
   */
  void whenDurable(long offset, long durable, Runnable release, Runnable abandon) {
    if (offset <= durable && held.isEmpty()) {
      release.run();
      return;
    }
    held.add(new Held(offset, release, abandon));
  }

  /** Lets out what a new durable offset allows. */
  void release(long durable) {
    while (true) {
      Held first = held.peek();
      if (first == null || first.offset() > durable) {
        return;
      }
      held.remove();
      first.release().run();
    }
  }

  /** Abandons everything: the log has failed or the database stops at once. */
  void abandon() {
    while (true) {
      Held first = held.poll();
      if (first == null) {
        return;
      }
      first.abandon().run();
    }
  }

  boolean isEmpty() {
    return held.isEmpty();
  }
}
