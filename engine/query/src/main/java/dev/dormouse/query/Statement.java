package dev.dormouse.query;

import dev.dormouse.query.Condition.Column;
import dev.dormouse.query.Condition.Literal;
import java.util.List;
import java.util.Optional;

/**
 * A statement as written, before names are looked up. Source: spec sql-and-subscriptions §3, §4.
 */
sealed interface Statement {
  /** SELECT. */
  record Select(Projection projection, From from, Optional<Condition> where, Optional<String> limit)
      implements Statement {}

  /** {@code SELECT * FROM *}. */
  record AllTables() implements Statement {}

  /** INSERT. */
  record Insert(String table, List<String> columns, List<List<Literal>> rows)
      implements Statement {}

  /** UPDATE. */
  record Update(String table, List<Assignment> assignments, Optional<Condition> where)
      implements Statement {}

  /** DELETE. */
  record Delete(String table, Optional<Condition> where) implements Statement {}

  /** SET of a variable. */
  record SetVariable(String name, Literal value) implements Statement {}

  /** SHOW of a variable. */
  record ShowVariable(String name) implements Statement {}

  /** {@code column = literal} of an UPDATE. */
  record Assignment(String column, Literal value) {}

  /** What a SELECT returns. */
  sealed interface Projection {}

  /** {@code *}. */
  record Everything() implements Projection {}

  /** {@code name.*}, the name's parts joined by dots. */
  record EverythingOf(String relation) implements Projection {}

  /** Columns. */
  record Columns(List<Item> items) implements Projection {}

  /** {@code COUNT(*) AS alias}. */
  record Count(String alias) implements Projection {}

  /** One column of a projection. */
  record Item(Column column, Optional<String> alias) {}

  /** The tables, left-deep. */
  record From(Relation first, List<Join> joins) {}

  /**
   * One table.
   *
   * @param table its parts joined by dots
   * @param arguments of a view; {@code v()} and {@code v} are the same and have none
   */
  record Relation(String table, List<Literal> arguments, Optional<String> alias) {}

  /** One table joined to those before it. */
  record Join(Relation relation, Optional<On> on) {}

  /** An equality of two columns. */
  record On(Column left, Column right) {}
}
