package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.MemoryBudget;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows reach the guest in whole chunks of a little over 32 KiB, whatever its buffer. */
final class RowIteratorsTest {
  private static final int CHUNK_BYTES = 32_768;

  private final LinearMemory memory = new LinearMemory(16, 16, 0, MemoryBudget.unlimited().open());
  private final RowIterators iterators = new RowIterators(3);

  /** The chunks that the reference makes of these rows. */
  private static List<byte[]> chunks(List<byte[]> rows) {
    List<byte[]> chunks = new ArrayList<>();
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    for (byte[] row : rows) {
      chunk.writeBytes(row);
      if (chunk.size() > CHUNK_BYTES) {
        chunks.add(chunk.toByteArray());
        chunk.reset();
      }
    }
    if (chunk.size() > 0) {
      chunks.add(chunk.toByteArray());
    }
    return chunks;
  }

  private static List<byte[]> rows(SplittableRandom random, int bytesMax) {
    List<byte[]> rows = new ArrayList<>();
    int count = random.nextInt(60);
    for (int i = 0; i < count; i++) {
      byte[] row = new byte[1 + random.nextInt(bytesMax)];
      random.nextBytes(row);
      rows.add(row);
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void deliversTheReferencesChunksAtAnyCapacity(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 40; round++) {
      List<byte[]> rows = rows(random, random.nextBoolean() ? 5_000 : 50_000);
      List<byte[]> left = new ArrayList<>(chunks(rows));
      MapHost.RowListCursor cursor = new MapHost.RowListCursor(rows);
      int handle = iterators.open(cursor);
      int progress = RowIterators.MORE;
      while (progress != RowIterators.EXHAUSTED) {
        int capacity = random.nextInt(150_000);
        progress = iterators.advance(handle, memory, 1, capacity);
        String at = "seed %d round %d capacity %d".formatted(seed, round, capacity);
        if (progress == RowIterators.TOO_SMALL) {
          assertEquals(left.getFirst().length, iterators.transferred(), at);
          assertTrue(left.getFirst().length > capacity, at);
        } else {
          ByteArrayOutputStream expected = new ByteArrayOutputStream();
          while (!left.isEmpty() && expected.size() + left.getFirst().length <= capacity) {
            expected.writeBytes(left.removeFirst());
          }
          assertEquals(left.isEmpty(), progress == RowIterators.EXHAUSTED, at);
          byte[] delivered = new byte[iterators.transferred()];
          memory.read(1, delivered, 0, delivered.length);
          assertArrayEquals(expected.toByteArray(), delivered, at);
        }
      }
      assertTrue(cursor.closed);
      assertFalse(iterators.contains(handle));
    }
  }

  @Test
  void handlesAreUsedAgainAndBounded() {
    assertEquals(1, iterators.open(new MapHost.RowListCursor(List.of())));
    assertEquals(2, iterators.open(new MapHost.RowListCursor(List.of())));
    assertEquals(3, iterators.open(new MapHost.RowListCursor(List.of())));
    iterators.close(2);
    assertEquals(2, iterators.open(new MapHost.RowListCursor(List.of())));
    MapHost.RowListCursor oneTooMany = new MapHost.RowListCursor(List.of());
    assertThrows(HostTrap.class, () -> iterators.open(oneTooMany));
    assertTrue(oneTooMany.closed);
    iterators.closeAll();
    for (int handle = 1; handle <= 3; handle++) {
      assertFalse(iterators.contains(handle));
    }
  }
}
