package dev.dormouse.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import dev.dormouse.snapshot.Manifest.ChunkRows;
import dev.dormouse.snapshot.Manifest.SequencePosition;
import dev.dormouse.snapshot.Manifest.TableRows;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class ManifestTest {
  private static final SnapshotHeader HEADER =
      new SnapshotHeader(
          new Identity(1, 2, 3, 4),
          new UUID(5, 6),
          77,
          -8,
          ModuleHash.ofProgram(new byte[] {9}),
          new Identity(10, 11, 12, 13));
  private static final List<SequencePosition> SEQUENCES =
      List.of(new SequencePosition(1, -1, 5), new SequencePosition(4097, 3, -4));

  static final Manifest INLINE =
      Manifest.ofInlineRows(
          HEADER,
          5,
          List.of(new TableRows(1, 1, 3, List.of()), new TableRows(4096, 2, 5, List.of())),
          SEQUENCES,
          new byte[] {2, 1, 1, 2, 1, 1, 1, 9});

  static final Manifest CHUNKED =
      Manifest.ofChunks(
          HEADER,
          1L << 40,
          List.of(
              new TableRows(
                  4096,
                  30,
                  700,
                  List.of(
                      new ChunkRows(new ChunkHash(1, 2, 3, 4), 10, 300),
                      new ChunkRows(new ChunkHash(5, 6, 7, 8), 20, 400))),
              new TableRows(4097, 1, 9, List.of(new ChunkRows(new ChunkHash(1, 2, 3, 4), 1, 9)))),
          SEQUENCES);

  private static Manifest decode(byte[] bytes) {
    return Manifest.decode(bytes, SnapshotLimits.DEFAULTS);
  }

  @Test
  void manifestsComeBack() {
    for (Manifest manifest : List.of(INLINE, CHUNKED)) {
      Manifest back = decode(manifest.encode());
      assertEquals(HEADER, back.header());
      assertEquals(manifest.liveBytes(), back.liveBytes());
      assertEquals(manifest.tables(), back.tables());
      assertEquals(SEQUENCES, back.sequences());
      assertEquals(manifest.isInline(), back.isInline());
      assertArrayEquals(manifest.inlineRows(), back.inlineRows());
      assertArrayEquals(manifest.encode(), back.encode());
    }
    assertEquals(
        List.of(new ChunkHash(1, 2, 3, 4), new ChunkHash(5, 6, 7, 8), new ChunkHash(1, 2, 3, 4)),
        CHUNKED.chunks());
  }

  @Test
  void everyFlippedBitAndCutIsFound() {
    for (Manifest manifest : List.of(INLINE, CHUNKED)) {
      byte[] bytes = manifest.encode();
      for (int bit = 0; bit < 8 * bytes.length; bit++) {
        byte[] flipped = bytes.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        assertThrows(DecodeException.class, () -> decode(flipped), "bit " + bit);
      }
      for (int length = 0; length < bytes.length; length++) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertThrows(DecodeException.class, () -> decode(cut), "cut to " + length);
      }
      assertThrows(
          DecodeException.class, () -> decode(Arrays.copyOf(bytes, bytes.length + 1)), "longer");
    }
  }

  /** A manifest whose bytes are changed in one place and which is sealed again. */
  private static void refuses(Manifest manifest, int at, int value, String why) {
    byte[] bytes = manifest.encode();
    int length = bytes.length - 32;
    BsatnWriter writer = new BsatnWriter();
    writer.writeRaw(bytes, 0, length);
    writer.setI32(at, value);
    byte[] body = writer.toByteArray();
    writer.writeRaw(ChunkHash.of(body, 0, length).toByteArray());
    DecodeException refused =
        assertThrows(DecodeException.class, () -> decode(writer.toByteArray()), why);
    assertTrue(refused.text().contains(why), refused.text());
  }

  @Test
  void hostileManifestsWithTheRightHashAreRefused() {
    refuses(CHUNKED, 8, 2, "version 2 is unknown");
    refuses(CHUNKED, 12, 3, "kind 3 is unknown");
    refuses(CHUNKED, 68, -1, "tx offset");
    int counts = 16 + 32 + 16 + 16 + 32 + 32 + 8;
    refuses(CHUNKED, counts - 4, -1, "live bytes");
    for (int hostile : new int[] {Integer.MAX_VALUE, -1, 100}) {
      refuses(CHUNKED, counts, hostile, "tables in");
      refuses(CHUNKED, counts + 4, hostile, "sequences in");
      refuses(CHUNKED, counts + 8 + 20, hostile, "chunks in");
    }
    refuses(CHUNKED, counts + 4, 1, "behind its end");
    refuses(CHUNKED, counts + 8, 0, "table id 0 follows 0");
    refuses(CHUNKED, counts + 12, 31, "has not the rows of its chunks");
    refuses(CHUNKED, counts + 12, 0, "cannot have 0 rows");
    refuses(CHUNKED, counts + 32, 0, "cannot have 0 rows");
    refuses(CHUNKED, counts + 36, Integer.MAX_VALUE, "a chunk cannot have");
    refuses(INLINE, counts + 8 + 24, 1, "table id 1 follows 1");
    int sequences = counts + 8 + 2 * 24;
    refuses(INLINE, sequences + 20, 1, "sequence id 1 follows 1");
    int inline = sequences + 2 * 20;
    refuses(INLINE, inline, Integer.MAX_VALUE, "rows inline, limit");
    refuses(INLINE, inline, -1, "rows inline, limit");
    refuses(INLINE, inline, 9, "rows unpack to 8 bytes instead of 9");
    refuses(INLINE, inline, 7, "cannot be unpacked");
    refuses(INLINE, inline + 4, 3, "packed rows");
    refuses(INLINE, counts + 16, 1, "cannot have");
  }

  @Test
  void tooLargeAManifestIsRefused() {
    SnapshotLimits tight = new SnapshotLimits(100, 1, 2, 3, 4, 300);
    DecodeException refused =
        assertThrows(DecodeException.class, () -> Manifest.decode(CHUNKED.encode(), tight));
    assertTrue(refused.text().contains("limit 300 bytes"), refused.text());
  }
}
