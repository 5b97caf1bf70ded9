package dev.dormouse.sats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class MemoryShareTest {
  private static final int MIB = 1 << 20;

  private final MemoryBudget budget = new MemoryBudget(100 * MIB, 15 * MIB);
  private final MemoryShare share = new MemoryShare(budget, 10 * MIB);

  @Test
  void itsOwnPartDoesNotCountAndWhatIsBeyondDoes() {
    share.add(10 * MIB);
    assertEquals(0, budget.chargedBytes());
    share.add(1);
    assertEquals(MIB, budget.chargedBytes());
    share.add(20 * MIB);
    assertEquals(21 * MIB, budget.chargedBytes());
    share.add(-30 * MIB);
    assertEquals(0, budget.chargedBytes());
    assertEquals(1, share.bytes());
  }

  @Test
  void whatIsThereIsTakenAndThenItIsOver() {
    try (MemoryAccount databases = budget.open()) {
      databases.cover(65 * MIB, "databases");
      share.add(15 * MIB);
      assertFalse(share.isOver(0), "70 of 70");
      share.add(1);
      assertTrue(share.isOver(0));
      assertFalse(share.isOver(MIB), "one leaves");
      assertTrue(databases.tryCover(75 * MIB), "databases go on");
      share.add(-6 * MIB);
      assertFalse(share.isOver(0), "what it holds is its own");
    }
  }

  @Test
  void whatIsAskedForIsRefusedWhereItWouldBeOver() {
    try (MemoryAccount databases = budget.open()) {
      databases.cover(65 * MIB, "databases");
      assertTrue(share.tryAdd(15 * MIB));
      assertFalse(share.tryAdd(1));
      assertEquals(15 * MIB, share.bytes());
      share.add(-MIB);
      assertTrue(share.tryAdd(MIB));
    }
    assertTrue(share.tryAdd(50 * MIB));
    share.add(-65 * MIB);
    assertEquals(0, share.bytes());
    assertTrue(budget.chargedBytes() <= 2 * MIB, budget.chargedBytes() + " bytes");
  }

  @Test
  void nothingOfItsOwnIsRefusedByFullDatabases() {
    try (MemoryAccount databases = budget.open()) {
      databases.cover(85 * MIB, "databases");
      assertTrue(share.tryAdd(10 * MIB));
      assertFalse(share.isOver(0));
      assertFalse(share.tryAdd(1));
    }
  }

  @Test
  void aPartBelowZeroIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new MemoryShare(budget, -1));
  }

  @Test
  void manyThreadsLeaveNothingBehind() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      SplittableRandom random = new SplittableRandom(t);
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < 20_000; i++) {
                  long bytes = random.nextInt(5 * MIB);
                  if (random.nextBoolean()) {
                    share.add(bytes);
                    share.add(-bytes);
                  } else if (share.tryAdd(bytes)) {
                    share.add(-bytes);
                  }
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(0, share.bytes());
    assertTrue(budget.chargedBytes() <= 2 * MIB, budget.chargedBytes() + " bytes");
  }
}
