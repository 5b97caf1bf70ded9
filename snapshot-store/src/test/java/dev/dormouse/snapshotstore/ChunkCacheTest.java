package dev.dormouse.snapshotstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.residence.Samples;
import dev.dormouse.sats.Identity;
import dev.dormouse.snapshot.Chunk;
import dev.dormouse.snapshot.SnapshotLimits;
import dev.dormouse.snapshot.SnapshotSamples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChunkCacheTest {
  private static final Identity ONE = Samples.key(1).database();
  private static final Identity OTHER = Samples.key(2).database();

  @TempDir Path folder;
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private boolean lazy;
  private final List<String> warnings = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @BeforeEach
  void clean() throws IOException {
    Files.write(Files.createDirectories(folder.resolve("incoming")).resolve("half"), new byte[3]);
  }

  /** A cache that holds three of {@link #chunk}. */
  private ChunkCache open() throws IOException {
    SnapshotStoreLimits standard = SnapshotStoreLimits.DEFAULTS;
    SnapshotStoreLimits small =
        new SnapshotStoreLimits(
            standard.connectionsMax(),
            standard.connectionWait(),
            standard.connect(),
            standard.statement(),
            standard.socket(),
            standard.chunksPerRead(),
            standard.readsAhead(),
            standard.bytesPerWrite(),
            standard.sweepChunks(),
            3_500,
            2_500,
            standard.chunkThreads());
    return ChunkCache.open(
        folder,
        small,
        SnapshotLimits.DEFAULTS,
        task -> {
          if (lazy) {
            tasks.add(task);
          } else {
            task.run();
          }
        },
        () -> now = now.plus(Duration.ofSeconds(1)),
        warnings::add);
  }

  private static Chunk chunk(long seed) {
    return SnapshotSamples.chunk(seed, 1_000);
  }

  private static void put(ChunkCache cache, Identity database, Chunk chunk) {
    cache.put(database, chunk.hash(), chunk.pack());
  }

  private static boolean has(ChunkCache cache, Identity database, Chunk chunk) {
    return cache
        .get(database, chunk.hash())
        .filter(found -> SnapshotSamples.sameRows(chunk, found))
        .isPresent();
  }

  @Test
  void whatWasPutIsThereAlsoAfterARestart() throws IOException {
    ChunkCache cache = open();
    put(cache, ONE, chunk(1));
    put(cache, ONE, chunk(1));
    for (ChunkCache opened : List.of(cache, open())) {
      assertTrue(has(opened, ONE, chunk(1)));
      assertFalse(has(opened, OTHER, chunk(1)), "nobody else's");
      assertFalse(has(opened, ONE, chunk(2)));
      assertEquals(1, opened.chunks());
    }
    assertFalse(Files.exists(folder.resolve("incoming/half")));
    assertEquals(List.of(), warnings);
  }

  @Test
  void theLeastRecentlyUsedGoesFirst() throws IOException {
    ChunkCache cache = open();
    for (int i = 1; i <= 3; i++) {
      put(cache, ONE, chunk(i));
    }
    assertTrue(has(cache, ONE, chunk(1)));
    put(cache, ONE, chunk(4));
    assertFalse(has(cache, ONE, chunk(2)));
    assertTrue(has(cache, ONE, chunk(3)));
    assertEquals(3, cache.chunks());
    assertTrue(cache.bytes() <= 3_500);
    ChunkCache opened = open();
    assertEquals(cache.bytes(), opened.bytes());
    put(opened, ONE, chunk(5));
    put(opened, ONE, chunk(6));
    assertTrue(has(opened, ONE, chunk(3)), "used last before the restart");
    assertFalse(has(opened, ONE, chunk(1)));
    assertFalse(has(opened, ONE, chunk(4)));
  }

  @Test
  void aChunkLargerThanTheCacheIsNotKept() throws IOException {
    ChunkCache cache = open();
    put(cache, ONE, chunk(1));
    put(cache, ONE, SnapshotSamples.chunk(2, 10_000));
    assertEquals(1, cache.chunks());
  }

  @Test
  void aDamagedChunkCountsAsAbsentAndIsReplaced() throws IOException {
    ChunkCache cache = open();
    put(cache, ONE, chunk(1));
    Path file = folder.resolve(ONE.toHex()).resolve(chunk(1).hash().toHex());
    byte[] bytes = Files.readAllBytes(file);
    bytes[500] ^= 1;
    Files.write(file, bytes);
    assertFalse(has(cache, ONE, chunk(1)));
    assertEquals(1, warnings.size());
    assertEquals(0, cache.bytes());
    put(cache, ONE, chunk(1));
    assertTrue(has(cache, ONE, chunk(1)));
  }

  @Test
  void whatIsBeyondThePendingBytesIsNotKept() throws IOException {
    ChunkCache cache = open();
    lazy = true;
    for (int i = 1; i <= 3; i++) {
      put(cache, ONE, chunk(i));
    }
    assertEquals(2, tasks.size());
    assertFalse(has(cache, ONE, chunk(1)), "not yet");
    tasks.forEach(Runnable::run);
    assertTrue(has(cache, ONE, chunk(1)) && has(cache, ONE, chunk(2)));
    assertFalse(has(cache, ONE, chunk(3)));
    put(cache, ONE, chunk(3));
    assertEquals(3, tasks.size(), "room again");
  }

  @Test
  void aFolderThatFailsIsAWarningAndAMiss() throws IOException {
    ChunkCache cache = open();
    Files.delete(folder.resolve("incoming"));
    put(cache, ONE, chunk(1));
    assertEquals(1, warnings.size());
    assertFalse(has(cache, ONE, chunk(1)));
    assertEquals(0, cache.bytes());
  }

  @Test
  void aChunkThatWasTakenAwayIsAMiss() throws IOException {
    ChunkCache cache = open();
    put(cache, ONE, chunk(1));
    Files.delete(folder.resolve(ONE.toHex()).resolve(chunk(1).hash().toHex()));
    assertFalse(has(cache, ONE, chunk(1)));
    assertEquals(0, cache.chunks());
    assertEquals(List.of(), warnings);
  }
}
