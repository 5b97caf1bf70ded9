package dev.dormouse.sats;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one thing (a store, a transaction, a guest's memory, a result) holds of a {@link
 * MemoryBudget}.
 *
 * <p>Taken and given back in steps, so that what grows by rows seldom meets other threads. Used by
 * one thread at a time, but for {@link #close}, which any holder may call.
 */
public final class MemoryAccount implements AutoCloseable {
  /** Unit of what is taken from the budget. */
  public static final int STEP_BYTES = 64 << 10;

  private final MemoryBudget budget;
  private final AtomicInteger holders = new AtomicInteger(1);
  private long held;

  MemoryAccount(MemoryBudget budget) {
    this.budget = budget;
  }

  /** Bytes it holds: those it covers, rounded up. */
  public long heldBytes() {
    return held;
  }

  /**
   * Makes it cover so many bytes in all; false, and nothing changes, if the node has not so many.
   */
  public boolean tryCover(long bytes) {
    if (bytes <= held) {
      return true;
    }
    long more = stepsOf(bytes) - held;
    if (!budget.tryTake(more, held + more)) {
      return false;
    }
    held += more;
    return true;
  }

  /**
   * As {@link #tryCover}, or a refusal.
   *
   * @param what needs the memory, for the text
   * @throws EngineException RETRY, naming what it needs and the node's limit
   */
  public void cover(long bytes, String what) {
    if (!tryCover(bytes)) {
      throw refusal(bytes, what);
    }
  }

  /** What to say after {@link #tryCover} has refused so many bytes. */
  public EngineException refusal(long bytes, String what) {
    return budget.refusal(what, bytes - held, bytes);
  }

  /**
   * Says what is on the heap by now: covers no more than that, and all of it even if the node has
   * not so many, since it is there.
   */
  public void settle(long bytes) {
    long wanted = stepsOf(bytes);
    if (wanted > held) {
      budget.take(wanted - held);
    } else if (wanted < held) {
      budget.give(held - wanted);
    }
    held = wanted;
  }

  private static long stepsOf(long bytes) {
    return Math.addExact(bytes, STEP_BYTES - 1) & -STEP_BYTES;
  }

  /** One more holder: it is closed when each has closed it. Only before the last one does. */
  public void share() {
    holders.incrementAndGet();
  }

  /** Gives everything back once every holder has called it, each once. */
  @Override
  public void close() {
    if (holders.decrementAndGet() == 0) {
      budget.give(held);
      held = 0;
    }
  }
}
