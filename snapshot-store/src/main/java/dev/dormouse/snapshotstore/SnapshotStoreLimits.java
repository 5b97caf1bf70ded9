package dev.dormouse.snapshotstore;

import java.time.Duration;

/**
 * Every bound of this module.
 *
 * @param connectionsMax connections to PostgreSQL of this process, for snapshots alone
 * @param connectionWait longest wait for a free connection
 * @param connect longest wait for a new connection to be made
 * @param statement longest run of one statement, on the server
 * @param socket longest silence of the server; above {@code statement}, so that its own error wins
 * @param chunksPerRead chunks fetched by one statement
 * @param readsAhead statements' worth of chunks that wait in memory for their reader
 * @param bytesPerWrite packed bytes gathered until they are stored by one statement
 * @param sweepChunks chunks deleted by one statement
 * @param cacheBytesMax packed bytes kept in the local cache
 * @param cachePendingBytesMax packed bytes that wait to be written there; what is beyond is not
 *     kept
 * @param chunkThreads threads that read chunks and write the local cache
 */
public record SnapshotStoreLimits(
    int connectionsMax,
    Duration connectionWait,
    Duration connect,
    Duration statement,
    Duration socket,
    int chunksPerRead,
    int readsAhead,
    int bytesPerWrite,
    int sweepChunks,
    long cacheBytesMax,
    long cachePendingBytesMax,
    int chunkThreads) {
  /** What a node uses unless it is told otherwise. */
  public static final SnapshotStoreLimits DEFAULTS =
      new SnapshotStoreLimits(
          4,
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(70),
          8,
          2,
          4 << 20,
          1000,
          4L << 30,
          64L << 20,
          4);

  public SnapshotStoreLimits {
    if (statement.compareTo(socket) >= 0) {
      throw new IllegalArgumentException(
          "a statement (%s) must end before the socket's silence (%s)"
              .formatted(statement, socket));
    }
    if (connectionsMax < 1
        || chunksPerRead < 1
        || readsAhead < 1
        || bytesPerWrite < 1
        || sweepChunks < 1
        || chunkThreads < 1
        || cacheBytesMax < 0
        || cachePendingBytesMax < 0) {
      throw new IllegalArgumentException("every limit must leave room for one: " + connectionsMax);
    }
  }
}
