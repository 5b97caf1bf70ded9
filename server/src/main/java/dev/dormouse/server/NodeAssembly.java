package dev.dormouse.server;

import dev.dormouse.runtimenode.engine.EngineLimits;
import dev.dormouse.runtimenode.http.HttpLimits;
import dev.dormouse.runtimenode.http.OpenRequests;
import dev.dormouse.runtimenode.http.Workers;
import dev.dormouse.sats.MemoryBudget;
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
  MemoryBudget memory() {
    return EngineLimits.STANDARD.memory(Runtime.getRuntime().maxMemory());
  }

  @Produces
  @Singleton
  OpenRequests openRequests(HttpLimits limits, MemoryBudget memory) {
    return new OpenRequests(
        limits, EngineLimits.STANDARD.share(memory, Runtime.getRuntime().maxMemory()));
  }

  @Produces
  @Singleton
  Workers workers(HttpLimits limits) {
    return stopSteps.add("worker threads", new Workers(limits));
  }
}
