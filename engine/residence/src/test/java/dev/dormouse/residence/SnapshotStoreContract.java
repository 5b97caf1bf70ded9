package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.residence.SnapshotStore.SnapshotSummary;
import dev.dormouse.residence.SnapshotStore.SweepReport;
import dev.dormouse.snapshot.Chunk;
import dev.dormouse.snapshot.ChunkHash;
import dev.dormouse.snapshot.Manifest;
import dev.dormouse.snapshot.MissingChunkException;
import dev.dormouse.snapshot.SnapshotSamples;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The laws of {@link SnapshotStore}, which every implementation must hold. */
public abstract class SnapshotStoreContract {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Epoch EPOCH = new Epoch(3);
  private static final AtomicInteger KEYS = new AtomicInteger(1_000);
  private static final List<Chunk> CHUNKS = chunks(1, 40);

  private final DatabaseKey one = key();
  private final DatabaseKey other = key();

  /** The store under test; other databases may be in it. */
  protected abstract SnapshotStore store();

  /** Makes a database known, owned under an epoch and in this generation. */
  protected abstract void own(DatabaseKey key, Epoch epoch);

  /** Lets what is stored grow older. */
  protected abstract void passTime(Duration duration);

  /** A database that no other test knows. */
  protected static DatabaseKey key() {
    return Samples.key(KEYS.incrementAndGet());
  }

  private static List<Chunk> chunks(long seed, int count) {
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chunks.add(SnapshotSamples.chunk(100 * seed + i, 10 + 997 * i));
    }
    return chunks;
  }

  @BeforeEach
  void ownBoth() {
    own(one, EPOCH);
    own(other, EPOCH);
  }

  private Manifest publish(DatabaseKey key, long nextOffset, List<Chunk> chunks)
      throws IOException {
    Manifest manifest = SnapshotSamples.manifest(key, nextOffset, chunks);
    try (SnapshotStore.Draft draft = store().begin(key, EPOCH)) {
      for (Chunk chunk : chunks) {
        if (!draft.has(chunk.hash())) {
          draft.add(chunk);
        }
      }
      draft.publish(manifest);
    }
    return manifest;
  }

  private static void assertSame(Manifest expected, Manifest found) {
    assertArrayEquals(expected.encode(), found.encode());
  }

  private static List<ChunkHash> hashes(List<Chunk> chunks) {
    return chunks.stream().map(Chunk::hash).toList();
  }

  private void assertReadable(DatabaseKey key, List<Chunk> chunks) throws IOException {
    List<Chunk> read = new ArrayList<>();
    store().read(key, hashes(chunks), read::add);
    assertEquals(hashes(chunks), hashes(read));
    for (int i = 0; i < chunks.size(); i++) {
      assertTrue(SnapshotSamples.sameRows(chunks.get(i), read.get(i)), "chunk " + i);
    }
  }

  private void assertGone(DatabaseKey key, Chunk chunk) {
    assertThrows(
        MissingChunkException.class, () -> store().read(key, List.of(chunk.hash()), c -> {}));
  }

  private boolean has(DatabaseKey key, Chunk chunk) throws IOException {
    try (SnapshotStore.Draft draft = store().begin(key, EPOCH)) {
      return draft.has(chunk.hash());
    }
  }

  @Test
  void whatWasPublishedIsFound() throws IOException {
    assertTrue(store().newest(one).isEmpty());
    assertEquals(List.of(), store().list(one));
    Manifest manifest = publish(one, 5, CHUNKS);
    assertSame(manifest, store().newest(one).orElseThrow());
    assertReadable(one, CHUNKS);
    assertTrue(store().newest(other).isEmpty());
  }

  @Test
  void chunksComeInTheOrderAskedForAndAsOftenAsAskedFor() throws IOException {
    publish(one, 5, CHUNKS);
    List<Chunk> shuffled = new ArrayList<>(CHUNKS);
    shuffled.addAll(CHUNKS.subList(3, 9));
    Collections.shuffle(shuffled, new Random(4));
    assertReadable(one, shuffled);
    assertReadable(one, List.of());
  }

  @Test
  void aSmallSnapshotNeedsNoChunks() throws IOException {
    Manifest manifest = SnapshotSamples.inline(one, 0, 200_000);
    try (SnapshotStore.Draft draft = store().begin(one, EPOCH)) {
      draft.publish(manifest);
    }
    assertSame(manifest, store().newest(one).orElseThrow());
  }

  @Test
  void theNewestUpToAnOffsetIsFound() throws IOException {
    for (long next : new long[] {0, 7, 5, 12}) {
      publish(one, next, CHUNKS.subList(0, (int) next));
    }
    assertEquals(
        List.of(0L, 5L, 7L, 12L),
        store().list(one).stream().map(SnapshotSummary::nextOffset).toList());
    SnapshotSummary last = store().list(one).getLast();
    assertEquals(12_000, last.lastTimestampMicros());
    assertEquals(CHUNKS.subList(0, 12).stream().mapToLong(Chunk::size).sum(), last.liveBytes());
    assertEquals(12, store().newest(one).orElseThrow().header().nextOffset());
    long[][] expected = {{0, 0}, {3, 0}, {4, 5}, {5, 5}, {6, 7}, {11, 12}, {1000, 12}};
    for (long[] pair : expected) {
      assertEquals(
          pair[1],
          store().newestUpTo(one, new TxOffset(pair[0])).orElseThrow().header().nextOffset(),
          "up to " + pair[0]);
    }
  }

  @Test
  void aDraftIsNotSeenUntilItIsPublished() throws IOException {
    try (SnapshotStore.Draft draft = store().begin(one, EPOCH)) {
      draft.add(CHUNKS.getFirst());
      assertTrue(store().newest(one).isEmpty());
    }
    assertTrue(store().newest(one).isEmpty());
  }

  @Test
  void aSnapshotWithoutItsChunksIsRefusedWhole() throws IOException {
    publish(one, 1, CHUNKS.subList(0, 2));
    try (SnapshotStore.Draft draft = store().begin(one, EPOCH)) {
      draft.add(CHUNKS.get(2));
      Manifest manifest = SnapshotSamples.manifest(one, 9, CHUNKS.subList(0, 4));
      assertThrows(MissingChunkException.class, () -> draft.publish(manifest));
    }
    assertEquals(1, store().newest(one).orElseThrow().header().nextOffset());
    publish(one, 9, CHUNKS.subList(0, 4));
    assertReadable(one, CHUNKS.subList(0, 4));
  }

  @Test
  void onlyTheNewestEpochPublishes() throws IOException {
    Manifest manifest = SnapshotSamples.manifest(one, 1, CHUNKS.subList(0, 2));
    try (SnapshotStore.Draft draft = store().begin(one, EPOCH)) {
      for (Chunk chunk : CHUNKS.subList(0, 2)) {
        draft.add(chunk);
      }
      own(one, EPOCH.next());
      assertThrows(FencedException.class, () -> draft.publish(manifest));
    }
    assertTrue(store().newest(one).isEmpty());
    try (SnapshotStore.Draft draft = store().begin(one, EPOCH.next())) {
      for (Chunk chunk : CHUNKS.subList(0, 2)) {
        if (!draft.has(chunk.hash())) {
          draft.add(chunk);
        }
      }
      draft.publish(manifest);
    }
    assertSame(manifest, store().newest(one).orElseThrow());
  }

  @Test
  void anotherDatabasesManifestIsRefused() throws IOException {
    try (SnapshotStore.Draft draft = store().begin(one, EPOCH)) {
      assertThrows(
          IllegalArgumentException.class, () -> draft.publish(SnapshotSamples.inline(other, 0, 5)));
      DatabaseKey otherLife =
          new DatabaseKey(one.database(), new Generation(new UUID(8, KEYS.incrementAndGet())));
      assertThrows(
          IllegalArgumentException.class,
          () -> draft.publish(SnapshotSamples.inline(otherLife, 0, 5)));
    }
  }

  @Test
  void aDraftEnds() throws IOException {
    SnapshotStore.Draft draft = store().begin(one, EPOCH);
    draft.close();
    draft.close();
    assertThrows(IllegalStateException.class, () -> draft.has(CHUNKS.getFirst().hash()));
    assertThrows(IllegalStateException.class, () -> draft.add(CHUNKS.getFirst()));
    assertThrows(
        IllegalStateException.class, () -> draft.publish(SnapshotSamples.inline(one, 0, 5)));
  }

  @Test
  void theSameTxOffsetAgainChangesNothing() throws IOException {
    Manifest first = publish(one, 5, CHUNKS.subList(0, 3));
    publish(one, 5, CHUNKS.subList(2, 6));
    assertSame(first, store().newest(one).orElseThrow());
    assertEquals(1, store().list(one).size());
  }

  @Test
  void chunksAreSharedWithinADatabaseAndWithNobodyElse() throws IOException {
    publish(one, 5, CHUNKS);
    assertTrue(has(one, CHUNKS.get(7)));
    assertFalse(has(other, CHUNKS.get(7)));
    assertGone(other, CHUNKS.get(7));
    DatabaseKey nextLife =
        new DatabaseKey(one.database(), new Generation(new UUID(8, KEYS.incrementAndGet())));
    own(nextLife, EPOCH.next());
    assertTrue(has(nextLife, CHUNKS.get(7)), "the next life of the same database");
    assertTrue(store().newest(nextLife).isEmpty());
  }

  @Test
  void retiredSnapshotsAreNotSeenAndTheirChunksStay() throws IOException {
    publish(one, 5, CHUNKS.subList(0, 4));
    publish(one, 6, CHUNKS.subList(2, 6));
    publish(one, 7, CHUNKS.subList(4, 8));
    store().retire(one, List.of(5L, 7L, 99L));
    assertEquals(
        List.of(6L, 7L),
        store().list(one).stream().map(SnapshotSummary::nextOffset).toList(),
        "the newest stays");
    assertTrue(store().newestUpTo(one, new TxOffset(4)).isEmpty());
    store().sweep(HOUR, false);
    assertReadable(one, CHUNKS.subList(0, 8));
    assertEquals(2, store().list(one).size());
  }

  @Test
  void sweepRemovesWhatNothingNeedsAndNothingElse() throws IOException {
    publish(one, 5, CHUNKS.subList(0, 4));
    publish(one, 6, CHUNKS.subList(2, 6));
    publish(other, 6, CHUNKS.subList(0, 2));
    try (SnapshotStore.Draft abandoned = store().begin(one, EPOCH)) {
      abandoned.add(CHUNKS.get(20));
      Manifest incomplete = SnapshotSamples.manifest(one, 9, CHUNKS.subList(20, 22));
      assertThrows(MissingChunkException.class, () -> abandoned.publish(incomplete));
    }
    store().retire(one, List.of(5L));
    passTime(Duration.ofHours(2));
    publish(one, 7, CHUNKS.subList(6, 8));
    store().retire(one, List.of(6L));

    SweepReport would = store().sweep(HOUR, true);
    assertReadable(one, CHUNKS.subList(0, 8));
    SweepReport did = store().sweep(HOUR, false);
    assertEquals(would, did);
    assertEquals(1, did.snapshots());
    assertEquals(3, did.chunks(), "two of the retired snapshot, one of the abandoned draft");
    assertGone(one, CHUNKS.get(0));
    assertGone(one, CHUNKS.get(1));
    assertGone(one, CHUNKS.get(20));
    assertReadable(one, CHUNKS.subList(2, 8));
    assertReadable(other, CHUNKS.subList(0, 2));
    assertEquals(new SweepReport(0, 0, 0), store().sweep(HOUR, false));
    publish(one, 8, CHUNKS.subList(0, 1));
    assertReadable(one, CHUNKS.subList(0, 1));
  }

  @Test
  void aRetiredSnapshotComesBackWhenItIsPublishedAgain() throws IOException {
    publish(one, 5, CHUNKS.subList(0, 4));
    publish(one, 6, CHUNKS.subList(0, 4));
    store().retire(one, List.of(5L));
    publish(one, 5, CHUNKS.subList(0, 4));
    assertEquals(2, store().list(one).size());
    passTime(Duration.ofHours(2));
    assertEquals(0, store().sweep(HOUR, false).snapshots());
  }

  @Test
  void ofADeletedDatabaseNothingStays() throws IOException {
    publish(one, 5, CHUNKS.subList(0, 4));
    publish(one, 6, CHUNKS.subList(2, 6));
    store().retireAll(one);
    assertTrue(store().newest(one).isEmpty());
    assertReadable(one, CHUNKS.subList(0, 6));
    passTime(Duration.ofHours(2));
    assertEquals(6, store().sweep(HOUR, false).chunks());
    assertGone(one, CHUNKS.get(3));
  }

  /** Those of this test that have more, read one by one. */
  private List<DatabaseKey> withMoreThan(int snapshots) throws IOException {
    List<DatabaseKey> found = new ArrayList<>();
    List<DatabaseKey> batch;
    do {
      batch =
          store()
              .withMoreThan(
                  snapshots, found.isEmpty() ? Optional.empty() : Optional.of(found.getLast()), 1);
      found.addAll(batch);
    } while (!batch.isEmpty());
    return found.stream().filter(key -> key.equals(one) || key.equals(other)).sorted().toList();
  }

  @Test
  void databasesAreFoundByWhatIsStoredOfThem() throws IOException {
    publish(one, 5, CHUNKS.subList(0, 1));
    publish(one, 6, CHUNKS.subList(0, 1));
    publish(other, 6, CHUNKS.subList(0, 1));
    assertEquals(List.of(one, other), withMoreThan(0));
    assertEquals(List.of(one), withMoreThan(1));
    assertEquals(List.of(), withMoreThan(2));
    store().retire(one, List.of(5L));
    assertEquals(List.of(one), withMoreThan(1), "retired is stored");
    passTime(Duration.ofHours(2));
    store().sweep(HOUR, false);
    assertEquals(List.of(), withMoreThan(1));
  }

  @Test
  void theOldestIsTheOneThatASweepWouldLeave() throws IOException {
    assertEquals(Optional.empty(), store().oldest(one, HOUR));
    publish(one, 5, CHUNKS.subList(0, 1));
    publish(one, 6, CHUNKS.subList(0, 1));
    assertEquals(5, store().oldest(one, HOUR).orElseThrow().nextOffset());
    store().retire(one, List.of(5L));
    assertEquals(5, store().oldest(one, HOUR).orElseThrow().nextOffset());
    passTime(Duration.ofHours(2));
    SnapshotSummary oldest = store().oldest(one, HOUR).orElseThrow();
    assertEquals(store().list(one).getFirst(), oldest);
    store().retireAll(one);
    passTime(Duration.ofHours(2));
    assertEquals(Optional.empty(), store().oldest(one, HOUR));
    store().sweep(HOUR, false);
    assertEquals(Optional.empty(), store().oldest(one, HOUR));
  }
}
