package dev.dormouse.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OutstandingTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 64, 96, 100})
  void everyCallIsSettledOnceInAnyOrder(int inFlight) {
    var random = new SplittableRandom(inFlight);
    var outstanding = new Outstanding(inFlight);
    var open = new ArrayList<Integer>();
    var ids = new HashSet<Integer>();
    for (long now = 0; now < 5_000; now++) {
      if (outstanding.free() > 0 && random.nextBoolean()) {
        int id = outstanding.take(now);
        assertTrue(ids.add(id), "id " + id + " again");
        open.add(id);
      } else if (!open.isEmpty()) {
        int id = open.remove(/* index */ random.nextInt(open.size()));
        assertTrue(outstanding.settle(id) >= 0, "id " + id);
        assertEquals(Outstanding.UNKNOWN, outstanding.settle(id), "id " + id + " twice");
      }
      assertEquals(open.size(), outstanding.waiting());
      assertEquals(inFlight, outstanding.waiting() + outstanding.free());
    }
    for (int stranger : new int[] {-1, Integer.MIN_VALUE, 1 << 30}) {
      assertEquals(Outstanding.UNKNOWN, outstanding.settle(stranger));
    }
  }
}
