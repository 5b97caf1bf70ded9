package dev.dormouse.server;

import dev.dormouse.runtimenode.http.HttpLimits;
import dev.dormouse.runtimenode.http.OpenRequests;
import dev.dormouse.runtimenode.ws.OpenSockets;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * The beginning of the end: clients are let go and everything is closed while the ports are still
 * open, so that goodbyes and answers get out. Quarkus announces a stop by this event and closes the
 * ports after it, on whatever thread the stop runs; a signal's is not the main one.
 */
@Singleton
final class Drain {
  private static final Logger LOG = Logger.getLogger(Drain.class);

  private final OpenSockets sockets;
  private final OpenRequests requests;
  private final HttpLimits limits;
  private final StopSteps stopSteps;

  Drain(OpenSockets sockets, OpenRequests requests, HttpLimits limits, StopSteps stopSteps) {
    this.sockets = sockets;
    this.requests = requests;
    this.limits = limits;
    this.stopSteps = stopSteps;
  }

  @SuppressWarnings("UnusedVariable") // what is observed says nothing more
  void stopBegins(@Observes ShutdownDelayInitiatedEvent event) {
    sockets.closeAll();
    try {
      if (!requests.drain(limits.drainTime())) {
        LOG.warnf(
            "stopping: some requests were not answered within %d s",
            limits.drainTime().toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    stopSteps.stop();
  }
}
