package dev.dormouse.runtimenode.databases;

import dev.dormouse.auth.Action;
import dev.dormouse.catalog.CreateOutcome;
import dev.dormouse.catalog.DomainName;
import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.database.Program;
import dev.dormouse.database.Publish;
import dev.dormouse.residence.Residence;
import dev.dormouse.residence.WakeReason;
import dev.dormouse.runtimenode.http.Answer;
import dev.dormouse.runtimenode.http.Refusal;
import dev.dormouse.runtimenode.http.RouteGroup;
import dev.dormouse.runtimenode.http.RouteTable;
import dev.dormouse.runtimenode.http.UploadRoom;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryShare;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Publishing: a new database, a new program for an old one, or a new beginning. Source: spec
 * http-api §5.1, §5.2, §5.4.
 */
public final class PublishRoutes implements RouteGroup {
  private static final List<String> RELATIVES = List.of("parent", "organization", "org");

  /** So much of what is wrong with a program is told. */
  private static final int REFUSAL_CHARACTERS_MAX = 8_192;

  private final DatabaseAccess access;
  private final Residence residence;
  private final ProgramDesk desk;
  private final Supplier<UUID> uuids;
  private final Supplier<Identity> identities;
  private final PublishLimits limits;
  private final UploadRoom uploads;

  /**
   * Publishing into a residence.
   *
   * @param uuids fresh generations
   * @param identities fresh identities of databases
   * @param memory of the node, for what is uploaded
   */
  public PublishRoutes(
      DatabaseAccess access,
      Residence residence,
      ProgramDesk desk,
      Supplier<UUID> uuids,
      Supplier<Identity> identities,
      PublishLimits limits,
      MemoryShare memory) {
    this.access = access;
    this.residence = residence;
    this.desk = desk;
    this.uuids = uuids;
    this.identities = identities;
    this.limits = limits;
    this.uploads = new UploadRoom(limits.uploadBytes(), memory);
  }

  @Override
  public void mount(RouteTable routes) {
    routes.database(HttpMethod.POST, "/v1/database", access.of(this::publishUnnamed));
    routes.database(HttpMethod.PUT, "/v1/database/:db", access.of(this::publish));
    routes.database(HttpMethod.POST, "/v1/database/:db/pre_publish", access.of(this::prePublish));
    routes.database(HttpMethod.PUT, "/v1/database/:db/reset", access.of(this::reset));
  }

  private Future<Answer> publishUnnamed(DatabaseExchange exchange) {
    if (exchange.http().queryFlag("clear").orElse(false)) {
      throw Refusal.text(400, "`clear=true` needs a database: PUT /v1/database/NAME");
    }
    PublishOptions.checkPublish(exchange.http());
    return relatives(exchange)
        .compose(known -> program(exchange))
        .compose(program -> create(exchange, program, Optional.empty()));
  }

  private Future<Answer> publish(DatabaseExchange exchange) {
    PublishOptions.checkPublish(exchange.http());
    boolean clear = exchange.http().queryFlag("clear").orElse(false);
    DatabaseRef ref = DatabaseRef.parse(exchange.http().pathParameter("db"));
    return relatives(exchange)
        .compose(known -> lookUp(exchange, ref))
        .compose(
            found ->
                found.isEmpty()
                    ? publishNew(exchange, ref)
                    : publishTo(exchange, found.get(), clear));
  }

  /** Names of a parent or organisation must be known; they mean nothing else here so far. */
  private Future<Void> relatives(DatabaseExchange exchange) {
    for (String option : RELATIVES) {
      Optional<String> text = exchange.http().query(option);
      if (text.isPresent()
          && DatabaseRef.parse(text.get()) instanceof DatabaseRef.ByName(String name)) {
        return exchange
            .http()
            .work(() -> access.directory().identityOf(name))
            .compose(
                found ->
                    found.isPresent()
                        ? Future.succeededFuture()
                        : DatabaseAccess.refused(
                            exchange.http(),
                            Refusal.text(404, "%s `%s` not found".formatted(option, name))));
      }
    }
    return Future.succeededFuture();
  }

  /** What runs now under a name or identity; a known name may have no database any more. */
  private Future<Optional<Registered>> lookUp(DatabaseExchange exchange, DatabaseRef ref) {
    return exchange
        .http()
        .work(
            () -> {
              Optional<Identity> identity =
                  switch (ref) {
                    case DatabaseRef.ById(Identity known) -> Optional.of(known);
                    case DatabaseRef.ByName(String name) -> access.directory().identityOf(name);
                  };
              return identity.flatMap(access.directory()::find);
            });
  }

  private Future<Answer> publishNew(DatabaseExchange exchange, DatabaseRef ref) {
    return switch (ref) {
      case DatabaseRef.ById(Identity ignored) ->
          exchange
              .http()
              .drained()
              .compose(read -> Future.failedFuture(Refusal.text(404, "No such database.")));
      case DatabaseRef.ByName(String name) ->
          program(exchange).compose(program -> create(exchange, program, Optional.of(name)));
    };
  }

  private Future<Answer> publishTo(DatabaseExchange exchange, Registered database, boolean clear) {
    access.require(exchange, database, clear ? Action.RESET : Action.UPDATE);
    return clear ? begin(exchange, database, limits.programBytes()) : update(exchange, database);
  }

  private Future<Uploaded> program(DatabaseExchange exchange) {
    return program(exchange, limits.programBytes());
  }

  private Future<Uploaded> program(DatabaseExchange exchange, int bytesMax) {
    UploadRoom.Share share = uploads.share();
    return exchange
        .http()
        .body(bytesMax, share)
        .compose(
            body -> desk.work(() -> new Uploaded(desk.publish(body.getBytes()), body.length())))
        .onComplete(done -> share.close())
        .recover(PublishRoutes::invalid);
  }

  /** A program that is not acceptable is answered 500. Source: spec http-api §5.1. */
  private static <T> Future<T> invalid(Throwable failure) {
    return Future.failedFuture(
        failure instanceof EngineException refused && refused.code() == EngineException.Code.TENANT
            ? Refusal.text(500, shortened(refused.text()))
            : failure);
  }

  /** A text may name what the module named, at any length. */
  private static String shortened(String text) {
    return text.length() <= REFUSAL_CHARACTERS_MAX
        ? text
        : text.substring(0, REFUSAL_CHARACTERS_MAX)
            + "… (%d more characters)".formatted(text.length() - REFUSAL_CHARACTERS_MAX);
  }

  private Future<Answer> create(
      DatabaseExchange exchange, Uploaded uploaded, Optional<String> name) {
    return desk.work(
            () -> {
              Identity identity =
                  name.flatMap(access.directory()::identityOf).orElseGet(identities);
              DatabaseKey key = new DatabaseKey(identity, new Generation(uuids.get()));
              Identity owner = exchange.caller().identity();
              access.permissions().requireCreate(owner, identity);
              Residence.NewDatabase created = residence.create(key, owner, uploaded.program());
              boolean registered = false;
              try {
                CreateOutcome outcome = access.directory().register(key, owner, uploaded, name);
                registered = outcome instanceof CreateOutcome.Created;
                if (!registered) {
                  throw new Refusal(notCreated(outcome));
                }
              } finally {
                if (!registered) {
                  created.drop();
                }
              }
              created.serve();
              return success(name, identity, "created");
            })
        .recover(PublishRoutes::invalid);
  }

  private static Answer notCreated(CreateOutcome outcome) {
    return switch (outcome) {
      case CreateOutcome.NamespaceTaken(DomainName name) ->
          Answer.json(401, "{\"PermissionDenied\":{\"name\":\"%s\"}}".formatted(name));
      case CreateOutcome.NameTaken(DomainName name, Identity ignored) ->
          Answer.text(
              503, "`%s` was taken by another publish meanwhile; try again".formatted(name));
      case CreateOutcome.AlreadyExists ignored ->
          Answer.text(503, "the database was published by another request meanwhile; try again");
      case CreateOutcome.Created ignored ->
          throw new IllegalStateException("a created database is no refusal");
    };
  }

  private Future<Answer> update(DatabaseExchange exchange, Registered database) {
    return program(exchange)
        .compose(
            uploaded ->
                desk.work(
                    () -> {
                      checkToken(exchange, database, uploaded.program());
                      access.directory().know(uploaded);
                      return uploaded;
                    }))
        .compose(
            uploaded -> {
              DatabaseAccess.Replied<Publish.Outcome> reply = DatabaseAccess.replied();
              residence.submit(
                  database.key(), WakeReason.PUBLISH, new Publish(uploaded.program(), reply));
              return reply
                  .future()
                  .compose(outcome -> updated(exchange, database, uploaded, outcome));
            });
  }

  /** Who allows a plan to break clients says which plan, by the token that pre_publish answered. */
  private void checkToken(DatabaseExchange exchange, Registered database, Program next)
      throws IOException {
    if (!exchange.http().query("policy").orElse("").equals("BreakClients")
        || next.hash().equals(database.program())) {
      return;
    }
    String expected = MigrationPlan.token(database, desk.load(database.program()), next);
    String given = exchange.http().query("token").orElse("");
    if (!given.equals(expected)) {
      throw Refusal.text(
          400, "Database update rejected: the token is not of this update; ask pre_publish again");
    }
  }

  private Future<Answer> updated(
      DatabaseExchange exchange, Registered database, Uploaded uploaded, Publish.Outcome outcome) {
    Optional<String> name = pathName(exchange);
    return switch (outcome) {
      case Publish.Outcome.Unchanged() ->
          uploaded.program().hash().equals(database.program())
              ? Future.succeededFuture(success(name, database.identity(), "updated"))
              : recorded(database, uploaded, name); // An earlier publish died before this.
      case Publish.Outcome.Rejected(String reason) ->
          Future.succeededFuture(Answer.text(400, "Database update rejected: " + reason));
      case Publish.Outcome.Updated() -> recorded(database, uploaded, name);
    };
  }

  /** The database runs it; the catalog is told. */
  private Future<Answer> recorded(Registered database, Uploaded uploaded, Optional<String> name) {
    return desk.work(
        () -> {
          access.directory().setProgram(database.key(), uploaded);
          return success(name, database.identity(), "updated");
        });
  }

  private static Optional<String> pathName(DatabaseExchange exchange) {
    return switch (DatabaseRef.parse(exchange.http().pathParameter("db"))) {
      case DatabaseRef.ById(Identity ignored) -> Optional.empty();
      case DatabaseRef.ByName(String name) -> Optional.of(name);
    };
  }

  private Future<Answer> reset(DatabaseExchange exchange) {
    PublishOptions.checkPublish(exchange.http());
    // Alone among the routes that take a program, this one has the limit of the ordinary ones.
    return access
        .permitted(exchange, Action.RESET)
        .compose(database -> begin(exchange, database, exchange.http().bodyBytesMax()));
  }

  /** A new generation: everything begins anew under the same identity. */
  private Future<Answer> begin(DatabaseExchange exchange, Registered database, int bytesMax) {
    if (database.isLocked()) {
      throw Refusal.text(403, "the database is locked; unlock it first");
    }
    return program(exchange, bytesMax)
        .compose(
            uploaded ->
                desk.work(
                    () -> {
                      DatabaseKey next =
                          new DatabaseKey(database.identity(), new Generation(uuids.get()));
                      Residence.NewDatabase created =
                          residence.create(next, database.owner(), uploaded.program());
                      boolean started = false;
                      try {
                        started =
                            access.directory().startGeneration(database.key(), next, uploaded);
                        if (!started) {
                          throw EngineException.retry(
                              "the database was changed by another request meanwhile");
                        }
                      } finally {
                        if (!started) {
                          created.drop();
                        }
                      }
                      residence.delete(database.key());
                      created.serve();
                      return success(pathName(exchange), database.identity(), "updated");
                    }));
  }

  private Future<Answer> prePublish(DatabaseExchange exchange) {
    PublishOptions.checkPlan(exchange.http());
    return access
        .permitted(exchange, Action.UPDATE)
        .compose(
            database ->
                program(exchange).compose(next -> desk.work(() -> plan(database, next.program()))));
  }

  private Answer plan(Registered database, Program next) throws IOException {
    Program present = desk.load(database.program());
    return MigrationPlan.between(database, present, next);
  }

  private static Answer success(Optional<String> name, Identity identity, String operation) {
    String domain = name.map(text -> "\"" + text + "\"").orElse("null");
    return Answer.json(
        200,
        "{\"Success\":{\"domain\":%s,\"database_identity\":\"%s\",\"op\":\"%s\"}}"
            .formatted(domain, identity.toHex(), operation));
  }
}
