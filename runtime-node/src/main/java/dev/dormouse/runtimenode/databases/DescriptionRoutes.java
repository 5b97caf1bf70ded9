package dev.dormouse.runtimenode.databases;

import dev.dormouse.auth.Action;
import dev.dormouse.catalog.DeleteOutcome;
import dev.dormouse.catalog.DomainName;
import dev.dormouse.catalog.NameOutcome;
import dev.dormouse.residence.Residence;
import dev.dormouse.runtimenode.http.Answer;
import dev.dormouse.runtimenode.http.Refusal;
import dev.dormouse.runtimenode.http.RouteGroup;
import dev.dormouse.runtimenode.http.RouteTable;
import dev.dormouse.runtimenode.logs.ModuleLogs;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.module.ModuleSchema;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * What is to be known of a database, its end, and its names. Nothing here wakes it. Source: spec
 * http-api §5.3 to §5.8, §8.
 */
public final class DescriptionRoutes implements RouteGroup {
  private static final String NDJSON = "application/x-ndjson";
  private static final int NAMES_MAX = 64;

  private final DatabaseAccess access;
  private final Residence residence;
  private final ProgramDesk desk;
  private final ModuleLogs logs;

  /** Descriptions of the databases of a residence. */
  public DescriptionRoutes(
      DatabaseAccess access, Residence residence, ProgramDesk desk, ModuleLogs logs) {
    this.access = access;
    this.residence = residence;
    this.desk = desk;
    this.logs = logs;
  }

  @Override
  public void mount(RouteTable routes) {
    routes.database(HttpMethod.GET, "/v1/database/:db", access.of(this::info));
    routes.database(HttpMethod.DELETE, "/v1/database/:db", access.of(this::delete));
    routes.database(HttpMethod.POST, "/v1/database/:db/lock", access.of(each -> lock(each, true)));
    routes.database(
        HttpMethod.POST, "/v1/database/:db/unlock", access.of(each -> lock(each, false)));
    routes.database(HttpMethod.GET, "/v1/database/:db/identity", access.of(this::identity));
    routes.database(HttpMethod.GET, "/v1/database/:db/names", access.of(this::names));
    routes.database(HttpMethod.POST, "/v1/database/:db/names", access.of(this::addName));
    routes.database(HttpMethod.PUT, "/v1/database/:db/names", access.of(this::setNames));
    routes.database(HttpMethod.GET, "/v1/database/:db/schema", access.of(this::schema));
    routes.database(HttpMethod.GET, "/v1/database/:db/logs", access.of(this::logs));
    routes.database(
        HttpMethod.GET, "/v1/database/:db/unstable/timestamp", access.of(this::timestamp));
  }

  private Future<Answer> info(DatabaseExchange exchange) {
    return access
        .database(exchange.http())
        .map(
            database ->
                Answer.json(
                    200,
                    "{\"database_identity\":{\"__identity__\":\"%s\"},\"owner_identity\":{\"__identity__\":\"%s\"},\"host_type\":{\"Wasm\":[]},\"initial_program\":\"%s\"}"
                        .formatted(
                            minimalHex(database.identity()),
                            minimalHex(database.owner()),
                            MigrationPlan.hash(database.firstProgram()))));
  }

  private static String minimalHex(Identity identity) {
    return "0x" + identity.toHex().replaceFirst("^0+(?=.)", "");
  }

  private Future<Answer> delete(DatabaseExchange exchange) {
    return access
        .identity(exchange.http())
        .compose(identity -> exchange.http().work(() -> access.directory().find(identity)))
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(Answer.empty(200))
                    : access
                        .permitted(exchange, Action.DELETE)
                        .compose(database -> deleteOwned(exchange, database)));
  }

  private Future<Answer> deleteOwned(DatabaseExchange exchange, Registered database) {
    if (database.isLocked()) {
      throw Refusal.text(403, "the database is locked; unlock it first");
    }
    return exchange
        .http()
        .work(
            () -> {
              if (access.directory().delete(database.identity()) == DeleteOutcome.LOCKED) {
                throw Refusal.text(403, "the database is locked; unlock it first");
              }
              residence.delete(database.key());
              logs.delete(database.identity());
              return Answer.empty(200);
            });
  }

  private Future<Answer> lock(DatabaseExchange exchange, boolean locked) {
    return access
        .permitted(exchange, Action.DELETE)
        .compose(
            database ->
                exchange
                    .http()
                    .work(
                        () -> {
                          access.directory().setLocked(database.identity(), locked);
                          return Answer.empty(200);
                        }));
  }

  private Future<Answer> identity(DatabaseExchange exchange) {
    return access.identity(exchange.http()).map(identity -> Answer.text(200, identity.toHex()));
  }

  private Future<Answer> names(DatabaseExchange exchange) {
    return access
        .identity(exchange.http())
        .compose(
            identity ->
                exchange
                    .http()
                    .work(
                        () ->
                            Answer.json(
                                200,
                                access.directory().namesOf(identity).stream()
                                    .map(Json::string)
                                    .collect(Collectors.joining(",", "{\"names\":[", "]}")))));
  }

  private Future<Answer> addName(DatabaseExchange exchange) {
    return access
        .database(exchange.http())
        .compose(
            database ->
                exchange
                    .http()
                    .body()
                    .compose(
                        body -> {
                          String name = DatabaseRef.name(body.toString().strip());
                          return exchange
                              .http()
                              .work(
                                  () ->
                                      nameAdded(
                                          database,
                                          name,
                                          access
                                              .directory()
                                              .addName(
                                                  database.identity(),
                                                  exchange.caller().identity(),
                                                  name)));
                        }));
  }

  private static Answer nameAdded(Registered database, String name, NameOutcome outcome) {
    return switch (outcome) {
      case NameOutcome.Named() ->
          Answer.json(
              200,
              "{\"Success\":{\"domain\":\"%s\",\"database_identity\":\"%s\"}}"
                  .formatted(name, database.identity().toHex()));
      case NameOutcome.NamespaceTaken ignored ->
          Answer.json(401, "{\"PermissionDenied\":{\"domain\":\"%s\"}}".formatted(name));
      case NameOutcome.NameTaken ignored ->
          Answer.text(500, "the name `%s` is in use".formatted(name));
      case NameOutcome.NoSuchDatabase() -> Answer.text(404, "No such database.");
    };
  }

  private Future<Answer> setNames(DatabaseExchange exchange) {
    if (!exchange.http().header("content-type").orElse("").startsWith(Answer.JSON)) {
      throw Refusal.text(415, "the names are a JSON array; add `Content-Type: application/json`");
    }
    return access
        .database(exchange.http())
        .compose(
            database -> {
              if (!database.owner().equals(exchange.caller().identity())) {
                return Future.succeededFuture(
                    Answer.json(
                        401,
                        "{\"NotYourDatabase\":{\"database\":\"%s\"}}"
                            .formatted(database.identity().toHex())));
              }
              return exchange
                  .http()
                  .body()
                  .compose(
                      body -> {
                        List<String> names = NameList.parse(body.getBytes(), NAMES_MAX);
                        return exchange.http().work(() -> namesSet(exchange, database, names));
                      });
            });
  }

  private Answer namesSet(DatabaseExchange exchange, Registered database, List<String> names) {
    return switch (access
        .directory()
        .setNames(database.identity(), exchange.caller().identity(), names)) {
      case NameOutcome.Named() -> Answer.json(200, "\"Success\"");
      case NameOutcome.NamespaceTaken(List<DomainName> taken) ->
          Answer.json(
              401,
              taken.stream()
                  .map(name -> Json.string(name.text()))
                  .collect(
                      Collectors.joining(",", "{\"PermissionDeniedOnAny\":{\"domains\":[", "]}}")));
      case NameOutcome.NameTaken(DomainName name) ->
          Answer.json(
              400,
              "{\"OtherError\":%s}"
                  .formatted(Json.string("the name `%s` is in use".formatted(name))));
      case NameOutcome.NoSuchDatabase() -> Answer.json(404, "\"DatabaseNotFound\"");
    };
  }

  private Future<Answer> schema(DatabaseExchange exchange) {
    String version =
        exchange
            .http()
            .query("version")
            .orElseThrow(
                () ->
                    Refusal.text(
                        400,
                        "the query parameter `version` is missing; add `?version=9` or `?version=10`"));
    if (!version.equals("9") && !version.equals("10")) {
      throw Refusal.text(400, "`version` must be 9 or 10, got `%s`".formatted(version));
    }
    return access
        .database(exchange.http())
        .compose(
            database ->
                exchange
                    .http()
                    .work(
                        () -> {
                          ModuleSchema schema = desk.load(database.program()).schema();
                          return Answer.json(
                              200,
                              version.equals("9")
                                  ? schema.toV9().toJson()
                                  : schema.toV10().toJson());
                        }));
  }

  private Future<Answer> timestamp(DatabaseExchange exchange) {
    return access
        .database(exchange.http())
        .map(
            database ->
                Answer.json(
                    200,
                    "{\"__timestamp_micros_since_unix_epoch__\":%d}".formatted(logs.nowMicros())));
  }

  private Future<Answer> logs(DatabaseExchange exchange) {
    OptionalInt lines = lines(exchange.http().query("num_lines"));
    boolean follow = exchange.http().queryFlag("follow").orElse(false);
    return access
        .permitted(exchange, Action.VIEW_LOGS)
        .compose(
            database ->
                follow
                    ? follow(exchange, database, lines)
                    : exchange
                        .http()
                        .work(
                            () ->
                                Answer.of(
                                        200,
                                        NDJSON,
                                        Buffer.buffer(logs.tail(database.identity(), lines)))
                                    .with("cache-control", "no-cache")));
  }

  private static OptionalInt lines(Optional<String> text) {
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      long lines = Long.parseLong(text.get());
      if (lines >= 0 && lines <= 0xffff_ffffL) {
        return OptionalInt.of((int) Math.min(lines, Integer.MAX_VALUE));
      }
    } catch (NumberFormatException e) {
      // Refused below, like a number out of range.
    }
    throw Refusal.text(
        400, "`num_lines` must be a number from 0 to 4294967295, got `%s`".formatted(text.get()));
  }

  private Future<Answer> follow(DatabaseExchange exchange, Registered database, OptionalInt lines) {
    FollowedLog followed = new FollowedLog(logs.limits().followerBytes());
    return exchange
        .http()
        .work(() -> logs.follow(database.identity(), lines, followed))
        .map(
            begun -> {
              ModuleLogs.Following following =
                  begun.orElseThrow(
                      () -> Refusal.text(503, "too many readers follow the logs of this database"));
              if (exchange.http().raw().response().closed()) {
                following.stop().run(); // The reader has gone already; nothing will be written.
              }
              return new Answer.Streamed(
                  200,
                  List.of(
                      Map.entry("content-type", NDJSON), Map.entry("cache-control", "no-cache")),
                  (HttpServerResponse response) ->
                      followed.stream(response, following.tail(), following.stop()));
            });
  }
}
