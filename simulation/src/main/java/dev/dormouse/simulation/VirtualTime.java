package dev.dormouse.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;

/** The time of a world, in nanoseconds since it began, and what is to happen when. */
final class VirtualTime {
  private record Timer(long at, long serial, Runnable action) {}

  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::serial));
  private long now;
  private long serial;

  long now() {
    return now;
  }

  /** Has something happen after a while; it must only make tasks runnable. */
  void after(long nanos, Runnable action) {
    timers.add(new Timer(now + nanos, serial++, action));
  }

  /** Lets time pass, and what is due happen. */
  void pass(long nanos) {
    now += nanos;
    while (true) {
      Timer first = timers.peek();
      if (first == null || first.at > now) {
        return;
      }
      timers.remove();
      first.action.run();
    }
  }

  /** Jumps to what happens next; false if nothing will. */
  boolean passToNext() {
    Timer first = timers.peek();
    if (first == null) {
      return false;
    }
    pass(Math.max(0, first.at - now));
    return true;
  }
}
