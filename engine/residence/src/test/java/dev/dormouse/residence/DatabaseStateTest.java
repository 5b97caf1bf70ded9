package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DatabaseStateTest {
  /** All legal steps, written down a second time, so that a change of one has to be meant. */
  private static final List<String> LEGAL =
      List.of(
          "ASLEEP>WAKING",
          "ASLEEP>PAUSED",
          "ASLEEP>DELETED",
          "WAKING>SERVING",
          "WAKING>FENCED",
          "WAKING>FAILED",
          "WAKING>DELETED",
          "SERVING>SLEEPING",
          "SERVING>FENCED",
          "SERVING>FAILED",
          "SERVING>PAUSED",
          "SERVING>DELETED",
          "SLEEPING>ASLEEP",
          "SLEEPING>SERVING",
          "SLEEPING>FENCED",
          "SLEEPING>FAILED",
          "SLEEPING>DELETED",
          "FENCED>ASLEEP",
          "FENCED>DELETED",
          "FAILED>ASLEEP",
          "FAILED>WAKING",
          "FAILED>DELETED",
          "PAUSED>ASLEEP",
          "PAUSED>DELETED");

  @Test
  void everyPairIsLegalOrNotAsWrittenDown() {
    List<String> found = new ArrayList<>();
    for (DatabaseState from : DatabaseState.values()) {
      for (DatabaseState to : DatabaseState.values()) {
        if (from.canBecome(to)) {
          found.add(from + ">" + to);
        }
      }
    }
    assertEquals(LEGAL.stream().sorted().toList(), found.stream().sorted().toList());
  }
}
