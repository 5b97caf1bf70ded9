package dev.dormouse.runtimenode.lanes;

import dev.dormouse.modulehost.InstanceLimits;
import java.time.Duration;

/**
 * Bounds of the threads that lanes run on.
 *
 * @param threads threads that are always there
 * @param threadsMax most threads, compensation included
 * @param stackBytes stack of each thread: what a guest may take, and what the host needs below it
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

  /** One thread a core, up to 64 in all, compensation after 10 ms, a stack that guests fit in. */
  public static LaneThreadLimits forCores(int cores) {
    return new LaneThreadLimits(
        cores, Math.max(cores, 64), stackFor(InstanceLimits.STANDARD), Duration.ofMillis(10));
  }

  /** The stack that a thread needs on which guests run. */
  public static long stackFor(InstanceLimits limits) {
    return (long) limits.stackBytesMax() + InstanceLimits.HOST_STACK_BYTES;
  }
}
