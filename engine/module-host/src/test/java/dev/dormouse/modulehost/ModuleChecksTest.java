package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.EngineException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused at publish, and by what words. */
final class ModuleChecksTest {
  private static final String V10 = "spacetime_10.0";

  static WasmBuilder abi() {
    WasmBuilder builder = WasmBuilder.module();
    builder.importFunction(V10, "identity", "i", "");
    return builder;
  }

  private static String refusal(byte[] program) {
    return refusal(program, CompileLimits.STANDARD);
  }

  private static String refusal(byte[] program, CompileLimits limits) {
    EngineException refused =
        assertThrows(EngineException.class, () -> Guests.RUNTIME.compile(program, limits));
    assertEquals(EngineException.Code.TENANT, refused.code());
    return refused.text();
  }

  @Test
  void smallestModuleIsAccepted() {
    assertEquals(
        List.of(), Guests.RUNTIME.compile(abi().build(), CompileLimits.STANDARD).warnings());
  }

  @Test
  void noWasm() {
    assertEquals(
        "not a wasm module: the first 8 bytes are not \\0asm and version 1",
        refusal("console.log('hello')".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    assertEquals(
        "not a wasm module: the first 8 bytes are not \\0asm and version 1", refusal(new byte[0]));
    byte[] cut = Arrays.copyOf(abi().build(), 40);
    assertTrue(refusal(cut).startsWith("not a wasm module: it ends early"), refusal(cut));
  }

  @Test
  void programTooLarge() {
    CompileLimits small = new CompileLimits(100, 10, 100, 10, 10, 10, 10, 1, 10, 10, 1);
    byte[] program = abi().data(0, "x".repeat(100)).build();
    assertEquals(
        "module has %d bytes, limit 100 bytes".formatted(program.length), refusal(program, small));
  }

  @Test
  void countsBeyondTheirLimits() {
    CompileLimits two = new CompileLimits(10_000, 2, 50, 1, 3, 3, 1, 1, 10, 1, 1);
    WasmBuilder functions = abi();
    functions.function("", "", code -> {});
    assertEquals("module has 3 functions, limit 2", refusal(functions.build(), two));
    WasmBuilder large = abi();
    large.reducer(code -> code.op(new int[60]).i32(0));
    assertEquals("function body 0 has 64 bytes, limit 50 bytes", refusal(large.build(), two));
    WasmBuilder imports = abi();
    imports.importFunction(V10, "row_iter_bsatn_close", "i", "i");
    assertEquals("module has 2 imports, limit 1", refusal(imports.build(), two));
    WasmBuilder exports = abi().export("a", 2, 0);
    assertEquals("module has 4 exports, limit 3", refusal(exports.build(), two));
    WasmBuilder types = abi();
    types.exported("__setup__", "i", "i", code -> code.i32(0));
    CompileLimits fewTypes = new CompileLimits(10_000, 9, 50, 9, 9, 2, 1, 1, 10, 1, 1);
    assertEquals("module has 3 types, limit 2", refusal(types.build(), fewTypes));
    WasmBuilder globals = abi();
    globals.global(1);
    globals.global(2);
    assertEquals("module has 2 globals, limit 1", refusal(globals.build(), two));
    assertEquals(
        "module has 2 data segments, limit 1",
        refusal(abi().data(0, "a").data(1, "b").build(), two));
    assertEquals(
        "table 0 starts with 11 elements, limit 10", refusal(abi().table(11).build(), two));
  }

  @ParameterizedTest
  @CsvSource({
    "spacetime_10.0, nothing_such",
    "spacetime_10.1, datastore_clear",
    "spacetime_10.6, identity",
    "env, abort",
    "wasi_snapshot_preview1, fd_explode"
  })
  void unknownImportIsNamed(String module, String name) {
    WasmBuilder builder = abi();
    builder.importFunction(module, name, "i", "");
    assertEquals("unknown import " + module + "." + name, refusal(builder.build()));
  }

  @Test
  void importOfAnotherTypeSaysWhich() {
    WasmBuilder builder = WasmBuilder.module();
    builder.importFunction(V10, "identity", "il", "i");
    assertEquals(
        "import spacetime_10.0.identity has type (i32, i64) -> (i32), must have (i32) -> ()",
        refusal(builder.build()));
  }

  @ParameterizedTest
  @CsvSource({
    "spacetime_10.7, 'module needs ABI 10.7, this host implements 10.6'",
    "spacetime_9.0, 'module needs ABI 9.0, this host implements 10.6'",
    "spacetime_11.0, 'module needs ABI 11.0, this host implements 10.6'",
    "spacetime_10, import module spacetime_10 is no ABI version",
    "spacetime_10.x, import module spacetime_10.x is no ABI version",
    "spacetime_10.0.1, import module spacetime_10.0.1 is no ABI version",
    "spacetime_10.65536, import module spacetime_10.65536 is no ABI version",
  })
  void abiVersions(String module, String message) {
    WasmBuilder builder = WasmBuilder.module();
    builder.importFunction(module, "identity", "i", "");
    assertEquals(message, refusal(builder.build()));
  }

  @Test
  void noAbiAtAll() {
    assertEquals(
        "cannot determine the ABI: module imports nothing from spacetime_10.x",
        refusal(WasmBuilder.module().build()));
  }

  @Test
  void onlyFunctionsAreImported() {
    assertEquals(
        "module imports the memory env.memory, only functions can be imported",
        refusal(abi().memoryBytes(new byte[0]).importOther("env", "memory", 2, 0, 1).build()));
    assertEquals(
        "module imports the table env.t, only functions can be imported",
        refusal(abi().importOther("env", "t", 1, 0x70, 0, 1).build()));
    assertEquals(
        "module imports the global env.g, only functions can be imported",
        refusal(abi().importOther("env", "g", 3, 0x7f, 0).build()));
  }

  @Test
  void requiredExports() {
    WasmBuilder nothing = abi();
    nothing.function("", "", code -> {});
    assertEquals("module does not export its memory as memory", refusal(nothing.raw()));
    assertEquals(
        "module does not export __describe_module__",
        refusal(abi().export("memory", 2, 0).reducer(c -> c.i32(0)).raw()));
    assertEquals(
        "module does not export __call_reducer__",
        refusal(
            abi().export("memory", 2, 0).exported("__describe_module__", "i", "", c -> {}).raw()));
    assertEquals(
        "export __describe_module__ has type () -> (), must have (i32) -> ()",
        refusal(abi().exported("__describe_module__", "", "", c -> {}).build()));
    assertEquals(
        "export __call_reducer__ has type () -> (i32), must have"
            + " (i32, i64, i64, i64, i64, i64, i64, i64, i32, i32) -> (i32)",
        refusal(abi().exported("__call_reducer__", "", "i", c -> c.i32(0)).build()));
    assertEquals(
        "export __call_reducer__ is not a function",
        refusal(abi().export("__call_reducer__", 2, 0).build()));
    assertEquals(
        "export __describe_module__ is an import",
        refusal(abi().export("__describe_module__", 0).build()));
  }

  @Test
  void optionalExportsMustHaveTheirTypes() {
    assertEquals(
        "export __setup__ has type () -> (), must have (i32) -> (i32)",
        refusal(abi().exported("__setup__", "", "", c -> {}).build()));
    assertEquals(
        "export __preinit__10_x has type (i32) -> (), must have () -> ()",
        refusal(abi().exported("__preinit__10_x", "i", "", c -> {}).build()));
    assertEquals(
        "export _initialize has type (i32) -> (), must have () -> ()",
        refusal(abi().exported("_initialize", "i", "", c -> {}).build()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"iliiii", "illllil" + "iiii"})
  void bothFormsOfHttpHandlersLoad(String parameters) {
    byte[] program =
        abi().exported("__call_http_handler__", parameters, "i", c -> c.i32(0)).build();
    WasmInstance instance = Guests.instance(program, new MapHost());
    assertEquals(new CallOutcome.Returned(), Guests.call(instance));
  }

  @Test
  void anyOtherHttpHandlerIsRefused() {
    String message =
        refusal(abi().exported("__call_http_handler__", "ii", "i", c -> c.i32(0)).build());
    assertTrue(message.startsWith("export __call_http_handler__ has type (i32, i32) -> (i32)"));
  }

  @Test
  void simdIsRefusedByName() {
    WasmBuilder builder = abi();
    int function = builder.function("", "", code -> code.op(0xfd, 0x0c).op(new int[16]).drop());
    assertEquals(
        "function func_1 uses v128.const, an instruction of SIMD, which is not supported",
        refusal(builder.build()));
    assertEquals(
        "function dot uses v128.const, an instruction of SIMD, which is not supported",
        refusal(builder.name(function, "dot").build()));
    WasmBuilder inType = abi();
    inType.function("v", "", code -> {});
    assertEquals(
        "a function type uses v128, a type of SIMD, which is not supported",
        refusal(inType.build()));
  }

  @Test
  void threadsAreRefused() {
    WasmBuilder atomic = abi();
    atomic.function("", "", code -> code.op(0xfe, 0x03, 0x00));
    assertEquals(
        "function func_1 uses atomic.fence, an instruction of threads, which is not supported",
        refusal(atomic.build()));
    assertEquals(
        "module has shared memory, threads are not supported",
        refusal(abi().memoryBytes(new byte[] {3, 1, 2}).build()));
  }

  @Test
  void deepNestingIsRefusedAndNotFatal() {
    int depth = 200_000;
    WasmBuilder builder = abi();
    builder.function(
        "",
        "",
        code -> {
          for (int i = 0; i < depth; i++) {
            code.op(0x02, 0x40);
          }
          for (int i = 0; i < depth; i++) {
            code.op(0x0b);
          }
        });
    byte[] program = builder.build();
    // Whether this compiles is the compiler's affair; that nothing but a refusal comes out is ours.
    try {
      assertTrue(Guests.RUNTIME.compile(program, CompileLimits.STANDARD).toBytes().length > 0);
    } catch (EngineException refused) {
      assertEquals(EngineException.Code.TENANT, refused.code());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void brokenProgramsAreRefusedOrCompiledButNeverCrash(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    WasmBuilder builder = abi().table(3).data(16, "data");
    builder.global(7);
    builder.exported("__preinit__1", "", "", c -> c.i32(1).drop());
    byte[] sound = builder.build();
    for (int i = 0; i < 300; i++) {
      byte[] broken = sound.clone();
      int changes = 1 + random.nextInt(3);
      for (int j = 0; j < changes; j++) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
      }
      try {
        assertTrue(Guests.RUNTIME.compile(broken, CompileLimits.STANDARD).toBytes().length > 0);
      } catch (EngineException refused) {
        assertEquals(EngineException.Code.TENANT, refused.code(), "seed " + seed);
      }
    }
  }

  @Test
  void interruptEndsCompilationAndStaysSet() {
    byte[] bank = Guests.file("examples/bank/bank.wasm");
    Thread.currentThread().interrupt();
    EngineException refused =
        assertThrows(
            EngineException.class, () -> Guests.RUNTIME.compile(bank, CompileLimits.STANDARD));
    assertTrue(Thread.interrupted());
    assertEquals(
        "module of %d bytes took too long to compile".formatted(bank.length), refused.text());
  }

  @Test
  void slowFunctionsAreWarnedOf() {
    WasmBuilder builder = abi();
    int slow =
        builder.function(
            "",
            "",
            code -> {
              for (int i = 0; i < 2_000; i++) {
                code.store(64, 1_000_000 + i);
              }
            });
    int interpreted =
        builder.function(
            "",
            "",
            code -> {
              for (int i = 0; i < 20_000; i++) {
                code.store(64, 1_000_000 + i);
              }
            });
    builder.name(slow, "long_one");
    List<String> warnings =
        Guests.RUNTIME.compile(builder.build(), CompileLimits.STANDARD).warnings();
    assertEquals(2, warnings.size(), warnings.toString());
    assertTrue(
        warnings.get(0).matches("function long_one has \\d+ bytes of bytecode; .*"),
        warnings.toString());
    assertEquals(
        "function func_%d is too large for the JVM and runs interpreted, about 100 times slower"
            .formatted(interpreted),
        warnings.get(1));
  }
}
