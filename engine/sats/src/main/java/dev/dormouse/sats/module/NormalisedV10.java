package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicValue.Bytes;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.module.RawModuleDef.ColumnDefault;
import dev.dormouse.sats.module.RawModuleDef.Constraint;
import dev.dormouse.sats.module.RawModuleDef.Index;
import dev.dormouse.sats.module.RawModuleDef.Sequence;
import dev.dormouse.sats.module.RawModuleDef.TableAccess;
import dev.dormouse.sats.module.RawModuleDef.TableType;
import dev.dormouse.sats.module.RawModuleDef.TypeName;
import dev.dormouse.sats.module.RawModuleDef.View;
import dev.dormouse.sats.module.RawModuleV10.ExplicitName;
import dev.dormouse.sats.module.RawModuleV10.NameKind;
import dev.dormouse.sats.module.RawModuleV10.Section;
import dev.dormouse.sats.module.TableDef.IndexDef;
import dev.dormouse.sats.module.TableDef.ScheduleDef;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A schema written out as a V10 definition: nothing is left to convert or to generate.
 *
 * <p>Only what a module defines itself stands at its level; submodules keep theirs. Source: spec
 * since-2.8 §3.7 and the vectors named {@code -normalised}.
 */
final class NormalisedV10 {
  private final ModuleSchema schema;
  private final List<Section> sections = new ArrayList<>();
  private final List<ExplicitName> names = new ArrayList<>();
  private final Map<String, String> sourceOf = new HashMap<>();

  private NormalisedV10(ModuleSchema schema) {
    this.schema = schema;
  }

  static RawModuleV10 of(ModuleSchema schema) {
    return new NormalisedV10(schema).module();
  }

  // Identifiers hold no dots, so a dot tells what came from a submodule.
  private static boolean isOwn(String name) {
    return name.indexOf('.') < 0;
  }

  private RawModuleV10 module() {
    sections.add(new RawModuleV10.CaseConversion(CasePolicy.NONE));
    if (schema.declaresEnvironment()) {
      sections.add(new RawModuleV10.Environment(schema.environment()));
    }
    sections.add(new RawModuleV10.Typespace(ownTypespace()));
    List<TypeName> types =
        schema.types().stream()
            .map(type -> new TypeName(type.scope(), type.name(), type.ref(), type.customOrdering()))
            .toList();
    add(types, new RawModuleV10.Types(types));
    List<TableDef> tables = schema.tables().stream().filter(table -> isOwn(table.name())).toList();
    tables(tables);
    functions();
    schedules(tables);
    lifecycle();
    http();
    add(schema.rowLevelSecurity(), new RawModuleV10.RowLevelSecurity(schema.rowLevelSecurity()));
    viewKeys();
    outboxes(tables);
    submodules();
    sections.add(new RawModuleV10.ExplicitNames(names));
    return new RawModuleV10(sections);
  }

  private void add(Collection<?> content, Section section) {
    if (!content.isEmpty()) {
      sections.add(section);
    }
  }

  private Typespace ownTypespace() {
    int own = schema.typespace().types().size();
    for (SubmoduleDef submodule : schema.submodules()) {
      own -= submodule.schema().typespace().types().size();
    }
    return new Typespace(schema.typespace().types().subList(0, own));
  }

  private void tables(List<TableDef> tables) {
    List<RawModuleV10.Table> raw = new ArrayList<>();
    for (TableDef table : tables) {
      names.add(new ExplicitName(NameKind.TABLE, table.accessor(), table.name()));
      raw.add(
          new RawModuleV10.Table(
              table.accessor(),
              table.rowTypeRef(),
              table.primaryKey().stream().boxed().toList(),
              table.indexes().stream()
                  .map(i -> new Index(Optional.of(i.alias()), i.accessor(), i.algorithm()))
                  .toList(),
              table.uniques().stream()
                  .map(unique -> new Constraint(Optional.of(unique.name()), unique.columns()))
                  .toList(),
              table.sequences().stream()
                  .map(sequence -> sequence(sequence.name(), sequence.column()))
                  .toList(),
              TableType.USER,
              table.isPublic() ? TableAccess.PUBLIC : TableAccess.PRIVATE,
              defaults(table),
              table.isEvent()));
    }
    add(raw, new RawModuleV10.Tables(raw));
  }

  static Sequence sequence(String name, int column) {
    return new Sequence(
        Optional.of(name),
        column,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        BigInteger.ONE);
  }

  static List<ColumnDefault> defaults(TableDef table) {
    List<ColumnDefault> defaults = new ArrayList<>();
    for (int i = 0; i < table.columns().size(); i++) {
      Optional<Bytes> value = table.columns().get(i).defaultValue();
      if (value.isPresent()) {
        defaults.add(new ColumnDefault(i, value.get()));
      }
    }
    return defaults;
  }

  /** The parameters under their canonical names. */
  static Product params(FunctionDef function) {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < function.params().elements().size(); i++) {
      members.add(
          Member.of(
              function.canonicalParamNames().get(i), function.params().elements().get(i).type()));
    }
    return new Product(members);
  }

  private <F extends FunctionDef> List<F> own(List<F> functions) {
    List<F> own = functions.stream().filter(function -> isOwn(function.name())).toList();
    for (F function : own) {
      names.add(new ExplicitName(NameKind.FUNCTION, function.sourceName(), function.name()));
      sourceOf.put(function.name(), function.sourceName());
    }
    return own;
  }

  private void functions() {
    List<RawModuleV10.Reducer> reducers =
        own(schema.reducers()).stream()
            .map(
                reducer ->
                    new RawModuleV10.Reducer(
                        reducer.sourceName(),
                        params(reducer),
                        reducer.visibility(),
                        AlgebraicType.UNIT,
                        Primitive.STRING))
            .toList();
    add(reducers, new RawModuleV10.Reducers(reducers));
    List<RawModuleV10.Procedure> procedures =
        own(schema.procedures()).stream()
            .map(
                procedure ->
                    new RawModuleV10.Procedure(
                        procedure.sourceName(),
                        params(procedure),
                        procedure.returnType(),
                        procedure.visibility()))
            .toList();
    add(procedures, new RawModuleV10.Procedures(procedures));
    List<View> views =
        own(schema.views()).stream()
            .map(
                view ->
                    new View(
                        view.sourceName(),
                        view.id(),
                        view.isPublic(),
                        view.isAnonymous(),
                        params(view),
                        view.returnType()))
            .toList();
    add(views, new RawModuleV10.Views(views));
  }

  private String source(String canonicalFunction) {
    return Optional.ofNullable(sourceOf.get(canonicalFunction)).orElse(canonicalFunction);
  }

  private void schedules(List<TableDef> tables) {
    List<RawModuleV10.Schedule> raw = new ArrayList<>();
    for (TableDef table : tables) {
      if (table.schedule().isPresent()) {
        ScheduleDef schedule = table.schedule().get();
        raw.add(
            new RawModuleV10.Schedule(
                Optional.of(schedule.name()),
                table.accessor(),
                schedule.atColumn(),
                source(schedule.function())));
      }
    }
    add(raw, new RawModuleV10.Schedules(raw));
  }

  private void lifecycle() {
    List<RawModuleV10.LifeCycleReducer> raw = new ArrayList<>();
    for (ReducerDef reducer : schema.reducers()) {
      reducer
          .lifecycle()
          .ifPresent(
              event -> raw.add(new RawModuleV10.LifeCycleReducer(event, reducer.sourceName())));
    }
    add(raw, new RawModuleV10.LifeCycleReducers(raw));
  }

  private void http() {
    List<String> handlers = new ArrayList<>();
    for (HttpHandlerDef handler : schema.httpHandlers()) {
      handlers.add(handler.sourceName());
      names.add(new ExplicitName(NameKind.FUNCTION, handler.sourceName(), handler.name()));
    }
    add(handlers, new RawModuleV10.HttpHandlers(handlers));
    List<RawModuleV10.HttpRoute> routes =
        schema.httpRoutes().stream()
            .map(
                route ->
                    new RawModuleV10.HttpRoute(
                        handlers.get(route.handler()), route.method(), route.path()))
            .toList();
    add(routes, new RawModuleV10.HttpRoutes(routes));
  }

  private void viewKeys() {
    List<RawModuleV10.ViewPrimaryKey> keys = new ArrayList<>();
    for (ViewDef view : schema.views()) {
      if (isOwn(view.name()) && view.primaryKey().isPresent()) {
        String column = view.columns().get(view.primaryKey().getAsInt()).name();
        keys.add(new RawModuleV10.ViewPrimaryKey(view.sourceName(), List.of(column)));
      }
    }
    add(keys, new RawModuleV10.ViewPrimaryKeys(keys));
  }

  private void outboxes(List<TableDef> tables) {
    List<RawModuleV10.Outbox> raw = new ArrayList<>();
    for (TableDef table : tables) {
      if (table.outbox().isPresent()) {
        OutboxDef outbox = table.outbox().get();
        raw.add(
            new RawModuleV10.Outbox(
                table.accessor(),
                outbox.remoteReducer(),
                outbox.targetColumn(),
                outbox.argColumns(),
                outbox.onResultReducer().map(this::source),
                outbox.signatureHash()));
      }
    }
    add(raw, new RawModuleV10.Outboxes(raw));
  }

  private void submodules() {
    // Index names that V10 would generate anyway need no entry, as the vectors show.
    for (TableDef table : schema.tables()) {
      if (isOwn(table.name())) {
        for (IndexDef index : table.indexes()) {
          if (!index.name().equals(generated(table, index))) {
            names.add(new ExplicitName(NameKind.INDEX, index.alias(), index.name()));
          }
        }
      }
    }
    List<RawModuleV10.Submodule> raw = new ArrayList<>();
    for (SubmoduleDef submodule : schema.submodules()) {
      raw.add(new RawModuleV10.Submodule(submodule.accessor(), of(submodule.schema())));
      if (!submodule.name().equals(submodule.accessor())) {
        names.add(new ExplicitName(NameKind.NAMESPACE, submodule.accessor(), submodule.name()));
      }
    }
    add(raw, new RawModuleV10.Submodules(raw));
  }

  private static String generated(TableDef table, IndexDef index) {
    StringBuilder name = new StringBuilder(table.name());
    index
        .algorithm()
        .columns()
        .forEach(column -> name.append('_').append(table.columns().get(column).name()));
    return name.append("_idx_").append(index.algorithm().suffix()).toString();
  }
}
