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
import dev.dormouse.sats.ModuleHash;
import dev.dormouse.snapshot.Chunk;
import dev.dormouse.snapshot.MissingChunkException;
import dev.dormouse.snapshot.SnapshotSamples;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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
  private final Set<ModuleHash> running = new HashSet<>();

  private final ArchiveReader archived = new ArchiveReader(segments, Samples.SMALL);
  private final ArtefactStore artefacts = ArtefactStore.inMemory(() -> now, faults);

  private Retention retention(Mode mode) {
    return retention(mode, LIMITS);
  }

  private Retention retention(Mode mode, ResidenceLimits.Retention limits) {
    return new Retention(
        new Retention.Stores(
            lives,
            snapshots,
            segments,
            positions,
            archived,
            artefacts,
            () -> running,
            this::removeLogs),
        limits,
        () -> now,
        mode);
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
    snapshot(key, 20);
    snapshot(key, 30);
    return key;
  }

  private void snapshot(DatabaseKey key, long next) throws IOException {
    try (SnapshotStore.Draft draft = snapshots.begin(key, EPOCH)) {
      draft.add(CHUNK);
      draft.publish(SnapshotSamples.manifest(key, next, List.of(CHUNK)));
    }
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
    assertEquals(new Retention.Report(1, 3, 0, 0, 0, 0, 0), retention.pass());
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
      assertEquals(List.of(), lives.ended(Duration.ZERO, Optional.empty(), 1), "write " + cut);
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
    assertEquals(new Retention.Report(2, 6, 0, 0, 0, 0, 0), retention(Mode.DRY_RUN).pass());
    assertEquals(writes, faults.writes(), "nothing was written");
    for (DatabaseKey key : List.of(deleted, former, present)) {
      assertWhole(key);
    }
    assertEquals(new Retention.Report(2, 6, 0, 0, 0, 0, 0), retention(Mode.REMOVE).pass());
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

  /** A commit takes a millisecond here, and a day of them has 24. */
  private static final ResidenceLimits.Retention SHORT =
      new ResidenceLimits.Retention(
          2,
          Duration.ofMillis(7 * 24),
          Duration.ofMillis(24),
          Duration.ofMillis(3),
          Duration.ofMillis(7 * 24),
          2);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ofALivingDatabaseTheWindowStaysRestorableAndNoMore(boolean failing) throws IOException {
    DatabaseKey key = Samples.key(1);
    DatabaseKey idle = begin(Samples.key(2));
    lives.begin(key);
    int mostSnapshots = 0;
    int mostSegments = 0;
    for (int piece = 0; piece < 100; piece++) {
      long next = 4L * piece + 4;
      Samples.segment(segments, key, piece, 1, next - 4, next - 1);
      snapshot(key, next);
      now = Instant.EPOCH.plusMillis(next);
      if (failing) {
        faults.arm(1 + piece % 4, piece % 3 == 0 ? Effect.ANSWER_LOST : Effect.NOTHING_STORED);
      }
      retention(Mode.REMOVE, SHORT).pass();
      faults.arm(0, Effect.NOTHING_STORED);

      List<Long> visible =
          snapshots.list(key).stream().map(SnapshotStore.SnapshotSummary::nextOffset).toList();
      assertTrue(visible.contains(next) && (piece == 0 || visible.contains(next - 4)), "newest");
      long windowStart = Math.max(0, next - 7 * 24);
      long from = visible.stream().filter(each -> each <= windowStart).reduce(0L, (a, b) -> b);
      List<Long> offsets = new ArrayList<>();
      archived.read(
          key,
          new TxOffset(from),
          new TxOffset(next - 1),
          record -> offsets.add(record.offset().value()));
      assertEquals(next - from, offsets.size(), "all records from " + from + " to " + next);
      for (long day = windowStart; day + 48 < next; day += 24) {
        long begin = day;
        assertTrue(
            visible.stream().anyMatch(each -> each > begin && each <= begin + 48),
            "none behind " + day + " of " + visible);
      }
      mostSnapshots = Math.max(mostSnapshots, visible.size());
      mostSegments = Math.max(mostSegments, segments.list(SegmentName.folder(key)).size());
    }
    assertTrue(mostSnapshots <= 1 + 7 + 1 + 2, mostSnapshots + " snapshots");
    assertTrue(mostSegments <= (7 + 1) * 6 + 3, mostSegments + " segments of 6 a day");
    assertWhole(idle);

    // It falls silent: the window passes it by.
    for (int pass = 0; pass < 3; pass++) {
      now = now.plusMillis(8 * 24);
      retention(Mode.REMOVE, SHORT).pass();
    }
    assertEquals(
        List.of(396L, 400L),
        snapshots.list(key).stream().map(SnapshotStore.SnapshotSummary::nextOffset).toList());
    assertEquals(List.of(SegmentName.of(key, 99).path()), segments.list(SegmentName.folder(key)));
    assertEquals(List.of(), snapshots.withMoreThan(2, Optional.empty(), 9));
  }

  @Test
  void aDryRunLeavesTheLivingAlone() throws IOException {
    DatabaseKey key = Samples.key(1);
    lives.begin(key);
    for (int piece = 0; piece < 10; piece++) {
      Samples.segment(segments, key, piece, 1, 4L * piece, 4L * piece + 3);
      snapshot(key, 4L * piece + 4);
    }
    now = Instant.EPOCH.plusMillis(1_000);
    long writes = faults.writes();
    assertEquals(8, retention(Mode.DRY_RUN, SHORT).pass().retired());
    assertEquals(writes, faults.writes());
    assertEquals(8, retention(Mode.REMOVE, SHORT).pass().retired());
    now = now.plusMillis(100);
    Retention.Report would = retention(Mode.DRY_RUN, SHORT).pass();
    assertEquals(8, would.segments(), "one lay before all snapshots and went at once");
    assertEquals(8, would.snapshots());
    assertEquals(would, retention(Mode.REMOVE, SHORT).pass());
  }

  @Test
  void aProgramGoesWhenNothingHasRunItForLong() throws IOException {
    byte[] old = {1};
    byte[] young = {2};
    byte[] unknown = {3};
    DatabaseKey key = Samples.key(1);
    lives.begin(key);
    lives.publish(key, ModuleHash.ofProgram(old));
    for (byte[] program : List.of(old, young, unknown)) {
      artefacts.saveProgram(ModuleHash.ofProgram(program), program);
      artefacts.saveArtefact(ModuleHash.ofProgram(program), program);
    }
    assertEquals(0, retention(Mode.REMOVE).pass().programs());
    lives.publish(key, ModuleHash.ofProgram(young));
    assertEquals(0, retention(Mode.REMOVE).pass().programs());
    now = now.plus(LIMITS.programGrace()).plusMillis(1);
    running.addAll(List.of(ModuleHash.ofProgram(old), ModuleHash.ofProgram(unknown)));
    assertEquals(0, retention(Mode.REMOVE).pass().programs(), "not told to the catalog, but run");
    running.clear();
    assertEquals(2, retention(Mode.DRY_RUN).pass().programs());
    assertEquals(2, retention(Mode.REMOVE).pass().programs());
    assertTrue(artefacts.program(ModuleHash.ofProgram(young)).isPresent());
    for (byte[] gone : List.of(old, unknown)) {
      assertTrue(artefacts.program(ModuleHash.ofProgram(gone)).isEmpty());
      assertTrue(artefacts.artefact(ModuleHash.ofProgram(gone)).isEmpty());
    }
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
