package dev.dormouse.runtimenode.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.auth.AuthLimits;
import dev.dormouse.auth.IssuerKeys;
import dev.dormouse.auth.SigningKeys;
import dev.dormouse.auth.TokenIssuer;
import dev.dormouse.auth.TokenVerifier;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that are slow, unclear or too many, on short limits. */
final class PatienceTest {
  private static final int BODY_MAX = 100_000;
  private static final long BODIES_MAX = 450_000;
  private static final Duration SOON = Duration.ofMillis(200);
  private static final Vertx VERTX = Vertx.vertx();
  private static final HttpLimits LIMITS = limits(HttpLimits.standard(), SOON);
  private static final OpenRequests REQUESTS = new OpenRequests(LIMITS);
  private static final Workers WORKERS = new Workers(LIMITS);
  private static final Promise<Answer> HELD = Promise.promise();
  private static final CountDownLatch HOLDING = new CountDownLatch(1);

  @TempDir private static Path keys;
  private static int port;

  private static HttpLimits limits(HttpLimits of, Duration soon) {
    return new HttpLimits(
        2,
        of.requestLineBytes(),
        of.headBytes(),
        soon,
        soon,
        BODY_MAX,
        soon,
        soon,
        of.bytesPerSecond(),
        BODIES_MAX,
        soon,
        of.inlineBytes(),
        1,
        1,
        of.resultCharactersMax(),
        of.retryAfter(),
        soon);
  }

  private static Edge edge(OpenRequests requests) {
    SigningKeys signing = SigningKeys.inFolder(keys);
    InstantSource clock = InstantSource.system();
    AuthLimits auth = AuthLimits.standard();
    var callers =
        new Callers(
            new TokenVerifier(signing, "test", IssuerKeys.none(), auth, clock, System::nanoTime),
            new TokenIssuer(signing, "test", auth, clock, UUID::randomUUID),
            WORKERS,
            WORKERS);
    return new Edge(LIMITS, WORKERS, callers, requests);
  }

  private static void routes(RouteTable routes) {
    routes
        .open(
            HttpMethod.POST,
            "/v1/length",
            exchange ->
                exchange.body().map(body -> Answer.text(200, Integer.toString(body.length()))))
        .open(
            HttpMethod.POST,
            "/v1/hold",
            exchange ->
                exchange
                    .body()
                    .compose(
                        body -> {
                          HOLDING.countDown();
                          return HELD.future();
                        }))
        .open(HttpMethod.GET, "/v1/ping", exchange -> Future.succeededFuture(Answer.empty(200)));
  }

  private static int listen(OpenRequests requests) {
    Router router = Router.router(VERTX);
    edge(requests).mount(router, List.of(PatienceTest::routes));
    return VERTX
        .createHttpServer()
        .requestHandler(router)
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .join()
        .actualPort();
  }

  @BeforeAll
  static void listen() {
    port = listen(REQUESTS);
  }

  @AfterAll
  static void stop() {
    WORKERS.close();
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  /** All that comes back until the other side ends the connection. */
  private static String conversation(int at, String sent) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), at)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
      StringBuilder heard = new StringBuilder();
      try {
        for (int b = socket.getInputStream().read(); b >= 0; b = socket.getInputStream().read()) {
          heard.append((char) b);
        }
      } catch (SocketException reset) {
        heard.append("(reset)");
      }
      return heard.toString();
    }
  }

  private static int answers(String heard) {
    return heard.split("HTTP/1.1 ", -1).length - 1;
  }

  @Test
  void aBodyThatDoesNotComeIsGivenUp() throws IOException {
    String heard =
        conversation(port, "POST /v1/length HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
    assertTrue(heard.startsWith("HTTP/1.1 408 "), heard);
    assertTrue(heard.contains("3 bytes of the body came"), heard);
    assertTrue(heard.contains("connection: close"), heard);
  }

  @Test
  void aConnectionThatAsksNothingMoreIsClosed() throws IOException {
    String heard = conversation(port, "GET /v1/ping HTTP/1.1\r\nHost: x\r\n\r\n");
    assertTrue(heard.startsWith("HTTP/1.1 200 "), heard);
    assertFalse(heard.contains("connection: close"), heard);
  }

  @Test
  void aBodyInChunksIsTheLastOfItsConnection() throws IOException {
    String heard =
        conversation(
            port,
            "POST /v1/length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\nGET /v1/ping HTTP/1.1\r\nHost: x\r\n\r\n");
    assertTrue(heard.startsWith("HTTP/1.1 200 "), heard);
    assertTrue(heard.contains("connection: close"), heard);
    assertEquals(1, answers(heard), heard);
  }

  @ParameterizedTest
  @ValueSource(strings = {"xchunked", "chunked, identity", "identity", "gzip, chunked"})
  void anotherTransferEncodingIsRefused(String encoding) throws IOException {
    String heard =
        conversation(
            port,
            "POST /v1/length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: %s\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET /v1/ping HTTP/1.1\r\n\r\n"
                .formatted(encoding));
    assertTrue(heard.startsWith("HTTP/1.1 400 "), heard);
    assertEquals(1, answers(heard), heard);
  }

  @Test
  void aBrokenChunkIsTheClientsFault() throws IOException {
    String heard =
        conversation(
            port,
            "POST /v1/length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab");
    // Vert.x may have closed the connection before the answer could be written.
    assertTrue(heard.isEmpty() || heard.startsWith("HTTP/1.1 400 "), heard);
  }

  @Test
  void bodiesThatTheNodeHasNoRoomForAreRefusedAndRoomComesBack() throws Exception {
    OpenRequests requests = new OpenRequests(LIMITS);
    int at = listen(requests);
    String body = "x".repeat(BODY_MAX);
    String head = " HTTP/1.1\r\nHost: x\r\nContent-Length: " + BODY_MAX + "\r\n\r\n" + body;
    try (Socket holder = new Socket(InetAddress.getLoopbackAddress(), at)) {
      holder.getOutputStream().write(("POST /v1/hold" + head).getBytes(StandardCharsets.US_ASCII));
      HOLDING.await();
      assertEquals(OpenRequests.BODY_COPIES * BODY_MAX, requests.bytes());
      String heard = conversation(at, "POST /v1/length" + head);
      assertTrue(heard.startsWith("HTTP/1.1 503 "), heard);
      assertTrue(heard.contains("retry-after: 1") && heard.contains("450000 bytes"), heard);
      assertFalse(requests.drain(Duration.ofMillis(1)), "one request is held");
      String late = conversation(at, "GET /v1/ping HTTP/1.1\r\nHost: x\r\n\r\n");
      assertTrue(late.startsWith("HTTP/1.1 503 ") && late.contains("stopping"), late);
      HELD.complete(Answer.empty(200));
      assertTrue(requests.drain(Duration.ofSeconds(10)));
      assertEquals(0, requests.bytes());
    }
  }

  @Test
  void aPortHasRoomForSoManyConnections() {
    AtomicInteger open = new AtomicInteger();
    EmbeddedChannel first = guarded(open);
    EmbeddedChannel second = guarded(open);
    assertFalse(guarded(open).isActive(), "the third");
    assertEquals(2, open.get());
    first.close().syncUninterruptibly();
    assertEquals(1, open.get());
    assertTrue(guarded(open).isActive());
    assertTrue(second.isActive());
  }

  private static EmbeddedChannel guarded(AtomicInteger open) {
    HttpLimits patient = limits(HttpLimits.standard(), Duration.ofMinutes(1));
    return new EmbeddedChannel(new ConnectionGuard(patient, open));
  }

  @Test
  void aConnectionThatSaysNothingIsClosed() {
    HttpLimits impatient = limits(HttpLimits.standard(), Duration.ofNanos(1));
    EmbeddedChannel silent =
        new EmbeddedChannel(new ConnectionGuard(impatient, new AtomicInteger()));
    silent.runScheduledPendingTasks();
    silent.runPendingTasks();
    assertFalse(silent.isActive());
  }
}
