package dev.dormouse.runtimenode.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
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

  /** After everything else. */
  private static final int LAST = Integer.MAX_VALUE - 1;

  /** Source: spec http-api §1, amended by since-2.8 §7.1. */
  private static final String CORS_HEADERS =
      "authorization,accept,content-type,spacetime-environment,spacetime-environment-remove";

  private final HttpLimits limits;
  private final Workers workers;
  private final Callers callers;

  /** Serves with the given limits, blocking work going to the given workers. */
  public Edge(HttpLimits limits, Workers workers, Callers callers) {
    this.limits = limits;
    this.workers = workers;
    this.callers = callers;
  }

  /** Mounts all groups below {@code /v1} and the 404 of every path nobody knows. */
  public void mount(Router router, Iterable<RouteGroup> groups) {
    var table = new RouteTable(callers);
    groups.forEach(group -> group.mount(table));
    router.route("/v1/*").order(ORDER).handler(Edge::cors);
    table
        .paths()
        .forEach(
            (path, methods) -> router.route(path).order(ORDER).handler(dispatch(path, methods)));
    router.route("/v1/*").order(ORDER).handler(Edge::notFound);
    router.route().order(LAST).handler(Edge::notFound);
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
    var exchange = new Exchange(context, limits, workers);
    Future<Answer> answer;
    try {
      answer = endpoint.handle(exchange);
    } catch (RuntimeException failure) {
      answer = Future.failedFuture(failure);
    }
    answer.onComplete(
        done -> write(context, done.succeeded() ? done.result() : exchange.answerTo(done.cause())));
  }

  private static void notFound(RoutingContext context) {
    write(context, Answer.empty(404));
  }

  private static void write(RoutingContext context, Answer answer) {
    HttpServerResponse response = context.response();
    if (response.ended() || response.closed()) {
      return;
    }
    switch (answer) {
      case Answer.Whole(var status, var headers, var body) -> {
        head(response, status, headers);
        response.end(body);
      }
      case Answer.Streamed(var status, var headers, var writer) -> {
        head(response, status, headers);
        writer.handle(response);
      }
      case Answer.TakenOver() -> {
        return;
      }
    }
    context.request().resume();
  }

  private static void head(
      HttpServerResponse response, int status, List<Map.Entry<String, String>> headers) {
    response.setStatusCode(status);
    headers.forEach(header -> response.headers().add(header.getKey(), header.getValue()));
  }
}
