package dev.dormouse.snapshotstore;

import dev.dormouse.residence.SnapshotStore.SweepReport;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/** The second phase of deleting snapshots, in small transactions. */
final class SnapshotSweep {
  private static final String RETIRED =
      "FROM manifests WHERE retired_at < now() - ? * interval '1 millisecond'";

  private final SqlTransactions transactions;
  private final SnapshotStoreLimits limits;
  private final long ageMillis;

  SnapshotSweep(SqlTransactions transactions, SnapshotStoreLimits limits, Duration age) {
    this.transactions = transactions;
    this.limits = limits;
    this.ageMillis = age.toMillis();
  }

  private record Swept(long rows, long bytes) {
    Swept plus(Swept other) {
      return new Swept(rows + other.rows, bytes + other.bytes);
    }
  }

  SweepReport run(boolean dryRun) throws IOException {
    Swept snapshots;
    Swept chunks;
    if (dryRun) {
      snapshots = count("SELECT octet_length(body) " + RETIRED);
      chunks = transactions.run(this::countGarbageAfterRetired);
    } else {
      snapshots = count("DELETE " + RETIRED + " RETURNING octet_length(body)");
      chunks = new Swept(0, 0);
      Swept batch;
      do {
        batch = transactions.run(this::deleteGarbage);
        chunks = chunks.plus(batch);
      } while (batch.rows == limits.sweepChunks());
    }
    return new SweepReport(snapshots.rows, chunks.rows, snapshots.bytes + chunks.bytes);
  }

  private Swept count(String sql) throws IOException {
    return transactions.run(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, ageMillis);
            return sum(statement);
          }
        });
  }

  private static Swept sum(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      Swept swept = new Swept(0, 0);
      while (rows.next()) {
        swept = swept.plus(new Swept(1, rows.getLong(1)));
      }
      return swept;
    }
  }

  private Swept countGarbageAfterRetired(Connection connection) throws SQLException {
    String sql =
        """
        SELECT octet_length(c.bytes) FROM chunks c
         WHERE c.stored_at < now() - ? * interval '1 millisecond'
           AND NOT EXISTS (SELECT FROM chunk_references r JOIN manifests m ON m.id = r.manifest
                            WHERE r.lineage = c.lineage AND r.hash = c.hash
                              AND (m.retired_at IS NULL
                                   OR m.retired_at >= now() - ? * interval '1 millisecond'))
        """;
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setLong(1, ageMillis);
      select.setLong(2, ageMillis);
      return sum(select);
    }
  }

  private Swept deleteGarbage(Connection connection) throws SQLException {
    // A chunk that a draft is just naming is locked: it stays.
    String sql =
        """
        DELETE FROM chunks USING
               (SELECT c.lineage, c.hash FROM chunks c
                 WHERE c.stored_at < now() - ? * interval '1 millisecond'
                   AND NOT EXISTS (SELECT FROM chunk_references r
                                    WHERE r.lineage = c.lineage AND r.hash = c.hash)
                 LIMIT ? FOR UPDATE SKIP LOCKED) AS garbage
         WHERE chunks.lineage = garbage.lineage AND chunks.hash = garbage.hash
        RETURNING octet_length(chunks.bytes)
        """;
    try (PreparedStatement delete = connection.prepareStatement(sql)) {
      delete.setLong(1, ageMillis);
      delete.setInt(2, limits.sweepChunks());
      return sum(delete);
    } catch (SQLException e) {
      if (SqlTransactions.FOREIGN_KEY_VIOLATION.equals(e.getSQLState())) {
        return new Swept(0, 0); // One was named in between: the next sweep looks again.
      }
      throw e;
    }
  }
}
