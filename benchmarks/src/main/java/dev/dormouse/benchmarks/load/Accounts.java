package dev.dormouse.benchmarks.load;

import java.util.SplittableRandom;

/** Which account the next call touches. Picks keep no state, so that threads may share one. */
sealed interface Accounts {
  /** Number of accounts; picks are below it. */
  int count();

  int pick(SplittableRandom random);

  /** Each account as likely as any other. */
  record Uniform(int count) implements Accounts {
    @Override
    public int pick(SplittableRandom random) {
      return random.nextInt(count);
    }
  }

  /**
   * Account of rank r with a chance of 1 / (r + 1)^0.99, ranks spread over the ids.
   *
   * <p>Source: Gray et al., "Quickly generating billion-record synthetic databases", 1994.
   */
  final class Zipf implements Accounts {
    private static final double THETA = 0.99;
    private static final long SPREAD =
        2_654_435_761L; // prime, hence coprime to every smaller count

    private final int count;
    private final double zetaN;
    private final double alpha;
    private final double eta;

    Zipf(int count) {
      this.count = count;
      double sum = 0;
      for (int rank = 1; rank <= count; rank++) {
        sum += 1 / Math.pow(rank, THETA);
      }
      zetaN = sum;
      alpha = 1 / (1 - THETA);
      double zeta2 = 1 + 1 / Math.pow(2, THETA);
      eta = (1 - Math.pow(2.0 / count, 1 - THETA)) / (1 - zeta2 / zetaN);
    }

    @Override
    public int count() {
      return count;
    }

    @Override
    public int pick(SplittableRandom random) {
      double u = random.nextDouble();
      double uz = u * zetaN;
      long rank;
      if (uz < 1) {
        rank = 0;
      } else if (uz < 1 + Math.pow(0.5, THETA)) {
        rank = 1;
      } else {
        rank = Math.min(count - 1, (long) (count * Math.pow(eta * u - eta + 1, alpha)));
      }
      return (int) (rank * SPREAD % count);
    }
  }
}
