package dev.dormouse.server;

import dev.dormouse.catalog.Catalog;
import dev.dormouse.sats.EngineException;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** A node is ready while its catalog answers. */
@Readiness
@Singleton
final class CatalogReadiness implements HealthCheck {
  private final Catalog catalog;

  CatalogReadiness(Catalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public HealthCheckResponse call() {
    var response = HealthCheckResponse.named("catalog");
    try {
      catalog.check();
      return response.up().build();
    } catch (EngineException e) {
      return response.down().withData("reason", e.text()).build();
    }
  }
}
