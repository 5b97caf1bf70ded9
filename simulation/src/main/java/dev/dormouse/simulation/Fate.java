package dev.dormouse.simulation;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Decides what goes wrong, and where. Seams call {@link #step} before and after what they do: there
 * a task may come off, so that another goes on in between, and there the process may die.
 */
@SuppressWarnings("ThreadPriorityCheck") // the scheduler is the world's own
final class Fate {
  /** How long a task is held, in nanoseconds of virtual time. */
  static final long HELD_NANOS = 20_000_000;

  private final RandomGenerator random;
  private final Scheduler scheduler;
  private final VirtualTime time;
  private final Conditions conditions;
  private final Trace trace;
  private final Map<String, Integer> deaths = new TreeMap<>();
  private boolean calm = true;
  private long untilHeld = -1;
  private Runnable whenHeld = () -> {};
  private int crashesLeft;
  private int faults;
  private Runnable death = () -> {};

  Fate(
      RandomGenerator random,
      Scheduler scheduler,
      VirtualTime time,
      Conditions conditions,
      Trace trace) {
    this.random = random;
    this.scheduler = scheduler;
    this.time = time;
    this.conditions = conditions;
    this.trace = trace;
    this.crashesLeft = conditions.crashes();
  }

  /** What else a crash does, besides ending the process. */
  void onCrash(Runnable action) {
    death = action;
  }

  /** From now on things go wrong. */
  void begin() {
    calm = false;
  }

  /** From now on nothing goes wrong any more. */
  void calm() {
    calm = true;
  }

  /** How many calls of stores and of the disk were made to fail. */
  int faults() {
    return faults;
  }

  /** Where processes died, and how often. */
  Map<String, Integer> deaths() {
    return deaths;
  }

  /**
   * Holds whichever task makes the n-th step from now on, until whoever is outside has had time to
   * do whatever they want to do in the middle of that step.
   *
   * @param steps how many to let pass; negative to hold none any more
   */
  void holdAfter(long steps, Runnable when) {
    untilHeld = steps;
    whenHeld = when;
  }

  private void perhapsHold() {
    if (untilHeld < 0 || untilHeld-- > 0) {
      return;
    }
    trace.line("held");
    whenHeld.run();
    scheduler.sleep(HELD_NANOS);
    // The sleep may have used up what another task had told this one.
    LockSupport.unpark(Thread.currentThread());
  }

  /** The calling task is at a seam. */
  void step(String where) {
    Scheduler.Task task = scheduler.current().orElse(null);
    if (task == null || task.kind() == TaskKind.OUTSIDE) {
      return;
    }
    perhapsHold();
    if (!calm && crashesLeft > 0 && random.nextInt(conditions.crashRarity()) == 0) {
      crash(task.process(), where);
      Scheduler.endHere();
    }
    if (!calm && conditions.stalls() && random.nextInt(4_000) == 0) {
      trace.line("stall at " + where);
      time.pass(random.nextLong(60_000_000_000L));
    }
    if (random.nextInt(100) < conditions.yieldPercent()) {
      Thread.yield();
    }
  }

  /** The calling task is about to touch what other tasks may touch. */
  void sharedAccess() {
    Scheduler.Task task = scheduler.current().orElse(null);
    if (task == null || task.kind() == TaskKind.OUTSIDE) {
      return;
    }
    perhapsHold();
    if (random.nextInt(1_000) < conditions.racePerMille()) {
      Thread.yield();
    }
  }

  /** Ends a process, as kill -9 or a power cut does. */
  void crash(Scheduler.Process process, String where) {
    crashesLeft--;
    deaths.merge(where, 1, Integer::sum);
    trace.line("crash at " + where);
    death.run();
    process.kill();
  }

  /** Whether a call of a store fails now. */
  boolean fails(String what) {
    if (calm || conditions.storeFaults() == 0 || random.nextInt(conditions.storeFaults()) != 0) {
      return false;
    }
    faults++;
    trace.line(what + " fails");
    return true;
  }

  /** Something that must never be is: the world ends. */
  void violated(String what) {
    scheduler.fail(new Violation(what));
  }

  /** A fault of the disk has been armed or has struck. */
  void fault() {
    faults++;
  }
}
