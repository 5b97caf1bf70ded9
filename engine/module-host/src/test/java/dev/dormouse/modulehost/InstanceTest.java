package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.MemoryBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of an instance: how it starts, what a call may come to, and what poisons it. */
final class InstanceTest {
  private static final String V0 = "spacetime_10.0";

  private static WasmBuilder.Code log(WasmBuilder.Code code, int log, int pointer, int length) {
    for (int arg : new int[] {2, 0, 0, 0, 0, -1, pointer, length}) {
      code.i32(arg);
    }
    return code.call(log);
  }

  @Test
  void startsInTheOrderOfTheSpec() {
    WasmBuilder builder = WasmBuilder.module().data(64, "0123456789");
    int log = builder.importFunction(V0, "console_log", "iiiiiiii", "");
    builder.exported("__describe_module__", "i", "", code -> log(code, log, 68, 1));
    builder.exported("__setup__", "i", "i", code -> log(code, log, 67, 1).i32(0));
    builder.exported("__preinit__20", "", "", code -> log(code, log, 66, 2));
    builder.exported("__preinit__1\u00e9", "", "", code -> log(code, log, 69, 3));
    builder.exported("__preinit__1z", "", "", code -> log(code, log, 66, 1));
    builder.exported("_initialize", "", "", code -> log(code, log, 65, 1));
    builder.start(builder.function("", "", code -> log(code, log, 64, 1)));
    MapHost host = new MapHost();
    Guests.instance(builder.build(), host);
    assertEquals(
        List.of("0", "1", "2", "567", "23", "3", "4"),
        host.logs.stream().map(LogRecord::message).toList());
  }

  @Test
  void describeRunsOnceAndGivesWhatItWrote() {
    WasmBuilder builder =
        WasmBuilder.module().data(64, "definition").data(128, new byte[] {10, 0, 0, 0});
    int write = builder.importFunction(V0, "bytes_sink_write", "iii", "i");
    int runs = builder.global(0);
    builder.exported(
        "__describe_module__",
        "i",
        "",
        code -> {
          code.local(0).i32(64).i32(128).call(write).drop();
          code.op(0x23, runs).i32(1).op(0x6a, 0x24, runs);
        });
    builder.reducer(code -> code.op(0x23, runs).i32(1).op(0x6b));
    WasmInstance instance = Guests.instance(builder.build(), new MapHost());
    assertArrayEquals(
        "definition".getBytes(java.nio.charset.StandardCharsets.UTF_8), instance.description());
    assertEquals(new CallOutcome.Returned(), Guests.call(instance));
  }

  @Test
  void setupMayRefuse() {
    WasmBuilder builder =
        WasmBuilder.module().data(64, "no licence").data(128, new byte[] {10, 0, 0, 0});
    int write = builder.importFunction(V0, "bytes_sink_write", "iii", "i");
    builder.exported(
        "__setup__", "i", "i", code -> code.local(0).i32(64).i32(128).call(write).drop().i32(1));
    assertEquals(
        "module refuses to start: __setup__ returned 1, no licence", refusal(builder.build()));
  }

  private static String refusal(byte[] program) {
    LoadedModule module = Guests.load(program);
    EngineException refused =
        assertThrows(
            EngineException.class,
            () -> Guests.instance(module, new MapHost(), InstanceLimits.STANDARD));
    assertEquals(EngineException.Code.TENANT, refused.code());
    return refused.text();
  }

  @ParameterizedTest
  @ValueSource(strings = {"_initialize", "__preinit__1"})
  void trapsOfInitialisersNameThem(String name) {
    byte[] program = ModuleChecksTest.abi().exported(name, "", "", code -> code.trap()).build();
    assertEquals(
        "module cannot be instantiated: "
            + name
            + " trapped: Trapped on unreachable instruction in func_1",
        refusal(program));
  }

  @Test
  void trapsOfStartAndDescribeNameThem() {
    WasmBuilder start = ModuleChecksTest.abi();
    start.start(start.function("", "", code -> code.trap()));
    assertTrue(
        refusal(start.build())
            .startsWith("module cannot be instantiated: the start function trapped"));
    WasmBuilder describe = ModuleChecksTest.abi();
    describe.exported("__describe_module__", "i", "", code -> code.trap());
    assertTrue(
        refusal(describe.build())
            .startsWith("module cannot be instantiated: __describe_module__ trapped"));
  }

  @Test
  void importsNeedATransactionWhileTheGuestStarts() {
    WasmBuilder builder = WasmBuilder.module().data(64, "text");
    int lookup = builder.importFunction(V0, "table_id_from_name", "iii", "i");
    builder.exported("__setup__", "i", "i", code -> code.i32(64).i32(4).i32(128).call(lookup));
    LoadedModule module = Guests.load(builder.build());
    MapHost host = new MapHost();
    host.transaction = false;
    EngineException refused =
        assertThrows(
            EngineException.class, () -> Guests.instance(module, host, InstanceLimits.STANDARD));
    assertEquals("module refuses to start: __setup__ returned 2, ", refused.text());
  }

  @Test
  void environmentIsClosedWhileTheGuestStarts() {
    WasmBuilder builder = WasmBuilder.module().data(64, "KEY");
    int get = builder.importFunction("spacetime_10.6", "env_get", "iii", "i");
    builder.exported("__setup__", "i", "i", code -> code.i32(64).i32(3).i32(128).call(get));
    assertTrue(refusal(builder.build()).contains("env_get outside a call"));
  }

  @Test
  void dataThatDoesNotFitIsRefused() {
    assertEquals(
        "module cannot be instantiated: the start function trapped:"
            + " data segment of 4 bytes at 65533 does not fit in memory of 65536 bytes",
        refusal(ModuleChecksTest.abi().data(65_533, "text").build()));
  }

  @Test
  void argumentsArriveInTheirPlaces() {
    // Every parameter is stored; the source and the sink are 1 and 1.
    WasmBuilder builder = ModuleChecksTest.abi();
    builder.reducer(
        code -> {
          code.i32(64).local(0).op(0x36, 0, 0);
          for (int i = 1; i <= 7; i++) {
            code.i32(64 + 8 * i).local(i).op(0x37, 0, 0);
          }
          code.i32(128).local(8).op(0x36, 0, 0);
          code.i32(136).local(9).op(0x36, 0, 0);
          code.i32(0);
        });
    WasmInstance instance = Guests.instance(builder.build(), new MapHost());
    CallOutcome outcome =
        instance.callReducer(
            5,
            new Identity(-1, 2, 3, 4),
            new ConnectionId(5, -6),
            Long.MIN_VALUE,
            new byte[] {1},
            Guests.BUDGET);
    assertEquals(new CallOutcome.Returned(), outcome);
    List<Long> seen = new ArrayList<>();
    for (int i = 1; i <= 7; i++) {
      seen.add(instance.guestMemory().readLong(64 + 8 * i));
    }
    assertEquals(List.of(-1L, 2L, 3L, 4L, 5L, -6L, Long.MIN_VALUE), seen);
    assertEquals(5, instance.guestMemory().readInt(64));
    assertEquals(1, instance.guestMemory().readInt(128));
    assertEquals(1, instance.guestMemory().readInt(136));
  }

  @ParameterizedTest
  @CsvSource({"2", "-1", "65536"})
  void otherReturnCodesKeepTheInstance(int code) {
    byte[] program = ModuleChecksTest.abi().reducer(c -> c.i32(code)).build();
    WasmInstance instance = Guests.instance(program, new MapHost());
    assertEquals(new CallOutcome.BadReturnCode(code), Guests.call(instance));
    assertFalse(instance.isPoisoned());
    assertEquals(new CallOutcome.BadReturnCode(code), Guests.call(instance));
  }

  static void unreachable(WasmBuilder.Code code) {
    code.trap();
  }

  static void divideByZero(WasmBuilder.Code code) {
    code.i32(1).i32(0).op(0x6d);
  }

  static void overflowInDivision(WasmBuilder.Code code) {
    code.i32(Integer.MIN_VALUE).i32(-1).op(0x6d);
  }

  static void loadBeyondMemory(WasmBuilder.Code code) {
    code.load(65_533);
  }

  static void loadAtNegativeAddress(WasmBuilder.Code code) {
    code.load(-8);
  }

  static void loadAtWrappedOffset(WasmBuilder.Code code) {
    code.i32(8).op(0x28, 0).unsigned(-4);
  }

  static void nullInTable(WasmBuilder.Code code) {
    code.i32(5).i32(1).op(0x11, 0, 0).i32(0);
  }

  static void outsideTable(WasmBuilder.Code code) {
    code.i32(5).i32(9).op(0x11, 0, 0).i32(0);
  }

  static void notANumber(WasmBuilder.Code code) {
    code.op(0x43, 0, 0, 0xc0, 0x7f, 0xa8);
  }

  @Test
  void everyKindOfTrapPoisons() {
    List<Consumer<WasmBuilder.Code>> traps =
        List.of(
            InstanceTest::unreachable,
            InstanceTest::divideByZero,
            InstanceTest::overflowInDivision,
            InstanceTest::loadBeyondMemory,
            InstanceTest::loadAtNegativeAddress,
            InstanceTest::loadAtWrappedOffset,
            InstanceTest::nullInTable,
            InstanceTest::outsideTable,
            InstanceTest::notANumber);
    for (int i = 0; i < traps.size(); i++) {
      byte[] program = ModuleChecksTest.abi().table(2).reducer(traps.get(i)).build();
      WasmInstance instance = Guests.instance(program, new MapHost());
      assertInstanceOf(CallOutcome.Trapped.class, Guests.call(instance), "trap " + i);
      assertTrue(instance.isPoisoned(), "trap " + i);
      assertThrows(IllegalStateException.class, () -> Guests.call(instance), "trap " + i);
    }
  }

  @Test
  void aBugOfTheHostPassesThroughAndPoisons() {
    WasmBuilder builder = WasmBuilder.module();
    int count = builder.importFunction(V0, "datastore_table_row_count", "ii", "i");
    builder.reducer(code -> code.i32(1).i32(64).call(count));
    MapHost host =
        new MapHost() {
          @Override
          public long tableRowCount(int tableId) {
            throw new IllegalStateException("bug");
          }
        };
    WasmInstance instance = Guests.instance(builder.build(), host);
    assertEquals(
        "bug", assertThrows(IllegalStateException.class, () -> Guests.call(instance)).getMessage());
    assertTrue(instance.isPoisoned());
  }

  @Test
  void aCallInsideACallIsABug() {
    WasmBuilder builder = WasmBuilder.module();
    int count = builder.importFunction(V0, "datastore_table_row_count", "ii", "i");
    builder.reducer(code -> code.i32(1).i32(64).call(count));
    List<ModuleInstance> instances = new ArrayList<>();
    MapHost host =
        new MapHost() {
          @Override
          public long tableRowCount(int tableId) {
            Guests.call(instances.getFirst());
            return 0;
          }
        };
    instances.add(Guests.instance(builder.build(), host));
    assertThrows(IllegalStateException.class, () -> Guests.call(instances.getFirst()));
  }

  @Test
  void cursorsLeftOpenAreClosedHoweverTheCallEnds() {
    List<MapHost.RowListCursor> cursors = new ArrayList<>();
    MapHost host =
        new MapHost() {
          @Override
          public int tableScan(int tableId, CursorSlot out) {
            cursors.add(new RowListCursor(List.of()));
            out.set(cursors.getLast());
            return 0;
          }
        };
    WasmBuilder builder = WasmBuilder.module();
    int scan = builder.importFunction(V0, "datastore_table_scan_bsatn", "ii", "i");
    builder.reducer(
        code -> code.i32(1).i32(64).call(scan).drop().i32(1).i32(64).call(scan).drop().trap());
    Guests.call(Guests.instance(builder.build(), host));
    assertEquals(List.of(true, true), cursors.stream().map(cursor -> cursor.closed).toList());
  }

  // What an instance may take.

  @Test
  void memoryGrowsToItsLimitAndThenAnswersMinusOne() {
    WasmBuilder builder = ModuleChecksTest.abi();
    builder.reducer(
        code -> {
          code.i32(1).op(0x40, 0).drop(); // to 2 pages
          code.i32(1).op(0x40, 0); // refused
        });
    LoadedModule module = Guests.load(builder.build());
    InstanceLimits limits = InstanceLimits.STANDARD.withMemoryBytesMax(2 * 65_536 + 100);
    WasmInstance instance = Guests.instance(module, new MapHost(), limits);
    assertEquals(new CallOutcome.BadReturnCode(-1), Guests.call(instance));
    assertEquals(2 * 65_536, instance.guestMemory().size());
  }

  @Test
  void memoryBombIsRefusedByGrow() {
    WasmBuilder builder = ModuleChecksTest.abi();
    builder.reducer(code -> code.i32(65_535).op(0x40, 0));
    WasmInstance instance = Guests.instance(builder.build(), new MapHost());
    assertEquals(new CallOutcome.BadReturnCode(-1), Guests.call(instance));
  }

  @Test
  void memoryGrowsToWhatTheNodeHasAndIsGivenBack() {
    WasmBuilder builder = ModuleChecksTest.abi();
    builder.reducer(
        code -> {
          code.i32(2).op(0x40, 0).drop(); // to 3 pages
          code.i32(1).op(0x40, 0); // refused
        });
    MemoryBudget node = new MemoryBudget(4 * 65_536); // one page is there twice while it moves
    WasmInstance instance =
        (WasmInstance)
            Guests.load(builder.build())
                .instantiate(
                    new MapHost(),
                    InstanceLimits.STANDARD,
                    Guests.idleWatch(),
                    Guests.BUDGET,
                    node);
    assertEquals(new CallOutcome.BadReturnCode(-1), Guests.call(instance));
    assertEquals(3 * 65_536, instance.guestMemory().size());
    assertEquals(3 * 65_536, node.chargedBytes());
    instance.close();
    assertEquals(0, node.chargedBytes());
  }

  @Test
  void largeMemoryIsChargedWhenItGrowsAndForItsMove() {
    int pages = 5 << 4; // 5 MiB
    WasmBuilder builder = ModuleChecksTest.abi();
    builder.reducer(
        code -> {
          code.i32(pages).op(0x40, 0).drop();
          code.i32(5 << 20).i32(7).op(0x36, 2, 0).i32(0); // i32.store
        });
    LoadedModule module = Guests.load(builder.build());
    MemoryBudget narrow = new MemoryBudget((pages + 1) * 65_536L);
    WasmInstance stuck =
        (WasmInstance)
            module.instantiate(
                new MapHost(), InstanceLimits.STANDARD, Guests.idleWatch(), Guests.BUDGET, narrow);
    EngineException refused = assertThrows(EngineException.class, () -> Guests.call(stuck));
    assertTrue(refused.text().startsWith("node memory: a guest's memory needs"), refused.text());
    assertTrue(stuck.isPoisoned());
    stuck.close();
    assertEquals(0, narrow.chargedBytes());
    MemoryBudget wide = new MemoryBudget((pages + 2) * 65_536L);
    WasmInstance moved =
        (WasmInstance)
            module.instantiate(
                new MapHost(), InstanceLimits.STANDARD, Guests.idleWatch(), Guests.BUDGET, wide);
    assertEquals(CallOutcome.Returned.INSTANCE, Guests.call(moved));
    assertEquals((pages + 1) * 65_536L, wide.chargedBytes());
  }

  /** What is said when the node has too little memory for an instance. */
  private static EngineException refusedFor(LoadedModule module, MemoryBudget node) {
    return assertThrows(
        EngineException.class,
        () ->
            module.instantiate(
                new MapHost(), InstanceLimits.STANDARD, Guests.idleWatch(), Guests.BUDGET, node));
  }

  @Test
  void moduleThatStartsWithMoreThanTheNodeHasIsRefusedAndHoldsNothing() {
    LoadedModule module = Guests.load(ModuleChecksTest.abi().memory(4).build());
    MemoryBudget node = new MemoryBudget(3 * 65_536);
    EngineException refused = refusedFor(module, node);
    assertEquals(EngineException.Code.RETRY, refused.code());
    assertEquals(
        "node memory: a guest's memory needs 262144 bytes more, 0 of 196608 bytes are taken by"
            + " databases",
        refused.text());
    assertEquals(0, node.chargedBytes());
  }

  @Test
  void moduleThatStartsTooLargeIsRefused() {
    assertEquals(
        "module starts with 134283264 bytes of memory, limit 134217728 bytes",
        refusal(ModuleChecksTest.abi().memory(2_049).build()));
  }

  @Test
  void theModulesOwnMaximumCounts() {
    WasmBuilder builder = ModuleChecksTest.abi().memory(1, 2);
    builder.reducer(code -> code.i32(2).op(0x40, 0));
    WasmInstance instance = Guests.instance(builder.build(), new MapHost());
    assertEquals(new CallOutcome.BadReturnCode(-1), Guests.call(instance));
  }

  @Test
  void tablesGrowToTheirLimitAndOnlyInTheirInstance() {
    WasmBuilder builder = ModuleChecksTest.abi().table(2);
    builder.reducer(code -> code.op(0xd0, 0x70).i32(3).op(0xfc, 15, 0));
    LoadedModule module = Guests.load(builder.build());
    InstanceLimits limits = new InstanceLimits(1 << 20, 1 << 20, 5, 1, 1, 1, 10, 3, 1);
    WasmInstance first = Guests.instance(module, new MapHost(), limits);
    assertEquals(new CallOutcome.BadReturnCode(2), Guests.call(first), "the size before");
    assertEquals(new CallOutcome.BadReturnCode(-1), Guests.call(first), "5 of 5");
    WasmInstance second = Guests.instance(module, new MapHost(), limits);
    assertEquals(new CallOutcome.BadReturnCode(2), Guests.call(second));
  }

  @Test
  void tablesCountOnTheNodesMemory() {
    int start = 50_000;
    int more = 60_000;
    WasmBuilder builder = ModuleChecksTest.abi().table(start);
    builder.reducer(code -> code.op(0xd0, 0x70).i32(more).op(0xfc, 15, 0));
    LoadedModule module = Guests.load(builder.build());
    MemoryBudget node = new MemoryBudget(64 << 20);
    List<ModuleInstance> instances = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      instances.add(
          module.instantiate(
              new MapHost(), InstanceLimits.STANDARD, Guests.idleWatch(), Guests.BUDGET, node));
    }
    long before = node.chargedBytes();
    assertTrue(before >= 2L * start * 12, before + " bytes for two tables");
    assertEquals(new CallOutcome.BadReturnCode(start), Guests.call(instances.getFirst()));
    assertTrue(node.chargedBytes() >= before + more * 12L, node.chargedBytes() + " bytes");
    try (MemoryAccount neighbours = node.open()) {
      neighbours.cover(node.limitBytes() - node.chargedBytes() - 100_000, "the neighbours");
      assertEquals(new CallOutcome.BadReturnCode(-1), Guests.call(instances.getLast()));
    }
    assertEquals(new CallOutcome.BadReturnCode(start), Guests.call(instances.getLast()));
    instances.forEach(ModuleInstance::close);
    assertEquals(0, node.chargedBytes());
    MemoryBudget small = new MemoryBudget(before / 2 - 100_000);
    EngineException refused = refusedFor(module, small);
    assertTrue(
        refused.text().startsWith("node memory: a guest's tables needs 600000 bytes more"),
        refused.text());
    assertEquals(0, small.chargedBytes());
  }

  @Test
  void instancesHaveTheirOwnMemory() {
    WasmBuilder builder = ModuleChecksTest.abi().data(64, "text").data(60_000, "more");
    builder.reducer(code -> code.store(64, 7).i32(0));
    LoadedModule module = Guests.load(builder.build());
    WasmInstance first = Guests.instance(module, new MapHost(), InstanceLimits.STANDARD);
    WasmInstance second = Guests.instance(module, new MapHost(), InstanceLimits.STANDARD);
    Guests.call(first);
    assertEquals(7, first.guestMemory().readInt(64));
    assertEquals(0x74786574, second.guestMemory().readInt(64));
    assertEquals(0x65726f6d, second.guestMemory().readInt(60_000));
  }

  @Test
  void interpretedFunctionsCallImports() {
    WasmBuilder builder = WasmBuilder.module();
    int identity = builder.importFunction(V0, "identity", "i", "");
    int count = builder.importFunction(V0, "datastore_table_row_count", "ii", "i");
    int sleep = builder.importFunction("spacetime_10.3", "procedure_commit_mut_tx", "", "i");
    builder.reducer(
        code -> {
          for (int i = 0; i < 20_000; i++) {
            code.store(64, 1_000_000 + i);
          }
          code.i32(128).call(identity).i32(9).i32(64).call(count).call(sleep).op(0x6a);
        });
    WasmInstance instance = Guests.instance(builder.build(), new MapHost());
    assertEquals(new CallOutcome.BadReturnCode(4 + 18), Guests.call(instance));
    assertEquals(1L, instance.guestMemory().readLong(128));
  }
}
