package dev.dormouse.query;

/**
 * One lexical element of a SQL text.
 *
 * @param text of a word as written; of a quoted name, string or hex literal what it stands for
 * @param position index of its first character in the SQL text, from 0
 */
record Token(Kind kind, String text, int position) {
  /** What sort of element. */
  enum Kind {
    /** A keyword or an unquoted identifier. */
    WORD,
    /** A quoted identifier. */
    NAME,
    /** {@code 'text'}. */
    STRING,
    /** Digits with optional fraction and exponent, without a sign. */
    NUMBER,
    /** {@code 0xAB}, {@code X'AB'} or {@code x'AB'}; the text is the digits. */
    HEX,
    /** {@code :name}; the text is the name. */
    PARAMETER,
    /** An operator or punctuation. */
    SYMBOL,
    /** Behind the last element. */
    END
  }

  boolean isWord(String keyword) {
    return kind == Kind.WORD && text.equalsIgnoreCase(keyword);
  }

  boolean isSymbol(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  /** How an error message names it. */
  String shown(QueryLimits limits) {
    return switch (kind) {
      case END -> "the end of the statement";
      case WORD, NUMBER, SYMBOL -> "`" + Refusals.clip(text, limits) + "`";
      case NAME -> "`\"" + Refusals.clip(text, limits) + "\"`";
      case STRING -> "`'" + Refusals.clip(text, limits) + "'`";
      case HEX -> "`0x" + Refusals.clip(text, limits) + "`";
      case PARAMETER -> "`:" + Refusals.clip(text, limits) + "`";
    };
  }
}
