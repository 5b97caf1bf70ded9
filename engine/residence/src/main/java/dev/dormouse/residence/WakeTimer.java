package dev.dormouse.residence;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Times one wake. Used by one thread at a time. */
final class WakeTimer {
  private final ResidenceContext context;
  private final WakeReason reason;
  private final Instant at;
  private final long begun;
  private final List<LastWake.Step> steps = new ArrayList<>();
  private long stepBegun;

  WakeTimer(ResidenceContext context, WakeReason reason) {
    this.context = context;
    this.reason = reason;
    this.at = context.clock().instant();
    this.begun = context.nanoTime().getAsLong();
    this.stepBegun = begun;
  }

  /** A step has ended, and the next begins. */
  void done(WakeStep step) {
    long now = context.nanoTime().getAsLong();
    steps.add(new LastWake.Step(step, Duration.ofNanos(now - stepBegun)));
    stepBegun = now;
  }

  LastWake finished() {
    return new LastWake(at, reason, Duration.ofNanos(stepBegun - begun), steps);
  }
}
