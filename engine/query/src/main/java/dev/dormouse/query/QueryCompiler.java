package dev.dormouse.query;

import dev.dormouse.datastore.ReadView;
import dev.dormouse.datastore.SystemTables;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.query.Scope.Field;
import dev.dormouse.query.Statement.Columns;
import dev.dormouse.query.Statement.Count;
import dev.dormouse.query.Statement.Everything;
import dev.dormouse.query.Statement.EverythingOf;
import dev.dormouse.query.Statement.Item;
import dev.dormouse.query.Statement.Relation;
import dev.dormouse.query.Statement.Select;
import dev.dormouse.query.TableQuery.Audience;
import dev.dormouse.query.TableQuery.Output;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.EngineException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * SQL text → query, against the schema a view shows and with a caller's permissions.
 *
 * <p>Every refusal is an {@link EngineException} that the caller can mend. Immutable. Source: spec
 * sql-and-subscriptions.
 */
public final class QueryCompiler {
  private enum Language {
    AD_HOC,
    SUBSCRIPTION
  }

  private final QueryLimits limits;
  private final TableScopes scopes;

  public QueryCompiler(QueryLimits limits) {
    this.limits = limits;
    this.scopes = new TableScopes(limits);
  }

  /**
   * Compiles a statement of the ad-hoc language.
   *
   * @param view the state it is to run on; a write runs in a transaction that follows it
   */
  public AdHocStatement adHoc(String sql, ReadView view, Caller caller) {
    Statement statement = Parser.parse(sql, limits);
    WriteCompiler writes = new WriteCompiler(scopes, view, caller, limits);
    return switch (statement) {
      case Select select -> limited(select(select, view, caller, Language.AD_HOC), view, caller);
      case Statement.Insert insert -> writes.insert(insert);
      case Statement.Update update -> writes.update(update);
      case Statement.Delete delete -> writes.delete(delete);
      case Statement.SetVariable set -> writes.set(set);
      case Statement.ShowVariable show -> {
        RowLimit.requireVariable(show.name(), limits);
        yield adHoc(RowLimit.SHOW, view, caller);
      }
      case Statement.AllTables() ->
          throw Refusals.unsupported("SELECT * FROM * outside of subscriptions");
    };
  }

  private static TableQuery limited(TableQuery query, ReadView view, Caller caller) {
    RowLimit.check(view, caller, List.of(query));
    return query;
  }

  /**
   * Compiles a query of the subscription language, other than {@code SELECT * FROM *}. The variable
   * {@code row_limit} is left to the caller, since it bounds whole requests: {@link
   * RowLimit#check}.
   */
  public TableQuery subscription(String sql, ReadView view, Caller caller) {
    if (Parser.parse(sql, limits) instanceof Select select) {
      return select(select, view, caller, Language.SUBSCRIPTION);
    }
    throw Refusals.unsupported(
        "anything but one SELECT of a table in a subscription or one-off query");
  }

  /** Compiles a one-off query: the subscription language without its demand for indexes. */
  public TableQuery oneOff(String sql, ReadView view, Caller caller) {
    return limited(subscription(sql, view, caller), view, caller);
  }

  /** Whether a text is {@code SELECT * FROM *}; false also for what is no statement. */
  public boolean isAllTables(String sql) {
    // Most texts are something else, and they will be parsed again.
    if (sql.length() > limits.textBytesMax() || sql.indexOf('*') == sql.lastIndexOf('*')) {
      return false;
    }
    try {
      return Parser.parse(sql, limits) instanceof Statement.AllTables;
    } catch (EngineException e) {
      return false;
    }
  }

  /** The queries that {@code SELECT * FROM *} stands for, by table name. */
  public List<String> allTables(ReadView view, Caller caller) {
    return view.tables().stream()
        .filter(table -> table.kind() == TableSchema.Kind.USER)
        .filter(table -> !table.isEvent() && TableScopes.isReadable(table, caller))
        .map(table -> "SELECT * FROM " + quoted(table.name()))
        .sorted()
        .toList();
  }

  /** The start of a statement, as error messages repeat it. */
  public String shown(String sql) {
    return Refusals.clip(sql, limits);
  }

  /** A name so that the parser reads the same one. */
  static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  private TableQuery select(Select select, ReadView view, Caller caller, Language language) {
    if (!select.from().joins().isEmpty()) {
      if (select.projection() instanceof Everything) {
        throw Refusals.wildcardWithJoin();
      }
      throw Refusals.notBuilt("joins are");
    }
    Relation relation = select.from().first();
    TableSchema table = scopes.table(relation.table(), view, caller);
    if (!relation.arguments().isEmpty()) {
      throw Refusals.tableWithArguments(table.name());
    }
    Scope scope = scopes.scope(relation.alias().orElse(relation.table()), table);
    if (language == Language.SUBSCRIPTION) {
      requireSubscribable(select);
      if (table.id() == SystemTables.ST_MODULE) {
        throw Refusals.programNotInMemory();
      }
    }
    Typer typer = new Typer(scope, caller.identity(), limits);
    TypedCondition condition =
        select.where().map(typer::type).orElse(new TypedCondition.Fixed(true));
    long limit = select.limit().map(QueryCompiler::limit).orElse(Long.MAX_VALUE);
    Audience audience =
        new Audience(
            table.isPublic() && !TableScopes.isRestricted(table, view), typer.senderUsed());
    Product wholeRow = table.rowType();
    return switch (select.projection()) {
      case Everything() ->
          new TableQuery(table, wholeRow, new Output.WholeRow(), condition, limit, audience);
      case EverythingOf(String name) -> {
        scope.requireRelation(name);
        yield new TableQuery(table, wholeRow, new Output.WholeRow(), condition, limit, audience);
      }
      case Count(String name) ->
          new TableQuery(
              table, TableQuery.countType(name), new Output.Count(), condition, limit, audience);
      case Columns(List<Item> items) -> {
        List<Field> fields = items.stream().map(item -> scope.field(item.column())).toList();
        yield new TableQuery(
            table,
            resultType(items, fields),
            new Output.Columns(fields.stream().map(Field::position).toList()),
            condition,
            limit,
            audience);
      }
    };
  }

  private static void requireSubscribable(Select select) {
    if (!(select.projection() instanceof Everything
        || select.projection() instanceof EverythingOf)) {
      throw Refusals.mustReturnTable();
    }
    if (select.limit().isPresent()) {
      throw Refusals.unsupported("LIMIT in a subscription or one-off query");
    }
  }

  private Product resultType(List<Item> items, List<Field> fields) {
    List<Member> members = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < items.size(); i++) {
      String name = items.get(i).alias().orElse(items.get(i).column().name());
      if (!names.add(name)) {
        throw Refusals.duplicateName(name, limits);
      }
      members.add(Member.of(name, fields.get(i).type()));
    }
    return new Product(members);
  }

  private static long limit(String digits) {
    String significant = digits.replaceFirst("^0+(?=.)", "");
    if (significant.length() > 20
        || (significant.length() == 20 && significant.compareTo("18446744073709551615") > 0)) {
      throw Refusals.unsupported("a LIMIT above 18446744073709551615");
    }
    return significant.length() >= 19 ? Long.MAX_VALUE : Long.parseLong(significant);
  }
}
