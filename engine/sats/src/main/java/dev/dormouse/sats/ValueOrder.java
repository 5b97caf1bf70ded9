package dev.dormouse.sats;

import dev.dormouse.sats.AlgebraicValue.Array;
import dev.dormouse.sats.AlgebraicValue.Bool;
import dev.dormouse.sats.AlgebraicValue.Bytes;
import dev.dormouse.sats.AlgebraicValue.F32;
import dev.dormouse.sats.AlgebraicValue.F64;
import dev.dormouse.sats.AlgebraicValue.Int;
import dev.dormouse.sats.AlgebraicValue.Product;
import dev.dormouse.sats.AlgebraicValue.Sum;
import dev.dormouse.sats.AlgebraicValue.Text;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The order of two values of one type, which index keys and range bounds follow.
 *
 * <p>Zeros of both signs are equal; all NaN are equal and greater than everything else. Source:
 * spec data-model §3.
 */
public final class ValueOrder implements Comparator<AlgebraicValue> {
  /** The one instance. */
  public static final ValueOrder INSTANCE = new ValueOrder();

  private ValueOrder() {}

  @Override
  public int compare(AlgebraicValue left, AlgebraicValue right) {
    return switch (left) {
      case Bool(boolean l) when right instanceof Bool(boolean r) -> Boolean.compare(l, r);
      case Int(var l) when right instanceof Int(var r) -> l.compareTo(r);
      case F32(float l) when right instanceof F32(float r) -> compareFloats(l, r);
      case F64(double l) when right instanceof F64(double r) -> compareFloats(l, r);
      case Text(String l) when right instanceof Text(String r) -> Utf8Order.compare(l, r);
      case Bytes l when right instanceof Bytes r ->
          Arrays.compareUnsigned(l.toByteArray(), r.toByteArray());
      case Array(var l) when right instanceof Array(var r) -> compareLists(l, r);
      case Product(var l) when right instanceof Product(var r) -> compareLists(l, r);
      case Sum(int leftTag, var l) when right instanceof Sum(int rightTag, var r) ->
          leftTag == rightTag ? compare(l, r) : Integer.compare(leftTag, rightTag);
      default ->
          throw new IllegalArgumentException(left + " and " + right + " are not of one type");
    };
  }

  private static int compareFloats(double left, double right) {
    // Double.compare puts -0 below +0; adding +0 makes them one. It puts every NaN on top already.
    return Double.compare(left + 0.0, right + 0.0);
  }

  private int compareLists(List<AlgebraicValue> left, List<AlgebraicValue> right) {
    int common = Math.min(left.size(), right.size());
    for (int i = 0; i < common; i++) {
      int order = compare(left.get(i), right.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(left.size(), right.size());
  }
}
