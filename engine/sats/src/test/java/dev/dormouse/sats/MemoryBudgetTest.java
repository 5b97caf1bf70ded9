package dev.dormouse.sats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MemoryBudgetTest {
  private static final int STEP = MemoryAccount.STEP_BYTES;

  private final MemoryBudget budget = new MemoryBudget(4L * STEP);

  @Test
  void accountsTakeStepsAndGiveThemBack() {
    MemoryAccount account = budget.open();
    account.cover(1, "a test");
    assertEquals(STEP, budget.chargedBytes());
    account.cover(STEP, "a test");
    assertEquals(STEP, budget.chargedBytes());
    account.cover(STEP + 1, "a test");
    assertEquals(2L * STEP, account.heldBytes());
    account.settle(10);
    assertEquals(STEP, budget.chargedBytes());
    account.close();
    assertEquals(0, budget.chargedBytes());
  }

  @Test
  void theSumHasALimitThatTheRefusalNames() {
    MemoryAccount first = budget.open();
    MemoryAccount second = budget.open();
    first.cover(3L * STEP, "the first");
    EngineException refused =
        assertThrows(EngineException.class, () -> second.cover(STEP + 1, "the second"));
    assertEquals(
        "node memory: the second needs %d bytes more, %d of %d bytes are taken by databases"
            .formatted(STEP + 1, 3 * STEP, 4 * STEP),
        refused.text());
    assertEquals(EngineException.Code.RETRY, refused.code());
    assertEquals(0, second.heldBytes());
    assertTrue(second.tryCover(STEP));
    first.close();
    assertTrue(second.tryCover(4L * STEP));
  }

  @Test
  void theReserveIsForThoseThatHoldLittle() {
    MemoryBudget node = new MemoryBudget(10 << 20, 4 << 20);
    MemoryAccount large = node.open();
    assertTrue(large.tryCover(6 << 20));
    EngineException refused =
        assertThrows(EngineException.class, () -> large.cover((6 << 20) + 1, "the large one"));
    assertTrue(refused.text().contains("6291456 of 6291456 bytes are taken"), refused.text());
    MemoryAccount small = node.open();
    assertTrue(small.tryCover(MemoryBudget.SMALL_BYTES));
    assertFalse(small.tryCover(MemoryBudget.SMALL_BYTES + 1));
    assertTrue(node.open().tryCover(MemoryBudget.SMALL_BYTES));
    assertFalse(node.open().tryCover(1));
  }

  @Test
  void whatIsThereIsCountedBeyondTheLimit() {
    MemoryAccount account = budget.open();
    account.settle(6L * STEP);
    assertEquals(6L * STEP, budget.chargedBytes());
    MemoryAccount other = budget.open();
    assertFalse(other.tryCover(1));
    account.settle(3L * STEP);
    assertTrue(other.tryCover(1));
  }

  @Test
  void sharedOnesAreGivenBackByTheLastHolder() {
    MemoryAccount account = budget.open();
    account.cover(STEP, "a test");
    account.share();
    account.close();
    assertEquals(STEP, budget.chargedBytes());
    account.close();
    assertEquals(0, budget.chargedBytes());
  }

  @Test
  void threadsTogetherNeverGetMoreThanThereIs() throws InterruptedException {
    MemoryBudget small = new MemoryBudget(10L * STEP);
    List<MemoryAccount> accounts = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      MemoryAccount account = small.open();
      accounts.add(account);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int round = 0; round < 10_000; round++) {
                      if (!account.tryCover(account.heldBytes() + STEP)) {
                        account.settle(0);
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    long held = accounts.stream().mapToLong(MemoryAccount::heldBytes).sum();
    assertEquals(held, small.chargedBytes());
    assertTrue(held <= small.limitBytes());
    accounts.forEach(MemoryAccount::close);
    assertEquals(0, small.chargedBytes());
  }
}
