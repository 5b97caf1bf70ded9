package dev.dormouse.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a training start does: publish, call, query, connect, sleep and wake, so that the JVM loads
 * and links what users' first requests need, and the AOT cache has it. Spoken over a bare socket,
 * to keep an HTTP client out of the cache. Anything that fails, fails the build.
 */
final class Training {
  private static final int ROUNDS = 10;

  /** Databases that are woken, each by a program of its own, and how often each. */
  private static final int SLEEPERS = 16;

  private static final int WAKES = 8;
  private static final Duration SLEEP_MAX = Duration.ofSeconds(30);
  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");
  private static final String DATABASE = "/v1/database/training";

  private final int port;
  private final Path module;
  private String token = "";

  /**
   * Training against a node on this machine.
   *
   * @param module the chat example: it has the reducers and tables that are used
   */
  Training(int port, Path module) {
    this.port = port;
    this.module = module;
  }

  void run() throws IOException {
    Matcher created = TOKEN.matcher(request(200, "POST", "/v1/identity", "", new byte[0]));
    if (!created.find()) {
      throw new IOException("POST /v1/identity gave no token");
    }
    token = created.group(1);
    request(200, "PUT", DATABASE, "", Files.readAllBytes(module));
    for (int round = 0; round < ROUNDS; round++) {
      use();
    }
    for (String protocol : List.of("v2.bsatn.spacetimedb", "v3.bsatn.spacetimedb")) {
      connect(protocol);
    }
    waitForSleep("training");
    use();
    wake();
  }

  /**
   * First queries and calls of databases that are not in memory. With the node's loaded programs
   * bounded to one, each wake loads one anew.
   */
  private void wake() throws IOException {
    byte[] program = Files.readAllBytes(module);
    for (int i = 0; i < SLEEPERS; i++) {
      request(200, "PUT", sleeper(i), "", marked(program, i));
      call(sleeper(i), "send_message", "[\"hello\"]", 200);
    }
    for (int round = 0; round < WAKES; round++) {
      for (int i = 0; i < SLEEPERS; i++) {
        waitForSleep("training-" + i);
      }
      for (int i = 0; i < SLEEPERS; i++) {
        if (i % 2 == 0) {
          sql(sleeper(i), "SELECT text FROM message");
        } else {
          call(sleeper(i), "set_name", "[\"Ann\"]", 200);
        }
      }
    }
  }

  private static String sleeper(int index) {
    return "/v1/database/training-" + index;
  }

  /** Another program that does the same: with a custom section. Source: wasm core spec §5.5.3. */
  private static byte[] marked(byte[] program, int mark) {
    byte[] section = {0, 3, 1, 'm', (byte) mark};
    byte[] marked = Arrays.copyOf(program, program.length + section.length);
    System.arraycopy(section, 0, marked, program.length, section.length);
    return marked;
  }

  private void use() throws IOException {
    get(200, "/v1/ping");
    get(404, "/v1/no-such-route");
    get(200, DATABASE);
    get(200, DATABASE + "/names");
    get(200, DATABASE + "/schema?version=9");
    get(200, DATABASE + "/schema?version=10");
    call(DATABASE, "set_name", "[\"Ann\"]", 200);
    call(DATABASE, "send_message", "[\"hello\"]", 200);
    call(DATABASE, "send_message", "[\"\"]", 530);
    sql(DATABASE, "SELECT text FROM message");
    sql(DATABASE, "SELECT * FROM user");
    get(200, DATABASE + "/logs?num_lines=5");
  }

  private void call(String database, String reducer, String arguments, int status)
      throws IOException {
    request(
        status,
        "POST",
        database + "/call/" + reducer,
        "content-type: application/json\r\n",
        arguments.getBytes(StandardCharsets.UTF_8));
  }

  private void sql(String database, String query) throws IOException {
    request(200, "POST", database + "/sql", "", query.getBytes(StandardCharsets.UTF_8));
  }

  private void get(int status, String path) throws IOException {
    request(status, "GET", path, "", new byte[0]);
  }

  private void waitForSleep(String database) throws IOException {
    long deadline = System.nanoTime() + SLEEP_MAX.toNanos();
    while (System.nanoTime() < deadline) {
      String state = request(200, "GET", "/api/v1/databases/" + database, "", new byte[0]);
      if (state.contains("\"state\":\"ASLEEP\"")) {
        return;
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
    throw new IOException(database + " did not go to sleep within " + SLEEP_MAX);
  }

  private String request(int status, String method, String path, String headers, byte[] body)
      throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      OutputStream out = socket.getOutputStream();
      out.write(
          head(
              method,
              path,
              headers + "content-length: " + body.length + "\r\nconnection: close\r\n"));
      out.write(body);
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      if (!answer.startsWith("HTTP/1.1 " + status + " ")) {
        throw new IOException(method + " " + path + " was answered: " + answer);
      }
      return answer;
    }
  }

  /** Opens a WebSocket, waits for the first message and closes. Source: RFC 6455. */
  private void connect(String protocol) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) SLEEP_MAX.toMillis());
      OutputStream out = socket.getOutputStream();
      out.write(
          head(
              "GET",
              DATABASE + "/subscribe?compression=None",
              "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n"
                  + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                  + "sec-websocket-protocol: "
                  + protocol
                  + "\r\n"));
      InputStream in = socket.getInputStream();
      String answer = untilBlankLine(in);
      if (!answer.startsWith("HTTP/1.1 101 ") || in.read() < 0) {
        throw new IOException("a WebSocket of " + protocol + " was answered: " + answer);
      }
      out.write(new byte[] {(byte) 0x88, (byte) 0x80, 0, 0, 0, 0}); // close, masked, no reason
      in.readAllBytes();
    }
  }

  private static String untilBlankLine(InputStream in) throws IOException {
    var read = new ByteArrayOutputStream();
    String text = "";
    while (!text.endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return text;
      }
      read.write(next);
      text = read.toString(StandardCharsets.ISO_8859_1);
    }
    return text;
  }

  private byte[] head(String method, String path, String headers) {
    String authorization = token.isEmpty() ? "" : "authorization: Bearer " + token + "\r\n";
    return "%s %s HTTP/1.1\r\nhost: localhost\r\n%s%s\r\n"
        .formatted(method, path, authorization, headers)
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}
