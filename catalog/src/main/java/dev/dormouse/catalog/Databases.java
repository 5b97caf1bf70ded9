package dev.dormouse.catalog;

import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Databases and their modules. Every method is one transaction and blocks. */
public final class Databases {
  private static final String COLUMNS =
      """
      d.identity, d.owner, d.lineage, d.generation, d.initial_module, d.module, m.host_type,
      d.state, d.locked, d.idle_after_ms, d.created_at
      """;

  private static final String SELECT =
      "SELECT "
          + COLUMNS
          + """
              FROM databases d JOIN modules m ON m.hash = d.module
             WHERE d.state <> 'deleted'
            """;

  private static final String SELECT_NAMED =
      "SELECT n.database AS named, "
          + COLUMNS
          + """
              FROM names n
              LEFT JOIN databases d ON d.identity = n.database AND d.state <> 'deleted'
              LEFT JOIN modules m ON m.hash = d.module
             WHERE n.name = ?
            """;

  private final Transactions transactions;

  Databases(Transactions transactions) {
    this.transactions = transactions;
  }

  /** A database that exists and is not deleted. */
  public Optional<DatabaseRecord> find(Identity database) {
    return transactions.read(sql -> find(sql, database));
  }

  static Optional<NamedDatabase> named(Statements sql, DomainName name) throws SQLException {
    return sql.first(
        SELECT_NAMED,
        row ->
            new NamedDatabase(
                identity(row, "named"),
                row.getBytes("identity") == null ? Optional.empty() : Optional.of(read(row))),
        name);
  }

  /** The databases of an owner, oldest first. */
  public List<Identity> ownedBy(Identity owner) {
    return transactions.run(
        sql ->
            sql.list(
                """
                SELECT identity FROM databases WHERE owner = ? AND state <> 'deleted'
                 ORDER BY created_at, identity
                """,
                row -> identity(row, "identity"),
                owner));
  }

  /** Creates a database, with its first generation and its name. */
  public CreateOutcome create(NewDatabase wanted) {
    return transactions.run(
        sql -> {
          addModule(sql, wanted.module());
          int created =
              sql.update(
                  """
                  INSERT INTO databases (identity, owner, lineage, generation, initial_module,
                                         module, state, idle_after_ms)
                  VALUES (?, ?, ?, ?, ?, ?, 'active', ?)
                      ON CONFLICT (identity) DO UPDATE
                     SET owner = excluded.owner, lineage = excluded.lineage,
                         generation = excluded.generation,
                         initial_module = excluded.initial_module, module = excluded.module,
                         state = 'active', locked = false, idle_after_ms = excluded.idle_after_ms,
                         created_at = now(), deleted_at = NULL
                   WHERE databases.state = 'deleted'
                  """,
                  wanted.identity(),
                  wanted.owner(),
                  wanted.identity(),
                  wanted.generation(),
                  wanted.module().hash(),
                  wanted.module().hash(),
                  wanted.idleAfter());
          if (created == 0) {
            throw Transactions.undo(
                new CreateOutcome.AlreadyExists(existing(sql, wanted.identity())));
          }
          addGeneration(sql, wanted.identity(), wanted.generation(), GenerationCause.CREATED);
          if (wanted.name().isPresent()) {
            DomainName name = wanted.name().get();
            if (!Names.claimNamespace(sql, name, wanted.owner())) {
              throw Transactions.undo(new CreateOutcome.NamespaceTaken(name));
            }
            Identity holder = Names.claim(sql, name, wanted.identity());
            if (!holder.equals(wanted.identity())) {
              throw Transactions.undo(new CreateOutcome.NameTaken(name, holder));
            }
          }
          return new CreateOutcome.Created(existing(sql, wanted.identity()));
        });
  }

  /** Makes a program known, which a database is about to run: nothing may name it before. */
  public void knowModule(ModuleRecord module) {
    transactions.run(
        sql -> {
          addModule(sql, module);
          return module;
        });
  }

  /**
   * Records the program that a database runs from now on.
   *
   * @param generation the life it was published into
   * @return the database; absent if it is gone or began another life meanwhile
   */
  public Optional<DatabaseRecord> updateModule(
      Identity database, UUID generation, ModuleRecord module) {
    return transactions.run(
        sql -> {
          addModule(sql, module);
          int updated =
              sql.update(
                  """
                  UPDATE databases SET module = ?
                   WHERE identity = ? AND generation = ? AND state <> 'deleted'
                  """,
                  module.hash(),
                  database,
                  generation);
          return updated == 0 ? Optional.empty() : find(sql, database);
        });
  }

  /**
   * Begins a new life.
   *
   * @param previous the life that ends; another one means that somebody was faster
   * @return the database; absent if it is gone, locked or not in its previous life any more
   */
  public Optional<DatabaseRecord> startGeneration(
      Identity database, UUID previous, UUID next, ModuleRecord module, GenerationCause cause) {
    return transactions.run(
        sql -> {
          addModule(sql, module);
          int updated =
              sql.update(
                  """
                  UPDATE databases SET generation = ?, initial_module = ?, module = ?
                   WHERE identity = ? AND generation = ? AND state <> 'deleted' AND NOT locked
                  """,
                  next,
                  module.hash(),
                  module.hash(),
                  database,
                  previous);
          if (updated == 0) {
            return Optional.empty();
          }
          addGeneration(sql, database, next, cause);
          return find(sql, database);
        });
  }

  /** A program known to the catalog. */
  public Optional<ModuleRecord> module(ModuleHash hash) {
    return transactions.run(
        sql ->
            sql.first(
                "SELECT hash, host_type, bytes, location FROM modules WHERE hash = ?",
                row ->
                    new ModuleRecord(
                        hash(row, "hash"),
                        HostType.of(row.getString("host_type")),
                        row.getLong("bytes"),
                        row.getString("location")),
                hash));
  }

  /** Deletes a database. Its names stay, and lead to its identity when published again. */
  public DeleteOutcome delete(Identity database) {
    return transactions.run(
        sql -> {
          Optional<Boolean> locked =
              sql.first(
                  """
                  SELECT locked FROM databases WHERE identity = ? AND state <> 'deleted' FOR UPDATE
                  """,
                  row -> row.getBoolean("locked"),
                  database);
          if (locked.isEmpty()) {
            return DeleteOutcome.ABSENT;
          }
          if (locked.get()) {
            return DeleteOutcome.LOCKED;
          }
          sql.update(
              "UPDATE databases SET state = 'deleted', deleted_at = now() WHERE identity = ?",
              database);
          sql.update("DELETE FROM wake_ups WHERE database = ?", database);
          return DeleteOutcome.DELETED;
        });
  }

  /** Locks against delete and reset, or unlocks; absent if there is no such database. */
  public Optional<DatabaseRecord> setLocked(Identity database, boolean locked) {
    return change(database, "locked", locked);
  }

  /** Pauses or resumes; absent if there is no such database. */
  public Optional<DatabaseRecord> setState(Identity database, DatabaseRecord.State state) {
    return change(database, "state", state);
  }

  /**
   * Sets the idle time before sleep, or back to the node's; absent if there is no such database.
   */
  public Optional<DatabaseRecord> setIdleAfter(Identity database, Optional<Duration> idleAfter) {
    return change(database, "idle_after_ms", idleAfter);
  }

  private Optional<DatabaseRecord> change(Identity database, String column, Object value) {
    return transactions.run(
        sql -> {
          sql.update(
              "UPDATE databases SET "
                  + column
                  + " = ?::"
                  + columnType(column)
                  + " WHERE identity = ? AND state <> 'deleted'",
              value,
              database);
          return find(sql, database);
        });
  }

  private static String columnType(String column) {
    return switch (column) {
      case "locked" -> "boolean";
      case "state" -> "text";
      case "idle_after_ms" -> "bigint";
      default -> throw new IllegalStateException("no such column: " + column);
    };
  }

  private static void addModule(Statements sql, ModuleRecord module) throws SQLException {
    sql.update(
        """
        INSERT INTO modules (hash, host_type, bytes, location) VALUES (?, ?, ?, ?)
            ON CONFLICT (hash) DO NOTHING
        """,
        module.hash(),
        module.hostType(),
        module.bytes(),
        module.location());
  }

  private static void addGeneration(
      Statements sql, Identity database, UUID generation, GenerationCause cause)
      throws SQLException {
    sql.update(
        "INSERT INTO generations (generation, database, cause) VALUES (?, ?, ?)",
        generation,
        database,
        cause);
  }

  private static Optional<DatabaseRecord> find(Statements sql, Identity database)
      throws SQLException {
    return sql.first(SELECT + " AND d.identity = ?", Databases::read, database);
  }

  private static DatabaseRecord existing(Statements sql, Identity database) throws SQLException {
    return find(sql, database)
        .orElseThrow(() -> new IllegalStateException("no row of " + database + " in its insert"));
  }

  private static DatabaseRecord read(ResultSet row) throws SQLException {
    long idleAfter = row.getLong("idle_after_ms");
    Optional<Duration> idle =
        row.wasNull() ? Optional.empty() : Optional.of(Duration.ofMillis(idleAfter));
    return new DatabaseRecord(
        identity(row, "identity"),
        identity(row, "owner"),
        identity(row, "lineage"),
        row.getObject("generation", UUID.class),
        hash(row, "initial_module"),
        hash(row, "module"),
        HostType.of(row.getString("host_type")),
        DatabaseRecord.State.of(row.getString("state")),
        row.getBoolean("locked"),
        idle,
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }

  static Identity identity(ResultSet row, String column) throws SQLException {
    return Identity.fromBigEndian(row.getBytes(column));
  }

  private static ModuleHash hash(ResultSet row, String column) throws SQLException {
    return ModuleHash.ofBytes(row.getBytes(column));
  }
}
