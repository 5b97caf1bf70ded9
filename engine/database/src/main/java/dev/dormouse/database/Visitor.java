package dev.dormouse.database;

import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;

/**
 * Who makes one HTTP request: a connection that lasts as long as the request.
 *
 * @param connection fresh for this request
 * @param claims the payload of the caller's token, JSON text in UTF-8, for the module to read
 */
public record Visitor(Identity identity, ConnectionId connection, String claims) {
  Caller caller() {
    return new Caller(identity, connection);
  }
}
