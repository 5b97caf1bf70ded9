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
import org.jboss.logging.Logger;

/** The catalog: on the PostgreSQL that is configured, else on one of our own in the data folder. */
@Singleton
final class CatalogAssembly {
  private static final Logger LOG = Logger.getLogger(CatalogAssembly.class);

  private final StopSteps stopSteps;

  CatalogAssembly(StopSteps stopSteps) {
    this.stopSteps = stopSteps;
  }

  @Produces
  @Singleton
  Catalog catalog(CatalogServer server) throws StartRefused {
    long begin = System.nanoTime();
    try {
      Catalog catalog = stopSteps.add("catalog", Catalog.open(server, CatalogLimits.standard()));
      LOG.debugf("catalog opened in %d ms", (System.nanoTime() - begin) / 1_000_000);
      return catalog;
    } catch (EngineException e) {
      throw new StartRefused(e.text());
    }
  }

  @Produces
  @Singleton
  CatalogServer server(
      DataFolder folder,
      @ConfigProperty(name = "dormouse.catalog.url") Optional<String> url,
      @ConfigProperty(name = "dormouse.catalog.username") Optional<String> username,
      @ConfigProperty(name = "dormouse.catalog.password") Optional<String> password)
      throws StartRefused {
    return url.isPresent()
        ? new CatalogServer(url.get(), username.orElse("dormouse"), password.orElse(""))
        : embedded(folder);
  }

  private CatalogServer embedded(DataFolder folder) throws StartRefused {
    long begin = System.nanoTime();
    try {
      EmbeddedPostgres postgres =
          stopSteps.add(
              "embedded PostgreSQL",
              EmbeddedPostgres.start(folder.path().resolve("postgres"), EmbeddedLimits.standard()));
      LOG.debugf("embedded PostgreSQL started in %d ms", (System.nanoTime() - begin) / 1_000_000);
      PostgresWatch watch = new PostgresWatch(postgres);
      stopSteps.add("watch over PostgreSQL", watch::stop);
      return new CatalogServer(postgres.jdbcUrl(), postgres.user(), postgres.password());
    } catch (PostgresStartException e) {
      throw new StartRefused(e.text());
    }
  }
}
