package dev.dormouse.runtimenode.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;

/**
 * Puts a {@link RouteTable} on a router and turns endpoints' answers into responses: CORS on
 * everything under {@code /v1}, 404 without a body, 405, refusals, failures.
 */
public final class Edge {
  /** Before everything Quarkus adds on its own, its body limit included. */
  private static final int ORDER = -10_000;

  /** Before our own routes. */
  private static final int FIRST = ORDER - 1;

  private static final Answer STOPPING =
      Answer.text(503, "the node is stopping").with("connection", "close").with("retry-after", "1");

  /** Small enough to be always sent. */
  private static final Answer NO_ROOM =
      Answer.text(503, "too many answers are waiting for their readers; try again")
          .with("retry-after", "1");

  /** Key of what a context knows once its request is counted. */
  private static final String ADMITTED = Edge.class.getName();

  /** After everything else. */
  private static final int LAST = Integer.MAX_VALUE - 1;

  /** Source: spec http-api §1, amended by since-2.8 §7.1. */
  private static final String CORS_HEADERS =
      "authorization,accept,content-type,spacetime-environment,spacetime-environment-remove";

  private final HttpLimits limits;
  private final Workers workers;
  private final Callers callers;
  private final OpenRequests requests;

  /** Serves with the given limits, blocking work going to the given workers. */
  public Edge(HttpLimits limits, Workers workers, Callers callers, OpenRequests requests) {
    this.limits = limits;
    this.workers = workers;
    this.callers = callers;
    this.requests = requests;
  }

  /** Mounts all groups below {@code /v1} and the 404 of every path nobody knows. */
  public void mount(Router router, Iterable<RouteGroup> groups) {
    var table = new RouteTable(callers);
    groups.forEach(group -> group.mount(table));
    admit(router, limits);
    router.route().order(FIRST).failureHandler(this::failed);
    router.route("/v1/*").order(ORDER).handler(Edge::cors);
    table
        .paths()
        .forEach(
            (path, methods) -> router.route(path).order(ORDER).handler(dispatch(path, methods)));
    router.route("/v1/*").order(ORDER).handler(this::notFound);
    router.route().order(LAST).handler(this::notFound);
  }

  /**
   * Before any route of a router: a connection that asks has shown that it is in use, and what is
   * not clearly one request is none.
   */
  public static void admit(Router router, HttpLimits limits) {
    router.route().order(FIRST).handler(context -> admit(context, limits));
  }

  private static void admit(RoutingContext context, HttpLimits limits) {
    HttpServerRequest request = context.request();
    ConnectionGuard guard = ConnectionGuard.of(request.connection(), limits);
    if (!guard.requestBegan()) {
      request.connection().close();
      return;
    }
    context.put(ADMITTED, true);
    context.addEndHandler(ignored -> guard.requestEnded());
    List<String> encodings = request.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
    if (encodings.isEmpty()) {
      context.next();
      return;
    }
    // Netty has dropped a length beside chunks, so it may have been there: somebody before us may
    // see another end of this request, and take what follows for the next.
    guard.noMore();
    if (encodings.size() == 1 && encodings.getFirst().equalsIgnoreCase("chunked")) {
      context.next();
    } else {
      request
          .response()
          .setStatusCode(400)
          .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
          .putHeader(HttpHeaders.CONTENT_TYPE, Answer.TEXT)
          .end(
              "transfer-encoding must be `chunked` and nothing else, got `%s`"
                  .formatted(String.join(", ", encodings)));
    }
  }

  /** What failed before, or outside of, our routes. */
  private void failed(RoutingContext context) {
    HttpConnection connection = context.request().connection();
    if (context.get(ADMITTED) == null && !ConnectionGuard.of(connection, limits).takesMore()) {
      connection.close();
      return;
    }
    Throwable failure = context.failure();
    int status = context.statusCode();
    if (status >= 400 && status < 500) {
      write(context, Answer.text(status, "the request is malformed").with("connection", "close"));
    } else if (failure == null) {
      write(context, Answer.empty(status < 0 ? 500 : status));
    } else {
      write(
          context,
          Failures.answer(failure, context.request().method() + " " + context.request().path()));
    }
  }

  private static void cors(RoutingContext context) {
    HttpServerResponse response = context.response();
    response.putHeader("access-control-allow-origin", "*");
    response.putHeader(
        "vary", "origin, access-control-request-method, access-control-request-headers");
    if (HttpMethod.OPTIONS.equals(context.request().method())) {
      response.putHeader("access-control-allow-methods", "*");
      response.putHeader("access-control-allow-headers", CORS_HEADERS);
      response.setStatusCode(200).end();
    } else {
      context.next();
    }
  }

  private Handler<RoutingContext> dispatch(String path, RouteTable.MethodTable methods) {
    boolean openEnded = path.endsWith("/") || path.endsWith("*");
    return context -> {
      if (!openEnded && context.normalizedPath().endsWith("/")) {
        context.next(); // Vert.x takes "/v1/ping/" for "/v1/ping"; the protocol does not.
        return;
      }
      HttpMethod method = context.request().method();
      methods
          .find(method)
          .ifPresentOrElse(
              endpoint -> serve(context, endpoint),
              () -> write(context, Answer.empty(405).with("allow", methods.allowed())));
    };
  }

  private void serve(RoutingContext context, Endpoint endpoint) {
    context.request().pause();
    if (!requests.begin()) {
      write(context, STOPPING);
      return;
    }
    var exchange = new Exchange(context, limits, workers, requests);
    Future<Answer> answer;
    try {
      answer = endpoint.handle(exchange);
    } catch (RuntimeException failure) {
      answer = Future.failedFuture(failure);
    }
    answer.onComplete(
        done ->
            write(context, done.succeeded() ? done.result() : exchange.answerTo(done.cause()))
                .onComplete(
                    ignored -> {
                      exchange.end();
                      requests.end();
                    }));
  }

  private void notFound(RoutingContext context) {
    write(context, Answer.empty(404));
  }

  /** Completes when nothing is left to be done for the request. */
  private Future<Void> write(RoutingContext context, Answer answer) {
    HttpServerResponse response = context.response();
    if (response.ended() || response.closed()) {
      return Future.succeededFuture();
    }
    switch (answer) {
      case Answer.Whole whole -> {
        return write(context, whole);
      }
      case Answer.Streamed(var status, var headers, var writer) -> {
        head(context, status, headers);
        writer.handle(response);
        throwAway(context.request());
        return Future.succeededFuture();
      }
      case Answer.TakenOver() -> {
        ConnectionGuard.of(context.request().connection(), limits).handedOver();
        return Future.succeededFuture();
      }
    }
  }

  private Future<Void> write(RoutingContext context, Answer.Whole answer) {
    HttpServerRequest request = context.request();
    HttpServerResponse response = context.response();
    int bytes = answer.body().length();
    boolean isLong = bytes > limits.inlineBytes();
    if (isLong && !requests.reserve(bytes)) {
      return write(context, NO_ROOM);
    }
    head(context, answer.status(), answer.headers());
    boolean isLast = isLast(request, response);
    Future<Void> written = response.end(answer.body());
    if (!written.isComplete()) {
      long most = limits.answerTime().plus(limits.timeFor(bytes)).toMillis();
      long timer = context.vertx().setTimer(most, late -> response.reset());
      written.onComplete(ignored -> context.vertx().cancelTimer(timer));
    }
    if (isLast && request.isEnded()) {
      written.onSuccess(ignored -> request.connection().close());
    }
    throwAway(request);
    return isLong ? written.onComplete(ignored -> requests.release(bytes)) : written;
  }

  /** Whether the connection ends with this answer; says so to both sides if it does. */
  private boolean isLast(HttpServerRequest request, HttpServerResponse response) {
    if (request.version() == HttpVersion.HTTP_2) {
      return false; // Its connection is not one request's to close.
    }
    ConnectionGuard guard = ConnectionGuard.of(request.connection(), limits);
    if (response.headers().contains(HttpHeaders.CONNECTION, HttpHeaders.CLOSE, true)) {
      guard.noMore();
    } else if (!guard.takesMore()) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    return !guard.takesMore();
  }

  /** What nobody wanted to read is read and thrown away. */
  private static void throwAway(HttpServerRequest request) {
    if (!request.isEnded()) {
      request.resume();
    }
  }

  private static void head(
      RoutingContext context, int status, List<Map.Entry<String, String>> headers) {
    HttpServerResponse response = context.response();
    response.setStatusCode(status);
    // A connection of HTTP/2 is not one request's to close; a client takes the header for an error.
    boolean perRequest = context.request().version() != HttpVersion.HTTP_2;
    for (Map.Entry<String, String> header : headers) {
      if (perRequest || !header.getKey().equals("connection")) {
        response.headers().add(header.getKey(), header.getValue());
      }
    }
  }
}
