package dev.dormouse.runtimenode.http;

import dev.dormouse.auth.AuthFailure;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * All routes of {@code /v1}: path pattern, then method. Patterns are those of Vert.x Web ({@code
 * /v1/database/:db/names}); a path is answered 405 for a method it does not have.
 */
public final class RouteTable {
  private static final String IDENTITY_HEADER = "spacetime-identity";
  private static final String TOKEN_HEADER = "spacetime-identity-token";

  private final Map<String, MethodTable> paths = new LinkedHashMap<>();
  private final Callers callers;

  RouteTable(Callers callers) {
    this.callers = callers;
  }

  /** A route anyone may use; credentials are not looked at. */
  public RouteTable open(HttpMethod method, String path, Endpoint endpoint) {
    methods(path).add(method, endpoint);
    return this;
  }

  /** A route anyone may use, but not with bad credentials. */
  public RouteTable checked(HttpMethod method, String path, Endpoint endpoint) {
    return open(
        method,
        path,
        exchange -> presented(exchange).compose(ignored -> endpoint.handle(exchange)));
  }

  /** A route that needs credentials: 401 without. */
  public RouteTable authenticated(HttpMethod method, String path, CallerEndpoint endpoint) {
    return open(
        method,
        path,
        exchange ->
            presented(exchange)
                .compose(
                    caller -> endpoint.handle(exchange, caller.orElseThrow(AuthFailure::missing))));
  }

  /**
   * A route about a database: a caller without credentials gets a new identity, and every answer,
   * whatever its status, carries the caller's identity and token. Source: spec auth §5.1, http-api
   * §1.2.
   */
  public RouteTable database(HttpMethod method, String path, CallerEndpoint endpoint) {
    return open(
        method,
        path,
        exchange ->
            callers
                .presentedOrNew(exchange.header("authorization"), exchange.query("token"))
                .compose(caller -> answered(endpoint, exchange, caller)));
  }

  private Future<Optional<Caller>> presented(Exchange exchange) {
    return callers.presented(exchange.header("authorization"), exchange.query("token"));
  }

  private static Future<Answer> answered(
      CallerEndpoint endpoint, Exchange exchange, Caller caller) {
    Future<Answer> answer;
    try {
      answer = endpoint.handle(exchange, caller);
    } catch (RuntimeException failure) {
      answer = Future.failedFuture(failure);
    }
    return answer
        .otherwise(failure -> exchange.answerTo(failure))
        .compose(
            told ->
                token(exchange, caller)
                    .map(
                        token ->
                            told.with(IDENTITY_HEADER, caller.identity().toHex())
                                .with(TOKEN_HEADER, token)));
  }

  private static Future<String> token(Exchange exchange, Caller caller) {
    return caller.isSigned()
        ? Future.succeededFuture(caller.token())
        : exchange.work(caller::token);
  }

  /** Pattern to methods, in the order of adding. */
  Map<String, MethodTable> paths() {
    return paths;
  }

  /** For a path whose methods are all answered alike, whatever they are. */
  public RouteTable anyMethod(String path, Endpoint endpoint) {
    methods(path).addAll(endpoint);
    return this;
  }

  private MethodTable methods(String path) {
    return paths.computeIfAbsent(path, MethodTable::new);
  }

  /** The methods of one path. */
  static final class MethodTable {
    private final String path;
    private final Map<HttpMethod, Endpoint> byMethod = new LinkedHashMap<>();
    private Optional<Endpoint> everyMethod = Optional.empty();

    private MethodTable(String path) {
      this.path = path;
    }

    private void add(HttpMethod method, Endpoint endpoint) {
      if (byMethod.putIfAbsent(method, endpoint) != null) {
        throw new IllegalStateException("two routes for " + method + " " + path);
      }
    }

    private void addAll(Endpoint endpoint) {
      if (!byMethod.isEmpty() || everyMethod.isPresent()) {
        throw new IllegalStateException("two routes for every method of " + path);
      }
      everyMethod = Optional.of(endpoint);
    }

    /** HEAD is answered by GET's endpoint; the body is left out when the answer is written. */
    Optional<Endpoint> find(HttpMethod method) {
      return everyMethod.or(
          () ->
              Optional.ofNullable(
                  byMethod.get(HttpMethod.HEAD.equals(method) ? HttpMethod.GET : method)));
    }

    /** Value of the {@code allow} header of a 405. */
    String allowed() {
      return String.join(",", byMethod.keySet().stream().map(HttpMethod::name).sorted().toList());
    }
  }
}
