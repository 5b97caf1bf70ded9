package dev.dormouse.residence;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/** Admits wakes: so many at a time, the rest waits in order, up to a limit. Thread safe. */
final class WakeQueue {
  private final Executor workers;
  private final int concurrent;
  private final int waitingMax;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private int running;

  WakeQueue(Executor workers, ResidenceLimits limits) {
    this.workers = workers;
    this.concurrent = limits.wakes().concurrent();
    this.waitingMax = limits.wakes().waiting();
  }

  /** Runs a wake on a worker, now or in its turn; false if too many wait. */
  boolean admit(Runnable wake) {
    synchronized (waiting) {
      if (running >= concurrent) {
        if (waiting.size() >= waitingMax) {
          return false;
        }
        waiting.add(wake);
        return true;
      }
      running++;
    }
    workers.execute(() -> runAndNext(wake));
    return true;
  }

  private void runAndNext(Runnable wake) {
    try {
      wake.run();
    } finally {
      Runnable next;
      synchronized (waiting) {
        next = waiting.poll();
        if (next == null) {
          running--;
        }
      }
      if (next != null) {
        Runnable admitted = next;
        workers.execute(() -> runAndNext(admitted));
      }
    }
  }
}
