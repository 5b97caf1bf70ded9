package dev.dormouse.server;

import dev.dormouse.catalog.Catalog;
import dev.dormouse.catalog.CatalogLimits;
import dev.dormouse.catalog.CatalogServer;
import dev.dormouse.catalog.embedded.EmbeddedLimits;
import dev.dormouse.catalog.embedded.EmbeddedPostgres;
import dev.dormouse.catalog.embedded.PostgresStartException;
import dev.dormouse.sats.EngineException;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The catalog: on the PostgreSQL that is configured, else on one of our own in the data folder. */
@Singleton
final class CatalogAssembly {
  private final StopSteps stopSteps;

  CatalogAssembly(StopSteps stopSteps) {
    this.stopSteps = stopSteps;
  }

  @Produces
  @Singleton
  Catalog catalog(
      DataFolder folder,
      @ConfigProperty(name = "dormouse.catalog.url") Optional<String> url,
      @ConfigProperty(name = "dormouse.catalog.username") Optional<String> username,
      @ConfigProperty(name = "dormouse.catalog.password") Optional<String> password)
      throws StartRefused {
    CatalogServer server =
        url.isPresent()
            ? new CatalogServer(url.get(), username.orElse("dormouse"), password.orElse(""))
            : embedded(folder);
    try {
      return stopSteps.add("catalog", Catalog.open(server, CatalogLimits.standard()));
    } catch (EngineException e) {
      throw new StartRefused(e.text());
    }
  }

  private CatalogServer embedded(DataFolder folder) throws StartRefused {
    try {
      EmbeddedPostgres postgres =
          stopSteps.add(
              "embedded PostgreSQL",
              EmbeddedPostgres.start(folder.path().resolve("postgres"), EmbeddedLimits.standard()));
      return new CatalogServer(postgres.jdbcUrl(), postgres.user(), postgres.password());
    } catch (PostgresStartException e) {
      throw new StartRefused(e.text());
    }
  }
}
