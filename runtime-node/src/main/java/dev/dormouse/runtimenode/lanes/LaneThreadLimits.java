package dev.dormouse.runtimenode.lanes;

import java.time.Duration;

/**
 * Bounds of the threads that lanes run on.
 *
 * @param threads threads that are always there
 * @param threadsMax most threads, compensation included
 * @param stackBytes stack of each thread: it bounds how deep a guest recurses
 * @param compensateAfter a run that has held its thread this long is compensated by another thread
 */
public record LaneThreadLimits(
    int threads, int threadsMax, long stackBytes, Duration compensateAfter) {
  public LaneThreadLimits {
    if (threads < 1 || threadsMax < threads) {
      throw new IllegalArgumentException(
          "threads %d to %d, need 1 <= threads <= threadsMax".formatted(threads, threadsMax));
    }
    if (stackBytes < 512 << 10) {
      throw new IllegalArgumentException(
          "stack of %d bytes, need at least 512 KiB".formatted(stackBytes));
    }
    if (compensateAfter.isNegative() || compensateAfter.isZero()) {
      throw new IllegalArgumentException("compensateAfter " + compensateAfter);
    }
  }

  /** One thread a core, up to 64 in all, 1 MiB of stack each, compensation after 10 ms. */
  public static LaneThreadLimits forCores(int cores) {
    return new LaneThreadLimits(cores, Math.max(cores, 64), 1 << 20, Duration.ofMillis(10));
  }
}
