package dev.dormouse.database;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import org.junit.jupiter.api.Test;

final class CallClockTest {
  private Instant wall = Instant.ofEpochSecond(10);

  @Test
  void timestampsNeverRepeatThoughTheClockStandsStill() {
    CallClock clock = new CallClock(() -> wall, 0);
    assertEquals(10_000_000, clock.next());
    assertEquals(10_000_001, clock.next());
  }

  @Test
  void timestampsNeverStepBackThoughTheClockDoes() {
    CallClock clock = new CallClock(() -> wall, 0);
    clock.next();
    wall = Instant.ofEpochSecond(10 - 3600);
    assertEquals(10_000_001, clock.next());
    wall = Instant.ofEpochSecond(11);
    assertEquals(11_000_000, clock.next());
  }

  @Test
  void aClockGoesOnBehindWhatEarlierLivesUsed() {
    CallClock clock = new CallClock(() -> wall, 99_000_000);
    assertEquals(99_000_001, clock.next());
    clock.passed(200_000_000);
    assertEquals(200_000_001, clock.next());
    assertEquals(200_000_001, clock.last());
  }
}
