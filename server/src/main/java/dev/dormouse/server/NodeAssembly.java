package dev.dormouse.server;

import dev.dormouse.runtimenode.http.HttpLimits;
import dev.dormouse.runtimenode.http.OpenRequests;
import dev.dormouse.runtimenode.http.Workers;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What the data plane is handed. */
@Singleton
final class NodeAssembly {
  private final StopSteps stopSteps;

  NodeAssembly(StopSteps stopSteps) {
    this.stopSteps = stopSteps;
  }

  @Produces
  @Singleton
  HttpLimits httpLimits() {
    return HttpLimits.standard();
  }

  @Produces
  @Singleton
  OpenRequests openRequests(HttpLimits limits) {
    return new OpenRequests(limits);
  }

  @Produces
  @Singleton
  Workers workers(HttpLimits limits) {
    return stopSteps.add("worker threads", new Workers(limits));
  }
}
