package dev.dormouse.modulehost;

/**
 * The pages of a module's initial data, which its instances share until they write to them. Filled
 * by the first instance; safe for use by several threads, of which the last one wins.
 */
final class InitialPages {
  private volatile byte[][] pages = new byte[0][];

  /** By page number; empty before the first instance. Nobody writes to these arrays. */
  byte[][] pages() {
    return pages;
  }

  void publish(byte[][] filled) {
    pages = filled;
  }
}
