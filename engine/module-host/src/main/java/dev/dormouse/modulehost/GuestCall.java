package dev.dormouse.modulehost;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The hand-shake between the thread that runs a guest and the {@link CallWatch} that may stop it.
 *
 * <p>One word holds the number of the call and its phase, so that a watch that looked at one call
 * cannot hit the next. The watch interrupts only a thread whose phase it moved from guest to
 * interrupting by compare-and-set; the thread, on leaving the guest or entering the host, moves the
 * phase away in the same manner and, if it lost, waits for the interrupt to have arrived and clears
 * it. So an interrupt of ours never reaches host code and never outlives the call. Source: design,
 * module host.
 */
final class GuestCall {
  private static final int PHASE_BITS = 3;
  private static final int PHASE_MASK = (1 << PHASE_BITS) - 1;
  private static final int IDLE = 0;
  private static final int IN_GUEST = 1;
  private static final int IN_HOST = 2;
  private static final int INTERRUPTING = 3;
  private static final int INTERRUPTED = 4;

  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(GuestCall.class, "word", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile long word;

  /** The call that the watch found over budget while the host ran; 0 if none. */
  private volatile long overdueNumber;

  // Written by the calling thread before it publishes the word.
  private long number;
  private long guestWord;
  private long hostWord;
  private long budgetNanos;
  private @Nullable Thread thread;

  // Used by the ticking thread only.
  private long seenNumber;
  private long cpuWhenSeen;

  /** The current thread is about to run the guest. */
  void begin(CpuBudget budget) {
    if (phase(word) != IDLE) {
      throw new IllegalStateException("a call inside a call of the same instance");
    }
    number++;
    guestWord = (number << PHASE_BITS) | IN_GUEST;
    hostWord = (number << PHASE_BITS) | IN_HOST;
    budgetNanos = budget.nanos();
    thread = Thread.currentThread();
    WORD.setRelease(this, guestWord);
  }

  /** The guest has called an import. */
  void enterHost() {
    if (!WORD.compareAndSet(this, guestWord, hostWord)) {
      throw new GuestStopped();
    }
  }

  /** The import returns to the guest; not called when it throws. */
  void leaveHost() {
    WORD.setRelease(this, guestWord);
    if (overdueNumber == number) {
      throw new GuestStopped();
    }
  }

  /** Whether an import has thrown and not returned. */
  boolean isInHost() {
    return phase(word) == IN_HOST;
  }

  /** Whether the watch found this call over budget, so far. */
  boolean isOverdue() {
    return overdueNumber == number;
  }

  /**
   * The guest has ended in whatever way. Afterwards no interrupt of ours is pending.
   *
   * @return whether the watch interrupted this call
   */
  boolean end() {
    long idle = (number << PHASE_BITS) | IDLE;
    boolean stopped = false;
    if (!WORD.compareAndSet(this, guestWord, idle)) {
      stopped = phase(word) != IN_HOST;
      while (phase(word) == INTERRUPTING) {
        Thread.onSpinWait();
      }
      if (stopped) {
        boolean arrived = Thread.interrupted();
        assert arrived;
      }
      word = idle;
    }
    thread = null;
    return stopped;
  }

  /** Stops the call if it is over budget. Called by the one ticking thread. */
  void check(CpuClock clock) {
    long seen = word;
    int phase = phase(seen);
    Thread runner = thread;
    if ((phase != IN_GUEST && phase != IN_HOST) || runner == null) {
      return;
    }
    long cpu = clock.nanos(runner);
    long seenCall = seen >>> PHASE_BITS;
    if (seenCall != seenNumber) {
      // The first sight of a call starts its budget: so a call that ends within a tick, which is
      // nearly every call, never pays for reading the clock.
      seenNumber = seenCall;
      cpuWhenSeen = cpu;
      return;
    }
    if (cpu - cpuWhenSeen < budgetNanos) {
      return;
    }
    overdueNumber = seenCall;
    long inGuest = (seenCall << PHASE_BITS) | IN_GUEST;
    if (WORD.compareAndSet(this, inGuest, (seenCall << PHASE_BITS) | INTERRUPTING)) {
      runner.interrupt();
      word = (seenCall << PHASE_BITS) | INTERRUPTED;
    }
  }

  private static int phase(long word) {
    return (int) word & PHASE_MASK;
  }
}
