package dev.dormouse.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class WebDocumentsTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final List<String> HOSTS = new CopyOnWriteArrayList<>();
  private static final int DOCUMENT_MAX = 1000;

  private static final Duration AMPLE = Duration.ofSeconds(30);

  private static int port;

  private static AuthLimits limits(Duration fetchTime) {
    return new AuthLimits(
        1000,
        Duration.ZERO,
        Duration.ZERO,
        2,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        1,
        2,
        fetchTime,
        DOCUMENT_MAX,
        1);
  }

  @BeforeAll
  static void listen() {
    port =
        VERTX
            .createHttpServer()
            .requestHandler(
                request -> {
                  HOSTS.add(String.valueOf(request.getHeader("host")));
                  HttpServerResponse response = request.response();
                  switch (request.path()) {
                    case "/good" -> response.end("{\"q\":\"" + request.query() + "\"}");
                    case "/moved" ->
                        response.setStatusCode(302).putHeader("location", "/good").end();
                    case "/large" -> response.end("x".repeat(DOCUMENT_MAX + 1));
                    case "/endless" -> {
                      response.setChunked(true);
                      response.write("x");
                    }
                    case "/silent" -> {}
                    default -> response.setStatusCode(404).end();
                  }
                })
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join()
            .actualPort();
  }

  @AfterAll
  static void stop() {
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  /** A name that only this test's resolver knows. */
  private static final WebDocuments.Resolver RESOLVER =
      host -> {
        if (!host.equals("issuer.test")) {
          throw new java.net.UnknownHostException(host);
        }
        return new InetAddress[] {InetAddress.ofLiteral("127.0.0.1")};
      };

  @Test
  void theConnectionGoesToTheAddressThatWasResolvedAndNamesTheHost() throws IOException {
    HOSTS.clear();
    assertEquals("{\"q\":\"a=b\"}", read(AddressFilter.any(), "/good?a=b"));
    assertEquals(List.of("issuer.test:" + port), HOSTS);
  }

  @Test
  void anAddressThatIsNotAllowedIsNotConnectedTo() {
    HOSTS.clear();
    refused(AddressFilter.publicOnly(), "/good", "not allowed");
    assertEquals(List.of(), HOSTS);
  }

  @Test
  void onlyA200OfABoundedSizeWillDo() {
    refused(AddressFilter.any(), "/missing", "404");
    refused(AddressFilter.any(), "/moved", "302");
    refused(AddressFilter.any(), "/large", "larger than 1000 bytes");
  }

  @Test
  void anAnswerThatDoesNotEndIsNotWaitedFor() {
    for (String path : List.of("/endless", "/silent")) {
      var failure =
          assertThrows(
              IOException.class, () -> read(AddressFilter.any(), path, Duration.ofMillis(200)));
      assertTrue(failure.toString().contains("200"), failure.toString());
    }
  }

  @Test
  void anUnknownHostIsRefused() {
    try (var documents = new WebDocuments(VERTX, RESOLVER, AddressFilter.any(), limits(AMPLE))) {
      assertThrows(
          IOException.class, () -> documents.read(URI.create("http://other.test:" + port + "/")));
    }
  }

  private static void refused(AddressFilter filter, String path, String named) {
    var failure = assertThrows(IOException.class, () -> read(filter, path));
    assertTrue(String.valueOf(failure.getMessage()).contains(named), failure.toString());
  }

  private static String read(AddressFilter filter, String path) throws IOException {
    return read(filter, path, AMPLE);
  }

  private static String read(AddressFilter filter, String path, Duration fetchTime)
      throws IOException {
    try (var documents = new WebDocuments(VERTX, RESOLVER, filter, limits(fetchTime))) {
      return documents.read(URI.create("http://issuer.test:" + port + path));
    }
  }
}
