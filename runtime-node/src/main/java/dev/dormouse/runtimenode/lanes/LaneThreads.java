package dev.dormouse.runtimenode.lanes;

import dev.dormouse.modulehost.Pauses;
import dev.dormouse.runtimenode.cores.CoreSplit;
import dev.dormouse.runtimenode.cores.Cores;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Platform threads that lanes share, so that one database does not stop its neighbours.
 *
 * <p>A lane that runs more than its {@link LaneShare} is busy: it runs in its turn only, of which
 * there is one less than there are cores. So somebody who wants little always finds a core, however
 * many want all of it. A run that becomes busy goes on if a turn is free; if not, its guest pauses.
 * A run that holds its thread too long and does not pause (it waits for log space, or the host is
 * at work) is compensated by another thread; the surplus ends when it has nothing to do, but for
 * one that stays ready as long as no other thread is.
 *
 * <p>{@link #tick} must be called about every {@link LaneThreadLimits#compensateAfter}, by the
 * thread that then ticks the watch of the guests. Source: design §5, decisions 0011, 0012.
 */
public final class LaneThreads implements Pauses, AutoCloseable {
  private final LaneThreadLimits limits;
  private final CoreSplit cores;
  private final BiConsumer<Thread, Throwable> uncaught;

  /** What may run now: of lanes that are not busy, or in their turn. */
  private final ConcurrentLinkedQueue<Run> queue = new ConcurrentLinkedQueue<>();

  private final Turns turns;

  /** Runs that pause; so few that there are threads for others. */
  private final AtomicInteger pausing = new AtomicInteger();

  /** Nanoseconds that lanes have run which were not busy, and which were. */
  private final LongAdder quietNanos = new LongAdder();

  private final LongAdder busyNanos = new LongAdder();

  private final Worker[] workers;

  /** Slots from the first to the last worker: most of them are never used. */
  private volatile int slots;

  private final Object structure = new Object();
  private volatile boolean closed;

  /**
   * Starts the threads that are always there.
   *
   * @param cores says where they run
   */
  public LaneThreads(
      LaneThreadLimits limits, CoreSplit cores, BiConsumer<Thread, Throwable> uncaught) {
    this.limits = limits;
    this.cores = cores;
    this.uncaught = uncaught;
    this.turns = new Turns(limits.turns());
    this.workers = new Worker[limits.threadsMax()];
    synchronized (structure) {
      for (int i = 0; i < limits.threads(); i++) {
        start(i);
      }
    }
  }

  /**
   * Where one lane runs. Every lane needs its own: what is run there is counted together.
   *
   * <p>Once the threads are closed it throws {@link RejectedExecutionException}.
   */
  public Executor newLane() {
    LaneShare share = new LaneShare(limits, System.nanoTime());
    return run -> execute(share, run);
  }

  private void execute(LaneShare share, Runnable run) {
    if (closed) {
      throw new RejectedExecutionException("the lane threads have stopped");
    }
    if (share.isBusy()) {
      share.add(0, System.nanoTime());
    }
    if (share.isBusy()) {
      turns.await(new Run(share, run, true));
    } else {
      enqueue(new Run(share, run, false));
    }
  }

  private void enqueue(Run run) {
    queue.add(run);
    int last = slots;
    for (int i = 0; i < last; i++) {
      Worker worker = workers[i];
      if (worker != null && worker.idle.compareAndSet(true, false)) {
        LockSupport.unpark(worker.thread);
        return;
      }
    }
  }

  private void start(int slot) {
    Worker worker = new Worker(slot);
    workers[slot] = worker;
    slots = Math.max(slots, slot + 1);
    worker.thread.start();
  }

  /**
   * Says which runs are to pause, starts another thread if work waits while every thread is held by
   * a long run, and lets surplus end that is not needed any more.
   */
  public void tick(long nanoTime) {
    if (closed) {
      return;
    }
    synchronized (structure) {
      boolean held = true;
      int idle = 0;
      for (Worker worker : workers) {
        if (worker == null) {
          continue;
        }
        if (worker.idle.get()) {
          idle++;
        } else {
          held &= worker.look(nanoTime);
        }
      }
      if (idle == 0 && held) {
        compensate();
      } else if (idle > 1) {
        wakeSurplus();
      }
    }
  }

  /** Starts another thread if work waits. */
  private void compensate() {
    synchronized (structure) {
      for (int i = 0; i < workers.length && !queue.isEmpty(); i++) {
        if (workers[i] == null) {
          start(i);
          return;
        }
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

  /** Tells the cores what lanes have run; to be called by the thread that ticks them. */
  public void tickCores(long nanoTime) {
    cores.tick(nanoTime, quietNanos.sum(), busyNanos.sum());
  }

  @Override
  public boolean isDue(Thread runner) {
    return runner instanceof LaneThread lane && lane.worker.pauseDue;
  }

  @Override
  public void pause() {
    if (Thread.currentThread() instanceof LaneThread lane) {
      lane.worker.pause();
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

  /** What one lane wants run. */
  private final class Run implements Turns.Waiting {
    private final LaneShare share;
    private final Runnable body;
    private final boolean inTurn;

    Run(LaneShare share, Runnable body, boolean inTurn) {
      this.share = share;
      this.body = body;
      this.inTurn = inTurn;
    }

    @Override
    public long used(long now) {
      return share.used(now);
    }

    @Override
    public void granted() {
      enqueue(this);
    }
  }

  private static final class LaneThread extends Thread {
    private final Worker worker;

    LaneThread(Worker worker, String name, long stackBytes) {
      super(null, worker, name, stackBytes);
      this.worker = worker;
    }
  }

  /**
   * Its lock guards what its run has of turns, which only {@link #granted} changes without, and
   * where the thread runs.
   */
  private final class Worker implements Runnable, Turns.Waiting {
    private final int slot;
    private final Thread thread;
    private final AtomicBoolean idle = new AtomicBoolean();
    private volatile boolean pauseDue;
    private volatile boolean paused;
    private volatile boolean inTurn;
    private volatile @Nullable Run running;
    private long runningSince;
    private long turnSince;
    private long countedUntil;
    private int kernelThread;
    private Cores.Place place = Cores.Place.ANYWHERE;

    Worker(int slot) {
      this.slot = slot;
      this.thread = new LaneThread(this, "lane-" + slot, limits.stackBytes());
      this.thread.setDaemon(true);
    }

    @Override
    public void run() {
      enter();
      boolean surplus = slot >= limits.threads();
      while (true) {
        Run next = queue.poll();
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
              leave();
              return true;
            }
            return false;
          }
        }
        return false;
      }
    }

    private void leave() {
      workers[slot] = null;
      int last = slots;
      while (workers[last - 1] == null) {
        last--;
      }
      slots = last;
    }

    private void execute(Run run) {
      begin(run, System.nanoTime());
      try {
        run.body.run();
      } catch (Throwable t) {
        uncaught.accept(thread, t);
      }
      end(run, System.nanoTime());
    }

    private synchronized void enter() {
      kernelThread = cores.enter();
    }

    private synchronized void begin(Run run, long now) {
      running = run;
      runningSince = now;
      countedUntil = now;
      turnSince = now;
      inTurn = run.inTurn;
      pauseDue = false;
      settle(run);
    }

    /** Moves the thread to where its run belongs. */
    private void settle(Run run) {
      CoreSplit.Kind kind = run.share.isBusy() ? CoreSplit.Kind.PATIENT : CoreSplit.Kind.PROMPT;
      Cores.Place wanted = cores.placeOf(kind);
      if (wanted != place && cores.put(kernelThread, wanted)) {
        place = wanted;
      }
    }

    private synchronized void end(Run run, long now) {
      running = null;
      count(run, now);
      endTurn();
    }

    private void count(Run run, long now) {
      long ran = now - countedUntil;
      run.share.add(ran, now);
      (run.share.isBusy() ? busyNanos : quietNanos).add(ran);
      countedUntil = now;
    }

    private void endTurn() {
      if (inTurn) {
        inTurn = false;
        turns.giveBack();
      }
    }

    /**
     * Looks at the run under way, within a tick.
     *
     * @return whether it holds its thread for long
     */
    synchronized boolean look(long now) {
      Run run = running;
      if (run == null || paused) {
        return paused;
      }
      if (now - runningSince < limits.compensateAfter().toNanos()) {
        return false;
      }
      count(run, now);
      settle(run);
      if (!inTurn) {
        inTurn = !pauseDue && turns.tryTake();
        turnSince = now;
        pauseDue = !inTurn;
      } else if (turnEnds(run, now)) {
        if (pauseDue) {
          endTurn(); // Told a tick ago, it goes on still: the next does not wait for it.
        }
        pauseDue = true;
      }
      return true;
    }

    private boolean turnEnds(Run run, long now) {
      long lasted = now - turnSince;
      if (lasted < limits.turnMin().toNanos()) {
        return false;
      }
      OptionalLong least = turns.leastUsed(now);
      return least.isPresent()
          && (lasted >= limits.turnMax().toNanos() || least.getAsLong() < run.share.used(now) / 2);
    }

    @Override
    public long used(long now) {
      Run run = running;
      return run == null ? 0 : run.share.used(now);
    }

    @Override
    public void granted() {
      inTurn = true;
      paused = false;
      LockSupport.unpark(thread);
    }

    /** Waits for the next turn of the run under way, unless too many wait so already. */
    void pause() {
      if (!mayWait()) {
        return;
      }
      compensate();
      boolean interrupted = false;
      while (paused) {
        LockSupport.park(LaneThreads.this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        thread.interrupt();
      }
      pausing.decrementAndGet();
      goOn(System.nanoTime());
    }

    private synchronized boolean mayWait() {
      Run run = running;
      if (run == null || !pauseDue) {
        return false;
      }
      pauseDue = false;
      if (pausing.incrementAndGet() > limits.threadsMax() - 2 * limits.threads()) {
        pausing.decrementAndGet();
        return false;
      }
      count(run, System.nanoTime());
      endTurn();
      paused = true;
      turns.await(this);
      return true;
    }

    private synchronized void goOn(long now) {
      countedUntil = now;
      turnSince = now;
    }
  }

  /** Turns that somebody has, for tests. */
  int turnsTaken() {
    return turns.taken();
  }
}
