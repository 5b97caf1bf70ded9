package dev.dormouse.catalog;

import java.time.Duration;

/**
 * Limits of the catalog's use of PostgreSQL.
 *
 * @param connectionsMax connections of this process
 * @param connectionWait longest wait for a free connection
 * @param connect longest wait for a new connection to be made
 * @param statement longest run of one statement, on the server
 * @param lock longest wait of a statement for a lock, on the server
 * @param socket longest silence of the server within an answer; above {@code statement}, so that
 *     the server's own error wins
 */
public record CatalogLimits(
    int connectionsMax,
    Duration connectionWait,
    Duration connect,
    Duration statement,
    Duration lock,
    Duration socket) {

  /** Rejects limits that contradict each other. */
  public CatalogLimits {
    if (connectionsMax < 1 || lock.compareTo(statement) > 0 || statement.compareTo(socket) >= 0) {
      throw new IllegalArgumentException(
          "%d connections; lock %s ≤ statement %s < socket %s must hold"
              .formatted(connectionsMax, lock, statement, socket));
    }
  }

  /** For one node. */
  public static CatalogLimits standard() {
    return new CatalogLimits(
        8,
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(5),
        Duration.ofSeconds(15));
  }
}
