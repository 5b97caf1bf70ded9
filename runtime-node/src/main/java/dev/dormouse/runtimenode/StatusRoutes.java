package dev.dormouse.runtimenode;

import dev.dormouse.runtimenode.http.Answer;
import dev.dormouse.runtimenode.http.RouteGroup;
import dev.dormouse.runtimenode.http.RouteTable;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Singleton;

/** Routes about the node itself. Source: spec http-api §10. */
@Singleton
public final class StatusRoutes implements RouteGroup {
  /** The version is that of the interface we speak; no client reads it. */
  private static final String HEALTH =
      "{\"package_name\":\"spacetimedb-client-api\",\"version\":\"2.8.3\",\"nodes\":[0],"
          + "\"schedulable\":true}";

  @Override
  public void mount(RouteTable routes) {
    routes
        .checked(HttpMethod.GET, "/v1/ping", exchange -> Future.succeededFuture(Answer.empty(200)))
        .open(
            HttpMethod.GET,
            "/v1/health",
            exchange -> Future.succeededFuture(Answer.json(200, HEALTH)));
  }
}
