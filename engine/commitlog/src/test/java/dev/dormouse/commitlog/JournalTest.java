package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.Samples.Heard;
import dev.dormouse.sats.EngineException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class JournalTest {
  private final MemoryLogStorage disk = LogStorage.inMemory();
  private final FaultyLogStorage storage = new FaultyLogStorage(disk);
  private final AtomicInteger wakes = new AtomicInteger();

  private Journal open() throws IOException {
    return Journal.open(storage, Samples.SMALL, Samples.random(1), wakes::incrementAndGet);
  }

  private static void drain(Journal journal) {
    while (journal.writeGroup()) {}
  }

  @Test
  void recordsOfTwoDatabasesComeBackApart() throws IOException {
    Journal journal = open();
    Heard heardA = new Heard();
    Heard heardB = new Heard();
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, heardA);
    JournalAppender b = journal.appender(Samples.key(2), new Epoch(1), new TxOffset(7), heardB);
    List<byte[]> ofA = new ArrayList<>();
    List<byte[]> ofB = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      ofA.add(Samples.append(a, i, 10));
      ofB.add(Samples.append(b, 7 + i, 20));
      if (i % 3 == 0) {
        drain(journal);
      }
    }
    drain(journal);
    for (int round = 0; round < 2; round++) {
      List<CommitRecord> replayedA = Samples.replayed(journal, Samples.key(1), 0);
      List<CommitRecord> replayedB = Samples.replayed(journal, Samples.key(2), 20);
      assertEquals(40, replayedA.size());
      assertEquals(27, replayedB.size());
      for (int i = 0; i < 40; i++) {
        assertArrayEquals(ofA.get(i), replayedA.get(i).toByteArray());
      }
      for (int i = 0; i < 27; i++) {
        assertArrayEquals(ofB.get(13 + i), replayedB.get(i).toByteArray());
      }
      assertEquals(Optional.of(new TxOffset(39)), journal.last(Samples.key(1)));
      assertEquals(Optional.of(new TxOffset(46)), journal.last(Samples.key(2)));
      assertTrue(journal.figures().files() > 3, "files are closed at their limit");
      journal.close();
      journal = open();
    }
    assertEquals(39, heardA.last());
    assertEquals(46, heardB.last());
  }

  @Test
  void everyGroupIsToldOncePerDatabaseAndOnlyWhenDurable() throws IOException {
    Journal journal = open();
    Heard heardA = new Heard();
    Heard heardB = new Heard();
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, heardA);
    JournalAppender b = journal.appender(Samples.key(2), new Epoch(1), TxOffset.ZERO, heardB);
    Samples.append(a, 0, 1);
    Samples.append(b, 0, 1);
    Samples.append(a, 1, 1);
    assertEquals(List.of(), heardA.durable);
    assertEquals(Optional.empty(), journal.last(Samples.key(1)), "not durable, not readable");
    assertTrue(journal.writeGroup());
    assertEquals(List.of(1L), heardA.durable);
    assertEquals(List.of(0L), heardB.durable);
    Samples.append(a, 2, 1);
    assertTrue(journal.writeGroup());
    assertEquals(List.of(1L, 2L), heardA.durable);
    assertEquals(List.of(0L), heardB.durable);
    assertFalse(journal.writeGroup());
    assertEquals(2, journal.figures().groups());
    assertEquals(4, journal.figures().records());
    assertEquals(0, journal.figures().undurableBytes());
  }

  @Test
  void theWriterIsWokenOnlyWhenItFoundNothing() throws IOException {
    Journal journal = open();
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, new Heard());
    Samples.append(a, 0, 1);
    assertEquals(0, wakes.get(), "it has not looked yet");
    drain(journal);
    Samples.append(a, 1, 1);
    Samples.append(a, 2, 1);
    assertEquals(1, wakes.get());
    drain(journal);
    Samples.append(a, 3, 1);
    assertEquals(2, wakes.get());
  }

  @Test
  void groupsCloseAtTheirLimitAndLargerRecordsGoAlone() throws IOException {
    Journal journal = open();
    Heard heard = new Heard();
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, heard);
    Samples.append(a, 0, 40);
    Samples.append(a, 1, 40);
    Samples.append(a, 2, 1_500);
    Samples.append(a, 3, 40);
    drain(journal);
    assertEquals(List.of(1L, 2L, 3L), heard.durable);
    assertEquals(4, Samples.replayed(journal, Samples.key(1), 0).size());
  }

  @Test
  void atTheBoundLanesWaitUntilBytesAreDurable() throws IOException {
    Journal journal = open();
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, new Heard());
    JournalAppender b = journal.appender(Samples.key(2), new Epoch(1), TxOffset.ZERO, new Heard());
    Samples.append(a, 0, 1_700);
    Samples.append(a, 1, 1_700);
    assertTrue(b.space(100).toCompletableFuture().isDone(), "there is room for that");
    assertFalse(b.tryReserve(1_000));
    CompletionStage<Void> space = b.space(1_000);
    assertFalse(space.toCompletableFuture().isDone());
    assertTrue(journal.writeGroup());
    assertTrue(space.toCompletableFuture().isDone());
    assertTrue(b.tryReserve(1_000));
    b.cancelReservation();
    assertTrue(journal.writeGroup());
    assertEquals(0, journal.figures().undurableBytes());
  }

  @Test
  void aReservationGivenBackMakesRoom() throws IOException {
    Journal journal = open();
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, new Heard());
    JournalAppender b = journal.appender(Samples.key(2), new Epoch(1), TxOffset.ZERO, new Heard());
    JournalAppender c = journal.appender(Samples.key(3), new Epoch(1), TxOffset.ZERO, new Heard());
    assertTrue(a.tryReserve(2_000));
    assertTrue(b.tryReserve(2_000));
    assertFalse(c.tryReserve(200));
    CompletionStage<Void> space = c.space(200);
    byte[] record = Samples.record(Samples.key(1), 1, 0, 1);
    a.append(record, 0, record.length);
    assertTrue(space.toCompletableFuture().isDone(), "the record took less than was reserved");
    assertTrue(c.tryReserve(200));
    c.close();
    b.close();
    assertEquals(record.length, journal.figures().undurableBytes());
    assertThrows(IllegalStateException.class, () -> a.append(record, 0, record.length));
  }

  @Test
  void whoAskedForRoomFirstGetsItFirst() throws IOException {
    Journal journal = open();
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, new Heard());
    JournalAppender b = journal.appender(Samples.key(2), new Epoch(1), TxOffset.ZERO, new Heard());
    JournalAppender c = journal.appender(Samples.key(3), new Epoch(1), TxOffset.ZERO, new Heard());
    JournalAppender d = journal.appender(Samples.key(4), new Epoch(1), TxOffset.ZERO, new Heard());
    Samples.append(a, 0, 1_700);
    Samples.append(a, 1, 1_700);
    assertFalse(b.tryReserve(1_900));
    CompletionStage<Void> large = b.space(1_900);
    assertFalse(c.tryReserve(100), "it would fit, and the large one came before");
    CompletionStage<Void> small = c.space(100);
    CompletionStage<Void> left = d.space(100);
    d.close();
    assertTrue(left.toCompletableFuture().isDone(), "who leaves does not wait");
    assertTrue(journal.writeGroup());
    assertTrue(large.toCompletableFuture().isDone());
    assertTrue(small.toCompletableFuture().isDone());
    assertFalse(a.tryReserve(300), "what was set aside for others is not free");
    assertTrue(b.tryReserve(1_900));
    assertTrue(c.tryReserve(100));
    b.cancelReservation();
    c.close();
    assertTrue(journal.writeGroup());
    assertEquals(0, journal.figures().undurableBytes());
  }

  @Test
  void afterAFailureItGoesOnWithoutWhatNobodyWasToldOf() throws IOException {
    Journal journal = open();
    JournalAppender lost =
        journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, new Heard());
    Samples.append(lost, 0, 1);
    drain(journal);
    storage.arm(LogFaults.NONE.withDisk(1_000));
    Samples.append(lost, 1, 1_500);
    assertTrue(lost.tryReserve(200));
    assertFalse(journal.writeGroup());
    storage.arm(LogFaults.NONE.withDisk(0));
    assertThrows(IOException.class, journal::resume, "the disk is still full");
    assertTrue(journal.failure().isPresent());
    storage.arm(LogFaults.NONE);
    journal.resume();
    assertEquals(Optional.empty(), journal.failure());
    assertThrows(IllegalStateException.class, journal::resume);
    byte[] late = Samples.record(Samples.key(1), 1, 2, 1);
    EngineException refusal =
        assertThrows(EngineException.class, () -> lost.append(late, 0, late.length));
    assertEquals(EngineException.Code.RETRY, refusal.code());
    lost.close();
    assertEquals(0, journal.figures().undurableBytes(), "what the lost one reserved is not kept");

    Heard heard = new Heard();
    JournalAppender next = journal.appender(Samples.key(1), new Epoch(1), new TxOffset(1), heard);
    Samples.append(next, 1, 7);
    drain(journal);
    assertEquals(List.of(1L), heard.durable);
    journal.close();
    disk.crash(Samples.random(1));
    List<CommitRecord> found = Samples.replayed(open(), Samples.key(1), 0);
    assertEquals(2, found.size());
    assertArrayEquals(Samples.record(Samples.key(1), 1, 1, 7), found.get(1).toByteArray());
  }

  @Test
  void aRecordBeyondTheLimitIsRefused() throws IOException {
    Journal journal = open();
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, new Heard());
    EngineException refusal = assertThrows(EngineException.class, () -> a.tryReserve(2_001));
    assertEquals(EngineException.Code.TENANT, refusal.code());
  }

  @Test
  void onlyTheNextRecordOfTheRightLogIsTaken() throws IOException {
    Journal journal = open();
    JournalAppender a =
        journal.appender(Samples.key(1), new Epoch(3), new TxOffset(5), new Heard());
    List<byte[]> wrong =
        List.of(
            Samples.record(Samples.key(1), 3, 6, 1),
            Samples.record(Samples.key(1), 3, 4, 1),
            Samples.record(Samples.key(1), 2, 5, 1),
            Samples.record(Samples.key(2), 3, 5, 1),
            new byte[150]);
    assertTrue(a.tryReserve(300));
    for (byte[] record : wrong) {
      assertThrows(IllegalStateException.class, () -> a.append(record, 0, record.length));
    }
    byte[] right = Samples.record(Samples.key(1), 3, 5, 1);
    assertThrows(IllegalStateException.class, () -> a.append(right, 0, right.length - 1));
    a.append(right, 0, right.length);
    drain(journal);
    assertEquals(Optional.of(new TxOffset(5)), journal.last(Samples.key(1)));
  }

  @Test
  void oneOwnerAtATimeAndItContinuesWhatIsThere() throws IOException {
    Journal journal = open();
    DatabaseKey key = Samples.key(1);
    JournalAppender first = journal.appender(key, new Epoch(2), TxOffset.ZERO, new Heard());
    assertThrows(
        IllegalStateException.class,
        () -> journal.appender(key, new Epoch(3), TxOffset.ZERO, new Heard()));
    Samples.append(first, 0, 1);
    Samples.append(first, 1, 1);
    first.close();
    assertThrows(
        IllegalStateException.class,
        () -> journal.appender(key, new Epoch(2), new TxOffset(2), new Heard()),
        "not drained");
    assertThrows(IllegalStateException.class, () -> journal.forget(key), "not drained");
    drain(journal);
    for (long[] bad : new long[][] {{2, 1}, {2, 3}, {1, 2}}) {
      assertThrows(
          IllegalStateException.class,
          () -> journal.appender(key, new Epoch(bad[0]), new TxOffset(bad[1]), new Heard()));
    }
    JournalAppender second = journal.appender(key, new Epoch(2), new TxOffset(2), new Heard());
    Samples.append(second, 2, 1);
    second.close();
    drain(journal);
    assertEquals(3, Samples.replayed(journal, key, 0).size());
  }

  @Test
  void anOwnerThatWroteNothingComesBack() throws IOException {
    Journal journal = open();
    DatabaseKey key = Samples.key(1);
    JournalAppender first = journal.appender(key, new Epoch(1), TxOffset.ZERO, new Heard());
    Samples.append(first, 0, 1);
    first.close();
    drain(journal);
    for (int visit = 0; visit < 3; visit++) {
      journal.appender(key, new Epoch(2), new TxOffset(1), new Heard()).close();
    }
    JournalAppender again = journal.appender(key, new Epoch(2), new TxOffset(1), new Heard());
    Samples.append(again, 1, 1);
    drain(journal);
    assertEquals(2, Samples.replayed(journal, key, 0).size());
  }

  @Test
  void aLaterEpochReplacesWhatWasNotAcknowledged() throws IOException {
    Journal journal = open();
    DatabaseKey key = Samples.key(1);
    JournalAppender old = journal.appender(key, new Epoch(1), TxOffset.ZERO, new Heard());
    for (int i = 0; i < 6; i++) {
      Samples.append(old, i, 1);
    }
    old.close();
    drain(journal);
    JournalAppender young = journal.appender(key, new Epoch(4), new TxOffset(4), new Heard());
    assertEquals(
        4, Samples.replayed(journal, key, 0).size(), "void as soon as the epoch has begun");
    Samples.append(young, 4, 1);
    drain(journal);
    for (int round = 0; round < 2; round++) {
      List<CommitRecord> replayed = Samples.replayed(journal, key, 2);
      assertEquals(
          List.of(1L, 1L, 4L), replayed.stream().map(record -> record.epoch().value()).toList());
      assertEquals(2, journal.ranges(key).size());
      journal.close();
      journal = open();
    }
  }

  @Test
  void aHoleBetweenEpochsIsReportedNotSkipped() throws IOException {
    Journal journal = open();
    DatabaseKey key = Samples.key(1);
    JournalAppender old = journal.appender(key, new Epoch(1), TxOffset.ZERO, new Heard());
    Samples.append(old, 0, 1);
    old.close();
    drain(journal);
    JournalAppender young = journal.appender(key, new Epoch(3), new TxOffset(5), new Heard());
    Samples.append(young, 5, 1);
    drain(journal);
    List<Long> seen = new ArrayList<>();
    MissingRecordsException missing =
        assertThrows(
            MissingRecordsException.class,
            () -> journal.replay(key, TxOffset.ZERO, record -> seen.add(record.offset().value())));
    assertEquals(List.of(0L), seen);
    assertEquals(new TxOffset(1), missing.first());
    assertEquals(new TxOffset(4), missing.last());
    assertEquals(key, missing.key());
    assertEquals(1, Samples.replayed(journal, key, 5).size());
    journal.replay(key, TxOffset.ZERO, TxOffset.ZERO, record -> seen.add(9L));
    assertEquals(List.of(0L, 9L), seen, "what is not asked for is not missing");
  }

  @Test
  void replayStopsWhereItIsTold() throws IOException {
    Journal journal = open();
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, new Heard());
    for (int i = 0; i < 60; i++) {
      Samples.append(a, i, 1);
      drain(journal);
    }
    for (int from = 0; from < 62; from += 7) {
      for (int to = from; to < 64; to += 5) {
        List<Long> seen = new ArrayList<>();
        journal.replay(
            Samples.key(1),
            new TxOffset(from),
            new TxOffset(to),
            record -> seen.add(record.offset().value()));
        int count = Math.max(0, Math.min(to, 59) - from + 1);
        assertEquals(count, seen.size(), from + " to " + to);
        assertTrue(count == 0 || (seen.getFirst() == from && seen.getLast() == from + count - 1));
      }
    }
  }

  @Test
  void theFirstFailedSyncEndsTheJournal() throws IOException {
    Journal journal = open();
    Heard heardA = new Heard();
    Heard heardB = new Heard();
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, heardA);
    JournalAppender b = journal.appender(Samples.key(2), new Epoch(1), TxOffset.ZERO, heardB);
    Samples.append(a, 0, 1);
    drain(journal);
    storage.arm(LogFaults.NONE.failingSync(1));
    Samples.append(a, 1, 1);
    assertTrue(b.tryReserve(200));
    assertFalse(journal.writeGroup());
    assertTrue(journal.failure().isPresent());
    assertEquals(List.of(0L), heardA.durable, "a failing sync never acknowledges");
    assertEquals(1, heardA.failures.size());
    assertEquals(1, heardB.failures.size());
    assertSame(journal.failure().get(), heardB.failures.getFirst());

    assertFalse(journal.writeGroup(), "and is never retried");
    EngineException refusal = assertThrows(EngineException.class, () -> a.tryReserve(200));
    assertEquals(EngineException.Code.OPERATOR, refusal.code());
    byte[] record = Samples.record(Samples.key(2), 1, 0, 1);
    assertThrows(EngineException.class, () -> b.append(record, 0, record.length));
    assertTrue(a.space(2_000).toCompletableFuture().isDone(), "who waits hears of it by trying");
    assertThrows(
        EngineException.class,
        () -> journal.appender(Samples.key(3), new Epoch(1), TxOffset.ZERO, new Heard()));
    assertEquals(1, Samples.replayed(journal, Samples.key(1), 0).size(), "reading goes on");
    journal.close();

    Journal reopened = open();
    long last = reopened.last(Samples.key(1)).orElseThrow().value();
    JournalAppender again =
        reopened.appender(Samples.key(1), new Epoch(1), new TxOffset(last + 1), new Heard());
    Samples.append(again, last + 1, 1);
    drain(reopened);
    assertEquals(last + 2, Samples.replayed(reopened, Samples.key(1), 0).size());
  }

  @Test
  void everyKindOfFailureEndsTheJournal() throws IOException {
    for (LogFaults faults :
        List.of(
            LogFaults.NONE.failingAppend(1, 0),
            LogFaults.NONE.failingAppend(1, 90),
            LogFaults.NONE.failingSync(2),
            LogFaults.NONE.failingCreate(1),
            LogFaults.NONE.withDisk(3_000))) {
      FaultyLogStorage faulty = new FaultyLogStorage(LogStorage.inMemory());
      Journal journal = Journal.open(faulty, Samples.SMALL, Samples.random(1), () -> {});
      Heard heard = new Heard();
      JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, heard);
      faulty.arm(faults);
      long offset = 0;
      while (journal.failure().isEmpty()) {
        Samples.append(a, offset++, 100);
        journal.writeGroup();
      }
      assertEquals(1, heard.failures.size(), faults.toString());
      assertEquals(offset - 2, heard.last(), faults.toString());
      journal.close();
      faulty.arm(LogFaults.NONE);
      Journal reopened = Journal.open(faulty, Samples.SMALL, Samples.random(2), () -> {});
      int found = Samples.replayed(reopened, Samples.key(1), 0).size();
      assertTrue(found >= offset - 1 && found <= offset, faults + ": " + found);
    }
  }

  @Test
  void aListenersBugIsItsOwn() throws IOException {
    Journal journal = open();
    Heard heard = new Heard();
    DurabilityListener broken =
        new DurabilityListener() {
          @Override
          public void durable(TxOffset last) {
            throw new IllegalStateException("broken");
          }

          @Override
          public void failed(Throwable cause) {}
        };
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, broken);
    JournalAppender b = journal.appender(Samples.key(2), new Epoch(1), TxOffset.ZERO, heard);
    Samples.append(a, 0, 1);
    Samples.append(b, 0, 1);
    assertThrows(IllegalStateException.class, journal::writeGroup);
    assertEquals(List.of(0L), heard.durable);
    Samples.append(b, 1, 1);
    assertTrue(journal.writeGroup());
    assertEquals(List.of(0L, 1L), heard.durable);
    assertEquals(0, journal.figures().undurableBytes());
  }

  @Test
  void aClosedJournalTakesNothing() throws IOException {
    Journal journal = open();
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, new Heard());
    Samples.append(a, 0, 1);
    journal.close();
    journal.close();
    assertFalse(journal.writeGroup());
    EngineException refusal = assertThrows(EngineException.class, () -> a.tryReserve(1));
    assertEquals(EngineException.Code.RETRY, refusal.code());
  }

  @Test
  void anEmptyJournalHoldsNothing() throws IOException {
    Journal journal = open();
    assertEquals(List.of(), Samples.replayed(journal, Samples.key(1), 0));
    assertEquals(Optional.empty(), journal.last(Samples.key(1)));
    assertEquals(List.of(), journal.ranges(Samples.key(1)));
    assertThrows(
        MissingRecordsException.class,
        () -> journal.batch(Samples.key(1), TxOffset.ZERO, TxOffset.ZERO));
    assertEquals(List.of(), disk.list(), "no file before the first record");
  }

  @Test
  void openingAgainAndAgainLeavesNoFilesBehind() throws IOException {
    Journal journal = open();
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, new Heard());
    for (int i = 0; i < 5; i++) {
      Samples.append(a, i, 1);
      drain(journal);
    }
    for (int round = 0; round < 10; round++) {
      journal.close();
      journal = open();
      assertEquals(5, Samples.replayed(journal, Samples.key(1), 0).size());
      assertTrue(disk.list().size() <= 5, disk.list().toString());
    }
    assertEquals(2 + 10, Long.parseLong(disk.list().getLast().substring(0, 10)) + 1);
  }

  @Test
  void replayReadsOnlyNearWhereItBegins() throws IOException {
    LogLimits limits = new LogLimits(2_000, 500, 2_200_000, 4_000, 4_000, 300, 200, 64);
    Journal journal = Journal.open(disk, limits, Samples.random(1), () -> {});
    JournalAppender a = journal.appender(Samples.key(1), new Epoch(1), TxOffset.ZERO, new Heard());
    for (int i = 0; i < 10_000; i++) {
      Samples.append(a, i, 20);
      if (i % 5 == 0) {
        drain(journal);
      }
    }
    drain(journal);
    assertTrue(journal.ranges(Samples.key(1)).size() == 1, "ranges are told joined");
    int entries = journal.figures().indexEntries();
    assertTrue(entries > 40 && entries <= 64, entries + " entries");
  }

  @Test
  void theIndexStaysSparseHoweverManyDatabasesMix() throws IOException {
    LogLimits limits = new LogLimits(2_000, 100_000, 220_000, 100_000, 4_000, 300, 200, 4);
    Journal journal = Journal.open(disk, limits, Samples.random(1), () -> {});
    List<JournalAppender> appenders = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      appenders.add(journal.appender(Samples.key(i), new Epoch(1), TxOffset.ZERO, new Heard()));
    }
    for (int round = 0; round < 60; round++) {
      for (JournalAppender appender : appenders) {
        Samples.append(appender, round, 5);
      }
      drain(journal);
    }
    JournalFigures figures = journal.figures();
    assertTrue(
        figures.indexEntries() <= 50 * 4 * figures.files(), figures.indexEntries() + " entries");
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 50; i++) {
        assertEquals(60 - i, Samples.replayed(journal, Samples.key(i), i).size());
      }
      journal.close();
      journal = Journal.open(disk, limits, Samples.random(2), () -> {});
    }
  }
}
