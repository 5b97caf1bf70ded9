package dev.dormouse.server;

import dev.dormouse.auth.PublishRule;
import dev.dormouse.auth.SigningKeys;
import dev.dormouse.catalog.Catalog;
import dev.dormouse.runtimenode.engine.NodeEngine;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * What must hold before a port opens. Beans that a start depends on are parameters of the observer:
 * that creates them, in order, before the first request.
 */
@Singleton
final class Startup {
  private static final Logger LOG = Logger.getLogger(Startup.class);

  /** Holds the data folder for as long as the process runs; closed after everything kept in it. */
  @Produces
  @Singleton
  DataFolder dataFolder(StopSteps stopSteps, @ConfigProperty(name = StartOptions.DATA) Path data)
      throws StartRefused {
    return stopSteps.add("data folder", DataFolder.open(data.toAbsolutePath().normalize()));
  }

  void start(
      @Observes StartupEvent event,
      DataFolder folder,
      Catalog catalog,
      SigningKeys keys,
      PublishRule publishRule,
      NodeEngine engine,
      @ConfigProperty(name = "quarkus.http.host") String host,
      @ConfigProperty(name = StartOptions.ANYONE_MAY_PUBLISH, defaultValue = "false")
          boolean anyoneMayPublish)
      throws StartRefused {
    if (!Hosts.isLoopback(host) && publishRule instanceof PublishRule.Open) {
      if (!anyoneMayPublish) {
        throw new StartRefused(
            "listening on %s would let anyone who reaches this machine publish and run code on it. Add --allow-anyone-to-publish if that is meant, or set dormouse.publish=allow-list."
                .formatted(host));
      }
      LOG.warnf(
          "ANYONE WHO REACHES %s CAN PUBLISH DATABASES AND RUN CODE HERE: publishing is open and the address is not limited to this machine",
          host);
    }
    catalog.check();
    int woken = engine.recover();
    if (woken > 0) {
      LOG.infof("waking %d databases that the last process left with connections", woken);
    }
    LOG.debugf("data folder %s, %d keys", folder.path(), keys.verificationKeys().size());
  }
}
