package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryBudget;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fixtures that must be refused or survived, by the expectations written beside them. */
@Timeout(60)
final class HostileFixturesTest {
  private static final CpuBudget SHORT = CpuBudget.of(Duration.ofMillis(200));
  private static final CallWatch WATCH = new CallWatch(CpuClock.ofThisJvm(), 4);
  private static final ScheduledExecutorService TICKS =
      Executors.newSingleThreadScheduledExecutor();
  private static final ScheduledFuture<?> TICKING =
      TICKS.scheduleAtFixedRate(WATCH::tick, 1, 1, TimeUnit.MILLISECONDS);
  private static final InstanceLimits LIMITS = InstanceLimits.STANDARD.withMemoryBytesMax(16 << 20);

  @AfterAll
  static void stopTicking() {
    assertFalse(TICKING.isDone(), "a tick has thrown");
    TICKS.shutdown();
  }

  private static byte[] program(String name) {
    return Guests.file("fixtures/hostile/" + name + ".wasm");
  }

  private static ModuleInstance instance(byte[] program, HostCalls host) {
    return Guests.load(program).instantiate(host, LIMITS, WATCH, SHORT, MemoryBudget.unlimited());
  }

  private static ModuleInstance instance(String name) {
    MapHost host = new MapHost();
    host.transaction = false;
    ModuleInstance instance = instance(program(name), host);
    host.transaction = true;
    return instance;
  }

  private static CallOutcome call(ModuleInstance instance, int reducer, byte[] arguments) {
    return instance.callReducer(reducer, Guests.SENDER, Guests.CONNECTION, 1_000, arguments, SHORT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "minimal-v10", "minimal-v9", "minimal-v8", "describe-in-pieces", "describe-without-tx",
        "describe-logs", "export-order", "features", "huge-function", "many-locals",
        "describe-once", "returns-0-with-text", "wasi-import"
      })
  void accepted(String name) {
    ModuleInstance instance = instance(name);
    assertEquals(new CallOutcome.Returned(), call(instance, 0, new byte[0]));
    assertEquals(new CallOutcome.Returned(), call(instance, 0, new byte[0]));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "empty",
        "not-wasm",
        "wrong-version",
        "truncated",
        "invalid-body",
        "two-memories",
        "threads",
        "memory64",
        "no-exports",
        "no-memory",
        "no-describe",
        "no-call-reducer",
        "no-abi",
        "describe-signature",
        "call-signature",
        "preinit-signature",
        "memory-is-a-function",
        "unknown-import",
        "misplaced-import",
        "import-signature",
        "env-import",
        "import-memory",
        "import-global",
        "abi-11",
        "abi-10-99",
        "abi-two-majors",
        "abi-garbled",
        "huge-table",
        "simd"
      })
  void refusedBeforeItRuns(String name) {
    EngineException refused =
        assertThrows(
            EngineException.class,
            () -> Guests.RUNTIME.compile(program(name), CompileLimits.STANDARD));
    assertEquals(EngineException.Code.TENANT, refused.code());
    switch (name) {
      case "abi-11" -> assertTrue(refused.text().contains("11.0"), refused.text());
      case "abi-10-99" -> assertTrue(refused.text().contains("10.99"), refused.text());
      case "simd" -> assertTrue(refused.text().contains("SIMD"), refused.text());
      default -> assertFalse(refused.text().isEmpty());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "start-traps", "start-loops", "start-grows", "preinit-traps", "preinit-loops",
        "setup-fails", "setup-traps", "describe-traps", "describe-loops", "describe-recurses",
        "describe-floods", "describe-out-of-bounds", "memory-4gib"
      })
  void refusedOnItsWayToADefinition(String name) {
    EngineException refused = assertThrows(EngineException.class, () -> instance(name));
    assertEquals(EngineException.Code.TENANT, refused.code());
    if (name.equals("setup-fails")) {
      assertTrue(refused.text().contains("no luck"), refused.text());
    }
    assertFalse(Thread.interrupted());
  }

  @Test
  void deepBlocksAreAcceptedOrRefused() {
    byte[] program = program("deep-blocks");
    try {
      assertEquals(
          new CallOutcome.Returned(), call(instance(program, new MapHost()), 0, new byte[0]));
    } catch (EngineException refused) {
      assertEquals(EngineException.Code.TENANT, refused.code());
    }
  }

  @ParameterizedTest
  @CsvSource({"returns-7, 7", "returns-negative, -1"})
  void unknownReturnCodesKeepTheInstance(String name, int code) {
    ModuleInstance instance = instance(name);
    assertEquals(new CallOutcome.BadReturnCode(code), call(instance, 0, new byte[0]));
    assertFalse(instance.isPoisoned());
  }

  @Test
  void errorTexts() {
    assertEquals(
        new CallOutcome.UserError(""), call(instance("returns-1-without-text"), 0, new byte[0]));
    assertEquals(
        new CallOutcome.UserError("a\ufffdb"),
        call(instance("returns-1-bad-utf8"), 0, new byte[0]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"call-traps", "call-recurses", "error-floods"})
  void trapsPoison(String name) {
    ModuleInstance instance = instance(name);
    assertInstanceOf(CallOutcome.Trapped.class, call(instance, 0, new byte[0]));
    assertTrue(instance.isPoisoned());
  }

  @Test
  void endlessCallEndsByItsBudget() {
    ModuleInstance instance = instance("call-loops");
    assertEquals(new CallOutcome.OutOfBudget(), call(instance, 0, new byte[0]));
    assertTrue(instance.isPoisoned());
    assertFalse(Thread.interrupted());
  }

  // The module of fixtures/abi, where it misbehaves on request.

  private static final LoadedModule ABI = Guests.load(Guests.file("fixtures/abi/abi.wasm"));

  private static CallOutcome abi(MapHost host, String reducer, byte[] arguments) {
    host.addSequence(host.addTable("note", 0));
    host.addTable("bulk", 0, "bulk_id_idx_btree");
    ModuleInstance instance = ABI.instantiate(host, LIMITS, WATCH, SHORT, MemoryBudget.unlimited());
    CallOutcome outcome = call(instance, Definitions.reducer(instance, reducer), arguments);
    assertFalse(Thread.interrupted());
    boolean cutOff =
        outcome instanceof CallOutcome.Trapped || outcome instanceof CallOutcome.OutOfBudget;
    assertEquals(cutOff, instance.isPoisoned());
    return outcome;
  }

  private static byte[] u32(int value) {
    return new BsatnWriter().writeI32(value).toByteArray();
  }

  @ParameterizedTest
  @CsvSource({
    "0, Trapped on unreachable",
    "1, out of bounds memory",
    "2, integer divide by zero",
    "3, undefined element",
    "4, Trapped on unreachable",
    "10, null pointer",
    "11, null pointer",
    "12, 4 bytes at 4294967280",
    "13, 4294967295 bytes at",
    "14, null pointer",
    "15, 4 bytes at 4294967280",
    "16, null pointer",
    "17, 4 bytes at 4294967280",
    "18, 4096 bytes at 4294967280",
    "19, null pointer",
    "20, a name of 4 bytes that is not UTF-8",
    "22, no table",
    "24, no table"
  })
  void everyTrapOfTheAbiFixture(int kind, String reason) {
    MapHost host = new MapHost();
    CallOutcome.Trapped trapped =
        assertInstanceOf(CallOutcome.Trapped.class, abi(host, "trap", u32(kind)));
    assertTrue(trapped.detail().startsWith(reason), trapped.detail());
    assertTrue(host.logs.stream().noneMatch(log -> log.level() == LogLevel.PANIC));
  }

  @Test
  void noTrapReturns() {
    assertEquals(new CallOutcome.Returned(), abi(new MapHost(), "trap", u32(99)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"loop_forever", "loop_forever_in_imports"})
  void endlessLoops(String reducer) {
    assertEquals(new CallOutcome.OutOfBudget(), abi(new MapHost(), reducer, new byte[0]));
  }

  @Test
  void endlessLogging() {
    MapHost host =
        new MapHost() {
          @Override
          public void log(LogRecord record) {
            // Nobody keeps what a test does not read.
          }
        };
    assertEquals(new CallOutcome.OutOfBudget(), abi(host, "log_forever", new byte[0]));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"recurse", "recurse_in_memory", "recurse_through_import", "recurse_indirect"})
  void deepRecursion(String reducer) {
    assertInstanceOf(CallOutcome.Trapped.class, abi(new MapHost(), reducer, u32(50_000_000)));
    assertEquals(new CallOutcome.Returned(), abi(new MapHost(), reducer, u32(100)));
  }

  @Test
  void panicsAreLoggedWithTheirText() {
    MapHost host = new MapHost();
    byte[] text = new BsatnWriter().writeString("oh dear").toByteArray();
    assertInstanceOf(CallOutcome.Trapped.class, abi(host, "panic_now", text));
    LogRecord panic = host.logs.getLast();
    assertEquals(LogLevel.PANIC, panic.level());
    assertEquals("oh dear", panic.message());
    assertEquals(Optional.of(true), panic.filename().map(file -> file.endsWith(".rs")));
  }

  @Test
  void errorTextsArriveWhole() {
    byte[] text = new BsatnWriter().writeString("no, and é").toByteArray();
    assertEquals(new CallOutcome.UserError("no, and é"), abi(new MapHost(), "fail", text));
    assertEquals(
        new CallOutcome.UserError("x".repeat(1_000_000)),
        abi(new MapHost(), "fail_long", u32(1_000_000)));
  }

  @Test
  void memoryBombs() {
    MapHost host = new MapHost();
    assertEquals(new CallOutcome.Returned(), abi(host, "grow_memory_to_cap", new byte[0]));
    assertTrue(host.logs.getLast().message().matches("2[45]\\d pages"), host.logs.toString());
    assertInstanceOf(CallOutcome.UserError.class, abi(new MapHost(), "grow_memory", u32(60_000)));
    assertInstanceOf(
        CallOutcome.Trapped.class, abi(new MapHost(), "allocate_forever", new byte[0]));
  }

  @Test
  void handlesLeftOpen() {
    assertEquals(
        new CallOutcome.Returned(), abi(new MapHost(), "leave_iterators_open", u32(5_000)));
    assertInstanceOf(
        CallOutcome.Trapped.class, abi(new MapHost(), "leave_iterators_open", u32(50_000)));
    assertEquals(new CallOutcome.Returned(), abi(new MapHost(), "leave_timers_open", u32(1_000)));
    assertInstanceOf(
        CallOutcome.Trapped.class, abi(new MapHost(), "leave_timers_open", u32(2_000)));
  }
}
