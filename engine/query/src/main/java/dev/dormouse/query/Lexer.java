package dev.dormouse.query;

import dev.dormouse.query.Token.Kind;
import dev.dormouse.sats.EngineException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * SQL text → tokens, PostgreSQL flavoured. Source: spec sql-and-subscriptions §2, §6.
 *
 * <p>Work and memory are linear in the text, which is bounded before the first character is read.
 */
final class Lexer {
  private final String sql;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Lexer(String sql) {
    this.sql = sql;
  }

  /** The tokens of a text, {@link Kind#END} last. */
  static List<Token> tokens(String sql, QueryLimits limits) {
    if (isLongerThan(limits.textBytesMax(), sql)) {
      throw Refusals.textTooLong(sql, limits);
    }
    Lexer lexer = new Lexer(sql);
    lexer.run();
    return lexer.tokens;
  }

  private static boolean isLongerThan(int bytesMax, String sql) {
    if (sql.length() > bytesMax) {
      return true;
    }
    int bytes = 0;
    for (int i = 0; i < sql.length(); i++) {
      char c = sql.charAt(i);
      // A surrogate pair is two characters and four bytes.
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes > bytesMax;
  }

  private void run() {
    while (skipBlanks()) {
      int start = at;
      char c = sql.charAt(at);
      switch (c) {
        case '"' -> quotedName(start);
        case '\'' -> {
          at++;
          add(Kind.STRING, quoted('\'', start, "string"), start);
        }
        case ':' -> parameter(start);
        case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number(start);
        case '.' -> {
          if (isDigit(at + 1)) {
            number(start);
          } else {
            symbol(".", start);
          }
        }
        case '<' -> symbol(follows('=') ? "<=" : follows('>') ? "<>" : "<", start);
        case '>' -> symbol(follows('=') ? ">=" : ">", start);
        case '!' -> {
          if (!follows('=')) {
            throw unexpected(start);
          }
          symbol("!=", start);
        }
        case '=', '(', ')', ',', ';', '*', '+', '-', '/', '%', '|', '[', ']' ->
            symbol(String.valueOf(c), start);
        default -> word(start);
      }
    }
    add(Kind.END, "", sql.length());
  }

  private void add(Kind kind, String text, int position) {
    tokens.add(new Token(kind, text, position));
  }

  private void symbol(String text, int start) {
    add(Kind.SYMBOL, text, start);
    at += text.length();
  }

  private boolean follows(char next) {
    return at + 1 < sql.length() && sql.charAt(at + 1) == next;
  }

  private boolean isDigit(int index) {
    return index < sql.length() && sql.charAt(index) >= '0' && sql.charAt(index) <= '9';
  }

  /** Steps over white space and comments; whether anything is left. */
  private boolean skipBlanks() {
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (Character.isWhitespace(c) || c == '\u00a0' || c == '\ufeff') {
        at++;
      } else if (c == '-' && follows('-')) {
        int end = sql.indexOf('\n', at);
        at = end < 0 ? sql.length() : end + 1;
      } else if (c == '/' && follows('*')) {
        blockComment();
      } else {
        return true;
      }
    }
    return false;
  }

  /** Block comments nest in PostgreSQL. */
  private void blockComment() {
    int start = at;
    int open = 0;
    do {
      if (at + 1 >= sql.length()) {
        throw Refusals.syntax("a comment without its end `*/`", start);
      }
      if (sql.charAt(at) == '/' && follows('*')) {
        open++;
        at += 2;
      } else if (sql.charAt(at) == '*' && follows('/')) {
        open--;
        at += 2;
      } else {
        at++;
      }
    } while (open > 0);
  }

  /** What stands between quotes, with the quote itself doubled inside; {@code at} is behind one. */
  private String quoted(char quote, int start, String what) {
    StringBuilder text = new StringBuilder();
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (c != quote) {
        text.append(c);
        at++;
      } else if (follows(quote)) {
        text.append(quote);
        at += 2;
      } else {
        at++;
        return text.toString();
      }
    }
    throw Refusals.syntax("a " + what + " without its closing " + quote, start);
  }

  private void quotedName(int start) {
    at++;
    String name = quoted('"', start, "quoted name");
    if (name.isEmpty()) {
      throw Refusals.syntax("a quoted name without characters", start);
    }
    add(Kind.NAME, name, start);
  }

  private void parameter(int start) {
    at++;
    int from = at;
    if (from < sql.length() && isWordStart(sql.codePointAt(from))) {
      skipWord();
    }
    if (at == from) {
      throw unexpected(start);
    }
    add(Kind.PARAMETER, sql.substring(from, at), start);
  }

  private void number(int start) {
    if (sql.startsWith("0x", at)) {
      at += 2;
      int from = at;
      while (at < sql.length() && HexFormat.isHexDigit(sql.charAt(at))) {
        at++;
      }
      add(Kind.HEX, sql.substring(from, at), start);
      return;
    }
    skipDigits();
    if (at < sql.length() && sql.charAt(at) == '.') {
      at++;
      skipDigits();
    }
    if (at < sql.length() && (sql.charAt(at) == 'e' || sql.charAt(at) == 'E')) {
      int digits = at + 1;
      if (digits < sql.length() && (sql.charAt(digits) == '+' || sql.charAt(digits) == '-')) {
        digits++;
      }
      if (isDigit(digits)) {
        at = digits;
        skipDigits();
      }
    }
    add(Kind.NUMBER, sql.substring(start, at), start);
  }

  private void skipDigits() {
    while (isDigit(at)) {
      at++;
    }
  }

  private void word(int start) {
    if (!isWordStart(sql.codePointAt(at))) {
      throw unexpected(start);
    }
    skipWord();
    String text = sql.substring(start, at);
    if (at < sql.length() && sql.charAt(at) == '\'') {
      quotedWithPrefix(text, start);
    } else {
      add(Kind.WORD, text, start);
    }
  }

  private void quotedWithPrefix(String prefix, int start) {
    switch (prefix) {
      case "x", "X" -> {
        at++;
        add(Kind.HEX, quoted('\'', start, "hex literal"), start);
      }
      case "b", "B" -> throw Refusals.unsupported("a bit string (B'…')");
      case "e", "E", "n", "N" -> throw Refusals.unsupported("a string with prefix " + prefix);
      default -> add(Kind.WORD, prefix, start);
    }
  }

  private void skipWord() {
    while (at < sql.length()) {
      int c = sql.codePointAt(at);
      if (!isWordPart(c)) {
        return;
      }
      at += Character.charCount(c);
    }
  }

  private static boolean isWordStart(int c) {
    return c == '_' || Character.isUnicodeIdentifierStart(c);
  }

  private static boolean isWordPart(int c) {
    return c == '_'
        || c == '$'
        || (Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
  }

  private EngineException unexpected(int start) {
    int c = sql.codePointAt(start);
    String shown =
        Character.isISOControl(c) || Character.isSurrogate(sql.charAt(start))
            ? "U+%04X".formatted(c)
            : "`" + Character.toString(c) + "`";
    return Refusals.syntax("unexpected character " + shown, start);
  }
}
