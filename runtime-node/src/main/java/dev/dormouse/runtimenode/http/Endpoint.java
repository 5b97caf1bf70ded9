package dev.dormouse.runtimenode.http;

import io.vertx.core.Future;

/** Answers the requests of one route. Called on an event loop: it must not block. */
@FunctionalInterface
public interface Endpoint {
  /**
   * Handles one request. A {@link Refusal}, thrown or in the future, becomes its answer; any other
   * failure becomes 500.
   */
  Future<Answer> handle(Exchange exchange);
}
