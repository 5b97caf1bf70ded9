package dev.dormouse.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.query.Scope.Field;
import dev.dormouse.query.Statement.Select;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.Bsatn;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.RowShape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A predicate on row bytes says what the plainest evaluation on decoded rows says. */
final class RowPredicateTest {
  private static RowPredicate compile(String condition, List<AlgebraicType> types) {
    Select select =
        (Select) Parser.parse("select * from t where " + condition, QueryLimits.DEFAULT);
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      fields.add(new Field(i, "c" + i, "c" + i, types.get(i), true));
    }
    Typer typer =
        new Typer(new Scope("t", fields, QueryLimits.DEFAULT), Identity.ZERO, QueryLimits.DEFAULT);
    return RowPredicate.compile(
        typer.type(select.where().orElseThrow()), RowShape.ofColumns(types));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void agreesWithTheNaiveEvaluation(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomValues values = new RandomValues(random);
    int matches = 0;
    int misses = 0;
    for (int schema = 0; schema < 40; schema++) {
      List<AlgebraicType> types = new ArrayList<>();
      for (int i = 1 + random.nextInt(5); i > 0; i--) {
        types.add(
            i > 1 || types.isEmpty() || random.nextBoolean() ? values.anyType() : types.getFirst());
      }
      Product rowType = new Product(types.stream().map(type -> Member.of("c", type)).toList());
      for (int query = 0; query < 20; query++) {
        RandomCondition condition = RandomCondition.over(types, random);
        RowPredicate predicate = compile(condition.sql(), types);
        for (int row = 0; row < 20; row++) {
          List<AlgebraicValue> columns = types.stream().map(values::value).toList();
          BsatnWriter bytes = new BsatnWriter();
          int offset = random.nextInt(4);
          bytes.writeRaw(new byte[offset]);
          Bsatn.INLINED.write(rowType, new AlgebraicValue.Product(columns), bytes);
          boolean expected = condition.naive().test(columns);
          assertEquals(
              expected,
              predicate.test(bytes.toByteArray(), offset),
              () -> "seed " + seed + ": " + condition.sql() + " on " + columns);
          if (expected) {
            matches++;
          } else {
            misses++;
          }
        }
      }
    }
    assertTrue(matches > 1_000 && misses > 1_000, matches + " matches, " + misses + " misses");
  }

  @Test
  void constantsLeaveNothingToTest() {
    List<AlgebraicType> types = List.of(Primitive.U32);
    assertTrue(compile("true", types).isAlways());
    assertTrue(compile("c0 = 1 or true", types).isAlways());
    assertTrue(compile("not (c0 = 1 and false)", types).isAlways());
    assertTrue(compile("c0 = 1 and false", types).isNever());
    assertFalse(compile("c0 = 1 and true", types).isAlways());
  }

  @Test
  void theDeepestLegalNestingRunsOnASmallStack() throws InterruptedException {
    int levels = QueryLimits.DEFAULT.alternationsMax();
    String open = "c0 = 0 or (c0 = 1 and (".repeat(levels / 2);
    String sql = open.substring(0, open.length() - 1) + "true" + ")".repeat(levels - 1);
    assertThrows(
        EngineException.class, () -> compile("c0 = 2 and (" + sql + ")", List.of(Primitive.U32)));
    List<String> failures = new ArrayList<>();
    Thread small =
        new Thread(
            null,
            () -> {
              RowPredicate predicate = compile(sql, List.of(Primitive.U32));
              if (predicate.test(new byte[] {2, 0, 0, 0}, 0)
                  || !predicate.test(new byte[] {1, 0, 0, 0}, 0)) {
                failures.add("wrong answer");
              }
            },
            "small stack",
            512 * 1024);
    small.setUncaughtExceptionHandler((thread, failure) -> failures.add(failure.toString()));
    small.start();
    small.join();
    assertEquals(List.of(), failures);
  }
}
