package dev.dormouse.runtimenode.databases;

import dev.dormouse.auth.Action;
import dev.dormouse.auth.Permissions;
import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.Reply;
import dev.dormouse.runtimenode.http.Answer;
import dev.dormouse.runtimenode.http.CallerEndpoint;
import dev.dormouse.runtimenode.http.Exchange;
import dev.dormouse.runtimenode.http.Refusal;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What all database routes share: which database is meant, and whether the caller may. Source: spec
 * http-api §1.1, auth §6.
 */
public final class DatabaseAccess {
  private final Permissions permissions;
  private final Directory directory;
  private final RandomGenerator connectionIds;

  /**
   * Access through a directory.
   *
   * @param connectionIds must not be predictable, and thread safe
   */
  public DatabaseAccess(
      Permissions permissions, Directory directory, RandomGenerator connectionIds) {
    this.permissions = permissions;
    this.directory = directory;
    this.connectionIds = connectionIds;
  }

  Directory directory() {
    return directory;
  }

  Permissions permissions() {
    return permissions;
  }

  /** Answers a request whose caller is known. */
  interface DatabaseEndpoint {
    Future<Answer> handle(DatabaseExchange exchange);
  }

  /** An endpoint with a connection of its own. */
  CallerEndpoint of(DatabaseEndpoint endpoint) {
    return (exchange, caller) ->
        endpoint.handle(new DatabaseExchange(exchange, caller, freshConnection()));
  }

  private ConnectionId freshConnection() {
    return new ConnectionId(connectionIds.nextLong(), connectionIds.nextLong() | 1L);
  }

  /** The identity that a path means; an unknown name is answered 404 once the body was read. */
  Future<Identity> identity(Exchange exchange) {
    return switch (DatabaseRef.parse(exchange.pathParameter("db"))) {
      case DatabaseRef.ById(Identity identity) -> Future.succeededFuture(identity);
      case DatabaseRef.ByName(String name) -> {
        Optional<Identity> kept = directory.identityKept(name);
        yield kept.isPresent()
            ? Future.succeededFuture(kept.get())
            : exchange
                .work(() -> directory.identityOf(name))
                .compose(
                    found ->
                        found.isPresent()
                            ? Future.succeededFuture(found.get())
                            : refused(
                                exchange, Refusal.text(404, "`%s` not found".formatted(name))));
      }
    };
  }

  /** Refuses a request whose body is read first, so that its sender hears the answer. */
  static <T> Future<T> refused(Exchange exchange, RuntimeException why) {
    return exchange.drained().compose(read -> Future.failedFuture(why));
  }

  /** The database that a path means; if there is none, it is answered 404. */
  Future<Registered> database(Exchange exchange) {
    return identity(exchange)
        .compose(
            identity -> {
              Optional<Registered> kept = directory.findKept(identity);
              return kept.isPresent()
                  ? Future.succeededFuture(kept)
                  : exchange.work(() -> directory.find(identity));
            })
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(found.get())
                    : refused(exchange, Refusal.text(404, "No such database.")));
  }

  /** The key of the database that a path means; if there is none, it is answered 404. */
  public Future<DatabaseKey> key(Exchange exchange) {
    return database(exchange).map(Registered::key);
  }

  /** The database that a path means, for who may do this to it; anybody else is answered 403. */
  Future<Registered> permitted(DatabaseExchange exchange, Action action) {
    return database(exchange.http())
        .compose(
            database -> {
              try {
                require(exchange, database, action);
                return Future.succeededFuture(database);
              } catch (RuntimeException forbidden) {
                return refused(exchange.http(), forbidden);
              }
            });
  }

  /** Refuses a caller who may not do this to a database. */
  void require(DatabaseExchange exchange, Registered database, Action action) {
    permissions.require(
        action, exchange.caller().identity(), database.identity(), database.owner());
  }

  /** A reply that completes a future on the context of the request. */
  static <T> Replied<T> replied() {
    return new Replied<>();
  }

  /** A reply as a future. */
  static final class Replied<T> implements Reply<T> {
    private final Optional<Context> context = Optional.ofNullable(Vertx.currentContext());
    private final Promise<T> promise = Promise.promise();

    Future<T> future() {
      return promise.future();
    }

    @Override
    public void done(T answer) {
      onContext(() -> promise.tryComplete(answer));
    }

    @Override
    public void refused(EngineException why) {
      onContext(() -> promise.tryFail(why));
    }

    private void onContext(Runnable step) {
      if (context.isPresent()) {
        context.get().runOnContext(ignored -> step.run());
      } else {
        step.run();
      }
    }
  }
}
