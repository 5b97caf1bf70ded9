package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.MemoryBudget;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Instances that start as copies of one: they are what the initialisers would have made them. */
final class InstanceImageTest {
  private static ModuleArtefact compiled(byte[] program) {
    return Guests.RUNTIME.compile(program, CompileLimits.STANDARD);
  }

  private static WasmInstance byInitialisers(ModuleArtefact artefact) {
    return Guests.instance(Guests.RUNTIME.load(artefact), new MapHost(), InstanceLimits.STANDARD);
  }

  /** The artefact as it is stored and read again. */
  private static ModuleArtefact imaged(ModuleArtefact artefact) {
    InstanceImage image = byInitialisers(artefact).image().orElseThrow();
    return ModuleArtefact.fromBytes(artefact.startingFrom(image).toBytes()).orElseThrow();
  }

  private static byte[] memory(WasmInstance instance) {
    GuestMemory memory = instance.guestMemory();
    byte[] all = new byte[(int) memory.size()];
    memory.read(0, all, 0, all.length);
    return all;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"examples/chat/chat.wasm", "examples/bank/bank.wasm", "fixtures/abi/abi.wasm"})
  void copiesHoldWhatInitialisersLeave(String program) {
    ModuleArtefact compiled = compiled(Guests.file(program));
    WasmInstance initialised = byInitialisers(compiled);
    WasmInstance copy = byInitialisers(imaged(compiled));
    assertArrayEquals(initialised.description(), copy.description());
    assertArrayEquals(memory(initialised), memory(copy));
    assertEquals(initialised.memoryBytes(), copy.memoryBytes());
    assertArrayEquals(
        ModuleArtefact.fromBytes(imaged(compiled).toBytes()).orElseThrow().toBytes(),
        imaged(compiled).toBytes(),
        "the image of equal instances is equal");
  }

  @Test
  void aCopyRunsATransferAndLeavesTheImageAlone() {
    LoadedModule module =
        Guests.RUNTIME.load(imaged(compiled(Guests.file("examples/bank/bank.wasm"))));
    for (int round = 0; round < 2; round++) {
      MapHost host = new MapHost();
      MapHost.Table accounts = host.addTable("account", 4, "account_id_idx_btree");
      WasmInstance bank = Guests.instance(module, host, InstanceLimits.STANDARD);
      Guests.call(bank, 0, new BsatnWriter().writeI32(2).writeI64(100).toByteArray());
      assertEquals(
          new CallOutcome.Returned(), Guests.call(bank, 1, RustModulesTest.transfer(0, 1, 40)));
      assertEquals(140, RustModulesTest.balance(accounts, 1), "round " + round);
    }
  }

  @Test
  void noInitialiserRunsInACopy() {
    WasmBuilder builder = ModuleChecksTest.abi();
    int runs = builder.global(0);
    Consumer<WasmBuilder.Code> count = code -> code.op(0x23, runs).i32(1).op(0x6a, 0x24, runs);
    builder.start(builder.function("", "", count));
    builder.exported("__preinit__1", "", "", count);
    builder.reducer(code -> code.op(0x23, runs));
    ModuleArtefact compiled = compiled(builder.build());
    assertEquals(
        new CallOutcome.BadReturnCode(2), Guests.call(byInitialisers(compiled)), "as it is");
    ModuleArtefact imaged = imaged(compiled);
    assertEquals(new CallOutcome.BadReturnCode(2), Guests.call(byInitialisers(imaged)));
    assertEquals(
        new CallOutcome.BadReturnCode(2),
        Guests.call(byInitialisers(imaged(imaged))),
        "an image of a copy");
  }

  @Test
  void memoryAndTablesThatGrewStayGrownAndAreCharged() {
    WasmBuilder builder = ModuleChecksTest.abi().table(2);
    int five = builder.function("", "i", code -> code.i32(5));
    builder.start(
        builder.function(
            "",
            "",
            code -> {
              code.i32(2).op(0x40, 0).drop(); // to 3 pages
              code.store(150_000, 77);
              code.op(0xd2).unsigned(five).i32(1).op(0xfc, 15, 0).drop(); // table.grow by one
            }));
    // The size of memory, a call through the new element, and the size of the table.
    builder.reducer(
        code ->
            code.op(0x3f, 0)
                .i32(2)
                .op(0x11)
                .unsigned(builder.type("", "i"))
                .op(0)
                .op(0x6a)
                .op(0xfc, 16, 0)
                .op(0x6a));
    builder.elements(five);
    LoadedModule module = Guests.RUNTIME.load(imaged(compiled(builder.build())));
    MemoryBudget node = new MemoryBudget(10 * 65_536);
    WasmInstance copy =
        (WasmInstance)
            module.instantiate(
                new MapHost(), InstanceLimits.STANDARD, Guests.idleWatch(), Guests.BUDGET, node);
    assertEquals(77, copy.guestMemory().readInt(150_000));
    assertEquals(3 * 65_536, node.chargedBytes());
    assertEquals(new CallOutcome.BadReturnCode(3 + 5 + 3), Guests.call(copy));
    copy.close();
    assertEquals(0, node.chargedBytes());
  }

  @Test
  void runsAreCutAtStretchesOfZeroes() {
    byte[] dense = new byte[70_000];
    Arrays.fill(dense, (byte) 1);
    WasmBuilder builder =
        ModuleChecksTest.abi()
            .memory(4)
            .data(0, "a")
            .data(65, "b")
            .data(200, "c")
            .data(65_530, dense)
            .data(4 * 65_536 - 1, "z");
    ModuleArtefact compiled = compiled(builder.build());
    byte[] expected = memory(byInitialisers(compiled));
    assertArrayEquals(expected, memory(byInitialisers(imaged(compiled))));
    assertEquals('b', expected[65]);
    long footprint = byInitialisers(compiled).image().orElseThrow().footprintBytes();
    assertTrue(footprint < dense.length + 200, footprint + " bytes");
  }

  @Test
  void whatLooksAtSegmentsOrHoldsTooMuchHasNoImage() {
    WasmBuilder drops = ModuleChecksTest.abi().table(1);
    int any = drops.function("", "", code -> {});
    drops.elements(any);
    drops.reducer(code -> code.op(0xfc, 13, 0).i32(0)); // elem.drop
    assertEquals(Optional.empty(), byInitialisers(compiled(drops.build())).image());
    WasmBuilder large = ModuleChecksTest.abi().memory(130);
    large.start(
        large.function(
            "", "", code -> code.i32(0).i32(1).i32((8 << 20) + 1).op(0xfc, 11, 0))); // fill
    assertEquals(Optional.empty(), byInitialisers(compiled(large.build())).image());
  }

  @Test
  void anArtefactsImageIsOfItsOwnProgram() {
    ModuleArtefact bank = compiled(Guests.file("examples/bank/bank.wasm"));
    ModuleArtefact chat = imaged(compiled(Guests.file("examples/chat/chat.wasm")));
    LoadedModule module = Guests.RUNTIME.load(bank);
    assertThrows(IllegalArgumentException.class, () -> module.startingAs(chat));
  }

  @Test
  void classesAreSharedWithTheImagedModuleAndLoadedAhead() {
    ModuleArtefact compiled = compiled(Guests.file("examples/bank/bank.wasm"));
    LoadedModule module = Guests.RUNTIME.load(compiled);
    LoadedModule imaged = module.startingAs(imaged(compiled));
    imaged.loadClasses();
    WasmInstance first = Guests.instance(module, new MapHost(), InstanceLimits.STANDARD);
    WasmInstance second = Guests.instance(imaged, new MapHost(), InstanceLimits.STANDARD);
    assertSame(first.classLoader(), second.classLoader());
    assertFalse(second.isPoisoned());
  }

  @Test
  void noClassHasItsOwnCopyOfTheSharedOperations() {
    ModuleArtefact compiled = compiled(Guests.file("examples/bank/bank.wasm"));
    assertFalse(compiled.classes().containsKey(SharedOperations.COPY));
    String copy = SharedOperations.COPY.replace('.', '/');
    compiled
        .classes()
        .forEach(
            (name, bytes) ->
                assertFalse(new String(bytes, StandardCharsets.ISO_8859_1).contains(copy), name));
  }
}
