package dev.dormouse.sats;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Timestamps, in microseconds since the Unix epoch, as RFC 3339 text. Source: spec data-model §4.4,
 * sql-and-subscriptions §3 (literals).
 */
public final class TimestampText {
  private static final long MICROS = 1_000_000L;
  private static final Pattern RFC_3339 =
      Pattern.compile(
          "([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
              + "(?:\\.([0-9]{1,64}))?(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))");

  private TimestampText() {}

  /**
   * The text at offset {@code +00:00}: without a fraction if it is zero, with three digits if they
   * suffice, else with six. Years outside 0 to 9999 carry a sign.
   */
  public static String format(long micros) {
    long seconds = Math.floorDiv(micros, MICROS);
    int fraction = (int) Math.floorMod(micros, MICROS);
    LocalDateTime time = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC);
    int year = time.getYear();
    StringBuilder text = new StringBuilder(32);
    if (year < 0 || year > 9999) {
      text.append(year < 0 ? '-' : '+');
    }
    padded(text, Math.abs(year), 4).append('-');
    padded(text, time.getMonthValue(), 2).append('-');
    padded(text, time.getDayOfMonth(), 2).append('T');
    padded(text, time.getHour(), 2).append(':');
    padded(text, time.getMinute(), 2).append(':');
    padded(text, time.getSecond(), 2);
    if (fraction % 1000 != 0) {
      padded(text.append('.'), fraction, 6);
    } else if (fraction != 0) {
      padded(text.append('.'), fraction / 1000, 3);
    }
    return text.append("+00:00").toString();
  }

  private static StringBuilder padded(StringBuilder text, int number, int width) {
    String digits = Integer.toString(number);
    return text.repeat('0', Math.max(0, width - digits.length())).append(digits);
  }

  /**
   * The timestamp in a text, or empty if it is none. The offset is mandatory; between date and time
   * stands {@code T} or a blank; digits below a microsecond are cut off.
   */
  public static Optional<Long> parse(String text) {
    Matcher parts = RFC_3339.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    try {
      int second = number(parts, 6);
      // A leap second has no place of its own in Unix time; it is the following second.
      LocalDateTime time =
          LocalDateTime.of(
              number(parts, 1),
              number(parts, 2),
              number(parts, 3),
              number(parts, 4),
              number(parts, 5),
              second == 60 ? 59 : second);
      long seconds = time.toEpochSecond(ZoneOffset.UTC) + (second == 60 ? 1 : 0);
      if (parts.group(8) == null) {
        int hours = number(parts, 10);
        int minutes = number(parts, 11);
        if (hours > 23 || minutes > 59) {
          return Optional.empty();
        }
        int offset = hours * 3600 + minutes * 60;
        seconds -= parts.group(9).equals("-") ? -offset : offset;
      }
      return Optional.of(seconds * MICROS + fraction(parts));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static int number(Matcher parts, int group) {
    return Integer.parseInt(parts.group(group));
  }

  private static long fraction(Matcher parts) {
    String digits = parts.group(7);
    return digits == null ? 0 : Long.parseLong((digits + "00000").substring(0, 6));
  }
}
