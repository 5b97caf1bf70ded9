package dev.dormouse.commitlog;

import dev.dormouse.sats.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Keys, records and limits that tests share. */
final class Samples {
  /** Small enough that a few records fill groups, files and bounds. */
  static final LogLimits SMALL = new LogLimits(2_000, 500, 2_200, 4_000, 4_000, 300, 200, 4);

  private Samples() {}

  static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  static DatabaseKey key(int number) {
    return new DatabaseKey(
        new Identity(number, 2, 3, 0xc200L << 48), new Generation(new UUID(7, number)));
  }

  static byte[] bytes(RandomGenerator random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A record whose content follows from its place in the log and a number. */
  static byte[] record(DatabaseKey key, long epoch, long offset, int rowBytes) {
    CommitRecordWriter writer = new CommitRecordWriter(LogLimits.DEFAULT);
    return record(writer, key, epoch, offset, rowBytes);
  }

  static byte[] record(
      CommitRecordWriter writer, DatabaseKey key, long epoch, long offset, int rowBytes) {
    writer.begin(
        key,
        new Epoch(epoch),
        new TxOffset(offset),
        1_000 * offset,
        CommitKind.REDUCER,
        key.database(),
        "add");
    byte[] row = bytes(random(31 * offset + epoch), rowBytes);
    writer.beginTable(4096);
    writer.insertedRow(row, 0, row.length);
    writer.finish();
    return writer.toByteArray();
  }

  /** Everything a database's log holds from an offset on, each record on bytes of its own. */
  static List<CommitRecord> replayed(Journal journal, DatabaseKey key, long from)
      throws java.io.IOException {
    List<CommitRecord> records = new ArrayList<>();
    journal.replay(key, new TxOffset(from), record -> records.add(record.copy()));
    return records;
  }

  /** Remembers what it was told. */
  static final class Heard implements DurabilityListener {
    final List<Long> durable = new ArrayList<>();
    final List<Throwable> failures = new ArrayList<>();

    @Override
    public void durable(TxOffset last) {
      durable.add(last.value());
    }

    @Override
    public void failed(Throwable cause) {
      failures.add(cause);
    }

    long last() {
      return durable.isEmpty() ? -1 : durable.getLast();
    }
  }

  /** Appends one record of random content, which must find room. */
  static byte[] append(JournalAppender appender, long offset, int rowBytes) {
    byte[] record = record(appender.key(), appender.epoch().value(), offset, rowBytes);
    if (!appender.tryReserve(record.length)) {
      throw new AssertionError("no room for " + record.length + " bytes");
    }
    appender.append(record, 0, record.length);
    return record;
  }
}
