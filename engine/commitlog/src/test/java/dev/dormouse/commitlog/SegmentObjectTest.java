package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SegmentObjectTest {
  private static final int RAW_BYTES_AT = 180;

  private static SegmentHeader header(long epoch) {
    return new SegmentHeader(
        Samples.key(1),
        12,
        new Epoch(epoch),
        ModuleHash.ofProgram(new byte[] {1}),
        new Identity(9, 8, 7, 6));
  }

  private static List<byte[]> records(long epoch, long first, int count) {
    List<byte[]> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      records.add(Samples.record(Samples.key(1), epoch, first + i, 10 + i));
    }
    return records;
  }

  private static RecordBatch batch(List<byte[]> records) {
    RecordBatch.Builder builder = new RecordBatch.Builder(1 << 20);
    records.forEach(
        record -> assertTrue(builder.add(CommitRecord.decode(record, 0, record.length))));
    return builder.build(Samples.key(1));
  }

  private static byte[] object() {
    return new SegmentObject.Records(header(3), batch(records(3, 20, 5))).encode();
  }

  @Test
  void recordsComeBack() {
    List<byte[]> records = records(3, 20, 5);
    SegmentObject.Records object = new SegmentObject.Records(header(3), batch(records));
    byte[] bytes = object.encode();
    assertArrayEquals(bytes, object.encode(), "the same bytes each time");

    SegmentObject.Records decoded =
        assertInstanceOf(
            SegmentObject.Records.class, SegmentObject.decode(bytes, LogLimits.DEFAULT));
    assertEquals(header(3), decoded.header());
    RecordBatch batch = decoded.batch();
    assertEquals(Samples.key(1), batch.key());
    assertEquals(new Epoch(3), batch.epoch());
    assertEquals(new TxOffset(20), batch.first());
    assertEquals(new TxOffset(24), batch.last());
    assertEquals(20_000, batch.firstTimestampMicros());
    assertEquals(24_000, batch.lastTimestampMicros());
    List<byte[]> found = new ArrayList<>();
    batch.forEach(record -> found.add(record.toByteArray()));
    assertEquals(5, found.size());
    for (int i = 0; i < 5; i++) {
      assertArrayEquals(records.get(i), found.get(i));
    }
  }

  @Test
  void aHeaderAloneTellsWhatACatalogNeeds() {
    byte[] bytes = object();
    byte[] start = Arrays.copyOf(bytes, SegmentObject.HEADER_BYTES);
    assertEquals(
        new SegmentObject.Summary(
            header(3), false, new TxOffset(20), new TxOffset(24), 20_000, 24_000, 5, bytes.length),
        SegmentObject.decodeHeader(start));
  }

  @Test
  void epochMarkersHoldNoRecords() {
    SegmentObject.EpochMarker marker = new SegmentObject.EpochMarker(header(4), new TxOffset(25));
    byte[] bytes = marker.encode();
    assertEquals(marker, SegmentObject.decode(bytes, LogLimits.DEFAULT));
    SegmentObject.Summary summary = SegmentObject.decodeHeader(bytes);
    assertTrue(summary.marker());
    assertEquals(0, summary.records());
    assertEquals(new TxOffset(25), summary.first());
    assertEquals(bytes.length, summary.objectBytes());
  }

  @Test
  void everyFlippedBitAndEveryCutIsRefused() {
    for (byte[] bytes :
        List.of(object(), new SegmentObject.EpochMarker(header(4), new TxOffset(25)).encode())) {
      for (int bit = 0; bit < 8 * bytes.length; bit++) {
        byte[] bad = bytes.clone();
        bad[bit / 8] ^= (byte) (1 << (bit % 8));
        assertThrows(
            DecodeException.class,
            () -> SegmentObject.decode(bad, LogLimits.DEFAULT),
            "bit " + bit);
      }
      for (int cut = 0; cut < bytes.length; cut++) {
        byte[] bad = Arrays.copyOf(bytes, cut);
        assertThrows(DecodeException.class, () -> SegmentObject.decode(bad, LogLimits.DEFAULT));
      }
      byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
      assertThrows(DecodeException.class, () -> SegmentObject.decode(longer, LogLimits.DEFAULT));
    }
  }

  private static byte[] resealed(byte[] bytes) {
    CRC32C crc = new CRC32C();
    int at = SegmentObject.HEADER_BYTES - 4;
    crc.update(bytes, 0, at);
    LittleEndian.putInt(bytes, at, (int) crc.getValue());
    return bytes;
  }

  /** Whoever can write to the object store can make checksums right, too. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 4_001, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
  void aHostileSizeIsRefusedBeforeAllocation(int rawBytes) {
    byte[] bytes = object();
    LittleEndian.putInt(bytes, RAW_BYTES_AT, rawBytes);
    DecodeException refusal =
        assertThrows(
            DecodeException.class, () -> SegmentObject.decode(resealed(bytes), Samples.SMALL));
    boolean tooLarge = Integer.compareUnsigned(rawBytes, 4_000) > 0;
    assertEquals(tooLarge, refusal.text().contains("limit 4000 bytes"), refusal.text());
    assertEquals(!tooLarge, refusal.text().contains("cannot be unpacked"), refusal.text());
  }

  @Test
  void aBombIsRefusedByTheLimitOfTheReader() {
    byte[] records = new byte[5_000];
    byte[] packed = Zstd.compress(records);
    byte[] bytes = new byte[SegmentObject.HEADER_BYTES + packed.length + 4];
    System.arraycopy(object(), 0, bytes, 0, SegmentObject.HEADER_BYTES);
    System.arraycopy(packed, 0, bytes, SegmentObject.HEADER_BYTES, packed.length);
    LittleEndian.putInt(bytes, RAW_BYTES_AT, 1_000);
    LittleEndian.putInt(bytes, RAW_BYTES_AT + 4, packed.length);
    CRC32C crc = new CRC32C();
    crc.update(packed, 0, packed.length);
    LittleEndian.putInt(bytes, SegmentObject.HEADER_BYTES + packed.length, (int) crc.getValue());
    DecodeException refusal =
        assertThrows(
            DecodeException.class, () -> SegmentObject.decode(resealed(bytes), LogLimits.DEFAULT));
    assertTrue(refusal.text().contains("cannot be unpacked"), refusal.text());
  }

  @Test
  void anotherMajorVersionIsRefusedByName() {
    byte[] bytes = object();
    LittleEndian.putU16(bytes, 8, 2);
    DecodeException refusal =
        assertThrows(
            DecodeException.class, () -> SegmentObject.decode(resealed(bytes), LogLimits.DEFAULT));
    assertTrue(refusal.text().contains("format version 2"), refusal.text());
  }

  @Test
  void recordsOfAnotherLogAreRefused() {
    byte[] right = Samples.record(Samples.key(1), 3, 0, 5);
    byte[] bytes = right.clone();
    assertEquals(1, RecordBatch.of(bytes, bytes.length, Samples.key(1), new Epoch(3)).records());
    assertThrows(
        DecodeException.class,
        () -> RecordBatch.of(bytes, bytes.length, Samples.key(2), new Epoch(3)));
    assertThrows(
        DecodeException.class,
        () -> RecordBatch.of(bytes, bytes.length, Samples.key(1), new Epoch(4)));
    assertThrows(
        DecodeException.class, () -> RecordBatch.of(new byte[0], 0, Samples.key(1), new Epoch(3)));
    byte[] gap = Samples.record(Samples.key(1), 3, 2, 5);
    byte[] both = Arrays.copyOf(right, right.length + gap.length);
    System.arraycopy(gap, 0, both, right.length, gap.length);
    assertThrows(
        DecodeException.class,
        () -> RecordBatch.of(both, both.length, Samples.key(1), new Epoch(3)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new SegmentObject.Records(header(4), batch(records(3, 0, 1))));
  }

  @Test
  void namesSortAsSegmentsFollow() {
    String name = header(3).name();
    assertEquals(
        "c200000000000000000000000000000300000000000000020000000000000001"
            + "/00000000-0000-0007-0000-000000000001/0000000012.seg",
        name);
    assertEquals(Optional.of(new SegmentName(Samples.key(1), 12)), SegmentName.parse(name));
    SegmentName large = new SegmentName(Samples.key(1), 98_765_432_109L);
    assertEquals(Optional.of(large), SegmentName.parse(large.path()));
    assertTrue(name.startsWith(SegmentName.folder(Samples.key(1))));
    for (String other :
        List.of(
            name + "x",
            name.replace("0000000012", "00000000012"),
            name.replace("0000000012", "12"),
            name.replace(".seg", ".tmp"),
            name.toUpperCase(java.util.Locale.ROOT),
            "")) {
      assertFalse(SegmentName.parse(other).isPresent(), other);
    }
  }
}
