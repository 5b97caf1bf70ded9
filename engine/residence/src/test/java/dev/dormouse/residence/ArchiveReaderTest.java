package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.SegmentHeader;
import dev.dormouse.commitlog.SegmentName;
import dev.dormouse.commitlog.SegmentObject;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.sats.EngineException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ArchiveReaderTest {
  private static final DatabaseKey A = Samples.key(1);

  private final SegmentStore segments = SegmentStore.inMemory();
  private final ArchiveReader reader = new ArchiveReader(segments, Samples.SMALL);

  private void records(long sequence, long epoch, long first, long last) throws IOException {
    Samples.segment(segments, A, sequence, epoch, first, last);
  }

  private void marker(long sequence, long epoch, long first) throws IOException {
    SegmentHeader header =
        new SegmentHeader(A, sequence, new Epoch(epoch), Samples.MODULE, Samples.OWNER);
    segments.create(
        header.name(), new SegmentObject.EpochMarker(header, new TxOffset(first)).encode());
  }

  /** Each record as {@code <epoch>:<offset>}. */
  private List<String> read(long from, long to) throws IOException {
    List<String> found = new ArrayList<>();
    reader.read(
        A,
        new TxOffset(from),
        new TxOffset(to),
        record -> found.add(record.epoch() + ":" + record.offset()));
    return found;
  }

  @Test
  void partsOfSegmentsAreRead() throws IOException {
    records(0, 1, 0, 3);
    records(1, 1, 4, 6);
    records(2, 1, 7, 9);
    assertEquals(List.of("1:5"), read(5, 5));
    assertEquals(List.of("1:2", "1:3", "1:4", "1:5", "1:6", "1:7"), read(2, 7));
    assertEquals(10, read(0, 9).size());
    assertEquals(Optional.of(new TxOffset(9)), reader.last(A));
    assertEquals(Optional.empty(), reader.last(Samples.key(2)));
    assertThrows(IllegalArgumentException.class, () -> read(3, 2));
  }

  @Test
  void aLaterEpochVoidsWhatOverlapsIt() throws IOException {
    records(0, 1, 0, 3);
    records(1, 1, 4, 7);
    marker(2, 2, 5);
    assertEquals(Optional.of(new TxOffset(4)), reader.last(A));
    assertEquals(List.of("1:3", "1:4"), read(3, 4));
    assertMissing(5, 7, 3, 7);
    records(3, 2, 5, 6);
    assertEquals(Optional.of(new TxOffset(6)), reader.last(A));
    assertEquals(List.of("1:4", "2:5", "2:6"), read(4, 6));
    assertEquals(List.of("2:6"), read(6, 6));
    assertMissing(7, 7, 3, 7);
    marker(4, 3, 0);
    assertEquals(Optional.empty(), reader.last(A));
  }

  private void assertMissing(long first, long last, long from, long to) {
    IncompleteArchiveException missing =
        assertThrows(IncompleteArchiveException.class, () -> read(from, to));
    assertEquals(A, missing.key());
    assertEquals(new TxOffset(first), missing.first());
    assertEquals(new TxOffset(last), missing.last());
  }

  @Test
  void gapsAreNamed() throws IOException {
    assertMissing(0, 5, 0, 5);
    records(0, 1, 2, 3);
    records(1, 1, 4, 5);
    records(2, 1, 6, 7);
    records(3, 1, 8, 9);
    assertMissing(0, 1, 0, 9);
    assertMissing(10, 12, 4, 12);
    segments.delete(SegmentName.of(A, 2).path());
    assertMissing(6, 7, 4, 12);
    assertMissing(6, 6, 4, 6);
    assertEquals(List.of("1:4", "1:5"), read(4, 5));
    assertEquals(List.of("1:8"), read(8, 8));
  }

  private List<Long> sequencesBefore(long offset) throws IOException {
    return reader.before(A, new TxOffset(offset)).stream().map(SegmentName::sequence).toList();
  }

  @Test
  void whatLiesWhollyBeforeAnOffsetIsFoundButNeverTheNewest() throws IOException {
    assertEquals(List.of(), sequencesBefore(100));
    records(0, 1, 0, 3);
    assertEquals(List.of(), sequencesBefore(100));
    records(1, 1, 4, 7);
    marker(2, 2, 6);
    records(3, 2, 6, 9);
    records(4, 2, 10, 12);
    assertEquals(List.of(), sequencesBefore(3));
    assertEquals(List.of(0L), sequencesBefore(4));
    assertEquals(List.of(0L), sequencesBefore(7), "voided records hold on to what is behind them");
    assertEquals(List.of(0L, 1L, 2L), sequencesBefore(8));
    assertEquals(List.of(0L, 1L, 2L, 3L), sequencesBefore(10));
    assertEquals(List.of(0L, 1L, 2L, 3L), sequencesBefore(100));
    for (SegmentName name : reader.before(A, new TxOffset(9))) {
      segments.delete(name.path());
    }
    assertEquals(List.of("2:9", "2:10", "2:11", "2:12"), read(9, 12));
    assertEquals(Optional.of(new TxOffset(12)), reader.last(A));
    assertEquals(List.of(), sequencesBefore(9));
  }

  @Test
  void everyFlippedBitIsFound() throws IOException {
    records(0, 1, 0, 0);
    String name = SegmentName.of(A, 0).path();
    byte[] object = segments.read(name).orElseThrow();
    for (int bit = 0; bit < 8 * object.length; bit++) {
      byte[] flipped = object.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      segments.delete(name);
      segments.create(name, flipped);
      EngineException refused = assertThrows(EngineException.class, () -> read(0, 0), "bit " + bit);
      assertEquals(EngineException.Code.OPERATOR, refused.code());
    }
  }

  @Test
  void anObjectUnderAnotherNameIsRefused() throws IOException {
    records(0, 1, 0, 1);
    byte[] object = segments.read(SegmentName.of(A, 0).path()).orElseThrow();
    segments.create(SegmentName.of(A, 1).path(), object);
    EngineException refused = assertThrows(EngineException.class, () -> read(0, 1));
    assertTrue(refused.text().contains("holds the object of"), refused.text());
  }
}
