package dev.dormouse.runtimenode.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When a lane is busy, in milliseconds of a clock that the test moves. */
final class LaneShareTest {
  private static final LaneThreadLimits LIMITS = LaneThreadLimits.forCores(2);
  private static final long MILLI = 1_000_000;

  private final LaneShare share = new LaneShare(LIMITS, 0);

  @Test
  void shortRunsInAQuarterOfTheTimeAreNeverBusy() {
    for (long now = 4; now < 40_000; now += 4) {
      share.add(MILLI, now * MILLI);
      assertFalse(share.isBusy(), "at " + now + " ms");
    }
  }

  @Test
  void moreThanThatIsBusySoonerOrLater() {
    long now = 0;
    while (!share.isBusy()) {
      now += 3;
      share.add(MILLI, now * MILLI);
      assertTrue(now < 200, "not busy after " + now + " ms");
    }
  }

  @Test
  void oneLongRunIsMadeUpForInItsTime() {
    share.add(LIMITS.compensateAfter().toNanos(), 10 * MILLI);
    assertTrue(share.isBusy());
    share.add(0, 20 * MILLI);
    assertTrue(share.isBusy(), "still a lot");
    share.add(0, 31 * MILLI);
    assertFalse(share.isBusy());
  }

  @Test
  void whatIsToBeMadeUpForHasALimit() {
    share.add(60_000 * MILLI, 60_000 * MILLI);
    assertEquals(LIMITS.usedMax().toNanos(), share.used(60_000 * MILLI));
    share.add(0, 64_000 * MILLI);
    assertFalse(share.isBusy());
  }
}
