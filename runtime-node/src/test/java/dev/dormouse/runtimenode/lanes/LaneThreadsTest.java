package dev.dormouse.runtimenode.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs that hold their threads are compensated, and the surplus goes again. */
final class LaneThreadsTest {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final LaneThreadLimits LIMITS = LaneThreadLimits.forCores(2);

  private final List<Throwable> escaped = new ArrayList<>();
  private final LaneThreads lanes =
      new LaneThreads(LIMITS, (thread, failure) -> escaped.add(failure));
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
      lanes.execute(
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
    lanes.execute(ran::countDown);
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
      lanes.execute(ran::countDown);
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
}
