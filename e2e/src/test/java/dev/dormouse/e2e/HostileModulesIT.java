package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.modulehost.WasmBuilder;
import dev.dormouse.sats.BsatnWriter;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs that are none, ask for what there is not, or misbehave before they serve: each is
 * answered with what is wrong, leaves no database, and its neighbour does not notice. Source: spec
 * http-api §5.1, module-abi §7.2.
 */
final class HostileModulesIT {
  private static final String NAME = "hostile";
  private static final int MIB = 1 << 20;
  private static final int LOOP = 0x03;
  private static final int BLOCK = 0x02;
  private static final int VOID = 0x40;
  private static final int END = 0x0b;
  private static final int NOP = 0x01;

  @TempDir static Path folder;

  private static Platform platform;
  private static Neighbour neighbour;
  private static String token;

  @BeforeAll
  static void start() throws Exception {
    platform =
        Platform.start(
            folder.resolve("data"),
            List.of(),
            Map.of("dormouse.call-cpu", "300ms", "dormouse.compile-time", "5s"));
    neighbour = Neighbour.moveIn(platform);
    token = platform.token();
  }

  /** Whatever was published: nothing of it is left, and the neighbour is served. */
  @AfterEach
  void nothingHappened() throws Exception {
    assertEquals(
        404, platform.send("GET", "/v1/database/" + NAME, token, new byte[0]).statusCode());
    neighbour.assertServed(platform);
  }

  @AfterAll
  static void allIsThereAfterAKill() throws Exception {
    platform.kill();
    try (Platform again = Platform.start(folder.resolve("data"))) {
      neighbour.assertServed(again);
    }
  }

  private static HttpResponse<String> publish(byte[] program)
      throws IOException, InterruptedException {
    return platform.send("PUT", "/v1/database/" + NAME, token, program);
  }

  private static void refused(String why, byte[] program) throws Exception {
    HttpResponse<String> answer = publish(program);
    assertEquals(500, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains(why), answer.body());
    assertTrue(answer.body().length() < 10_000, answer.body().length() + " characters");
  }

  private static byte[] fixture(String name) throws IOException {
    return Files.readAllBytes(Platform.root().resolve("fixtures/hostile/" + name + ".wasm"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "empty | not a wasm module",
        "not-wasm | not a wasm module",
        "wrong-version | not a wasm module",
        "truncated | it ends early, at byte",
        "invalid-body | type mismatch",
        "no-exports | does not export its memory",
        "no-describe | does not export __describe_module__",
        "no-call-reducer | does not export __call_reducer__",
        "no-abi | cannot determine the ABI",
        "describe-signature | export __describe_module__ has type",
        "unknown-import | unknown import spacetime_10.0.no_such_function",
        "misplaced-import | unknown import spacetime_10.0.datastore_clear",
        "env-import | unknown import env.abort",
        "abi-11 | module needs ABI 11.0, this host implements 10.6",
        "simd | an instruction of SIMD, which is not supported",
        "threads | threads are not supported",
        "two-memories | module has 2 memories, limit 1",
        "memory-4gib | module starts with 4294967296 bytes of memory, limit 134217728 bytes",
        "huge-table | table 0 starts with 10000000 elements, limit 200000",
        "cyclic-type-def | type 0 is nothing but a reference back to itself",
        "dangling-ref-def | Ref[7] is dangling, the typespace has 0 types",
        "long-list-def | reducer count 4294967295",
        "long-string-def | needs at least 11 bytes, 4 left",
        "many-units-def | member count 2000000000",
        "deep-type-def | type nested deeper than 128",
        "start-traps | the start function trapped",
        "start-loops | the start function ran over its CPU budget",
        "start-grows | the start function trapped",
        "preinit-traps | __preinit__20_x trapped",
        "preinit-loops | __preinit__20_x ran over its CPU budget",
        "setup-fails | no luck",
        "setup-traps | __setup__ trapped",
        "describe-traps | __describe_module__ trapped",
        "describe-loops | __describe_module__ ran over its CPU budget",
        "describe-recurses | call stack exhausted",
        "describe-floods | limit 16777216 bytes",
        "describe-out-of-bounds | are outside memory of 131072 bytes"
      })
  void fixturesAreRefused(String name, String why) throws Exception {
    refused(why, fixture(name));
  }

  @Test
  void over64MiBIs413() throws Exception {
    HttpResponse<String> answer = publish(new byte[64 * MIB + 1]);
    assertEquals(413, answer.statusCode());
    assertTrue(answer.body().contains("limit of 67108864 bytes"), answer.body());
  }

  @Test
  void lengthOf4GiB() throws Exception {
    byte[] program = WasmBuilder.module().build();
    byte[] longer = Arrays.copyOf(program, program.length + 6);
    System.arraycopy(
        new byte[] {11, -1, -1, -1, -1, 15}, 0, longer, program.length, 6); // a data section
    refused("not a wasm module: a length at byte", longer);
  }

  @Test
  void tenThousandTables() throws Exception {
    Definition definition = new Definition();
    for (int i = 0; i < 10_000; i++) {
      definition.table("t" + i, false, "a");
    }
    refused("definition has over 4096 tables, limit 4096", definition.program());
  }

  @Test
  void tooManyFunctions() throws Exception {
    WasmBuilder program = plain();
    for (int i = 0; i < 100_000; i++) {
      program.function("", "", code -> {});
    }
    refused("functions, limit 100000", program.build());
  }

  @Test
  void functionOverAMebibyte() throws Exception {
    refused("limit 1048576 bytes", withFunction(code -> fill(code, MIB, NOP)));
  }

  @Test
  void globalsByTheMillion() throws Exception {
    WasmBuilder program = plain();
    for (int i = 0; i < 1_000_000; i++) {
      program.global(0);
    }
    refused("module has 1000000 globals, limit 10000", program.build());
  }

  @Test
  void tableOfTwoToThe32() throws Exception {
    WasmBuilder program = plain();
    program.table(-1);
    refused("limit", program.build());
  }

  @Test
  void dataBeyondMemory() throws Exception {
    refused(
        "data segment of 9 bytes at 2147418112 does not fit in memory",
        plain().data(0x7fff_0000, "elsewhere").build());
  }

  @Test
  void namesOfMegabytes() throws Exception {
    WasmBuilder program = WasmBuilder.module();
    program.importFunction("spacetime_10.0", "y".repeat(5 * MIB), "", "");
    refused("unknown import spacetime_10.0.yyy", program.build());
    refused(
        "name of 4194304 bytes at offset", new Definition().reducer("x".repeat(4 * MIB)).program());
  }

  @Test
  void functionsThatNoMethodHolds() throws Exception {
    WasmBuilder program = plain();
    for (int i = 0; i < 40; i++) {
      program.function("", "", code -> fill(code, 200 << 10, NOP));
    }
    refused("more than 32 functions are too large for a JVM method", program.build());
  }

  @Test
  void compilesForEver() throws Exception {
    long begun = System.nanoTime();
    refused("was not compiled within the limit of 5000 ms", endless());
    long seconds = (System.nanoTime() - begun) / 1_000_000_000;
    assertTrue(seconds < 20, seconds + " s");
  }

  /** As many functions as may be, each just below what a JVM method holds. */
  static byte[] endless() {
    WasmBuilder program = plain();
    Consumer<WasmBuilder.Code> body =
        code -> {
          for (int i = 0; i < 10_000; i++) {
            code.i32(i).drop();
          }
        };
    for (int i = 0; i < 1_000; i++) {
      program.function("", "", body);
    }
    return program.build();
  }

  @ParameterizedTest
  @ValueSource(ints = {BLOCK, LOOP})
  void nestedDeeply(int opcode) throws Exception {
    HttpResponse<String> answer =
        publish(
            withFunction(
                code -> {
                  for (int i = 0; i < 300_000; i++) {
                    code.op(opcode, VOID);
                  }
                  fill(code, 300_000, END);
                }));
    // A limit of blocks is not needed: they take as much room as the same number of anything.
    assertTrue(List.of(200, 500).contains(answer.statusCode()), answer.body());
    if (answer.statusCode() == 200) {
      assertEquals(200, platform.call(token, NAME, "go", "[]").statusCode());
      platform.send("DELETE", "/v1/database/" + NAME, token, new byte[0]);
    }
  }

  @Test
  void describeThatRecursesThroughAnImport() throws Exception {
    WasmBuilder program = WasmBuilder.module();
    int write = Definition.sinkWrite(program);
    int self = 1;
    program.exported(
        "__describe_module__",
        "i",
        "",
        code -> code.local(0).i32(8).i32(8).call(write).drop().local(0).call(self));
    refused("call stack exhausted", program.build());
  }

  @Test
  void typesThatDoubleWithoutEnd() throws Exception {
    // Each type is the one before, twice; the first has no bytes. An argument of the last has 2^60
    // parts and no byte.
    BsatnWriter types = new BsatnWriter().writeU8(0).writeI32(61).writeU8(2).writeI32(0);
    for (int i = 0; i < 60; i++) {
      types.writeU8(2).writeI32(2);
      types.writeU8(1).writeU8(0).writeI32(i).writeU8(1).writeU8(0).writeI32(i);
    }
    byte[] parameters =
        new BsatnWriter().writeI32(1).writeU8(1).writeU8(0).writeI32(60).toByteArray();
    byte[] reducers = new Definition().reducer("go", parameters).bytes();
    // The definition's own typespace comes later and is ignored.
    byte[] definition =
        new BsatnWriter()
            .writeU8(2)
            .writeI32(7)
            .writeRaw(types.toByteArray())
            .writeRaw(Arrays.copyOfRange(reducers, 5, reducers.length))
            .toByteArray();
    HttpResponse<String> answer = publish(Definition.program(definition));
    assertEquals(200, answer.statusCode(), answer.body());
    HttpResponse<String> called = platform.call(token, NAME, "go", "[[[],[]]]");
    assertEquals(400, called.statusCode(), called.body());
    platform.send("DELETE", "/v1/database/" + NAME, token, new byte[0]);
  }

  @Test
  void hooksThatFailAtPublish() throws Exception {
    Map<String, Consumer<WasmBuilder.Code>> inits = new HashMap<>();
    inits.put("init reducer: The instance encountered a fatal error.", WasmBuilder.Code::trap);
    inits.put("init reducer: Module energy budget exhausted.", WasmBuilder.Code::forever);
    for (var init : inits.entrySet()) {
      WasmBuilder program = WasmBuilder.module();
      int write = Definition.sinkWrite(program);
      byte[] definition = new Definition().hook(Definition.Hook.INIT, "init").bytes();
      Definition.describe(program, write, definition)
          .reducer(
              code -> {
                init.getValue().accept(code);
                code.i32(0);
              });
      refused(init.getKey(), program.build());
    }
  }

  private static byte[] withFunction(Consumer<WasmBuilder.Code> body) {
    WasmBuilder program = WasmBuilder.module();
    int write = Definition.sinkWrite(program);
    program.function("", "", body);
    return Definition.describe(program, write, new Definition().reducer("go").bytes()).build();
  }

  /** A program without a reducer, to be made worse. */
  private static WasmBuilder plain() {
    WasmBuilder program = WasmBuilder.module();
    int write = Definition.sinkWrite(program);
    return Definition.describe(program, write, new Definition().bytes());
  }

  private static void fill(WasmBuilder.Code code, int count, int opcode) {
    for (int i = 0; i < count; i++) {
      code.op(opcode);
    }
  }
}
