package dev.dormouse.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.snapshot.Manifest.ChunkRows;
import dev.dormouse.snapshot.Manifest.TableRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RowChunkerTest {
  private static final SnapshotLimits SMALL =
      new SnapshotLimits(1 << 10, 1 << 10, 4 << 10, 16 << 10, 100_000, 1 << 20);

  private static List<byte[]> rows(long seed, int count, int least, int most) {
    Random random = new Random(seed);
    List<byte[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] row = new byte[least + random.nextInt(most - least + 1)];
      random.nextBytes(row);
      rows.add(row);
    }
    return rows;
  }

  private static TableRows chunked(List<byte[]> rows, MemoryChunks chunks) throws IOException {
    RowChunker chunker = new RowChunker(SMALL, chunks);
    for (byte[] row : rows) {
      byte[] wider = new byte[row.length + 3];
      System.arraycopy(row, 0, wider, 1, row.length);
      chunker.row(wider, 1, row.length);
    }
    return chunker.endTable(7);
  }

  private static Set<ChunkHash> hashes(TableRows table) {
    Set<ChunkHash> hashes = new HashSet<>();
    table.chunks().forEach(chunk -> hashes.add(chunk.hash()));
    return hashes;
  }

  @ParameterizedTest
  @CsvSource({"1,2000,200,200", "2,5000,0,40", "3,30,0,90000", "4,1,5,5", "5,20000,12,12"})
  void rowsComeBackInOrder(long seed, int count, int least, int most) throws IOException {
    List<byte[]> rows = rows(seed, count, least, most);
    MemoryChunks chunks = new MemoryChunks();
    TableRows table = chunked(rows, chunks);
    assertEquals(count, table.rows());
    List<byte[]> found = new ArrayList<>();
    for (ChunkRows chunk : table.chunks()) {
      chunks.read(
          List.of(chunk.hash()),
          read -> {
            assertEquals(chunk.bytes(), read.size());
            RowCoding.forEach(
                read.rows(),
                0,
                read.size(),
                chunk.rows(),
                (bytes, offset, length) ->
                    found.add(java.util.Arrays.copyOfRange(bytes, offset, offset + length)));
          });
    }
    assertEquals(count, found.size());
    for (int i = 0; i < count; i++) {
      assertArrayEquals(rows.get(i), found.get(i), "row " + i + ", seed " + seed);
    }
    assertEquals(table.bytes(), table.chunks().stream().mapToLong(ChunkRows::bytes).sum());
  }

  @Test
  void chunksKeepTheirSizes() throws IOException {
    TableRows table = chunked(rows(6, 50_000, 5, 100), new MemoryChunks());
    List<ChunkRows> whole = table.chunks().subList(0, table.chunks().size() - 1);
    for (ChunkRows chunk : whole) {
      assertTrue(chunk.bytes() >= SMALL.chunkBytesMin(), chunk.toString());
      assertTrue(chunk.bytes() <= SMALL.chunkBytesMax(), chunk.toString());
    }
    double mean = whole.stream().mapToInt(ChunkRows::bytes).average().orElseThrow();
    assertTrue(mean > 3_200 && mean < 4_800, "mean " + mean);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aSmallChangeChangesFewChunks(long seed) throws IOException {
    Random random = new Random(seed);
    List<byte[]> rows = rows(seed, 20_000, 10, 60);
    TableRows before = chunked(rows, new MemoryChunks());
    for (int round = 0; round < 10; round++) {
      List<byte[]> changed = new ArrayList<>(rows);
      int at = random.nextInt(rows.size());
      switch (round % 3) {
        case 0 -> changed.remove(at);
        case 1 -> changed.add(at, rows(random.nextLong(), 1, 10, 60).getFirst());
        default -> changed.set(at, rows(random.nextLong(), 1, 10, 60).getFirst());
      }
      TableRows after = chunked(changed, new MemoryChunks());
      Set<ChunkHash> fresh = hashes(after);
      fresh.removeAll(hashes(before));
      assertTrue(
          fresh.size() <= 6,
          "seed %d: %d of %d chunks are new".formatted(seed, fresh.size(), after.chunks().size()));
    }
  }

  @Test
  void aChunkThatIsThereIsNotAddedAgain() throws IOException {
    List<byte[]> rows = rows(9, 1000, 50, 50);
    MemoryChunks chunks = new MemoryChunks();
    TableRows first = chunked(rows, chunks);
    chunks.packed.replaceAll((hash, packed) -> new byte[0]);
    assertEquals(first, chunked(rows, chunks));
    assertTrue(chunks.packed.values().stream().allMatch(packed -> packed.length == 0));
  }

  @Test
  void aRowBeyondTheLimitIsRefused() {
    byte[] row = new byte[SMALL.rowBytesMax() + 1];
    RowChunker chunker = new RowChunker(SMALL, new MemoryChunks());
    EngineException refused =
        assertThrows(EngineException.class, () -> chunker.row(row, 0, row.length));
    assertEquals(EngineException.Code.TENANT, refused.code());
  }

  @Test
  void lengthsThatLieAreRefused() {
    byte[][] lies = {
      {}, {5, 1, 2}, {(byte) 0x80}, {(byte) 0xff, -1, -1, -1, 0x7f, 0}, {0, 0}, {-1, -1, -1, -1, 7}
    };
    for (byte[] lie : lies) {
      assertThrows(
          DecodeException.class,
          () -> RowCoding.forEach(lie, 0, lie.length, 1, (bytes, offset, length) -> {}),
          java.util.Arrays.toString(lie));
    }
  }
}
