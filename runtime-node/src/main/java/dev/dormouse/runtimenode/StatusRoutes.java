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

  @Override
  public void mount(RouteTable routes) {
    routes.open(HttpMethod.GET, "/v1/ping", exchange -> Future.succeededFuture(Answer.empty(200)));
  }
}
