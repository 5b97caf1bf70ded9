package dev.dormouse.snapshotstore;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.residence.Samples;
import dev.dormouse.residence.SnapshotStore;
import dev.dormouse.snapshot.Chunk;
import dev.dormouse.snapshot.ChunkHash;
import dev.dormouse.snapshot.SnapshotLimits;
import dev.dormouse.snapshot.SnapshotSamples;
import dev.dormouse.snapshotstore.TestPostgres.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Run by hand: how long 100 MB of chunks that do not pack take to PostgreSQL and back. */
final class ChunkReadMeasurement {
  private static final int CHUNKS = 256;
  private static final int CHUNK_BYTES = 390_000;

  private ChunkReadMeasurement() {}

  public static void main(String[] arguments) throws IOException {
    try (Running running = Running.start("measurement");
        ExecutorService readers = Executors.newFixedThreadPool(2);
        ExecutorService writer = Executors.newSingleThreadExecutor()) {
      DatabaseKey key = Samples.key(1);
      running.own(key, new Epoch(1));
      List<Chunk> chunks = new ArrayList<>();
      for (int i = 0; i < CHUNKS; i++) {
        chunks.add(SnapshotSamples.chunk(i, CHUNK_BYTES));
      }
      List<ChunkHash> hashes = chunks.stream().map(Chunk::hash).toList();
      SnapshotStore direct = store(running, readers, Optional.empty());
      long start = System.nanoTime();
      try (SnapshotStore.Draft draft = direct.begin(key, new Epoch(1))) {
        for (Chunk chunk : chunks) {
          draft.add(chunk);
        }
        draft.publish(SnapshotSamples.manifest(key, 1, chunks));
      }
      print("write", start);
      for (int round = 0; round < 6; round++) {
        start = System.nanoTime();
        direct.read(key, hashes, chunk -> {});
        print("read from PostgreSQL", start);
      }
      ChunkCache cache =
          ChunkCache.open(
              Files.createTempDirectory(running.folder(), "cache"),
              SnapshotStoreLimits.DEFAULTS,
              SnapshotLimits.DEFAULTS,
              writer,
              InstantSource.system(),
              System.err::println);
      SnapshotStore cached = store(running, readers, Optional.of(cache));
      for (int round = 0; round < 6; round++) {
        start = System.nanoTime();
        cached.read(key, hashes, chunk -> {});
        print(round == 0 ? "read, filling the cache" : "read from the cache", start);
      }
      System.out.println(cache.chunks() + " chunks are in the cache");
      for (int round = 0; round < 6; round++) {
        start = System.nanoTime();
        if (direct.newest(key).isEmpty()) {
          throw new IllegalStateException("no snapshot");
        }
        print("newest manifest", start);
      }
    }
  }

  private static SnapshotStore store(
      Running running, ExecutorService readers, Optional<ChunkCache> cache) {
    return new PostgresSnapshotStore(
        running.pool().source(),
        SnapshotLimits.DEFAULTS,
        SnapshotStoreLimits.DEFAULTS,
        readers,
        cache);
  }

  private static void print(String what, long start) {
    System.out.printf("%-28s %8.2f ms%n", what, (System.nanoTime() - start) / 1e6);
  }
}
