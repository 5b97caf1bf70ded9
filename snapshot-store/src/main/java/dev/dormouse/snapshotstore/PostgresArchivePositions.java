package dev.dormouse.snapshotstore;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.residence.ArchivePosition;
import dev.dormouse.residence.ArchivePositions;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Optional;
import javax.sql.DataSource;

/** Archive positions in the catalog's PostgreSQL, table {@code archived_positions}. */
public final class PostgresArchivePositions implements ArchivePositions {
  private final SqlTransactions transactions;

  /** Positions behind these connections. */
  public PostgresArchivePositions(DataSource source) {
    this.transactions = new SqlTransactions(source);
  }

  @Override
  public Optional<ArchivePosition> of(DatabaseKey key) throws IOException {
    String sql =
        """
        SELECT tx_offset + 1, timestamp_micros, next_segment FROM archived_positions
         WHERE database = ? AND generation = ?
        """;
    return transactions.run(
        connection -> {
          try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setBytes(1, key.database().toBigEndian());
            select.setObject(2, key.generation().id());
            try (ResultSet rows = select.executeQuery()) {
              return rows.next()
                  ? Optional.of(
                      new ArchivePosition(
                          new TxOffset(rows.getLong(1)), rows.getLong(2), rows.getLong(3)))
                  : Optional.empty();
            }
          }
        });
  }

  @Override
  public void record(DatabaseKey key, ArchivePosition position) throws IOException {
    String sql =
        """
        INSERT INTO archived_positions AS known
               (database, generation, tx_offset, timestamp_micros, next_segment)
        VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (database, generation) DO UPDATE
           SET tx_offset = excluded.tx_offset, timestamp_micros = excluded.timestamp_micros,
               next_segment = excluded.next_segment, updated_at = now()
         WHERE known.next_segment < excluded.next_segment
        """;
    transactions.run(
        connection -> {
          try (PreparedStatement upsert = connection.prepareStatement(sql)) {
            upsert.setBytes(1, key.database().toBigEndian());
            upsert.setObject(2, key.generation().id());
            upsert.setLong(3, position.next().value() - 1);
            upsert.setLong(4, position.lastTimestampMicros());
            upsert.setLong(5, position.nextSequence());
            return upsert.executeUpdate();
          }
        });
  }

  @Override
  public void forget(DatabaseKey key) throws IOException {
    String sql = "DELETE FROM archived_positions WHERE database = ? AND generation = ?";
    transactions.run(
        connection -> {
          try (PreparedStatement delete = connection.prepareStatement(sql)) {
            delete.setBytes(1, key.database().toBigEndian());
            delete.setObject(2, key.generation().id());
            return delete.executeUpdate();
          }
        });
  }
}
