package dev.dormouse.benchmarks.micro;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/** An executor whose tasks run when it is told to, on the caller's thread. Not thread safe. */
final class LaneByHand implements Executor {
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  /** Runs all tasks, those that they add included. */
  void run() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }
}
