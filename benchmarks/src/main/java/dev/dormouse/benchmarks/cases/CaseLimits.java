package dev.dormouse.benchmarks.cases;

import java.time.Duration;

/**
 * How long a case waits for the platform.
 *
 * @param startWait from the command to its ready line; the first one of a checkout may build
 * @param stopWait from SIGTERM to the end, sleeping databases and archiving included
 * @param sleepWait until databases that nobody uses are asleep, beyond their idle time
 * @param requestWait for one HTTP request
 */
record CaseLimits(Duration startWait, Duration stopWait, Duration sleepWait, Duration requestWait) {
  static final CaseLimits STANDARD =
      new CaseLimits(
          Duration.ofMinutes(15),
          Duration.ofMinutes(2),
          Duration.ofMinutes(3),
          Duration.ofMinutes(2));

  CaseLimits {
    if (requestWait.compareTo(startWait) > 0) {
      throw new IllegalArgumentException(
          "a request waits %s, a start %s".formatted(requestWait, startWait));
    }
  }
}
