package dev.dormouse.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.datastore.ReadView;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The single-table parts of the matrix of spec sql-and-subscriptions §17, and its error texts. */
final class QueryCompilerTest {
  private static final Identity ALICE = Identity.fromClaims("localhost", "alice");
  private static final Caller GUEST = new Caller(ALICE, false);
  private static final Caller OWNER = new Caller(Identity.fromClaims("localhost", "bob"), true);

  private final QueryCompiler compiler = new QueryCompiler(QueryLimits.DEFAULT);
  private final ReadView view =
      TestDatabase.with(
              TestTable.named("t")
                  .column("u8", Primitive.U8)
                  .column("u32", Primitive.U32)
                  .column("f32", Primitive.F32)
                  .column("str", Primitive.STRING)
                  .column("flag", Primitive.BOOL)
                  .column("arr", new Array(Primitive.U32))
                  .column("other_arr", new Array(Primitive.U32))
                  .column("opt", AlgebraicType.option(Primitive.U32))
                  .column("elapsed", SpecialType.TIME_DURATION.type())
                  .btree("u32"),
              TestTable.named("s")
                  .column("id", SpecialType.IDENTITY.type())
                  .column("u32", Primitive.U32)
                  .column("bytes", AlgebraicType.BYTES)
                  .unique("id"),
              TestTable.named("my_table")
                  .accessor("MyTable")
                  .column("first_name", "firstName", Primitive.STRING)
                  .column("last_name", "first_name", Primitive.U32),
              TestTable.named("ns.s").column("a", Primitive.U32),
              TestTable.named("ns.t").column("a", Primitive.U32),
              TestTable.named("secret").notPublic().column("a", Primitive.U32),
              TestTable.named("happened").event().column("a", Primitive.U32))
          .committed();

  private TableQuery query(String sql, ReadView shown, Caller caller) {
    return assertInstanceOf(TableQuery.class, compiler.adHoc(sql, shown, caller));
  }

  private String refusal(String sql, Caller caller, boolean adHoc) {
    EngineException refused =
        assertThrows(
            EngineException.class,
            () -> {
              if (adHoc) {
                compiler.adHoc(sql, view, caller);
              } else {
                compiler.subscription(sql, view, caller);
              }
            },
            sql);
    assertEquals(EngineException.Code.CALLER, refused.code());
    return refused.text();
  }

  private static void assertContains(String part, String text) {
    assertTrue(text.contains(part), () -> "`" + part + "` in: " + text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from t",
        "select t.* from t",
        "select r.* from t r",
        "select * from t where true",
        "select * from t where flag",
        "select * from t where (flag) and not (flag = false)",
        "select * from t where u32 = 1 or str = ''",
        "select * from s as r where r.bytes = 0xABCD or bytes = X'ABCD'",
        "select * from s where id = :sender",
        "select * from s where :sender = id",
        "select * from s where bytes = :sender",
        "select * from s where :sender = :sender",
        "select * from t where true = false",
        "select * from t where u32 = '5'",
        "select * from t where str = 5",
        "select * from t where u32 = u32",
        "select * from t where f32 = 0.1 and f32 < 1e40",
        "select * from t()",
        "select * from ns.t",
        "select ns.t.* from \"ns\".\"t\" where ns.t.a = 1 and \"ns\".\"t\".\"a\" = 1",
        "select * from happened",
        "select * from st_table",
      })
  void bothLanguagesAccept(String sql) {
    for (Caller caller : List.of(GUEST, OWNER)) {
      compiler.adHoc(sql, view, caller);
      compiler.subscription(sql, view, caller);
      compiler.oneOff(sql, view, caller);
    }
  }

  @Test
  void theProgramsTableIsForSqlOverHttpAlone() {
    compiler.adHoc("select * from st_module", view, OWNER);
    assertContains(
        "the program's bytes are not kept in memory",
        refusal("select * from st_module", OWNER, false));
    EngineException oneOff =
        assertThrows(
            EngineException.class,
            () -> compiler.oneOff("select m.* from st_module m", view, OWNER));
    assertContains("ask for it by SQL over HTTP", oneOff.text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select program_hash from st_module where program_bytes = 0x00",
        "select * from st_module where program_kind = 0 and not (0x != program_bytes)",
        "select * from st_module m where m.program_bytes = :sender",
        "select count(*) as n from st_module where :sender = program_bytes",
        "select * from st_module where program_bytes = program_bytes",
      })
  void theProgramsBytesAreNotCompared(String sql) {
    EngineException refused =
        assertThrows(EngineException.class, () -> compiler.adHoc(sql, view, OWNER));
    assertContains("`program_bytes` cannot be compared", refused.text());
    assertContains("compare `program_hash`", refused.text());
  }

  @Test
  void theProgramsHashIsCompared() {
    compiler.adHoc("select program_bytes from st_module where program_hash != 7", view, OWNER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select u32 from t",
        "select u32, str as name from t limit 5",
        "select t.u32 u, str from t where u8 > 1 limit 0",
        "select u32 as str, str as u32 from t",
        "select count(*) as n from t",
        "select count(*) n from t where flag limit 1",
        "select * from t limit 18446744073709551615",
      })
  void onlyTheAdHocLanguageAccepts(String sql) {
    compiler.adHoc(sql, view, GUEST);
    refusal(sql, GUEST, false);
    assertThrows(EngineException.class, () -> compiler.oneOff(sql, view, GUEST));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "select * from nowhere | `nowhere`",
        "select * from T | `T`",
        "select * from secret | may be marked private",
        "select * from st_connection_credentials | may be marked private",
        "select * from t as r where t.u32 = 5 | `t` is not in scope",
        "select t.* from t as r | `t` is not in scope",
        "select x.* from t | `x` is not in scope",
        "select * from t where x = 5 | `x` is not in scope",
        "select * from t where U32 = 5 | `U32` is not in scope",
        "select * from t where u32 = 1.3 | `1.3` cannot be parsed as type `U32`",
        "select * from t where u8 = -1 | `-1` cannot be parsed as type `U8`",
        "select * from t where u8 = 1e3 | `1e3` cannot be parsed as type `U8`",
        "select * from t where u32 = 'str' | `str` cannot be parsed as type `U32`",
        "select * from t where u32 = 0x10 | `10` cannot be parsed as type `U32`",
        "select * from t where flag = 'true' | `true` cannot be parsed as type `Bool`",
        "select * from t where u32 = true | U32 != Bool",
        "select * from t where u32 = str | U32 != String",
        "select * from t where u8 = u32 | U8 != U32",
        "select * from t where arr = :sender | Array<U32> != Identity",
        "select * from t where u32 = :sender | U32 != Identity",
        "select * from t where arr = other_arr | Invalid binary operator `=` for type `Array<U32>`",
        "select * from t where opt = opt | Invalid binary operator",
        "select * from t where elapsed < elapsed | for type `TimeDuration`",
        "select * from t where elapsed = 5 | cannot be parsed as type `TimeDuration`",
        "select * from t where u32 | Bool != U32",
        "select * from t where :sender | Bool != Identity",
        "select * from t where 1 | `1` cannot be parsed as type `Bool`",
        "select * from t where 1 = 1 | has no type",
        "select * from t where 'a' = 'a' | has no type",
        "select * from t where u32 = 1 and str | Bool != String",
        "select * from t(1) | `t` is a table, not a view; it does not take arguments",
        "select * from t join s | SELECT * is not supported for joins",
        "select t.* from t join s on t.u32 = s.u32 where t.f32 = 0.1 | joins are not built yet",
        "select t.* from t join s | joins are not built yet",
      })
  void bothLanguagesRefuse(String sql, String cause) {
    assertContains(cause, refusal(sql, GUEST, true));
    assertContains(cause, refusal(sql, GUEST, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "select u32 from t | must return a table type",
        "select count(*) as n from t | must return a table type",
        "select * from t limit 5 | LIMIT",
        "delete from t | one SELECT",
        "insert into t (u8) values (1) | one SELECT",
        "show row_limit | one SELECT",
        "select * from * | one SELECT",
      })
  void subscriptionsRefuse(String sql, String cause) {
    assertContains(cause, refusal(sql, OWNER, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "select u32, u32 from t | Duplicate name `u32`",
        "select u32, str as u32 from t | Duplicate name `u32`",
        "select x from t | `x` is not in scope",
        "select r.u32 from t | `r` is not in scope",
        "select * from t limit 18446744073709551616 | LIMIT",
        "select * from * | SELECT * FROM *",
      })
  void theAdHocLanguageRefuses(String sql, String cause) {
    assertContains(cause, refusal(sql, OWNER, true));
  }

  @Test
  void ownersSeePrivateTables() {
    query("select * from secret", view, OWNER);
    query("select * from st_connection_credentials", view, OWNER);
    compiler.subscription("select * from secret where a = 1", view, OWNER);
  }

  @Test
  void namesAreLookedUpInTheOrderOfTheSpec() {
    TableQuery byAccessor = query("select MyTable.* from MyTable", view, GUEST);
    assertEquals("my_table", byAccessor.table().name());
    assertEquals(byAccessor.table(), query("select * from my_table", view, GUEST).table());
    // first_name is the accessor of column 1 before it is the name of column 0.
    TableQuery query = query("select first_name, firstName, last_name from my_table", view, GUEST);
    assertEquals(
        List.of(Primitive.U32, Primitive.STRING, Primitive.U32),
        query.resultType().elements().stream().map(AlgebraicType.Member::type).toList());
    assertEquals(
        List.of("first_name", "firstName", "last_name"),
        query.resultType().elements().stream().map(member -> member.nameOr(0)).toList());
  }

  @Test
  void onlyTheSenderMakesAQuerySpecific() {
    assertTrue(query("select * from s where id = :sender", view, GUEST).isCallerSpecific());
    assertTrue(
        query("select * from s where bytes = :sender or true", view, GUEST).isCallerSpecific());
    assertFalse(
        query("select * from s where id = 0x" + ALICE.toHex(), view, GUEST).isCallerSpecific());
  }

  @Test
  void selectStarFromStarStandsForTheTablesThatTheCallerMayRead() {
    assertTrue(compiler.isAllTables("select * from *"));
    assertTrue(compiler.isAllTables(" SELECT\n*  From * "));
    for (String other : List.of("select * from *;", "select * from t", "* *", "", "''' * * ")) {
      assertFalse(compiler.isAllTables(other), other);
    }
    assertEquals(
        List.of(
            "SELECT * FROM \"my_table\"",
            "SELECT * FROM \"ns.s\"",
            "SELECT * FROM \"ns.t\"",
            "SELECT * FROM \"s\"",
            "SELECT * FROM \"t\""),
        compiler.allTables(view, GUEST));
    assertEquals(6, compiler.allTables(view, OWNER).size());
    for (String sql : compiler.allTables(view, OWNER)) {
      compiler.subscription(sql, view, OWNER);
    }
  }
}
