package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dormouse.modulehost.WasmBuilder;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reducers that take all the memory they can get, 128 MiB, in a node with a heap of {@value
 * #HEAP_MIB} MiB: what one has held is given back when it traps and when its database sleeps.
 */
final class HostileMemoryIT {
  private static final int HEAP_MIB = 448;

  /** More than what fits into the heap at once. */
  private static final int DATABASES = 5;

  private static final int PAGES_MAX = 2_048;

  private static final String FATAL = "The instance encountered a fatal error.";

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
            Map.of("java.tool.options", "-Xmx" + HEAP_MIB + "m"),
            "--idle-after",
            "1s");
    neighbour = Neighbour.moveIn(platform);
    token = platform.token();
  }

  @AfterEach
  void neighbourDidNotNotice() throws Exception {
    neighbour.assertServed(platform);
  }

  @AfterAll
  static void stop() {
    platform.close();
  }

  /**
   * {@code take} grows memory page by page until that is refused, writes to every page, and is
   * content if it got 128 MiB; {@code take_and_trap} traps then, as an allocator would.
   */
  private static byte[] greedy() {
    WasmBuilder program = WasmBuilder.module();
    int write = Definition.sinkWrite(program);
    int take =
        program.function(
            "",
            "i",
            "i",
            code -> {
              // loop: memory.grow(1) != -1 → again
              code.op(0x03, 0x40).i32(1).op(0x40, 0).i32(-1).op(0x47, 0x0d, 0, 0x0b);
              // loop: page[local 0 + 65532] = 1; local 0 += 65536; local 0 < memory.size << 16 →
              // again
              code.op(0x03, 0x40).local(0).i32(1).op(0x36, 2).unsigned(65_532);
              code.local(0).i32(65_536).op(0x6a, 0x22, 0);
              code.op(0x3f, 0).i32(16).op(0x74, 0x49, 0x0d, 0, 0x0b);
              code.op(0x3f, 0);
            });
    byte[] definition = new Definition().reducer("take").reducer("take_and_trap").bytes();
    return Definition.describe(program, write, definition)
        .reducer(
            code -> {
              code.call(take).i32(PAGES_MAX).op(0x47);
              code.local(0).op(0x04, 0x40).trap().op(0x0b);
            })
        .build();
  }

  private static void publish(String name) throws Exception {
    HttpResponse<String> answer = platform.send("PUT", "/v1/database/" + name, token, greedy());
    assertEquals("200", answer.statusCode() == 200 ? "200" : answer.body());
  }

  private static void call(String expected, String database, String reducer) throws Exception {
    HttpResponse<String> answer = platform.call(token, database, reducer, "[]");
    assertEquals(expected, answer.statusCode() + " " + answer.body());
  }

  @Test
  void memoryToTheCapIsGivenBackWithATrap() throws Exception {
    publish("trapping");
    for (int again = 0; again < DATABASES; again++) {
      call("530 " + FATAL, "trapping", "take_and_trap");
    }
    platform.awaitAsleep(token, "trapping");
  }

  @Test
  void memoryToTheCapIsGivenBackAtSleep() throws Exception {
    for (int i = 0; i < DATABASES; i++) {
      String name = "greedy-" + i;
      publish(name);
      call("200 ", name, "take");
      call("200 ", name, "take"); // the instance lives, with what it has
      platform.awaitAsleep(token, name);
    }
    call("200 ", "greedy-0", "take");
    platform.awaitAsleep(token, "greedy-0");
  }
}
