package dev.dormouse.database;

import dev.dormouse.datastore.RowCursor;
import dev.dormouse.datastore.Scan;

/**
 * Ids of the system's indexes that the engine itself looks into. Source: spec host-semantics §7.
 */
final class SystemIndexes {
  /** st_client by identity and connection id; unique. */
  static final int CLIENTS = 7;

  /** st_connection_credentials by connection id; unique. */
  static final int CREDENTIALS = 13;

  /** st_env by key; unique. */
  static final int ENVIRONMENT = 30;

  private SystemIndexes() {}

  /** The rows of a scan that cannot be refused. */
  static RowCursor rows(Scan scan) {
    return switch (scan) {
      case RowCursor cursor -> cursor;
      case Scan.Refused refused ->
          throw new IllegalStateException("a scan of the system was refused: " + refused);
    };
  }
}
