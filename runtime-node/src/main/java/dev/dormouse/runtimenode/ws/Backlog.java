package dev.dormouse.runtimenode.ws;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What one connection has been told and has not taken: held back until it is durable, or handed to
 * the socket and not yet written. Counts for the connection and towards the node's total. Thread
 * safe.
 */
final class Backlog {
  private final AtomicLong node;
  private long heldBytes;
  private int heldMessages;
  private long sentBytes;
  private int sentMessages;
  private long progress;
  private boolean writtenOff;

  /**
   * An empty one.
   *
   * @param node the node's total of bytes
   */
  Backlog(AtomicLong node) {
    this.node = node;
  }

  /** What is held back now. */
  synchronized void hold(long bytes, int messages) {
    if (!writtenOff) {
      node.addAndGet(bytes - heldBytes);
      heldBytes = bytes;
    }
    heldMessages = messages;
  }

  /** Something was handed to the socket. */
  synchronized void send(int bytes, int messages) {
    sentBytes += bytes;
    sentMessages += messages;
    if (!writtenOff) {
      node.addAndGet(bytes);
    }
  }

  /** Something that was handed to the socket was written, or never will be. */
  synchronized void written(int bytes, int messages) {
    sentBytes -= bytes;
    sentMessages -= messages;
    progress++;
    if (!writtenOff) {
      node.addAndGet(-bytes);
    }
  }

  /** The connection has ended: what it has not taken is on its way out of memory. */
  synchronized void writeOff() {
    if (!writtenOff) {
      writtenOff = true;
      node.addAndGet(-heldBytes - sentBytes);
      heldBytes = 0;
    }
  }

  /** Bytes held back or handed to the socket. */
  synchronized long bytes() {
    return writtenOff ? 0 : heldBytes + sentBytes;
  }

  /** Messages held back or handed to the socket. */
  synchronized int messages() {
    return heldMessages + sentMessages;
  }

  /** Bytes handed to the socket. */
  synchronized long sentBytes() {
    return sentBytes;
  }

  /** Messages handed to the socket. */
  synchronized int sentMessages() {
    return sentMessages;
  }

  /** Rises whenever the socket takes something. */
  synchronized long progress() {
    return progress;
  }
}
