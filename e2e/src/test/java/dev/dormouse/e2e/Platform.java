package dev.dormouse.e2e;

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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** One process of the platform, on a folder that outlives it. */
final class Platform implements AutoCloseable {
  static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final Path stderr;
  private final URI address;

  private Platform(Process process, Path stderr, URI address) {
    this.process = process;
    this.stderr = stderr;
    this.address = address;
  }

  /** The folder of the project. */
  static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("docs/spec"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new IllegalStateException("run the tests inside the repository");
    }
    return folder;
  }

  /**
   * Starts it as a user does, on free ports, and waits until it is ready. What it runs was built by
   * {@code ./dormouse build} or {@code ./dormouse test}: a build in the midst of another would
   * exchange files under it.
   */
  static Platform start(Path data, String... options) throws IOException {
    return start(data, List.of(), Map.of(), options);
  }

  /**
   * As above, in a surrounding of its own.
   *
   * @param around a command that becomes the one behind it
   * @param settings of the configuration, by name
   */
  static Platform start(
      Path data, List<String> around, Map<String, String> settings, String... options)
      throws IOException {
    Path stderr = Files.createTempFile("dormouse-e2e", ".log");
    Process process = launch(data, stderr, around, settings, options);
    String line =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
            .readLine();
    if (line == null || !line.startsWith("ready ")) {
      process.destroyForcibly();
      throw new IllegalStateException(
          "no ready line but " + line + "; the log: " + Files.readString(stderr));
    }
    return new Platform(process, stderr, URI.create(line.substring("ready ".length())));
  }

  private static Process launch(
      Path data, Path stderr, List<String> around, Map<String, String> settings, String... options)
      throws IOException {
    List<String> command = new ArrayList<>(around);
    command.addAll(
        List.of(
            root().resolve("dormouse").toString(),
            "up",
            "--port",
            "0",
            "--management-port",
            "0",
            "--data",
            data.toString()));
    command.addAll(List.of(options));
    ProcessBuilder start = new ProcessBuilder(command).redirectError(stderr.toFile());
    start.environment().put("DORMOUSE_BUILD", "never");
    settings.forEach(
        (name, value) ->
            start
                .environment()
                .put(name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT), value));
    return start.start();
  }

  /** What a process that does not live long ended with, and what it said. */
  record Ended(int status, String log) {}

  /** Starts and waits for the end. */
  static Ended run(Path data, Map<String, String> settings, String... options)
      throws IOException, InterruptedException {
    Path stderr = Files.createTempFile("dormouse-e2e", ".log");
    Process process = launch(data, stderr, List.of(), settings, options);
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("it goes on: " + Files.readString(stderr));
    }
    return new Ended(process.exitValue(), Files.readString(stderr));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** Waits for an end that somebody else has brought about; the exit status. */
  int awaitEnd() throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("the process did not end");
    }
    return process.exitValue();
  }

  URI address() {
    return address;
  }

  String log() throws IOException {
    return Files.readString(stderr);
  }

  /** A fresh token. */
  String token() throws IOException, InterruptedException {
    String json = send("POST", "/v1/identity", "", new byte[0]).body();
    return json.replaceAll(".*\"token\":\"([^\"]*)\".*", "$1");
  }

  HttpResponse<String> send(String method, String path, String token, byte[] body)
      throws IOException, InterruptedException {
    return HTTP.send(
        request(method, path, token, body),
        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  HttpRequest request(String method, String path, String token, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address.resolve(path))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return request.build();
  }

  /** Publishes a module of the project; the answer must be a success. */
  void publish(String token, String name, String module) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        send("PUT", "/v1/database/" + name, token, Files.readAllBytes(root().resolve(module)));
    if (answer.statusCode() != 200) {
      throw new IllegalStateException("publish: " + answer.statusCode() + " " + answer.body());
    }
  }

  HttpResponse<String> call(String token, String database, String reducer, String arguments)
      throws IOException, InterruptedException {
    return send(
        "POST",
        "/v1/database/" + database + "/call/" + reducer,
        token,
        arguments.getBytes(StandardCharsets.UTF_8));
  }

  String sql(String token, String database, String query) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        send(
            "POST",
            "/v1/database/" + database + "/sql",
            token,
            query.getBytes(StandardCharsets.UTF_8));
    if (answer.statusCode() != 200) {
      throw new IllegalStateException("sql: " + answer.statusCode() + " " + answer.body());
    }
    return answer.body();
  }

  /** What the state route says. */
  String state(String token, String database) throws IOException, InterruptedException {
    return send("GET", "/api/v1/databases/" + database, token, new byte[0]).body();
  }

  /** Waits until a database sleeps. */
  void awaitAsleep(String token, String database) {
    await(
        "sleep of " + database,
        () -> {
          try {
            return state(token, database).contains("\"state\":\"ASLEEP\"");
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** Waits for something, with patience. */
  static void await(String what, BooleanSupplier done) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("waited in vain for " + what);
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  /** SIGKILL; returns when the process is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** SIGTERM; the exit status. */
  int stop() throws InterruptedException {
    process.toHandle().destroy();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("the process did not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    if (!process.isAlive()) {
      return;
    }
    try {
      stop();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
