package dev.dormouse.sats.module;

import dev.dormouse.sats.module.RawModuleDef.Constraint;
import dev.dormouse.sats.module.RawModuleDef.Index;
import dev.dormouse.sats.module.RawModuleDef.TableAccess;
import dev.dormouse.sats.module.RawModuleDef.TableType;
import dev.dormouse.sats.module.RawModuleDef.TypeName;
import dev.dormouse.sats.module.RawModuleDef.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A schema written out as a V9 definition, for readers that know no other.
 *
 * <p>Canonical names throughout. Submodules become flat, their names with the namespace in front,
 * their types with it as a scope. What V9 cannot say is left out: visibility, event tables, HTTP,
 * the environment, outboxes, primary keys of views.
 */
final class FlattenedV9 {
  private final ModuleSchema schema;

  private FlattenedV9(ModuleSchema schema) {
    this.schema = schema;
  }

  static RawModuleV9 of(ModuleSchema schema) {
    return new FlattenedV9(schema).module();
  }

  private RawModuleV9 module() {
    List<RawModuleV9.Misc> misc = new ArrayList<>();
    for (TableDef table : schema.tables()) {
      NormalisedV10.defaults(table)
          .forEach(
              value ->
                  misc.add(
                      new RawModuleV9.ColumnDefaultValue(
                          table.name(), value.column(), value.value())));
    }
    for (ProcedureDef procedure : schema.procedures()) {
      misc.add(
          new RawModuleV9.Procedure(
              procedure.name(), NormalisedV10.params(procedure), procedure.returnType()));
    }
    for (ViewDef view : schema.views()) {
      misc.add(
          new RawModuleV9.ViewExport(
              new View(
                  view.name(),
                  view.id(),
                  view.isPublic(),
                  view.isAnonymous(),
                  NormalisedV10.params(view),
                  view.returnType())));
    }
    List<TypeName> types = new ArrayList<>();
    addTypes(schema, List.of(), 0, types);
    return new RawModuleV9(
        schema.typespace(),
        schema.tables().stream().map(FlattenedV9::table).toList(),
        schema.reducers().stream()
            .map(
                reducer ->
                    new RawModuleV9.Reducer(
                        reducer.name(), NormalisedV10.params(reducer), reducer.lifecycle()))
            .toList(),
        types,
        misc,
        schema.rowLevelSecurity());
  }

  private static RawModuleV9.Table table(TableDef table) {
    return new RawModuleV9.Table(
        table.name(),
        table.rowTypeRef(),
        table.primaryKey().stream().boxed().toList(),
        table.indexes().stream()
            .map(i -> new Index(Optional.of(i.name()), i.accessor(), i.algorithm()))
            .toList(),
        table.uniques().stream()
            .map(unique -> new Constraint(Optional.of(unique.name()), unique.columns()))
            .toList(),
        table.sequences().stream()
            .map(sequence -> NormalisedV10.sequence(sequence.name(), sequence.column()))
            .toList(),
        table
            .schedule()
            .map(
                schedule ->
                    new RawModuleV9.Schedule(
                        Optional.of(schedule.name()), schedule.function(), schedule.atColumn())),
        TableType.USER,
        table.isPublic() ? TableAccess.PUBLIC : TableAccess.PRIVATE);
  }

  /** Adds the names of a module's types and those of its submodules, in the order of the slots. */
  private static void addTypes(
      ModuleSchema module, List<String> scope, int firstSlot, List<TypeName> types) {
    for (TypeDef type : module.types()) {
      List<String> scopes = new ArrayList<>(scope);
      scopes.addAll(type.scope());
      types.add(new TypeName(scopes, type.name(), type.ref() + firstSlot, type.customOrdering()));
    }
    int slots = module.typespace().types().size();
    for (SubmoduleDef submodule : module.submodules()) {
      slots -= submodule.schema().typespace().types().size();
    }
    for (SubmoduleDef submodule : module.submodules()) {
      List<String> inner = new ArrayList<>(scope);
      inner.add(submodule.name());
      addTypes(submodule.schema(), inner, firstSlot + slots, types);
      slots += submodule.schema().typespace().types().size();
    }
  }
}
