package dev.dormouse.query;

import dev.dormouse.sats.AlgebraicValue;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;

/** The order of values of spec data-model §3, on trees and as plainly as possible. */
final class NaiveOrder {
  private NaiveOrder() {}

  static int compare(AlgebraicValue left, AlgebraicValue right) {
    return switch (left) {
      case AlgebraicValue.Bool(boolean value) ->
          Boolean.compare(value, ((AlgebraicValue.Bool) right).value());
      case AlgebraicValue.Int(BigInteger value) ->
          value.compareTo(((AlgebraicValue.Int) right).value());
      case AlgebraicValue.F32(float value) ->
          compareFloats(value, ((AlgebraicValue.F32) right).value());
      case AlgebraicValue.F64(double value) ->
          compareFloats(value, ((AlgebraicValue.F64) right).value());
      case AlgebraicValue.Text(String value) ->
          Arrays.compare(
              value.codePoints().toArray(),
              ((AlgebraicValue.Text) right).value().codePoints().toArray());
      case AlgebraicValue.Bytes bytes ->
          Arrays.compareUnsigned(bytes.toByteArray(), ((AlgebraicValue.Bytes) right).toByteArray());
      case AlgebraicValue.Product(List<AlgebraicValue> elements) -> {
        List<AlgebraicValue> others = ((AlgebraicValue.Product) right).elements();
        int order = 0;
        for (int i = 0; order == 0 && i < elements.size(); i++) {
          order = compare(elements.get(i), others.get(i));
        }
        yield order;
      }
      case AlgebraicValue.Array ignored -> throw new IllegalStateException("not comparable");
      case AlgebraicValue.Sum ignored -> throw new IllegalStateException("not comparable");
    };
  }

  private static int compareFloats(double left, double right) {
    if (Double.isNaN(left) || Double.isNaN(right)) {
      return Boolean.compare(Double.isNaN(left), Double.isNaN(right));
    }
    return left < right ? -1 : left > right ? 1 : 0;
  }
}
