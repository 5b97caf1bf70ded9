package dev.dormouse.runtimenode.engine;

import dev.dormouse.commitlog.Journal;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes a journal's groups. It is never interrupted: that closes files. After
 * a failed write it tries again and again to go on; what was not durable by then is lost, and
 * nobody was told of it.
 */
final class LogWriterThread {
  private static final Logger LOG = Logger.getLogger(LogWriterThread.class);

  /** How long a journal that has failed is left alone before it is tried again. */
  private static final Duration RESUME_AFTER = Duration.ofSeconds(1);

  private volatile @Nullable Thread thread;
  private volatile boolean stopping;

  /** To be called when there is work; any thread. */
  void wake() {
    LockSupport.unpark(thread);
  }

  /** Starts writing. */
  void start(Journal journal) {
    Thread writer = new Thread(null, () -> write(journal), "log-writer", 1 << 20);
    thread = writer;
    writer.start();
  }

  private void write(Journal journal) {
    while (true) {
      boolean wrote;
      try {
        wrote = journal.writeGroup();
      } catch (RuntimeException e) {
        LOG.error("a database did not take the news of its durable commits", e);
        continue;
      }
      if (!wrote) {
        if (stopping) {
          return;
        }
        Optional<Throwable> failure = journal.failure();
        if (failure.isEmpty()) {
          LockSupport.park(this);
        } else if (failure.get() instanceof IOException disk) {
          resume(journal, disk);
        } else {
          LOG.error("the journal is broken; restart the node", failure.get());
          return;
        }
      }
    }
  }

  private void resume(Journal journal, IOException failure) {
    LOG.errorf(
        "the journal could not be written; every %d s it is tried again: %s",
        RESUME_AFTER.toSeconds(), failure);
    IOException last = failure;
    while (!stopping) {
      LockSupport.parkNanos(this, RESUME_AFTER.toNanos());
      try {
        journal.resume();
        LOG.warn("the journal is written again");
        return;
      } catch (IOException e) {
        if (!String.valueOf(e.getMessage()).equals(String.valueOf(last.getMessage()))) {
          LOG.errorf("the journal still cannot be written: %s", e);
        }
        last = e;
      }
    }
  }

  /** Writes what has gathered and ends the thread; waits for it. */
  void stop() throws InterruptedException {
    stopping = true;
    Thread writer = thread;
    if (writer != null) {
      LockSupport.unpark(writer);
      writer.join();
    }
  }
}
