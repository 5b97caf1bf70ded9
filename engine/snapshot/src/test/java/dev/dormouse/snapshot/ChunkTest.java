package dev.dormouse.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.DecodeException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChunkTest {
  private static final SnapshotLimits LIMITS = SnapshotLimits.DEFAULTS;

  private static Chunk chunk(byte[] rows) {
    return Chunk.of(ChunkHash.of(rows, 0, rows.length), rows, rows.length);
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 100, 70_000, 1 << 20})
  void aChunkComesBack(int length) {
    byte[] compressible = new byte[length];
    Arrays.fill(compressible, (byte) 7);
    for (byte[] rows : new byte[][] {compressible, random(length)}) {
      Chunk chunk = chunk(rows);
      byte[] packed = chunk.pack();
      assertTrue(packed.length <= length + 5, "packing never costs more than its header");
      Chunk back = Chunk.unpack(chunk.hash(), packed, LIMITS);
      assertEquals(chunk.hash(), back.hash());
      assertArrayEquals(rows, back.rows());
    }
  }

  @Test
  void theHashIsTheSha256OfTheRows() {
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ChunkHash.of(new byte[] {0, 'a', 'b', 'c', 0}, 1, 3).toHex());
  }

  @Test
  void everyFlippedBitIsFound() {
    byte[] compressible = new byte[300];
    for (byte[] rows : new byte[][] {compressible, random(60)}) {
      Chunk chunk = chunk(rows);
      byte[] packed = chunk.pack();
      for (int bit = 0; bit < 8 * packed.length; bit++) {
        byte[] flipped = packed.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        String where = "bit " + bit;
        Chunk found;
        try {
          found = Chunk.unpack(chunk.hash(), flipped, LIMITS);
        } catch (DecodeException e) {
          continue;
        }
        // A frame header has bits that mean nothing for the content.
        assertArrayEquals(rows, found.rows(), where);
      }
      for (int length = 0; length < packed.length; length++) {
        byte[] cut = Arrays.copyOf(packed, length);
        assertThrows(
            DecodeException.class,
            () -> Chunk.unpack(chunk.hash(), cut, LIMITS),
            "cut to " + length);
      }
    }
  }

  @Test
  void anotherChunkInItsPlaceIsRefused() {
    Chunk one = chunk(random(50));
    Chunk other = chunk(random(51));
    assertThrows(DecodeException.class, () -> Chunk.unpack(one.hash(), other.pack(), LIMITS));
  }

  @Test
  void hostileSizesAreRefusedBeforeAllocating() {
    byte[] bomb = new byte[5 + 1000];
    bomb[0] = 1;
    Arrays.fill(bomb, 1, 5, (byte) 0xff);
    DecodeException refused =
        assertThrows(
            DecodeException.class, () -> Chunk.unpack(new ChunkHash(1, 2, 3, 4), bomb, LIMITS));
    assertTrue(refused.text().contains("claims 4294967295 bytes"), refused.text());
  }

  @Test
  void hashesComeBackFromTheirBytes() {
    ChunkHash hash = ChunkHash.of(random(9), 0, 9);
    assertEquals(hash, ChunkHash.ofBytes(hash.toByteArray()));
    assertThrows(DecodeException.class, () -> ChunkHash.ofBytes(new byte[31]));
  }
}
