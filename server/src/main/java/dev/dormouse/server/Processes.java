package dev.dormouse.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What can be told of other processes, for messages only: nothing here may fail a start.
 *
 * <p>JDK only: {@link Preflight} runs this class from source before anything is built.
 */
final class Processes {
  private static final String LISTENING = "0A";

  private Processes() {}

  /** For instance {@code process 4711 (/usr/bin/node server.js)}. */
  static String describe(long pid) {
    String command =
        ProcessHandle.of(pid)
            .map(ProcessHandle::info)
            .flatMap(info -> info.commandLine().or(info::command))
            .map(line -> line.contains("quarkus-run.jar") ? "a Dormouse node" : line)
            .map(line -> line.length() > 100 ? line.substring(0, 100) + "…" : line)
            .map(line -> " (" + line + ")")
            .orElse("");
    return "process " + pid + command;
  }

  /** The process that listens on a TCP port, if the system tells. */
  static Optional<Long> listener(int port) {
    Optional<Long> known = fromProc(port);
    return known.isPresent() ? known : fromLsof(port);
  }

  private static Optional<Long> fromProc(int port) {
    Set<String> sockets = new HashSet<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      try {
        for (String line : Files.readAllLines(Path.of(table), StandardCharsets.US_ASCII)) {
          String[] columns = line.strip().split("\\s+", -1);
          if (columns.length > 9
              && columns[1].endsWith(String.format(Locale.ROOT, ":%04X", port))
              && columns[3].equals(LISTENING)) {
            sockets.add("socket:[" + columns[9] + "]");
          }
        }
      } catch (IOException noSuchTable) {
        // Not Linux, or not allowed: lsof may know.
      }
    }
    return sockets.isEmpty() ? Optional.empty() : holderOf(sockets);
  }

  private static Optional<Long> holderOf(Set<String> sockets) {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (holds(process, sockets)) {
          return Optional.of(Long.valueOf(process.getFileName().toString()));
        }
      }
    } catch (IOException notReadable) {
      // Told as unknown.
    }
    return Optional.empty();
  }

  private static boolean holds(Path process, Set<String> sockets) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path file : files) {
        if (sockets.contains(Files.readSymbolicLink(file).toString())) {
          return true;
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException gone) {
      // The process ended meanwhile, or belongs to another user.
    }
    return false;
  }

  private static Optional<Long> fromLsof(int port) {
    try {
      Process lsof =
          new ProcessBuilder("lsof", "-nP", "-t", "-iTCP:" + port, "-sTCP:LISTEN")
              .redirectErrorStream(true)
              .start();
      if (!lsof.waitFor(3, TimeUnit.SECONDS)) {
        lsof.destroyForcibly();
        return Optional.empty();
      }
      String text = new String(lsof.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return text.lines().filter(line -> line.matches("[0-9]+")).findFirst().map(Long::valueOf);
    } catch (IOException notInstalled) {
      return Optional.empty();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
