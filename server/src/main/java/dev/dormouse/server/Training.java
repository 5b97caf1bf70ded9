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
    waitForSleep();
    use();
  }

  private void use() throws IOException {
    get(200, "/v1/ping");
    get(404, "/v1/no-such-route");
    get(200, DATABASE);
    get(200, DATABASE + "/names");
    get(200, DATABASE + "/schema?version=9");
    get(200, DATABASE + "/schema?version=10");
    call("set_name", "[\"Ann\"]", 200);
    call("send_message", "[\"hello\"]", 200);
    call("send_message", "[\"\"]", 530);
    sql("SELECT text FROM message");
    sql("SELECT * FROM user");
    get(200, DATABASE + "/logs?num_lines=5");
  }

  private void call(String reducer, String arguments, int status) throws IOException {
    request(
        status,
        "POST",
        DATABASE + "/call/" + reducer,
        "content-type: application/json\r\n",
        arguments.getBytes(StandardCharsets.UTF_8));
  }

  private void sql(String query) throws IOException {
    request(200, "POST", DATABASE + "/sql", "", query.getBytes(StandardCharsets.UTF_8));
  }

  private void get(int status, String path) throws IOException {
    request(status, "GET", path, "", new byte[0]);
  }

  private void waitForSleep() throws IOException {
    long deadline = System.nanoTime() + SLEEP_MAX.toNanos();
    while (System.nanoTime() < deadline) {
      String state = request(200, "GET", "/api/v1/databases/training", "", new byte[0]);
      if (state.contains("\"state\":\"ASLEEP\"")) {
        return;
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
    throw new IOException("the database did not go to sleep within " + SLEEP_MAX);
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
