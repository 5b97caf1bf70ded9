package dev.dormouse.commitlog;

import dev.dormouse.sats.DecodeException;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** A gapless stretch of one database's records, of one epoch, encoded one after another. */
public final class RecordBatch {
  private final byte[] bytes;
  private final int length;
  private final DatabaseKey key;
  private final Epoch epoch;
  private final TxOffset first;
  private final TxOffset last;
  private final long firstTimestampMicros;
  private final long lastTimestampMicros;
  private final int records;

  private RecordBatch(Builder builder, DatabaseKey key, Epoch epoch, TxOffset first) {
    this.bytes = builder.bytes;
    this.length = builder.length;
    this.key = key;
    this.epoch = epoch;
    this.first = first;
    this.last = new TxOffset(first.value() + builder.records - 1);
    this.firstTimestampMicros = builder.firstTimestampMicros;
    this.lastTimestampMicros = builder.lastTimestampMicros;
    this.records = builder.records;
  }

  /** Gathers records until one does not follow or does not fit. */
  static final class Builder {
    private final int bytesMax;
    private byte[] bytes = new byte[0];
    private int length;
    private int records;
    private long firstOffset;
    private long firstEpoch;
    private long firstTimestampMicros;
    private long lastTimestampMicros;

    Builder(int bytesMax) {
      this.bytesMax = bytesMax;
    }

    /** Whether the record was taken. */
    boolean add(CommitRecord record) {
      if (records > 0 && (record.epochValue() != firstEpoch || record.size() > bytesMax - length)) {
        return false;
      }
      if (records == 0) {
        firstOffset = record.offsetValue();
        firstEpoch = record.epochValue();
        firstTimestampMicros = record.timestampMicros();
      } else if (record.offsetValue() != firstOffset + records) {
        throw new IllegalStateException("%s does not follow its batch".formatted(record));
      }
      if (record.size() > bytes.length - length) {
        long doubled = Math.min(bytesMax, 2L * bytes.length);
        bytes = Arrays.copyOf(bytes, (int) Math.max(doubled, length + record.size()));
      }
      record.copyTo(bytes, length);
      length += record.size();
      lastTimestampMicros = record.timestampMicros();
      records++;
      return true;
    }

    boolean isEmpty() {
      return records == 0;
    }

    RecordBatch build(DatabaseKey key) {
      return new RecordBatch(this, key, new Epoch(firstEpoch), new TxOffset(firstOffset));
    }
  }

  /** Whose records. */
  public DatabaseKey key() {
    return key;
  }

  /** Under which ownership they were written. */
  public Epoch epoch() {
    return epoch;
  }

  /** The first offset. */
  public TxOffset first() {
    return first;
  }

  /** The last offset. */
  public TxOffset last() {
    return last;
  }

  /** When the first was called, in microseconds since 1970. */
  public long firstTimestampMicros() {
    return firstTimestampMicros;
  }

  /** When the last was called, in microseconds since 1970. */
  public long lastTimestampMicros() {
    return lastTimestampMicros;
  }

  /** How many records. */
  public int records() {
    return records;
  }

  /** Bytes of all records. */
  public int size() {
    return length;
  }

  byte[] bytes() {
    return bytes;
  }

  /** Hands the records out, in the order of their offsets. */
  public void forEach(RecordVisitor visitor) {
    forEach(bytes, length, visitor);
  }

  /**
   * Checks that bytes are such a stretch.
   *
   * @throws DecodeException if they are not, or not of this database and epoch
   */
  static RecordBatch of(byte[] bytes, int length, DatabaseKey key, Epoch epoch) {
    Builder builder = new Builder(length);
    forEach(
        bytes,
        length,
        record -> {
          boolean follows =
              record.isOf(key)
                  && record.epochValue() == epoch.value()
                  && (builder.records == 0
                      || record.offsetValue() == builder.firstOffset + builder.records);
          if (!follows) {
            throw new DecodeException(
                "%s among records of %s, epoch %s".formatted(record, key, epoch));
          }
          if (builder.records == 0) {
            builder.firstOffset = record.offsetValue();
            builder.firstTimestampMicros = record.timestampMicros();
          }
          builder.lastTimestampMicros = record.timestampMicros();
          builder.records++;
        });
    if (builder.isEmpty()) {
      throw new DecodeException("no records of " + key);
    }
    builder.bytes = bytes;
    builder.length = length;
    builder.firstEpoch = epoch.value();
    return builder.build(key);
  }

  private static void forEach(byte[] bytes, int length, RecordVisitor visitor) {
    CommitRecord record = new CommitRecord();
    CRC32C crc = new CRC32C();
    for (int at = 0; at < length; at += record.size()) {
      long size = length - at < RecordFormat.BYTES_MIN ? 0 : RecordFormat.sizeAt(bytes, at);
      if (size < RecordFormat.BYTES_MIN
          || size > length - at
          || !RecordFormat.isIntact(crc, bytes, at, (int) size)) {
        throw new DecodeException("no whole record at byte %d of %d".formatted(at, length));
      }
      visitor.record(record.at(bytes, at, (int) size));
    }
  }
}
