package dev.dormouse.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks on one thread, a step at a time, in an order drawn from a random generator. A task is
 * a {@link SteppedThread}: it is stepped until it blocks, yields or ends.
 */
@SuppressWarnings({
  "ThreadPriorityCheck",
  "ReferenceEquality",
  "AvoidCommonTypeNames"
}) // the scheduler is the world's own
final class Scheduler {
  /** Virtual time that one step may take, in nanoseconds. */
  private static final int STEP_NANOS_MAX = 4_000;

  /** How much more rarely tasks of the slow kind are stepped. */
  private static final int SLOWNESS = 24;

  /** How often another task is drawn when a slow one was. */
  private static final int REDRAWS = 4;

  private final RandomGenerator random;
  private final VirtualTime time;
  private final Trace trace;
  private final Optional<TaskKind> slow;
  private final Thread carrier = Thread.currentThread();
  private final ArrayList<Step> runnable = new ArrayList<>();
  private @Nullable Task current;
  private @Nullable Throwable failure;
  private volatile @Nullable Task contended;
  private long steps;
  private int serial;

  Scheduler(RandomGenerator random, VirtualTime time, Trace trace, Optional<TaskKind> slow) {
    this.random = random;
    this.time = time;
    this.trace = trace;
    this.slow = slow;
  }

  private record Step(Task task, Runnable run) {}

  /** Tasks that end together, without another step, when their process dies. */
  final class Process {
    private final String name;
    private final List<Runnable> whenDead = new ArrayList<>();
    private boolean alive = true;

    private Process(String name) {
      this.name = name;
    }

    boolean isAlive() {
      return alive;
    }

    /** Starts a task. */
    Thread start(TaskKind kind, Runnable body) {
      Task task = new Task(this, kind, serial++);
      Thread thread = SteppedThread.unstarted(task, name + " " + kind + task.number, task.of(body));

      thread.start();
      return thread;
    }

    /** Runs tasks on so many threads, in the order in which they come. */
    Executor pool(TaskKind kind, int threads) {
      return new Pool(this, kind, threads);
    }

    /** Has something happen at the process's death; at once if it is dead. */
    void whenDead(Runnable action) {
      if (alive) {
        whenDead.add(action);
      } else {
        action.run();
      }
    }

    /** Ends the process. No task of it makes another step, not even the one that calls this. */
    void kill() {
      if (!alive) {
        return;
      }
      alive = false;
      runnable.removeIf(step -> step.task.process == this);
      whenDead.forEach(Runnable::run);
      whenDead.clear();
    }
  }

  /** One thread of a process. */
  final class Task implements Executor {
    private final Process process;
    private final TaskKind kind;
    private final int number;

    private Task(Process process, TaskKind kind, int number) {
      this.process = process;
      this.kind = kind;
      this.number = number;
    }

    Process process() {
      return process;
    }

    TaskKind kind() {
      return kind;
    }

    private Runnable of(Runnable body) {
      return () -> {
        try {
          body.run();
        } catch (Violation e) {
          fail(e);
        } catch (Throwable e) {
          fail(new Violation("escaped from a task of " + process.name + ", " + kind, e));
        }
      };
    }

    /** The thread can make its next step. */
    @Override
    public void execute(Runnable step) {
      if (Thread.currentThread() != carrier && !Thread.currentThread().isVirtual()) {
        // A thread of the JDK: somebody came off inside a monitor that this task waited for.
        contended = this;
        return;
      }
      if (process.alive) {
        runnable.add(new Step(this, step));
      }
    }
  }

  private static final class Pool implements Executor {
    private final Process process;
    private final TaskKind kind;
    private final int threads;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private int running;

    Pool(Process process, TaskKind kind, int threads) {
      this.process = process;
      this.kind = kind;
      this.threads = threads;
    }

    @Override
    public void execute(Runnable run) {
      if (running == threads) {
        waiting.add(run);
        return;
      }
      running++;
      process.start(kind, () -> runAndNext(run));
    }

    private void runAndNext(Runnable first) {
      for (Runnable next = first; next != null; next = waiting.poll()) {
        next.run();
        Thread.yield();
      }
      running--;
    }
  }

  /** A group of tasks. */
  Process process(String name) {
    return new Process(name);
  }

  /** The task whose step is run; nobody between steps. */
  Optional<Task> current() {
    return Optional.ofNullable(current);
  }

  /** Notes what must not be; {@link #run} throws the first. */
  void fail(Throwable what) {
    if (failure == null) {
      failure = what;
    }
  }

  long steps() {
    return steps;
  }

  /** Blocks the calling task for a while of virtual time. */
  void sleep(long nanos) {
    boolean[] over = new boolean[1];
    Thread sleeper = Thread.currentThread();
    time.after(
        nanos,
        () -> {
          over[0] = true;
          LockSupport.unpark(sleeper);
        });
    while (!over[0]) {
      LockSupport.park();
    }
  }

  /** Blocks the calling task for ever: its process is dead. */
  static void endHere() {
    while (true) {
      LockSupport.park();
    }
  }

  /**
   * Steps tasks, and lets time pass, until the goal is reached.
   *
   * @throws Violation if something went wrong, or nothing can go on any more
   */
  void run(java.util.function.BooleanSupplier reached) {
    while (!reached.getAsBoolean()) {
      if (runnable.isEmpty()) {
        if (!time.passToNext()) {
          throw new Violation("deadlock: nothing can go on, and nothing is due");
        }
      } else {
        Step step = draw();
        steps++;
        trace.step(step.task.kind, step.task.number);
        current = step.task;
        step.run.run();
        current = null;
        time.pass(random.nextInt(STEP_NANOS_MAX));
      }
      if (contended != null) {
        throw new IllegalStateException(
            "a monitor was contended, so that nothing follows from the seed: " + contended.kind);
      }
      if (failure instanceof Violation violation) {
        throw violation;
      }
      if (failure != null) {
        throw new Violation("failed", failure);
      }
    }
  }

  private Step draw() {
    int drawn = random.nextInt(runnable.size());
    if (slow.isPresent() && random.nextInt(SLOWNESS) != 0) {
      for (int i = 0; i < REDRAWS && runnable.get(drawn).task.kind == slow.get(); i++) {
        drawn = random.nextInt(runnable.size());
      }
    }
    Step step = runnable.get(drawn);
    Step last = runnable.removeLast();
    if (drawn < runnable.size()) {
      runnable.set(drawn, last);
    }
    return step;
  }
}
