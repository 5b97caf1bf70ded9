package dev.dormouse.server;

import dev.dormouse.runtimenode.http.GuardedConnections;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.quarkus.vertx.http.HttpServer;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The process: checks, starts, says that it is ready, and ends with a status that means something.
 */
@QuarkusMain
public final class Dormouse implements QuarkusApplication {
  private static final Ending ENDING = new Ending();
  private static final Logger LOG = Logger.getLogger(Dormouse.class);

  private final HttpServer server;
  private final String host;
  private final Optional<Path> train;

  @Inject
  Dormouse(
      HttpServer server,
      @ConfigProperty(name = "quarkus.http.host") String host,
      @ConfigProperty(name = StartOptions.TRAIN) Optional<Path> train) {
    this.server = server;
    this.host = host;
    this.train = train;
  }

  /** Starts one node with the options of {@code ./dormouse up}. */
  public static void main(String[] arguments) {
    try {
      StartOptions options = StartOptions.parse(List.of(arguments));
      Preflight.check(options);
      options.publish();
      eventLoops();
      GuardedConnections.install();
    } catch (StartRefused refused) {
      tell(refused);
      System.exit(1);
    }
    ENDING.install();
    Quarkus.run(Dormouse.class, Dormouse::ended);
  }

  /**
   * One event loop per two cores, unless configured: the lanes and the log writer need the rest.
   */
  private static void eventLoops() {
    String name = "quarkus.vertx.event-loops-pool-size";
    if (System.getProperty(name) == null) {
      int loops = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
      System.setProperty(name, Integer.toString(loops));
    }
  }

  @Override
  public int run(String... arguments) throws IOException {
    if (train.isPresent()) {
      new Training(server.getPort(), train.get()).run();
      return 0;
    }
    LOG.debugf(
        "ready %d ms after the process began",
        System.currentTimeMillis()
            - ProcessHandle.current()
                .info()
                .startInstant()
                .map(Instant::toEpochMilli)
                .orElseGet(System::currentTimeMillis));
    System.out.println("ready http://" + Hosts.forUrl(host) + ":" + server.getPort());
    Quarkus.waitForExit();
    return 0;
  }

  private static void ended(int status, Throwable failure) {
    boolean refused = failure != null && tellRefusal(failure);
    if (failure != null && !refused) {
      failure.printStackTrace();
    }
    int code = failure != null || StopSteps.failed() ? Math.max(1, status) : status;
    ENDING.with(code);
    System.exit(code);
  }

  private static boolean tellRefusal(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof StartRefused refused) {
        tell(refused);
        return true;
      }
    }
    return false;
  }

  private static void tell(StartRefused refused) {
    System.err.println("dormouse: " + refused.getMessage());
  }
}
