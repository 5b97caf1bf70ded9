package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests that would run for ever, or too deep: each ends, and the thread is as good as before. */
@Timeout(60)
final class BudgetTest {
  private static final CpuBudget SHORT = CpuBudget.of(Duration.ofMillis(50));
  private static final String V0 = "spacetime_10.0";

  /** What one lane's thread has. */
  private static final long STACK_BYTES = (1 << 20) + InstanceLimits.HOST_STACK_BYTES;

  /** Less than the guest may take, so that the JVM's own stack ends first. */
  private static final long SHORT_STACK_BYTES = 512 << 10;

  private static final CallWatch WATCH = new CallWatch(CpuClock.ofThisJvm(), 8);
  private static final ScheduledExecutorService TICKS =
      Executors.newSingleThreadScheduledExecutor();

  private static final ScheduledFuture<?> TICKING =
      TICKS.scheduleAtFixedRate(WATCH::tick, 1, 1, TimeUnit.MILLISECONDS);

  @AfterAll
  static void stopTicking() {
    assertFalse(TICKING.isDone(), "a tick has thrown");
    TICKS.shutdown();
  }

  private static WasmInstance instance(byte[] program, HostCalls host) {
    return (WasmInstance)
        Guests.load(program)
            .instantiate(
                host, InstanceLimits.STANDARD, WATCH, Guests.BUDGET, MemoryBudget.unlimited());
  }

  private static CallOutcome call(ModuleInstance instance, CpuBudget budget) {
    return instance.callReducer(0, Guests.SENDER, Guests.CONNECTION, 1, new byte[0], budget);
  }

  private static byte[] reducer(Consumer<WasmBuilder.Code> body) {
    return ModuleChecksTest.abi().reducer(body).build();
  }

  private static byte[] wellBehaved() {
    return reducer(code -> code.i32(0));
  }

  /** A host that has never been called with an interrupt pending. */
  private static class WaryHost extends MapHost {
    final AtomicBoolean interrupted = new AtomicBoolean();
    final AtomicLong calls = new AtomicLong();

    @Override
    public long tableRowCount(int tableId) {
      calls.incrementAndGet();
      if (Thread.currentThread().isInterrupted()) {
        interrupted.set(true);
      }
      return 0;
    }
  }

  private static byte[] loopOverAnImport() {
    WasmBuilder builder = WasmBuilder.module();
    int count = builder.importFunction(V0, "datastore_table_row_count", "ii", "i");
    builder.reducer(
        code -> code.op(0x03, 0x40).i32(1).i32(64).call(count).drop().op(0x0c, 0, 0x0b).op(0));
    return builder.build();
  }

  @Test
  void endlessLoopEndsAndTheThreadGoesOn() {
    WasmInstance instance = instance(reducer(code -> code.forever().op(0)), new MapHost());
    long before = System.nanoTime();
    assertEquals(new CallOutcome.OutOfBudget(), call(instance, SHORT));
    long millis = (System.nanoTime() - before) / 1_000_000;
    assertTrue(millis >= 40 && millis < 5_000, millis + " ms");
    assertTrue(instance.isPoisoned());
    assertThrows(IllegalStateException.class, () -> call(instance, SHORT));
    assertFalse(Thread.interrupted());
    assertEquals(new CallOutcome.Returned(), call(instance(wellBehaved(), new MapHost()), SHORT));
  }

  @Test
  void endlessLoopOverAnImportEndsAndTheHostSeesNoInterrupt() {
    WaryHost host = new WaryHost();
    assertEquals(new CallOutcome.OutOfBudget(), call(instance(loopOverAnImport(), host), SHORT));
    assertTrue(host.calls.get() > 1_000, "calls " + host.calls);
    assertFalse(host.interrupted.get());
    assertFalse(Thread.interrupted());
  }

  @Test
  void interpretedFunctionsAreStoppedToo() {
    byte[] program =
        reducer(
            code -> {
              for (int i = 0; i < 20_000; i++) {
                code.store(64, 1_000_000 + i);
              }
              code.forever().op(0);
            });
    assertEquals(1, Guests.RUNTIME.compile(program, CompileLimits.STANDARD).warnings().size());
    assertEquals(new CallOutcome.OutOfBudget(), call(instance(program, new MapHost()), SHORT));
    assertFalse(Thread.interrupted());
  }

  @Test
  void budgetCountsTheCpuTimeOfTheThreadAndNotTheClock() {
    AtomicLong cpu = new AtomicLong();
    CallWatch watch = new CallWatch(thread -> cpu.get(), 1);
    MapHost host =
        new MapHost() {
          @Override
          public long tableRowCount(int tableId) {
            watch.tick();
            watch.tick();
            return 0;
          }
        };
    WasmBuilder builder = WasmBuilder.module();
    int count = builder.importFunction(V0, "datastore_table_row_count", "ii", "i");
    builder.reducer(code -> code.i32(1).i32(64).call(count));
    ModuleInstance instance =
        Guests.load(builder.build())
            .instantiate(
                host, InstanceLimits.STANDARD, watch, Guests.BUDGET, MemoryBudget.unlimited());
    for (int i = 0; i < 100; i++) {
      assertEquals(new CallOutcome.Returned(), call(instance, new CpuBudget(1)));
      cpu.addAndGet(1_000_000_000);
    }
    assertFalse(instance.isPoisoned(), "time between calls is nobody's");
  }

  @Test
  void aHostCallOverBudgetEndsTheCallWhenItReturns() {
    AtomicLong cpu = new AtomicLong();
    CallWatch watch = new CallWatch(thread -> cpu.get(), 1);
    List<String> events = new ArrayList<>();
    MapHost host =
        new MapHost() {
          @Override
          public long tableRowCount(int tableId) {
            watch.tick();
            cpu.addAndGet(100);
            watch.tick();
            events.add("host interrupted " + Thread.currentThread().isInterrupted());
            return 0;
          }
        };
    WasmBuilder builder = WasmBuilder.module();
    int count = builder.importFunction(V0, "datastore_table_row_count", "ii", "i");
    builder.reducer(code -> code.i32(1).i32(64).call(count).drop().forever().op(0));
    ModuleInstance instance =
        Guests.load(builder.build())
            .instantiate(
                host, InstanceLimits.STANDARD, watch, Guests.BUDGET, MemoryBudget.unlimited());
    assertEquals(new CallOutcome.OutOfBudget(), call(instance, new CpuBudget(100)));
    assertEquals(List.of("host interrupted false"), events);
    assertTrue(instance.isPoisoned());
    assertFalse(Thread.interrupted());
  }

  @Test
  void handShakeHoldsUnderHammering() throws Exception {
    // A budget of nothing: whatever the watch sees twice it stops, at every possible moment.
    CallWatch watch = new CallWatch(thread -> System.nanoTime(), 2);
    AtomicBoolean stop = new AtomicBoolean();
    Thread hammer =
        new Thread(
            () -> {
              while (!stop.get()) {
                watch.tick();
              }
            });
    hammer.start();
    try {
      WasmBuilder builder = WasmBuilder.module();
      int count = builder.importFunction(V0, "datastore_table_row_count", "ii", "i");
      builder.reducer(
          code -> {
            for (int i = 0; i < 200; i++) {
              code.i32(1).i32(64).call(count).drop();
            }
            code.i32(0);
          });
      WaryHost host = new WaryHost();
      LoadedModule module = Guests.load(builder.build());
      int stopped = 0;
      int returned = 0;
      ModuleInstance instance = Guests.instance(module, host, InstanceLimits.STANDARD);
      boolean first = true;
      while (stopped < 200 || returned < 200) {
        if (instance.isPoisoned() || first) {
          instance =
              module.instantiate(
                  host, InstanceLimits.STANDARD, watch, Guests.BUDGET, MemoryBudget.unlimited());
          first = false;
        }
        switch (call(instance, new CpuBudget(1))) {
          case CallOutcome.OutOfBudget() -> stopped++;
          case CallOutcome.Returned() -> returned++;
          case CallOutcome other -> throw new AssertionError(other.toString());
        }
        assertFalse(Thread.interrupted(), "an interrupt outlived its call");
      }
      assertFalse(host.interrupted.get());
    } finally {
      stop.set(true);
      hammer.join();
    }
  }

  @Test
  void somebodyElsesInterruptIsATrapAndStaysPending() {
    WasmInstance instance = instance(reducer(code -> code.forever().op(0)), new MapHost());
    Thread.currentThread().interrupt();
    CallOutcome outcome = call(instance, Guests.BUDGET);
    assertTrue(Thread.interrupted());
    assertTrue(
        assertInstanceOf(CallOutcome.Trapped.class, outcome)
            .detail()
            .startsWith("its thread was interrupted by somebody else"));
  }

  @Test
  void moreGuestsThanSlotsIsABug() {
    CallWatch watch = new CallWatch(thread -> 0, 1);
    assertEquals(0, watch.enter(new GuestCall(Pauses.NONE, true), 0));
    assertThrows(
        IllegalStateException.class, () -> watch.enter(new GuestCall(Pauses.NONE, true), 0));
    watch.exit(0);
    assertEquals(0, watch.enter(new GuestCall(Pauses.NONE, true), 0));
  }

  // Initialisers.

  @ParameterizedTest
  @ValueSource(strings = {"_initialize", "__preinit__1", "__describe_module__", "start"})
  void initialisersHaveABudgetToo(String export) {
    WasmBuilder builder = ModuleChecksTest.abi();
    if (export.equals("start")) {
      builder.start(builder.function("", "", code -> code.forever()));
    } else {
      String parameters = export.equals("__describe_module__") ? "i" : "";
      builder.exported(export, parameters, "", code -> code.forever());
    }
    LoadedModule module = Guests.load(builder.build());
    EngineException refused =
        assertThrows(
            EngineException.class,
            () ->
                module.instantiate(
                    new MapHost(),
                    InstanceLimits.STANDARD,
                    WATCH,
                    SHORT,
                    MemoryBudget.unlimited()));
    assertEquals(EngineException.Code.TENANT, refused.code());
    String name = export.equals("start") ? "the start function" : export;
    assertEquals(
        "module cannot be instantiated: " + name + " ran over its CPU budget", refused.text());
    assertFalse(Thread.interrupted());
  }

  // Stack.

  /** Runs on a thread with the stack of a lane. */
  private static <T> T onLane(Callable<T> work) throws Exception {
    return onStack(STACK_BYTES, work);
  }

  private static <T> T onStack(long bytes, Callable<T> work) throws Exception {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(null, task, "lane", bytes);
    thread.start();
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  private static byte[] endlessRecursion() {
    WasmBuilder builder = ModuleChecksTest.abi();
    int[] self = {1};
    builder.function("", "", code -> code.call(self[0]));
    return builder.reducer(code -> code.call(self[0]).i32(0)).build();
  }

  /** Opens an iterator and looks a name up at every level, so that the stack ends inside those. */
  private static byte[] endlessRecursionThroughImports() {
    WasmBuilder builder = WasmBuilder.module().data(64, "text");
    int scan = builder.importFunction(V0, "datastore_table_scan_bsatn", "ii", "i");
    int lookup = builder.importFunction(V0, "table_id_from_name", "iii", "i");
    int log = builder.importFunction(V0, "console_log", "iiiiiiii", "");
    int self = 3;
    builder.function(
        "",
        "",
        code -> {
          code.i32(1).i32(128).call(scan).drop();
          code.i32(64).i32(4).i32(128).call(lookup).drop();
          for (int arg : new int[] {2, 64, 4, 0, 0, -1, 64, 4}) {
            code.i32(arg);
          }
          code.call(log).call(self);
        });
    return builder.reducer(code -> code.call(self).i32(0)).build();
  }

  @ParameterizedTest
  @ValueSource(longs = {STACK_BYTES, SHORT_STACK_BYTES})
  void deepRecursionIsATrapTwentyTimes(long stackBytes) throws Exception {
    LoadedModule module = Guests.load(endlessRecursion());
    for (int i = 0; i < 20; i++) {
      CallOutcome outcome =
          onStack(
              stackBytes,
              () -> call(Guests.instance(module, new MapHost(), InstanceLimits.STANDARD), SHORT));
      assertTrue(
          assertInstanceOf(CallOutcome.Trapped.class, outcome)
              .detail()
              .startsWith("call stack exhausted"),
          outcome.toString());
    }
  }

  @Test
  void recursionEndsAtTheSameDepthHoweverWarmTheCodeIs() throws Exception {
    WasmBuilder builder = ModuleChecksTest.abi();
    int depth = builder.global(0);
    int[] self = {1};
    builder.function(
        "", "", code -> code.op(0x23, depth).i32(1).op(0x6a, 0x24, depth).call(self[0]));
    builder.reducer(code -> code.call(self[0]).i32(0)).export("depth", 3, depth);
    LoadedModule module = Guests.load(builder.build());
    TreeSet<Integer> depths = new TreeSet<>();
    for (int i = 0; i < 100; i++) {
      WasmInstance instance = Guests.instance(module, new MapHost(), InstanceLimits.STANDARD);
      onLane(() -> call(instance, Guests.BUDGET));
      depths.add(instance.global("depth"));
    }
    assertEquals(1, depths.size(), depths.toString());
    assertTrue(depths.first() > 1_000, depths.toString());
  }

  @Test
  void caughtExceptionsGiveTheStackBack() throws Exception {
    // A loop that calls something deep which throws, and catches it, 100,000 times.
    WasmBuilder builder = ModuleChecksTest.abi();
    int tag = builder.tag();
    int self = 1;
    builder.function(
        "i",
        "",
        code -> {
          code.local(0).op(0x45, 0x04, 0x40, 0x08, tag, 0x0b); // if 0, throw
          code.local(0).i32(1).op(0x6b).call(self);
        });
    int catching =
        builder.function(
            "",
            "",
            code -> {
              code.op(0x02, 0x40); // block
              code.op(0x1f, 0x40, 1, 0x00, tag, 0); // try_table, catch tag to that block
              code.i32(10).call(self);
              code.op(0x0b, 0x0b);
            });
    builder.function(
        "i",
        "i",
        code -> {
          code.op(0x03, 0x40).call(catching);
          code.local(0).i32(1).op(0x6b, 0x22, 0, 0x0d, 0, 0x0b); // repeat while not 0
          code.i32(0);
        });
    int loop = catching + 1;
    builder.reducer(code -> code.i32(100_000).call(loop));
    LoadedModule module = Guests.load(builder.build());
    assertEquals(
        new CallOutcome.Returned(),
        onLane(
            () ->
                call(
                    Guests.instance(module, new MapHost(), InstanceLimits.STANDARD),
                    Guests.BUDGET)));
  }

  @ParameterizedTest
  @ValueSource(longs = {STACK_BYTES, SHORT_STACK_BYTES})
  void deepRecursionThroughImportsIsATrapTwentyTimes(long stackBytes) throws Exception {
    LoadedModule module = Guests.load(endlessRecursionThroughImports());
    InstanceLimits manyIterators =
        new InstanceLimits(1 << 20, 1 << 20, 1, Integer.MAX_VALUE, 1, 1, 10, 10, 1);
    LoadedModule other = Guests.load(wellBehaved());
    for (int i = 0; i < 20; i++) {
      MapHost host = new MapHost();
      host.addTable("text", 4, "text");
      List<Object> seen =
          onStack(
              stackBytes,
              () -> {
                WasmInstance deep = Guests.instance(module, host, manyIterators);
                CallOutcome outcome = call(deep, Guests.BUDGET);
                CallOutcome after =
                    call(
                        Guests.instance(other, new MapHost(), InstanceLimits.STANDARD),
                        Guests.BUDGET);
                return List.of(outcome, deep.isPoisoned(), after);
              });
      String detail = assertInstanceOf(CallOutcome.Trapped.class, seen.get(0)).detail();
      assertTrue(detail.startsWith("call stack exhausted"), detail);
      assertEquals(true, seen.get(1));
      assertEquals(new CallOutcome.Returned(), seen.get(2));
      assertFalse(host.logs.isEmpty());
    }
    // The host's own classes survive having run out of stack inside them.
    Probe probe = Probe.of(V0, "table_id_from_name", "iii", Probe.TEXT, 4, Probe.OUT);
    probe.host.addTable("text", 4, "text");
    assertEquals(0, probe.run());
  }
}
