package dev.dormouse.server;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The status the process ends with. A JVM that gets SIGTERM ends with 143 whatever it did, so the
 * last thing to run halts it: with 0 after a full drain, with 1 otherwise.
 */
final class Ending {
  /** After this the drain counts as failed. */
  static final Duration DRAIN_MAX = Duration.ofSeconds(60);

  private final CompletableFuture<Integer> status = new CompletableFuture<>();

  /** Makes every end of the JVM wait for {@link #with}, for up to {@link #DRAIN_MAX}. */
  void install() {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  int code =
                      status.completeOnTimeout(1, DRAIN_MAX.toSeconds(), TimeUnit.SECONDS).join();
                  System.out.flush();
                  System.err.flush();
                  Runtime.getRuntime().halt(code);
                },
                "ending"));
  }

  /** Everything has stopped (or will never); the process may end. */
  void with(int code) {
    status.complete(code);
  }
}
