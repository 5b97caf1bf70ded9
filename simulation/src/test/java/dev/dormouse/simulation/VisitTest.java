package dev.dormouse.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever happens in the middle of whichever step of falling asleep, with nothing following, gets
 * what it is owed.
 */
final class VisitTest {
  /** A sleep that has fewer steps than this was not followed. */
  private static final int STEPS_MIN = 20;

  @ParameterizedTest
  @EnumSource
  void everyStepOfASleepMayBeInterrupted(Visit.Deed deed) {
    long seed = 1L + deed.name().length(); // Worlds of different deeds differ in more than that.
    long steps = Worlds.plain().visitEveryStep(deed.name(), seed);
    assertTrue(steps >= STEPS_MIN, "a sleep had %d steps, seed %d".formatted(steps, seed));
  }
}
