package dev.dormouse.benchmarks.load;

/**
 * Counts of durations in log-linear buckets: exact below 128 ns, then 64 buckets per power of two,
 * so that a value read back is at most 1/64 (1.6 %) above the one recorded. One thread writes;
 * readers come when it has stopped.
 */
public final class Histogram {
  private static final int SUB_BITS = 6;
  private static final int SUB = 1 << SUB_BITS;

  private final long[] counts = new long[bucket(Long.MAX_VALUE) + 1];
  private long total;
  private long max;

  /** Adds one duration in nanoseconds; a negative one counts as zero. */
  void record(long nanos) {
    long value = Math.max(0, nanos);
    counts[bucket(value)]++;
    total++;
    if (value > max) {
      max = value;
    }
  }

  /** Adds what another one has counted. */
  void add(Histogram other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
    total += other.total;
    max = Math.max(max, other.max);
  }

  /** Number of durations recorded. */
  long total() {
    return total;
  }

  /** The longest duration in nanoseconds, exactly; 0 if there is none. */
  long max() {
    return max;
  }

  /**
   * The smallest bucket end in nanoseconds that at least this part of the durations do not exceed.
   *
   * @param part between 0 and 1
   */
  long quantile(double part) {
    if (part < 0 || part > 1) {
      throw new IllegalArgumentException("a quantile is between 0 and 1, got " + part);
    }
    long wanted = Math.max(1, (long) Math.ceil(part * total));
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= wanted) {
        return Math.min(max, upper(i));
      }
    }
    return max;
  }

  /** Index of the bucket of a value that is not negative. */
  static int bucket(long value) {
    if (value < 2 * SUB) {
      return (int) value;
    }
    int shift = 63 - Long.numberOfLeadingZeros(value) - SUB_BITS;
    return (shift << SUB_BITS) + (int) (value >>> shift);
  }

  /** Largest value of a bucket. */
  static long upper(int bucket) {
    if (bucket < 2 * SUB) {
      return bucket;
    }
    int shift = (bucket >>> SUB_BITS) - 1;
    long first = (long) (bucket - (shift << SUB_BITS)) << shift;
    return first + (1L << shift) - 1;
  }
}
