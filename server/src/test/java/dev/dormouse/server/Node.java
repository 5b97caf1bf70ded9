package dev.dormouse.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A node in a process of its own, as {@code ./dormouse up} starts it. */
final class Node implements AutoCloseable {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final Process process;
  private final Path stderr;
  private final BufferedReader stdout;

  private Node(Process process, Path stderr) {
    this.process = process;
    this.stderr = stderr;
    this.stdout =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts; does not wait. */
  static Node start(Path data, String... options) throws IOException {
    Path server = Path.of("").toAbsolutePath();
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + server.resolve("jvm.options"),
                "-jar",
                server.resolve("target/quarkus-app/quarkus-run.jar").toString(),
                "--data",
                data.toString()));
    command.addAll(List.of(options));
    Path stderr = Files.createTempFile("dormouse-node", ".log");
    return new Node(new ProcessBuilder(command).redirectError(stderr.toFile()).start(), stderr);
  }

  /** Starts on free ports and waits for the ready line. */
  static Ready ready(Path data, String... options) throws IOException {
    var all = new ArrayList<>(List.of("--port", "0", "--management-port", "0"));
    all.addAll(List.of(options));
    Node node = start(data, all.toArray(String[]::new));
    String line = node.stdout.readLine();
    if (line == null || !line.startsWith("ready http://")) {
      String log = node.log();
      node.close();
      throw new IllegalStateException("no ready line but " + line + "; the log: " + log);
    }
    return new Ready(node, URI.create(line.substring("ready ".length())));
  }

  /** A node that answers requests, and where. */
  record Ready(Node node, URI address) implements AutoCloseable {
    HttpResponse<String> request(String method, String path, String... headers)
        throws IOException, InterruptedException {
      var request =
          HttpRequest.newBuilder(address.resolve(path))
              .method(method, HttpRequest.BodyPublishers.noBody());
      if (headers.length > 0) {
        request.headers(headers);
      }
      return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
      node.close();
    }
  }

  long pid() {
    return process.pid();
  }

  /** SIGTERM. */
  void terminate() {
    process.toHandle().destroy(); // Process.destroy would also close its stdout.
  }

  /** SIGKILL; returns when the process is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** The exit status; fails after a minute. */
  int status() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the process did not end within 60 s");
    }
    return process.exitValue();
  }

  /** What stdout holds after what was read of it. */
  List<String> restOfOutput() throws IOException {
    return stdout.lines().toList();
  }

  String log() throws IOException {
    return Files.readString(stderr);
  }

  /** Stops it in good order, so that its PostgreSQL does not outlive the test. */
  @Override
  public void close() {
    terminate();
    try {
      if (process.waitFor(30, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
