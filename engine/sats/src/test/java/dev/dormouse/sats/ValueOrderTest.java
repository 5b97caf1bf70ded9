package dev.dormouse.sats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dormouse.sats.AlgebraicValue.Array;
import dev.dormouse.sats.AlgebraicValue.Bool;
import dev.dormouse.sats.AlgebraicValue.Bytes;
import dev.dormouse.sats.AlgebraicValue.F32;
import dev.dormouse.sats.AlgebraicValue.F64;
import dev.dormouse.sats.AlgebraicValue.Int;
import dev.dormouse.sats.AlgebraicValue.Product;
import dev.dormouse.sats.AlgebraicValue.Sum;
import dev.dormouse.sats.AlgebraicValue.Text;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ValueOrderTest {
  private static void ascending(AlgebraicValue... values) {
    for (int a = 0; a < values.length; a++) {
      for (int b = 0; b < values.length; b++) {
        assertEquals(
            Integer.signum(Integer.compare(a, b)),
            Integer.signum(ValueOrder.INSTANCE.compare(values[a], values[b])),
            values[a] + " " + values[b]);
      }
    }
  }

  private static void equal(AlgebraicValue left, AlgebraicValue right) {
    assertEquals(0, ValueOrder.INSTANCE.compare(left, right));
  }

  @Test
  void floatsHaveOneZeroAndOneNanOnTop() {
    ascending(
        new F64(Double.NEGATIVE_INFINITY),
        new F64(-1),
        new F64(-Double.MIN_VALUE),
        new F64(0),
        new F64(Double.MIN_VALUE),
        new F64(Double.POSITIVE_INFINITY),
        new F64(Double.NaN));
    equal(new F64(-0.0), new F64(0.0));
    equal(new F64(Double.longBitsToDouble(0xfff8_0000_0000_0001L)), new F64(Double.NaN));
    equal(new F32(-0f), new F32(0f));
    ascending(
        new F32(Float.NEGATIVE_INFINITY),
        new F32(0),
        new F32(Float.POSITIVE_INFINITY),
        new F32(Float.intBitsToFloat(0xffc0_0001)));
  }

  @Test
  void othersAreLexicographic() {
    ascending(new Bool(false), new Bool(true));
    ascending(Int.of(-5), Int.of(0), Int.of(5));
    ascending(
        new Text(""),
        new Text("a"),
        new Text("ab"),
        new Text("b"),
        new Text("é"),
        new Text("\ufffd"),
        new Text("😀"));
    ascending(
        new Bytes(new byte[] {}),
        new Bytes(new byte[] {1}),
        new Bytes(new byte[] {1, 0}),
        new Bytes(new byte[] {(byte) 0x80}));
    ascending(
        new Array(List.of()), new Array(List.of(Int.of(1))),
        new Array(List.of(Int.of(1), Int.of(0))), new Array(List.of(Int.of(2))));
    ascending(Product.of(Int.of(1), Int.of(9)), Product.of(Int.of(2), Int.of(0)));
    ascending(new Sum(0, Int.of(9)), new Sum(1, Int.of(0)), new Sum(1, Int.of(1)));
  }

  @Test
  void valuesOfTwoTypesHaveNoOrder() {
    assertThrows(
        IllegalArgumentException.class,
        () -> ValueOrder.INSTANCE.compare(Int.of(1), new Bool(true)));
  }
}
