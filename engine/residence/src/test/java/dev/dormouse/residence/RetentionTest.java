package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.commitlog.SegmentName;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.residence.Retention.Mode;
import dev.dormouse.residence.StoreFaults.Effect;
import dev.dormouse.sats.Identity;
import dev.dormouse.snapshot.Chunk;
import dev.dormouse.snapshot.MissingChunkException;
import dev.dormouse.snapshot.SnapshotSamples;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RetentionTest {
  private static final Epoch EPOCH = new Epoch(1);
  private static final ResidenceLimits.Retention LIMITS =
      new ResidenceLimits.Retention(
          2, Duration.ofDays(7), Duration.ofDays(1), Duration.ofMinutes(15), Duration.ofDays(7), 2);
  private static final Duration GRACE = LIMITS.grace().plusMillis(1);
  private static final Chunk CHUNK = SnapshotSamples.chunk(1, 1_000);

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final StoreFaults faults = new StoreFaults();
  private final MemoryLives lives = new MemoryLives(() -> now);
  private final SnapshotStore snapshots = SnapshotStore.inMemory(key -> EPOCH, () -> now, faults);
  private final SegmentStore segments = SegmentStore.inMemory(faults);
  private final ArchivePositions positions = ArchivePositions.inMemory(faults);
  private final Set<Identity> logs = new TreeSet<>();

  private Retention retention(Mode mode) {
    return new Retention(lives, snapshots, segments, positions, this::removeLogs, LIMITS, mode);
  }

  private void removeLogs(Identity database) throws IOException {
    faults.around("removal of logs", () -> logs.remove(database));
  }

  /** A life with all that a store can keep of one. */
  private DatabaseKey begin(DatabaseKey key) throws IOException {
    lives.begin(key);
    logs.add(key.database());
    for (long sequence = 0; sequence < 3; sequence++) {
      segments.create(SegmentName.of(key, sequence).path(), new byte[] {1});
    }
    positions.record(key, new ArchivePosition(new TxOffset(30), 30_000, 3));
    for (long next : new long[] {20, 30}) {
      try (SnapshotStore.Draft draft = snapshots.begin(key, EPOCH)) {
        draft.add(CHUNK);
        draft.publish(SnapshotSamples.manifest(key, next, List.of(CHUNK)));
      }
    }
    return key;
  }

  private static DatabaseKey nextLifeOf(DatabaseKey key) {
    return new DatabaseKey(key.database(), new Generation(new UUID(9, 9)));
  }

  private boolean hasChunk(DatabaseKey key) throws IOException {
    try {
      snapshots.read(key, List.of(CHUNK.hash()), chunk -> {});
      return true;
    } catch (MissingChunkException e) {
      return false;
    }
  }

  private void assertWhole(DatabaseKey key) throws IOException {
    assertEquals(3, segments.list(SegmentName.folder(key)).size());
    assertEquals(30, positions.of(key).orElseThrow().next().value());
    assertEquals(2, snapshots.list(key).size());
    assertTrue(hasChunk(key));
    assertTrue(logs.contains(key.database()));
  }

  private void assertGone(DatabaseKey key) throws IOException {
    assertEquals(List.of(), segments.list(SegmentName.folder(key)));
    assertTrue(positions.of(key).isEmpty());
    assertEquals(List.of(), snapshots.list(key));
  }

  @Test
  void whatADeletedDatabaseLeftGoesAfterTheGraceAndNothingElse() throws IOException {
    Retention retention = retention(Mode.REMOVE);
    DatabaseKey deleted = begin(Samples.key(1));
    DatabaseKey other = begin(Samples.key(2));
    assertTrue(retention.pass().isEmpty());
    lives.delete(deleted.database());
    assertTrue(retention.pass().isEmpty(), "now it is noticed");
    now = now.plus(LIMITS.grace().minusMillis(1));
    assertTrue(retention.pass().isEmpty());
    assertWhole(deleted);
    now = now.plusMillis(1);
    assertEquals(new Retention.Report(1, 3, 0, 0, 0), retention.pass());
    assertGone(deleted);
    assertFalse(logs.contains(deleted.database()));
    assertTrue(hasChunk(deleted), "chunks of retired snapshots have a grace of their own");
    now = now.plus(GRACE);
    Retention.Report swept = retention.pass();
    assertEquals(2, swept.snapshots());
    assertEquals(1, swept.chunks());
    assertFalse(hasChunk(deleted));
    assertTrue(retention.pass().isEmpty());
    assertWhole(other);
  }

  @Test
  void ofAFormerLifeTheNextOneKeepsWhatItShares() throws IOException {
    DatabaseKey former = begin(Samples.key(1));
    DatabaseKey present = begin(nextLifeOf(former));
    Retention retention = retention(Mode.REMOVE);
    for (int pass = 0; pass < 3; pass++) {
      retention.pass();
      now = now.plus(GRACE);
    }
    assertGone(former);
    assertWhole(present);
  }

  @ParameterizedTest
  @EnumSource
  void aPassThatIsCutOffAnywhereIsFinishedByTheNext(Effect effect) throws IOException {
    int cut = 0;
    boolean all = false;
    while (!all) {
      cut++;
      DatabaseKey deleted = begin(Samples.key(2 * cut));
      DatabaseKey other = begin(Samples.key(2 * cut + 1));
      lives.delete(deleted.database());
      retention(Mode.REMOVE).pass();
      now = now.plus(GRACE);
      faults.arm(cut, effect);
      retention(Mode.REMOVE).pass();
      all = faults.writes() < cut;
      faults.arm(0, effect);
      retention(Mode.REMOVE).pass();
      now = now.plus(GRACE);
      retention(Mode.REMOVE).pass();
      assertGone(deleted);
      assertFalse(hasChunk(deleted), "cut at write " + cut);
      assertFalse(logs.contains(deleted.database()), "cut at write " + cut);
      assertWhole(other);
      assertEquals(
          List.of(), lives.ended(Duration.ZERO, java.util.Optional.empty(), 1), "write " + cut);
    }
    assertTrue(cut > 6, "only " + cut + " writes");
  }

  @Test
  void oneThatCannotBeRemovedHoldsNobodyElseBack() throws IOException {
    List<DatabaseKey> deleted = new ArrayList<>();
    for (int i = 1; i <= 2 * LIMITS.batch() + 1; i++) {
      deleted.add(begin(Samples.key(i)));
    }
    deleted.forEach(key -> lives.delete(key.database()));
    retention(Mode.REMOVE).pass();
    now = now.plus(GRACE);
    faults.arm(1, Effect.NOTHING_STORED);
    assertEquals(deleted.size() - 1, retention(Mode.REMOVE).pass().lives());
    assertWhole(deleted.getFirst());
    assertEquals(1, retention(Mode.REMOVE).pass().lives());
    for (DatabaseKey key : deleted) {
      assertGone(key);
    }
  }

  @Test
  void aDryRunSaysWhatItWouldRemoveAndLeavesIt() throws IOException {
    DatabaseKey deleted = begin(Samples.key(1));
    DatabaseKey former = begin(Samples.key(2));
    DatabaseKey present = begin(nextLifeOf(former));
    lives.delete(deleted.database());
    retention(Mode.DRY_RUN).pass();
    now = now.plus(GRACE);
    long writes = faults.writes();
    assertEquals(new Retention.Report(2, 6, 0, 0, 0), retention(Mode.DRY_RUN).pass());
    assertEquals(writes, faults.writes(), "nothing was written");
    for (DatabaseKey key : List.of(deleted, former, present)) {
      assertWhole(key);
    }
    assertEquals(new Retention.Report(2, 6, 0, 0, 0), retention(Mode.REMOVE).pass());
  }

  @Test
  void whoIsToldToStopBeginsNothingMore() throws IOException {
    DatabaseKey deleted = begin(Samples.key(1));
    lives.delete(deleted.database());
    retention(Mode.REMOVE).pass();
    now = now.plus(GRACE);
    Retention stopped = retention(Mode.REMOVE);
    stopped.stop();
    assertTrue(stopped.pass().isEmpty());
    assertWhole(deleted);
  }

  @Test
  void programsOutliveTheWindowInWhichTheyMayBeWanted() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new ResidenceLimits.Retention(
                2,
                Duration.ofDays(7),
                Duration.ofDays(1),
                Duration.ofMinutes(15),
                Duration.ofDays(1),
                256));
  }
}
