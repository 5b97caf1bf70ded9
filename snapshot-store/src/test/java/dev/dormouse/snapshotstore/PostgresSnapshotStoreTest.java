package dev.dormouse.snapshotstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.catalog.CatalogServer;
import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.residence.SnapshotStore;
import dev.dormouse.residence.SnapshotStoreContract;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.snapshot.Chunk;
import dev.dormouse.snapshot.ChunkHash;
import dev.dormouse.snapshot.SnapshotLimits;
import dev.dormouse.snapshot.SnapshotSamples;
import dev.dormouse.snapshotstore.TestPostgres.Running;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(TestPostgres.class)
final class PostgresSnapshotStoreTest extends SnapshotStoreContract {
  private static final Epoch EPOCH = new Epoch(1);

  private final Running running;
  private final ExecutorService readers = Executors.newFixedThreadPool(2);
  private final SnapshotStore store;

  PostgresSnapshotStoreTest(Running running) {
    this.running = running;
    this.store =
        new PostgresSnapshotStore(
            running.pool().source(),
            SnapshotLimits.DEFAULTS,
            SnapshotStoreLimits.DEFAULTS,
            readers,
            Optional.empty());
  }

  @BeforeEach
  void clear() {
    running.run("TRUNCATE chunk_references, manifests, chunks");
  }

  @AfterEach
  void stop() {
    readers.close();
  }

  @Override
  protected SnapshotStore store() {
    return store;
  }

  @Override
  protected void own(DatabaseKey key, Epoch epoch) {
    running.own(key, epoch);
  }

  @Override
  protected void passTime(Duration duration) {
    String interval = duration.toSeconds() + " * interval '1 second'";
    running.run(
        "UPDATE chunks SET stored_at = stored_at - " + interval,
        "UPDATE manifests SET retired_at = retired_at - " + interval);
  }

  private DatabaseKey owned() {
    DatabaseKey key = key();
    own(key, EPOCH);
    return key;
  }

  private void publish(DatabaseKey key, long nextOffset, List<Chunk> chunks) throws IOException {
    try (SnapshotStore.Draft draft = store.begin(key, EPOCH)) {
      for (Chunk chunk : chunks) {
        if (!draft.has(chunk.hash())) {
          draft.add(chunk);
        }
      }
      draft.publish(SnapshotSamples.manifest(key, nextOffset, chunks));
    }
  }

  private static List<Chunk> large(int count) {
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chunks.add(SnapshotSamples.chunk(i, 1 << 20));
    }
    return chunks;
  }

  @Test
  void moreThanOneStatementsWorthIsWrittenAndRead() throws IOException {
    DatabaseKey key = owned();
    List<Chunk> chunks = large(20);
    publish(key, 1, chunks);
    List<ChunkHash> read = new ArrayList<>();
    store.read(key, chunks.stream().map(Chunk::hash).toList(), chunk -> read.add(chunk.hash()));
    assertEquals(chunks.stream().map(Chunk::hash).toList(), read);
  }

  @Test
  void theCacheStandsInFrontOfPostgres(@TempDir Path folder) throws IOException {
    ChunkCache cache =
        ChunkCache.open(
            folder,
            SnapshotStoreLimits.DEFAULTS,
            SnapshotLimits.DEFAULTS,
            Runnable::run,
            InstantSource.system(),
            warning -> {
              throw new AssertionError(warning);
            });
    DatabaseKey key = owned();
    List<Chunk> chunks = large(20);
    publish(key, 1, chunks);
    SnapshotStore cached =
        new PostgresSnapshotStore(
            running.pool().source(),
            SnapshotLimits.DEFAULTS,
            SnapshotStoreLimits.DEFAULTS,
            readers,
            Optional.of(cache));
    List<ChunkHash> hashes = chunks.stream().map(Chunk::hash).toList();
    cached.read(key, hashes.subList(5, 15), chunk -> {});
    assertEquals(10, cache.chunks());
    List<ChunkHash> read = new ArrayList<>();
    cached.read(key, hashes, chunk -> read.add(chunk.hash()));
    assertEquals(hashes, read, "half of them cached, in order all the same");
    running.run("TRUNCATE chunk_references, manifests, chunks");
    read.clear();
    cached.read(key, hashes, chunk -> read.add(chunk.hash()));
    assertEquals(hashes, read, "without PostgreSQL");
    Chunk written = SnapshotSamples.chunk(99, 10);
    try (SnapshotStore.Draft draft = cached.begin(key, EPOCH)) {
      draft.add(written);
    }
    assertEquals(21, cache.chunks(), "what is written is kept too");
  }

  @Test
  void postgresForbidsToDeleteAChunkInUse() throws IOException {
    DatabaseKey key = owned();
    publish(key, 1, large(1));
    AssertionError refused =
        assertThrows(AssertionError.class, () -> running.run("DELETE FROM chunks"));
    assertTrue(String.valueOf(refused.getMessage()).contains("foreign key"), refused.toString());
  }

  @Test
  void aDamagedChunkIsFound() throws IOException {
    DatabaseKey key = owned();
    List<Chunk> chunks = large(1);
    publish(key, 1, chunks);
    running.run("UPDATE chunks SET bytes = set_byte(bytes, 1000, get_byte(bytes, 1000) # 1)");
    assertThrows(
        DecodeException.class,
        () -> store.read(key, List.of(chunks.getFirst().hash()), chunk -> {}));
  }

  @Test
  void aVisitorsFailureIsItsOwn() throws IOException {
    DatabaseKey key = owned();
    List<Chunk> chunks = large(12);
    publish(key, 1, chunks);
    IllegalStateException own = new IllegalStateException("mine");
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                store.read(
                    key,
                    chunks.stream().map(Chunk::hash).toList(),
                    chunk -> {
                      throw own;
                    }));
    assertEquals(own, thrown);
  }

  @Test
  void aSweepLeavesWhatAnOpenTransactionNames() throws Exception {
    DatabaseKey key = owned();
    List<Chunk> chunks = large(2);
    publish(key, 1, chunks.subList(0, 1));
    publish(key, 2, chunks.subList(1, 2));
    store.retire(key, List.of(1L));
    passTime(Duration.ofHours(2));
    store.sweep(Duration.ofHours(1), true);
    String reference =
        """
        INSERT INTO chunk_references (manifest, position, lineage, hash)
        SELECT m.id, 1, c.lineage, c.hash FROM manifests m, chunks c
         WHERE m.retired_at IS NULL
           AND NOT EXISTS (SELECT FROM chunk_references r
                            WHERE r.manifest = m.id AND r.hash = c.hash)
        """;
    try (Connection connection = running.pool().source().getConnection();
        Statement statement = connection.createStatement();
        ExecutorService sweeper = Executors.newSingleThreadExecutor()) {
      connection.setAutoCommit(false);
      assertEquals(1, statement.executeUpdate(reference));
      Future<SnapshotStore.SweepReport> swept =
          sweeper.submit(() -> store.sweep(Duration.ofHours(1), false));
      assertEquals(1, swept.get().snapshots(), "done while the other has not committed");
      assertEquals(0, swept.get().chunks());
      connection.commit();
    }
    List<ChunkHash> read = new ArrayList<>();
    store.read(key, List.of(chunks.getFirst().hash()), chunk -> read.add(chunk.hash()));
    assertEquals(1, read.size());
  }

  @Test
  void aServerThatCannotBeReachedIsAnIoFailure() throws SQLException {
    SnapshotPool closed =
        SnapshotPool.open(
            new CatalogServer("jdbc:postgresql://127.0.0.1:1/none", "nobody", "none"),
            SnapshotStoreLimits.DEFAULTS);
    try (closed) {
      SnapshotStore unreachable =
          new PostgresSnapshotStore(
              closed.source(),
              SnapshotLimits.DEFAULTS,
              SnapshotStoreLimits.DEFAULTS,
              readers,
              Optional.empty());
      assertThrows(IOException.class, () -> unreachable.newest(key()));
    }
  }
}
