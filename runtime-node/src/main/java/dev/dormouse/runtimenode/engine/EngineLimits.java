package dev.dormouse.runtimenode.engine;

import java.time.Duration;

/**
 * How often a node looks after its engine, and how long that may take.
 *
 * @param watch how often guests over budget are looked for, and lanes that hold their thread
 * @param tick how often idle databases are looked for
 * @param disk how often the free space of the disk is looked at
 * @param freeBytesMin below this many free bytes new commits are refused
 * @param upkeep how often databases are looked for whose log is to be stored
 * @param trim how often journal files of which nothing is needed are removed
 * @param retention how often the stores are looked through for what nothing needs
 * @param drain how long closing waits for the databases to be stored
 */
public record EngineLimits(
    Duration watch,
    Duration tick,
    Duration disk,
    long freeBytesMin,
    Duration upkeep,
    Duration trim,
    Duration retention,
    Duration drain) {
  /** What a node uses unless it is told otherwise. */
  public static final EngineLimits STANDARD =
      new EngineLimits(
          Duration.ofMillis(10),
          Duration.ofMillis(100),
          Duration.ofMillis(500),
          256L << 20,
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofMinutes(5),
          Duration.ofSeconds(60));

  public EngineLimits {
    for (Duration each : new Duration[] {watch, tick, disk, upkeep, trim, retention, drain}) {
      if (each.isNegative() || each.isZero()) {
        throw new IllegalArgumentException("an interval of " + each + " must be above zero");
      }
    }
    if (freeBytesMin < 0) {
      throw new IllegalArgumentException("free bytes of at least " + freeBytesMin);
    }
  }

  /** The same with another reserve of free disk. */
  public EngineLimits withFreeBytesMin(long bytes) {
    return new EngineLimits(watch, tick, disk, bytes, upkeep, trim, retention, drain);
  }

  /** The same with another interval of retention. */
  public EngineLimits withRetention(Duration every) {
    return new EngineLimits(watch, tick, disk, freeBytesMin, upkeep, trim, every, drain);
  }
}
