package dev.dormouse.sats.json;

import java.math.BigDecimal;

/**
 * Floats as their shortest decimal text.
 *
 * <p>With d the shortest digits and the value 0.d × 10^k, the text is plain for small k and in
 * exponent form otherwise. Source: spec data-model §5.1.
 */
final class FloatText {
  private FloatText() {}

  /** Appends an F64; what is not finite becomes {@code null}. */
  static void append(StringBuilder out, double value) {
    if (!Double.isFinite(value)) {
      out.append("null");
      return;
    }
    if (Double.doubleToRawLongBits(value) < 0) {
      out.append('-');
    }
    double magnitude = Math.abs(value);
    Digits digits = Digits.of(Double.toString(magnitude));
    if (magnitude < Double.MIN_NORMAL && digits.text.length() == 2) {
      digits =
          digits.shortened(
              new BigDecimal(magnitude), text -> Double.parseDouble(text) == magnitude);
    }
    digits.append(out, -5, 16);
  }

  /** Appends an F32; what is not finite becomes {@code null}. */
  static void append(StringBuilder out, float value) {
    if (!Float.isFinite(value)) {
      out.append("null");
      return;
    }
    if (Float.floatToRawIntBits(value) < 0) {
      out.append('-');
    }
    float magnitude = Math.abs(value);
    Digits digits = Digits.of(Float.toString(magnitude));
    if (magnitude < Float.MIN_NORMAL && digits.text.length() == 2) {
      digits =
          digits.shortened(new BigDecimal(magnitude), text -> Float.parseFloat(text) == magnitude);
    }
    digits.append(out, -6, 13);
  }

  private interface RoundTrip {
    boolean holds(String text);
  }

  /** 0.text × 10^exponent; the text neither begins nor ends with a zero, unless it is one. */
  private record Digits(String text, int exponent) {
    /** From what {@code toString} gives: {@code 1.5}, {@code 0.001}, {@code 1.0E10}. */
    static Digits of(String text) {
      int mark = text.indexOf('E');
      int exponent = mark < 0 ? 0 : Integer.parseInt(text.substring(mark + 1));
      String decimal = mark < 0 ? text : text.substring(0, mark);
      int point = decimal.indexOf('.');
      String all = decimal.substring(0, point) + decimal.substring(point + 1);
      int first = 0;
      while (first < all.length() && all.charAt(first) == '0') {
        first++;
      }
      int end = all.length();
      while (end > first && all.charAt(end - 1) == '0') {
        end--;
      }
      return first == end
          ? new Digits("0", 1)
          : new Digits(all.substring(first, end), exponent + point - first);
    }

    // Java gives two digits where one would do; only subnormal values are coarse enough for that.
    Digits shortened(BigDecimal exact, RoundTrip roundTrip) {
      int first = text.charAt(0) - '0';
      Digits best = this;
      for (int digit = first; digit <= first + 1; digit++) {
        Digits candidate = of(digit + ".0E" + (exponent - 1));
        String decimal = digit + "E" + (exponent - 1);
        if (roundTrip.holds(decimal)
            && (best.equals(this)
                || candidate.distance(exact).compareTo(best.distance(exact)) < 0)) {
          best = candidate;
        }
      }
      return best;
    }

    private BigDecimal distance(BigDecimal exact) {
      return new BigDecimal("0." + text).scaleByPowerOfTen(exponent).subtract(exact).abs();
    }

    void append(StringBuilder out, int plainAbove, int plainTo) {
      int length = text.length();
      if (exponent <= plainAbove || exponent > plainTo) {
        out.append(text.charAt(0));
        if (length > 1) {
          out.append('.').append(text, 1, length);
        }
        out.append('e').append(exponent - 1);
      } else if (exponent <= 0) {
        out.append("0.").repeat('0', -exponent).append(text);
      } else if (exponent >= length) {
        out.append(text).repeat('0', exponent - length).append(".0");
      } else {
        out.append(text, 0, exponent).append('.').append(text, exponent, length);
      }
    }
  }
}
