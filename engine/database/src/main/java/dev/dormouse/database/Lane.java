package dev.dormouse.database;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.MpscUnboundedArrayQueue;

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

    /**
     * Nothing will be executed any more, and nothing is; called once, by any thread.
     *
     * @param remaining what was queued and not executed, in order: all of it, since nothing can be
     *     queued any more
     */
    void stopped(List<Request> remaining);
  }

  private static final int IDLE = 0;
  private static final int SCHEDULED = 1;
  private static final int RUNNING = 2;
  private static final int RUNNING_AGAIN = 3;
  private static final int STOPPED = 4;

  /** How many requests, and how many bytes of them, one number can count. */
  static final int REQUESTS_MAX = 1 << 20;

  static final long BYTES_MAX = 1L << 40;

  /** What is queued is one number: so many requests, and their bytes above these bits. */
  private static final int COUNT_BITS = 21;

  private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

  /** Stands for what is queued when nothing more can be. */
  private static final long CLOSED = -1;

  private final Executor executor;
  private final Work work;
  private final int drainRequests;
  private final int queuedRequests;
  private final long queuedBytes;
  private final MpscUnboundedArrayQueue<Request> queue = new MpscUnboundedArrayQueue<>(64);
  private final AtomicLong queued = new AtomicLong();
  private final AtomicInteger state = new AtomicInteger(IDLE);
  private final Runnable run = this::run;

  Lane(Executor executor, DatabaseLimits limits, Work work) {
    this.executor = executor;
    this.work = work;
    this.drainRequests = limits.drainRequests();
    this.queuedRequests = limits.queuedRequests();
    this.queuedBytes = limits.queuedBytes();
  }

  /**
   * Queues a request, unless the queue is at a limit or the lane has stopped; one that is owed
   * unless the lane has stopped.
   */
  Submission offer(Request request) {
    return request.isOwed() ? admit(request) : offer(request, queuedRequests, queuedBytes);
  }

  /** Queues a request that was admitted elsewhere, unless the lane has stopped. */
  Submission admit(Request request) {
    return offer(request, Integer.MAX_VALUE, Long.MAX_VALUE);
  }

  private Submission offer(Request request, int requestsMax, long bytesMax) {
    long bytes = countedBytes(request);
    long waiting;
    do {
      waiting = queued.get();
      if (waiting == CLOSED) {
        return Submission.OVER;
      }
      if (countOf(waiting) >= requestsMax || isTooMuch(bytes, bytesOf(waiting), bytesMax)) {
        return Submission.FULL;
      }
      // Counted first: whoever closes the queue waits for what was counted, and misses nothing.
    } while (!queued.compareAndSet(waiting, waiting + entry(bytes)));
    queue.offer(request);
    wake();
    return Submission.QUEUED;
  }

  /** One request whatever its size, and what holds nothing, may always wait. */
  private static boolean isTooMuch(long bytes, long waiting, long bytesMax) {
    return bytes > 0 && waiting > 0 && bytes > bytesMax - waiting;
  }

  private static long countedBytes(Request request) {
    return Math.min(request.bytes(), BYTES_MAX);
  }

  private static long entry(long bytes) {
    return (bytes << COUNT_BITS) + 1;
  }

  private static int countOf(long queued) {
    return (int) (queued & COUNT_MASK);
  }

  private static long bytesOf(long queued) {
    return queued >>> COUNT_BITS;
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
    long now = queued.get();
    return now == CLOSED ? 0 : countOf(now);
  }

  /** Bytes that they hold. */
  long queuedBytes() {
    long now = queued.get();
    return now == CLOSED ? 0 : bytesOf(now);
  }

  /**
   * Ends the lane: no drain begins any more. Called within a drain, or while one runs, the request
   * under way is the last. What is still queued is handed to {@link Work#stopped}.
   */
  void stop() {
    while (true) {
      int now = state.get();
      if (now == STOPPED) {
        return;
      }
      if (state.compareAndSet(now, STOPPED)) {
        if (now == IDLE || now == SCHEDULED) {
          close();
        }
        return;
      }
    }
  }

  /** The one thread that saw the lane end closes the queue, of which it now is the consumer. */
  private void close() {
    int waiting = countOf(queued.getAndSet(CLOSED));
    List<Request> remaining = new ArrayList<>(waiting);
    while (remaining.size() < waiting) {
      Request request = queue.poll();
      if (request == null) {
        Thread.onSpinWait(); // It is counted; its thread is about to add it.
      } else {
        remaining.add(request);
      }
    }
    work.stopped(remaining);
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
        queued.addAndGet(-entry(countedBytes(request)));
        executed++;
        work.execute(request);
      }
      work.endDrain();
    } catch (Throwable t) {
      state.set(STOPPED);
      work.failed(t);
      close();
      return;
    }
    while (true) {
      int now = state.get();
      if (now == STOPPED) {
        close();
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
