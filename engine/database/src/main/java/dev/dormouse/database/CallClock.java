package dev.dormouse.database;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/**
 * The timestamps that calls see: microseconds since the Unix epoch that never repeat and never step
 * back, whatever the wall clock does. Not thread safe: used on the lane. Source: design §3.
 */
final class CallClock {
  private final InstantSource wall;
  private long last;

  /**
   * Starts behind a timestamp already used.
   *
   * @param last the last timestamp used in this database's life, or 0
   */
  CallClock(InstantSource wall, long last) {
    this.wall = wall;
    this.last = last;
  }

  /** The next timestamp: the wall clock's, or one microsecond after the last. */
  long next() {
    last = Math.max(now(), last + 1);
    return last;
  }

  /** The wall clock, in microseconds since the Unix epoch; may step back. */
  long now() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, wall.instant());
  }

  /** The last timestamp given out, or what the clock started behind. */
  long last() {
    return last;
  }

  /** Learns of a timestamp that replayed history used. */
  void passed(long timestamp) {
    last = Math.max(last, timestamp);
  }
}
