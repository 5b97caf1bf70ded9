package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.module.TableDef.IndexDef;
import dev.dormouse.sats.module.TableDef.ScheduleDef;
import dev.dormouse.sats.module.TableDef.SequenceDef;
import dev.dormouse.sats.module.TableDef.UniqueDef;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts what submodules define behind what the module itself defines: names get the namespace in
 * front, references move behind the types before. Source: spec data-model §7.5, module-abi §7.5,
 * since-2.8 §3.3.
 */
final class Mounting {
  private final SubmoduleDef mounted;
  private final int slots;

  private Mounting(SubmoduleDef mounted, int slots) {
    this.mounted = mounted;
    this.slots = slots;
  }

  /** The parts of a module with those of its submodules, of which each is mounted already. */
  static ModuleSchema.Parts mounted(ModuleSchema.Parts own) {
    if (own.submodules().isEmpty()) {
      return own;
    }
    List<AlgebraicType> types = new ArrayList<>(own.typespace().types());
    List<TableDef> tables = new ArrayList<>(own.tables());
    List<ReducerDef> reducers = new ArrayList<>(own.reducers());
    List<ProcedureDef> procedures = new ArrayList<>(own.procedures());
    List<ViewDef> views = new ArrayList<>(own.views());
    for (SubmoduleDef submodule : own.submodules()) {
      Mounting mounting = new Mounting(submodule, types.size());
      ModuleSchema inner = submodule.schema();
      inner.typespace().types().forEach(type -> types.add(mounting.shifted(type)));
      inner.tables().forEach(table -> tables.add(mounting.table(table)));
      inner.reducers().forEach(reducer -> reducers.add(mounting.reducer(reducer)));
      inner.procedures().forEach(procedure -> procedures.add(mounting.procedure(procedure)));
      int anonymous = (int) views.stream().filter(ViewDef::isAnonymous).count();
      int sender = views.size() - anonymous;
      inner
          .views()
          .forEach(view -> views.add(mounting.view(view, view.isAnonymous() ? anonymous : sender)));
    }
    return new ModuleSchema.Parts(
        own.version(),
        new Typespace(types),
        own.types(),
        tables,
        reducers,
        procedures,
        views,
        own.httpHandlers(),
        own.httpRoutes(),
        own.rowLevelSecurity(),
        own.environment(),
        own.submodules());
  }

  private AlgebraicType shifted(AlgebraicType type) {
    return TypeRules.shifted(type, slots);
  }

  private String name(String canonical) {
    return mounted.name() + "." + canonical;
  }

  private String accessor(String accessor) {
    return mounted.accessor() + "." + accessor;
  }

  private TableDef table(TableDef table) {
    return new TableDef(
        name(table.name()),
        accessor(table.accessor()),
        table.isPublic(),
        table.isEvent(),
        table.columns(),
        table.primaryKey(),
        table.indexes().stream()
            .map(
                index ->
                    new IndexDef(
                        name(index.name()),
                        accessor(index.alias()),
                        index.accessor(),
                        index.algorithm()))
            .toList(),
        table.uniques().stream()
            .map(unique -> new UniqueDef(name(unique.name()), unique.columns()))
            .toList(),
        table.sequences().stream()
            .map(sequence -> new SequenceDef(name(sequence.name()), sequence.column()))
            .toList(),
        table
            .schedule()
            .map(
                schedule ->
                    new ScheduleDef(
                        schedule.name(),
                        schedule.atColumn(),
                        name(schedule.function()),
                        schedule.kind())),
        table
            .outbox()
            .map(
                outbox ->
                    new OutboxDef(
                        outbox.remoteReducer(),
                        outbox.targetColumn(),
                        outbox.argColumns(),
                        outbox.onResultReducer().map(this::name),
                        outbox.signatureHash())),
        table.rowTypeRef() + slots);
  }

  private ReducerDef reducer(ReducerDef reducer) {
    return new ReducerDef(
        name(reducer.name()),
        accessor(reducer.sourceName()),
        TypeRules.shifted(reducer.params(), slots),
        reducer.canonicalParamNames(),
        reducer.visibility(),
        reducer.lifecycle());
  }

  private ProcedureDef procedure(ProcedureDef procedure) {
    return new ProcedureDef(
        name(procedure.name()),
        accessor(procedure.sourceName()),
        TypeRules.shifted(procedure.params(), slots),
        procedure.canonicalParamNames(),
        shifted(procedure.returnType()),
        procedure.visibility());
  }

  private ViewDef view(ViewDef view, int offset) {
    return new ViewDef(
        name(view.name()),
        accessor(view.sourceName()),
        view.id() + offset,
        view.isPublic(),
        view.isAnonymous(),
        TypeRules.shifted(view.params(), slots),
        view.canonicalParamNames(),
        shifted(view.returnType()),
        view.form(),
        view.rowTypeRef() + slots,
        view.columns(),
        view.primaryKey());
  }
}
