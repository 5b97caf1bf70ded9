package dev.dormouse.catalog;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.database.Caller;
import dev.dormouse.residence.Ownership;
import dev.dormouse.residence.SleepRecord;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Ownership of databases by one run of one node, which holds the lock on its data folder: what it
 * has taken it keeps through sleep, so only the first wake after a start writes. Thread safe;
 * blocks.
 */
public final class SessionOwnership implements Ownership {
  private final Transactions transactions;
  private final UUID session;

  private SessionOwnership(Transactions transactions, UUID session) {
    this.transactions = transactions;
    this.session = session;
  }

  /** Registers a new run of a node and ends the ones that died. */
  static SessionOwnership begin(Transactions transactions, String node, UUID session) {
    transactions.run(
        sql -> {
          sql.update(
              "UPDATE node_sessions SET ended_at = now() WHERE node = ? AND ended_at IS NULL",
              node);
          return sql.update(
              "INSERT INTO node_sessions (session, node) VALUES (?, ?)", session, node);
        });
    return new SessionOwnership(transactions, session);
  }

  /** What is known of a database, in one statement. */
  private static final String SELECT =
      """
      SELECT d.owner, d.module, d.state = 'active' AS active,
             o.generation AS held_generation, o.epoch AS held_epoch, o.session AS held_session,
             s.epoch AS slept_epoch, s.last_offset, s.last_timestamp_micros, s.size_bytes,
             h.identity AS connected, h.connection_id
        FROM databases d
        LEFT JOIN ownership o ON o.database = d.identity
        LEFT JOIN sleeps s ON s.database = d.identity AND s.generation = d.generation
        LEFT JOIN held_connections h ON h.database = d.identity
       WHERE d.identity = ? AND d.generation = ?
      """;

  @Override
  public Owned take(DatabaseKey key) {
    Found known = transactions.read(sql -> present(sql, key));
    return known.isHeldBy(key, session)
        ? known.owned()
        : transactions.run(
            sql -> {
              own(sql, key);
              // Again: until now another owner may have put it to sleep.
              return present(sql, key).owned();
            });
  }

  private static Found present(Statements sql, DatabaseKey key) throws SQLException {
    return find(sql, key).filter(Found::active).orElseThrow(() -> unknown(key));
  }

  private static EngineException unknown(DatabaseKey key) {
    return EngineException.caller("no such database: " + key);
  }

  /**
   * A row of {@link #SELECT}, and all connections.
   *
   * @param heldEpoch 0 if nobody ever held it
   */
  private record Found(
      Identity owner,
      boolean active,
      Optional<UUID> heldGeneration,
      long heldEpoch,
      Optional<UUID> heldSession,
      Optional<SleepRecord> lastSleep) {
    boolean isHeldBy(DatabaseKey key, UUID session) {
      return heldGeneration.filter(key.generation().id()::equals).isPresent()
          && heldSession.filter(session::equals).isPresent();
    }

    Owned owned() {
      return new Owned(new Epoch(heldEpoch), owner, lastSleep);
    }

    Found with(List<Caller> connections) {
      return new Found(
          owner,
          active,
          heldGeneration,
          heldEpoch,
          heldSession,
          lastSleep.map(sleep -> sleep.with(connections)));
    }
  }

  private static Optional<Found> find(Statements sql, DatabaseKey key) throws SQLException {
    List<Caller> connections = new ArrayList<>();
    List<Found> rows =
        sql.list(
            SELECT,
            row -> {
              if (row.getBytes("connected") != null) {
                connections.add(caller(row));
              }
              return new Found(
                  Databases.identity(row, "owner"),
                  row.getBoolean("active"),
                  Optional.ofNullable(row.getObject("held_generation", UUID.class)),
                  row.getLong("held_epoch"),
                  Optional.ofNullable(row.getObject("held_session", UUID.class)),
                  sleep(row, key));
            },
            key.database(),
            key.generation().id());
    return rows.isEmpty() ? Optional.empty() : Optional.of(rows.getFirst().with(connections));
  }

  private static Optional<SleepRecord> sleep(ResultSet row, DatabaseKey key) throws SQLException {
    long epoch = row.getLong("slept_epoch");
    return row.wasNull()
        ? Optional.empty()
        : Optional.of(
            new SleepRecord(
                key,
                new Epoch(epoch),
                ModuleHash.ofBytes(row.getBytes("module")),
                row.getLong("last_offset"),
                row.getLong("last_timestamp_micros"),
                row.getLong("size_bytes"),
                List.of()));
  }

  /** Takes it under the epoch after the last. */
  private void own(Statements sql, DatabaseKey key) throws SQLException {
    sql.update(
        """
        INSERT INTO ownership (database, generation, epoch, session) VALUES (?, ?, ?, ?)
            ON CONFLICT (database) DO UPDATE
           SET generation = excluded.generation, epoch = ownership.epoch + 1,
               session = excluded.session, taken_at = now()
        """,
        key.database(),
        key.generation().id(),
        FIRST.value() + 1,
        session);
  }

  private void own(Statements sql, DatabaseKey key, long epoch) throws SQLException {
    sql.update(
        """
        INSERT INTO ownership (database, generation, epoch, session) VALUES (?, ?, ?, ?)
            ON CONFLICT (database) DO UPDATE
           SET generation = excluded.generation, epoch = excluded.epoch,
               session = excluded.session, taken_at = now()
        """,
        key.database(),
        key.generation().id(),
        epoch,
        session);
  }

  @Override
  public void born(DatabaseKey key) {
    transactions.run(
        sql -> {
          own(sql, key, FIRST.value());
          return key;
        });
  }

  private static Caller caller(ResultSet row) throws SQLException {
    return new Caller(
        Databases.identity(row, "connected"),
        ConnectionId.read(new BsatnReader(row.getBytes("connection_id"))));
  }

  @Override
  public void slept(SleepRecord sleep) {
    transactions.run(
        sql -> {
          DatabaseKey key = sleep.key();
          int ours =
              sql.update(
                  """
                  UPDATE ownership SET taken_at = taken_at
                   WHERE database = ? AND generation = ? AND epoch = ? AND session = ?
                  """,
                  key.database(),
                  key.generation().id(),
                  sleep.epoch().value(),
                  session);
          if (ours == 0) {
            throw EngineException.operator(
                "database %s was taken by another owner while it fell asleep".formatted(key));
          }
          sql.update(
              """
              INSERT INTO sleeps (database, generation, epoch, last_offset, last_timestamp_micros,
                                  size_bytes, due_queue)
              VALUES (?, ?, ?, ?, ?, ?, ''::bytea)
                  ON CONFLICT (database) DO UPDATE
                 SET generation = excluded.generation, epoch = excluded.epoch,
                     last_offset = excluded.last_offset,
                     last_timestamp_micros = excluded.last_timestamp_micros,
                     size_bytes = excluded.size_bytes, slept_at = now()
              """,
              key.database(),
              key.generation().id(),
              sleep.epoch().value(),
              sleep.lastOffset(),
              sleep.lastTimestamp(),
              sleep.sizeBytes());
          // A publish whose process died before it could tell the catalog is told by this sleep.
          sql.update(
              """
              UPDATE databases SET module = ?
               WHERE identity = ? AND generation = ? AND module <> ?
              """,
              sleep.program(),
              key.database(),
              key.generation().id(),
              sleep.program());
          sql.update("DELETE FROM held_connections WHERE database = ?", key.database());
          for (Caller held : sleep.connections()) {
            BsatnWriter id = new BsatnWriter(ConnectionId.BYTES);
            held.connection().write(id);
            sql.update(
                """
                INSERT INTO held_connections (database, connection_id, identity, session)
                VALUES (?, ?, ?, ?)
                """,
                key.database(),
                id.toByteArray(),
                held.identity(),
                session);
          }
          return sleep;
        });
  }

  @Override
  public List<DatabaseKey> leftBehind() {
    return transactions.run(
        sql ->
            sql.list(
                """
                SELECT d.identity, d.generation
                  FROM held_connections h JOIN databases d ON d.identity = h.database
                 WHERE h.session <> ? AND d.state = 'active'
                UNION
                SELECT d.identity, d.generation
                  FROM databases d
                  LEFT JOIN sleeps s ON s.database = d.identity AND s.generation = d.generation
                 WHERE d.state = 'active'
                   AND EXISTS (SELECT 1 FROM manifests m
                                WHERE m.database = d.identity AND m.generation = d.generation
                                  AND m.tx_offset > COALESCE(s.last_offset, -1))
                """,
                row ->
                    new DatabaseKey(
                        Databases.identity(row, "identity"),
                        new Generation(row.getObject("generation", UUID.class))),
                session));
  }

  @Override
  public boolean exists(DatabaseKey key) {
    return transactions.run(
        sql ->
            sql.first(
                    """
                    SELECT 1 FROM databases
                     WHERE identity = ? AND generation = ? AND state <> 'deleted'
                    """,
                    row -> row.getInt(1),
                    key.database(),
                    key.generation().id())
                .isPresent());
  }

  @Override
  public Optional<SleepRecord> lastSleep(DatabaseKey key) {
    return transactions.run(sql -> find(sql, key).flatMap(Found::lastSleep));
  }

  @Override
  public Map<DatabaseKey, Long> sleptAt(List<DatabaseKey> keys) {
    byte[][] databases =
        keys.stream().map(key -> key.database().toBigEndian()).toArray(byte[][]::new);
    List<SleptAt> slept =
        transactions.run(
            sql ->
                sql.list(
                    "SELECT database, generation, last_offset FROM sleeps WHERE database = ANY (?)",
                    row ->
                        new SleptAt(
                            new DatabaseKey(
                                Databases.identity(row, "database"),
                                new Generation(row.getObject("generation", UUID.class))),
                            row.getLong("last_offset")),
                    (Object) databases));
    Set<DatabaseKey> asked = Set.copyOf(keys);
    return slept.stream()
        .filter(each -> asked.contains(each.key()))
        .collect(Collectors.toMap(SleptAt::key, SleptAt::offset));
  }

  private record SleptAt(DatabaseKey key, long offset) {}

  /** The run of the node is over. */
  public void end() {
    transactions.run(
        sql -> sql.update("UPDATE node_sessions SET ended_at = now() WHERE session = ?", session));
  }
}
