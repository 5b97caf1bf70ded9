package dev.dormouse.catalog.embedded;

import java.time.Duration;

/**
 * Limits of the embedded PostgreSQL.
 *
 * @param connectionsMax connections the server accepts
 * @param sharedBuffersMegabytes its page cache
 * @param startMax longest wait for it to accept connections, recovery after a crash included
 * @param stopMax longest wait for it to stop
 * @param initMax longest wait for a new cluster to be made
 * @param portAttempts free ports tried, should another process take one first
 * @param logBytesMax size at which the log of earlier starts is set aside
 */
public record EmbeddedLimits(
    int connectionsMax,
    int sharedBuffersMegabytes,
    Duration startMax,
    Duration stopMax,
    Duration initMax,
    int portAttempts,
    long logBytesMax) {

  /** Rejects limits under which no server could run. */
  public EmbeddedLimits {
    if (connectionsMax < 8 || sharedBuffersMegabytes < 1 || portAttempts < 1 || logBytesMax < 0) {
      throw new IllegalArgumentException(
          "%d connections (at least 8), %d MB of buffers (at least 1), %d ports (at least 1)"
              .formatted(connectionsMax, sharedBuffersMegabytes, portAttempts));
    }
  }

  /** Small: the catalog of one node. */
  public static EmbeddedLimits standard() {
    return new EmbeddedLimits(
        32,
        32,
        Duration.ofSeconds(60),
        Duration.ofSeconds(20),
        Duration.ofSeconds(120),
        5,
        4 * 1024 * 1024);
  }
}
