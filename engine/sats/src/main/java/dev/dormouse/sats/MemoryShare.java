package dev.dormouse.sats;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What very many small things of one kind hold together: messages on their way, bodies of requests.
 * A part of it is their own, whatever databases take; what is beyond counts on the node's {@link
 * MemoryBudget}, in steps, so that a change mostly is one addition. Beyond its own it gives way to
 * databases: what they may still take when it has to go is as much again as the budget's reserve.
 *
 * <p>Thread safe.
 */
public final class MemoryShare {
  private static final long STEP_BYTES = 1 << 20;

  private final MemoryBudget budget;
  private final long ownBytes;
  private final AtomicLong total = new AtomicLong();

  /** What the budget was charged. Written under the monitor. */
  private volatile long charged;

  /**
   * A share that holds nothing yet.
   *
   * @param ownBytes so much of it does not count on the budget
   */
  public MemoryShare(MemoryBudget budget, long ownBytes) {
    if (ownBytes < 0) {
      throw new IllegalArgumentException("a share with %d bytes of its own".formatted(ownBytes));
    }
    this.budget = budget;
    this.ownBytes = ownBytes;
  }

  /** A share of a node whose memory is bounded elsewhere. */
  public static MemoryShare unlimited() {
    return new MemoryShare(MemoryBudget.unlimited(), 0);
  }

  /** Bytes that are held. */
  public long bytes() {
    return total.get();
  }

  /** Counts bytes that are on the heap by now, or, if negative, that are not any more. */
  public void add(long bytes) {
    long beyond = total.addAndGet(bytes) - ownBytes;
    long covered = charged;
    if (beyond > covered || (covered > 0 && covered - beyond > 2 * STEP_BYTES)) {
      settle();
    }
  }

  /** Counts bytes that are about to be taken; false, and nothing changes, if there is no room. */
  public synchronized boolean tryAdd(long bytes) {
    long wanted = stepsOf(total.get() + bytes - ownBytes);
    if (wanted > charged) {
      if (!budget.tryTakeShared(wanted - charged)) {
        return false;
      }
      charged = wanted;
    }
    total.addAndGet(bytes);
    return true;
  }

  private synchronized void settle() {
    long wanted = stepsOf(total.get() - ownBytes);
    if (wanted > charged) {
      budget.take(wanted - charged);
    } else {
      budget.give(charged - wanted);
    }
    charged = wanted;
  }

  private static long stepsOf(long bytes) {
    return bytes <= 0 ? 0 : Math.addExact(bytes, STEP_BYTES - 1) & -STEP_BYTES;
  }

  /**
   * Whether it holds more than is its own while the node's memory is taken: something of it should
   * go.
   *
   * @param leaving bytes of it that are on their way out
   */
  public boolean isOver(long leaving) {
    long covered = charged;
    return covered > 0 && total.get() - leaving > ownBytes && budget.isOver(leaving);
  }
}
