package dev.dormouse.snapshot;

import dev.dormouse.sats.EngineException;
import dev.dormouse.snapshot.Manifest.ChunkRows;
import dev.dormouse.snapshot.Manifest.TableRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts the rows of tables into chunks where the rows themselves say so, and not at fixed places:
 * after a row was added, removed or changed, the cuts before and behind it fall where they fell, so
 * that consecutive snapshots share all chunks but those around a change.
 *
 * <p>A chunk ends behind a row whose ends hash to less than its share of the mean size, once the
 * least size is reached; before a row that does not fit; and with its table. Where a chunk ends is
 * no part of the format: a reader takes any.
 */
final class RowChunker {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final SnapshotLimits limits;
  private final ChunkSink sink;
  private final long meanBeyondMin;

  private byte[] buffer;
  private int length;
  private int rows;
  private List<ChunkRows> chunks = new ArrayList<>();
  private long tableRows;
  private long tableBytes;
  private long liveBytes;

  RowChunker(SnapshotLimits limits, ChunkSink sink) {
    this.limits = limits;
    this.sink = sink;
    this.meanBeyondMin = (long) limits.chunkBytesMean() - limits.chunkBytesMin();
    this.buffer = new byte[limits.chunkBytesMax()];
  }

  void row(byte[] row, int offset, int rowBytes) throws IOException {
    if (rowBytes > limits.rowBytesMax()) {
      throw EngineException.tenant(
          "row of %d bytes in a snapshot, limit %d bytes"
              .formatted(rowBytes, limits.rowBytesMax()));
    }
    int encoded = RowCoding.encodedBytes(rowBytes);
    if (rows > 0 && encoded > limits.chunkBytesMax() - length) {
      cut();
    }
    if (encoded > buffer.length - length) {
      buffer = Arrays.copyOf(buffer, length + encoded);
    }
    length = RowCoding.write(buffer, length, row, offset, rowBytes);
    rows++;
    liveBytes += rowBytes;
    if (length >= limits.chunkBytesMin() && isBoundary(row, offset, rowBytes, encoded)) {
      cut();
    }
  }

  /** As {@link #row}, for a visitor of rows. */
  void rowUnchecked(byte[] row, int offset, int rowBytes) {
    try {
      row(row, offset, rowBytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isBoundary(byte[] row, int offset, int rowBytes, int encoded) {
    long hash = rowBytes;
    if (rowBytes >= Long.BYTES) {
      long first = (long) LONGS.get(row, offset);
      long last = (long) LONGS.get(row, offset + rowBytes - Long.BYTES);
      hash += first * 0x9e3779b97f4a7c15L ^ Long.rotateLeft(last, 29);
    } else {
      for (int i = 0; i < rowBytes; i++) {
        hash = (hash << Byte.SIZE) | (row[offset + i] & 0xff);
      }
    }
    hash = (hash ^ hash >>> 32) * 0xd6e8feb86659fd93L;
    hash = (hash ^ hash >>> 32) * 0xd6e8feb86659fd93L;
    return (hash >>> 33) * meanBeyondMin < (long) encoded << 31;
  }

  private void cut() throws IOException {
    ChunkHash hash = ChunkHash.of(buffer, 0, length);
    if (!sink.has(hash)) {
      sink.add(Chunk.of(hash, buffer, length));
    }
    chunks.add(new ChunkRows(hash, rows, length));
    tableRows += rows;
    tableBytes += length;
    length = 0;
    rows = 0;
    if (buffer.length > limits.chunkBytesMax()) {
      buffer = new byte[limits.chunkBytesMax()]; // It grew for one large row.
    }
  }

  /** Ends a table. */
  TableRows endTable(int table) throws IOException {
    if (rows > 0) {
      cut();
    }
    TableRows ended = new TableRows(table, tableRows, tableBytes, chunks);
    chunks = new ArrayList<>();
    tableRows = 0;
    tableBytes = 0;
    return ended;
  }

  /** Bytes of all rows of all tables. */
  long liveBytes() {
    return liveBytes;
  }
}
