package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.Caller;
import dev.dormouse.database.Database;

/**
 * The open sockets of the clients of databases, as their edge keeps them through sleep. Thread
 * safe; must not block.
 */
public interface Sockets {
  /** Whether the socket of a connection is open here. */
  boolean isOpen(DatabaseKey key, Caller connection);

  /**
   * A database serves again after a sleep: its clients' requests may go to it directly, and it must
   * learn of them before anything else.
   */
  void awake(DatabaseKey key, Database database);

  /** What clients were told may be lost, or the database is gone: all its sockets are closed. */
  void close(DatabaseKey key, String reason);
}
