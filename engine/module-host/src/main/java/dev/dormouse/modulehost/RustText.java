package dev.dormouse.modulehost;

/** Texts as Rust's {@code Debug} writes them, since the reference's log lines are made by it. */
final class RustText {
  private RustText() {}

  /** A string in double quotes with escapes. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    text.codePoints().forEach(point -> appendEscaped(quoted, point));
    return quoted.append('"').toString();
  }

  private static void appendEscaped(StringBuilder to, int point) {
    switch (point) {
      case '"' -> to.append("\\\"");
      case '\\' -> to.append("\\\\");
      case '\n' -> to.append("\\n");
      case '\r' -> to.append("\\r");
      case '\t' -> to.append("\\t");
      case 0 -> to.append("\\0");
      default -> {
        if (isPrintable(point)) {
          to.appendCodePoint(point);
        } else {
          to.append("\\u{").append(Integer.toHexString(point)).append('}');
        }
      }
    }
  }

  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> point == ' ';
      default -> true;
    };
  }

  /** A duration in the largest unit that leaves a whole part, without trailing zeroes. */
  static String duration(long nanos) {
    if (nanos >= 1_000_000_000L) {
      return fraction(nanos, 1_000_000_000L) + "s";
    }
    if (nanos >= 1_000_000L) {
      return fraction(nanos, 1_000_000L) + "ms";
    }
    if (nanos >= 1_000L) {
      return fraction(nanos, 1_000L) + "µs";
    }
    return Math.max(0, nanos) + "ns";
  }

  private static String fraction(long nanos, long unit) {
    long rest = nanos % unit;
    if (rest == 0) {
      return Long.toString(nanos / unit);
    }
    String digits = Long.toString(unit + rest).substring(1);
    int end = digits.length();
    while (digits.charAt(end - 1) == '0') {
      end--;
    }
    return nanos / unit + "." + digits.substring(0, end);
  }
}
