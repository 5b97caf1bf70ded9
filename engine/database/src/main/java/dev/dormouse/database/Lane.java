package dev.dormouse.database;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Runs one database's requests one after another, on whatever thread the executor gives, at most
 * one at a time.
 *
 * <p>Any thread may {@link #offer} or {@link #wake}; {@link Work} is only ever called by the lane.
 * A run executes what is queued, up to a bound, then tells the work that the drain ends, so that
 * replies can be sent once per connection and drain. Source: design §3.
 */
final class Lane {
  /** What the lane runs. */
  interface Work {
    /** Before the first request of a drain. */
    void beginDrain();

    /** Executes one request; must not throw. */
    void execute(Request request);

    /** After the last request of a drain. */
    void endDrain();

    /** Anything escaped from the methods above; {@link #stopped} follows. */
    void failed(Throwable cause);

    /** Nothing will be executed any more, and nothing is; called once, by any thread. */
    void stopped();

    /**
     * A request was queued while the lane stopped: {@link Lane#pollRemaining} has it; any thread.
     */
    void abandoned();
  }

  private static final int IDLE = 0;
  private static final int SCHEDULED = 1;
  private static final int RUNNING = 2;
  private static final int RUNNING_AGAIN = 3;
  private static final int STOPPED = 4;

  private final Executor executor;
  private final Work work;
  private final int drainRequests;
  private final int queuedRequests;
  private final MpscUnboundedArrayQueue<Request> queue = new MpscUnboundedArrayQueue<>(64);
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicInteger state = new AtomicInteger(IDLE);
  private final Runnable run = this::run;

  Lane(Executor executor, DatabaseLimits limits, Work work) {
    this.executor = executor;
    this.work = work;
    this.drainRequests = limits.drainRequests();
    this.queuedRequests = limits.queuedRequests();
  }

  /** Queues a request, unless the queue is at its limit or the lane has stopped. */
  Submission offer(Request request) {
    if (state.get() == STOPPED) {
      return Submission.OVER;
    }
    if (queued.incrementAndGet() > queuedRequests) {
      queued.decrementAndGet();
      return Submission.FULL;
    }
    queue.offer(request);
    if (state.get() == STOPPED) {
      // The stop may have missed it; whoever stopped the lane, or this thread, hands it back.
      work.abandoned();
      return Submission.QUEUED;
    }
    wake();
    return Submission.QUEUED;
  }

  /** Makes sure that a drain begins after this call, with or without a request. */
  void wake() {
    while (true) {
      int now = state.get();
      switch (now) {
        case IDLE -> {
          if (state.compareAndSet(IDLE, SCHEDULED)) {
            schedule();
            return;
          }
        }
        case RUNNING -> {
          if (state.compareAndSet(RUNNING, RUNNING_AGAIN)) {
            return;
          }
        }
        default -> {
          return;
        }
      }
    }
  }

  private void schedule() {
    try {
      executor.execute(run);
    } catch (RejectedExecutionException e) {
      work.failed(e);
      stop();
    }
  }

  /** Requests that wait. */
  int queuedCount() {
    return queued.get();
  }

  /**
   * Ends the lane: no drain begins any more. Called within a drain, or while one runs, the request
   * under way is the last. What is still queued is handed back by {@link #pollRemaining}.
   */
  void stop() {
    while (true) {
      int now = state.get();
      if (now == STOPPED) {
        return;
      }
      if (state.compareAndSet(now, STOPPED)) {
        if (now == IDLE || now == SCHEDULED) {
          work.stopped();
        }
        return;
      }
    }
  }

  /** Takes a request that a stopped lane will not execute; null when there is none. */
  synchronized @Nullable Request pollRemaining() {
    Request request = queue.poll();
    if (request != null) {
      queued.decrementAndGet();
    }
    return request;
  }

  private void run() {
    if (!state.compareAndSet(SCHEDULED, RUNNING)) {
      return;
    }
    try {
      work.beginDrain();
      int executed = 0;
      while (executed < drainRequests && state.get() != STOPPED) {
        Request request = queue.poll();
        if (request == null) {
          break;
        }
        queued.decrementAndGet();
        executed++;
        work.execute(request);
      }
      work.endDrain();
    } catch (Throwable t) {
      state.set(STOPPED);
      work.failed(t);
      work.stopped();
      return;
    }
    while (true) {
      int now = state.get();
      if (now == STOPPED) {
        work.stopped();
        return;
      }
      if (now == RUNNING && queue.isEmpty()) {
        if (state.compareAndSet(RUNNING, IDLE)) {
          // An offer between the emptiness check and the change of state has seen RUNNING and set
          // RUNNING_AGAIN, so the exchange above would have failed.
          return;
        }
      } else if (state.compareAndSet(now, SCHEDULED)) {
        schedule();
        return;
      }
    }
  }
}
