package dev.dormouse.residence;

import dev.dormouse.sats.EngineException;
import java.time.Duration;

/**
 * Why a database is not open, and when it is tried again: later with each failure in a row.
 *
 * @param why text of the failure
 * @param inARow failures without a life in between, this one included
 * @param retryAt on the nanosecond clock; until then requests are refused
 * @param retries whether it comes back by itself: not if its owner must act
 * @param lacking whether the node lacked something that comes back by itself: nothing is broken
 */
record Setback(String why, int inARow, long retryAt, boolean retries, boolean lacking) {
  private static final int DOUBLINGS_MAX = 20;

  /**
   * What follows from a failure.
   *
   * @param earlier failures in a row before this one
   * @param opening whether it could not be opened, and did not end while it served
   */
  static Setback of(
      Throwable cause, int earlier, boolean opening, long now, ResidenceLimits limits) {
    EngineException.Code code =
        cause instanceof EngineException refused ? refused.code() : EngineException.Code.OPERATOR;
    return new Setback(
        String.valueOf(cause.getMessage()),
        earlier + 1,
        now + backOff(earlier, limits).toNanos(),
        code != EngineException.Code.CALLER,
        opening && code == EngineException.Code.RETRY);
  }

  private static Duration backOff(int earlier, ResidenceLimits limits) {
    Duration delay = limits.retries().first();
    for (int i = 0; i < Math.min(earlier, DOUBLINGS_MAX); i++) {
      delay = delay.multipliedBy(2);
      if (delay.compareTo(limits.retries().max()) > 0) {
        return limits.retries().max();
      }
    }
    return delay;
  }

  /** Whether it may be tried again. */
  boolean isOver(long now) {
    return now - retryAt >= 0;
  }

  /** What requests are told. */
  EngineException refusal() {
    String text = "the database cannot be opened: " + why;
    return lacking ? EngineException.retry(text) : EngineException.operator(text);
  }
}
