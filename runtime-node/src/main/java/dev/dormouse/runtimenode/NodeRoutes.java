package dev.dormouse.runtimenode;

import dev.dormouse.runtimenode.http.Edge;
import dev.dormouse.runtimenode.http.HttpLimits;
import dev.dormouse.runtimenode.http.RouteGroup;
import dev.dormouse.runtimenode.http.Workers;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;

/** Mounts every {@link RouteGroup} of the application on the client port. */
@Singleton
public final class NodeRoutes {
  private final Instance<RouteGroup> groups;
  private final HttpLimits limits;
  private final Workers workers;

  NodeRoutes(Instance<RouteGroup> groups, HttpLimits limits, Workers workers) {
    this.groups = groups;
    this.limits = limits;
    this.workers = workers;
  }

  void mount(@Observes Router router) {
    new Edge(limits, workers).mount(router, groups);
  }
}
