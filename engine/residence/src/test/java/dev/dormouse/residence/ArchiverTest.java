package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.DurabilityListener;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Journal;
import dev.dormouse.commitlog.JournalAppender;
import dev.dormouse.commitlog.LogStorage;
import dev.dormouse.commitlog.MemoryLogStorage;
import dev.dormouse.commitlog.SegmentHeader;
import dev.dormouse.commitlog.SegmentName;
import dev.dormouse.commitlog.SegmentObject;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.residence.StoreFaults.Effect;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ArchiverTest {
  private static final DatabaseKey A = Samples.key(1);
  private static final DatabaseKey B = Samples.key(2);

  private MemoryLogStorage disk = LogStorage.inMemory();
  private StoreFaults faults = new StoreFaults();
  private SegmentStore segments = SegmentStore.inMemory(faults);
  private ArchivePositions positions = ArchivePositions.inMemory(faults);
  private TrimFloor floor = key -> Optional.of(new TxOffset(Long.MAX_VALUE));
  private Journal journal = open();
  private Archiver archiver = archiver();

  private Journal open() {
    try {
      var salts = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
      return Journal.open(disk, Samples.SMALL, salts, () -> {});
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Archiver archiver() {
    return new Archiver(
        journal, segments, positions, key -> floor.of(key), Samples.SMALL, Runnable::run);
  }

  private void restart() throws IOException {
    journal.close();
    journal = open();
    archiver = archiver();
  }

  private static final class Deaf implements DurabilityListener {
    @Override
    public void durable(TxOffset last) {}

    @Override
    public void failed(Throwable cause) {
      throw new AssertionError(cause);
    }
  }

  /** Appends records of about 500 bytes; eight fill a segment. */
  private void write(DatabaseKey key, long epoch, long from, int count) {
    JournalAppender appender =
        journal.appender(key, new Epoch(epoch), new TxOffset(from), new Deaf());
    for (int i = 0; i < count; i++) {
      byte[] record = Samples.record(key, epoch, from + i);
      assertTrue(appender.tryReserve(record.length));
      appender.append(record, 0, record.length);
      assertTrue(journal.writeGroup());
    }
    appender.close();
  }

  private static ArchiveRange range(DatabaseKey key, long epoch, long last) {
    return new ArchiveRange(
        key, new Epoch(epoch), new TxOffset(last), Samples.MODULE, Samples.OWNER);
  }

  private static void await(CompletionStage<Void> done) throws IOException {
    try {
      done.toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw e;
    }
  }

  private void archive(ArchiveRange range) throws IOException {
    await(archiver.archive(range));
  }

  private EngineException refusal(ArchiveRange range) {
    CompletionException thrown = assertThrows(CompletionException.class, () -> archive(range));
    return assertInstanceOf(EngineException.class, thrown.getCause());
  }

  private List<byte[]> archived(DatabaseKey key, long from, long to) throws IOException {
    List<byte[]> records = new ArrayList<>();
    new ArchiveReader(segments, Samples.SMALL)
        .read(
            key, new TxOffset(from), new TxOffset(to), record -> records.add(record.toByteArray()));
    return records;
  }

  private void assertArchived(DatabaseKey key, long epoch, long from, long to) throws IOException {
    List<byte[]> records = archived(key, from, to);
    assertEquals(to - from + 1, records.size());
    for (int i = 0; i < records.size(); i++) {
      assertArrayEquals(Samples.record(key, epoch, from + i), records.get(i), "record " + i);
    }
  }

  private static ArchivePosition position(long next, long nextSequence) {
    return new ArchivePosition(
        new TxOffset(next), next == 0 ? 0 : 1_000 * (next - 1), nextSequence);
  }

  @Test
  void aRangeBecomesSegments() throws IOException {
    write(A, 1, 0, 20);
    archive(range(A, 1, 18));
    assertEquals(
        List.of(0L, 1L, 2L),
        segments.list("").stream()
            .map(name -> SegmentName.parse(name).orElseThrow().sequence())
            .toList());
    assertEquals(Optional.of(position(19, 3)), positions.of(A));
    assertArchived(A, 1, 0, 18);
    assertEquals(new TxOffset(19), journal.unarchived().getFirst().first());
    archive(range(A, 1, 19));
    assertArchived(A, 1, 0, 19);
    assertEquals(List.of(), journal.unarchived());
    SegmentObject last =
        SegmentObject.decode(
            segments.read(SegmentName.of(A, 3).path()).orElseThrow(), Samples.SMALL);
    assertEquals(
        new SegmentHeader(A, 3, new Epoch(1), Samples.MODULE, Samples.OWNER), last.header());
  }

  @Test
  void whatIsArchivedIsNotArchivedAgain() throws IOException {
    write(A, 1, 0, 5);
    archive(range(A, 1, 4));
    faults.arm(0, Effect.NOTHING_STORED);
    archive(range(A, 1, 4));
    archive(range(A, 1, 2));
    assertEquals(0, faults.writes());
    restart();
    assertEquals(1, journal.unarchived().size(), "the journal forgets over a restart");
    archive(range(A, 1, 0));
    assertEquals(0, faults.writes());
    assertEquals(List.of(), journal.unarchived(), "and is told again");
  }

  @Test
  void databasesAndEpochsHaveSegmentsOfTheirOwn() throws IOException {
    write(A, 1, 0, 3);
    write(B, 1, 0, 2);
    write(A, 2, 3, 2);
    archive(range(A, 2, 4));
    archive(range(B, 1, 1));
    assertEquals(3, segments.list("").size());
    assertArchived(A, 1, 0, 2);
    assertArchived(A, 2, 3, 4);
    assertArchived(B, 1, 0, 1);
  }

  @Test
  void aGenerationMayBeginAnywhere() throws IOException {
    write(A, 1, 700, 3);
    archive(range(A, 1, 701));
    assertArchived(A, 1, 700, 701);
    assertEquals(Optional.of(position(702, 1)), positions.of(A));
  }

  @ParameterizedTest
  @EnumSource(Effect.class)
  void itMayDieAtEachStep(Effect effect) throws IOException {
    for (int step = 1; ; step++) {
      disk = LogStorage.inMemory();
      faults = new StoreFaults();
      segments = SegmentStore.inMemory(faults);
      positions = ArchivePositions.inMemory(faults);
      journal = open();
      archiver = archiver();
      write(A, 1, 0, 20);
      faults.arm(step, effect);
      boolean died = false;
      try {
        archive(range(A, 1, 14));
      } catch (IOException e) {
        died = true;
      }
      if (died) {
        restart();
        write(A, 2, 20, 2);
        // After a crash another range is told, as more has been written; and another program runs.
        archive(
            new ArchiveRange(
                A,
                new Epoch(2),
                new TxOffset(21),
                ModuleHash.ofProgram(new byte[] {9}),
                A.database()));
        assertArchived(A, 1, 0, 19);
        assertArchived(A, 2, 20, 21);
        assertEquals(21, positions.of(A).orElseThrow().next().value() - 1, "step " + step);
        assertEquals(
            segments.list("").size(),
            positions.of(A).orElseThrow().nextSequence(),
            "step %d: sequences have no holes".formatted(step));
        assertEquals(List.of(), journal.unarchived());
      } else {
        assertEquals(5, step, "two segments and their positions are four steps");
        return;
      }
    }
  }

  /** As {@link #itMayDieAtEachStep}, and then the catalog with the positions is lost as well. */
  @Test
  void aLostPositionIsFoundAgainInTheSegments() throws IOException {
    write(A, 1, 0, 20);
    archive(range(A, 1, 14));
    positions = ArchivePositions.inMemory();
    restart();
    archive(range(A, 1, 19));
    assertArchived(A, 1, 0, 19);
    assertEquals(Optional.of(position(20, 3)), positions.of(A));

    journal.trim();
    positions = ArchivePositions.inMemory();
    restart();
    write(A, 2, 20, 1);
    archive(range(A, 2, 20));
    assertArchived(A, 1, 0, 19);
    assertArchived(A, 2, 20, 20);
    assertEquals(Optional.of(position(21, 4)), positions.of(A));
  }

  @Test
  void aNewerEpochInTheArchiveFences() throws IOException {
    write(A, 1, 0, 3);
    archive(range(A, 1, 0));
    SegmentHeader theirs = new SegmentHeader(A, 1, new Epoch(2), Samples.MODULE, Samples.OWNER);
    byte[] marker = new SegmentObject.EpochMarker(theirs, new TxOffset(1)).encode();
    assertTrue(segments.create(theirs.name(), marker));
    assertThrows(FencedException.class, () -> archive(range(A, 1, 2)));
    assertEquals(Optional.of(position(1, 1)), positions.of(A));
    assertFalse(journal.unarchived().isEmpty(), "what the fenced node holds stays there");
    positions = ArchivePositions.inMemory();
    restart();
    assertThrows(FencedException.class, () -> archive(range(A, 1, 2)), "without a position too");
  }

  @Test
  void anEpochsOwnMarkIsPassed() throws IOException {
    write(A, 2, 5, 3);
    SegmentHeader ours = new SegmentHeader(A, 0, new Epoch(2), Samples.MODULE, Samples.OWNER);
    byte[] marker = new SegmentObject.EpochMarker(ours, new TxOffset(5)).encode();
    assertTrue(segments.create(ours.name(), marker));
    archive(range(A, 2, 7));
    assertArchived(A, 2, 5, 7);
    assertEquals(Optional.of(position(8, 2)), positions.of(A));
  }

  @Test
  void otherRecordsUnderOurNameAreRefused() throws IOException {
    write(A, 1, 0, 3);
    archive(range(A, 1, 1));
    SegmentStore elsewhere = segments;
    // Another disk whose history differs, archived to the same place under the same epoch.
    disk = LogStorage.inMemory();
    journal = open();
    write(A, 0, 0, 3);
    for (ArchivePositions lost :
        List.of(ArchivePositions.inMemory(), ArchivePositions.inMemory())) {
      positions = lost;
      archiver = archiver();
      EngineException refused = refusal(range(A, 1, 2));
      assertEquals(EngineException.Code.OPERATOR, refused.code());
      assertTrue(refused.text().contains("other records"), refused.text());
      lost.record(A, position(0, 0));
    }
    assertEquals(1, elsewhere.list("").size());
  }

  @Test
  void aDamagedSegmentUnderOurNameIsNamed() throws IOException {
    write(A, 1, 0, 3);
    String name = SegmentName.of(A, 0).path();
    segments.create(name, new byte[] {1, 2, 3});
    assertTrue(refusal(range(A, 1, 2)).text().contains(name + " is damaged"));
  }

  @Test
  void theJournalKeepsWhatNoSnapshotCovers() throws IOException {
    write(A, 1, 0, 10);
    floor = key -> Optional.empty();
    archive(range(A, 1, 9));
    assertArchived(A, 1, 0, 9);
    assertEquals(TxOffset.ZERO, journal.unarchived().getFirst().first());
    floor = key -> Optional.of(new TxOffset(4));
    await(archiver.release(A));
    assertEquals(new TxOffset(5), journal.unarchived().getFirst().first());
    floor = key -> Optional.of(new TxOffset(400));
    await(archiver.release(A));
    assertEquals(List.of(), journal.unarchived());
    await(archiver.release(B));
  }

  @Test
  void rangesOfADatabaseWaitForEachOtherAndFailuresForNobody() throws IOException {
    write(A, 1, 0, 3);
    write(B, 1, 0, 1);
    Queue<Runnable> tasks = new ArrayDeque<>();
    Archiver queued =
        new Archiver(
            journal, segments, positions, key -> Optional.empty(), Samples.SMALL, tasks::add);
    var first = queued.archive(range(A, 1, 0)).toCompletableFuture();
    var second = queued.archive(range(A, 1, 2)).toCompletableFuture();
    var other = queued.archive(range(B, 1, 0)).toCompletableFuture();
    assertEquals(2, tasks.size(), "one per database");
    faults.arm(1, Effect.NOTHING_STORED);
    tasks.remove().run();
    assertTrue(first.isCompletedExceptionally());
    assertFalse(second.isDone());
    tasks.remove().run();
    assertTrue(other.isDone() && !other.isCompletedExceptionally());
    tasks.remove().run();
    await(second);
    assertArchived(A, 1, 0, 2);
  }

  @Test
  void whatTheExecutorRefusesFails() throws IOException {
    write(A, 1, 0, 1);
    boolean[] stopped = {true};
    Archiver stopping =
        new Archiver(
            journal,
            segments,
            positions,
            key -> Optional.empty(),
            Samples.SMALL,
            task -> {
              if (stopped[0]) {
                throw new RejectedExecutionException("stopped");
              }
              task.run();
            });
    CompletionException refused =
        assertThrows(CompletionException.class, () -> await(stopping.archive(range(A, 1, 0))));
    assertInstanceOf(RejectedExecutionException.class, refused.getCause());
    stopped[0] = false;
    await(stopping.archive(range(A, 1, 0)));
    assertArchived(A, 1, 0, 0);
  }

  @Test
  void whatIsNotDurableYetIsNamed() {
    write(A, 1, 0, 2);
    IOException missing = assertThrows(IOException.class, () -> archive(range(A, 1, 5)));
    assertTrue(missing.toString().contains("2 to 5"), missing.toString());
  }
}
