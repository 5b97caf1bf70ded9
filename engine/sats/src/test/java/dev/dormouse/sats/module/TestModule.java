package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicValue.Bytes;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Primitive;
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
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Builds V10 definitions piece by piece; nothing is checked here. */
final class TestModule {
  final List<AlgebraicType> slots = new ArrayList<>();
  final List<TypeName> types = new ArrayList<>();
  final List<RawModuleV10.Table> tables = new ArrayList<>();
  final List<RawModuleV10.Reducer> reducers = new ArrayList<>();
  final List<RawModuleV10.Procedure> procedures = new ArrayList<>();
  final List<View> views = new ArrayList<>();
  final List<RawModuleV10.ViewPrimaryKey> viewKeys = new ArrayList<>();
  final List<RawModuleV10.Schedule> schedules = new ArrayList<>();
  final List<RawModuleV10.LifeCycleReducer> lifecycle = new ArrayList<>();
  final List<String> handlers = new ArrayList<>();
  final List<RawModuleV10.HttpRoute> routes = new ArrayList<>();
  final List<ExplicitName> names = new ArrayList<>();
  final List<RawModuleV10.Submodule> submodules = new ArrayList<>();
  final List<Section> more = new ArrayList<>();

  /** A slot for a type, without a name. */
  Ref slot(AlgebraicType type) {
    slots.add(type);
    return new Ref(slots.size() - 1);
  }

  /** A slot for a type and a name for it. */
  Ref type(String name, AlgebraicType type) {
    Ref ref = slot(type);
    types.add(new TypeName(List.of(), name, ref.index(), true));
    return ref;
  }

  /** A table whose row type gets a slot and a name of its own. */
  Table table(String name, Member... columns) {
    return new Table(name, type(name + "Row", new Product(List.of(columns))));
  }

  /** A table being described; it joins the module with {@link #done}. */
  final class Table {
    private final String name;
    final Ref row;
    private final List<Integer> primaryKey = new ArrayList<>();
    private final List<Index> indexes = new ArrayList<>();
    private final List<Constraint> constraints = new ArrayList<>();
    private final List<Sequence> sequences = new ArrayList<>();
    private final List<ColumnDefault> defaults = new ArrayList<>();
    private TableType type = TableType.USER;
    private boolean event;

    Table(String name, Ref row) {
      this.name = name;
      this.row = row;
    }

    Table key(Integer... columns) {
      primaryKey.addAll(List.of(columns));
      return this;
    }

    Table index(String source, IndexAlgorithm algorithm) {
      indexes.add(new Index(Optional.of(source), Optional.empty(), algorithm));
      return this;
    }

    Table btree(Integer... columns) {
      return index(name + "_i" + indexes.size(), new IndexAlgorithm.BTree(List.of(columns)));
    }

    Table unnamedIndex() {
      indexes.add(
          new Index(Optional.empty(), Optional.empty(), new IndexAlgorithm.BTree(List.of(0))));
      return this;
    }

    Table unique(Integer... columns) {
      constraints.add(new Constraint(Optional.empty(), List.of(columns)));
      return this;
    }

    Table sequence(int column) {
      sequences.add(
          new Sequence(
              Optional.empty(),
              column,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              BigInteger.ONE));
      return this;
    }

    Table defaultValue(int column, String hex) {
      defaults.add(new ColumnDefault(column, new Bytes(HexFormat.of().parseHex(hex))));
      return this;
    }

    Table system() {
      type = TableType.SYSTEM;
      return this;
    }

    Table event() {
      event = true;
      return this;
    }

    Ref done() {
      tables.add(
          new RawModuleV10.Table(
              name,
              row.index(),
              primaryKey,
              indexes,
              constraints,
              sequences,
              type,
              TableAccess.PUBLIC,
              defaults,
              event));
      return row;
    }
  }

  TestModule reducer(String name, Member... params) {
    reducers.add(
        new RawModuleV10.Reducer(
            name,
            new Product(List.of(params)),
            Visibility.CLIENT_CALLABLE,
            AlgebraicType.UNIT,
            Primitive.STRING));
    return this;
  }

  TestModule procedure(String name, AlgebraicType returned, Member... params) {
    procedures.add(
        new RawModuleV10.Procedure(
            name, new Product(List.of(params)), returned, Visibility.CLIENT_CALLABLE));
    return this;
  }

  TestModule view(
      String name, int index, boolean anonymous, AlgebraicType returned, Member... params) {
    views.add(new View(name, index, true, anonymous, new Product(List.of(params)), returned));
    return this;
  }

  TestModule viewKey(String view, String... columns) {
    viewKeys.add(new RawModuleV10.ViewPrimaryKey(view, List.of(columns)));
    return this;
  }

  TestModule schedule(String table, int column, String function) {
    schedules.add(new RawModuleV10.Schedule(Optional.empty(), table, column, function));
    return this;
  }

  TestModule lifecycle(Lifecycle event, String reducer) {
    lifecycle.add(new RawModuleV10.LifeCycleReducer(event, reducer));
    return this;
  }

  TestModule route(String handler, HttpMethod method, String path) {
    routes.add(new RawModuleV10.HttpRoute(handler, method, path));
    return this;
  }

  TestModule name(NameKind kind, String source, String canonical) {
    names.add(new ExplicitName(kind, source, canonical));
    return this;
  }

  TestModule mount(String namespace, TestModule module) {
    submodules.add(new RawModuleV10.Submodule(namespace, module.raw()));
    return this;
  }

  RawModuleV10 raw() {
    List<Section> sections = new ArrayList<>(more);
    sections.add(new RawModuleV10.Typespace(new dev.dormouse.sats.Typespace(slots)));
    sections.add(new RawModuleV10.Types(types));
    sections.add(new RawModuleV10.Tables(tables));
    sections.add(new RawModuleV10.Reducers(reducers));
    sections.add(new RawModuleV10.Procedures(procedures));
    sections.add(new RawModuleV10.Views(views));
    sections.add(new RawModuleV10.ViewPrimaryKeys(viewKeys));
    sections.add(new RawModuleV10.Schedules(schedules));
    sections.add(new RawModuleV10.LifeCycleReducers(lifecycle));
    sections.add(new RawModuleV10.HttpHandlers(handlers));
    sections.add(new RawModuleV10.HttpRoutes(routes));
    sections.add(new RawModuleV10.ExplicitNames(names));
    sections.add(new RawModuleV10.Submodules(submodules));
    return new RawModuleV10(sections);
  }

  ModuleSchema schema() {
    return ModuleSchema.fromDescription(raw().encode());
  }

  /** The problems that validation names, one per line; fails if there are none. */
  List<String> problems() {
    try {
      ModuleSchema schema = schema();
      throw new AssertionError("valid, with tables " + schema.tables());
    } catch (EngineException e) {
      if (e.code() != EngineException.Code.TENANT) {
        throw new AssertionError("wrong code " + e.code(), e);
      }
      return e.text().lines().skip(1).map(line -> line.substring(2)).toList();
    }
  }
}
