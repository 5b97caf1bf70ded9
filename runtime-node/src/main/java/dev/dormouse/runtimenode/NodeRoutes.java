package dev.dormouse.runtimenode;

import dev.dormouse.runtimenode.http.Callers;
import dev.dormouse.runtimenode.http.Edge;
import dev.dormouse.runtimenode.http.HttpLimits;
import dev.dormouse.runtimenode.http.OpenRequests;
import dev.dormouse.runtimenode.http.RouteGroup;
import dev.dormouse.runtimenode.http.Workers;
import io.quarkus.vertx.http.ManagementInterface;
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
  private final Callers callers;
  private final OpenRequests requests;

  NodeRoutes(
      Instance<RouteGroup> groups,
      HttpLimits limits,
      Workers workers,
      Callers callers,
      OpenRequests requests) {
    this.groups = groups;
    this.limits = limits;
    this.workers = workers;
    this.callers = callers;
    this.requests = requests;
  }

  void mount(@Observes Router router) {
    new Edge(limits, workers, callers, requests).mount(router, groups);
  }

  /** The management port's connections are guarded too, so its requests must be noticed. */
  void watch(@Observes ManagementInterface management) {
    Edge.admit(management.router(), limits);
  }
}
