package dev.dormouse.residence;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How the last wake of a database went.
 *
 * @param at when it was asked for
 * @param by who or what asked
 * @param took from then until it served
 * @param steps in order
 */
public record LastWake(Instant at, WakeReason by, Duration took, List<Step> steps) {
  public LastWake {
    steps = List.copyOf(steps);
  }

  /** One step and how long it took. */
  public record Step(WakeStep step, Duration took) {}
}
