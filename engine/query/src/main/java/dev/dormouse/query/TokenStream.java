package dev.dormouse.query;

import dev.dormouse.query.Condition.Column;
import dev.dormouse.query.Condition.Literal;
import dev.dormouse.query.Token.Kind;
import dev.dormouse.sats.EngineException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The tokens of one statement with a position, and the small things every rule reads. */
final class TokenStream {
  /** Words that must be quoted to be a name. */
  private static final Set<String> RESERVED =
      Set.of(
          "SELECT",
          "DISTINCT",
          "FROM",
          "WHERE",
          "AND",
          "OR",
          "NOT",
          "AS",
          "ON",
          "JOIN",
          "INNER",
          "LIMIT",
          "OFFSET",
          "FETCH",
          "ORDER",
          "GROUP",
          "HAVING",
          "WINDOW",
          "UNION",
          "EXCEPT",
          "INTERSECT",
          "INTO",
          "VALUES",
          "RETURNING",
          "TRUE",
          "FALSE",
          "NULL",
          "IN",
          "IS",
          "LIKE",
          "ILIKE",
          "BETWEEN",
          "CASE",
          "CAST",
          "EXISTS",
          "WITH");

  /** Words that besides cannot be an alias without AS. */
  private static final Set<String> NO_BARE_ALIAS =
      Set.of(
          "LEFT",
          "RIGHT",
          "FULL",
          "OUTER",
          "CROSS",
          "NATURAL",
          "USING",
          "SET",
          "FOR",
          "LATERAL",
          "TABLESAMPLE");

  /** What is refused by name wherever it is met. */
  private static final Map<String, String> UNSUPPORTED =
      Map.ofEntries(
          Map.entry("DISTINCT", "DISTINCT"),
          Map.entry("ORDER", "ORDER BY"),
          Map.entry("GROUP", "GROUP BY"),
          Map.entry("HAVING", "HAVING"),
          Map.entry("WINDOW", "WINDOW"),
          Map.entry("LIMIT", "LIMIT in this place"),
          Map.entry("OFFSET", "OFFSET"),
          Map.entry("FETCH", "FETCH"),
          Map.entry("UNION", "UNION"),
          Map.entry("EXCEPT", "EXCEPT"),
          Map.entry("INTERSECT", "INTERSECT"),
          Map.entry("WITH", "WITH"),
          Map.entry("LEFT", "LEFT JOIN"),
          Map.entry("RIGHT", "RIGHT JOIN"),
          Map.entry("FULL", "FULL JOIN"),
          Map.entry("CROSS", "CROSS JOIN"),
          Map.entry("NATURAL", "NATURAL JOIN"),
          Map.entry("USING", "USING"),
          Map.entry("RETURNING", "RETURNING"),
          Map.entry("IN", "IN"),
          Map.entry("IS", "IS"),
          Map.entry("LIKE", "LIKE"),
          Map.entry("ILIKE", "ILIKE"),
          Map.entry("BETWEEN", "BETWEEN"),
          Map.entry("CASE", "CASE"),
          Map.entry("CAST", "CAST"),
          Map.entry("EXISTS", "EXISTS"),
          Map.entry("NULL", "NULL"),
          Map.entry("SELECT", "a sub-query"));

  private static final Set<String> ARITHMETIC = Set.of("+", "-", "*", "/", "%", "|", "[", "]");

  private final List<Token> tokens;
  private final QueryLimits limits;
  private int at;

  TokenStream(List<Token> tokens, QueryLimits limits) {
    this.tokens = tokens;
    this.limits = limits;
  }

  QueryLimits limits() {
    return limits;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token peek(int ahead) {
    return tokens.get(Math.min(at + ahead, tokens.size() - 1));
  }

  /** The current token; the stream goes on, but never beyond the end. */
  Token next() {
    Token token = peek();
    if (token.kind() != Kind.END) {
      at++;
    }
    return token;
  }

  boolean accept(String keyword) {
    if (peek().isWord(keyword)) {
      at++;
      return true;
    }
    return false;
  }

  boolean acceptSymbol(String symbol) {
    if (peek().isSymbol(symbol)) {
      at++;
      return true;
    }
    return false;
  }

  void require(String keyword) {
    if (!accept(keyword)) {
      throw unexpected(keyword);
    }
  }

  void requireSymbol(String symbol) {
    if (!acceptSymbol(symbol)) {
      throw unexpected("`" + symbol + "`");
    }
  }

  /** The refusal of the current token, by name if it begins something that SQL has and we not. */
  EngineException unexpected(String expected) {
    Token token = peek();
    if (token.kind() == Kind.WORD) {
      String unsupported = UNSUPPORTED.get(token.text().toUpperCase(Locale.ROOT));
      if (unsupported != null) {
        return Refusals.unsupported(unsupported);
      }
    }
    if (token.kind() == Kind.SYMBOL && ARITHMETIC.contains(token.text())) {
      return Refusals.unsupported("operator `" + token.text() + "`");
    }
    return Refusals.syntax(
        "expected " + expected + ", found " + token.shown(limits), token.position());
  }

  /** Whether the current token can be a name. */
  boolean atIdentifier() {
    Token token = peek();
    return token.kind() == Kind.NAME
        || (token.kind() == Kind.WORD && !RESERVED.contains(token.text().toUpperCase(Locale.ROOT)));
  }

  String identifier(String what) {
    if (!atIdentifier()) {
      throw unexpected(what);
    }
    return next().text();
  }

  /** Behind a dot any word is a name. */
  private String partBehindDot(String what) {
    Token token = peek();
    if (token.kind() != Kind.NAME && token.kind() != Kind.WORD) {
      throw unexpected(what);
    }
    return next().text();
  }

  /** A name of one part or several with dots between; they denote one name joined by dots. */
  String dottedName(String what) {
    String first = identifier(what);
    if (!peek().isSymbol(".") || peek(1).isSymbol("*")) {
      return first;
    }
    StringBuilder name = new StringBuilder(first);
    while (peek().isSymbol(".") && !peek(1).isSymbol("*")) {
      next();
      name.append('.').append(partBehindDot(what));
    }
    return name.toString();
  }

  /** A column; what stands before the last dot is the table's name or alias. */
  Column column() {
    String first = identifier("a column");
    if (peek().isSymbol("(")) {
      throw Refusals.unsupported("function `" + Refusals.clip(first, limits) + "`");
    }
    if (!peek().isSymbol(".")) {
      return new Column(Optional.empty(), first);
    }
    StringBuilder qualifier = new StringBuilder(first);
    while (true) {
      requireSymbol(".");
      String part = partBehindDot("a column");
      if (!peek().isSymbol(".")) {
        return new Column(Optional.of(qualifier.toString()), part);
      }
      qualifier.append('.').append(part);
    }
  }

  /** {@code [AS] alias}. */
  Optional<String> alias() {
    if (accept("AS")) {
      return Optional.of(identifier("an alias"));
    }
    Token token = peek();
    boolean bare =
        token.kind() == Kind.NAME
            || (atIdentifier() && !NO_BARE_ALIAS.contains(token.text().toUpperCase(Locale.ROOT)));
    return bare ? Optional.of(next().text()) : Optional.empty();
  }

  /** Whether the current token begins a literal. */
  boolean atLiteral() {
    Token token = peek();
    return switch (token.kind()) {
      case STRING, NUMBER, HEX -> true;
      case WORD -> token.isWord("TRUE") || token.isWord("FALSE");
      case SYMBOL -> (token.isSymbol("-") || token.isSymbol("+")) && peek(1).kind() == Kind.NUMBER;
      case NAME, PARAMETER, END -> false;
    };
  }

  Literal literal() {
    if (!atLiteral()) {
      throw unexpected("a literal");
    }
    Token token = next();
    return switch (token.kind()) {
      case STRING -> new Literal(Literal.Form.STRING, token.text());
      case NUMBER -> new Literal(Literal.Form.NUMBER, token.text());
      case HEX -> new Literal(Literal.Form.HEX, token.text());
      case WORD -> new Literal(Literal.Form.BOOL, token.text().toLowerCase(Locale.ROOT));
      case SYMBOL -> new Literal(Literal.Form.NUMBER, token.text() + next().text());
      case NAME, PARAMETER, END -> throw new IllegalStateException(token + " is no literal");
    };
  }
}
