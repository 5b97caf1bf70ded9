package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.CommitKind;
import dev.dormouse.commitlog.CommitRecordWriter;
import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.DurabilityListener;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.commitlog.Journal;
import dev.dormouse.commitlog.JournalAppender;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.commitlog.LogStorage;
import dev.dormouse.commitlog.SegmentHeader;
import dev.dormouse.commitlog.SegmentObject;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.io.IOException;
import java.util.Random;
import java.util.UUID;
import java.util.random.RandomGeneratorFactory;

/** Keys and bytes that tests share. */
public final class Samples {
  /** Small enough that a few records fill files and segments. */
  public static final LogLimits SMALL = new LogLimits(2_000, 500, 2_200, 4_000, 4_000, 300, 200, 4);

  /** Some program. */
  public static final ModuleHash MODULE = ModuleHash.ofProgram(new byte[] {1, 2, 3});

  /** Some owner. */
  public static final Identity OWNER = new Identity(7, 7, 7, 7);

  private Samples() {}

  /** One of several databases. */
  public static DatabaseKey key(int number) {
    return new DatabaseKey(
        new Identity(number, 2, 3, 0xc200L << 48), new Generation(new UUID(7, number)));
  }

  /** Bytes that look random. */
  public static byte[] bytes(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** A record of about 500 bytes whose content follows from its place in the log. */
  public static byte[] record(DatabaseKey key, long epoch, long offset) {
    CommitRecordWriter writer = new CommitRecordWriter(SMALL);
    writer.begin(
        key,
        new Epoch(epoch),
        new TxOffset(offset),
        1_000 * offset,
        CommitKind.REDUCER,
        key.database(),
        "add");
    byte[] row = bytes(31 * offset + epoch, 360);
    writer.beginTable(4096);
    writer.insertedRow(row, 0, row.length);
    writer.finish();
    return writer.toByteArray();
  }

  /** Stores a segment of such records. */
  static void segment(
      SegmentStore store, DatabaseKey key, long sequence, long epoch, long first, long last)
      throws IOException {
    SegmentHeader header = new SegmentHeader(key, sequence, new Epoch(epoch), MODULE, OWNER);
    try (Journal journal =
        Journal.open(
            LogStorage.inMemory(),
            SMALL,
            RandomGeneratorFactory.of("L64X128MixRandom").create(1),
            () -> {})) {
      JournalAppender appender =
          journal.appender(key, new Epoch(epoch), new TxOffset(first), new Deaf());
      for (long offset = first; offset <= last; offset++) {
        byte[] record = record(key, epoch, offset);
        assertTrue(appender.tryReserve(record.length));
        appender.append(record, 0, record.length);
        assertTrue(journal.writeGroup());
      }
      var batch = journal.batch(key, new TxOffset(first), new TxOffset(last));
      assertEquals(new TxOffset(last), batch.last());
      assertTrue(store.create(header.name(), new SegmentObject.Records(header, batch).encode()));
    }
  }

  private static final class Deaf implements DurabilityListener {
    @Override
    public void durable(TxOffset last) {}

    @Override
    public void failed(Throwable cause) {
      throw new AssertionError(cause);
    }
  }
}
