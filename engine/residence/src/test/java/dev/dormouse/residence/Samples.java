package dev.dormouse.residence;

import dev.dormouse.commitlog.CommitKind;
import dev.dormouse.commitlog.CommitRecordWriter;
import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.util.Random;
import java.util.UUID;

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
}
