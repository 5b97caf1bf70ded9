package dev.dormouse.runtimenode.databases;

import dev.dormouse.database.Program;
import dev.dormouse.modulehost.InstanceLimits;
import dev.dormouse.residence.Programs;
import dev.dormouse.runtimenode.http.Workers;
import dev.dormouse.runtimenode.lanes.LaneThreadLimits;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Where programs that came in are checked and compiled: so many at a time, each within a deadline,
 * on threads of their own; and the threads on which all other work of a publish blocks, init
 * reducers included, so that no publisher holds up who wants something else. Thread safe.
 */
public final class ProgramDesk implements AutoCloseable {
  private static final long STACK_BYTES = 8L << 20;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final Programs programs;
  private final PublishLimits limits;
  private final ExecutorService compilers;
  private final Semaphore idle;
  private final Workers publishers;

  /** A desk over the programs of a node. */
  public ProgramDesk(Programs programs, PublishLimits limits) {
    this.programs = programs;
    this.limits = limits;
    this.compilers =
        Executors.newFixedThreadPool(
            limits.concurrent(),
            run -> {
              Thread thread = new Thread(null, run, "compiler", STACK_BYTES);
              thread.setDaemon(true);
              return thread;
            });
    this.idle = new Semaphore(limits.concurrent(), true);
    this.publishers =
        new Workers(
            "publisher",
            limits.publishing(),
            limits.waiting(),
            RETRY_AFTER,
            limits.closeTime(),
            LaneThreadLimits.stackFor(InstanceLimits.STANDARD));
  }

  /** Runs blocking work of a publish; the future completes on the caller's context. */
  <T> io.vertx.core.Future<T> work(Callable<T> blocking) {
    return publishers.run(blocking);
  }

  /**
   * Checks and compiles a program.
   *
   * @throws EngineException TENANT if it is refused or takes too long
   */
  Program publish(byte[] wasm) throws IOException {
    try {
      idle.acquire();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    Turn turn = new Turn(wasm);
    Future<Programs.Published> compiled = compilers.submit(turn);
    try {
      return compiled.get(limits.compileTime().toMillis(), TimeUnit.MILLISECONDS).program();
    } catch (TimeoutException e) {
      turn.stop(compiled);
      throw new EngineException(
          EngineException.Code.TENANT,
          "the program of %d bytes was not compiled within the limit of %d ms"
              .formatted(wasm.length, limits.compileTime().toMillis()),
          e);
    } catch (InterruptedException e) {
      turn.stop(compiled);
      throw interrupted(e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case EngineException refused -> throw refused;
        case IOException failed -> throw failed;
        case null, default -> throw new IllegalStateException("a program broke the compiler", e);
      }
    }
  }

  /**
   * One program's turn at the compilers. Its permit comes back when its thread is free, which after
   * a deadline may take a while.
   */
  private final class Turn implements Callable<Programs.Published> {
    private final byte[] wasm;
    private final AtomicBoolean begun = new AtomicBoolean();

    Turn(byte[] wasm) {
      this.wasm = wasm;
    }

    @Override
    public Programs.Published call() throws IOException {
      if (!begun.compareAndSet(false, true)) {
        throw new CancellationException("stopped before it began");
      }
      try {
        return programs.publish(wasm);
      } finally {
        idle.release();
      }
    }

    void stop(Future<Programs.Published> compiled) {
      compiled.cancel(true);
      if (begun.compareAndSet(false, true)) {
        idle.release();
      }
    }
  }

  private static IOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException("interrupted while a program was compiled", e);
  }

  /** A program that was published before. */
  Program load(ModuleHash hash) throws IOException {
    return programs.load(hash);
  }

  @Override
  public void close() {
    compilers.shutdownNow();
    publishers.close();
  }
}
