package dev.dormouse.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The invariants hold in every world; a world that breaks one says its seed. */
final class SeedsTest {
  private static final int SEEDS = 40;

  @Test
  void noWorldBreaksAnInvariant() {
    Worlds.Runner worlds = Worlds.plain();
    long committed = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      committed += worlds.run(seed, 0)[0];
    }
    assertTrue(committed > SEEDS, "the worlds committed %d calls".formatted(committed));
  }

  @Test
  void theSameSeedGivesTheSameTrace() {
    Worlds.Runner worlds = Worlds.plain();
    assertEquals(worlds.run(7, 0)[2], worlds.run(7, 0)[2]);
  }
}
