package dev.dormouse.commitlog;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CommitRecordTest {
  private static final List<CommitKind> KINDS = List.of(CommitKind.values());

  /** Changes as lines of text, so that they can be compared. */
  private static final class Lines implements CommitChanges {
    final List<String> lines = new ArrayList<>();

    static String hex(byte[] bytes, int offset, int length) {
      return HexFormat.of().formatHex(bytes, offset, offset + length);
    }

    @Override
    public void deletedRow(int tableId, byte[] bytes, int offset, int length) {
      lines.add("-" + tableId + " " + hex(bytes, offset, length));
    }

    @Override
    public void insertedRow(int tableId, byte[] bytes, int offset, int length) {
      lines.add("+" + tableId + " " + hex(bytes, offset, length));
    }

    @Override
    public void sequence(int sequenceId, long high, long low) {
      lines.add("#" + sequenceId + " " + high + ":" + low);
    }

    @Override
    public void attribute(int tag, byte[] bytes, int offset, int length) {
      lines.add("@" + tag + " " + hex(bytes, offset, length));
    }
  }

  /** Writes random changes and returns what must come out again. */
  private static List<String> writeRandom(CommitRecordWriter writer, RandomGenerator random) {
    Lines expected = new Lines();
    int parts = random.nextInt(12);
    for (int part = 0; part < parts; part++) {
      switch (random.nextInt(5)) {
        case 0, 1, 2 -> {
          int table = random.nextInt();
          writer.beginTable(table);
          int rows = random.nextInt(6);
          for (int i = 0; i < rows; i++) {
            int length = random.nextInt(8) == 0 ? random.nextInt(20_000) : random.nextInt(140);
            byte[] row = Samples.bytes(random, length + 2);
            if (random.nextBoolean()) {
              writer.insertedRow(row, 1, length);
              expected.insertedRow(table, row, 1, length);
            } else {
              writer.deletedRow(row, 1, length);
              expected.deletedRow(table, row, 1, length);
            }
          }
        }
        case 3 -> {
          int id = random.nextInt();
          long high = random.nextLong();
          long low = random.nextLong();
          writer.sequence(id, high, low);
          expected.sequence(id, high, low);
        }
        default -> {
          int tag = 128 + random.nextInt(128);
          byte[] value = Samples.bytes(random, random.nextInt(40));
          writer.attribute(tag, value, 0, value.length);
          expected.attribute(tag, value, 0, value.length);
        }
      }
    }
    return expected.lines;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whatIsWrittenComesBack(long seed) {
    RandomGenerator random = Samples.random(seed);
    CommitRecordWriter writer = new CommitRecordWriter(LogLimits.DEFAULT);
    for (int round = 0; round < 500; round++) {
      String where = "seed " + seed + ", round " + round;
      DatabaseKey key =
          new DatabaseKey(
              new Identity(
                  random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()),
              new Generation(new UUID(random.nextLong(), random.nextLong())));
      Identity caller = new Identity(random.nextLong(), 0, 0, random.nextLong());
      long epoch = random.nextLong() >>> 1;
      long offset = random.nextLong() >>> 1;
      long timestamp = random.nextLong();
      CommitKind kind = KINDS.get(random.nextInt(KINDS.size()));
      String function = random.nextBoolean() ? "" : "grüße_" + random.nextInt(5);
      writer.begin(key, new Epoch(epoch), new TxOffset(offset), timestamp, kind, caller, function);
      List<String> expected = writeRandom(writer, random);
      int length = writer.finish();

      CommitRecord record = CommitRecord.decode(writer.toByteArray(), 0, length);
      assertEquals(key, record.key(), where);
      assertEquals(epoch, record.epoch().value(), where);
      assertEquals(offset, record.offset().value(), where);
      assertEquals(timestamp, record.timestampMicros(), where);
      assertEquals(kind, record.kind(), where);
      assertEquals(caller, record.caller(), where);
      assertEquals(function, record.function(), where);
      assertEquals(length, record.size(), where);
      Lines actual = new Lines();
      record.forEachChange(actual);
      assertEquals(expected, actual.lines, where);
    }
  }

  @Test
  void argumentsAndConnectionAreAttributes() {
    CommitRecordWriter writer = new CommitRecordWriter(LogLimits.DEFAULT);
    begin(writer);
    writer.arguments(new byte[] {1, 2, 3}, 1, 2);
    writer.connectionId(new ConnectionId(5, 6));
    writer.finish();
    CommitRecord record = CommitRecord.decode(writer.toByteArray(), 0, writer.length());
    Lines lines = new Lines();
    record.forEachChange(lines);
    assertEquals(List.of("@128 0203", "@129 05000000000000000600000000000000"), lines.lines);
  }

  private static void begin(CommitRecordWriter writer) {
    writer.begin(Samples.key(1), new Epoch(1), TxOffset.ZERO, 0, CommitKind.SQL, Identity.ZERO, "");
  }

  /** The layout is a promise to what has been written: it must not change by accident. */
  @Test
  void theLayoutIsFixed() {
    CommitRecordWriter writer = new CommitRecordWriter(LogLimits.DEFAULT);
    writer.begin(
        new DatabaseKey(
            new Identity(1, 2, 3, 4), Generation.parse("00112233-4455-6677-8899-aabbccddeeff")),
        new Epoch(5),
        new TxOffset(6),
        7,
        CommitKind.REDUCER,
        new Identity(8, 9, 10, 11),
        "ab");
    writer.beginTable(0x01020304);
    writer.deletedRow(new byte[] {1}, 0, 1);
    writer.insertedRow(new byte[130], 0, 0);
    writer.sequence(12, -1, -2);
    writer.arguments(new byte[] {13}, 0, 1);
    writer.finish();
    String u64 = "%02x00000000000000";
    String expected =
        "ae000000"
            + "CRC32C.."
            + u64.formatted(1)
            + u64.formatted(2)
            + u64.formatted(3)
            + u64.formatted(4)
            + "ffeeddccbbaa99887766554433221100"
            + u64.formatted(5)
            + u64.formatted(6)
            + u64.formatted(7)
            + u64.formatted(8)
            + u64.formatted(9)
            + u64.formatted(10)
            + u64.formatted(11)
            + "02"
            + "00"
            + "0200"
            + "6162"
            + "01"
            + "0a000000"
            + "04030201"
            + "01000000"
            + "0101"
            + "02"
            + "09000000"
            + "04030201"
            + "01000000"
            + "00"
            + "03"
            + "18000000"
            + "01000000"
            + "0c000000"
            + "feffffffffffffffffffffffffffffff"
            + "80"
            + "01000000"
            + "0d";
    byte[] bytes = writer.toByteArray();
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, 4);
    crc.update(bytes, 8, bytes.length - 8);
    String crcHex = HexFormat.of().toHexDigits(Integer.reverseBytes((int) crc.getValue()));
    assertEquals(
        expected.replace("CRC32C..", crcHex), HexFormat.of().formatHex(bytes), "see RecordFormat");
  }

  @Test
  void everyFlippedBitAndEveryCutIsRefused() {
    byte[] bytes = Samples.record(Samples.key(1), 1, 2, 40);
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      byte[] bad = bytes.clone();
      bad[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThrows(
          DecodeException.class, () -> CommitRecord.decode(bad, 0, bad.length), "bit " + bit);
    }
    for (int cut = 0; cut < bytes.length; cut++) {
      int length = cut;
      assertThrows(DecodeException.class, () -> CommitRecord.decode(bytes, 0, length));
    }
  }

  /** A right checksum does not make a body right: segment objects come from outside. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void hostileBodiesEndInDecodeException(long seed) {
    RandomGenerator random = Samples.random(seed);
    CommitRecordWriter writer = new CommitRecordWriter(LogLimits.DEFAULT);
    int refused = 0;
    for (int round = 0; round < 3_000; round++) {
      begin(writer);
      writeRandom(writer, random);
      writer.finish();
      byte[] bytes = writer.toByteArray();
      if (bytes.length == RecordFormat.FUNCTION) {
        continue;
      }
      int flips = 1 + random.nextInt(3);
      for (int flip = 0; flip < flips; flip++) {
        int at = RecordFormat.FUNCTION + random.nextInt(bytes.length - RecordFormat.FUNCTION);
        bytes[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) 0xff;
      }
      LittleEndian.putInt(
          bytes, RecordFormat.CRC, RecordFormat.checksum(new CRC32C(), bytes, 0, bytes.length));
      CommitRecord record = CommitRecord.decode(bytes, 0, bytes.length);
      try {
        record.forEachChange(new Lines());
      } catch (DecodeException e) {
        refused++;
      }
    }
    assertTrue(refused > 100, "seed " + seed + ": " + refused);
  }

  @Test
  void unknownSectionsBelowTheAttributesAreRefused() {
    byte[] bytes = new byte[RecordFormat.FUNCTION + RecordFormat.SECTION_BYTES];
    LittleEndian.putInt(bytes, 0, bytes.length - RecordFormat.PREFIX_BYTES);
    bytes[RecordFormat.KIND] = CommitKind.SQL.code();
    bytes[RecordFormat.FUNCTION] = 4;
    LittleEndian.putInt(
        bytes, RecordFormat.CRC, RecordFormat.checksum(new CRC32C(), bytes, 0, bytes.length));
    CommitRecord record = CommitRecord.decode(bytes, 0, bytes.length);
    DecodeException refusal =
        assertThrows(DecodeException.class, () -> record.forEachChange(new Lines()));
    assertTrue(refusal.text().contains("known section tag, got 4"), refusal.text());
  }

  @Test
  void aRecordBeyondTheLimitIsTheTenantsToMend() {
    CommitRecordWriter writer = new CommitRecordWriter(Samples.SMALL);
    byte[] row = new byte[100];
    begin(writer);
    writer.beginTable(1);
    EngineException refusal =
        assertThrows(
            EngineException.class,
            () -> {
              for (int i = 0; i < 100; i++) {
                writer.insertedRow(row, 0, row.length);
              }
            });
    assertEquals(EngineException.Code.TENANT, refusal.code());
    assertTrue(refusal.text().contains("limit 2000 bytes"), refusal.text());
    assertThrows(IllegalStateException.class, writer::finish, "what is cut short cannot be used");
    begin(writer);
    assertEquals(RecordFormat.FUNCTION, writer.finish(), "the next record starts afresh");
  }

  @Test
  void aRecordOfExactlyTheLimitIsTaken() {
    CommitRecordWriter writer = new CommitRecordWriter(Samples.SMALL);
    begin(writer);
    int rest = Samples.SMALL.commitBytesMax() - writer.length() - RecordFormat.SECTION_BYTES;
    writer.attribute(200, new byte[rest], 0, rest);
    assertEquals(Samples.SMALL.commitBytesMax(), writer.finish());
    begin(writer);
    assertThrows(
        EngineException.class, () -> writer.attribute(200, new byte[rest + 1], 0, rest + 1));
  }

  @Test
  void functionNamesHaveALimit() {
    CommitRecordWriter writer = new CommitRecordWriter(LogLimits.DEFAULT);
    String longest = "x".repeat(65_535);
    writer.begin(
        Samples.key(1), new Epoch(0), TxOffset.ZERO, 0, CommitKind.SQL, Identity.ZERO, longest);
    writer.finish();
    byte[] bytes = writer.toByteArray();
    assertEquals(longest, CommitRecord.decode(bytes, 0, bytes.length).function());
    assertThrows(
        EngineException.class,
        () ->
            writer.begin(
                Samples.key(1),
                new Epoch(0),
                TxOffset.ZERO,
                0,
                CommitKind.SQL,
                Identity.ZERO,
                longest + "x"));
  }

  @Test
  void callsOutOfOrderAreBugs() {
    CommitRecordWriter writer = new CommitRecordWriter(LogLimits.DEFAULT);
    assertThrows(IllegalStateException.class, writer::finish);
    begin(writer);
    assertThrows(
        IllegalStateException.class, () -> writer.insertedRow(new byte[1], 0, 1), "no table");
    assertThrows(IllegalArgumentException.class, () -> writer.attribute(127, new byte[0], 0, 0));
    writer.finish();
    assertThrows(IllegalStateException.class, () -> writer.beginTable(1));
  }

  @Test
  void aCopyOutlivesItsView() {
    byte[] bytes = Samples.record(Samples.key(1), 1, 2, 3);
    byte[] shared = bytes.clone();
    CommitRecord copy = CommitRecord.decode(shared, 0, shared.length).copy();
    java.util.Arrays.fill(shared, (byte) 0);
    assertArrayEquals(bytes, copy.toByteArray());
  }

  @Test
  void everyKindHasItsCode() {
    for (CommitKind kind : CommitKind.values()) {
      assertEquals(kind, CommitKind.ofCode(kind.code()));
    }
    assertThrows(DecodeException.class, () -> CommitKind.ofCode((byte) 0));
  }
}
