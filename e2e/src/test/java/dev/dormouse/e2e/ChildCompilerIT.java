package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs compiled in a process of their own: the good ones run, and those on which the compiler
 * chokes end that process and not the node. Source: docs/decisions/0008-child-compiler.md.
 */
final class ChildCompilerIT {
  @TempDir Path folder;

  private Platform start(Map<String, String> settings) throws Exception {
    return Platform.start(folder.resolve("data"), List.of(), settings);
  }

  private static HttpResponse<String> publish(Platform node, String token, byte[] program)
      throws Exception {
    return node.send("PUT", "/v1/database/hostile", token, program);
  }

  private static long compilers(Platform node) {
    return ProcessHandle.of(node.pid())
        .orElseThrow()
        .descendants()
        .flatMap(process -> process.info().commandLine().stream())
        .filter(line -> line.contains("CompilerProcess"))
        .count();
  }

  /** A refusal does not wait until its process is gone and its files are. */
  private void nothingIsLeft(Platform node) {
    Platform.await(
        "the end of the compiler and of its files", () -> compilers(node) == 0 && files() == 0);
  }

  private int files() {
    return folder.resolve("data").resolve("compiler").toFile().list().length;
  }

  @Test
  void goodProgramsRunAndRefusalsKeepTheirWords() throws Exception {
    try (Platform node = start(Map.of("dormouse.compile", "child"))) {
      Neighbour neighbour = Neighbour.moveIn(node);
      String token = node.token();
      HttpResponse<String> refused = publish(node, token, new byte[] {1, 2, 3});
      assertEquals(500, refused.statusCode());
      assertTrue(refused.body().startsWith("not a wasm module: "), refused.body());
      node.publish(token, "bank", "examples/bank/bank.wasm");
      neighbour.assertServed(node);
      nothingIsLeft(node);
    }
  }

  @Test
  void aProgramThatNeedsMoreHeapIsRefused() throws Exception {
    try (Platform node = start(Map.of("dormouse.compile-heap-bytes", "67108864"))) {
      Neighbour neighbour = Neighbour.moveIn(node);
      byte[] endless = HostileModulesIT.endless();
      HttpResponse<String> refused = publish(node, node.token(), endless);
      assertEquals(500, refused.statusCode());
      assertTrue(
          refused
              .body()
              .startsWith(
                  "a program of %d bytes could not be compiled with a heap of 67108864 bytes: the compiler ended with status 3, "
                      .formatted(endless.length)),
          refused.body());
      assertTrue(refused.body().contains("OutOfMemoryError"), refused.body());
      neighbour.assertServed(node);
      nothingIsLeft(node);
    }
  }

  @Test
  void aProgramThatNeedsMoreTimeIsRefusedAndItsCompilerKilled() throws Exception {
    try (Platform node = start(Map.of("dormouse.compile-time", "4s"))) {
      Neighbour neighbour = Neighbour.moveIn(node);
      HttpResponse<String> refused = publish(node, node.token(), HostileModulesIT.endless());
      assertEquals(500, refused.statusCode());
      assertTrue(
          refused.body().contains("was not compiled within the limit of 4000 ms"), refused.body());
      nothingIsLeft(node);
      neighbour.assertServed(node);
    }
  }

  @Test
  void aCompilerEndsWithItsNode() throws Exception {
    Platform node = start(Map.of("dormouse.compile", "child"));
    String token = node.token();
    Thread publisher =
        Thread.startVirtualThread(
            () -> {
              try {
                publish(node, token, HostileModulesIT.endless());
              } catch (Exception killed) {
                // That is what becomes of it.
              }
            });
    Platform.await("a compiler", () -> compilers(node) == 1);
    List<ProcessHandle> compilers =
        ProcessHandle.of(node.pid())
            .orElseThrow()
            .descendants()
            .filter(process -> process.info().commandLine().orElse("").contains("CompilerProcess"))
            .toList();
    node.kill();
    Platform.await("its end", () -> compilers.stream().noneMatch(ProcessHandle::isAlive));
    publisher.join();
    try (Platform again = start(Map.of())) {
      nothingIsLeft(again);
    }
  }
}
