package dev.dormouse.e2e;

import static dev.dormouse.e2e.Bystanders.ATTACKED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * HTTP as no client should speak it. What takes the platform's patience to notice is begun before
 * the first test and looked at in the last.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class HostileHttpIT {
  private static final String SQL =
      "POST /v1/database/" + ATTACKED + "/sql HTTP/1.1\r\nHost: x\r\n";
  private static final int IDLE_CONNECTIONS = 2_000;

  /** Of 64 KiB each. */
  private static final int CHUNKS = 100_000;

  @TempDir private static Path folder;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static Bystanders bystanders;

  /** Connections that leave something unfinished, by what they did. */
  private static final List<RawSocket> unfinished = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    bystanders = new Bystanders(folder.resolve("data"));
    for (String begun :
        List.of(
            "",
            "GE",
            "GET /v1/ping HTTP/1.1\r\nHost: x\r\nX-Slow: ",
            SQL + "Content-Length: 100\r\n\r\nSELECT",
            SQL + "Transfer-Encoding: chunked\r\n\r\n5\r\nSELEC",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "PUT /v1/database/never HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\nabc")) {
      RawSocket socket = RawSocket.open(bystanders.platform);
      unfinished.add(socket);
      socket.write(begun);
    }
  }

  @AfterAll
  static void stop() throws Exception {
    for (RawSocket socket : unfinished) {
      socket.close();
    }
    bystanders.stop();
  }

  @AfterEach
  void nobodyIsHurt() throws Exception {
    bystanders.unhurt();
  }

  private static RawSocket open() throws IOException {
    return RawSocket.open(bystanders.platform);
  }

  // ---- heads ----

  static Stream<Arguments> badHeads() {
    String get = "GET /v1/ping HTTP/1.1\r\nHost: x\r\n";
    return Stream.of(
        Arguments.of("a long URL", "GET /v1/" + "a".repeat(100_000) + " HTTP/1.1\r\n\r\n", 414),
        Arguments.of(
            "a long query", "GET /v1/ping?" + "a=b&".repeat(10_000) + " HTTP/1.1\r\n\r\n", 414),
        Arguments.of("a long header", get + "X: " + "a".repeat(100_000) + "\r\n\r\n", 431),
        Arguments.of(
            "a thousand headers", get + "X: aaaaaaaaaaaaaaaaaaaa\r\n".repeat(1_000) + "\r\n", 431),
        Arguments.of("no HTTP", "\u0016\u0003\u0001 hello\r\n\r\n", 400),
        Arguments.of("a version to come", "GET / HTTP/9.9\r\n\r\n", 400),
        Arguments.of("no path", "GET\r\n\r\n", 400),
        Arguments.of("a header without a colon", get + "nonsense\r\n\r\n", 400),
        Arguments.of("a space before the colon", get + "Content-Length : 3\r\n\r\nabc", 400),
        Arguments.of("a control character in a name", get + "X\u0001Y: z\r\n\r\n", 400),
        Arguments.of("a NUL in a value", get + "X: a\u0000b\r\n\r\n", 400));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badHeads")
  @Order(1)
  void aBadHeadIsRefusedAndItsConnectionEnds(String what, String head, int status)
      throws Exception {
    try (RawSocket socket = open()) {
      RawSocket.Response response = socket.request(head);
      assertTrue(response.status() == status || response.status() == 0, what + ": " + response);
      socket.awaitClosed();
    }
  }

  @Test
  @Order(1)
  void aHeadWithoutEndIsCutOff() throws Exception {
    try (RawSocket socket = open()) {
      boolean open = socket.write("GET /v1/ping HTTP/1.1\r\n");
      for (int i = 0; open && i < 1_000_000; i++) {
        open = socket.write("X-" + i + ": y\r\n");
      }
      int status = socket.response().status();
      assertTrue(status == 431 || status == 0, "status " + status);
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "/v1/database/%",
        "/v1/database/%zz",
        "/v1/database/%c0%af",
        "/v1/database/%00",
        "/v1/database/%ff%fe/sql",
        "/v1/database/attacked%2fsql",
        "/v1/database/..%2f..%2fsecrets",
        "/v1/database/attacked/call/%ff",
        "/v1/database/attacked/logs?num_lines=%",
        "/v1/database/attacked/schema?version=%00",
        "/../../../../etc/passwd",
        "/v1/../../x",
        "*",
        "http://elsewhere/v1/unknown",
      })
  @Order(1)
  void aPathOfGarbageIsRefused(String path) throws Exception {
    try (RawSocket socket = open()) {
      int status = socket.request("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").status();
      assertTrue(status >= 400 && status < 500, path + ": " + status);
    }
  }

  // ---- two requests in one ----

  static Stream<Arguments> smuggled() {
    return Stream.of(
        Arguments.of("length and chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
        Arguments.of("two lengths", "Content-Length: 0\r\nContent-Length: 4\r\n"),
        Arguments.of("a list of lengths", "Content-Length: 0, 4\r\n"),
        Arguments.of("a length with a sign", "Content-Length: +4\r\n"),
        Arguments.of("a negative length", "Content-Length: -1\r\n"),
        Arguments.of("a length in hex", "Content-Length: 0x4\r\n"),
        Arguments.of("a length beyond 64 bits", "Content-Length: 99999999999999999999\r\n"),
        Arguments.of("another encoding", "Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n"),
        Arguments.of("encodings twice", "Transfer-Encoding: chunked, identity\r\n"),
        Arguments.of("a folded header", "Transfer-Encoding:\r\n chunked\r\n"),
        Arguments.of(
            "a tab before the value", "Transfer-Encoding:\tchunked\r\nContent-Length: 4\r\n"),
        Arguments.of(
            "a bare line feed", "X: y\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n"),
        Arguments.of(
            "a vertical tab", "Transfer-Encoding: \u000bchunked\r\nContent-Length: 4\r\n"));
  }

  /** What stands behind an ambiguous head must not be executed as a request of its own. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("smuggled")
  @Order(1)
  void anAmbiguousRequestIsNotTwo(String what, String headers) throws Exception {
    int before = bystanders.count(ATTACKED, "message");
    String inner =
        "POST /v1/database/%s/call/send_message HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n[\"smuggled\"]"
            .formatted(ATTACKED);
    try (RawSocket socket = open()) {
      socket.write(SQL + headers + "\r\n0\r\n\r\n" + inner);
      RawSocket.Response first = socket.response();
      assertTrue(first.status() == 0 || first.status() >= 400, what + ": " + first);
      if (first.status() != 0) {
        socket.awaitClosed();
      }
    }
    assertEquals(before, bystanders.count(ATTACKED, "message"), what);
  }

  // ---- bodies ----

  @Test
  @Order(1)
  void aBodyWithoutEndIsCutOffAtItsLimit() throws Exception {
    byte[] chunk = ("10000\r\n" + "x".repeat(65_536) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    try (RawSocket socket = open()) {
      boolean open = socket.write(SQL + "Transfer-Encoding: chunked\r\n\r\n");
      int sent = 0;
      for (; open && sent < CHUNKS; sent++) {
        open = socket.write(chunk);
      }
      assertTrue(sent < CHUNKS, "6 GiB were taken of a body that may have 2 MiB");
    }
    try (RawSocket socket = open()) {
      RawSocket.Response response =
          socket.request(SQL + "Content-Length: 9999999999\r\n\r\nSELECT");
      assertEquals(413, response.status());
      assertTrue(response.body().contains("2097152"), response.body());
      socket.awaitClosed();
    }
    try (RawSocket socket = open()) {
      RawSocket.Response response =
          socket.request(
              "PUT /v1/database/too-large HTTP/1.1\r\nHost: x\r\nContent-Length: 67108865\r\n\r\n");
      assertEquals(413, response.status());
      assertTrue(response.body().contains("67108864"), response.body());
    }
  }

  static Stream<Arguments> badChunks() {
    return Stream.of(
        Arguments.of("no number", "zz\r\nabc\r\n0\r\n\r\n"),
        Arguments.of("a negative size", "-5\r\nabc\r\n0\r\n\r\n"),
        Arguments.of("a size beyond 32 bits", "ffffffffff\r\nabc"),
        Arguments.of("a size beyond 64 bits", "f".repeat(40) + "\r\nabc"),
        Arguments.of("an extension without end", "5;" + "a".repeat(100_000)),
        Arguments.of(
            "a trailer without end",
            "0\r\n" + "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(10_000)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badChunks")
  @Order(1)
  void aBodyInBadChunksEndsItsConnection(String what, String chunks) throws Exception {
    try (RawSocket socket = open()) {
      socket.write(SQL + "Transfer-Encoding: chunked\r\n\r\n" + chunks);
      RawSocket.Response response = socket.response();
      assertTrue(
          response.status() == 0 || (response.status() >= 400 && response.status() < 500),
          what + ": " + response);
      socket.awaitClosed();
    }
  }

  @Test
  @Order(1)
  void aClientThatLeavesBeforeItsAnswerIsForgotten() throws Exception {
    int before = bystanders.count(ATTACKED, "message");
    String call =
        "POST /v1/database/%s/call/send_message HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n[\"gone\"]"
            .formatted(ATTACKED);
    for (int i = 0; i < 200; i++) {
      RawSocket socket = open();
      socket.write(call);
      socket.reset();
    }
    Platform.await(
        "the connections of who left",
        () -> {
          try {
            // The newcomer who asks is one.
            return bystanders.count(ATTACKED, "st_client") == 3;
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    assertTrue(bystanders.count(ATTACKED, "message") <= before + 200);
  }

  @Test
  @Order(1)
  void aPipelineOfRequestsIsAnsweredInOrder() throws Exception {
    int requests = 2_000;
    String one =
        "GET /v1/database/%s/identity HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n"
            .formatted(ATTACKED, bystanders.owner);
    try (RawSocket socket = open()) {
      Thread writer =
          new Thread(
              () -> {
                try {
                  socket.write(one.repeat(requests));
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      writer.start();
      for (int i = 0; i < requests; i++) {
        assertEquals(200, socket.response().status(), "answer " + i);
      }
      writer.join();
    }
  }

  @Test
  @Order(1)
  void thousandsOfSilentConnectionsKeepNobodyOut() throws Exception {
    List<RawSocket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < IDLE_CONNECTIONS; i++) {
        silent.add(open());
      }
      bystanders.unhurt();
    } finally {
      for (RawSocket socket : silent) {
        socket.reset();
      }
    }
  }

  // ---- patience ----

  @Test
  @Order(2)
  void whatIsNeverFinishedIsDropped() throws Exception {
    for (RawSocket socket : unfinished) {
      socket.awaitClosed();
    }
  }
}
