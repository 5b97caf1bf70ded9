package dev.dormouse.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.datastore.Capture;
import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SnapshotTest {
  private static final SnapshotLimits CHUNKED =
      new SnapshotLimits(0, 2 << 10, 8 << 10, 32 << 10, 1 << 20, 16 << 20);
  private static final SnapshotLimits INLINE =
      new SnapshotLimits(64 << 20, 2 << 10, 8 << 10, 32 << 10, 1 << 20, 128 << 20);

  private static Manifest coded(Manifest manifest, SnapshotLimits limits) {
    return Manifest.decode(manifest.encode(), limits);
  }

  private static Datastore restored(Manifest manifest, ChunkSource chunks) throws IOException {
    return new SnapshotReader(manifest).restore(World.options(), chunks);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void aStoreComesBack(long seed) throws IOException {
    World world = new World(seed, 70_000);
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 6; round++) {
      for (SnapshotLimits limits : List.of(CHUNKED, INLINE)) {
        MemoryChunks chunks = new MemoryChunks();
        Manifest manifest = coded(world.snapshot(limits, chunks), limits);
        String where = "seed %d, round %d".formatted(seed, round);
        assertEquals(limits.equals(INLINE), manifest.isInline(), where);
        assertEquals(limits.equals(INLINE), chunks.packed.isEmpty(), where);
        Datastore back = restored(manifest, chunks);
        assertEquals(World.state(world.store), World.state(back), where);
        assertEquals(World.indexed(world.store), World.indexed(back), where);
        assertEquals(world.store.liveBytes(), back.liveBytes(), where);
        assertEquals(back.liveBytes(), manifest.liveBytes(), where);
      }
      for (int i = 0; i < 10; i++) {
        world.transact(random.nextInt(300));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void aRestoredStoreHasTheSameSnapshot(long seed) throws IOException {
    World world = new World(seed, 70_000);
    for (int i = 0; i < 40; i++) {
      world.transact(400);
    }
    for (SnapshotLimits limits : List.of(CHUNKED, INLINE)) {
      MemoryChunks chunks = new MemoryChunks();
      Manifest manifest = world.snapshot(limits, chunks);
      Datastore back = restored(manifest, chunks);
      Set<ChunkHash> before = new HashSet<>(chunks.packed.keySet());
      Manifest again = World.snapshot(back, manifest.header(), limits, chunks);
      Set<ChunkHash> added = new HashSet<>(chunks.packed.keySet());
      added.removeAll(before);
      assertEquals(0, added.size(), "of %d chunks".formatted(before.size()));
      assertArrayEquals(manifest.encode(), again.encode());
    }
  }

  @Test
  void theSameStateIsTheSameBytes() throws IOException {
    byte[][] manifests = new byte[2][];
    for (int i = 0; i < 2; i++) {
      World world = new World(3, 100);
      for (int j = 0; j < 10; j++) {
        world.transact(100);
      }
      manifests[i] = world.snapshot(CHUNKED, new MemoryChunks()).encode();
    }
    assertArrayEquals(manifests[0], manifests[1]);
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void consecutiveSnapshotsShareChunks(long seed) throws IOException {
    World world = new World(seed, 200);
    for (int i = 0; i < 60; i++) {
      world.transact(500);
    }
    MemoryChunks chunks = new MemoryChunks();
    Datastore store = world.store;
    Manifest first = world.snapshot(CHUNKED, chunks);
    int all = new HashSet<>(first.chunks()).size();
    assertTrue(all > 60, all + " chunks");
    for (int round = 0; round < 5; round++) {
      changeOneRow(store, world.tables[World.FIXED], round);
      int before = chunks.packed.size();
      Manifest next = World.snapshot(store, first.header(), CHUNKED, chunks);
      int added = chunks.packed.size() - before;
      assertTrue(
          added > 0 && added <= 4,
          "seed %d, round %d: %d of %d chunks are new".formatted(seed, round, added, all));
      if (round % 2 == 1) {
        store = restored(next, chunks); // A sleep in between.
      }
    }
  }

  private static void changeOneRow(Datastore store, int table, int round) {
    Transaction tx = store.begin();
    byte[] row = new BsatnWriter().writeI32(7777 + round).writeI64(-round).toByteArray();
    if (!tx.insert(table, row, 0, row.length).isDone()) {
      int index = store.committed().table(table).orElseThrow().indexes().getFirst().id();
      assertTrue(tx.update(table, index, row, 0, row.length).isDone());
    }
    tx.prepare();
    tx.merge();
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33})
  void restoreIsReplayOfThePrefix(long seed) throws IOException {
    World world = new World(seed, 5_000);
    SplittableRandom random = new SplittableRandom(seed);
    List<Manifest> manifests = new ArrayList<>();
    MemoryChunks chunks = new MemoryChunks();
    for (int i = 0; i < 30; i++) {
      if (random.nextInt(4) == 0) {
        SnapshotLimits limits = random.nextBoolean() ? CHUNKED : INLINE;
        manifests.add(coded(world.snapshot(limits, chunks), limits));
      }
      world.transact(random.nextInt(200));
    }
    assertFalse(manifests.isEmpty());
    for (Manifest manifest : manifests) {
      long prefix = manifest.header().nextOffset();
      Datastore back = restored(manifest, chunks);
      String where = "seed %d, offset %d".formatted(seed, prefix);
      assertEquals(World.state(world.replayed(prefix)), World.state(back), where);
      world.replay(back, prefix, world.nextOffset());
      assertEquals(World.state(world.store), World.state(back), where + " and the rest");
      assertEquals(World.indexed(world.store), World.indexed(back), where + " and the rest");
    }
  }

  @Test
  void aCaptureIsWrittenAsItWasThoughTheStoreGoesOn() throws IOException {
    World world = new World(41, 3_000);
    for (int i = 0; i < 20; i++) {
      world.transact(300);
    }
    var before = World.state(world.store);
    MemoryChunks chunks = new MemoryChunks();
    Manifest manifest;
    try (Capture capture = world.store.capture()) {
      SnapshotHeader header = world.header();
      for (int i = 0; i < 20; i++) {
        world.transact(300);
      }
      manifest = new SnapshotWriter(CHUNKED).write(capture, header, chunks);
    }
    assertEquals(before, World.state(restored(manifest, chunks)));
  }

  @Test
  void aMissingChunkIsNamed() throws IOException {
    World world = new World(51, 100);
    world.transact(500);
    MemoryChunks chunks = new MemoryChunks();
    Manifest manifest = world.snapshot(CHUNKED, chunks);
    ChunkHash gone = manifest.chunks().getLast();
    chunks.packed.remove(gone);
    MissingChunkException missing =
        assertThrows(MissingChunkException.class, () -> restored(manifest, chunks));
    assertTrue(missing.toString().contains(gone.toHex()));
  }

  @Test
  void aDamagedChunkIsRefused() throws IOException {
    World world = new World(52, 100);
    world.transact(500);
    MemoryChunks chunks = new MemoryChunks();
    Manifest manifest = world.snapshot(CHUNKED, chunks);
    chunks.packed.replaceAll(
        (hash, packed) -> {
          byte[] flipped = packed.clone();
          flipped[flipped.length - 1] ^= 1;
          return flipped;
        });
    EngineException refused = assertThrows(EngineException.class, () -> restored(manifest, chunks));
    assertEquals(EngineException.Code.OPERATOR, refused.code());
  }

  @Test
  void everyFlippedBitOfASmallSnapshotIsFound() throws IOException {
    World world = new World(53, 100);
    world.transact(20);
    byte[] bytes = world.snapshot(SnapshotLimits.DEFAULTS, new MemoryChunks()).encode();
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      byte[] flipped = bytes.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertThrows(
          DecodeException.class,
          () -> Manifest.decode(flipped, SnapshotLimits.DEFAULTS),
          "bit " + bit);
    }
  }

  @Test
  void rowsThatAreNoneOfTheirTableAreRefused() {
    World world = new World(54, 100);
    Manifest lie =
        Manifest.ofInlineRows(
            world.header(),
            2,
            List.of(new Manifest.TableRows(1, 1, 3, List.of())),
            List.of(),
            new byte[] {2, 9, 9});
    EngineException refused =
        assertThrows(
            EngineException.class,
            () -> restored(coded(lie, SnapshotLimits.DEFAULTS), new MemoryChunks()));
    assertEquals(EngineException.Code.OPERATOR, refused.code());
  }
}
