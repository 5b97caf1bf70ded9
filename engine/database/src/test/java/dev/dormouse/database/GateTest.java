package dev.dormouse.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class GateTest {
  private final Gate gate = new Gate();
  private final List<String> told = new ArrayList<>();

  private void answer(String name, long offset, long durable) {
    gate.whenDurable(offset, durable, () -> told.add(name), () -> told.add("lost " + name));
  }

  @Test
  void whatIsDurableGoesAtOnce() {
    answer("a", 3, 3);
    assertEquals(List.of("a"), told);
  }

  @Test
  void whatIsNotWaitsAndKeepsItsPlace() {
    answer("a", 4, 3);
    answer("b", 3, 3);
    assertEquals(List.of(), told, "b must not overtake a");
    gate.release(3);
    assertEquals(List.of(), told);
    gate.release(4);
    assertEquals(List.of("a", "b"), told);
    assertTrue(gate.isEmpty());
  }

  @Test
  void whatCanNoLongerBeKnownIsAbandoned() {
    answer("a", 4, 3);
    answer("b", 5, 3);
    gate.release(4);
    gate.abandon();
    assertEquals(List.of("a", "lost b"), told);
  }
}
