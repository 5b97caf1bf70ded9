package dev.dormouse.runtimenode.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Who goes next, and how many at once. */
final class TurnsTest {
  private final Turns turns = new Turns(2);
  private final List<String> granted = new ArrayList<>();

  private final class Lane implements Turns.Waiting {
    private final String name;
    private long used;

    Lane(String name, long used) {
      this.name = name;
      this.used = used;
    }

    @Override
    public long used(long now) {
      return used;
    }

    @Override
    public void granted() {
      granted.add(name);
    }
  }

  @Test
  void soManyAtOnceAndNobodyOvertakesWhoWaits() {
    turns.await(new Lane("a", 1));
    assertTrue(turns.tryTake());
    assertFalse(turns.tryTake());
    turns.await(new Lane("b", 1));
    assertEquals(List.of("a"), granted);
    turns.giveBack();
    assertEquals(List.of("a", "b"), granted);
    assertFalse(turns.tryTake());
    turns.giveBack();
    assertTrue(turns.tryTake());
  }

  @Test
  void whoHasUsedTheLeastIsNextThenWhoCameFirst() {
    assertTrue(turns.tryTake());
    assertTrue(turns.tryTake());
    Lane loser = new Lane("much", 50);
    turns.await(loser);
    turns.await(new Lane("first of two", 20));
    turns.await(new Lane("second of two", 20));
    assertEquals(OptionalLong.of(20), turns.leastUsed(0));
    turns.giveBack();
    loser.used = 10; // It has made up for it meanwhile.
    turns.giveBack();
    turns.giveBack();
    assertEquals(List.of("first of two", "much", "second of two"), granted);
    assertEquals(OptionalLong.empty(), turns.leastUsed(0));
  }
}
