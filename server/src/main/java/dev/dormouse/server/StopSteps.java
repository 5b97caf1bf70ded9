package dev.dormouse.server;

import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * What has to be closed when the process stops, last opened first. A step that fails does not keep
 * the others from running, but the process then ends with 1.
 *
 * <p>{@link Dormouse} runs the steps as soon as it is asked to end: the HTTP server is still there
 * then, so that clients get the answers that databases give as they drain, and the close code that
 * says why. The container runs what is left if the start itself fails.
 */
@Singleton
final class StopSteps {
  private static final Logger LOG = Logger.getLogger(StopSteps.class);

  /** One process, one end: read by {@link Dormouse} when the container is gone. */
  private static final AtomicBoolean FAILED = new AtomicBoolean();

  private final Deque<Step> steps = new ArrayDeque<>();

  private record Step(String name, AutoCloseable resource) {}

  /** Registers something just opened. */
  synchronized <T extends AutoCloseable> T add(String name, T resource) {
    steps.push(new Step(name, resource));
    return resource;
  }

  /** Whether any step of this process failed. */
  static boolean failed() {
    return FAILED.get();
  }

  @SuppressWarnings("UnusedVariable") // what is observed says nothing more
  void containerEnds(@Observes @Priority(Integer.MAX_VALUE) ShutdownEvent event) {
    stop();
  }

  /** Closes everything that is open; thread safe, and nothing the second time. */
  @SuppressWarnings("ReturnValueIgnored") // A failed step is told and remembered, not thrown.
  synchronized void stop() {
    while (!steps.isEmpty()) {
      Step step = steps.pop();
      try {
        step.resource().close();
      } catch (Exception failure) {
        FAILED.set(true);
        LOG.errorf(failure, "stopping: %s did not close", step.name());
      }
    }
  }
}
