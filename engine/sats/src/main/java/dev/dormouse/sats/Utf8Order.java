package dev.dormouse.sats;

/** The order of strings by their UTF-8 bytes, which is that of their code points. */
public final class Utf8Order {
  private Utf8Order() {}

  /** Compares by code points; Java's own order differs where surrogates meet U+E000 to U+FFFF. */
  public static int compare(String left, String right) {
    int common = Math.min(left.length(), right.length());
    for (int i = 0; i < common; i++) {
      char l = left.charAt(i);
      char r = right.charAt(i);
      if (l != r) {
        boolean leftSurrogate = Character.isSurrogate(l);
        return leftSurrogate == Character.isSurrogate(r)
            ? Character.compare(l, r)
            : leftSurrogate ? 1 : -1;
      }
    }
    return Integer.compare(left.length(), right.length());
  }
}
