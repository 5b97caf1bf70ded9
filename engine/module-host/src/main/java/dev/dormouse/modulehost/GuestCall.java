package dev.dormouse.modulehost;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The hand-shake between the thread that runs a guest and the {@link CallWatch} that may stop it or
 * make it pause.
 *
 * <p>One word holds the number of the call and its phase, so that a watch that looked at one call
 * cannot hit the next. The watch interrupts only a thread whose phase it moved from guest to
 * interrupting by compare-and-set; the thread, on leaving the guest or entering the host, moves the
 * phase away in the same manner and, if it lost, waits for the interrupt to have arrived and clears
 * it. So an interrupt of ours never reaches host code and never outlives the call. A thread that is
 * interrupted in generated code does the same there, and finds out what is wanted of it: to end, or
 * to pause, for which it counts as in the host. Source: design, module host.
 */
final class GuestCall {
  private static final int PHASE_BITS = 3;
  private static final int PHASE_MASK = (1 << PHASE_BITS) - 1;
  private static final int IDLE = 0;
  private static final int IN_GUEST = 1;
  private static final int IN_HOST = 2;
  private static final int INTERRUPTING = 3;
  private static final int INTERRUPTED = 4;

  /** Whom a watch has interrupted: generated code does not know whose call it is. */
  private static final ConcurrentHashMap<Thread, GuestCall> INTERRUPTED_THREADS =
      new ConcurrentHashMap<>();

  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(GuestCall.class, "word", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Pauses pauses;
  private final boolean interruptible;

  private volatile long word;

  /** The call of which the watch wants something, to end or to pause; 0 if none. */
  private volatile long wantedNumber;

  /** The call that the watch found over budget; 0 if none. */
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

  /**
   * The calls of one instance.
   *
   * @param pauses what holds one that is to pause
   * @param interruptible whether its code asks {@link #interrupted()}; if not, an interrupt ends
   *     it, and it pauses in imports only
   */
  GuestCall(Pauses pauses, boolean interruptible) {
    this.pauses = pauses;
    this.interruptible = interruptible;
  }

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
      settle();
      word = hostWord;
      obey();
    }
  }

  /** The import returns to the guest; not called when it throws. */
  void leaveHost() {
    WORD.setRelease(this, guestWord);
    while (wantedNumber == number) {
      attend();
    }
  }

  /**
   * Generated code has found its thread interrupted.
   *
   * @throws GuestStopped if its call is to end
   * @throws ChicoryInterruptedException if that was somebody else
   */
  static void interrupted() {
    GuestCall call = INTERRUPTED_THREADS.get(Thread.currentThread());
    if (call == null) {
      throw new ChicoryInterruptedException("Thread interrupted");
    }
    call.attend();
  }

  /** The guest does what the watch wants, and goes on if it may. */
  private void attend() {
    enterHost();
    if (wantedNumber == number) {
      obey();
    }
    WORD.setRelease(this, guestWord);
  }

  /** Ends or pauses the call, which counts as in the host. */
  private void obey() {
    if (overdueNumber == number) {
      throw new GuestStopped();
    }
    wantedNumber = 0; // The watch says it again if it wants something still.
    pauses.pause();
  }

  /** Waits for the interrupt that is on its way, and clears it. */
  private void settle() {
    while (phase(word) == INTERRUPTING) {
      Thread.onSpinWait();
    }
    boolean arrived = Thread.interrupted();
    assert arrived;
    INTERRUPTED_THREADS.remove(Thread.currentThread(), this);
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
   * @return whether the watch interrupted this call to end it
   */
  boolean end() {
    long idle = (number << PHASE_BITS) | IDLE;
    boolean stopped = false;
    if (!WORD.compareAndSet(this, guestWord, idle)) {
      if (phase(word) != IN_HOST) {
        settle();
        stopped = overdueNumber == number;
      }
      word = idle;
    }
    thread = null;
    return stopped;
  }

  /**
   * Ends the call if it is over budget, or makes it pause if that is due. Called by the one ticking
   * thread.
   */
  void check(CpuClock clock, Pauses who) {
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
    } else if (cpu - cpuWhenSeen >= budgetNanos) {
      overdueNumber = seenCall;
      wantedNumber = seenCall;
      interrupt(runner, seenCall);
      return;
    }
    if (who.isDue(runner)) {
      wantedNumber = seenCall;
      if (interruptible) {
        interrupt(runner, seenCall);
      }
    }
  }

  private void interrupt(Thread runner, long call) {
    long inGuest = (call << PHASE_BITS) | IN_GUEST;
    if (WORD.compareAndSet(this, inGuest, (call << PHASE_BITS) | INTERRUPTING)) {
      INTERRUPTED_THREADS.put(runner, this);
      runner.interrupt();
      word = (call << PHASE_BITS) | INTERRUPTED;
    }
  }

  private static int phase(long word) {
    return (int) word & PHASE_MASK;
  }
}
