package dev.dormouse.residence;

import java.io.IOException;

/**
 * Lets one chosen write of the in-memory stores fail that share it, to be armed by tests and the
 * simulation. What was answered is never lost. Thread safe.
 */
public final class StoreFaults {
  /** What a failing write leaves behind. */
  public enum Effect {
    /** Nothing was stored. */
    NOTHING_STORED,
    /** All was stored, and only the answer is lost. */
    ANSWER_LOST
  }

  private long writes;
  private long failing;
  private boolean down;
  private Effect effect = Effect.NOTHING_STORED;

  /** Without faults until some are armed. */
  public StoreFaults() {}

  /**
   * Arms the failure of one write, and counts anew.
   *
   * @param nth which, the first to come being 1; 0 for none
   */
  public synchronized void arm(long nth, Effect newEffect) {
    writes = 0;
    failing = nth;
    effect = newEffect;
  }

  /** Lets every write fail from now on, with nothing stored, or no longer. */
  public synchronized void failAll(boolean all) {
    down = all;
  }

  /** Writes since the last arming. */
  public synchronized long writes() {
    return writes;
  }

  /** A write to a store. */
  @FunctionalInterface
  interface Write<T> {
    T run() throws IOException;
  }

  synchronized <T> T around(String what, Write<T> write) throws IOException {
    boolean fails = ++writes == failing;
    if (down) {
      throw new IOException("armed: " + what + " fails, like everything");
    }
    if (fails && effect == Effect.NOTHING_STORED) {
      throw new IOException("armed: " + what + " fails");
    }
    T answer = write.run();
    if (fails) {
      throw new IOException("armed: the answer to " + what + " is lost");
    }
    return answer;
  }
}
