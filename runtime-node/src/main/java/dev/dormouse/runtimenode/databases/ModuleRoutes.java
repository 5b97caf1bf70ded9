package dev.dormouse.runtimenode.databases;

import dev.dormouse.runtimenode.http.Answer;
import dev.dormouse.runtimenode.http.Exchange;
import dev.dormouse.runtimenode.http.RouteGroup;
import dev.dormouse.runtimenode.http.RouteTable;
import dev.dormouse.sats.module.HttpRouteDef;
import dev.dormouse.sats.module.ModuleSchema;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.List;

/**
 * The HTTP routes of modules, which this server finds and does not run yet. No credentials are
 * looked at. Source: spec http-api §9.
 */
public final class ModuleRoutes implements RouteGroup {
  private static final List<HttpMethod> METHODS =
      List.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.DELETE, HttpMethod.PATCH);

  private final DatabaseAccess access;
  private final ProgramDesk desk;

  /** The routes of a directory's modules. */
  public ModuleRoutes(DatabaseAccess access, ProgramDesk desk) {
    this.access = access;
    this.desk = desk;
  }

  @Override
  public void mount(RouteTable routes) {
    for (HttpMethod method : METHODS) {
      routes.open(method, "/v1/database/:db/route", this::route);
      routes.open(method, "/v1/database/:db/route/*", this::route);
    }
  }

  private Future<Answer> route(Exchange exchange) {
    String path = exchange.raw().request().path();
    String marker = "/route";
    int after = path.indexOf(marker, "/v1/database/".length()) + marker.length();
    String rest = path.substring(after);
    String method = exchange.raw().request().method().name();
    return access
        .database(exchange)
        .compose(
            database ->
                exchange.work(() -> answer(desk.load(database.program()).schema(), method, rest)));
  }

  private static Answer answer(ModuleSchema schema, String method, String path) {
    boolean registered =
        schema.httpRoutes().stream().anyMatch(route -> matches(route, method, path));
    return registered
        ? Answer.text(501, "this server does not run HTTP handlers yet")
        : Answer.text(404, "Database has not registered a handler for this route");
  }

  private static boolean matches(HttpRouteDef route, String method, String path) {
    return route.path().equals(path) && route.method().accepts(method);
  }
}
