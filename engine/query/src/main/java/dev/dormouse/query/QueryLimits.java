package dev.dormouse.query;

/**
 * What a SQL text may ask of the compiler. Source: spec sql-and-subscriptions §1, §5.
 *
 * @param textBytesMax longest statement, in UTF-8 bytes
 * @param nestingMax deepest nesting of parentheses and NOT, in levels; a chain of ANDs costs none
 * @param alternationsMax deepest nesting of AND within OR within NOT, in levels, once parentheses
 *     that change nothing are gone; bounds the recursion of the compiler
 * @param shownCharactersMax how much of a text or literal an error message repeats
 */
public record QueryLimits(
    int textBytesMax, int nestingMax, int alternationsMax, int shownCharactersMax) {
  /** The figures of the reference. */
  public static final QueryLimits DEFAULT = new QueryLimits(50_000, 1_600, 400, 120);

  public QueryLimits {
    if (textBytesMax <= 0 || shownCharactersMax <= 0) {
      throw new IllegalArgumentException(
          "limits must be positive: text %d bytes, shown %d characters"
              .formatted(textBytesMax, shownCharactersMax));
    }
    if (alternationsMax <= 0 || nestingMax < alternationsMax) {
      throw new IllegalArgumentException(
          "nesting (%d levels) must allow for alternations (%d levels)"
              .formatted(nestingMax, alternationsMax));
    }
  }
}
