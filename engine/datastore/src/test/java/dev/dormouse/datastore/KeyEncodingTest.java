package dev.dormouse.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.AlgebraicValue;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.RowShape;
import dev.dormouse.sats.SpecialType;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyEncodingTest {
  private static final List<AlgebraicType> TYPES =
      List.of(
          Primitive.BOOL,
          Primitive.U8,
          Primitive.I8,
          Primitive.U16,
          Primitive.I16,
          Primitive.U32,
          Primitive.I32,
          Primitive.U64,
          Primitive.I64,
          Primitive.U128,
          Primitive.I128,
          Primitive.U256,
          Primitive.I256,
          Primitive.F32,
          Primitive.F64,
          Primitive.STRING,
          AlgebraicType.BYTES,
          new Array(Primitive.I16),
          new Array(Primitive.STRING),
          AlgebraicType.option(Primitive.I32),
          AlgebraicType.option(AlgebraicType.BYTES),
          SpecialType.IDENTITY.type(),
          SpecialType.TIMESTAMP.type(),
          SpecialType.SCHEDULE_AT,
          AlgebraicType.UNIT,
          new Sum(List.of(Member.of("a", AlgebraicType.UNIT), Member.of("b", AlgebraicType.UNIT))),
          AlgebraicType.product(Member.of("x", Primitive.I8), Member.of("y", Primitive.STRING)));

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void orderOfKeysIsOrderOfValues(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 400; round++) {
      List<AlgebraicType> columns =
          List.of(
              TYPES.get(random.nextInt(TYPES.size())),
              TYPES.get(random.nextInt(TYPES.size())),
              TYPES.get(random.nextInt(TYPES.size())));
      List<Integer> key =
          switch (random.nextInt(4)) {
            case 0 -> List.of(0);
            case 1 -> List.of(2);
            case 2 -> List.of(1, 0);
            default -> List.of(2, 0, 1);
          };
      KeyEncoding encoding = new KeyEncoding(RowShape.ofColumns(columns), columns, key);
      for (int i = 0; i < 50; i++) {
        List<AlgebraicValue> a = row(columns, random);
        List<AlgebraicValue> b = row(columns, random);
        int expected = Integer.signum(Values.compareAll(pick(a, key), pick(b, key)));
        String what = "seed " + seed + " columns " + columns + " key " + key + ": " + a + " " + b;
        assertEquals(
            expected,
            Integer.signum(order(encoding, encode(columns, a), encode(columns, b))),
            what);
      }
    }
  }

  private static int order(KeyEncoding encoding, byte[] a, byte[] b) {
    KeyBuffer keyA = new KeyBuffer();
    KeyBuffer keyB = new KeyBuffer();
    encoding.encodeRow(a, 0, keyA);
    encoding.encodeRow(b, 0, keyB);
    int order = Arrays.compareUnsigned(keyA.bytes, 0, keyA.length, keyB.bytes, 0, keyB.length);
    int prefixOrder = Long.compare(keyA.prefix(), keyB.prefix());
    assertEquals(0, prefixOrder == 0 ? 0 : prefixOrder - Integer.signum(order), "prefix");
    if (encoding.packs()) {
      KeyBuffer scratch = new KeyBuffer();
      assertEquals(keyA.prefix(), encoding.packRow(a, 0, scratch));
      assertEquals(
          Integer.signum(order),
          Long.compare(encoding.packRow(a, 0, scratch), encoding.packRow(b, 0, scratch)));
    }
    return order;
  }

  private static List<AlgebraicValue> row(List<AlgebraicType> columns, SplittableRandom random) {
    return columns.stream().map(type -> Values.random(type, random, 4)).toList();
  }

  private static List<AlgebraicValue> pick(List<AlgebraicValue> row, List<Integer> key) {
    return key.stream().map(row::get).toList();
  }

  private static byte[] encode(List<AlgebraicType> columns, List<AlgebraicValue> row) {
    return Values.encode(
        new AlgebraicType.Product(columns.stream().map(type -> Member.of("c", type)).toList()),
        new AlgebraicValue.Product(row));
  }
}
