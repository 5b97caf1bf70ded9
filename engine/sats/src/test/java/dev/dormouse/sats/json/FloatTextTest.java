package dev.dormouse.sats.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.RandomSats;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FloatTextTest {
  private static String text(double value) {
    StringBuilder out = new StringBuilder();
    FloatText.append(out, value);
    return out.toString();
  }

  private static String text(float value) {
    StringBuilder out = new StringBuilder();
    FloatText.append(out, value);
    return out.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1.0",
    "-0.0, -0.0",
    "0, 0.0",
    "0.00001, 0.00001",
    "0.000001, 1e-6",
    "1e15, 1000000000000000.0",
    "1e16, 1e16",
    "1.5e16, 1.5e16",
    "123456789012345680, 1.2345678901234568e17",
    "1.7976931348623157e308, 1.7976931348623157e308",
    "4.9E-324, 5e-324",
    "1e23, 1e23",
    "2.2250738585072014e-308, 2.2250738585072014e-308",
    "0.1, 0.1",
    "-123.456, -123.456",
    "9007199254740993, 9007199254740992.0",
    "1e-323, 1e-323",
    "NaN, null",
    "-Infinity, null"
  })
  void f64(double value, String expected) {
    assertEquals(expected, text(value));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1.0",
    "1e20, 1e20",
    "1e13, 1e13",
    "1e12, 1000000000000.0",
    "0.000001, 0.000001",
    "1e-7, 1e-7",
    "1.4E-45, 1e-45",
    "3.4028235e38, 3.4028235e38",
    "16777216, 16777216.0",
    "0.1, 0.1",
    "Infinity, null"
  })
  void f32(float value, String expected) {
    assertEquals(expected, text(value));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void textIsTheShortestThatReadsBack(long seed) {
    RandomSats random = new RandomSats(new Random(seed));
    for (int i = 0; i < 20_000; i++) {
      double d = random.f64();
      assertEquals(
          Double.doubleToRawLongBits(d),
          Double.doubleToRawLongBits(Double.parseDouble(text(d))),
          "seed " + seed);
      BigDecimal shown = new BigDecimal(text(d)).stripTrailingZeros();
      if (shown.precision() > 1) {
        for (RoundingMode mode : new RoundingMode[] {RoundingMode.FLOOR, RoundingMode.CEILING}) {
          BigDecimal shorter =
              new BigDecimal(d).round(new MathContext(shown.precision() - 1, mode));
          assertTrue(shorter.doubleValue() != d, () -> "seed " + seed + ": " + shorter + " " + d);
        }
      }
      float f = random.f32();
      assertEquals(
          Float.floatToRawIntBits(f),
          Float.floatToRawIntBits(Float.parseFloat(text(f))),
          "seed " + seed);
    }
  }
}
