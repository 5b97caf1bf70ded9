package dev.dormouse.snapshotstore;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.snapshot.Chunk;
import dev.dormouse.snapshot.ChunkHash;
import dev.dormouse.snapshot.ChunkSource.ChunkVisitor;
import dev.dormouse.snapshot.MissingChunkException;
import dev.dormouse.snapshot.SnapshotLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * Reads chunks in order, some statements ahead: while one chunk is being restored the next ones are
 * fetched, unpacked and verified by others.
 */
final class ChunkReads {
  private final SqlTransactions transactions;
  private final SnapshotLimits snapshotLimits;
  private final SnapshotStoreLimits limits;
  private final Executor readers;
  private final Optional<ChunkCache> cache;

  ChunkReads(
      SqlTransactions transactions,
      SnapshotLimits snapshotLimits,
      SnapshotStoreLimits limits,
      Executor readers,
      Optional<ChunkCache> cache) {
    this.transactions = transactions;
    this.snapshotLimits = snapshotLimits;
    this.limits = limits;
    this.readers = readers;
    this.cache = cache;
  }

  void run(DatabaseKey key, List<ChunkHash> hashes, ChunkVisitor visitor) throws IOException {
    Queue<CompletableFuture<List<Chunk>>> ahead = new ArrayDeque<>();
    int next = 0;
    try {
      while (next < hashes.size() || !ahead.isEmpty()) {
        while (next < hashes.size() && ahead.size() < limits.readsAhead()) {
          int end = Math.min(hashes.size(), next + limits.chunksPerRead());
          List<ChunkHash> batch = hashes.subList(next, end);
          ahead.add(CompletableFuture.supplyAsync(() -> fetchUnchecked(key, batch), readers));
          next = end;
        }
        ahead.remove().join().forEach(visitor::chunk);
      }
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case UncheckedIOException io -> throw io.getCause();
        case RuntimeException runtime -> throw runtime;
        case Error error -> throw error;
        case null, default -> throw e;
      }
    } finally {
      ahead.forEach(read -> read.cancel(false));
    }
  }

  private List<Chunk> fetchUnchecked(DatabaseKey key, List<ChunkHash> hashes) {
    try {
      return fetch(key, hashes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Chunk> fetch(DatabaseKey key, List<ChunkHash> hashes) throws IOException {
    Map<ChunkHash, Chunk> chunks = new HashMap<>();
    for (ChunkHash hash : hashes) {
      cache
          .flatMap(cached -> cached.get(key.database(), hash))
          .ifPresent(chunk -> chunks.put(hash, chunk));
    }
    List<ChunkHash> missed = hashes.stream().filter(hash -> !chunks.containsKey(hash)).toList();
    if (!missed.isEmpty()) {
      fetch(key, missed, chunks);
    }
    List<Chunk> inOrder = new ArrayList<>(hashes.size());
    for (ChunkHash hash : hashes) {
      Chunk chunk = chunks.get(hash);
      if (chunk == null) {
        throw new MissingChunkException(hash, "PostgreSQL");
      }
      inOrder.add(chunk);
    }
    return inOrder;
  }

  private void fetch(DatabaseKey key, List<ChunkHash> hashes, Map<ChunkHash, Chunk> into)
      throws IOException {
    Map<ChunkHash, byte[]> packed = transactions.run(connection -> select(connection, key, hashes));
    packed.forEach(
        (hash, bytes) -> {
          into.put(hash, Chunk.unpack(hash, bytes, snapshotLimits));
          cache.ifPresent(chunks -> chunks.put(key.database(), hash, bytes));
        });
  }

  private static Map<ChunkHash, byte[]> select(
      Connection connection, DatabaseKey key, List<ChunkHash> hashes) throws SQLException {
    String sql =
        """
        SELECT hash, bytes FROM chunks
         WHERE lineage = (SELECT lineage FROM databases WHERE identity = ?) AND hash = ANY (?)
        """;
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setBytes(1, key.database().toBigEndian());
      select.setArray(2, connection.createArrayOf("bytea", hashBytes(hashes)));
      Map<ChunkHash, byte[]> found = new HashMap<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.put(ChunkHash.ofBytes(rows.getBytes(1)), rows.getBytes(2));
        }
      }
      return found;
    }
  }

  static byte[][] hashBytes(List<ChunkHash> hashes) {
    return hashes.stream().map(ChunkHash::toByteArray).toArray(byte[][]::new);
  }
}
