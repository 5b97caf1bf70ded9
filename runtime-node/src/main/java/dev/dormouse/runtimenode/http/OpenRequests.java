package dev.dormouse.runtimenode.http;

import dev.dormouse.sats.MemoryShare;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The requests under way: how many, and how many bytes of their bodies and answers are in memory.
 * Thread safe.
 */
public final class OpenRequests {
  /**
   * How often a body is on the heap: in a buffer that was doubled for it, and as what it was copied
   * to for whoever works with it.
   */
  public static final int BODY_COPIES = 3;

  private final long bytesMax;
  private final MemoryShare memory;
  private int open;
  private boolean stopping;

  /** None yet, on a node whose memory is bounded elsewhere. */
  public OpenRequests(HttpLimits limits) {
    this(limits, MemoryShare.unlimited());
  }

  /**
   * None yet.
   *
   * @param memory of the node, for bodies and answers
   */
  public OpenRequests(HttpLimits limits, MemoryShare memory) {
    this.bytesMax = limits.bodiesBytes();
    this.memory = memory;
  }

  /** A request begins; false if the node stops and takes no more. */
  synchronized boolean begin() {
    if (stopping) {
      return false;
    }
    open++;
    return true;
  }

  /** A request that began was answered, or its client has left. */
  synchronized void end() {
    open--;
    if (open == 0) {
      notifyAll();
    }
  }

  /** Takes room for bytes; false if there is none, and nothing is taken. */
  synchronized boolean reserve(long wanted) {
    return memory.bytes() + wanted <= bytesMax && memory.tryAdd(wanted);
  }

  /** Takes room for bytes of a body, which are there several times. */
  boolean reserveBody(int bytes) {
    return reserve((long) BODY_COPIES * bytes);
  }

  /** Gives room back. */
  synchronized void release(long taken) {
    memory.add(-taken);
  }

  /** Bytes of bodies and answers in memory. */
  synchronized long bytes() {
    return memory.bytes();
  }

  /**
   * Takes no more requests and waits for those under way.
   *
   * @return whether all were answered in time
   */
  public synchronized boolean drain(Duration most) throws InterruptedException {
    stopping = true;
    long end = System.nanoTime() + most.toNanos();
    while (open > 0) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }
}
