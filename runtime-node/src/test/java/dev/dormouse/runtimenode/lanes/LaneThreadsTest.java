package dev.dormouse.runtimenode.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.runtimenode.cores.CoreSplit;
import dev.dormouse.runtimenode.cores.CoreSplitLimits;
import dev.dormouse.runtimenode.cores.Cores;
import dev.dormouse.runtimenode.cores.CountedCores;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Runs that hold their threads are compensated, and the surplus goes again; lanes that use much
 * share what the others leave.
 */
final class LaneThreadsTest {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final LaneThreadLimits LIMITS = LaneThreadLimits.forCores(2);

  private final List<Throwable> escaped = new ArrayList<>();
  private final LaneThreads lanes =
      new LaneThreads(LIMITS, CoreSplit.never(), (thread, failure) -> escaped.add(failure));
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void close() {
    release.countDown();
    lanes.close();
    assertEquals(List.of(), escaped);
  }

  private static void await(String what, BooleanSupplier done) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!done.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited in vain for " + what);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Holds so many threads until the release. */
  private void hold(int threads) {
    CountDownLatch holding = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      lanes
          .newLane()
          .execute(
              () -> {
                holding.countDown();
                try {
                  release.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
    }
    await(
        "the threads to be held",
        () -> {
          tickLater();
          return holding.getCount() == 0;
        });
  }

  /** A tick at a time at which every run has lasted too long. */
  private void tickLater() {
    lanes.tick(System.nanoTime() + LIMITS.compensateAfter().toNanos() + 1);
  }

  private void runOne() {
    CountDownLatch ran = new CountDownLatch(1);
    lanes.newLane().execute(ran::countDown);
    await(
        "a neighbour's run",
        () -> {
          tickLater();
          return ran.getCount() == 0;
        });
  }

  @Test
  void aNeighbourRunsThoughEveryThreadIsHeld() {
    hold(LIMITS.threads());
    runOne();
    assertTrue(lanes.threadCount() > LIMITS.threads(), lanes.threadCount() + " threads");
  }

  @Test
  void theNextNeighbourNeedsNoCompensation() throws Exception {
    hold(LIMITS.threads());
    runOne();
    for (int i = 0; i < 100; i++) {
      CountDownLatch ran = new CountDownLatch(1);
      lanes.newLane().execute(ran::countDown);
      assertTrue(ran.await(20, TimeUnit.SECONDS), "without a tick");
    }
    assertEquals(LIMITS.threads() + 1, lanes.threadCount());
  }

  @Test
  void theSurplusEndsWhenTheOthersAreFree() {
    hold(LIMITS.threads() + 2);
    assertTrue(lanes.threadCount() >= LIMITS.threads() + 2);
    release.countDown();
    await(
        "the surplus to end",
        () -> {
          tickLater();
          return lanes.threadCount() == LIMITS.threads();
        });
    runOne();
  }

  /** A lane whose guest runs until it is told to end, and asks at each of its loops like one. */
  private final class Loop implements Runnable {
    private final AtomicBoolean ended;
    private final AtomicInteger atOnce;
    private final AtomicInteger most;
    private final AtomicLong loops = new AtomicLong();
    private volatile Thread on = new Thread();

    Loop(AtomicBoolean ended, AtomicInteger atOnce, AtomicInteger most) {
      this.ended = ended;
      this.atOnce = atOnce;
      this.most = most;
    }

    @Override
    public void run() {
      on = Thread.currentThread();
      atOnce.incrementAndGet();
      while (!ended.get()) {
        if (lanes.isDue(Thread.currentThread())) {
          atOnce.decrementAndGet();
          lanes.pause();
          atOnce.incrementAndGet();
        }
        loops.incrementAndGet();
        most.accumulateAndGet(atOnce.get(), Math::max);
        Thread.onSpinWait();
      }
      atOnce.decrementAndGet();
    }
  }

  /** A tick much later, once everybody who was told to pause has had the time to. */
  private void tickWhenNobodyIsDue(List<Loop> loops, AtomicLong time) {
    if (loops.stream().noneMatch(loop -> lanes.isDue(loop.on))) {
      lanes.tick(time.addAndGet(LIMITS.turnMax().toNanos() + 1));
    }
  }

  @Test
  void busyLanesTakeTurnsAndLeaveACore() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Loop> loops = new ArrayList<>();
    AtomicLong time = new AtomicLong(System.nanoTime());
    for (int i = 0; i < 5; i++) {
      Loop loop = new Loop(ended, atOnce, most);
      loops.add(loop);
      lanes.newLane().execute(loop);
      await(
          "it to be busy",
          () -> {
            tickWhenNobodyIsDue(loops, time);
            return atOnce.get() == 1 && loop.loops.get() > 0;
          });
    }
    CountDownLatch first = new CountDownLatch(1);
    lanes.newLane().execute(first::countDown);
    await(
        "a thread that stays ready",
        () -> {
          tickWhenNobodyIsDue(loops, time);
          return first.getCount() == 0;
        });
    most.set(0);
    for (int round = 0; round < 3; round++) {
      List<Long> before = loops.stream().map(loop -> loop.loops.get()).toList();
      await(
          "everybody's turn",
          () -> {
            tickWhenNobodyIsDue(loops, time);
            for (int i = 0; i < loops.size(); i++) {
              if (loops.get(i).loops.get() == before.get(i)) {
                return false;
              }
            }
            return true;
          });
      CountDownLatch ran = new CountDownLatch(1);
      lanes.newLane().execute(ran::countDown);
      assertTrue(ran.await(20, TimeUnit.SECONDS), "without a tick");
    }
    // Who looked before the count began may note it after: one more than there are turns.
    assertTrue(most.get() <= LIMITS.turns() + 1, most + " at once");
    ended.set(true);
    await("the end", () -> atOnce.get() == 0);
  }

  @Test
  void noTurnIsLostHoweverRunsEnd() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    Thread ticks =
        Thread.ofPlatform()
            .start(
                () -> {
                  long time = System.nanoTime();
                  while (!ended.get()) {
                    time += LIMITS.compensateAfter().toNanos() + 1;
                    lanes.tick(time);
                  }
                });
    int runs = 3_000;
    CountDownLatch done = new CountDownLatch(4 * runs);
    for (int i = 0; i < 4; i++) {
      Executor lane = lanes.newLane();
      lane.execute(
          new Runnable() {
            private int left = runs;

            @Override
            public void run() {
              if (lanes.isDue(Thread.currentThread())) {
                lanes.pause();
              }
              done.countDown();
              if (--left > 0) {
                lane.execute(this);
              }
            }
          });
    }
    assertTrue(done.await(60, TimeUnit.SECONDS), done.getCount() + " runs left");
    ended.set(true);
    ticks.join();
    await("all turns to be given back", () -> lanes.turnsTaken() == 0);
  }

  @Test
  void aBusyLaneLeavesTheLastCoreToTheOthers() throws Exception {
    CountedCores cores = new CountedCores();
    CoreSplit split = new CoreSplit(cores, CoreSplitLimits.STANDARD);
    AtomicBoolean ended = new AtomicBoolean();
    try (LaneThreads own =
        new LaneThreads(LIMITS, split, (thread, failure) -> escaped.add(failure))) {
      own.newLane()
          .execute(
              () -> {
                while (!ended.get()) {
                  Thread.onSpinWait();
                }
              });
      AtomicLong time = new AtomicLong(System.nanoTime());
      Executor quiet = own.newLane();
      await(
          "the busy lane to leave a core, and the other to have it",
          () -> {
            quiet.execute(() -> {});
            own.tickCores(time.addAndGet(LIMITS.compensateAfter().toNanos() + 1));
            own.tick(time.get());
            return cores.countIn(Cores.Place.ALL_BUT_LAST) == 1
                && cores.countIn(Cores.Place.LAST) >= 1;
          });
      ended.set(true);
    }
  }
}
