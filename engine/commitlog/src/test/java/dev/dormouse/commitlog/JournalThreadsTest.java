package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many lanes, one writer, and an archiver, on a real disk. */
@Timeout(60)
final class JournalThreadsTest {
  private static final int LANES = 8;
  private static final int RECORDS = 4_000;

  @TempDir Path folder;

  private static final class Lane implements DurabilityListener {
    final DatabaseKey key;
    final AtomicLong durable = new AtomicLong(-1);
    final AtomicBoolean failed = new AtomicBoolean();

    Lane(DatabaseKey key) {
      this.key = key;
    }

    @Override
    public void durable(TxOffset last) {
      if (durable.getAndSet(last.value()) >= last.value()) {
        failed.set(true);
      }
    }

    @Override
    public void failed(Throwable cause) {
      failed.set(true);
    }

    void run(Journal journal, LogLimits limits) {
      CommitRecordWriter writer = new CommitRecordWriter(limits);
      try (JournalAppender appender = journal.appender(key, new Epoch(1), TxOffset.ZERO, this)) {
        for (long offset = 0; offset < RECORDS; offset++) {
          Samples.record(writer, key, 1, offset, (int) (offset % 300));
          while (!appender.tryReserve(writer.length())) {
            appender.space(writer.length()).toCompletableFuture().join();
          }
          appender.append(writer);
        }
      }
    }
  }

  @Test
  void everyLaneFindsAllOfItsRecords() throws IOException, InterruptedException {
    LogLimits limits = new LogLimits(4_000, 64_000, 1_000_000, 100_000, 40_000, 10_000, 4_000, 16);
    AtomicReference<Thread> writerThread = new AtomicReference<>();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try (LogStorage storage = LogStorage.inFolder(folder);
        Journal journal =
            Journal.open(
                storage, limits, Samples.random(1), () -> LockSupport.unpark(writerThread.get()))) {
      Thread writer =
          start(
              "writer",
              thrown,
              () -> {
                while (!stop.get() || journal.figures().undurableBytes() > 0) {
                  if (!journal.writeGroup()) {
                    LockSupport.park(this);
                  }
                }
              });
      writerThread.set(writer);
      List<Lane> lanes = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < LANES; i++) {
        Lane lane = new Lane(Samples.key(i));
        lanes.add(lane);
        threads.add(start("lane " + i, thrown, () -> lane.run(journal, limits)));
      }
      AtomicLong trimmed = new AtomicLong();
      Thread archiver = start("archiver", thrown, () -> archive(journal, lanes, trimmed));
      for (Thread thread : threads) {
        thread.join();
      }
      archiver.join();
      stop.set(true);
      LockSupport.unpark(writer);
      writer.join();
      if (thrown.get() != null) {
        throw new AssertionError(thrown.get());
      }
      for (Lane lane : lanes) {
        assertTrue(!lane.failed.get(), "rising, and without failure");
        assertEquals(RECORDS - 1, lane.durable.get());
      }
      assertTrue(trimmed.get() > 0);
      JournalFigures figures = journal.figures();
      assertEquals(LANES * RECORDS, figures.records());
      assertTrue(figures.groups() < figures.records() / 4, figures + " are gathered");
    }
    try (LogStorage storage = LogStorage.inFolder(folder);
        Journal journal = Journal.open(storage, limits, Samples.random(2), () -> {})) {
      for (int i = 1; i < LANES; i++) {
        assertEquals(RECORDS - 17, Samples.replayed(journal, Samples.key(i), 17).size());
      }
      assertEquals(RECORDS - 1, journal.last(Samples.key(0)).orElseThrow().value());
    }
  }

  /** Reads the first lane's log as it grows and lets go of it; the others stay as they are. */
  private static void archive(Journal journal, List<Lane> lanes, AtomicLong trimmed)
      throws IOException {
    long next = 0;
    while (next < RECORDS) {
      long last = lanes.getFirst().durable.get();
      if (last < next) {
        Thread.onSpinWait();
        continue;
      }
      RecordBatch batch = journal.batch(Samples.key(0), new TxOffset(next), new TxOffset(last));
      next = batch.last().value() + 1;
      journal.archivedUpTo(Samples.key(0), batch.last());
      journal.trim();
      List<LogRange> left = journal.unarchived();
      trimmed.addAndGet(left.size());
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static Thread start(String name, AtomicReference<Throwable> thrown, Work work) {
    return Thread.ofPlatform()
        .name(name)
        .start(
            () -> {
              try {
                work.run();
              } catch (Throwable t) {
                thrown.compareAndSet(null, t);
              }
            });
  }
}
