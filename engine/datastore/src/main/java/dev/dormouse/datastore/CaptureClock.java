package dev.dormouse.datastore;

/** Counts captures: says which pages a live capture may still read. */
final class CaptureClock {
  private int current = 1;
  private int protectedThrough;

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
