package dev.dormouse.snapshotstore;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.residence.FencedException;
import dev.dormouse.residence.SnapshotStore;
import dev.dormouse.snapshot.Chunk;
import dev.dormouse.snapshot.ChunkHash;
import dev.dormouse.snapshot.Manifest;
import dev.dormouse.snapshot.MissingChunkException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** A snapshot on its way to PostgreSQL: chunks by and by, then all else in one transaction. */
final class PostgresDraft implements SnapshotStore.Draft {
  private static final class Gathered {
    final ChunkHash hash;
    final byte[] packed;
    final int size;

    Gathered(Chunk chunk, byte[] packed) {
      this.hash = chunk.hash();
      this.packed = packed;
      this.size = chunk.size();
    }
  }

  private final SqlTransactions transactions;
  private final SnapshotStoreLimits limits;
  private final Optional<ChunkCache> cache;
  private final DatabaseKey key;
  private final Epoch epoch;

  /** What is stored of the lineage; read when it is first asked for, small snapshots never do. */
  private Optional<Set<ChunkHash>> stored = Optional.empty();

  private final List<Gathered> gathered = new ArrayList<>();
  private long gatheredBytes;
  private boolean open = true;

  PostgresDraft(
      SqlTransactions transactions,
      SnapshotStoreLimits limits,
      Optional<ChunkCache> cache,
      DatabaseKey key,
      Epoch epoch) {
    this.transactions = transactions;
    this.limits = limits;
    this.cache = cache;
    this.key = key;
    this.epoch = epoch;
  }

  private void requireOpen() {
    if (!open) {
      throw new IllegalStateException("the draft has ended");
    }
  }

  @Override
  public boolean has(ChunkHash hash) {
    return stored().contains(hash);
  }

  private Set<ChunkHash> stored() {
    requireOpen();
    if (stored.isEmpty()) {
      try {
        stored = Optional.of(transactions.run(this::selectStored));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return stored.get();
  }

  private Set<ChunkHash> selectStored(Connection connection) throws SQLException {
    String sql =
        "SELECT hash FROM chunks WHERE lineage = (SELECT lineage FROM databases WHERE identity = ?)";
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setBytes(1, key.database().toBigEndian());
      Set<ChunkHash> hashes = new HashSet<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          hashes.add(ChunkHash.ofBytes(rows.getBytes(1)));
        }
      }
      return hashes;
    }
  }

  @Override
  public void add(Chunk chunk) throws IOException {
    if (!stored().add(chunk.hash())) {
      return;
    }
    byte[] packed = chunk.pack();
    gathered.add(new Gathered(chunk, packed));
    gatheredBytes += packed.length;
    cache.ifPresent(chunks -> chunks.put(key.database(), chunk.hash(), packed));
    if (gatheredBytes >= limits.bytesPerWrite()) {
      flush();
    }
  }

  private void flush() throws IOException {
    if (!gathered.isEmpty()) {
      transactions.run(this::insertGathered);
      gathered.clear();
      gatheredBytes = 0;
    }
  }

  private int insertGathered(Connection connection) throws SQLException {
    String sql =
        """
        INSERT INTO chunks (lineage, hash, bytes, size)
        SELECT lineage, ?, ?, ? FROM databases WHERE identity = ?
            ON CONFLICT (lineage, hash) DO UPDATE SET stored_at = now()
        """;
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      for (Gathered chunk : gathered) {
        insert.setBytes(1, chunk.hash.toByteArray());
        insert.setBytes(2, chunk.packed);
        insert.setInt(3, chunk.size);
        insert.setBytes(4, key.database().toBigEndian());
        insert.addBatch();
      }
      return insert.executeBatch().length;
    }
  }

  @Override
  public void publish(Manifest manifest) throws IOException {
    requireOpen();
    SnapshotStore.requireOf(key, manifest);
    flush();
    byte[] body = manifest.encode();
    List<ChunkHash> chunks = manifest.chunks();
    transactions.run(
        connection -> {
          checkEpoch(connection);
          Optional<Long> id = insertManifest(connection, manifest, body);
          if (id.isPresent() && !chunks.isEmpty()) {
            insertReferences(connection, id.get(), chunks);
          }
          return id;
        });
    open = false;
  }

  /** Checks that the epoch is the newest, and keeps it so until the transaction ends. */
  private void checkEpoch(Connection connection) throws SQLException, IOException {
    String sql = "SELECT generation, epoch FROM ownership WHERE database = ? FOR SHARE";
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setBytes(1, key.database().toBigEndian());
      try (ResultSet rows = select.executeQuery()) {
        if (!rows.next()) {
          throw new IOException("nobody owns " + key);
        }
        UUID generation = rows.getObject(1, UUID.class);
        Epoch newest = new Epoch(rows.getLong(2));
        if (!generation.equals(key.generation().id()) || !newest.equals(epoch)) {
          throw new FencedException(key, epoch, newest);
        }
      }
    }
  }

  /** The new row's id; empty if there is a snapshot of this tx offset, which is the same state. */
  private Optional<Long> insertManifest(Connection connection, Manifest manifest, byte[] body)
      throws SQLException {
    String sql =
        """
        INSERT INTO manifests (database, generation, lineage, epoch, tx_offset, timestamp_micros,
                               module, state_bytes, body)
        SELECT identity, ?, lineage, ?, ?, ?, ?, ?, ? FROM databases WHERE identity = ?
            ON CONFLICT (database, generation, tx_offset) DO UPDATE SET retired_at = NULL
        RETURNING id, xmax = 0
        """;
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      insert.setObject(1, key.generation().id());
      insert.setLong(2, epoch.value());
      insert.setLong(3, manifest.header().nextOffset() - 1);
      insert.setLong(4, manifest.header().lastTimestampMicros());
      insert.setBytes(5, manifest.header().module().toByteArray());
      insert.setLong(6, manifest.liveBytes());
      insert.setBytes(7, body);
      insert.setBytes(8, key.database().toBigEndian());
      try (ResultSet rows = insert.executeQuery()) {
        if (!rows.next()) {
          throw new IllegalStateException("no row of " + key + " though it is owned");
        }
        return rows.getBoolean(2) ? Optional.of(rows.getLong(1)) : Optional.empty();
      }
    }
  }

  private void insertReferences(Connection connection, long manifest, List<ChunkHash> chunks)
      throws SQLException, IOException {
    // The reference's foreign key locks each chunk; what is missing is named before it fails.
    String missing =
        """
        SELECT u.hash FROM unnest(?::bytea[]) AS u (hash), manifests m
         WHERE m.id = ? AND NOT EXISTS
               (SELECT FROM chunks c WHERE c.lineage = m.lineage AND c.hash = u.hash)
         LIMIT 1
        """;
    try (PreparedStatement select = connection.prepareStatement(missing)) {
      select.setArray(1, connection.createArrayOf("bytea", ChunkReads.hashBytes(chunks)));
      select.setLong(2, manifest);
      try (ResultSet rows = select.executeQuery()) {
        if (rows.next()) {
          throw new MissingChunkException(ChunkHash.ofBytes(rows.getBytes(1)), "PostgreSQL");
        }
      }
    }
    String references =
        """
        INSERT INTO chunk_references (manifest, position, lineage, hash)
        SELECT m.id, u.position - 1, m.lineage, u.hash
          FROM unnest(?::bytea[]) WITH ORDINALITY AS u (hash, position), manifests m
         WHERE m.id = ?
        """;
    try (PreparedStatement insert = connection.prepareStatement(references)) {
      insert.setArray(1, connection.createArrayOf("bytea", ChunkReads.hashBytes(chunks)));
      insert.setLong(2, manifest);
      insert.executeUpdate();
    }
  }

  @Override
  public void close() {
    open = false;
    gathered.clear();
  }
}
