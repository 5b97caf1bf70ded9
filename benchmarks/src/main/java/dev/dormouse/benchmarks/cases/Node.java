package dev.dormouse.benchmarks.cases;

import dev.dormouse.benchmarks.load.Api;
import dev.dormouse.benchmarks.load.ServerProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A running platform: the process that {@code ./dormouse up} becomes. Closing stops it in good
 * order.
 */
final class Node implements AutoCloseable {
  private static final long GLANCE = 20_000_000;

  private final Process process;
  private final URI url;
  private final Path log;
  private final Duration readyAfter;
  private final Duration cpuUntilReady;

  private Node(Process process, URI url, Path log, Duration readyAfter, Duration cpuUntilReady) {
    this.process = process;
    this.url = url;
    this.log = log;
    this.readyAfter = readyAfter;
    this.cpuUntilReady = cpuUntilReady;
  }

  /** Starts on free ports and returns once the first ping is answered. */
  static Node start(Path root, Path data, Duration idleAfter)
      throws IOException, InterruptedException {
    var command =
        new ArrayList<>(List.of(root.resolve("dormouse").toString(), "up", "--port", "0"));
    command.addAll(List.of("--management-port", "0", "--data", data.toString()));
    command.addAll(List.of("--idle-after", idleAfter.toMillis() + "ms"));
    Files.createDirectories(data);
    Path log = data.resolveSibling(data.getFileName() + ".log");
    var builder =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    long from = System.nanoTime();
    Process process = builder.start();
    try {
      String line =
          new BufferedReader(
                  new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
              .readLine();
      if (line == null || !line.startsWith("ready ")) {
        throw new IOException("no ready line but " + line + "; see " + log);
      }
      URI url = URI.create(line.substring("ready ".length()));
      Ping.await(url, CaseLimits.STANDARD.requestWait());
      return new Node(
          process,
          url,
          log,
          Duration.ofNanos(System.nanoTime() - from),
          Duration.ofNanos(new ServerProcess(process.pid()).cpuNanos()));
    } catch (IOException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  URI url() {
    return url;
  }

  long pid() {
    return process.pid();
  }

  Path log() {
    return log;
  }

  /** From the command to the first answered ping. */
  Duration readyAfter() {
    return readyAfter;
  }

  /** CPU time of the process until then; other work on the machine does not add to it. */
  Duration cpuUntilReady() {
    return cpuUntilReady;
  }

  /** Its HTTP side as a fresh identity. */
  Api api() throws IOException, InterruptedException {
    return new Api(url, Optional.empty(), CaseLimits.STANDARD.requestWait());
  }

  /** Its HTTP side as a known identity. */
  Api api(String token) throws IOException, InterruptedException {
    return new Api(url, Optional.of(token), CaseLimits.STANDARD.requestWait());
  }

  /** Waits until these databases sleep. */
  void awaitAsleep(Api api, List<String> databases, Duration idleAfter)
      throws IOException, InterruptedException {
    long until = System.nanoTime() + idleAfter.plus(CaseLimits.STANDARD.sleepWait()).toNanos();
    for (String database : databases) {
      while (!state(api, database).contains("\"state\":\"ASLEEP\"")) {
        if (System.nanoTime() > until) {
          throw new IOException(database + " does not sleep but is " + state(api, database));
        }
        LockSupport.parkNanos(GLANCE);
      }
    }
  }

  /** What the platform says of a database, as JSON; neither wakes it nor keeps it awake. */
  static String state(Api api, String database) throws IOException, InterruptedException {
    return api.send("GET", "/api/v1/databases/" + database, new byte[0]);
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(CaseLimits.STANDARD.stopWait().toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("the platform did not stop in " + CaseLimits.STANDARD.stopWait());
      }
      if (process.exitValue() != 0) {
        throw new IOException("the platform ended with " + process.exitValue() + "; see " + log);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
