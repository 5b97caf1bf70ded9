package dev.dormouse.runtimenode.http;

import io.vertx.core.http.HttpMethod;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * All routes of {@code /v1}: path pattern, then method. Patterns are those of Vert.x Web ({@code
 * /v1/database/:db/names}); a path is answered 405 for a method it does not have.
 */
public final class RouteTable {
  private final Map<String, MethodTable> paths = new LinkedHashMap<>();

  /** A route anyone may use; credentials are not looked at. */
  public RouteTable open(HttpMethod method, String path, Endpoint endpoint) {
    methods(path).add(method, endpoint);
    return this;
  }

  /** Pattern to methods, in the order of adding. */
  Map<String, MethodTable> paths() {
    return paths;
  }

  private MethodTable methods(String path) {
    return paths.computeIfAbsent(path, MethodTable::new);
  }

  /** The methods of one path. */
  static final class MethodTable {
    private final String path;
    private final Map<HttpMethod, Endpoint> byMethod = new LinkedHashMap<>();

    private MethodTable(String path) {
      this.path = path;
    }

    private void add(HttpMethod method, Endpoint endpoint) {
      if (byMethod.putIfAbsent(method, endpoint) != null) {
        throw new IllegalStateException("two routes for " + method + " " + path);
      }
    }

    /** HEAD is answered by GET's endpoint; the body is left out when the answer is written. */
    Optional<Endpoint> find(HttpMethod method) {
      return Optional.ofNullable(
          byMethod.get(HttpMethod.HEAD.equals(method) ? HttpMethod.GET : method));
    }

    /** Value of the {@code allow} header of a 405. */
    String allowed() {
      return String.join(",", byMethod.keySet().stream().map(HttpMethod::name).sorted().toList());
    }
  }
}
