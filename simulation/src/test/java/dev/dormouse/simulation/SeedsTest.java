package dev.dormouse.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The invariants hold in every world; a world that breaks one says its seed. */
final class SeedsTest {
  private static final int SEEDS = 40;
  private static final int RACING_SEEDS = 8;
  private static final int BAD_DISKS = 16;
  private static final int VIGILS = 30;

  @Test
  void noWorldBreaksAnInvariant() {
    Worlds.Runner worlds = Worlds.plain();
    long committed = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      committed += worlds.run(Worlds.CROWD, seed, 0)[0];
    }
    assertTrue(committed > SEEDS, "the worlds committed %d calls".formatted(committed));
  }

  /** Some in which tasks also come off between any two instructions that matter. */
  @Test
  void noRacingWorldBreaksAnInvariant() {
    Worlds.Runner worlds = Worlds.racing();
    for (long seed = 1; seed <= RACING_SEEDS; seed++) {
      worlds.run(Worlds.CROWD, seed, 0);
    }
  }

  /** Disks that fail under a process, which goes on when they are mended. */
  @Test
  void noWorldOnABadDiskBreaksAnInvariant() {
    Worlds.Runner worlds = Worlds.plain();
    long resumed = 0;
    for (long seed = 1; seed <= BAD_DISKS; seed++) {
      resumed += worlds.run(Worlds.BAD_DISK, seed, 0)[4];
    }
    assertTrue(resumed > 0, "no journal was resumed");
  }

  /** What is stored while it serves owes the same to those who die with the process. */
  @Test
  void nobodyIsForgottenOfWhatIsStoredWhileItServes() {
    Worlds.Runner worlds = Worlds.plain();
    for (long seed = 1; seed <= VIGILS; seed++) {
      worlds.run(Worlds.VIGIL, seed, 0);
    }
  }

  @Test
  void theSameSeedGivesTheSameTrace() {
    Worlds.Runner worlds = Worlds.plain();
    assertEquals(worlds.run(Worlds.CROWD, 7, 0)[2], worlds.run(Worlds.CROWD, 7, 0)[2]);
  }
}
