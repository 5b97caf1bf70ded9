package dev.dormouse.runtimenode.engine;

import dev.dormouse.commitlog.Journal;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The one thread that writes a journal's groups. It is never interrupted: that closes files. */
final class LogWriterThread {
  private static final Logger LOG = Logger.getLogger(LogWriterThread.class);

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
        if (stopping || journal.failure().isPresent()) {
          return;
        }
        LockSupport.park(this);
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
