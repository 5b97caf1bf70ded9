package dev.dormouse.runtimenode.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.auth.AuthLimits;
import dev.dormouse.auth.Claims;
import dev.dormouse.auth.IssuerKeys;
import dev.dormouse.auth.SigningKeys;
import dev.dormouse.auth.TokenIssuer;
import dev.dormouse.auth.TokenVerifier;
import dev.dormouse.sats.EngineException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EdgeTest {
  private static final int BODY_MAX = 100;
  private static final Vertx VERTX = Vertx.vertx();
  private static final HttpLimits LIMITS = limits(HttpLimits.standard());
  private static final Workers WORKERS = new Workers(LIMITS);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir private static Path keyFolder;

  private static int port;
  private static Optional<TokenIssuer> issuer = Optional.empty();

  /** Short bodies, one worker, one piece of work that waits. */
  private static HttpLimits limits(HttpLimits of) {
    return new HttpLimits(
        of.connections(),
        of.requestLineBytes(),
        of.headBytes(),
        of.headTime(),
        of.idleTime(),
        BODY_MAX,
        of.bodyTime(),
        of.answerTime(),
        of.bytesPerSecond(),
        of.bodiesBytes(),
        of.lingerTime(),
        of.inlineBytes(),
        1,
        1,
        of.resultCharactersMax(),
        Duration.ofSeconds(7),
        of.drainTime());
  }

  /** The routes under test: one of each way to answer. */
  private static void routes(RouteTable routes) {
    routes
        .open(HttpMethod.GET, "/v1/ping", exchange -> answer(Answer.empty(200)))
        .open(HttpMethod.GET, "/v1/json", exchange -> answer(Answer.json(200, "{\"é\":1}")))
        .open(
            HttpMethod.GET,
            "/v1/thing/:name",
            exchange -> answer(Answer.text(200, exchange.pathParameter("name"))))
        .open(
            HttpMethod.GET,
            "/v1/flag",
            exchange -> answer(Answer.text(200, exchange.queryFlag("on").toString())))
        .open(
            HttpMethod.POST,
            "/v1/body",
            exchange -> exchange.body().map(body -> Answer.of(200, "x/y", body)))
        .open(
            HttpMethod.POST,
            "/v1/large",
            exchange ->
                exchange
                    .body(Long.MAX_VALUE)
                    .map(body -> Answer.text(200, Integer.toString(body.length()))))
        .open(
            HttpMethod.POST,
            "/v1/refused",
            exchange -> exchange.drained().map(ignored -> Answer.text(404, "`x` not found")))
        .open(
            HttpMethod.GET,
            "/v1/work",
            exchange -> exchange.work(() -> Answer.text(200, Thread.currentThread().getName())))
        .open(
            HttpMethod.GET,
            "/v1/stream",
            exchange ->
                answer(
                    new Answer.Streamed(
                        200,
                        List.of(),
                        response -> {
                          response.setChunked(true);
                          response.write("a").onSuccess(ignored -> response.end("b"));
                        })))
        .checked(HttpMethod.GET, "/v1/checked", exchange -> answer(Answer.empty(200)))
        .authenticated(
            HttpMethod.GET,
            "/v1/authenticated",
            (exchange, caller) -> answer(Answer.text(200, caller.identity().toHex())))
        .database(
            HttpMethod.GET,
            "/v1/database/:db",
            (exchange, caller) -> {
              if (exchange.pathParameter("db").equals("absent")) {
                throw Refusal.text(404, "`absent` not found");
              }
              return answer(Answer.text(200, caller.identity().toHex()));
            })
        .anyMethod(
            "/v1/any/*",
            exchange -> answer(Answer.text(200, exchange.raw().request().method().name())))
        .open(
            HttpMethod.GET,
            "/v1/refuses/:code",
            exchange -> {
              throw new EngineException(
                  EngineException.Code.valueOf(exchange.pathParameter("code")), "because");
            })
        .open(
            HttpMethod.GET,
            "/v1/bug",
            exchange -> {
              throw new IllegalStateException("outer", new IllegalArgumentException("inner"));
            });
  }

  private static Future<Answer> answer(Answer answer) {
    return Future.succeededFuture(answer);
  }

  @BeforeAll
  static void listen() {
    SigningKeys keys = SigningKeys.inFolder(keyFolder);
    var tokens =
        new TokenIssuer(
            keys, "localhost", AuthLimits.standard(), InstantSource.system(), UUID::randomUUID);
    var verifier =
        new TokenVerifier(
            keys,
            "localhost",
            IssuerKeys.none(),
            AuthLimits.standard(),
            InstantSource.system(),
            System::nanoTime);
    issuer = Optional.of(tokens);
    Router router = Router.router(VERTX);
    new Edge(
            LIMITS,
            WORKERS,
            new Callers(verifier, tokens, WORKERS, WORKERS),
            new OpenRequests(LIMITS))
        .mount(router, List.of(EdgeTest::routes));
    port =
        VERTX
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join()
            .actualPort();
  }

  @AfterAll
  static void stop() {
    WORKERS.close();
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void everythingUnderV1AllowsAnyOrigin() {
    for (String path : List.of("/v1/ping", "/v1/unknown", "/v1/bug")) {
      assertEquals("*", header(get(path), "access-control-allow-origin"), path);
    }
    assertFalse(get("/other").headers().firstValue("access-control-allow-origin").isPresent());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/ping", "/v1/unknown", "/v1/thing/x"})
  void preflightsAreAnswered200(String path) {
    var answer = send("OPTIONS", path, "");
    assertEquals(200, answer.statusCode());
    assertEquals("*", header(answer, "access-control-allow-methods"));
    assertEquals(
        "authorization,accept,content-type,spacetime-environment,spacetime-environment-remove",
        header(answer, "access-control-allow-headers"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/v1", "/v1/", "/v1/unknown", "/v1/ping/", "/v1/thing/", "/other"})
  void unknownPathsAre404WithoutBody(String path) {
    var answer = get(path);
    assertEquals(404, answer.statusCode());
    assertEquals("", answer.body());
  }

  @Test
  void aKnownPathRefusesOtherMethodsWith405() {
    var answer = send("POST", "/v1/ping", "");
    assertEquals(405, answer.statusCode());
    assertEquals("GET", header(answer, "allow"));
  }

  @Test
  void jsonHasNoCharsetAndTextHas() {
    assertEquals("application/json", header(get("/v1/json"), "content-type"));
    assertEquals("{\"é\":1}", get("/v1/json").body());
    assertEquals("text/plain; charset=utf-8", header(get("/v1/thing/x"), "content-type"));
  }

  @Test
  void headIsGetWithoutBody() {
    var answer = send("HEAD", "/v1/json", "");
    assertEquals(200, answer.statusCode());
    assertEquals("", answer.body());
  }

  @Test
  void pathParametersAreDecoded() {
    assertEquals("a b", get("/v1/thing/a%20b").body());
  }

  @Test
  void flagsAreTrueFalseOrAbsent() {
    assertEquals("Optional[true]", get("/v1/flag?on=true&unknown=1").body());
    assertEquals("Optional.empty", get("/v1/flag").body());
    assertEquals(400, get("/v1/flag?on=yes").statusCode());
  }

  @Test
  void aBodyAtTheLimitPassesAndOneByteMoreIs413() {
    String atLimit = "x".repeat(BODY_MAX);
    assertEquals(atLimit, send("POST", "/v1/body", atLimit).body());
    assertEquals(413, send("POST", "/v1/body", atLimit + "x").statusCode());
  }

  @Test
  void aBodyOfUndeclaredLengthIsCountedAsItComes() {
    var chunks = BodyPublishers.ofByteArrays(java.util.Collections.nCopies(50, new byte[10]));
    var request = HttpRequest.newBuilder(uri("/v1/body")).POST(chunks).build();
    assertEquals(413, send(request).statusCode());
  }

  @Test
  void aRouteMayHaveALargerLimit() {
    assertEquals("5000000", send("POST", "/v1/large", "x".repeat(5_000_000)).body());
  }

  @Test
  void aRefusalAfterDrainingLeavesTheConnectionUsable() {
    for (int i = 0; i < 3; i++) {
      assertEquals(404, send("POST", "/v1/refused", "x".repeat(1_000_000)).statusCode());
    }
    assertEquals(200, get("/v1/ping").statusCode());
  }

  @Test
  void blockingWorkRunsOnAWorker() {
    assertTrue(get("/v1/work").body().startsWith("worker-"));
  }

  @Test
  void bodiesMayBeStreamed() {
    assertEquals("ab", get("/v1/stream").body());
  }

  @Test
  void aBugIs500WithTheChainOfMessages() {
    var answer = get("/v1/bug");
    assertEquals(500, answer.statusCode());
    assertEquals("outer: inner", answer.body());
  }

  @Test
  void moreBlockingWorkThanMayWaitIsRefusedWith503() throws InterruptedException {
    var running = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    try (var workers = new Workers(LIMITS)) {
      var first =
          workers.run(
              () -> {
                running.countDown();
                release.await();
                return 1;
              });
      running.await();
      var waiting = workers.run(() -> 2);
      var refused = workers.run(() -> 3);
      var refusals = new CopyOnWriteArrayList<Answer>();
      refused.onFailure(cause -> refusals.add(((Refusal) cause).answer()));
      release.countDown();
      assertEquals(1, first.toCompletionStage().toCompletableFuture().join());
      assertEquals(2, waiting.toCompletionStage().toCompletableFuture().join());
      var answer = (Answer.Whole) refusals.getFirst();
      assertEquals(503, answer.status());
      assertTrue(answer.headers().contains(java.util.Map.entry("retry-after", "7")));
    }
  }

  @Test
  void aRouteForEveryMethodAnswersEveryMethodButPreflights() {
    for (String method : List.of("GET", "PUT", "DELETE", "PROPFIND")) {
      assertEquals(method, send(method, "/v1/any/x", "").body());
    }
    assertEquals("", send("OPTIONS", "/v1/any/x", "").body());
  }

  @ParameterizedTest
  @CsvSource({"CALLER,400", "TENANT,400", "RETRY,503", "OPERATOR,503"})
  void refusalsOfTheEngineHaveTheStatusOfWhoMustAct(String code, int status) {
    var answer = get("/v1/refuses/" + code);
    assertEquals(status, answer.statusCode());
    assertEquals("because", answer.body());
  }

  @Test
  void aNewcomerOnADatabaseRouteGetsAnIdentityAndATokenForIt() {
    for (String path : List.of("/v1/database/x", "/v1/database/absent")) {
      var first = get(path);
      String identity = header(first, "spacetime-identity");
      String token = header(first, "spacetime-identity-token");
      assertTrue(identity.startsWith("c200"), identity);
      var again = get("/v1/database/x", token);
      assertEquals(identity, again.body());
      assertEquals(identity, header(again, "spacetime-identity"));
      assertEquals(token, header(again, "spacetime-identity-token"));
      assertNotEquals(identity, header(get(path), "spacetime-identity"));
    }
  }

  @Test
  void theHeaderWinsOverTheQueryParameter() {
    Claims one = issuer.orElseThrow().anonymous();
    Claims two = issuer.orElseThrow().anonymous();
    String first = issuer.orElseThrow().sign(one);
    String second = issuer.orElseThrow().sign(two);
    assertEquals(two.identity().toHex(), get("/v1/authenticated?token=" + second).body());
    assertEquals(one.identity().toHex(), get("/v1/authenticated?token=" + second, first).body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/checked", "/v1/authenticated", "/v1/database/x"})
  void badCredentialsAreRefusedWhereverCredentialsAreLookedAt(String path) {
    assertEquals(401, get(path, "garbage").statusCode());
    var request = HttpRequest.newBuilder(uri(path)).header("authorization", "Basic x").build();
    assertEquals(400, send(request).statusCode());
  }

  @Test
  void whoMustPresentCredentialsAndWhoNeedNot() {
    assertEquals(401, get("/v1/authenticated").statusCode());
    assertEquals("Authorization required", get("/v1/authenticated").body());
    assertEquals(200, get("/v1/checked").statusCode());
    assertEquals(200, get("/v1/ping", "garbage").statusCode());
  }

  private static HttpResponse<String> get(String path) {
    return send("GET", path, "");
  }

  private static HttpResponse<String> get(String path, String token) {
    return send(
        HttpRequest.newBuilder(uri(path)).header("authorization", "Bearer " + token).build());
  }

  private static HttpResponse<String> send(String method, String path, String body) {
    var publisher = body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
    return send(HttpRequest.newBuilder(uri(path)).method(method, publisher).build());
  }

  private static HttpResponse<String> send(HttpRequest request) {
    try {
      return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("(absent)");
  }
}
