package dev.dormouse.simulation;

import org.jspecify.annotations.Nullable;

/**
 * Where tasks may come off between two instructions of the engine: {@link RacingLoader} puts a call
 * of {@link #next} before every access to what threads share. One world at a time.
 */
public final class SharedAccess {
  private static @Nullable Fate fate;

  private SharedAccess() {}

  /** Accesses are steps of this world from now on. */
  static void of(Fate world) {
    fate = world;
  }

  /** The calling task is about to touch what other tasks may touch. */
  public static void next() {
    Fate present = fate;
    if (present != null) {
      present.sharedAccess();
    }
  }
}
