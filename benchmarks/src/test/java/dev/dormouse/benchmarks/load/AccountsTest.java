package dev.dormouse.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class AccountsTest {
  private static final int COUNT = 1_000;
  private static final int PICKS = 200_000;

  private static int[] picks(Accounts accounts) {
    var random = new SplittableRandom(7);
    int[] counts = new int[accounts.count()];
    for (int i = 0; i < PICKS; i++) {
      counts[accounts.pick(random)]++;
    }
    Arrays.sort(counts);
    return counts;
  }

  @Test
  void uniformTouchesAllAlike() {
    int[] counts = picks(new Accounts.Uniform(COUNT));
    assertTrue(counts[0] > 100 && counts[COUNT - 1] < 300, counts[0] + " to " + counts[COUNT - 1]);
  }

  @Test
  void zipfGivesTheFirstRanksWhatTheLawSays() {
    int[] counts = picks(new Accounts.Zipf(COUNT));
    double zeta = 0;
    for (int rank = 1; rank <= COUNT; rank++) {
      zeta += 1 / Math.pow(rank, 0.99);
    }
    double first = PICKS / zeta;
    double second = PICKS / zeta / Math.pow(2, 0.99);
    assertEquals(first, counts[COUNT - 1], first * 0.05);
    assertEquals(second, counts[COUNT - 2], second * 0.05);
    assertTrue(Arrays.stream(counts).filter(count -> count == 0).count() < COUNT / 10);
  }
}
