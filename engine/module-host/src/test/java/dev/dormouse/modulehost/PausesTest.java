package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.MemoryBudget;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A guest that is due to pause is held where it is, and goes on as if nothing had been. */
@Timeout(60)
final class PausesTest {
  private static final String V0 = "spacetime_10.0";
  private static final CpuBudget BUDGET = Guests.BUDGET;

  /** Somebody is due until he has paused so often. */
  private static final class Often implements Pauses {
    final AtomicLong left;
    final AtomicBoolean interrupted = new AtomicBoolean();

    Often(long times) {
      this.left = new AtomicLong(times);
    }

    @Override
    public boolean isDue(Thread runner) {
      return left.get() > 0;
    }

    @Override
    public void pause() {
      left.decrementAndGet();
      if (Thread.currentThread().isInterrupted()) {
        interrupted.set(true);
      }
    }
  }

  private final AtomicBoolean stop = new AtomicBoolean();
  private Thread ticker = new Thread();

  /** A watch that is ticked without a break. */
  private CallWatch hammering(Pauses pauses, CpuClock clock) {
    CallWatch watch = new CallWatch(clock, 2, pauses);
    ticker =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!stop.get()) {
                    watch.tick();
                  }
                });
    return watch;
  }

  @AfterEach
  void stopTicking() throws InterruptedException {
    stop.set(true);
    ticker.join();
    assertFalse(Thread.interrupted(), "an interrupt outlived its call");
  }

  private static ModuleInstance instance(byte[] program, HostCalls host, CallWatch watch) {
    return Guests.load(program)
        .instantiate(host, InstanceLimits.STANDARD, watch, Guests.BUDGET, MemoryBudget.unlimited());
  }

  private static CallOutcome call(ModuleInstance instance, CpuBudget budget) {
    return instance.callReducer(0, Guests.SENDER, Guests.CONNECTION, 1, new byte[0], budget);
  }

  /** Counts in memory up to a number, then returns 0 if it has counted right. */
  private static byte[] counting(int times) {
    return ModuleChecksTest.abi()
        .reducer(
            code ->
                code.op(0x03, 0x40) // loop
                    .i32(64)
                    .load(64)
                    .i32(1)
                    .op(0x6a) // add
                    .op(0x36, 2, 0) // store at 64
                    .load(64)
                    .i32(times)
                    .op(0x49) // less, unsigned
                    .op(0x0d, 0) // again
                    .op(0x0b)
                    .load(64)
                    .i32(times)
                    .op(0x47)) // 0 if equal
        .build();
  }

  @Test
  void aLoopIsHeldAgainAndAgainAndCountsOn() {
    Often often = new Often(50);
    CallWatch watch = hammering(often, thread -> 0);
    ModuleInstance instance = instance(counting(400_000_000), new MapHost(), watch);
    assertEquals(new CallOutcome.Returned(), call(instance, BUDGET));
    assertTrue(often.left.get() <= 0, "pauses left " + often.left);
    assertFalse(often.interrupted.get(), "held with an interrupt pending");
    assertFalse(instance.isPoisoned());
  }

  @Test
  void whoIsAlwaysDueIsHeldAtImportsToo() {
    Often often = new Often(Long.MAX_VALUE);
    AtomicBoolean interrupted = new AtomicBoolean();
    MapHost host =
        new MapHost() {
          @Override
          public long tableRowCount(int tableId) {
            if (Thread.currentThread().isInterrupted()) {
              interrupted.set(true);
            }
            return 0;
          }
        };
    WasmBuilder builder = WasmBuilder.module();
    int count = builder.importFunction(V0, "datastore_table_row_count", "ii", "i");
    builder.reducer(
        code -> {
          for (int i = 0; i < 200; i++) {
            code.i32(1).i32(64).call(count).drop();
          }
          code.i32(0);
        });
    CallWatch watch = hammering(often, thread -> 0);
    ModuleInstance instance = instance(builder.build(), host, watch);
    while (Long.MAX_VALUE - often.left.get() < 2_000) {
      assertEquals(new CallOutcome.Returned(), call(instance, BUDGET));
      assertFalse(Thread.interrupted(), "an interrupt outlived its call");
    }
    assertFalse(interrupted.get(), "a host call with an interrupt pending");
    assertFalse(often.interrupted.get());
  }

  @Test
  void whoHasPausedIsStoppedLikeAnybody() {
    AtomicLong cpu = new AtomicLong();
    Often often = new Often(20);
    CallWatch watch =
        hammering(often, thread -> often.left.get() > 0 ? 0 : cpu.addAndGet(1_000_000));
    ModuleInstance instance =
        instance(
            ModuleChecksTest.abi().reducer(code -> code.forever().op(0)).build(),
            new MapHost(),
            watch);
    assertEquals(new CallOutcome.OutOfBudget(), call(instance, BUDGET));
    assertTrue(often.left.get() <= 0, "pauses left " + often.left);
    assertTrue(instance.isPoisoned());
  }

  @Test
  void anInterpretedFunctionIsNeitherHeldNorKilled() {
    Often often = new Often(Long.MAX_VALUE);
    byte[] program =
        ModuleChecksTest.abi()
            .reducer(
                code -> {
                  for (int i = 0; i < 20_000; i++) {
                    code.store(64, 1_000_000 + i);
                  }
                  code.i32(0);
                })
            .build();
    assertEquals(1, Guests.RUNTIME.compile(program, CompileLimits.STANDARD).warnings().size());
    CallWatch watch = hammering(often, thread -> 0);
    ModuleInstance instance = instance(program, new MapHost(), watch);
    for (int i = 0; i < 100; i++) {
      assertEquals(new CallOutcome.Returned(), call(instance, BUDGET));
    }
  }
}
