package dev.dormouse.runtimenode.databases;

import dev.dormouse.database.Visitor;
import dev.dormouse.runtimenode.http.Caller;
import dev.dormouse.runtimenode.http.Exchange;
import dev.dormouse.sats.ConnectionId;

/**
 * One request of a known caller to a database route.
 *
 * @param connection fresh for this request
 */
record DatabaseExchange(Exchange http, Caller caller, ConnectionId connection) {
  Visitor visitor() {
    return new Visitor(caller.identity(), connection, caller.claims().payload());
  }
}
