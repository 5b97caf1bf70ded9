package dev.dormouse.sats.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import dev.dormouse.sats.Vectors;
import dev.dormouse.sats.Vectors.Json;
import dev.dormouse.sats.module.RawModuleV10.NameKind;
import dev.dormouse.sats.module.TableDef.FunctionKind;
import dev.dormouse.sats.module.TableDef.ScheduleDef;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class ModuleSchemaTest {
  private static final Member ID = Member.of("PlayerId", Primitive.U64);

  @Test
  void namesAreConvertedGeneratedAndKeptAsAliases() {
    TestModule module = new TestModule();
    Ref color =
        module.type(
            "Color",
            new Sum(
                List.of(
                    Member.of("DarkRed", AlgebraicType.UNIT),
                    Member.of("Blue", AlgebraicType.UNIT))));
    module
        .table("MyPlayer", ID, Member.of("favColor", color), Member.of("level2", Primitive.U8))
        .key(0)
        .btree(0)
        .index("byColor", new IndexAlgorithm.Hash(List.of(1, 2)))
        .index("MyDirect", new IndexAlgorithm.Direct(1))
        .unique(0)
        .sequence(0)
        .defaultValue(2, "07")
        .done();
    module.name(NameKind.INDEX, "MyDirect", "Kept");
    ModuleSchema schema =
        module.reducer("addPlayer", Member.of("newName", Primitive.STRING)).schema();

    TableDef table = schema.table("my_player").orElseThrow();
    assertEquals("MyPlayer", table.accessor());
    assertEquals(
        List.of("player_id", "fav_color", "level_2"),
        table.columns().stream().map(TableDef.ColumnDef::name).toList());
    assertEquals("favColor", table.columns().get(1).accessor());
    assertEquals(
        new Sum(
            List.of(
                Member.of("darkRed", AlgebraicType.UNIT), Member.of("blue", AlgebraicType.UNIT))),
        table.columns().get(1).type());
    assertEquals(OptionalInt.of(2), table.column("level_2"));
    assertEquals(1, table.columns().get(2).defaultValue().orElseThrow().size());
    assertEquals(
        List.of("my_player_player_id_idx_btree", "my_player_fav_color_level_2_idx_hash", "Kept"),
        table.indexes().stream().map(TableDef.IndexDef::name).toList());
    assertEquals(
        List.of("MyPlayer_i0", "byColor", "MyDirect"),
        table.indexes().stream().map(TableDef.IndexDef::alias).toList());
    assertEquals("my_player_player_id_key", table.uniques().getFirst().name());
    assertEquals("my_player_player_id_seq", table.sequences().getFirst().name());
    assertEquals(OptionalInt.of(0), table.primaryKey());

    ReducerDef reducer = schema.reducer("add_player").orElseThrow();
    assertEquals("addPlayer", reducer.sourceName());
    assertEquals("newName", reducer.params().elements().getFirst().name().orElseThrow());
    assertEquals(List.of("new_name"), reducer.canonicalParamNames());
    assertEquals(OptionalInt.empty(), schema.reducerId("addPlayer"));
    assertEquals("MyPlayerRow", schema.types().get(1).name());
  }

  @Test
  void explicitNamesAreTakenVerbatim() {
    TestModule module = new TestModule();
    module.table("Foo", ID).done();
    ModuleSchema schema =
        module
            .reducer("doIt")
            .name(NameKind.TABLE, "Foo", "FooTable")
            .name(NameKind.FUNCTION, "doIt", "DoIt")
            .schema();
    assertEquals("FooTable", schema.tables().getFirst().name());
    assertEquals(OptionalInt.of(0), schema.reducerId("DoIt"));
  }

  @Test
  void scheduledAndLifecycleFunctionsBecomePrivate() {
    TestModule module = new TestModule();
    Member at = Member.of("at", SpecialType.SCHEDULE_AT);
    Ref tick = module.table("tick", ID, at).key(0).btree(0).unique(0).done();
    Ref poll = module.table("poll", ID, at).key(0).btree(0).unique(0).done();
    ModuleSchema schema =
        module
            .reducer("open")
            .reducer("runTick", Member.of("row", tick))
            .procedure("runPoll", Primitive.STRING, Member.of("row", poll))
            .reducer("start")
            .schedule("tick", 1, "runTick")
            .schedule("poll", 1, "runPoll")
            .lifecycle(Lifecycle.INIT, "start")
            .schema();
    assertEquals(
        Optional.of(new ScheduleDef("tick_sched", 1, "run_tick", FunctionKind.REDUCER)),
        schema.table("tick").orElseThrow().schedule());
    assertEquals(
        Optional.of(new ScheduleDef("poll_sched", 1, "run_poll", FunctionKind.PROCEDURE)),
        schema.table("poll").orElseThrow().schedule());
    assertEquals(
        List.of(Visibility.CLIENT_CALLABLE, Visibility.PRIVATE, Visibility.PRIVATE),
        schema.reducers().stream().map(ReducerDef::visibility).toList());
    assertEquals(Visibility.PRIVATE, schema.procedures().getFirst().visibility());
    assertEquals(OptionalInt.of(2), schema.lifecycleReducer(Lifecycle.INIT));
    assertEquals(OptionalInt.empty(), schema.lifecycleReducer(Lifecycle.ON_CONNECT));
  }

  @Test
  void submodulesFollowDepthFirstWithOffsets() {
    TestModule inner = withViews("Inner");
    TestModule first = withViews("First").mount("deepPart", inner);
    TestModule second = withViews("Second");
    ModuleSchema schema = withViews("Root").mount("oneA", first).mount("two", second).schema();

    assertEquals(
        List.of("root", "one_a.first", "one_a.deep_part.inner", "two.second"),
        schema.tables().stream().map(TableDef::name).toList());
    assertEquals(
        List.of("Root", "oneA.First", "oneA.deepPart.Inner", "two.Second"),
        schema.tables().stream().map(TableDef::accessor).toList());
    assertEquals(
        List.of("do_root", "one_a.do_first", "one_a.deep_part.do_inner", "two.do_second"),
        schema.reducers().stream().map(ReducerDef::name).toList());
    assertEquals(OptionalInt.of(2), schema.reducerId("one_a.deep_part.do_inner"));
    // Two anonymous views and one other in each module.
    assertEquals(
        List.of(0, 1, 2, 3, 4, 5, 6, 7),
        schema.views().stream().filter(ViewDef::isAnonymous).map(ViewDef::id).toList());
    assertEquals(
        List.of(0, 1, 2, 3),
        schema.views().stream().filter(view -> !view.isAnonymous()).map(ViewDef::id).toList());
    TableDef innermost = schema.tables().get(2);
    assertEquals(
        "one_a.deep_part.inner_player_id_idx_btree", innermost.indexes().getFirst().name());
    assertEquals("oneA.deepPart.Inner_i0", innermost.indexes().getFirst().alias());
    assertEquals("one_a.deep_part.inner_player_id_key", innermost.uniques().getFirst().name());
    assertEquals("inner_sched", innermost.schedule().orElseThrow().name());
    assertEquals("one_a.deep_part.tick_inner", innermost.schedule().orElseThrow().function());
    for (TableDef table : schema.tables()) {
      assertEquals(
          table.rowType(), schema.typespace().inline((AlgebraicType) new Ref(table.rowTypeRef())));
    }
    assertEquals(
        List.of("deep_part"),
        schema.submodules().getFirst().schema().submodules().stream()
            .map(SubmoduleDef::name)
            .toList());
    RawModuleV9 flat = schema.toV9();
    assertEquals(
        List.of(List.of(), List.of("one_a"), List.of("one_a", "deep_part"), List.of("two")),
        flat.types().stream().map(RawModuleDef.TypeName::scope).toList());
    for (int i = 0; i < flat.types().size(); i++) {
      assertEquals(schema.tables().get(i).rowTypeRef(), flat.types().get(i).ref());
    }
  }

  private static TestModule withViews(String name) {
    TestModule module = new TestModule();
    Ref row =
        module
            .table(name, ID, Member.of("at_" + name, SpecialType.SCHEDULE_AT))
            .key(0)
            .btree(0)
            .unique(0)
            .done();
    AlgebraicType rows = new AlgebraicType.Array(row);
    return module
        .view("a" + name, 0, true, rows)
        .view("s" + name, 0, false, rows)
        .view("b" + name, 1, true, rows)
        .reducer("do" + name)
        .procedure("tick" + name, AlgebraicType.UNIT, Member.of("row", row))
        .schedule(name, 1, "tick" + name);
  }

  @Test
  void queryViewsInheritTheKeyOfTheirTables() {
    TestModule module = new TestModule();
    Ref row = module.table("a", ID).key(0).btree(0).unique(0).done();
    AlgebraicType query = new Product(List.of(Member.of("__query__", row)));
    module.view("plain", 0, true, query);
    module.view("with_param", 1, true, query, Member.of("p", Primitive.U32));
    module.view("rows", 2, true, new AlgebraicType.Array(row));
    ModuleSchema schema = module.schema();
    assertEquals(OptionalInt.of(0), schema.view("plain").orElseThrow().primaryKey());
    assertEquals(ViewDef.Form.QUERY, schema.view("plain").orElseThrow().form());
    assertEquals(OptionalInt.empty(), schema.view("with_param").orElseThrow().primaryKey());
    assertEquals(OptionalInt.empty(), schema.view("rows").orElseThrow().primaryKey());

    module.new Table("b", row).done();
    assertEquals(OptionalInt.empty(), module.schema().view("plain").orElseThrow().primaryKey());
    module.viewKey("plain", "PlayerId");
    assertEquals(OptionalInt.of(0), module.schema().view("plain").orElseThrow().primaryKey());
  }

  @Test
  void versionNineKeepsGivenNamesAndConvertsNothing() {
    Json vector =
        Vectors.read("abi-module-defs.json").list().stream()
            .filter(v -> v.get("name").text().equals("everything1"))
            .findFirst()
            .orElseThrow();
    ModuleSchema schema = ModuleSchema.fromDescription(vector.get("hex").hex());
    assertEquals(9, schema.version());
    TableDef multi = schema.table("multi").orElseThrow();
    assertEquals("uq_ab", multi.uniques().getFirst().name());
    assertEquals("multi_a_b_idx_btree", multi.indexes().getFirst().alias());
    assertFalse(multi.isPublic());
    assertEquals("optStr", schema.table("all_types").orElseThrow().columns().get(27).name());
    assertEquals(OptionalInt.of(1), schema.lifecycleReducer(Lifecycle.INIT));
    assertTrue(
        schema.reducers().stream().allMatch(r -> r.visibility() == Visibility.CLIENT_CALLABLE));
    TableDef timer = schema.table("timer").orElseThrow();
    assertEquals("onTimer", timer.schedule().orElseThrow().function());
  }

  @Test
  void recursiveParametersAreLegal() {
    TestModule module = new TestModule();
    Ref tree =
        module.type(
            "Tree", AlgebraicType.product(Member.of("kids", new AlgebraicType.Array(new Ref(0)))));
    ModuleSchema schema = module.reducer("plant", Member.of("tree", tree)).schema();
    assertEquals(tree, schema.reducers().getFirst().params().elements().getFirst().type());
  }
}
