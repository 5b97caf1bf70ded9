package dev.dormouse.runtimenode.http;

import io.vertx.core.Future;

/** An {@link Endpoint} that is told who calls. */
@FunctionalInterface
public interface CallerEndpoint {
  /** Handles one request of a known caller; like {@link Endpoint#handle} in everything else. */
  Future<Answer> handle(Exchange exchange, Caller caller);
}
