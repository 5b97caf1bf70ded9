package dev.dormouse.snapshotstore;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.residence.SnapshotStore;
import dev.dormouse.sats.Identity;
import dev.dormouse.snapshot.ChunkHash;
import dev.dormouse.snapshot.ChunkSource.ChunkVisitor;
import dev.dormouse.snapshot.Manifest;
import dev.dormouse.snapshot.SnapshotLimits;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import javax.sql.DataSource;

/**
 * Snapshots in the catalog's PostgreSQL, tables {@code manifests}, {@code chunks} and {@code
 * chunk_references}.
 *
 * <p>References are rows with foreign keys, inserted in the manifest's transaction, so PostgreSQL
 * itself forbids to delete a chunk that a snapshot names. Source: design §6.
 */
public final class PostgresSnapshotStore implements SnapshotStore {
  private final SqlTransactions transactions;
  private final SnapshotLimits snapshotLimits;
  private final SnapshotStoreLimits limits;
  private final Executor readers;
  private final Optional<ChunkCache> cache;

  /**
   * Snapshots behind these connections.
   *
   * @param readers fetches and unpacks chunks ahead of who reads them
   * @param cache keeps chunks that were read or written on this node
   */
  public PostgresSnapshotStore(
      DataSource source,
      SnapshotLimits snapshotLimits,
      SnapshotStoreLimits limits,
      Executor readers,
      Optional<ChunkCache> cache) {
    this.transactions = new SqlTransactions(source);
    this.snapshotLimits = snapshotLimits;
    this.limits = limits;
    this.readers = readers;
    this.cache = cache;
  }

  @Override
  public Draft begin(DatabaseKey key, Epoch epoch) {
    return new PostgresDraft(transactions, limits, cache, key, epoch);
  }

  @Override
  public Optional<Manifest> newest(DatabaseKey key) throws IOException {
    return newestUpTo(key, new TxOffset(Long.MAX_VALUE));
  }

  @Override
  public Optional<Manifest> newestUpTo(DatabaseKey key, TxOffset last) throws IOException {
    Optional<byte[]> body =
        transactions.read(
            connection -> {
              String sql =
                  """
                  SELECT body FROM manifests
                   WHERE database = ? AND generation = ? AND tx_offset <= ? AND retired_at IS NULL
                   ORDER BY tx_offset DESC LIMIT 1
                  """;
              try (PreparedStatement select = prepare(connection, sql, key)) {
                select.setLong(3, last.value());
                try (ResultSet rows = select.executeQuery()) {
                  return rows.next() ? Optional.of(rows.getBytes(1)) : Optional.empty();
                }
              }
            });
    return body.map(bytes -> Manifest.decode(bytes, snapshotLimits));
  }

  @Override
  public List<SnapshotSummary> list(DatabaseKey key) throws IOException {
    String sql =
        """
        SELECT tx_offset + 1, timestamp_micros, state_bytes FROM manifests
         WHERE database = ? AND generation = ? AND retired_at IS NULL ORDER BY tx_offset
        """;
    return transactions.run(
        connection -> {
          try (PreparedStatement select = prepare(connection, sql, key);
              ResultSet rows = select.executeQuery()) {
            List<SnapshotSummary> summaries = new ArrayList<>();
            while (rows.next()) {
              summaries.add(new SnapshotSummary(rows.getLong(1), rows.getLong(2), rows.getLong(3)));
            }
            return List.copyOf(summaries);
          }
        });
  }

  @Override
  public void read(DatabaseKey key, List<ChunkHash> hashes, ChunkVisitor visitor)
      throws IOException {
    new ChunkReads(transactions, snapshotLimits, limits, readers, cache).run(key, hashes, visitor);
  }

  @Override
  public void retire(DatabaseKey key, List<Long> snapshots) throws IOException {
    String sql =
        """
        UPDATE manifests m SET retired_at = now()
         WHERE database = ? AND generation = ? AND tx_offset = ANY (?) AND retired_at IS NULL
           AND tx_offset < (SELECT max(tx_offset) FROM manifests
                             WHERE database = m.database AND generation = m.generation
                               AND retired_at IS NULL)
        """;
    Object[] offsets = snapshots.stream().map(next -> next - 1).toArray();
    transactions.run(
        connection -> {
          try (PreparedStatement update = prepare(connection, sql, key)) {
            update.setArray(3, connection.createArrayOf("bigint", offsets));
            return update.executeUpdate();
          }
        });
  }

  @Override
  public void retireAll(DatabaseKey key) throws IOException {
    String sql =
        """
        UPDATE manifests SET retired_at = now()
         WHERE database = ? AND generation = ? AND retired_at IS NULL
        """;
    transactions.run(
        connection -> {
          try (PreparedStatement update = prepare(connection, sql, key)) {
            return update.executeUpdate();
          }
        });
  }

  @Override
  public List<DatabaseKey> withMoreThan(int snapshots, Optional<DatabaseKey> after, int limit)
      throws IOException {
    String sql =
        """
        SELECT database, generation FROM manifests %s
         GROUP BY database, generation HAVING count(*) > ? ORDER BY database, generation LIMIT ?
        """
            .formatted(after.isEmpty() ? "" : "WHERE (database, generation) > (?, ?)");
    return transactions.run(
        connection -> {
          try (PreparedStatement select = connection.prepareStatement(sql)) {
            int next = 1;
            if (after.isPresent()) {
              select.setBytes(next++, after.get().database().toBigEndian());
              select.setObject(next++, after.get().generation().id());
            }
            select.setInt(next++, snapshots);
            select.setInt(next, limit);
            try (ResultSet rows = select.executeQuery()) {
              List<DatabaseKey> keys = new ArrayList<>();
              while (rows.next()) {
                keys.add(
                    new DatabaseKey(
                        Identity.fromBigEndian(rows.getBytes(1)),
                        new Generation(rows.getObject(2, UUID.class))));
              }
              return List.copyOf(keys);
            }
          }
        });
  }

  @Override
  public Optional<SnapshotSummary> oldest(DatabaseKey key, Duration age) throws IOException {
    String sql =
        """
        SELECT tx_offset + 1, timestamp_micros, state_bytes FROM manifests
         WHERE database = ? AND generation = ?
           AND (retired_at IS NULL OR retired_at >= now() - ? * interval '1 millisecond')
         ORDER BY tx_offset LIMIT 1
        """;
    return transactions.run(
        connection -> {
          try (PreparedStatement select = prepare(connection, sql, key)) {
            select.setLong(3, age.toMillis());
            try (ResultSet rows = select.executeQuery()) {
              return rows.next()
                  ? Optional.of(
                      new SnapshotSummary(rows.getLong(1), rows.getLong(2), rows.getLong(3)))
                  : Optional.empty();
            }
          }
        });
  }

  private static PreparedStatement prepare(Connection connection, String sql, DatabaseKey key)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    statement.setBytes(1, key.database().toBigEndian());
    statement.setObject(2, key.generation().id());
    return statement;
  }

  @Override
  public SweepReport sweep(Duration age, boolean dryRun) throws IOException {
    return new SnapshotSweep(transactions, limits, age).run(dryRun);
  }
}
