package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.ModuleHash;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is stored of a compiled module. */
final class ArtefactTest {
  private static final byte[] BANK = Guests.file("examples/bank/bank.wasm");

  @Test
  void storedAndReadAgainItRunsATransfer() {
    ModuleArtefact compiled = Guests.RUNTIME.compile(BANK, CompileLimits.STANDARD);
    byte[] stored = compiled.toBytes();
    ModuleArtefact read = ModuleArtefact.fromBytes(stored).orElseThrow();
    assertEquals(ModuleHash.ofProgram(BANK), read.hash());
    assertEquals(compiled.warnings(), read.warnings());
    assertArrayEquals(stored, read.toBytes());
    MapHost host = new MapHost();
    MapHost.Table accounts = host.addTable("account", 4, "account_id_idx_btree");
    WasmInstance bank = Guests.instance(Guests.RUNTIME.load(read), host, InstanceLimits.STANDARD);
    Guests.call(bank, 0, new BsatnWriter().writeI32(2).writeI64(100).toByteArray());
    assertEquals(
        new CallOutcome.Returned(), Guests.call(bank, 1, RustModulesTest.transfer(0, 1, 40)));
    assertEquals(140, RustModulesTest.balance(accounts, 1));
  }

  @Test
  void equalProgramsGiveEqualBytes() {
    assertArrayEquals(
        Guests.RUNTIME.compile(BANK, CompileLimits.STANDARD).toBytes(),
        Guests.RUNTIME.compile(BANK.clone(), CompileLimits.STANDARD).toBytes());
  }

  @Test
  void keepsNamesWarningsAndInterpretedFunctions() {
    WasmBuilder builder = ModuleChecksTest.abi();
    int large =
        builder.function(
            "",
            "i",
            code -> {
              for (int i = 0; i < 20_000; i++) {
                code.store(64, 1_000_000 + i);
              }
              code.load(64);
            });
    builder.reducer(code -> code.call(large)).name(large, "large");
    byte[] stored = Guests.RUNTIME.compile(builder.build(), CompileLimits.STANDARD).toBytes();
    ModuleArtefact read = ModuleArtefact.fromBytes(stored).orElseThrow();
    assertTrue(read.warnings().getFirst().startsWith("function large is too large for the JVM"));
    WasmInstance instance =
        Guests.instance(Guests.RUNTIME.load(read), new MapHost(), InstanceLimits.STANDARD);
    assertEquals(new CallOutcome.BadReturnCode(1_019_999), Guests.call(instance));
  }

  @Test
  void anotherEnginesArtefactIsNotRead() {
    byte[] stored = Guests.RUNTIME.compile(BANK, CompileLimits.STANDARD).toBytes();
    int engine = new String(stored, StandardCharsets.ISO_8859_1).indexOf(ModuleArtefact.ENGINE);
    byte[] older = stored.clone();
    older[engine] = 'D';
    assertEquals(Optional.empty(), ModuleArtefact.fromBytes(older));
    byte[] newerFormat = stored.clone();
    newerFormat[4] = 3;
    assertEquals(Optional.empty(), ModuleArtefact.fromBytes(newerFormat));
  }

  @Test
  void brokenBytesAreRefused() {
    byte[] stored = Guests.RUNTIME.compile(BANK, CompileLimits.STANDARD).toBytes();
    for (int length : new int[] {0, 3, 4, 20, 100, 1_000, stored.length - 1}) {
      assertThrows(
          DecodeException.class,
          () -> ModuleArtefact.fromBytes(Arrays.copyOf(stored, length)),
          "length " + length);
    }
    assertThrows(
        DecodeException.class,
        () -> ModuleArtefact.fromBytes(Arrays.copyOf(stored, stored.length + 1)));
    byte[] other = stored.clone();
    other[0] = 'X';
    assertThrows(DecodeException.class, () -> ModuleArtefact.fromBytes(other));
  }
}
