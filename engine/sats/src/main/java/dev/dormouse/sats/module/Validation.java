package dev.dormouse.sats.module;

import static dev.dormouse.sats.module.Problems.quoted;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.module.RawModuleDef.TypeName;
import dev.dormouse.sats.module.RawModuleV10.NameKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** From a raw definition to a schema: all rules, all problems. Source: spec data-model §7. */
final class Validation {
  /** UTF-8 bytes of a namespace. Source: since-2.8 §3.3. */
  private static final int NAMESPACE_BYTES_MAX = 63;

  private final Scope scope;
  private final RawModuleV10 module;
  private final boolean isRoot;

  private Validation(Scope scope, RawModuleV10 module) {
    this.scope = scope;
    this.module = module;
    this.isRoot = scope.path().isEmpty();
  }

  static ModuleSchema validate(RawModuleDef definition, DefinitionLimits limits) {
    Problems problems = new Problems();
    int version =
        switch (definition) {
          case RawModuleV9 ignored -> 9;
          case RawModuleV10 ignored -> 10;
        };
    RawModuleV10 module =
        switch (definition) {
          case RawModuleV9 v9 -> V9Upgrade.upgrade(v9, problems);
          case RawModuleV10 v10 -> v10;
        };
    Scope scope = new Scope(version, module, "", limits, problems, new Scope.Inlined(limits));
    ModuleSchema schema = new Validation(scope, module).schema();
    problems.refuse();
    return schema;
  }

  private ModuleSchema schema() {
    Typespace raw =
        module
            .first(RawModuleV10.Typespace.class)
            .map(RawModuleV10.Typespace::types)
            .orElse(Typespace.EMPTY);
    checkTypespace();
    List<TypeDef> types = types();
    List<TableDef> tables = tables(raw, types);
    FunctionValidation functions = new FunctionValidation(scope);
    List<ReducerDef> reducers =
        module.all(RawModuleV10.Reducers.class, RawModuleV10.Reducers::reducers).stream()
            .map(functions::reducer)
            .toList();
    List<ProcedureDef> procedures =
        module.all(RawModuleV10.Procedures.class, RawModuleV10.Procedures::procedures).stream()
            .map(functions::procedure)
            .toList();
    List<ViewDef> views =
        functions.views(
            module.all(RawModuleV10.Views.class, RawModuleV10.Views::views),
            module.all(RawModuleV10.ViewPrimaryKeys.class, RawModuleV10.ViewPrimaryKeys::keys),
            tables,
            raw);
    Attachments attachments = new Attachments(scope, tables, reducers, procedures);
    attachments.lifecycle(
        module.all(RawModuleV10.LifeCycleReducers.class, RawModuleV10.LifeCycleReducers::reducers),
        isRoot);
    attachments.schedules(
        module.all(RawModuleV10.Schedules.class, RawModuleV10.Schedules::schedules));
    attachments.outboxes(module.all(RawModuleV10.Outboxes.class, RawModuleV10.Outboxes::outboxes));
    HttpValidation http = new HttpValidation(scope, module);
    ModuleSchema.Parts own =
        new ModuleSchema.Parts(
            scope.version(),
            scope.typespace(),
            types,
            attachments.tables(),
            attachments.reducers(),
            attachments.procedures(),
            views,
            http.handlers(),
            http.routes(),
            module.all(RawModuleV10.RowLevelSecurity.class, RawModuleV10.RowLevelSecurity::rules),
            EnvironmentValidation.validate(scope, module, isRoot),
            submodules());
    return new ModuleSchema(Mounting.mounted(own));
  }

  private void checkTypespace() {
    List<AlgebraicType> types = scope.typespace().types();
    for (int i = 0; i < types.size(); i++) {
      AlgebraicType type = types.get(i);
      var dangling = TypeRules.dangling(type, types.size());
      if (dangling.isPresent()) {
        scope.problem(
            "type %d: %s is dangling, the typespace has %d types"
                .formatted(i, dangling.get(), types.size()));
      } else if (TypeRules.isCircular(i, types)) {
        scope.problem("type %d is nothing but a reference back to itself".formatted(i));
      } else if (!TypeRules.isUse(type) && !TypeRules.isDefinition(type)) {
        scope.problem(
            "type %d contains a product or sum that must stand in the typespace and be referenced"
                .formatted(i));
      }
    }
  }

  private List<TypeDef> types() {
    List<TypeDef> types = new ArrayList<>();
    Set<List<String>> names = new HashSet<>();
    List<AlgebraicType> slots = scope.typespace().types();
    for (TypeName type : module.all(RawModuleV10.Types.class, RawModuleV10.Types::types)) {
      String name = scope.policy().pascal(type.name());
      List<String> scopes = type.scope().stream().map(scope.policy()::pascal).toList();
      String what =
          "type " + quoted(String.join(".", scopes) + (scopes.isEmpty() ? "" : ".") + name);
      scope.identifier("type", name);
      scopes.forEach(part -> scope.identifier("scope of type", part));
      List<String> full = new ArrayList<>(scopes);
      full.add(name);
      if (!names.add(full)) {
        scope.problem(what + " is defined twice");
      }
      if (type.ref() >= slots.size()) {
        scope.problem(
            "%s: %s is dangling, the typespace has %d types"
                .formatted(what, "Ref[" + type.ref() + "]", slots.size()));
        continue;
      }
      AlgebraicType slot = slots.get(type.ref());
      if (!TypeRules.isDefinition(slot)) {
        scope.problem(
            "%s: reference %d is no product or sum made of primitives and references"
                .formatted(what, type.ref()));
      } else if (!type.customOrdering() && !TypeRules.isInDefaultOrder(slot)) {
        scope.problem(what + " claims the default order of its members, but they are not in it");
      }
      types.add(new TypeDef(scopes, name, type.ref(), type.customOrdering()));
    }
    return types;
  }

  private List<TableDef> tables(Typespace raw, List<TypeDef> types) {
    Set<Integer> named = new HashSet<>();
    types.forEach(type -> named.add(type.ref()));
    List<TableDef> tables = new ArrayList<>();
    for (RawModuleV10.Table table :
        module.all(RawModuleV10.Tables.class, RawModuleV10.Tables::tables)) {
      TableValidation.validate(scope, table, raw, named).ifPresent(tables::add);
    }
    return tables;
  }

  private List<SubmoduleDef> submodules() {
    Map<String, String> accessors = accessorNames();
    Set<String> sources = new HashSet<>();
    Set<String> canonicals = new HashSet<>();
    List<SubmoduleDef> submodules = new ArrayList<>();
    for (RawModuleV10.Submodule submodule :
        module.all(RawModuleV10.Submodules.class, RawModuleV10.Submodules::submodules)) {
      String source = submodule.namespace();
      String name = scope.canonical(NameKind.NAMESPACE, source);
      scope.identifiers("namespace", source, name);
      checkLength(source);
      checkLength(name);
      if (!sources.add(source)) {
        scope.problem("namespace " + quoted(source) + " is mounted twice");
      } else if (!canonicals.add(name)) {
        scope.problem(
            "namespace %s: another one has the canonical name %s, too"
                .formatted(quoted(source), quoted(name)));
      }
      Optional.ofNullable(accessors.get(source))
          .ifPresent(
              what ->
                  scope.problem(
                      "namespace %s has the name of a %s".formatted(quoted(source), what)));
      String path = isRoot ? source : scope.path() + "." + source;
      Scope inner =
          new Scope(
              scope.version(),
              submodule.module(),
              path,
              scope.limits(),
              scope.problems(),
              scope.inlined());
      submodules.add(
          new SubmoduleDef(source, name, new Validation(inner, submodule.module()).schema()));
    }
    return submodules;
  }

  private Map<String, String> accessorNames() {
    Map<String, String> names = new HashMap<>();
    module
        .all(RawModuleV10.Tables.class, RawModuleV10.Tables::tables)
        .forEach(table -> names.put(table.sourceName(), "table"));
    module
        .all(RawModuleV10.Views.class, RawModuleV10.Views::views)
        .forEach(view -> names.put(view.name(), "view"));
    module
        .all(RawModuleV10.Reducers.class, RawModuleV10.Reducers::reducers)
        .forEach(reducer -> names.put(reducer.sourceName(), "reducer"));
    module
        .all(RawModuleV10.Procedures.class, RawModuleV10.Procedures::procedures)
        .forEach(procedure -> names.put(procedure.sourceName(), "procedure"));
    return names;
  }

  private void checkLength(String namespace) {
    int bytes = namespace.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > NAMESPACE_BYTES_MAX) {
      scope.problem(
          "namespace %s has %d bytes, limit %d bytes"
              .formatted(quoted(namespace), bytes, NAMESPACE_BYTES_MAX));
    }
  }
}
