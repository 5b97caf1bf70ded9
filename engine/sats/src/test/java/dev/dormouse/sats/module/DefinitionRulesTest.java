package dev.dormouse.sats.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import dev.dormouse.sats.module.HttpMethod.Any;
import dev.dormouse.sats.module.HttpMethod.Standard;
import dev.dormouse.sats.module.HttpMethod.Verb;
import dev.dormouse.sats.module.RawModuleV10.NameKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every rule of validation with a module that breaks it, and what is said then. */
final class DefinitionRulesTest {
  private static final Member ID = Member.of("id", Primitive.U64);
  private static final Member TEXT = Member.of("text", Primitive.STRING);
  private static final Member AT = Member.of("at", SpecialType.SCHEDULE_AT);

  private record Case(Consumer<TestModule> broken, List<String> problems) {}

  private static Case broken(Consumer<TestModule> module, String... problems) {
    return new Case(module, List.of(problems));
  }

  @TestFactory
  Stream<DynamicTest> tableRules() {
    return tests(
        broken(
            m -> m.table("my-table", ID).done(),
            "table `my-table` is no identifier: it contains `-`"),
        broken(
            m -> m.table("_", ID).done(),
            "table `_`: canonical name `` is no identifier: it is empty"),
        broken(
            m -> m.table("StFoo", ID).done(),
            "table `StFoo`: names beginning with `st_` are the system's"),
        broken(
            m -> m.table("t", ID).system().done(),
            "table `t`: a module cannot define system tables"),
        broken(
            m -> {
              m.table("Foo", ID).done();
              m.table("foo", ID).done();
            },
            "type `FooRow` is defined twice",
            "name `foo` is taken twice: by table `Foo` and table `foo`"),
        broken(
            m -> {
              Ref row = m.slot(AlgebraicType.product(ID));
              m.new Table("t", row).done();
            },
            "table `t`: its row type, reference 0, has no type definition"),
        broken(
            m -> m.new Table("t", new Ref(3)).done(),
            "table `t`: Ref[3] is dangling, the typespace has 0 types"),
        broken(
            m -> m.new Table("t", m.slot(Primitive.U8)).done(),
            "table `t`: its row type, reference 0, is no product"),
        broken(
            m -> m.table("t", new Member(Optional.empty(), Primitive.U8)).done(),
            "table `t`: column 0 has no name"),
        broken(
            m -> m.table("t", Member.of("a b", Primitive.U8)).done(),
            "table `t`: column `a b` is no identifier: it contains U+0020"),
        broken(
            m ->
                m.table("t", Member.of("fooBar", Primitive.U8), Member.of("foo_bar", Primitive.U8))
                    .done(),
            "table `t`: columns `fooBar` and `foo_bar` have one name"),
        broken(
            m -> m.table("t", Member.of("a", AlgebraicType.product(ID))).done(),
            "type 0 contains a product or sum that must stand in the typespace and be referenced",
            "type `TRow`: reference 0 is no product or sum made of primitives and references",
            "table `t`: column `a` has a type that must stand in the typespace and be referenced"),
        broken(
            m -> m.table("t", Member.of("a", new Ref(0))).done(),
            "table `t`: column `a`: type reference 0 is recursive"),
        broken(
            m -> m.table("t", ID).key(0).done(),
            "table `t`: primary key `id` needs a unique constraint on exactly this column"),
        broken(
            m -> m.table("t", ID, TEXT).key(0, 1).done(),
            "table `t`: primary key over 2 columns, limit 1"),
        broken(
            m -> m.table("t", ID).key(1).done(),
            "table `t`: primary key is over column 1, the table has 1"),
        broken(
            m -> m.table("t", ID, TEXT).btree(0, 1).unique(0).done(),
            "table `t`: unique constraint over [id] needs an index over exactly these columns"),
        broken(
            m -> m.table("t", ID).btree(0).unique(0, 0).done(),
            "table `t`: unique constraint is over column 0 twice"),
        broken(
            m -> m.table("t", ID).btree(0).unique(0).unique(0).done(),
            "name `t_id_key` is taken twice: by constraint `t_id_key` of table `t` and constraint"
                + " `t_id_key` of table `t`"),
        broken(
            m -> m.table("t", ID).btree(2).done(),
            "table `t`: index `t_i0` is over column 2, the table has 1"),
        broken(m -> m.table("t", ID).btree().done(), "table `t`: index `t_i0` is over no column"),
        broken(
            m -> m.table("t", ID).unnamedIndex().done(),
            "table `t`: index without name must have a source name"),
        broken(
            m -> m.table("t", TEXT).index("i", new IndexAlgorithm.Direct(0)).done(),
            "table `t`: index `i` is direct, so column `text` must be U8, U16, U32, U64 or a plain"
                + " enum"),
        broken(
            m -> m.table("t", ID).btree(0).btree(0).done(),
            "name `t_id_idx_btree` is taken twice: by index `t_i0` of table `t` and index `t_i1` of"
                + " table `t`"),
        broken(
            m -> {
              m.table("t", ID).index("i", new IndexAlgorithm.BTree(List.of(0))).done();
              m.name(NameKind.INDEX, "i", "a-b");
            },
            "table `t`: index `a-b` is no identifier: it contains `-`"),
        broken(
            m -> m.table("t", TEXT).sequence(0).done(),
            "table `t`: sequence of column `text` needs an integer column"),
        broken(
            m -> m.table("t", ID).sequence(0).sequence(0).done(),
            "table `t`: sequence of column `id` is there twice"),
        broken(
            m -> m.table("t", ID).sequence(1).done(),
            "table `t`: sequence is over column 1, the table has 1"),
        broken(
            m -> m.table("t", ID).defaultValue(0, "00").done(),
            "table `t`: default of column `id`: row needs 8 bytes at offset 0, 1 left"),
        broken(
            m ->
                m.table("t", Member.of("b", Primitive.U8))
                    .defaultValue(0, "00")
                    .defaultValue(0, "01")
                    .done(),
            "table `t`: column `b` has two defaults"),
        broken(
            m -> m.table("t", ID).defaultValue(4, "00").done(),
            "table `t`: default of column 4, the table has 1"));
  }

  @TestFactory
  Stream<DynamicTest> functionRules() {
    return tests(
        broken(m -> m.reducer("a b"), "reducer `a b` is no identifier: it contains U+0020"),
        broken(
            m -> m.reducer("doIt").procedure("do_it", AlgebraicType.UNIT),
            "name `do_it` is taken twice: by reducer `doIt` and procedure `do_it`"),
        broken(
            m ->
                m.reducers.add(
                    new RawModuleV10.Reducer(
                        "r",
                        AlgebraicType.UNIT,
                        Visibility.PRIVATE,
                        Primitive.U8,
                        Primitive.STRING)),
            "reducer `r` must return nothing, and a String as its error"),
        broken(
            m -> m.reducer("r", Member.of("p", AlgebraicType.product(ID))),
            "reducer `r`: parameter `p` has a type that must stand in the typespace and be"
                + " referenced"),
        broken(
            m -> m.procedure("p", new Ref(9)),
            "procedure `p`: return type: Ref[9] is dangling, the typespace has 0 types"),
        broken(
            m -> m.reducer("r").lifecycle(Lifecycle.INIT, "r").lifecycle(Lifecycle.INIT, "r"),
            "lifecycle Init has two reducers: `r` and `r`"),
        broken(
            m -> m.reducer("r").lifecycle(Lifecycle.INIT, "r").lifecycle(Lifecycle.ON_CONNECT, "r"),
            "reducer `r` is of two lifecycle events: Init and OnConnect"),
        broken(
            m -> m.lifecycle(Lifecycle.ON_DISCONNECT, "gone"),
            "lifecycle OnDisconnect: no reducer `gone`"),
        broken(
            m -> m.mount("sub", new TestModule().reducer("r").lifecycle(Lifecycle.INIT, "r")),
            "submodule `sub`: a submodule cannot have lifecycle reducers"),
        broken(
            m -> {
              Ref row = m.table("t", ID).done();
              m.view("t", 0, true, new Array(row));
            },
            "name `t` is taken twice: by table `t` and view `t`"),
        broken(
            m -> m.view("v", 0, true, new Array(Primitive.U8)),
            "view `v` must return an option, an array or a query of a referenced product"),
        broken(
            m -> m.view("v", 0, true, new Array(new Ref(-1))),
            "view `v`: Ref[4294967295] is dangling, the typespace has 0 types"),
        broken(
            m -> m.view("v", 0, true, new Array(m.table("t", ID).done())).viewKey("v", "x"),
            "view `v`: primary key over unknown column `x`"),
        broken(
            m ->
                m.view("v", 0, true, new Array(m.table("t", ID).done()))
                    .viewKey("v", "id")
                    .viewKey("v", "id"),
            "view `v` has two primary keys"),
        broken(m -> m.viewKey("v", "id"), "primary key of unknown view `v`"));
  }

  private static TestModule.Table keyed(TestModule module, String name, Member... columns) {
    return module.table(name, columns).key(0).btree(0).unique(0);
  }

  @TestFactory
  Stream<DynamicTest> scheduleRules() {
    return tests(
        broken(
            m -> {
              keyed(m, "t", ID, AT).done();
              m.schedule("t", 1, "r");
            },
            "schedule of table `t`: no reducer or procedure `r`"),
        broken(
            m -> {
              Ref row = keyed(m, "t", ID, TEXT).done();
              m.reducer("r", Member.of("row", row)).schedule("t", 1, "r");
            },
            "schedule of table `t`: column `text` must have type ScheduleAt"),
        broken(
            m -> {
              Ref row = keyed(m, "t", ID, AT).done();
              m.reducer("r", Member.of("row", row)).schedule("t", 2, "r");
            },
            "schedule of table `t`: column 2, the table has 2"),
        broken(
            m -> {
              Ref row = keyed(m, "t", Member.of("id", Primitive.U32), AT).done();
              m.reducer("r", Member.of("row", row)).schedule("t", 1, "r");
            },
            "schedule of table `t`: the table needs a primary key of type U64"),
        broken(
            m -> {
              Ref row = keyed(m, "t", ID, AT).done();
              m.reducer("r", Member.of("row", row), ID).schedule("t", 1, "r");
            },
            "schedule of table `t`: function `r` must take one parameter of the table's row type,"
                + " reference 0"),
        broken(
            m -> {
              Ref row = keyed(m, "t", ID, AT).done();
              m.reducer("r", Member.of("row", row)).schedule("t", 1, "r").schedule("t", 1, "r");
            },
            "schedule of table `t`: a table can have one schedule only"),
        broken(m -> m.schedule("t", 1, "r"), "schedule of table `t`: no such table"));
  }

  @TestFactory
  Stream<DynamicTest> otherRules() {
    return tests(
        broken(
            m -> m.slot(AlgebraicType.product(Member.of("a", AlgebraicType.product(ID)))),
            "type 0 contains a product or sum that must stand in the typespace and be referenced"),
        broken(m -> m.slot(new Ref(0)), "type 0 is nothing but a reference back to itself"),
        broken(
            m -> m.slot(new Array(new Ref(5))),
            "type 0: Ref[5] is dangling, the typespace has 1 types"),
        broken(
            m -> {
              Ref ref = m.type("Foo", AlgebraicType.product(ID));
              m.types.add(new RawModuleDef.TypeName(List.of(), "foo", ref.index(), true));
            },
            "type `Foo` is defined twice"),
        broken(
            m -> {
              Ref ref = m.slot(AlgebraicType.product(TEXT, ID));
              m.types.add(new RawModuleDef.TypeName(List.of("a"), "Foo", ref.index(), false));
            },
            "type `A.Foo` claims the default order of its members, but they are not in it"),
        broken(
            m -> m.types.add(new RawModuleDef.TypeName(List.of(), "Foo", 7, true)),
            "type `Foo`: Ref[7] is dangling, the typespace has 0 types"),
        broken(
            m -> {
              m.handlers.add("hA");
              m.handlers.add("h_a");
            },
            "HTTP handlers `hA` and `h_a` have one name"),
        broken(
            m -> {
              m.handlers.add("h");
              m.route("h", new Any(), "x")
                  .route("h", new Standard(Verb.GET), "/A")
                  .route("g", new Standard(Verb.GET), "/b");
            },
            "HTTP route `x` must be empty or begin with `/`",
            "HTTP route `/A` may only contain `a` to `z`, `0` to `9`, `-`, `_`, `~` and `/`",
            "HTTP route `/b`: no HTTP handler `g`"),
        broken(
            m -> {
              m.handlers.add("h");
              m.route("h", new Standard(Verb.GET), "/a")
                  .route("h", new Standard(Verb.POST), "/a")
                  .route("h", new Any(), "/a");
            },
            "HTTP route `/a` is there twice for one method"),
        broken(
            m -> m.name(NameKind.TABLE, "a", "b").name(NameKind.TABLE, "a", "c"),
            "explicit name of `a` is given twice: `b` and `c`"),
        broken(
            m -> m.mount("n".repeat(64), new TestModule()),
            "namespace `%s` has 64 bytes, limit 63 bytes".formatted("n".repeat(64)),
            "namespace `%s` has 64 bytes, limit 63 bytes".formatted("n".repeat(64))),
        broken(
            m -> m.mount("a.b", new TestModule()),
            "namespace `a.b` is no identifier: it contains `.`"),
        broken(
            m -> m.mount("x", new TestModule()).mount("x", new TestModule()),
            "namespace `x` is mounted twice"),
        broken(
            m -> {
              m.table("x", ID).done();
              m.mount("x", new TestModule());
            },
            "namespace `x` has the name of a table"));
  }

  private static Stream<DynamicTest> tests(Case... cases) {
    return Stream.of(cases)
        .map(
            broken ->
                DynamicTest.dynamicTest(
                    broken.problems.getFirst(),
                    () -> {
                      TestModule module = new TestModule();
                      broken.broken.accept(module);
                      assertEquals(broken.problems, module.problems());
                    }));
  }

  @Test
  void routesOfDifferentMethodsLiveTogether() {
    TestModule module = new TestModule();
    module.handlers.add("h");
    module
        .route("h", new Standard(Verb.GET), "/a")
        .route("h", new HttpMethod.Extension("PURGE"), "/a")
        .route("h", new Any(), "")
        .route("h", new Any(), "/a/b-c_~0");
    assertEquals(4, module.schema().httpRoutes().size());
  }

  @Test
  void allProblemsAreCountedAndTheFirstAreTold() {
    TestModule module = new TestModule();
    for (int i = 0; i < 100; i++) {
      module.reducer("no-" + i);
    }
    List<String> problems = module.problems();
    assertEquals(65, problems.size());
    assertEquals("and 36 more", problems.getLast());
  }

  @Test
  void tooManyTablesAreRefusedByTheLimit() {
    TestModule module = new TestModule();
    Ref row = module.type("Row", AlgebraicType.product(ID));
    for (int i = 0; i < 10_000; i++) {
      module.new Table("t" + i, row).done();
    }
    byte[] description = module.raw().encode();
    EngineException refusal =
        assertThrows(EngineException.class, () -> ModuleSchema.fromDescription(description));
    assertEquals(EngineException.Code.TENANT, refusal.code());
    assertEquals("module definition: definition has over 4096 tables, limit 4096", refusal.text());
  }

  @Test
  void otherLimitsAreNamed() {
    DefinitionLimits small = new DefinitionLimits(2000, 100, 10, 3, 4, 1, 1, 63, 50);
    refused(
        small,
        m -> m.reducer("a").reducer("b").reducer("c").reducer("d").reducer("e"),
        "module definition: definition has over 4 functions, limit 4");
    refused(
        small,
        m -> m.mount("a", new TestModule()).mount("b", new TestModule()),
        "module definition: definition has over 1 submodules, limit 1");
    refused(
        small,
        m -> m.mount("a", new TestModule().mount("b", new TestModule())),
        "module definition: definition has over 1 submodules, limit 1");
    refused(
        new DefinitionLimits(2000, 100, 10, 3, 4, 5, 1, 63, 50),
        m -> m.mount("a", new TestModule().mount("b", new TestModule())),
        "module definition: submodules nested deeper than 1 levels");
    refused(
        small,
        m -> m.reducer("x".repeat(64)),
        "module definition: name of 64 bytes at offset 25, limit 63 bytes");
    refused(
        small,
        m -> m.table("t", ID, TEXT, AT, Member.of("d", Primitive.U8)).done(),
        "module definition is invalid: 1 problem\n- table `t`: 4 columns, limit 3");
    refused(
        small,
        m -> m.reducer("r", ID, TEXT, AT, Member.of("d", Primitive.U8)),
        "module definition: 4 parameters, limit 3");
    refused(
        small,
        m ->
            m.reducer("r".repeat(63))
                .more
                .add(new RawModuleV10.RowLevelSecurity(Collections.nCopies(90, ""))),
        "module definition: over 100 parts, limit 100");
    refused(
        small,
        m -> m.more.add(new RawModuleV10.RowLevelSecurity(List.of("x".repeat(2000)))),
        "module definition: definition of 2079 bytes, limit 2000 bytes");
    refused(
        small,
        m -> m.table("t".repeat(50), Member.of("c".repeat(10), Primitive.U8)).btree(0).done(),
        "module definition is invalid: 1 problem\n- generated name of table `%s`: index `%s_i0` has at least 71 bytes, limit 63 bytes"
            .formatted("t".repeat(50), "t".repeat(50)));
  }

  private static void refused(DefinitionLimits limits, Consumer<TestModule> change, String text) {
    TestModule module = new TestModule();
    change.accept(module);
    byte[] description = module.raw().encode();
    EngineException refusal =
        assertThrows(
            EngineException.class, () -> ModuleSchema.fromDescription(description, limits));
    assertEquals(text, refusal.text());
  }

  @Test
  void oneRowTypeOfManyTablesDoesNotExplode() {
    TestModule module = new TestModule();
    List<Member> columns = new ArrayList<>();
    for (int i = 0; i < 4096; i++) {
      columns.add(Member.of("c" + i, Primitive.U8));
    }
    Ref row = module.type("Row", new Product(columns));
    for (int i = 0; i < 4096; i++) {
      module.new Table("t" + i, row).done();
    }
    List<String> problems = module.problems();
    assertEquals(1, problems.size());
    assertTrue(problems.getFirst().contains("nodes with references replaced, limit 1048576"));
  }

  @Test
  void deepChainsOfReferencesAreRefused() {
    TestModule module = new TestModule();
    for (int i = 0; i < 100_000; i++) {
      module.slot(AlgebraicType.product(Member.of("a", new Ref(i + 1))));
    }
    module.slot(AlgebraicType.product(ID));
    module.table("t", Member.of("deep", new Ref(0))).done();
    assertEquals(
        List.of("table `t`: column `deep`: type nested deeper than 128 with references replaced"),
        module.problems());
  }

  @Test
  void doublingReferencesAreRefused() {
    TestModule module = new TestModule();
    for (int i = 0; i < 40; i++) {
      module.slot(
          AlgebraicType.product(Member.of("a", new Ref(i + 1)), Member.of("b", new Ref(i + 1))));
    }
    module.slot(AlgebraicType.product(ID));
    module.table("t", Member.of("wide", new Ref(0))).done();
    assertEquals(
        List.of(
            "table `t`: column `wide`: type too large: over 65536 nodes with references replaced"),
        module.problems());
  }
}
