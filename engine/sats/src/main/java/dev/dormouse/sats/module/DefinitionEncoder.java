package dev.dormouse.sats.module;

import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.TypeCodec;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.module.RawModuleDef.ColumnDefault;
import dev.dormouse.sats.module.RawModuleDef.Constraint;
import dev.dormouse.sats.module.RawModuleDef.Index;
import dev.dormouse.sats.module.RawModuleDef.Sequence;
import dev.dormouse.sats.module.RawModuleDef.TypeName;
import dev.dormouse.sats.module.RawModuleDef.View;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Definitions to bytes; the mirror of {@link DefinitionDecoder}. */
final class DefinitionEncoder {
  private final BsatnWriter out;

  private DefinitionEncoder(BsatnWriter out) {
    this.out = out;
  }

  static void writeV9(RawModuleV9 module, BsatnWriter out) {
    new DefinitionEncoder(out).v9(module);
  }

  static void writeV10(RawModuleV10 module, BsatnWriter out) {
    new DefinitionEncoder(out).v10(module);
  }

  // These enums mirror sums of the definition and say that they are in tag order.
  @SuppressWarnings("EnumOrdinal")
  private static int tag(Enum<?> constant) {
    return constant.ordinal();
  }

  private <T> void list(List<T> elements, Consumer<T> element) {
    out.writeI32(elements.size());
    elements.forEach(element);
  }

  private <T> void option(Optional<T> value, Consumer<T> some) {
    out.writeTag(value.isPresent() ? 0 : 1);
    value.ifPresent(some);
  }

  private void optionalName(Optional<String> name) {
    option(name, out::writeString);
  }

  private void columns(List<Integer> columns) {
    list(columns, out::writeU16);
  }

  private void v9(RawModuleV9 module) {
    typespace(module.typespace());
    list(module.tables(), this::tableV9);
    list(
        module.reducers(),
        reducer -> {
          out.writeString(reducer.name());
          TypeCodec.writeProduct(reducer.params(), out);
          option(reducer.lifecycle(), lifecycle -> out.writeTag(tag(lifecycle)));
        });
    list(module.types(), this::type);
    list(module.miscExports(), this::misc);
    list(module.rowLevelSecurity(), out::writeString);
  }

  private void tableV9(RawModuleV9.Table table) {
    out.writeString(table.name()).writeI32(table.productTypeRef());
    columns(table.primaryKey());
    list(table.indexes(), this::index);
    list(table.constraints(), this::constraint);
    list(table.sequences(), this::sequence);
    option(
        table.schedule(),
        schedule -> {
          optionalName(schedule.name());
          out.writeString(schedule.reducerName()).writeU16(schedule.scheduledAtColumn());
        });
    out.writeTag(tag(table.tableType())).writeTag(tag(table.tableAccess()));
  }

  private void misc(RawModuleV9.Misc misc) {
    switch (misc) {
      case RawModuleV9.ColumnDefaultValue(String table, int column, var value) ->
          out.writeTag(0).writeString(table).writeU16(column).writeBytes(value.toByteArray());
      case RawModuleV9.Procedure(String name, var params, var returnType) -> {
        out.writeTag(1).writeString(name);
        TypeCodec.writeProduct(params, out);
        TypeCodec.write(returnType, out);
      }
      case RawModuleV9.ViewExport(View view) -> {
        out.writeTag(2);
        view(view);
      }
    }
  }

  private void v10(RawModuleV10 module) {
    list(module.sections(), this::section);
  }

  private void section(RawModuleV10.Section section) {
    out.writeTag(section.tag());
    switch (section) {
      case RawModuleV10.Typespace(Typespace types) -> typespace(types);
      case RawModuleV10.Types(var types) -> list(types, this::type);
      case RawModuleV10.Tables(var tables) -> list(tables, this::tableV10);
      case RawModuleV10.Reducers(var reducers) -> list(reducers, this::reducerV10);
      case RawModuleV10.Procedures(var procedures) -> list(procedures, this::procedure);
      case RawModuleV10.Views(var views) -> list(views, this::view);
      case RawModuleV10.Schedules(var schedules) -> list(schedules, this::schedule);
      case RawModuleV10.LifeCycleReducers(var reducers) ->
          list(
              reducers,
              reducer ->
                  out.writeTag(tag(reducer.lifecycleSpec())).writeString(reducer.functionName()));
      case RawModuleV10.RowLevelSecurity(var rules) -> list(rules, out::writeString);
      case RawModuleV10.CaseConversion(CasePolicy policy) -> out.writeTag(tag(policy));
      case RawModuleV10.ExplicitNames(var entries) ->
          list(
              entries,
              entry ->
                  out.writeTag(tag(entry.kind()))
                      .writeString(entry.sourceName())
                      .writeString(entry.canonicalName()));
      case RawModuleV10.HttpHandlers(var names) -> list(names, out::writeString);
      case RawModuleV10.HttpRoutes(var routes) -> list(routes, this::httpRoute);
      case RawModuleV10.ViewPrimaryKeys(var keys) ->
          list(
              keys,
              key -> {
                out.writeString(key.viewSourceName());
                list(key.columns(), out::writeString);
              });
      case RawModuleV10.Submodules(var submodules) ->
          list(
              submodules,
              submodule -> {
                out.writeString(submodule.namespace());
                v10(submodule.module());
              });
      case RawModuleV10.Environment(var variables) -> list(variables, this::variable);
      case RawModuleV10.Outboxes(var outboxes) -> list(outboxes, this::outbox);
    }
  }

  private void tableV10(RawModuleV10.Table table) {
    out.writeString(table.sourceName()).writeI32(table.productTypeRef());
    columns(table.primaryKey());
    list(table.indexes(), this::index);
    list(table.constraints(), this::constraint);
    list(table.sequences(), this::sequence);
    out.writeTag(tag(table.tableType())).writeTag(tag(table.tableAccess()));
    list(
        table.defaultValues(),
        (ColumnDefault value) ->
            out.writeU16(value.column()).writeBytes(value.value().toByteArray()));
    out.writeBool(table.isEvent());
  }

  private void reducerV10(RawModuleV10.Reducer reducer) {
    out.writeString(reducer.sourceName());
    TypeCodec.writeProduct(reducer.params(), out);
    out.writeTag(tag(reducer.visibility()));
    TypeCodec.write(reducer.okReturnType(), out);
    TypeCodec.write(reducer.errReturnType(), out);
  }

  private void procedure(RawModuleV10.Procedure procedure) {
    out.writeString(procedure.sourceName());
    TypeCodec.writeProduct(procedure.params(), out);
    TypeCodec.write(procedure.returnType(), out);
    out.writeTag(tag(procedure.visibility()));
  }

  private void schedule(RawModuleV10.Schedule schedule) {
    optionalName(schedule.sourceName());
    out.writeString(schedule.tableName())
        .writeU16(schedule.scheduleAtCol())
        .writeString(schedule.functionName());
  }

  private void httpRoute(RawModuleV10.HttpRoute route) {
    out.writeString(route.handlerFunction());
    switch (route.method()) {
      case HttpMethod.Any() -> out.writeTag(0);
      case HttpMethod.Standard(HttpMethod.Verb verb) -> out.writeTag(1).writeTag(tag(verb));
      case HttpMethod.Extension(String name) ->
          out.writeTag(1).writeTag(HttpMethod.Verb.BY_TAG.length).writeString(name);
    }
    out.writeString(route.path());
  }

  private void variable(EnvironmentVariable variable) {
    out.writeString(variable.name());
    switch (variable.type()) {
      case EnvironmentVariable.AnyString() -> out.writeTag(0);
      case EnvironmentVariable.Literal(String value) -> out.writeTag(1).writeString(value);
      case EnvironmentVariable.Union(List<String> entries) -> {
        out.writeTag(2);
        list(entries, out::writeString);
      }
    }
    out.writeBool(variable.optional());
  }

  private void outbox(RawModuleV10.Outbox outbox) {
    out.writeString(outbox.tableName())
        .writeString(outbox.remoteReducer())
        .writeU16(outbox.targetColumn());
    columns(outbox.argColumns());
    optionalName(outbox.onResultReducer());
    out.writeRaw(outbox.signatureHash().toByteArray());
  }

  private void typespace(Typespace typespace) {
    list(typespace.types(), type -> TypeCodec.write(type, out));
  }

  private void type(TypeName type) {
    list(type.scope(), out::writeString);
    out.writeString(type.name()).writeI32(type.ref()).writeBool(type.customOrdering());
  }

  private void view(View view) {
    out.writeString(view.name())
        .writeI32(view.index())
        .writeBool(view.isPublic())
        .writeBool(view.isAnonymous());
    TypeCodec.writeProduct(view.params(), out);
    TypeCodec.write(view.returnType(), out);
  }

  private void index(Index index) {
    optionalName(index.name());
    optionalName(index.accessorName());
    switch (index.algorithm()) {
      case IndexAlgorithm.BTree(List<Integer> columns) -> {
        out.writeTag(0);
        columns(columns);
      }
      case IndexAlgorithm.Hash(List<Integer> columns) -> {
        out.writeTag(1);
        columns(columns);
      }
      case IndexAlgorithm.Direct(int column) -> out.writeTag(2).writeU16(column);
    }
  }

  private void constraint(Constraint constraint) {
    optionalName(constraint.name());
    out.writeTag(0);
    columns(constraint.uniqueColumns());
  }

  private void sequence(Sequence sequence) {
    optionalName(sequence.name());
    out.writeU16(sequence.column());
    Consumer<BigInteger> i128 = value -> out.writeInteger(Primitive.I128, value);
    option(sequence.start(), i128);
    option(sequence.minValue(), i128);
    option(sequence.maxValue(), i128);
    i128.accept(sequence.increment());
  }
}
