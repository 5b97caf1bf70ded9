package dev.dormouse.runtimenode.cores;

import java.time.Duration;

/**
 * When cores are split.
 *
 * @param look how often it is looked at what was used
 * @param newcomers how often it is looked for new threads
 * @param hold how long cores stay split after there was a reason to
 * @param patientPercent of one core: what patient threads must use at least
 * @param promptPercent of one core: what prompt threads may use at most, since they get no more
 */
public record CoreSplitLimits(
    Duration look, Duration newcomers, Duration hold, int patientPercent, int promptPercent) {
  public CoreSplitLimits {
    if (!look.isPositive() || newcomers.compareTo(look) < 0 || hold.compareTo(look) < 0) {
      throw new IllegalArgumentException(
          "looks every %s, for newcomers every %s, holds for %s: the first must be the shortest, and more than 0"
              .formatted(look, newcomers, hold));
    }
    if (patientPercent < 1 || promptPercent < 1 || promptPercent > 100) {
      throw new IllegalArgumentException(
          "%d %% and %d %% of a core, need at least 1 and at most 100 of the second"
              .formatted(patientPercent, promptPercent));
    }
  }

  /** What a node uses. */
  public static final CoreSplitLimits STANDARD =
      new CoreSplitLimits(
          Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofSeconds(2), 10, 60);
}
