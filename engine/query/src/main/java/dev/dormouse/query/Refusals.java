package dev.dormouse.query;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;

/**
 * Every refusal of this module in one place. Texts are for people; what must stay recognisable is
 * listed in spec sql-and-subscriptions §16.
 */
final class Refusals {
  private Refusals() {}

  /** The start of a text, cut at a code point. */
  static String clip(String text, QueryLimits limits) {
    int max = limits.shownCharactersMax();
    if (text.length() <= max) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(max - 1)) ? max - 1 : max;
    return text.substring(0, end) + "…";
  }

  static EngineException textTooLong(String sql, QueryLimits limits) {
    return EngineException.caller(
        "SQL query exceeds the maximum length of %d bytes: %s"
            .formatted(limits.textBytesMax(), clip(sql, limits)));
  }

  static EngineException syntax(String what, int position) {
    return EngineException.caller(
        "SQL syntax error at character %d: %s".formatted(position + 1, what));
  }

  static EngineException unsupported(String what) {
    return EngineException.caller("Unsupported SQL: " + what);
  }

  static EngineException notBuilt(String what) {
    return EngineException.caller(what + " not built yet");
  }

  static EngineException tooDeep(int limit) {
    return EngineException.caller(
        "SQL expression exceeds the recursion limit of " + limit + " levels");
  }

  static EngineException unknownTable(String name, QueryLimits limits) {
    return EngineException.caller(
        "no such table: `%s`. If the table exists, it may be marked private."
            .formatted(clip(name, limits)));
  }

  static EngineException notInScope(String name, QueryLimits limits) {
    return EngineException.caller("`" + clip(name, limits) + "` is not in scope");
  }

  static EngineException duplicateName(String name, QueryLimits limits) {
    return EngineException.caller("Duplicate name `" + clip(name, limits) + "`");
  }

  static EngineException unexpectedType(AlgebraicType expected, AlgebraicType inferred) {
    return unexpectedType(TypeNames.of(expected), TypeNames.of(inferred));
  }

  static EngineException unexpectedType(String expected, String inferred) {
    return EngineException.caller(
        "Unexpected type: (expected) %s != %s (inferred)".formatted(expected, inferred));
  }

  static EngineException unparsable(String literal, AlgebraicType type, QueryLimits limits) {
    return EngineException.caller(
        "The literal expression `%s` cannot be parsed as type `%s`"
            .formatted(clip(literal, limits), TypeNames.of(type)));
  }

  static EngineException untyped() {
    return EngineException.caller(
        "A comparison of two literals has no type; one side must be a column");
  }

  static EngineException operatorNotAllowed(Operator operator, AlgebraicType type) {
    return EngineException.caller(
        "Invalid binary operator `%s` for type `%s`"
            .formatted(operator.text(), TypeNames.of(type)));
  }

  static EngineException wildcardWithJoin() {
    return EngineException.caller("SELECT * is not supported for joins");
  }

  /** Of a query that would return the program's bytes to a socket. */
  static EngineException programNotInMemory() {
    return EngineException.caller(
        "`st_module` is not for subscriptions and one-off queries, since the program's bytes are not kept in memory; ask for it by SQL over HTTP");
  }

  /** Of a condition on the program's bytes, which rows do not hold. */
  static EngineException programNotCompared() {
    return EngineException.caller(
        "`program_bytes` cannot be compared, since the program's bytes are not kept in memory; compare `program_hash`");
  }

  static EngineException mustReturnTable() {
    return EngineException.caller(
        "Column projections are not supported in subscriptions; Subscriptions must return a table type");
  }

  static EngineException mustBeQualified(String name, QueryLimits limits) {
    return EngineException.caller(
        "Names must be qualified when using joins: `" + clip(name, limits) + "`");
  }

  static EngineException tableWithArguments(String table) {
    return EngineException.caller(
        "`" + table + "` is a table, not a view; it does not take arguments");
  }

  static EngineException dmlNotAuthorized(Identity caller) {
    return EngineException.caller(
        "Caller " + caller + " is not authorized to run SQL DML statements");
  }

  static EngineException tableIsNotForSql(String kind) {
    return EngineException.caller("SQL writes to " + kind + " tables are not supported");
  }

  static EngineException environmentIsPublished() {
    return EngineException.caller(
        "Database environment variables can only be changed by publishing");
  }

  static EngineException insertArity(String table, int given, int expected) {
    return EngineException.caller(
        "Inserting into table `%s`: the number of values must be the number of columns; given %d, expected %d"
            .formatted(table, given, expected));
  }

  static EngineException uniqueViolation(String table) {
    return EngineException.caller(
        "Unique constraint violation in table `%s`: another row has the same unique value"
            .formatted(table));
  }

  static EngineException unknownVariable(String name, QueryLimits limits) {
    return EngineException.caller(
        "Unknown variable `%s`; there is only `row_limit`".formatted(clip(name, limits)));
  }

  static EngineException rowLimit(long estimate, long limit) {
    return EngineException.caller(
        "Estimated cardinality (%d rows) exceeds limit (%d rows)".formatted(estimate, limit));
  }

  static EngineException rowsScanned(long limit) {
    return EngineException.caller("The query scans more rows than its limit of " + limit + " rows");
  }

  static EngineException resultBytes(long limit) {
    return EngineException.caller(
        "The result of the query is larger than its limit of " + limit + " bytes");
  }

  static EngineException timeUsed(long limitMillis) {
    return EngineException.caller(
        "The query takes longer than its limit of " + limitMillis + " ms");
  }
}
