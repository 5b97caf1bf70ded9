package dev.dormouse.runtimenode.engine;

import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/** A thread that does something short again and again. Interrupting it is not how it ends. */
final class Ticker {
  private static final Logger LOG = Logger.getLogger(Ticker.class);

  private final Thread thread;
  private volatile boolean stopping;

  Ticker(String name, long everyNanos, Runnable tick) {
    this.thread =
        new Thread(
            null,
            () -> {
              while (!stopping) {
                try {
                  tick.run();
                } catch (RuntimeException e) {
                  LOG.errorf(e, "a tick of %s failed", name);
                }
                LockSupport.parkNanos(everyNanos);
              }
            },
            name,
            512 << 10);
    thread.setDaemon(true);
    thread.start();
  }

  void stop() throws InterruptedException {
    stopping = true;
    LockSupport.unpark(thread);
    thread.join();
  }
}
