package dev.dormouse.database;

import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;

/**
 * Who calls.
 *
 * @param identity the sender that a reducer sees
 * @param connection the caller's connection, or {@link ConnectionId#NONE}
 */
public record Caller(Identity identity, ConnectionId connection) {
  /** A caller without a connection, such as the database itself. */
  public static Caller withoutConnection(Identity identity) {
    return new Caller(identity, ConnectionId.NONE);
  }
}
