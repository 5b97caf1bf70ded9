package dev.dormouse.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PreflightTest {
  private static final String PID = "process " + ProcessHandle.current().pid();

  @TempDir private Path folder;

  @Test
  void aFreePlaceIsAccepted() throws StartRefused {
    Preflight.check(options("0", "0"));
    Preflight.check(options("0", "0")); // and given back
  }

  @Test
  void aTakenPortIsRefusedNamingProcessPortAndWayOut() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      for (var options : List.of(options(port, "0"), options("0", port))) {
        String text = assertThrows(StartRefused.class, () -> Preflight.check(options)).getMessage();
        assertTrue(text.contains(port), text);
        assertTrue(text.contains(PID), text);
        assertTrue(text.contains("port N"), text);
      }
    }
  }

  @Test
  void aFolderInUseIsRefusedNamingFolderAndProcess() throws IOException, StartRefused {
    try (var held = DataFolder.open(folder)) {
      String text =
          assertThrows(StartRefused.class, () -> Preflight.check(options("0", "0"))).getMessage();
      assertTrue(text.contains(held.path().toString()), text);
      assertTrue(text.contains(PID), text);
      assertTrue(text.contains("--data"), text);
    }
    Preflight.check(options("0", "0"));
  }

  @Test
  void aFolderThatCannotBeMadeIsRefused() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    String text =
        assertThrows(StartRefused.class, () -> DataFolder.open(file.resolve("below"))).getMessage();
    assertTrue(text.contains("--data"), text);
  }

  @Test
  void aNewFolderIsReadableByItsOwnerOnly() throws IOException, StartRefused {
    Path made = folder.resolve("made");
    DataFolder.open(made).close();
    assertEquals(
        "rwx------",
        java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
  }

  private StartOptions options(String port, String managementPort) {
    try {
      return StartOptions.parse(
          List.of(
              "--port", port, "--management-port", managementPort, "--data", folder.toString()));
    } catch (StartRefused impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
