package dev.dormouse.residence;

import java.time.Duration;

/**
 * Bounds of the databases of a node.
 *
 * @param idleAfter a database falls asleep after this long without use
 * @param concurrentWakes wakes under way at a time; others wait
 * @param waitingWakes wakes that wait; one more is refused
 * @param parkedRequests requests of one database that wait for its wake; one more is refused
 * @param parkedFor a request that has waited this long for a wake is refused
 * @param retryAfter a database that could not be opened is tried again after this long, doubled
 *     with each failure
 * @param retryAfterMax and at most after this long
 * @param programBytes footprint of loaded programs kept for databases that sleep
 */
public record ResidenceLimits(
    Duration idleAfter,
    int concurrentWakes,
    int waitingWakes,
    int parkedRequests,
    Duration parkedFor,
    Duration retryAfter,
    Duration retryAfterMax,
    long programBytes) {
  /** 30 s idle, 4 wakes at a time, 100,000 waiting, 4,096 requests parked for up to 30 s. */
  public static final ResidenceLimits STANDARD =
      new ResidenceLimits(
          Duration.ofSeconds(30),
          4,
          100_000,
          4_096,
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          Duration.ofMinutes(1),
          256L << 20);

  public ResidenceLimits {
    if (idleAfter.isNegative() || idleAfter.isZero()) {
      throw new IllegalArgumentException("idleAfter is " + idleAfter + ", must be above zero");
    }
    if (concurrentWakes <= 0 || waitingWakes < 0 || parkedRequests <= 0 || programBytes < 0) {
      throw new IllegalArgumentException("every residence limit must be positive");
    }
    if (retryAfterMax.compareTo(retryAfter) < 0 || retryAfter.isNegative()) {
      throw new IllegalArgumentException(
          "retry after %s to %s, must rise".formatted(retryAfter, retryAfterMax));
    }
  }

  /** The same with another idle time. */
  public ResidenceLimits withIdleAfter(Duration idle) {
    return new ResidenceLimits(
        idle,
        concurrentWakes,
        waitingWakes,
        parkedRequests,
        parkedFor,
        retryAfter,
        retryAfterMax,
        programBytes);
  }
}
