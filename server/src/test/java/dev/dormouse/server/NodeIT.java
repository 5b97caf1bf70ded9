package dev.dormouse.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real process: its ready line, its settings, its end. */
final class NodeIT {
  @TempDir private Path data;

  @Test
  void startsServesAndEndsWithZero() throws IOException, InterruptedException {
    try (var ready = Node.ready(data)) {
      assertEquals(200, ready.request("GET", "/v1/ping").statusCode());
      assertSettings(ready.node().pid());

      try (var second = Node.start(data, "--port", "0", "--management-port", "0")) {
        assertEquals(1, second.status());
        assertTrue(second.log().contains("process " + ready.node().pid()), second.log());
        assertTrue(second.log().contains(data.toString()), second.log());
      }

      ready.node().terminate();
      assertEquals(0, ready.node().status(), ready.node().log());
      assertEquals(List.of(), ready.node().restOfOutput());
    }
  }

  /** Every setting of jvm.options must have reached the process. */
  private static void assertSettings(long pid) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "VM.command_line")
            .redirectErrorStream(true)
            .start();
    String told = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, jcmd.waitFor(), told);
    List<String> settings =
        Files.readAllLines(Path.of("jvm.options")).stream()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .toList();
    assertFalse(settings.isEmpty());
    settings.forEach(setting -> assertTrue(told.contains(setting), setting + " is not in " + told));
  }

  @Test
  void openPublishingBeyondThisMachineIsRefusedUnlessMeant()
      throws IOException, InterruptedException {
    try (var refused =
        Node.start(data, "--port", "0", "--management-port", "0", "--host", "0.0.0.0")) {
      assertEquals(1, refused.status());
      assertTrue(refused.log().contains("--allow-anyone-to-publish"), refused.log());
    }
    try (var meant = Node.ready(data, "--host", "0.0.0.0", "--allow-anyone-to-publish")) {
      assertTrue(meant.node().log().contains("ANYONE"), meant.node().log());
    }
  }

  @Test
  void aStartThatFailsSaysWhyAndLeavesNothingRunning() throws IOException, InterruptedException {
    Path keys = Files.createDirectory(data.resolve("keys"));
    Files.createFile(keys.resolve("id_ecdsa.pub"));
    try (var node = Node.start(data, "--port", "0", "--management-port", "0")) {
      assertEquals(1, node.status());
      assertTrue(node.log().contains("dormouse: of the signing keys"), node.log());
      assertFalse(node.log().contains("\tat "), node.log());
    }
    assertFalse(Files.exists(data.resolve("postgres/18/postmaster.pid")));
  }
}
