package dev.dormouse.runtimenode.ws;

import dev.dormouse.sats.MemoryShare;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one connection has been told and has not taken: held back until it is durable, or handed to
 * the socket and not yet written. Counts for the connection and towards the node's total, there
 * until it has left memory. Thread safe.
 */
final class Backlog {
  /** The total of a node, and the part of it that is on its way out of memory. */
  static final class Total {
    private final MemoryShare memory;
    private final long bytesMax;
    private final AtomicLong leaving = new AtomicLong();

    /**
     * Nothing waits.
     *
     * @param bytesMax more should not wait
     */
    Total(MemoryShare memory, long bytesMax) {
      this.memory = memory;
      this.bytesMax = bytesMax;
    }

    /** What waits for connections that are open. */
    long bytes() {
      return memory.bytes() - leaving.get();
    }

    /** Whether more waits than should, if so many bytes were added. */
    boolean isOver(long more) {
      return bytes() + more > bytesMax || memory.isOver(leaving.get() - more);
    }

    /** Takes room for a message, if there is any, what is leaving included. */
    private boolean take(long more) {
      return memory.bytes() + more <= bytesMax && memory.tryAdd(more);
    }
  }

  private final Total node;
  private long heldBytes;
  private int heldMessages;
  private long sentBytes;
  private int sentMessages;
  private long progress;
  private boolean writtenOff;

  /** An empty one. */
  Backlog(Total node) {
    this.node = node;
  }

  private void count(long bytes) {
    if (bytes != 0) {
      node.memory.add(bytes);
      if (writtenOff) {
        node.leaving.addAndGet(bytes);
      }
    }
  }

  /** Takes room for a message that is about to be held; false if the node has none. */
  synchronized boolean reserve(long bytes) {
    if (writtenOff || !node.take(bytes)) {
      return false;
    }
    heldBytes += bytes;
    return true;
  }

  /** What is held back now. */
  synchronized void hold(long bytes, int messages) {
    count(bytes - heldBytes);
    heldBytes = bytes;
    heldMessages = messages;
  }

  /** Something was handed to the socket. */
  synchronized void send(int bytes, int messages) {
    sentBytes += bytes;
    sentMessages += messages;
    count(bytes);
  }

  /** Something that was handed to the socket was written, or never will be. */
  synchronized void written(int bytes, int messages) {
    sentBytes -= bytes;
    sentMessages -= messages;
    progress++;
    count(-bytes);
  }

  /** The connection has ended: what it has not taken is on its way out of memory. */
  synchronized void writeOff() {
    if (!writtenOff) {
      writtenOff = true;
      node.leaving.addAndGet(heldBytes + sentBytes);
    }
  }

  /** Bytes held back or handed to the socket; none of a connection that has ended. */
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
