package dev.dormouse.runtimenode.ws;

import dev.dormouse.sats.MemoryShare;

/**
 * What one connection has sent and its database has not answered: the frame that is arriving, the
 * fragments of a message that is not complete, payloads; and the queries that it holds. Counts for
 * the connection and, above a few bytes, towards the node's total. Told on the event loop, but for
 * {@link #kept}; asked by any thread.
 */
final class Received {
  /** RFC 6455 §5.2: two bytes, four of mask, and two or eight of length if it is 126 or more. */
  private static final int SHORT_HEAD = 6;

  private final MemoryShare node;
  private final long uncounted;

  // Used on the event loop.
  private long frame;
  private long fragments;
  private long payloads;

  private long waiting; // Guarded by this.
  private long kept; // Guarded by this.
  private long counted; // Guarded by this.
  private boolean writtenOff; // Guarded by this.
  private volatile boolean unwanted;

  /**
   * Nothing yet.
   *
   * @param node the node's total of bytes
   * @param uncounted so few bytes do not count, so that short messages cost nothing here
   */
  Received(MemoryShare node, long uncounted) {
    this.node = node;
    this.uncounted = uncounted;
  }

  /** Bytes came from the socket. */
  void arrived(int bytes) {
    frame += bytes;
  }

  /** A frame is complete, of so many bytes without its head. */
  void completed(int bytes) {
    int extended = bytes < 126 ? 0 : bytes < 65_536 ? 2 : 8;
    // What came right behind the upgrade was not seen arriving.
    frame = Math.max(0, frame - SHORT_HEAD - extended - bytes);
  }

  /** The bytes of a message that is not complete. */
  void fragments(long bytes) {
    fragments = bytes;
  }

  /** The bytes of complete messages that are not answered. */
  void payloads(long bytes) {
    payloads = bytes;
    count();
  }

  /** Counts what there is now. */
  void count() {
    publish(frame + fragments + payloads);
  }

  private synchronized void publish(long bytes) {
    waiting = bytes;
    publish();
  }

  /** The bytes of what it has sent that is kept beyond the answer; by the lane. */
  synchronized void kept(long bytes) {
    kept = bytes;
    publish();
  }

  private void publish() {
    long held = waiting + kept <= uncounted ? 0 : waiting + kept;
    if (!writtenOff && held != counted) {
      node.add(held - counted);
      counted = held;
    }
  }

  /** The connection has ended: what it has sent is on its way out of memory. */
  synchronized void writeOff() {
    writtenOff = true;
    node.add(-counted);
    counted = 0;
  }

  /** What counts towards the node's total. */
  synchronized long bytes() {
    return counted;
  }

  /** What still arrives is to be thrown away. */
  void refuse() {
    unwanted = true;
  }

  /** Whether what arrives is thrown away. */
  boolean isUnwanted() {
    return unwanted;
  }
}
