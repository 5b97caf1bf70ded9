package dev.dormouse.runtimenode.databases;

import dev.dormouse.database.Program;
import dev.dormouse.residence.Programs;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Where programs that came in are checked and compiled: so many at a time, each within a deadline,
 * on threads of their own. Blocks its caller. Thread safe.
 */
public final class ProgramDesk implements AutoCloseable {
  private static final long STACK_BYTES = 8L << 20;

  private final Programs programs;
  private final PublishLimits limits;
  private final ExecutorService compilers;

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
  }

  /**
   * Checks and compiles a program.
   *
   * @throws EngineException TENANT if it is refused or takes too long
   */
  Program publish(byte[] wasm) throws IOException {
    Future<Programs.Published> compiled = compilers.submit(() -> programs.publish(wasm));
    try {
      return compiled.get(limits.compileTime().toMillis(), TimeUnit.MILLISECONDS).program();
    } catch (TimeoutException e) {
      compiled.cancel(true);
      throw new EngineException(
          EngineException.Code.TENANT,
          "the program was not compiled within %d s".formatted(limits.compileTime().toSeconds()),
          e);
    } catch (InterruptedException e) {
      compiled.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a program was compiled", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case EngineException refused -> throw refused;
        case IOException failed -> throw failed;
        case null, default -> throw new IllegalStateException("a program broke the compiler", e);
      }
    }
  }

  /** A program that was published before. */
  Program load(ModuleHash hash) throws IOException {
    return programs.load(hash);
  }

  @Override
  public void close() {
    compilers.shutdownNow();
  }
}
