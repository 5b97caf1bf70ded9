package dev.dormouse.runtimenode.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Threads for what must not run on an event loop: JDBC, signatures, files. Bounded in threads and
 * in waiting work; what does not fit is refused at once with 503.
 */
public final class Workers implements AutoCloseable, Executor {
  /** The stack that the JVM gives a thread unless told otherwise. */
  public static final long JVM_STACK = 0;

  private final int waitingMax;
  private final Duration retryAfter;
  private final Duration closeTime;
  private final ThreadPoolExecutor pool;

  /** Starts no thread before there is work. */
  public Workers(HttpLimits limits) {
    this("worker", limits, limits.workers());
  }

  /** Workers for one kind of work, as many as given instead of those of the limits. */
  public Workers(String name, HttpLimits limits, int threads) {
    this(
        name, threads, limits.waitingWorkMax(), limits.retryAfter(), limits.drainTime(), JVM_STACK);
  }

  /**
   * Workers for one kind of work.
   *
   * @param waitingMax pieces of work that may wait for a thread; more are refused with 503
   * @param retryAfter what a refused caller is told to wait
   * @param closeTime how long closing waits for work
   * @param stackBytes stack of each thread, or {@link #JVM_STACK}
   */
  public Workers(
      String name,
      int threads,
      int waitingMax,
      Duration retryAfter,
      Duration closeTime,
      long stackBytes) {
    this.waitingMax = waitingMax;
    this.retryAfter = retryAfter;
    this.closeTime = closeTime;
    AtomicInteger number = new AtomicInteger();
    this.pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(waitingMax),
            run -> new Thread(null, run, name + "-" + number.getAndIncrement(), stackBytes));
    pool.allowCoreThreadTimeOut(true);
  }

  /**
   * Runs work on a worker thread.
   *
   * @return completed on the caller's Vert.x context; a full queue fails it with a {@link Refusal}
   */
  public <T> Future<T> run(Callable<T> work) {
    Context context = Vertx.currentContext();
    Promise<T> promise = Promise.promise();
    try {
      pool.execute(
          () -> {
            try {
              T result = work.call();
              onContext(context, () -> promise.complete(result));
            } catch (Exception | Error failure) {
              onContext(context, () -> promise.fail(failure));
            }
          });
    } catch (RejectedExecutionException full) {
      promise.fail(
          new Refusal(
              Answer.text(
                      503,
                      "%d requests are waiting for a worker, which is the limit; try again"
                          .formatted(waitingMax))
                  .with("retry-after", Long.toString(retryAfter.toSeconds()))));
    }
    return promise.future();
  }

  /** Runs a task whose end nobody waits for; a full queue refuses it. */
  @Override
  public void execute(Runnable task) {
    pool.execute(task);
  }

  private static void onContext(@Nullable Context context, Runnable step) {
    if (context == null) {
      step.run();
    } else {
      context.runOnContext(ignored -> step.run());
    }
  }

  /** Lets running and waiting work end, for a while. */
  @Override
  public void close() {
    pool.shutdown();
    try {
      if (pool.awaitTermination(closeTime.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    int waiting = pool.shutdownNow().size();
    throw new IllegalStateException(
        "work on the worker threads did not end within %s; %d pieces never began"
            .formatted(closeTime, waiting));
  }
}
