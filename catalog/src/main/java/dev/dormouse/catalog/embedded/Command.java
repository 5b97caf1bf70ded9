package dev.dormouse.catalog.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end, with a limit on time, and keeps what it printed. */
final class Command {
  /** For programs that only look something up. */
  static final Duration SHORT = Duration.ofSeconds(10);

  private static final int OUTPUT_MAX = 16 * 1024;

  private Command() {}

  /**
   * How a program ended.
   *
   * @param status its exit status; -1 if it was ended for taking too long
   * @param output both streams, cut at 16 KiB
   */
  record Result(int status, String output) {
    boolean succeeded() {
      return status == 0;
    }
  }

  /**
   * Runs it with a clean environment. Output goes through a file: a server started by the program
   * would inherit a pipe and keep it open.
   */
  static Result run(List<String> command, Duration max) throws IOException {
    Path output = Files.createTempFile("dormouse-command", ".out");
    try {
      var builder =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      var environment = builder.environment();
      environment.keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
      environment.put("LC_ALL", "C");
      environment.put("TZ", "UTC");
      Process process = builder.start();
      int status = -1;
      if (process.waitFor(max.toMillis(), TimeUnit.MILLISECONDS)) {
        status = process.exitValue();
      } else {
        process.destroyForcibly();
      }
      byte[] bytes = Files.readAllBytes(output);
      int length = Math.min(bytes.length, OUTPUT_MAX);
      return new Result(status, new String(bytes, 0, length, StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while running " + command.getFirst(), e);
    } finally {
      Files.deleteIfExists(output);
    }
  }
}
