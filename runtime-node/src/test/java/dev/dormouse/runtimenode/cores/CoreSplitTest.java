package dev.dormouse.runtimenode.cores;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A core is kept for who wants little while others want much, and only then. */
final class CoreSplitTest {
  private static final CoreSplitLimits LIMITS = CoreSplitLimits.STANDARD;
  private static final long LOOK = LIMITS.look().toNanos();
  private static final int EVENT_LOOP = 1;
  private static final int COMPILER = 2;
  private static final int COLLECTOR = 3;
  private static final int LATE = 4;

  private final CountedCores cores = new CountedCores();
  private final CoreSplit split = new CoreSplit(cores, LIMITS);
  private long now;
  private long quiet;
  private long busy;

  @BeforeEach
  void begin() {
    cores.begin(EVENT_LOOP, "vert.x-eventloo");
    cores.begin(COMPILER, "C2 CompilerThre");
    cores.begin(COLLECTOR, "GC Thread#0");
    tick(0, 0);
  }

  /** A look later, when lanes have run for so many percent of the time. */
  private void tick(int quietPercent, int busyPercent) {
    now += LOOK;
    quiet += LOOK * quietPercent / 100;
    busy += LOOK * busyPercent / 100;
    split.tick(now, quiet, busy);
  }

  @Test
  void aQuietLaneBesideABusyOneGetsTheLastCore() {
    tick(1, 90);
    assertTrue(split.isSplit());
    assertEquals(Optional.of(Cores.Place.LAST), cores.placeOf(EVENT_LOOP));
    assertEquals(Optional.of(Cores.Place.ALL_BUT_LAST), cores.placeOf(COMPILER));
    assertEquals(Optional.of(Cores.Place.ANYWHERE), cores.placeOf(COLLECTOR));
    assertEquals(Cores.Place.LAST, split.placeOf(CoreSplit.Kind.PROMPT));
    assertEquals(Cores.Place.ALL_BUT_LAST, split.placeOf(CoreSplit.Kind.PATIENT));
  }

  @Test
  void threadsInTheBackgroundCountLikeBusyLanes() {
    cores.run(COMPILER, LOOK / 2);
    tick(1, 0);
    assertTrue(split.isSplit());
  }

  @Test
  void aBusyLaneAloneHasAllCores() {
    tick(0, 100);
    cores.run(COMPILER, LOOK / 2);
    tick(0, 100);
    assertFalse(split.isSplit());
    assertEquals(Optional.of(Cores.Place.ANYWHERE), cores.placeOf(COMPILER));
  }

  @Test
  void quietLanesAmongThemselvesHaveAllCores() {
    cores.run(COMPILER, LOOK * (LIMITS.patientPercent() - 1) / 100);
    tick(50, 0);
    assertFalse(split.isSplit());
  }

  @Test
  void whoNeedsMoreThanTheLastCoreIsNotKeptThere() {
    tick(1, 90);
    assertTrue(split.isSplit());
    cores.run(EVENT_LOOP, LOOK / 2);
    tick(LIMITS.promptPercent() - 49, 90);
    assertFalse(split.isSplit());
    assertEquals(Optional.of(Cores.Place.ANYWHERE), cores.placeOf(EVENT_LOOP));
    assertEquals(Optional.of(Cores.Place.ANYWHERE), cores.placeOf(COMPILER));
  }

  @Test
  void theSplitEndsWhenThereWasNoReasonForAWhile() {
    tick(1, 90);
    long until = now + LIMITS.hold().toNanos();
    while (now + LOOK < until) {
      tick(1, 0);
      assertTrue(split.isSplit(), "at " + (until - now) + " ns before its end");
    }
    tick(1, 0);
    assertFalse(split.isSplit());
    assertEquals(Optional.of(Cores.Place.ANYWHERE), cores.placeOf(EVENT_LOOP));
  }

  @Test
  void whatStartsMeanwhileIsPutWhereItBelongs() {
    tick(1, 90);
    cores.begin(LATE, "publisher-1");
    cores.end(COLLECTOR);
    long from = now;
    while (now - from < LIMITS.newcomers().toNanos()) {
      tick(1, 90);
    }
    assertEquals(Optional.of(Cores.Place.ALL_BUT_LAST), cores.placeOf(LATE));
    assertEquals(Optional.empty(), cores.placeOf(COLLECTOR));
  }
}
