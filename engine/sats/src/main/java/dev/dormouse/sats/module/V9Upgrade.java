package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.module.RawModuleDef.ColumnDefault;
import dev.dormouse.sats.module.RawModuleDef.View;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A V9 definition in the sections of V10, so that one validation serves both.
 *
 * <p>What V9 means by names left out and names given is up to the validation, which knows the
 * version.
 */
final class V9Upgrade {
  private V9Upgrade() {}

  static RawModuleV10 upgrade(RawModuleV9 module, Problems problems) {
    Map<String, List<ColumnDefault>> defaults = new LinkedHashMap<>();
    List<RawModuleV10.Procedure> procedures = new ArrayList<>();
    List<View> views = new ArrayList<>();
    for (RawModuleV9.Misc misc : module.miscExports()) {
      switch (misc) {
        case RawModuleV9.ColumnDefaultValue(String table, int column, var value) ->
            defaults
                .computeIfAbsent(table, ignored -> new ArrayList<>())
                .add(new ColumnDefault(column, value));
        case RawModuleV9.Procedure(String name, var params, var returnType) ->
            procedures.add(
                new RawModuleV10.Procedure(name, params, returnType, Visibility.CLIENT_CALLABLE));
        case RawModuleV9.ViewExport(View view) -> views.add(view);
      }
    }
    List<RawModuleV10.Table> tables = new ArrayList<>();
    List<RawModuleV10.Schedule> schedules = new ArrayList<>();
    for (RawModuleV9.Table table : module.tables()) {
      List<ColumnDefault> ofTable = defaults.remove(table.name());
      tables.add(
          new RawModuleV10.Table(
              table.name(),
              table.productTypeRef(),
              table.primaryKey(),
              table.indexes(),
              table.constraints(),
              table.sequences(),
              table.tableType(),
              table.tableAccess(),
              ofTable == null ? List.of() : ofTable,
              false));
      table
          .schedule()
          .ifPresent(
              schedule ->
                  schedules.add(
                      new RawModuleV10.Schedule(
                          schedule.name(),
                          table.name(),
                          schedule.scheduledAtColumn(),
                          schedule.reducerName())));
    }
    defaults
        .keySet()
        .forEach(
            table -> problems.add("column default of unknown table " + Problems.quoted(table)));
    List<RawModuleV10.Reducer> reducers = new ArrayList<>();
    List<RawModuleV10.LifeCycleReducer> lifecycle = new ArrayList<>();
    for (RawModuleV9.Reducer reducer : module.reducers()) {
      reducers.add(
          new RawModuleV10.Reducer(
              reducer.name(),
              reducer.params(),
              Visibility.CLIENT_CALLABLE,
              AlgebraicType.UNIT,
              Primitive.STRING));
      reducer
          .lifecycle()
          .ifPresent(
              event -> lifecycle.add(new RawModuleV10.LifeCycleReducer(event, reducer.name())));
    }
    return new RawModuleV10(
        List.of(
            new RawModuleV10.CaseConversion(CasePolicy.NONE),
            new RawModuleV10.Typespace(module.typespace()),
            new RawModuleV10.Types(module.types()),
            new RawModuleV10.Tables(tables),
            new RawModuleV10.Reducers(reducers),
            new RawModuleV10.Procedures(procedures),
            new RawModuleV10.Views(views),
            new RawModuleV10.Schedules(schedules),
            new RawModuleV10.LifeCycleReducers(lifecycle),
            new RawModuleV10.RowLevelSecurity(module.rowLevelSecurity())));
  }
}
