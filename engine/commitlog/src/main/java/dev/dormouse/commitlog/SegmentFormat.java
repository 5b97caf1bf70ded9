package dev.dormouse.commitlog;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.ModuleHash;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/** The layout of {@link SegmentObject} in bytes. */
final class SegmentFormat {
  private static final int MAJOR = 1;
  private static final int MINOR = 0;

  /** "DORMSEGM". */
  private static final long MAGIC = 0x4d4745534d524f44L;

  private static final int ZSTD_LEVEL = 3;
  private static final byte RECORDS = 1;
  private static final byte EPOCH_MARKER = 2;

  private static final int KIND = 12;
  private static final int KEY = 16;
  private static final int SEQUENCE = KEY + 48;
  private static final int EPOCH = SEQUENCE + 8;
  private static final int FIRST = EPOCH + 8;
  private static final int LAST = FIRST + 8;
  private static final int FIRST_TIMESTAMP = LAST + 8;
  private static final int LAST_TIMESTAMP = FIRST_TIMESTAMP + 8;
  private static final int MODULE = LAST_TIMESTAMP + 8;
  private static final int OWNER = MODULE + ModuleHash.BYTES;
  private static final int COUNT = OWNER + 32;
  private static final int RAW_BYTES = COUNT + 4;
  private static final int PACKED_BYTES = RAW_BYTES + 4;
  private static final int CRC = PACKED_BYTES + 4;
  static final int HEADER_BYTES = CRC + 4;

  private SegmentFormat() {}

  static byte[] encode(SegmentObject object) {
    return switch (object) {
      case SegmentObject.EpochMarker(var header, var first) -> {
        byte[] bytes = new byte[HEADER_BYTES + 4];
        putHeader(bytes, header, EPOCH_MARKER, first.value(), first.value());
        seal(bytes, 0);
        yield bytes;
      }
      case SegmentObject.Records(var header, var batch) -> {
        byte[] packed = new byte[Math.toIntExact(Zstd.compressBound(batch.size()))];
        long packedBytes =
            Zstd.compressByteArray(
                packed, 0, packed.length, batch.bytes(), 0, batch.size(), ZSTD_LEVEL);
        if (Zstd.isError(packedBytes)) {
          throw new IllegalStateException("zstd: " + Zstd.getErrorName(packedBytes));
        }
        byte[] bytes = new byte[HEADER_BYTES + (int) packedBytes + 4];
        System.arraycopy(packed, 0, bytes, HEADER_BYTES, (int) packedBytes);
        putHeader(bytes, header, RECORDS, batch.first().value(), batch.last().value());
        LittleEndian.putLong(bytes, FIRST_TIMESTAMP, batch.firstTimestampMicros());
        LittleEndian.putLong(bytes, LAST_TIMESTAMP, batch.lastTimestampMicros());
        LittleEndian.putInt(bytes, COUNT, batch.records());
        LittleEndian.putInt(bytes, RAW_BYTES, batch.size());
        seal(bytes, (int) packedBytes);
        yield bytes;
      }
    };
  }

  private static void putHeader(
      byte[] bytes, SegmentHeader header, byte kind, long first, long last) {
    LittleEndian.putLong(bytes, 0, MAGIC);
    LittleEndian.putU16(bytes, 8, MAJOR);
    LittleEndian.putU16(bytes, 10, MINOR);
    bytes[KIND] = kind;
    LittleEndian.putKey(bytes, KEY, header.key());
    LittleEndian.putLong(bytes, SEQUENCE, header.sequence());
    LittleEndian.putLong(bytes, EPOCH, header.epoch().value());
    LittleEndian.putLong(bytes, FIRST, first);
    LittleEndian.putLong(bytes, LAST, last);
    System.arraycopy(header.module().toByteArray(), 0, bytes, MODULE, ModuleHash.BYTES);
    LittleEndian.putIdentity(bytes, OWNER, header.owner());
  }

  private static void seal(byte[] bytes, int packedBytes) {
    LittleEndian.putInt(bytes, PACKED_BYTES, packedBytes);
    LittleEndian.putInt(bytes, CRC, checksum(bytes, 0, CRC));
    LittleEndian.putInt(
        bytes, HEADER_BYTES + packedBytes, checksum(bytes, HEADER_BYTES, packedBytes));
  }

  private static int checksum(byte[] bytes, int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, at, length);
    return (int) crc.getValue();
  }

  static SegmentObject.Summary summary(byte[] bytes) {
    require(bytes.length >= HEADER_BYTES, () -> "%d bytes are no header".formatted(bytes.length));
    require(LittleEndian.getLong(bytes, 0) == MAGIC, () -> "no segment object");
    require(
        LittleEndian.getInt(bytes, CRC) == checksum(bytes, 0, CRC),
        () -> "header has a wrong checksum");
    int major = LittleEndian.getU16(bytes, 8);
    require(major == MAJOR, () -> "format version %d is unknown".formatted(major));
    byte kind = bytes[KIND];
    require(kind == RECORDS || kind == EPOCH_MARKER, () -> "kind %d is unknown".formatted(kind));
    boolean marker = kind == EPOCH_MARKER;
    int count = LittleEndian.getInt(bytes, COUNT);
    long first = LittleEndian.getLong(bytes, FIRST);
    long last = LittleEndian.getLong(bytes, LAST);
    long records = marker ? 1 : Integer.toUnsignedLong(count);
    require(
        LittleEndian.getLong(bytes, SEQUENCE) >= 0 && LittleEndian.getLong(bytes, EPOCH) >= 0,
        () -> "sequence or epoch is out of range");
    require(
        first >= 0 && last >= first && last - first + 1 == records && count >= 0,
        () -> "tx offsets %d to %d do not fit %d records".formatted(first, last, records));
    SegmentHeader header =
        new SegmentHeader(
            LittleEndian.getKey(bytes, KEY),
            LittleEndian.getLong(bytes, SEQUENCE),
            new Epoch(LittleEndian.getLong(bytes, EPOCH)),
            ModuleHash.ofBytes(Arrays.copyOfRange(bytes, MODULE, MODULE + ModuleHash.BYTES)),
            LittleEndian.getIdentity(bytes, OWNER));
    return new SegmentObject.Summary(
        header,
        marker,
        new TxOffset(first),
        new TxOffset(last),
        LittleEndian.getLong(bytes, FIRST_TIMESTAMP),
        LittleEndian.getLong(bytes, LAST_TIMESTAMP),
        count,
        HEADER_BYTES + Integer.toUnsignedLong(LittleEndian.getInt(bytes, PACKED_BYTES)) + 4);
  }

  static SegmentObject decode(byte[] bytes, LogLimits limits) {
    SegmentObject.Summary summary = summary(bytes);
    require(
        summary.objectBytes() == bytes.length,
        () -> "%d bytes, the header says %d".formatted(bytes.length, summary.objectBytes()));
    int packedBytes = bytes.length - HEADER_BYTES - 4;
    require(
        LittleEndian.getInt(bytes, HEADER_BYTES + packedBytes)
            == checksum(bytes, HEADER_BYTES, packedBytes),
        () -> "records have a wrong checksum");
    long rawBytes = Integer.toUnsignedLong(LittleEndian.getInt(bytes, RAW_BYTES));
    if (summary.marker()) {
      require(packedBytes == 0 && rawBytes == 0, () -> "an epoch marker has no records");
      return new SegmentObject.EpochMarker(summary.header(), summary.first());
    }
    // Before allocating: the size is whatever the object's maker wrote.
    require(
        rawBytes <= limits.segmentBytesMax(),
        () -> "records of %d bytes, limit %d bytes".formatted(rawBytes, limits.segmentBytesMax()));
    byte[] raw = unpack(bytes, packedBytes, (int) rawBytes);
    RecordBatch batch =
        RecordBatch.of(raw, raw.length, summary.header().key(), summary.header().epoch());
    require(
        batch.first().equals(summary.first())
            && batch.last().equals(summary.last())
            && batch.firstTimestampMicros() == summary.firstTimestampMicros()
            && batch.lastTimestampMicros() == summary.lastTimestampMicros(),
        () -> "records are not those of the header");
    return new SegmentObject.Records(summary.header(), batch);
  }

  private static byte[] unpack(byte[] bytes, int packedBytes, int rawBytes) {
    byte[] raw = new byte[rawBytes];
    long unpacked;
    try {
      unpacked = Zstd.decompressByteArray(raw, 0, rawBytes, bytes, HEADER_BYTES, packedBytes);
    } catch (ZstdException e) {
      throw new DecodeException("segment object: records cannot be unpacked", e);
    }
    require(
        unpacked == rawBytes,
        () -> "records of %d bytes, the header says %d".formatted(unpacked, rawBytes));
    return raw;
  }

  private static void require(boolean holds, Supplier<String> what) {
    if (!holds) {
      throw new DecodeException("segment object: " + what.get());
    }
  }
}
