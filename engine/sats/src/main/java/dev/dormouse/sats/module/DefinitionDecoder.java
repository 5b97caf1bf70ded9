package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicValue.Bytes;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.ModuleHash;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.module.RawModuleDef.ColumnDefault;
import dev.dormouse.sats.module.RawModuleDef.Constraint;
import dev.dormouse.sats.module.RawModuleDef.Index;
import dev.dormouse.sats.module.RawModuleDef.Sequence;
import dev.dormouse.sats.module.RawModuleDef.TableAccess;
import dev.dormouse.sats.module.RawModuleDef.TableType;
import dev.dormouse.sats.module.RawModuleDef.TypeName;
import dev.dormouse.sats.module.RawModuleDef.View;
import dev.dormouse.sats.module.RawModuleV10.Section;
import java.util.List;

/**
 * Definitions from bytes, field by field in the spec's order.
 *
 * <p>The number given with each list is the least size of an element in bytes. Source: spec
 * data-model §6.
 */
final class DefinitionDecoder {
  private static final TableType[] TABLE_TYPES = TableType.values();
  private static final TableAccess[] TABLE_ACCESSES = TableAccess.values();

  private final DefinitionReader in;

  private DefinitionDecoder(DefinitionReader in) {
    this.in = in;
  }

  static RawModuleV9 readV9(DefinitionReader in) {
    return new DefinitionDecoder(in).v9();
  }

  static RawModuleV10 readV10(DefinitionReader in) {
    return new DefinitionDecoder(in).v10(0);
  }

  private RawModuleV9 v9() {
    return new RawModuleV9(
        typespace(),
        in.tableList(27, this::tableV9),
        in.functionList("reducer", 9, this::reducerV9),
        in.list("type name", 13, this::type),
        in.list("misc export", 10, this::misc),
        in.list("row-level security rule", 4, in::string));
  }

  private RawModuleV9.Table tableV9() {
    return new RawModuleV9.Table(
        in.name(),
        in.u32AsIndex("type reference"),
        in.columns(),
        in.list("index", 5, this::index),
        in.list("constraint", 6, this::constraint),
        in.list("sequence", 22, this::sequence),
        in.option(() -> new RawModuleV9.Schedule(in.option(in::name), in.name(), in.u16())),
        in.enumerated(TABLE_TYPES, "table type"),
        in.enumerated(TABLE_ACCESSES, "table access"));
  }

  private RawModuleV9.Reducer reducerV9() {
    return new RawModuleV9.Reducer(
        in.name(), in.product(), in.option(() -> in.enumerated(Lifecycle.BY_TAG, "lifecycle")));
  }

  private RawModuleV9.Misc misc() {
    int tag = in.tag();
    return switch (tag) {
      case 0 -> new RawModuleV9.ColumnDefaultValue(in.name(), in.u16(), new Bytes(in.bytes()));
      case 1 -> {
        in.countFunction();
        yield new RawModuleV9.Procedure(in.name(), in.product(), in.type());
      }
      case 2 -> {
        in.countFunction();
        yield new RawModuleV9.ViewExport(view());
      }
      default -> throw in.unknown("misc export", tag);
    };
  }

  private RawModuleV10 v10(int depth) {
    if (depth > in.limits().submoduleDepthMax()) {
      throw new DecodeException(
          "submodules nested deeper than " + in.limits().submoduleDepthMax() + " levels");
    }
    return new RawModuleV10(in.list("section", 2, () -> section(depth)));
  }

  private Section section(int depth) {
    int tag = in.tag();
    return switch (tag) {
      case 0 -> new RawModuleV10.Typespace(typespace());
      case 1 -> new RawModuleV10.Types(in.list("type name", 13, this::type));
      case 2 -> new RawModuleV10.Tables(in.tableList(31, this::tableV10));
      case 3 -> new RawModuleV10.Reducers(in.functionList("reducer", 11, this::reducerV10));
      case 4 -> new RawModuleV10.Procedures(in.functionList("procedure", 10, this::procedure));
      case 5 -> new RawModuleV10.Views(in.functionList("view", 15, this::view));
      case 6 -> new RawModuleV10.Schedules(in.list("schedule", 11, this::schedule));
      case 7 ->
          new RawModuleV10.LifeCycleReducers(
              in.list("lifecycle reducer", 5, this::lifeCycleReducer));
      case 8 ->
          new RawModuleV10.RowLevelSecurity(in.list("row-level security rule", 4, in::string));
      case 9 ->
          new RawModuleV10.CaseConversion(
              in.enumerated(CasePolicy.BY_TAG, "case conversion policy"));
      case 10 -> new RawModuleV10.ExplicitNames(in.list("explicit name", 9, this::explicitName));
      case 11 -> new RawModuleV10.HttpHandlers(in.functionList("HTTP handler", 4, in::name));
      case 12 -> new RawModuleV10.HttpRoutes(in.list("HTTP route", 9, this::httpRoute));
      case 13 -> new RawModuleV10.ViewPrimaryKeys(in.list("view primary key", 8, this::viewKey));
      case 14 ->
          new RawModuleV10.Submodules(
              in.submoduleList(8, () -> new RawModuleV10.Submodule(in.name(), v10(depth + 1))));
      case 15 -> new RawModuleV10.Environment(in.list("environment variable", 6, this::variable));
      case 16 -> new RawModuleV10.Outboxes(in.list("outbox", 47, this::outbox));
      default -> throw in.unknown("definition section", tag);
    };
  }

  private RawModuleV10.Table tableV10() {
    return new RawModuleV10.Table(
        in.name(),
        in.u32AsIndex("type reference"),
        in.columns(),
        in.list("index", 5, this::index),
        in.list("constraint", 6, this::constraint),
        in.list("sequence", 22, this::sequence),
        in.enumerated(TABLE_TYPES, "table type"),
        in.enumerated(TABLE_ACCESSES, "table access"),
        in.list("column default", 6, () -> new ColumnDefault(in.u16(), new Bytes(in.bytes()))),
        in.bool());
  }

  private RawModuleV10.Reducer reducerV10() {
    return new RawModuleV10.Reducer(
        in.name(),
        in.product(),
        in.enumerated(Visibility.BY_TAG, "visibility"),
        in.type(),
        in.type());
  }

  private RawModuleV10.Procedure procedure() {
    return new RawModuleV10.Procedure(
        in.name(), in.product(), in.type(), in.enumerated(Visibility.BY_TAG, "visibility"));
  }

  private RawModuleV10.Schedule schedule() {
    return new RawModuleV10.Schedule(in.option(in::name), in.name(), in.u16(), in.name());
  }

  private RawModuleV10.LifeCycleReducer lifeCycleReducer() {
    return new RawModuleV10.LifeCycleReducer(
        in.enumerated(Lifecycle.BY_TAG, "lifecycle"), in.name());
  }

  private RawModuleV10.ExplicitName explicitName() {
    return new RawModuleV10.ExplicitName(
        in.enumerated(RawModuleV10.NameKind.BY_TAG, "explicit name"), in.name(), in.name());
  }

  private RawModuleV10.HttpRoute httpRoute() {
    return new RawModuleV10.HttpRoute(in.name(), methodOrAny(), in.name());
  }

  private HttpMethod methodOrAny() {
    int kind = in.tag();
    return switch (kind) {
      case 0 -> new HttpMethod.Any();
      case 1 -> {
        int tag = in.tag();
        if (tag == HttpMethod.Verb.BY_TAG.length) {
          yield new HttpMethod.Extension(in.name());
        }
        if (tag > HttpMethod.Verb.BY_TAG.length) {
          throw in.unknown("HTTP method", tag);
        }
        yield new HttpMethod.Standard(HttpMethod.Verb.BY_TAG[tag]);
      }
      default -> throw in.unknown("method or any", kind);
    };
  }

  private RawModuleV10.ViewPrimaryKey viewKey() {
    return new RawModuleV10.ViewPrimaryKey(in.name(), in.list("column name", 4, in::name));
  }

  private EnvironmentVariable variable() {
    return new EnvironmentVariable(in.name(), valueSet(), in.bool());
  }

  private EnvironmentVariable.ValueSet valueSet() {
    int tag = in.tag();
    return switch (tag) {
      case 0 -> new EnvironmentVariable.AnyString();
      case 1 -> new EnvironmentVariable.Literal(in.string());
      case 2 -> new EnvironmentVariable.Union(in.list("union entry", 4, in::string));
      default -> throw in.unknown("environment variable type", tag);
    };
  }

  private RawModuleV10.Outbox outbox() {
    return new RawModuleV10.Outbox(
        in.name(),
        in.name(),
        in.u16(),
        in.columns(),
        in.option(in::name),
        ModuleHash.ofBytes(in.raw(ModuleHash.BYTES)));
  }

  private Typespace typespace() {
    return new Typespace(in.list("type", 1, in::type));
  }

  private TypeName type() {
    List<String> scope = in.list("scope", 4, in::name);
    return new TypeName(scope, in.name(), in.u32AsIndex("type reference"), in.bool());
  }

  private View view() {
    return new View(
        in.name(), in.u32AsIndex("view index"), in.bool(), in.bool(), in.product(), in.type());
  }

  private Index index() {
    return new Index(in.option(in::name), in.option(in::name), algorithm());
  }

  private IndexAlgorithm algorithm() {
    int tag = in.tag();
    return switch (tag) {
      case 0 -> new IndexAlgorithm.BTree(in.columns());
      case 1 -> new IndexAlgorithm.Hash(in.columns());
      case 2 -> new IndexAlgorithm.Direct(in.u16());
      default -> throw in.unknown("index algorithm", tag);
    };
  }

  private Constraint constraint() {
    var name = in.option(in::name);
    int tag = in.tag();
    if (tag != 0) {
      throw in.unknown("constraint", tag);
    }
    return new Constraint(name, in.columns());
  }

  private Sequence sequence() {
    return new Sequence(
        in.option(in::name),
        in.u16(),
        in.option(in::i128),
        in.option(in::i128),
        in.option(in::i128),
        in.i128());
  }
}
