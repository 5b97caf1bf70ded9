package dev.dormouse.catalog;

import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Identity;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A registered name: segments separated by {@code /}, kept in lower case. The first segment is its
 * namespace. Source: spec http-api §5.9, auth §6.3.
 *
 * @param text lower case
 */
public record DomainName(String text) implements Comparable<DomainName> {
  /** Longest segment, in characters. */
  public static final int SEGMENT_CHARACTERS_MAX = 64;

  /** Most segments after the first. */
  public static final int SUB_SEGMENTS_MAX = 256;

  private static final Pattern DATABASE_NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
  private static final Pattern WHITESPACE = Pattern.compile("\\s", Pattern.UNICODE_CHARACTER_CLASS);

  /** Lower-cases; whoever holds a name need not check it. */
  public DomainName {
    text = text.toLowerCase(Locale.ROOT);
    check(text);
  }

  private static void check(String text) {
    String[] segments = text.split("/", -1);
    if (segments.length > 1 + SUB_SEGMENTS_MAX) {
      throw new DecodeException(
          "name of %d segments, limit %d".formatted(segments.length, 1 + SUB_SEGMENTS_MAX));
    }
    for (String segment : segments) {
      int length = segment.codePointCount(0, segment.length());
      if (length == 0 || length > SEGMENT_CHARACTERS_MAX) {
        throw new DecodeException(
            "name segment of %d characters, must have 1 to %d"
                .formatted(length, SEGMENT_CHARACTERS_MAX));
      }
      if (WHITESPACE.matcher(segment).find() || segment.indexOf('\0') >= 0) {
        throw new DecodeException("name with whitespace");
      }
    }
    if (Identity.isHex(segments[0])) {
      throw new DecodeException("name that reads as an identity: " + segments[0]);
    }
  }

  /** Whether it can stand in a path as a database's name. Source: spec http-api §1.1. */
  public boolean isDatabaseName() {
    return isDatabaseName(text);
  }

  /** Whether the text, as it is, can be a database's name. */
  public static boolean isDatabaseName(String text) {
    return DATABASE_NAME.matcher(text).matches()
        && text.length() <= SEGMENT_CHARACTERS_MAX
        && !Identity.isHex(text);
  }

  /** The first segment. */
  public String namespace() {
    int slash = text.indexOf('/');
    return slash < 0 ? text : text.substring(0, slash);
  }

  @Override
  public int compareTo(DomainName other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
