package dev.dormouse.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HistogramTest {
  @Test
  void bucketsTileTheNumbersWithoutGap() {
    int last = Histogram.bucket(Long.MAX_VALUE);
    long next = 0;
    for (int bucket = 0; bucket <= last; bucket++) {
      long upper = Histogram.upper(bucket);
      assertTrue(upper >= next, "bucket " + bucket);
      assertEquals(bucket, Histogram.bucket(next), "lower end of " + bucket);
      assertEquals(bucket, Histogram.bucket(upper), "upper end of " + bucket);
      assertTrue(upper - next <= next / 64, "width of " + bucket);
      next = upper + 1;
    }
    assertEquals(Long.MIN_VALUE, next, "the last bucket ends at the largest long");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void quantilesAreThoseOfTheSortedValuesWithinOneBucket(long seed) {
    var random = new SplittableRandom(seed);
    var histogram = new Histogram();
    long[] values =
        random.longs(10_000, 0, 40).map(bits -> random.nextLong(1L << (bits + 1))).toArray();
    for (long value : values) {
      histogram.record(value);
    }
    Arrays.sort(values);
    for (double part : new double[] {0, 0.01, 0.5, 0.9, 0.99, 0.999, 1}) {
      long exact = values[Math.max(0, (int) Math.ceil(part * values.length) - 1)];
      long found = histogram.quantile(part);
      assertTrue(
          exact <= found && found <= exact + exact / 64,
          "seed %d, quantile %s: %d for %d".formatted(seed, part, found, exact));
    }
    assertEquals(values[values.length - 1], histogram.max());
    assertEquals(values.length, histogram.total());
  }

  @Test
  void addingIsCountingTogether() {
    var left = new Histogram();
    var right = new Histogram();
    left.record(10);
    right.record(1_000);
    right.record(-5);
    left.add(right);
    assertEquals(3, left.total());
    assertEquals(0, left.quantile(0));
    assertEquals(10, left.quantile(0.5));
    assertEquals(1_000, left.max());
  }

  @Test
  void anEmptyOneHasNoLatency() {
    assertEquals(0, new Histogram().quantile(0.5));
  }
}
