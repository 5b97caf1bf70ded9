package dev.dormouse.sats;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of heap that all databases of a node may take together, so that their sum, and not only
 * each of them, has a limit: tables, transactions, guest memories, results. What is about to take
 * heap opens an account and has it cover the bytes before it allocates them. The last of the budget
 * is kept for accounts that hold little: who takes much cannot keep others from being opened.
 *
 * <p>Thread safe. Source: design §4.
 */
public final class MemoryBudget {
  /** What an account holds that may take from the reserve, at most. */
  public static final long SMALL_BYTES = 2 << 20;

  private final long limitBytes;
  private final long reserveBytes;
  private final AtomicLong charged = new AtomicLong();

  /** A budget of so many bytes of heap, with no reserve. */
  public MemoryBudget(long limitBytes) {
    this(limitBytes, 0);
  }

  /**
   * A budget of so many bytes of heap.
   *
   * @param reserveBytes of them, for accounts that hold at most {@link #SMALL_BYTES}
   */
  public MemoryBudget(long limitBytes, long reserveBytes) {
    if (reserveBytes < 0 || limitBytes <= reserveBytes) {
      throw new IllegalArgumentException(
          "memory budget of %d bytes, %d of them reserved".formatted(limitBytes, reserveBytes));
    }
    this.limitBytes = limitBytes;
    this.reserveBytes = reserveBytes;
  }

  /** A budget that refuses nothing, for what is bounded elsewhere. */
  public static MemoryBudget unlimited() {
    return new MemoryBudget(Long.MAX_VALUE);
  }

  /** An account that covers nothing yet; must be closed. */
  public MemoryAccount open() {
    return new MemoryAccount(this);
  }

  /** Bytes that accounts hold now; may be above the limit for a moment. */
  public long chargedBytes() {
    return charged.get();
  }

  /** Bytes beyond which accounts get no more. */
  public long limitBytes() {
    return limitBytes;
  }

  private long limitFor(long held) {
    return held <= SMALL_BYTES ? limitBytes : limitBytes - reserveBytes;
  }

  /** Takes bytes for an account that will hold so many then. */
  boolean tryTake(long bytes, long held) {
    return tryTakeUpTo(limitFor(held), bytes);
  }

  private boolean tryTakeUpTo(long limit, long bytes) {
    while (true) {
      long now = charged.get();
      if (bytes > limit - now) {
        return false;
      }
      if (charged.compareAndSet(now, now + bytes)) {
        return true;
      }
    }
  }

  /** What shares of it may reach: they leave as much to databases as the reserve, and it. */
  private long shareLimit() {
    return Math.max(0, limitBytes - 2 * reserveBytes);
  }

  /** Whether more is taken than shares may reach, without what is leaving. */
  boolean isOver(long leaving) {
    return charged.get() - leaving > shareLimit();
  }

  /** Takes bytes for a share. */
  boolean tryTakeShared(long bytes) {
    return tryTakeUpTo(shareLimit(), bytes);
  }

  /** Takes what is on the heap already, whatever the limit. */
  void take(long bytes) {
    charged.addAndGet(bytes);
  }

  void give(long bytes) {
    charged.addAndGet(-bytes);
  }

  /** For whoever asked: databases may fall asleep, so that a later try may succeed. */
  EngineException refusal(String what, long bytes, long held) {
    return EngineException.retry(
        "node memory: %s needs %d bytes more, %d of %d bytes are taken by databases"
            .formatted(what, bytes, charged.get(), limitFor(held)));
  }
}
