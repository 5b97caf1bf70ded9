package dev.dormouse.runtimenode.lanes;

import dev.dormouse.modulehost.InstanceLimits;
import java.time.Duration;

/**
 * Bounds of the threads that lanes run on.
 *
 * @param threads threads that are always there
 * @param threadsMax most threads, those included whose guests pause
 * @param stackBytes stack of each thread: what a guest may take, and what the host needs below it
 * @param compensateAfter a run that has held its thread this long is compensated by another thread,
 *     and makes its lane busy
 * @param turns busy lanes that run at once; the others wait, or their guests pause
 * @param turnMin how long a busy lane may run although one waits that has used less than half
 * @param turnMax how long a busy lane may run while any other waits; each change of turns disturbs
 *     those who are not busy
 * @param makesUpIn a lane that runs no more than one part in so many of the time is never busy
 * @param usedMax most that a lane has to make up for
 */
public record LaneThreadLimits(
    int threads,
    int threadsMax,
    long stackBytes,
    Duration compensateAfter,
    int turns,
    Duration turnMin,
    Duration turnMax,
    int makesUpIn,
    Duration usedMax) {
  public LaneThreadLimits {
    if (threads < 1 || threadsMax < 2 * threads) {
      throw new IllegalArgumentException(
          "threads %d to %d, need at least 1 and room for as many again"
              .formatted(threads, threadsMax));
    }
    if (stackBytes < 512 << 10) {
      throw new IllegalArgumentException(
          "stack of %d bytes, need at least 512 KiB".formatted(stackBytes));
    }
    positive("compensateAfter", compensateAfter);
    positive("turnMin", turnMin);
    positive("turnMax", turnMax);
    positive("usedMax", usedMax);
    if (turns < 1 || makesUpIn < 1) {
      throw new IllegalArgumentException(
          "%d turns, makes up in %d, need at least 1".formatted(turns, makesUpIn));
    }
  }

  private static void positive(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + " " + value + ", need more than 0");
    }
  }

  /**
   * One thread a core, up to 256 in all; busy are lanes that run more than a quarter of the time,
   * for more than 10 ms; they leave one core to the others, if there is more than one.
   */
  public static LaneThreadLimits forCores(int cores) {
    return new LaneThreadLimits(
        cores,
        Math.max(4 * cores, 256),
        stackFor(InstanceLimits.STANDARD),
        Duration.ofMillis(10),
        Math.max(1, cores - 1),
        Duration.ofMillis(20),
        Duration.ofMillis(200),
        4,
        Duration.ofSeconds(1));
  }

  /** The stack that a thread needs on which guests run. */
  public static long stackFor(InstanceLimits limits) {
    return (long) limits.stackBytesMax() + InstanceLimits.HOST_STACK_BYTES;
  }
}
