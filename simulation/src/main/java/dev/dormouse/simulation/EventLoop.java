package dev.dormouse.simulation;

import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;

/** One thread of a node's edge: does what is posted, in order. */
final class EventLoop {
  private final ArrayDeque<Runnable> posted = new ArrayDeque<>();
  private final Thread thread;

  EventLoop(Scheduler.Process process) {
    this.thread = process.start(TaskKind.EVENT_LOOP, this::run);
  }

  private void run() {
    while (true) {
      Runnable next = posted.poll();
      if (next == null) {
        LockSupport.park();
      } else {
        next.run();
      }
    }
  }

  void post(Runnable action) {
    posted.add(action);
    LockSupport.unpark(thread);
  }
}
