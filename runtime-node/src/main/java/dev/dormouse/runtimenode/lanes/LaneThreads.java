package dev.dormouse.runtimenode.lanes;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Platform threads that lanes share. A run that holds its thread too long (a busy reducer, a lane
 * that waits for log space) is compensated by another thread, so that one database does not stop
 * its neighbours; the surplus ends when it has nothing to do, but for one that stays ready as long
 * as no other thread is: the next neighbour need not wait for the compensation again.
 *
 * <p>{@link #tick} must be called about every {@link LaneThreadLimits#compensateAfter}. Source:
 * design §5.
 */
public final class LaneThreads implements Executor, AutoCloseable {
  private final LaneThreadLimits limits;
  private final BiConsumer<Thread, Throwable> uncaught;
  private final ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();
  private final Worker[] workers;
  private final Object structure = new Object();
  private volatile boolean closed;

  /** Starts the threads that are always there. */
  public LaneThreads(LaneThreadLimits limits, BiConsumer<Thread, Throwable> uncaught) {
    this.limits = limits;
    this.uncaught = uncaught;
    this.workers = new Worker[limits.threadsMax()];
    synchronized (structure) {
      for (int i = 0; i < limits.threads(); i++) {
        start(i);
      }
    }
  }

  private void start(int slot) {
    Worker worker = new Worker(slot);
    workers[slot] = worker;
    worker.thread.start();
  }

  @Override
  public void execute(Runnable run) {
    if (closed) {
      throw new RejectedExecutionException("the lane threads have stopped");
    }
    queue.add(run);
    wakeOne();
  }

  private void wakeOne() {
    for (Worker worker : workers) {
      if (worker != null && worker.idle.compareAndSet(true, false)) {
        LockSupport.unpark(worker.thread);
        return;
      }
    }
  }

  /**
   * Starts another thread if work waits while every thread is held by a long run, and lets surplus
   * end that is not needed any more.
   */
  public void tick(long nanoTime) {
    if (closed) {
      return;
    }
    synchronized (structure) {
      int free = -1;
      int idle = 0;
      boolean held = true;
      for (int i = 0; i < workers.length; i++) {
        Worker worker = workers[i];
        if (worker == null) {
          free = free < 0 ? i : free;
        } else if (worker.idle.get()) {
          idle++;
        } else {
          held &= nanoTime - worker.runningSince >= limits.compensateAfter().toNanos();
        }
      }
      if (idle == 0 && held && free >= 0 && !queue.isEmpty()) {
        start(free);
      } else if (idle > 1) {
        wakeSurplus();
      }
    }
  }

  /** A surplus thread that wakes with nothing to do looks whether it may end. */
  private void wakeSurplus() {
    for (int i = limits.threads(); i < workers.length; i++) {
      Worker worker = workers[i];
      if (worker != null && worker.idle.get()) {
        LockSupport.unpark(worker.thread);
      }
    }
  }

  /** Threads there are now. */
  public int threadCount() {
    int count = 0;
    for (Worker worker : workers) {
      if (worker != null) {
        count++;
      }
    }
    return count;
  }

  /** Takes no more work; threads end when the queue is empty. */
  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      if (worker != null) {
        LockSupport.unpark(worker.thread);
      }
    }
  }

  private final class Worker implements Runnable {
    private final int slot;
    private final Thread thread;
    private final AtomicBoolean idle = new AtomicBoolean();
    private volatile long runningSince;

    Worker(int slot) {
      this.slot = slot;
      this.thread = new Thread(null, this, "lane-" + slot, limits.stackBytes());
      this.thread.setDaemon(true);
    }

    @Override
    public void run() {
      boolean surplus = slot >= limits.threads();
      while (true) {
        Runnable next = queue.poll();
        if (next == null) {
          idle.set(true);
          next = queue.poll();
          if (next == null) {
            if (closed || (surplus && retired())) {
              return;
            }
            LockSupport.park(LaneThreads.this);
            idle.set(false);
            continue;
          }
          idle.set(false);
        }
        execute(next);
      }
    }

    /** Ends a surplus thread, unless work was just given to it or no other thread is idle. */
    private boolean retired() {
      synchronized (structure) {
        for (Worker other : workers) {
          if (other != null && !other.equals(this) && other.idle.get()) {
            if (idle.compareAndSet(true, false)) {
              workers[slot] = null;
              return true;
            }
            return false;
          }
        }
        return false;
      }
    }

    private void execute(Runnable run) {
      runningSince = System.nanoTime();
      try {
        run.run();
      } catch (Throwable t) {
        uncaught.accept(thread, t);
      }
    }
  }

  /** The thread of a slot, for tests. */
  @Nullable Thread thread(int slot) {
    Worker worker = workers[slot];
    return worker == null ? null : worker.thread;
  }
}
