package dev.dormouse.runtimenode.databases;

import dev.dormouse.auth.Action;
import dev.dormouse.residence.DatabaseStatus;
import dev.dormouse.residence.LastWake;
import dev.dormouse.residence.Residence;
import dev.dormouse.runtimenode.http.Answer;
import dev.dormouse.runtimenode.http.RouteGroup;
import dev.dormouse.runtimenode.http.RouteTable;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;

/** What state a database is in, for its owner; asking neither wakes it nor keeps it awake. */
public final class StateRoutes implements RouteGroup {
  private final DatabaseAccess access;
  private final Residence residence;
  private final ToIntFunction<Registered> connections;

  /**
   * States of the databases of a residence.
   *
   * @param connections open sockets of a database
   */
  public StateRoutes(
      DatabaseAccess access, Residence residence, ToIntFunction<Registered> connections) {
    this.access = access;
    this.residence = residence;
    this.connections = connections;
  }

  @Override
  public void mount(RouteTable routes) {
    routes.database(HttpMethod.GET, "/api/v1/databases/:db", access.of(this::state));
  }

  private Future<Answer> state(DatabaseExchange exchange) {
    return access
        .permitted(exchange, Action.VIEW_LOGS)
        .compose(
            database ->
                exchange
                    .http()
                    .work(
                        () ->
                            Answer.json(
                                200,
                                json(database, access.directory().namesOf(database.identity())))));
  }

  private String json(Registered database, List<String> names) {
    DatabaseStatus status = residence.status(database.key());
    String name = names.isEmpty() ? "null" : Json.string(names.getFirst());
    String wake = status.lastWake().map(StateRoutes::wake).orElse("null");
    String failure = status.failure().map(text -> ",\"failure\":" + Json.string(text)).orElse("");
    return "{\"name\":%s,\"identity\":\"%s\",\"state\":\"%s\",\"connections\":%d,\"sizeBytes\":%d,\"lastWake\":%s%s}"
        .formatted(
            name,
            database.identity().toHex(),
            status.state().name(),
            connections.applyAsInt(database),
            status.sizeBytes(),
            wake,
            failure);
  }

  private static String wake(LastWake wake) {
    StringBuilder steps = new StringBuilder();
    for (LastWake.Step step : wake.steps()) {
      steps
          .append(steps.isEmpty() ? "" : ",")
          .append("{\"name\":\"")
          .append(step.step().text())
          .append("\",\"millis\":")
          .append(millis(step.took()))
          .append('}');
    }
    return "{\"at\":\"%s\",\"by\":\"%s\",\"millis\":%s,\"steps\":[%s]}"
        .formatted(wake.at(), wake.by().text(), millis(wake.took()), steps);
  }

  private static String millis(Duration took) {
    return String.format(Locale.ROOT, "%.3f", took.toNanos() / 1e6);
  }
}
