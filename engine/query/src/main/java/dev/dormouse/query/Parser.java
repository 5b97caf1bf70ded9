package dev.dormouse.query;

import dev.dormouse.query.Condition.Column;
import dev.dormouse.query.Condition.Literal;
import dev.dormouse.query.Statement.AllTables;
import dev.dormouse.query.Statement.Assignment;
import dev.dormouse.query.Statement.Columns;
import dev.dormouse.query.Statement.Count;
import dev.dormouse.query.Statement.Everything;
import dev.dormouse.query.Statement.EverythingOf;
import dev.dormouse.query.Statement.From;
import dev.dormouse.query.Statement.Item;
import dev.dormouse.query.Statement.Join;
import dev.dormouse.query.Statement.On;
import dev.dormouse.query.Statement.Projection;
import dev.dormouse.query.Statement.Relation;
import dev.dormouse.query.Statement.Select;
import dev.dormouse.query.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * SQL text → one {@link Statement} of either language; which of the two allows it is checked later.
 * Source: spec sql-and-subscriptions §3, §4 and since-2.8 §6.
 */
final class Parser {
  private final TokenStream tokens;

  private Parser(TokenStream tokens) {
    this.tokens = tokens;
  }

  /**
   * Parses a text that holds one statement.
   *
   * @throws dev.dormouse.sats.EngineException if it does not
   */
  static Statement parse(String sql, QueryLimits limits) {
    TokenStream tokens = new TokenStream(Lexer.tokens(sql, limits), limits);
    if (tokens.peek().kind() == Kind.END) {
      throw Refusals.syntax("a statement without text", 0);
    }
    Statement statement = new Parser(tokens).statement();
    boolean ended = false;
    while (tokens.acceptSymbol(";")) {
      ended = true; // The reference ignores any number of them at the end.
    }
    if (tokens.peek().kind() != Kind.END) {
      throw ended
          ? Refusals.unsupported("several statements in one text")
          : tokens.unexpected("the end of the statement");
    }
    return statement;
  }

  private Statement statement() {
    if (isSelectAllTables()) {
      for (int i = 0; i < 4; i++) {
        tokens.next();
      }
      return new AllTables();
    }
    if (tokens.accept("SELECT")) {
      return select();
    }
    if (tokens.accept("INSERT")) {
      return insert();
    }
    if (tokens.accept("UPDATE")) {
      return update();
    }
    if (tokens.accept("DELETE")) {
      tokens.require("FROM");
      String table = tokens.dottedName("a table");
      return new Statement.Delete(table, where());
    }
    if (tokens.accept("SET")) {
      String name = tokens.identifier("a variable");
      if (!tokens.accept("TO")) {
        tokens.requireSymbol("=");
      }
      return new Statement.SetVariable(name, tokens.literal());
    }
    if (tokens.accept("SHOW")) {
      return new Statement.ShowVariable(tokens.identifier("a variable"));
    }
    throw tokens.unexpected("SELECT, INSERT, UPDATE, DELETE, SET or SHOW");
  }

  private boolean isSelectAllTables() {
    return tokens.peek().isWord("SELECT")
        && tokens.peek(1).isSymbol("*")
        && tokens.peek(2).isWord("FROM")
        && tokens.peek(3).isSymbol("*")
        && tokens.peek(4).kind() == Kind.END;
  }

  private Select select() {
    Projection projection = projection();
    tokens.require("FROM");
    From from = from();
    Optional<Condition> where = where();
    Optional<String> limit = Optional.empty();
    if (tokens.accept("LIMIT")) {
      Token count = tokens.peek();
      if (count.kind() != Kind.NUMBER || !count.text().chars().allMatch(Parser::isDigit)) {
        throw tokens.unexpected("an unsigned integer");
      }
      limit = Optional.of(tokens.next().text());
    }
    return new Select(projection, from, where, limit);
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private Projection projection() {
    if (tokens.acceptSymbol("*")) {
      return only(new Everything());
    }
    if (tokens.peek().isWord("COUNT") && tokens.peek(1).isSymbol("(")) {
      return count();
    }
    List<Item> items = new ArrayList<>();
    do {
      if (tokens.peek().isSymbol("*") || isCount() || tokens.atLiteral()) {
        throw Refusals.unsupported("anything but columns in a list of columns");
      }
      if (isEverythingOf()) {
        String relation = tokens.dottedName("a table");
        tokens.requireSymbol(".");
        tokens.requireSymbol("*");
        if (!items.isEmpty()) {
          throw Refusals.unsupported("a wildcard beside other columns");
        }
        return only(new EverythingOf(relation));
      }
      Column column = tokens.column();
      items.add(new Item(column, tokens.alias()));
    } while (tokens.acceptSymbol(","));
    return new Columns(List.copyOf(items));
  }

  private boolean isCount() {
    return tokens.peek().isWord("COUNT") && tokens.peek(1).isSymbol("(");
  }

  private Projection only(Projection wildcard) {
    if (tokens.peek().isSymbol(",")) {
      throw Refusals.unsupported("a wildcard beside other columns");
    }
    return wildcard;
  }

  private boolean isEverythingOf() {
    int ahead = 0;
    while (isNamePart(tokens.peek(ahead)) && tokens.peek(ahead + 1).isSymbol(".")) {
      ahead += 2;
    }
    return ahead > 0 && tokens.peek(ahead).isSymbol("*");
  }

  private static boolean isNamePart(Token token) {
    return token.kind() == Kind.NAME || token.kind() == Kind.WORD;
  }

  private Projection count() {
    tokens.require("COUNT");
    tokens.requireSymbol("(");
    tokens.requireSymbol("*");
    tokens.requireSymbol(")");
    Optional<String> alias = tokens.alias();
    if (alias.isEmpty()) {
      throw Refusals.unsupported("COUNT(*) without an alias");
    }
    if (tokens.peek().isSymbol(",")) {
      throw Refusals.unsupported("COUNT(*) beside other columns");
    }
    return new Count(alias.get());
  }

  private From from() {
    Relation first = relation();
    List<Join> joins = new ArrayList<>();
    while (true) {
      if (tokens.peek().isSymbol(",")) {
        throw Refusals.unsupported("a join by comma");
      }
      if (tokens.accept("INNER")) {
        tokens.require("JOIN");
      } else if (!tokens.accept("JOIN")) {
        return new From(first, List.copyOf(joins));
      }
      Relation relation = relation();
      joins.add(new Join(relation, tokens.accept("ON") ? Optional.of(on()) : Optional.empty()));
    }
  }

  private On on() {
    int parentheses = 0;
    while (tokens.acceptSymbol("(")) {
      parentheses++;
    }
    Column left = tokens.column();
    tokens.requireSymbol("=");
    Column right = tokens.column();
    for (int i = 0; i < parentheses; i++) {
      tokens.requireSymbol(")");
    }
    return new On(left, right);
  }

  private Relation relation() {
    if (tokens.peek().isSymbol("(")) {
      throw Refusals.unsupported("a sub-query");
    }
    String table = tokens.dottedName("a table");
    List<Literal> arguments = List.of();
    if (tokens.acceptSymbol("(")) {
      arguments = tokens.acceptSymbol(")") ? List.of() : literals();
    }
    return new Relation(table, arguments, tokens.alias());
  }

  /** Literals up to the closing parenthesis, at least one. */
  private List<Literal> literals() {
    List<Literal> literals = new ArrayList<>();
    do {
      literals.add(tokens.literal());
    } while (tokens.acceptSymbol(","));
    tokens.requireSymbol(")");
    return List.copyOf(literals);
  }

  private Optional<Condition> where() {
    return tokens.accept("WHERE") ? Optional.of(ConditionParser.parse(tokens)) : Optional.empty();
  }

  private Statement insert() {
    tokens.require("INTO");
    String table = tokens.dottedName("a table");
    tokens.requireSymbol("(");
    List<String> columns = new ArrayList<>();
    do {
      columns.add(tokens.identifier("a column"));
    } while (tokens.acceptSymbol(","));
    tokens.requireSymbol(")");
    tokens.require("VALUES");
    List<List<Literal>> rows = new ArrayList<>();
    do {
      tokens.requireSymbol("(");
      rows.add(literals());
    } while (tokens.acceptSymbol(","));
    return new Statement.Insert(table, List.copyOf(columns), List.copyOf(rows));
  }

  private Statement update() {
    String table = tokens.dottedName("a table");
    tokens.require("SET");
    List<Assignment> assignments = new ArrayList<>();
    do {
      String column = tokens.identifier("a column");
      tokens.requireSymbol("=");
      assignments.add(new Assignment(column, tokens.literal()));
    } while (tokens.acceptSymbol(","));
    return new Statement.Update(table, List.copyOf(assignments), where());
  }
}
