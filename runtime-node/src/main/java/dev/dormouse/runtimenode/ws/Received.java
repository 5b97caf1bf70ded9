package dev.dormouse.runtimenode.ws;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What one connection has sent and its database has not answered: the frame that is arriving, the
 * fragments of a message that is not complete, payloads. Counts for the connection and, above a few
 * bytes, towards the node's total. Told on the event loop; asked by any thread.
 */
final class Received {
  /** RFC 6455 §5.2: two bytes, four of mask, and two or eight of length if it is 126 or more. */
  private static final int SHORT_HEAD = 6;

  private final AtomicLong node;
  private final long uncounted;

  // Used on the event loop.
  private long frame;
  private long fragments;
  private long payloads;

  private long counted; // Guarded by this.
  private boolean writtenOff; // Guarded by this.
  private volatile boolean unwanted;

  /**
   * Nothing yet.
   *
   * @param node the node's total of bytes
   * @param uncounted so few bytes do not count, so that short messages cost nothing here
   */
  Received(AtomicLong node, long uncounted) {
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
    long held = frame + fragments + payloads;
    publish(held <= uncounted ? 0 : held);
  }

  private synchronized void publish(long bytes) {
    if (!writtenOff && bytes != counted) {
      node.addAndGet(bytes - counted);
      counted = bytes;
    }
  }

  /** The connection has ended: what it has sent is on its way out of memory. */
  synchronized void writeOff() {
    writtenOff = true;
    node.addAndGet(-counted);
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
