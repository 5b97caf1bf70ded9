package dev.dormouse.server;

import dev.dormouse.catalog.embedded.EmbeddedPostgres;
import dev.dormouse.catalog.embedded.PostgresStartException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/** Starts the embedded PostgreSQL again when it has died. */
final class PostgresWatch {
  private static final Logger LOG = Logger.getLogger(PostgresWatch.class);

  /** How often it is looked for. */
  private static final Duration EVERY = Duration.ofMillis(500);

  private final EmbeddedPostgres postgres;
  private final Thread thread;
  private volatile boolean stopping;

  PostgresWatch(EmbeddedPostgres postgres) {
    this.postgres = postgres;
    this.thread = new Thread(null, this::watch, "postgres-watch", 256 << 10);
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    while (!stopping) {
      LockSupport.parkNanos(this, EVERY.toNanos());
      try {
        if (!stopping && postgres.revive()) {
          LOG.error("the embedded PostgreSQL had died; it was started again");
        }
      } catch (PostgresStartException e) {
        LOG.errorf("%s; it is tried again", e.text());
      }
    }
  }

  /** Ends the watch; waits for a start under way. */
  void stop() throws InterruptedException {
    stopping = true;
    LockSupport.unpark(thread);
    thread.join();
  }
}
