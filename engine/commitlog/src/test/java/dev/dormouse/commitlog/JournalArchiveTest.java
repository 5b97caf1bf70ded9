package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.Samples.Heard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class JournalArchiveTest {
  private static final DatabaseKey A = Samples.key(1);
  private static final DatabaseKey B = Samples.key(2);

  private final MemoryLogStorage disk = LogStorage.inMemory();
  private final Map<DatabaseKey, JournalAppender> appenders = new HashMap<>();
  private Journal journal = open();

  private Journal open() {
    try {
      return Journal.open(disk, Samples.SMALL, Samples.random(1), () -> {});
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void reopen() throws IOException {
    journal.close();
    appenders.clear();
    journal = open();
  }

  /** Appends records of 500 bytes or so, a group each: four to a file. */
  private void write(DatabaseKey key, int count) {
    JournalAppender appender =
        appenders.computeIfAbsent(
            key,
            k ->
                journal.appender(
                    k,
                    new Epoch(1),
                    journal.last(k).map(TxOffset::next).orElse(TxOffset.ZERO),
                    new Heard()));
    for (int i = 0; i < count; i++) {
      Samples.append(appender, appender.next(), 360);
      assertTrue(journal.writeGroup());
    }
  }

  private void closeAppender(DatabaseKey key) {
    Objects.requireNonNull(appenders.remove(key)).close();
  }

  private long records(DatabaseKey key, long from) throws IOException {
    return Samples.replayed(journal, key, from).size();
  }

  @Test
  void batchesAreOfOneEpochAndFitTheSegment() throws IOException {
    write(A, 20);
    RecordBatch batch = journal.batch(A, new TxOffset(3), new TxOffset(100));
    assertEquals(new TxOffset(3), batch.first());
    assertEquals(8, batch.records(), "as many as fit into 4,000 bytes");
    assertTrue(batch.size() <= Samples.SMALL.segmentBytesMax());
    assertEquals(batch.records() * 495.0, (double) batch.size(), 20.0);
    assertEquals(new TxOffset(10), batch.last());
    assertEquals(3_000, batch.firstTimestampMicros());
    assertEquals(10_000, batch.lastTimestampMicros());
    assertEquals(
        2, journal.batch(A, new TxOffset(3), new TxOffset(4)).records(), "as many as asked for");

    closeAppender(A);
    JournalAppender next = journal.appender(A, new Epoch(2), new TxOffset(18), new Heard());
    Samples.append(next, 18, 5);
    assertTrue(journal.writeGroup());
    RecordBatch before = journal.batch(A, new TxOffset(16), new TxOffset(18));
    assertEquals(new TxOffset(17), before.last());
    assertEquals(new Epoch(1), before.epoch());
    RecordBatch after = journal.batch(A, new TxOffset(18), new TxOffset(18));
    assertEquals(new Epoch(2), after.epoch());
    assertThrows(
        MissingRecordsException.class, () -> journal.batch(A, new TxOffset(19), new TxOffset(30)));
  }

  @Test
  void aFileGoesWhenAllInItIsArchived() throws IOException {
    write(A, 9);
    assertEquals(3, disk.list().size());
    assertEquals(List.of(), journal.trim().files());
    journal.archivedUpTo(A, new TxOffset(6));
    TrimReport report = journal.trim();
    assertEquals(List.of("0000000001.journal"), report.files());
    assertTrue(report.bytes() > 1_900, report.toString());
    assertEquals(5, records(A, 4));
    assertThrows(MissingRecordsException.class, () -> records(A, 3));
    journal.archivedUpTo(A, new TxOffset(8));
    assertEquals(
        List.of("0000000002.journal"), journal.trim().files(), "the file appended to stays");
    reopen();
    assertEquals(1, records(A, 8));
    write(A, 1);
    assertEquals(2, records(A, 8));
  }

  @Test
  void unarchivedTellsWhatIsLeft() throws IOException {
    write(A, 5);
    write(B, 2);
    journal.archivedUpTo(A, new TxOffset(1));
    List<LogRange> ranges = journal.unarchived();
    assertEquals(2, ranges.size());
    assertEquals(A, ranges.getFirst().key());
    assertEquals(new TxOffset(2), ranges.getFirst().first());
    assertEquals(new TxOffset(4), ranges.getFirst().last());
    assertEquals(B, ranges.getLast().key());
    assertEquals(TxOffset.ZERO, ranges.getLast().first());
    journal.archivedUpTo(A, new TxOffset(4));
    journal.archivedUpTo(B, new TxOffset(1));
    assertEquals(List.of(), journal.unarchived());
    journal.archivedUpTo(A, new TxOffset(2));
    assertEquals(List.of(), journal.unarchived(), "what is archived stays so");
  }

  @Test
  void aStragglerKeepsItsFileAndOnlyThat() throws IOException {
    write(B, 1);
    write(A, 12);
    closeAppender(B);
    journal.archivedUpTo(A, new TxOffset(11));
    assertEquals(List.of(), journal.stragglers(), "500 bytes are no straggler at 300");
    TrimReport report = journal.trim();
    assertEquals(List.of("0000000002.journal", "0000000003.journal"), report.files());
    assertEquals(
        List.of(
            "0000000001.index",
            "0000000001.journal",
            "0000000002-4-7.trimmed",
            "0000000003-8-11.trimmed",
            "0000000004.journal"),
        disk.list());
    for (int round = 0; round < 2; round++) {
      assertEquals(1, records(B, 0));
      assertEquals(
          round == 0 ? 0 : 4, records(A, 11), "what may go is not looked for before a restart");
      write(A, 3);
      assertEquals(round == 0 ? 3 : 6, records(A, 12));
      reopen();
    }
    journal.archivedUpTo(B, TxOffset.ZERO);
    journal.trim();
    assertTrue(
        disk.list().stream().noneMatch(name -> name.endsWith("trimmed")), disk.list().toString());
    assertEquals(7, records(A, 11));
  }

  @Test
  void stragglersAreNamedOnceTheyAreSmall() throws IOException {
    JournalAppender b = journal.appender(B, new Epoch(1), TxOffset.ZERO, new Heard());
    Samples.append(b, 0, 20);
    write(A, 6);
    assertEquals(List.of(), journal.stragglers());
    journal.archivedUpTo(A, new TxOffset(5));
    List<Straggler> stragglers = journal.stragglers();
    assertEquals(1, stragglers.size());
    assertEquals("0000000001.journal", stragglers.getFirst().file());
    LogRange range = stragglers.getFirst().range();
    assertEquals(B, range.key());
    assertEquals(TxOffset.ZERO, range.first());
    assertEquals(TxOffset.ZERO, range.last());
    journal.archivedUpTo(B, TxOffset.ZERO);
    assertEquals(List.of(), journal.stragglers());
    assertEquals(List.of("0000000001.journal"), journal.trim().files());
  }

  @Test
  void aForgottenGenerationKeepsNothingAlive() throws IOException {
    write(A, 6);
    write(B, 1);
    assertThrows(IllegalStateException.class, () -> journal.forget(A), "it is being written to");
    closeAppender(A);
    journal.forget(A);
    assertEquals(List.of(), Samples.replayed(journal, A, 0));
    assertEquals(1, journal.trim().files().size());
    assertEquals(1, records(B, 0));
    reopen();
    assertEquals(2, records(A, 4), "the rest of it is found again, and forgotten again");
    journal.forget(A);
    assertEquals(List.of(B), journal.unarchived().stream().map(LogRange::key).toList());
  }

  @Test
  void whatALaterEpochVoidedKeepsNothingAlive() throws IOException {
    write(A, 7);
    closeAppender(A);
    JournalAppender next = journal.appender(A, new Epoch(2), new TxOffset(2), new Heard());
    for (int i = 2; i < 6; i++) {
      Samples.append(next, i, 360);
      assertTrue(journal.writeGroup());
    }
    journal.archivedUpTo(A, new TxOffset(1));
    assertEquals(1, journal.trim().files().size(), "offsets 2 to 3 of epoch 1 count no more");
    assertEquals(4, records(A, 2));
  }

  @Test
  void aReaderKeepsItsFiles() throws IOException {
    write(A, 9);
    List<Long> seen = new ArrayList<>();
    journal.replay(
        A,
        TxOffset.ZERO,
        record -> {
          journal.archivedUpTo(A, new TxOffset(8));
          seen.add(record.offset().value());
          try {
            assertEquals(List.of(), journal.trim().files());
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    assertEquals(9, seen.size());
    assertEquals(2, journal.trim().files().size());
  }

  @Test
  void trimMayDieBetweenItsSteps() throws IOException {
    write(B, 1);
    write(A, 12);
    journal.archivedUpTo(A, new TxOffset(11));
    // The marker is there, the file not yet gone.
    disk.create("0000000002-4-7.trimmed").close();
    reopen();
    assertTrue(disk.list().contains("0000000002-4-7.trimmed"));
    assertTrue(!disk.list().contains("0000000002.journal"));
    assertEquals(5, records(A, 7));
    journal.archivedUpTo(A, new TxOffset(11));
    journal.archivedUpTo(B, TxOffset.ZERO);
    journal.trim();
    assertTrue(disk.list().stream().noneMatch(name -> name.endsWith("trimmed")));
    assertEquals(List.of("0000000005.journal"), disk.list());
    assertEquals(0, records(A, 11), "what may go is not looked for");
    reopen();
    assertEquals(1, records(A, 11), "before a restart");
  }
}
