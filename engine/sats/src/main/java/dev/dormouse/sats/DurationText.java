package dev.dormouse.sats;

/** Durations, in microseconds, as text. Source: spec data-model §4.4. */
public final class DurationText {
  private static final long MICROS = 1_000_000L;

  private DurationText() {}

  /** A sign, whole seconds, a point, six digits: {@code -1.500001}. */
  public static String format(long micros) {
    // Long.MIN_VALUE has no positive counterpart, so the parts are made positive, not the whole.
    String seconds = Long.toString(Math.abs(micros / MICROS));
    String fraction = Long.toString(Math.abs(micros % MICROS));
    return new StringBuilder(24)
        .append(micros < 0 ? '-' : '+')
        .append(seconds)
        .append('.')
        .repeat('0', 6 - fraction.length())
        .append(fraction)
        .toString();
  }
}
