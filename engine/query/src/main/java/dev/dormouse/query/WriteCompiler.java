package dev.dormouse.query;

import dev.dormouse.datastore.IndexSchema;
import dev.dormouse.datastore.ReadView;
import dev.dormouse.datastore.SystemTables;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.query.AccessPath.IndexPoint;
import dev.dormouse.query.Condition.Literal;
import dev.dormouse.query.Condition.Literal.Form;
import dev.dormouse.query.Scope.Field;
import dev.dormouse.query.Statement.Assignment;
import dev.dormouse.query.TableQuery.Audience;
import dev.dormouse.query.TableQuery.Output;
import dev.dormouse.query.TableWrite.Action;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** INSERT, UPDATE, DELETE and SET → write. Source: spec sql-and-subscriptions §8. */
final class WriteCompiler {
  private final TableScopes scopes;
  private final ReadView view;
  private final Caller caller;
  private final QueryLimits limits;

  WriteCompiler(TableScopes scopes, ReadView view, Caller caller, QueryLimits limits) {
    this.scopes = scopes;
    this.view = view;
    this.caller = caller;
    this.limits = limits;
  }

  TableWrite insert(Statement.Insert insert) {
    TableSchema table = writable(insert.table());
    List<Field> fields = scopes.fields(table);
    RowList rows = new RowList();
    BsatnWriter row = new BsatnWriter();
    // Names are not matched: values go to the columns in the order of the table.
    requireArity(table, insert.columns().size());
    for (List<Literal> values : insert.rows()) {
      requireArity(table, values.size());
      row.reset();
      for (int i = 0; i < fields.size(); i++) {
        row.writeRaw(value(values.get(i), fields.get(i).type()).bytes());
      }
      rows.row(row.array(), 0, row.size());
    }
    return new TableWrite(table, new Action.Insertion(rows));
  }

  private void requireArity(TableSchema table, int given) {
    if (given != table.columns().size()) {
      throw Refusals.insertArity(table.name(), given, table.columns().size());
    }
  }

  TableWrite update(Statement.Update update) {
    TableSchema table = writable(update.table());
    Scope scope = scopes.scope(update.table(), table);
    Map<Integer, Constant> constants = new TreeMap<>();
    for (Assignment assignment : update.assignments()) {
      Field field = scope.field(assignment.column());
      Constant constant = value(assignment.value(), field.type());
      if (constants.put(field.position(), constant) != null) {
        throw Refusals.duplicateName(assignment.column(), limits);
      }
    }
    TableQuery matching = matching(table, scope, update.where());
    return new TableWrite(table, new Action.Replacement(matching, constants));
  }

  TableWrite delete(Statement.Delete delete) {
    TableSchema table = writable(delete.table());
    Scope scope = scopes.scope(delete.table(), table);
    return new TableWrite(table, new Action.Deletion(matching(table, scope, delete.where())));
  }

  TableWrite set(Statement.SetVariable set) {
    requireOwner();
    RowLimit.requireVariable(set.name(), limits);
    if (set.value().form() != Form.NUMBER) {
      throw Refusals.unparsable(set.value().text(), Primitive.U64, limits);
    }
    byte[] row = RowLimit.row(view, value(set.value(), Primitive.U64));
    RowList rows = new RowList();
    rows.row(row, 0, row.length);
    TableSchema variables = view.table(SystemTables.ST_VAR).orElseThrow();
    return new TableWrite(variables, new Action.Insertion(rows));
  }

  private TableQuery matching(TableSchema table, Scope scope, Optional<Condition> where) {
    Typer typer = new Typer(scope, caller.identity(), limits);
    return new TableQuery(
        table,
        table.rowType(),
        new Output.WholeRow(),
        where.map(typer::type).orElse(new TypedCondition.Fixed(true)),
        Long.MAX_VALUE,
        new Audience(false, typer.senderUsed()));
  }

  private void requireOwner() {
    if (!caller.owner()) {
      throw Refusals.dmlNotAuthorized(caller.identity());
    }
  }

  private TableSchema writable(String name) {
    requireOwner();
    TableSchema table = scopes.table(name, view, caller);
    if (table.id() == SystemTables.ST_ENV) {
      throw Refusals.environmentIsPublished();
    }
    if (table.kind() == TableSchema.Kind.SYSTEM && table.id() != SystemTables.ST_VAR) {
      throw Refusals.unsupported("a write to system table `" + table.name() + "`");
    }
    if (table.schedule().isPresent()) {
      throw Refusals.tableIsNotForSql("scheduled");
    }
    if (isOutbox(table)) {
      throw Refusals.tableIsNotForSql("outbox");
    }
    return table;
  }

  private boolean isOutbox(TableSchema table) {
    IndexSchema byTable = view.table(SystemTables.ST_OUTBOX).orElseThrow().indexes().getFirst();
    byte[] key = new BsatnWriter().writeI32(table.id()).toByteArray();
    return new IndexPoint(byTable.id(), true, key).open(view).next();
  }

  /** Stricter than in predicates: strings and booleans are for columns of just these types. */
  private Constant value(Literal literal, AlgebraicType type) {
    boolean allowed =
        switch (literal.form()) {
          case STRING -> type == Primitive.STRING;
          case BOOL -> type == Primitive.BOOL;
          case NUMBER, HEX ->
              SpecialType.of(type)
                  .map(
                      special ->
                          special == SpecialType.IDENTITY || special == SpecialType.CONNECTION_ID)
                  .orElse(true);
        };
    if (!allowed) {
      throw Refusals.unparsable(literal.text(), type, limits);
    }
    return Literals.encode(literal, type, limits);
  }
}
