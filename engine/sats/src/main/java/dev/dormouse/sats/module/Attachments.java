package dev.dormouse.sats.module;

import static dev.dormouse.sats.module.Problems.quoted;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import dev.dormouse.sats.module.TableDef.FunctionKind;
import dev.dormouse.sats.module.TableDef.ScheduleDef;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What ties tables and functions together: lifecycle events, schedules and outboxes.
 *
 * <p>Source: spec data-model §7.4, since-2.8 §3.2, §3.4.
 */
final class Attachments {
  private static final AlgebraicType OUTBOX_RESULT =
      AlgebraicType.result(AlgebraicType.UNIT, Primitive.STRING);

  private final Scope scope;
  private final List<TableDef> tables;
  private final List<ReducerDef> reducers;
  private final List<ProcedureDef> procedures;
  private final Map<String, Integer> tableOf = new HashMap<>();
  private final Map<String, Integer> reducerOf = new HashMap<>();
  private final Map<String, Integer> procedureOf = new HashMap<>();
  private final Map<Integer, ScheduleDef> scheduleOf = new HashMap<>();
  private final Map<Integer, OutboxDef> outboxOf = new HashMap<>();
  private final Map<Integer, Lifecycle> eventOf = new HashMap<>();
  private final Set<Integer> privateReducers = new HashSet<>();
  private final Set<Integer> privateProcedures = new HashSet<>();

  Attachments(
      Scope scope,
      List<TableDef> tables,
      List<ReducerDef> reducers,
      List<ProcedureDef> procedures) {
    this.scope = scope;
    this.tables = tables;
    this.reducers = reducers;
    this.procedures = procedures;
    for (int i = 0; i < tables.size(); i++) {
      tableOf.putIfAbsent(tables.get(i).accessor(), i);
    }
    for (int i = 0; i < reducers.size(); i++) {
      reducerOf.putIfAbsent(reducers.get(i).sourceName(), i);
    }
    for (int i = 0; i < procedures.size(); i++) {
      procedureOf.putIfAbsent(procedures.get(i).sourceName(), i);
    }
  }

  void lifecycle(List<RawModuleV10.LifeCycleReducer> entries, boolean isRoot) {
    if (!isRoot && !entries.isEmpty()) {
      scope.problem("a submodule cannot have lifecycle reducers");
      return;
    }
    Map<Lifecycle, String> taken = new EnumMap<>(Lifecycle.class);
    for (RawModuleV10.LifeCycleReducer entry : entries) {
      Lifecycle event = entry.lifecycleSpec();
      String source = entry.functionName();
      String before = taken.putIfAbsent(event, source);
      if (before != null) {
        scope.problem(
            "lifecycle %s has two reducers: %s and %s"
                .formatted(event.display(), quoted(before), quoted(source)));
        continue;
      }
      Optional<Integer> reducer = Optional.ofNullable(reducerOf.get(source));
      if (reducer.isEmpty()) {
        scope.problem("lifecycle %s: no reducer %s".formatted(event.display(), quoted(source)));
        continue;
      }
      Lifecycle other = eventOf.putIfAbsent(reducer.get(), event);
      if (other != null) {
        scope.problem(
            "reducer %s is of two lifecycle events: %s and %s"
                .formatted(quoted(source), other.display(), event.display()));
      }
      privateReducers.add(reducer.get());
    }
  }

  void schedules(List<RawModuleV10.Schedule> entries) {
    for (RawModuleV10.Schedule entry : entries) {
      String what = "schedule of table " + quoted(entry.tableName());
      Optional<Integer> position = Optional.ofNullable(tableOf.get(entry.tableName()));
      if (position.isEmpty()) {
        scope.problem(what + ": no such table");
        continue;
      }
      TableDef table = tables.get(position.get());
      if (scheduleOf.containsKey(position.get())) {
        scope.problem(what + ": a table can have one schedule only");
        continue;
      }
      checkScheduled(what, table, entry.scheduleAtCol());
      Product wanted =
          new Product(List.of(new Member(Optional.empty(), new Ref(table.rowTypeRef()))));
      String source = entry.functionName();
      Optional<Integer> reducer = Optional.ofNullable(reducerOf.get(source));
      Optional<Integer> procedure = Optional.ofNullable(procedureOf.get(source));
      Optional<FunctionDef> function =
          reducer.<FunctionDef>map(reducers::get).or(() -> procedure.map(procedures::get));
      if (function.isEmpty()) {
        scope.problem("%s: no reducer or procedure %s".formatted(what, quoted(source)));
        continue;
      }
      if (!sameTypes(function.get().params(), wanted)) {
        scope.problem(
            "%s: function %s must take one parameter of the table's row type, reference %d"
                .formatted(what, quoted(source), table.rowTypeRef()));
      }
      reducer.ifPresentOrElse(
          privateReducers::add, () -> procedure.ifPresent(privateProcedures::add));
      Optional<String> given =
          scope.keepsGivenNames() ? entry.sourceName() : Optional.<String>empty();
      Optional<String> name =
          given.or(() -> scope.generated(what, table.name(), List.of(), "sched"));
      if (name.isPresent()) {
        scope.claim(what, name.get());
        scheduleOf.put(
            position.get(),
            new ScheduleDef(
                name.get(),
                entry.scheduleAtCol(),
                function.get().name(),
                reducer.isPresent() ? FunctionKind.REDUCER : FunctionKind.PROCEDURE));
      }
    }
  }

  private void checkScheduled(String what, TableDef table, int atColumn) {
    if (table.isEvent()) {
      scope.problem(what + ": an event table cannot be scheduled");
    }
    if (atColumn >= table.columns().size()) {
      scope.problem(
          "%s: column %d, the table has %d".formatted(what, atColumn, table.columns().size()));
    } else if (!table.columns().get(atColumn).type().equals(SpecialType.SCHEDULE_AT)) {
      scope.problem(
          "%s: column %s must have type ScheduleAt"
              .formatted(what, quoted(table.columns().get(atColumn).accessor())));
    }
    if (!hasU64Key(table)) {
      scope.problem(what + ": the table needs a primary key of type U64");
    }
  }

  private static boolean hasU64Key(TableDef table) {
    OptionalInt key = table.primaryKey();
    return key.isPresent() && table.columns().get(key.getAsInt()).type() == Primitive.U64;
  }

  private static boolean sameTypes(Product params, Product wanted) {
    return params.elements().stream()
        .map(Member::type)
        .toList()
        .equals(wanted.elements().stream().map(Member::type).toList());
  }

  void outboxes(List<RawModuleV10.Outbox> entries) {
    for (RawModuleV10.Outbox entry : entries) {
      String what = "outbox of table " + quoted(entry.tableName());
      Optional<Integer> position = Optional.ofNullable(tableOf.get(entry.tableName()));
      if (position.isEmpty()) {
        scope.problem(what + ": no such table");
        continue;
      }
      TableDef table = tables.get(position.get());
      if (outboxOf.containsKey(position.get())) {
        scope.problem(what + ": a table can have one outbox only");
        continue;
      }
      checkOutboxTable(what, table, scheduleOf.containsKey(position.get()));
      checkOutboxColumns(what, table, entry);
      for (String part : entry.remoteReducer().split("\\.", -1)) {
        scope.identifier(what + ": remote reducer", part);
      }
      Optional<String> onResult =
          entry.onResultReducer().flatMap(source -> resultReducer(what, source, table));
      outboxOf.put(
          position.get(),
          new OutboxDef(
              entry.remoteReducer(),
              entry.targetColumn(),
              entry.argColumns(),
              onResult,
              entry.signatureHash()));
    }
  }

  private void checkOutboxTable(String what, TableDef table, boolean isScheduled) {
    if (table.isEvent()) {
      scope.problem(what + ": an event table cannot be an outbox");
    }
    if (isScheduled) {
      scope.problem(what + ": a scheduled table cannot be an outbox");
    }
    if (!hasU64Key(table)) {
      scope.problem(what + ": the table needs a primary key of type U64");
    }
  }

  private void checkOutboxColumns(String what, TableDef table, RawModuleV10.Outbox entry) {
    int columns = table.columns().size();
    int target = entry.targetColumn();
    if (target >= columns) {
      scope.problem("%s: target column %d, the table has %d".formatted(what, target, columns));
    } else {
      AlgebraicType type = table.columns().get(target).type();
      if (table.primaryKey().equals(OptionalInt.of(target))) {
        scope.problem(what + ": the target column is the primary key");
      } else if (type != Primitive.U256 && !type.equals(SpecialType.IDENTITY.type())) {
        scope.problem(
            "%s: target column %s must have type Identity or U256"
                .formatted(what, quoted(table.columns().get(target).accessor())));
      }
    }
    for (int column : entry.argColumns()) {
      if (column >= columns) {
        scope.problem("%s: argument column %d, the table has %d".formatted(what, column, columns));
      }
    }
  }

  private Optional<String> resultReducer(String what, String source, TableDef table) {
    Optional<Integer> reducer = Optional.ofNullable(reducerOf.get(source));
    if (reducer.isEmpty()) {
      scope.problem("%s: no reducer %s".formatted(what, quoted(source)));
      return Optional.empty();
    }
    Product wanted =
        new Product(
            List.of(
                new Member(Optional.empty(), new Ref(table.rowTypeRef())),
                new Member(Optional.empty(), OUTBOX_RESULT)));
    ReducerDef found = reducers.get(reducer.get());
    if (!sameTypes(found.params(), wanted)) {
      scope.problem(
          "%s: reducer %s must take the table's row type, reference %d, and a result of nothing or String"
              .formatted(what, quoted(source), table.rowTypeRef()));
    }
    privateReducers.add(reducer.get());
    return Optional.of(found.name());
  }

  List<TableDef> tables() {
    List<TableDef> result = new ArrayList<>(tables.size());
    for (int i = 0; i < tables.size(); i++) {
      TableDef table = tables.get(i);
      result.add(
          new TableDef(
              table.name(),
              table.accessor(),
              table.isPublic(),
              table.isEvent(),
              table.columns(),
              table.primaryKey(),
              table.indexes(),
              table.uniques(),
              table.sequences(),
              Optional.ofNullable(scheduleOf.get(i)),
              Optional.ofNullable(outboxOf.get(i)),
              table.rowTypeRef()));
    }
    return result;
  }

  List<ReducerDef> reducers() {
    List<ReducerDef> result = new ArrayList<>(reducers.size());
    for (int i = 0; i < reducers.size(); i++) {
      ReducerDef reducer = reducers.get(i);
      result.add(
          new ReducerDef(
              reducer.name(),
              reducer.sourceName(),
              reducer.params(),
              reducer.canonicalParamNames(),
              visibility(privateReducers.contains(i), reducer.visibility()),
              Optional.ofNullable(eventOf.get(i))));
    }
    return result;
  }

  List<ProcedureDef> procedures() {
    List<ProcedureDef> result = new ArrayList<>(procedures.size());
    for (int i = 0; i < procedures.size(); i++) {
      ProcedureDef procedure = procedures.get(i);
      result.add(
          new ProcedureDef(
              procedure.name(),
              procedure.sourceName(),
              procedure.params(),
              procedure.canonicalParamNames(),
              procedure.returnType(),
              visibility(privateProcedures.contains(i), procedure.visibility())));
    }
    return result;
  }

  // V9 has no visibility: there, everything stays callable. Source: data-model §7.4.
  private Visibility visibility(boolean forced, Visibility given) {
    return forced && scope.version() == 10 ? Visibility.PRIVATE : given;
  }
}
