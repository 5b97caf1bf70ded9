package dev.dormouse.snapshot;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.residence.Samples;
import dev.dormouse.snapshot.Manifest.ChunkRows;
import dev.dormouse.snapshot.Manifest.SequencePosition;
import dev.dormouse.snapshot.Manifest.TableRows;
import java.util.Arrays;
import java.util.List;

/** Chunks and manifests that no store was captured for. */
public final class SnapshotSamples {
  private SnapshotSamples() {}

  /** A chunk of one row. */
  public static Chunk chunk(long seed, int rowBytes) {
    byte[] row = Samples.bytes(seed, rowBytes);
    byte[] rows = new byte[RowCoding.encodedBytes(rowBytes)];
    RowCoding.write(rows, 0, row, 0, rowBytes);
    return Chunk.of(ChunkHash.of(rows, 0, rows.length), rows, rows.length);
  }

  /** A manifest of a table whose chunks are these, of one row each. */
  public static Manifest manifest(DatabaseKey key, long nextOffset, List<Chunk> chunks) {
    List<ChunkRows> rows =
        chunks.stream().map(chunk -> new ChunkRows(chunk.hash(), 1, chunk.size())).toList();
    long bytes = chunks.stream().mapToLong(Chunk::size).sum();
    List<TableRows> tables =
        rows.isEmpty() ? List.of() : List.of(new TableRows(4096, rows.size(), bytes, rows));
    return Manifest.ofChunks(
        header(key, nextOffset), bytes, tables, List.of(new SequencePosition(1, 0, nextOffset)));
  }

  /** A manifest that holds its one row itself. */
  public static Manifest inline(DatabaseKey key, long nextOffset, int rowBytes) {
    Chunk chunk = chunk(nextOffset, rowBytes);
    return Manifest.ofInlineRows(
        header(key, nextOffset),
        rowBytes,
        List.of(new TableRows(4096, 1, chunk.size(), List.of())),
        List.of(),
        chunk.rows());
  }

  private static SnapshotHeader header(DatabaseKey key, long nextOffset) {
    return new SnapshotHeader(
        key.database(),
        key.generation().id(),
        nextOffset,
        1_000 * nextOffset,
        Samples.MODULE,
        Samples.OWNER);
  }

  /** Whether two chunks hold the same rows. */
  public static boolean sameRows(Chunk one, Chunk other) {
    return Arrays.equals(one.rows(), other.rows());
  }
}
