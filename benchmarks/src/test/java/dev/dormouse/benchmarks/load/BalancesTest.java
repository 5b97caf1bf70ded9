package dev.dormouse.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class BalancesTest {
  @Test
  void sumsTheRowsOfAnSqlAnswer() {
    assertEquals(
        new Balances(3, -4),
        Balances.parse(
            "[{\"schema\":{\"elements\":[{\"name\":{\"some\":\"id\"}}]},"
                + "\"rows\":[[0,5],[1, -10 ],[2,1]],\"total_duration_micros\":9,\"stats\":{}}]"));
  }

  @Test
  void noRowsAreNoMoney() {
    assertEquals(new Balances(0, 0), Balances.parse("[{\"rows\":[],\"stats\":{\"x\":[1,2]}}]"));
  }

  @Test
  void anAnswerWithoutRowsIsAnError() {
    assertThrows(IllegalArgumentException.class, () -> Balances.parse("no"));
  }
}
