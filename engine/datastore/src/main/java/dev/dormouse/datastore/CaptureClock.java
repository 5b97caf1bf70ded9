package dev.dormouse.datastore;

/** Counts captures: says which pages a live capture may still read. */
final class CaptureClock {
  /** Has pages covered before they are copied. */
  interface Copies {
    /**
     * A page is about to be copied.
     *
     * @param system whether its table is one of the system's
     * @throws dev.dormouse.sats.EngineException if the node has not so much memory
     */
    void cover(long bytes, boolean system);
  }

  private final Copies copies;
  private int current = 1;
  private int protectedThrough;

  CaptureClock(Copies copies) {
    this.copies = copies;
  }

  /** A page of so many bytes is about to be copied; as {@link Copies#cover}. */
  void copying(long bytes, boolean system) {
    copies.cover(bytes, system);
  }

  /** What pages are marked with when they are written. */
  int current() {
    return current;
  }

  /** A page last written in this generation or before must be copied before it is written. */
  int protectedThrough() {
    return protectedThrough;
  }

  /** Protects everything written so far, and returns the generation that is thereby complete. */
  int capture() {
    protectedThrough = current;
    current++;
    return protectedThrough;
  }

  /** Only captures up to this generation are still read; 0 means none. */
  void protectThrough(int generation) {
    protectedThrough = generation;
  }
}
