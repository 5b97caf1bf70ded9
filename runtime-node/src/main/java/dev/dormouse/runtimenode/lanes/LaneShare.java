package dev.dormouse.runtimenode.lanes;

/**
 * What one lane has used of its threads lately: it grows with the time of its runs and shrinks with
 * the time that passes. A lane that has used more than {@link LaneThreadLimits#compensateAfter} is
 * busy until it has made up for half of that. Thread safe.
 */
final class LaneShare {
  private final LaneThreadLimits limits;

  /** Nanoseconds used and not made up for, when that was last written down. */
  private long used;

  private long asOf;
  private volatile boolean busy;

  LaneShare(LaneThreadLimits limits, long now) {
    this.limits = limits;
    this.asOf = now;
  }

  /** Whether it may only run in its turn. */
  boolean isBusy() {
    return busy;
  }

  /** What it has used and not made up for, in nanoseconds. */
  synchronized long used(long now) {
    return Math.max(0, used - (now - asOf) / limits.makesUpIn());
  }

  /** It has run for so many nanoseconds more. */
  synchronized void add(long ran, long now) {
    used = Math.min(used(now) + ran, limits.usedMax().toNanos());
    asOf = now;
    long most = limits.compensateAfter().toNanos();
    if (used >= most) {
      busy = true;
    } else if (used < most / 2) {
      busy = false;
    }
  }
}
