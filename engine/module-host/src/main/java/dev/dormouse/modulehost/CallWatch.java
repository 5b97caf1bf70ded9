package dev.dormouse.modulehost;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Stops guests that use up their budget, and makes those pause that {@link Pauses} names. It has no
 * thread: somebody calls {@link #tick()} about every 10 ms, always the same thread, never one that
 * runs guests.
 *
 * <p>A budget starts when a tick first sees the call, so a guest is stopped between its budget and
 * its budget plus two ticks. A guest hears of it by an interrupt of its thread, which generated
 * code checks at calls and loops; the interrupt is cleared before the call returns. Whoever
 * interrupts such a thread for reasons of his own during a call makes it trap.
 */
public final class CallWatch {
  /** Slots lie this far apart, so that threads do not write to one cache line. */
  private static final int SPREAD = 16;

  private final CpuClock clock;
  private final Pauses pauses;
  private final int slots;
  private final AtomicReferenceArray<@Nullable GuestCall> running;

  /** A watch under which nobody pauses. */
  public CallWatch(CpuClock clock, int concurrentCallsMax) {
    this(clock, concurrentCallsMax, Pauses.NONE);
  }

  /**
   * A watch.
   *
   * @param clock of the threads that run guests
   * @param concurrentCallsMax how many guests may be in a call at once: the threads of all lanes
   * @param pauses which of them pause
   */
  public CallWatch(CpuClock clock, int concurrentCallsMax, Pauses pauses) {
    if (concurrentCallsMax <= 0) {
      throw new IllegalArgumentException(
          "%d concurrent calls, must be more than 0".formatted(concurrentCallsMax));
    }
    this.clock = clock;
    this.pauses = pauses;
    this.slots = concurrentCallsMax;
    this.running = new AtomicReferenceArray<>(Math.multiplyExact(concurrentCallsMax, SPREAD));
  }

  /** Looks at every running guest once: stops those over budget, holds those due to pause. */
  public void tick() {
    for (int slot = 0; slot < slots; slot++) {
      GuestCall call = running.getAcquire(slot * SPREAD);
      if (call != null) {
        call.check(clock, pauses);
      }
    }
  }

  /** Which guests pause. */
  Pauses pauses() {
    return pauses;
  }

  /**
   * Puts a call under watch.
   *
   * @param hint the slot to try first
   * @return the slot, for {@link #exit}
   * @throws IllegalStateException if more guests run than there are slots
   */
  int enter(GuestCall call, int hint) {
    int slot = hint;
    for (int tried = 0; tried < slots; tried++) {
      if (running.compareAndSet(slot * SPREAD, null, call)) {
        return slot;
      }
      slot = slot + 1 == slots ? 0 : slot + 1;
    }
    throw new IllegalStateException("more than %d guests run at once".formatted(slots));
  }

  /** Takes a call from watch. */
  void exit(int slot) {
    running.setRelease(slot * SPREAD, null);
  }
}
