package dev.dormouse.snapshot;

import dev.dormouse.sats.DecodeException;
import java.util.List;

/**
 * A snapshot of a database at one tx offset: where its rows are and everything else there is to
 * know. A small one holds its rows itself. Immutable.
 *
 * <p>All numbers are little-endian; rows as at {@link RowCoding}.
 *
 * <pre>
 * manifest  = header table*[tables] sequence*[sequences] inline? sha256:byte[32]
 *                                           ; SHA-256 of everything before it
 * header    = "DORMSNAP" major:u16 minor:u16
 *             kind:u8 zero:byte[3]          ; 1 rows in chunks, 2 rows inline
 *             database:byte[32] generation:u128
 *             nextOffset:u64 lastTimestamp:i64    ; microseconds since 1970
 *             module:byte[32] owner:byte[32]
 *             liveBytes:u64                 ; of all rows, without their lengths
 *             tables:u32 sequences:u32
 * table     = id:u32 rows:u64 bytes:u64     ; ids ascend; bytes of the encoded rows
 *             chunks:u32 chunk*[chunks]     ; inline: 0
 * chunk     = rows:u32 bytes:u32 hash:byte[32]
 * sequence  = id:u32 low:u64 high:i64       ; ids ascend; the next value, 128 bits
 * inline    = bytes:u32 packedBytes:u32 packed:byte[packedBytes]
 *                                           ; one zstd frame of the rows of all tables in order
 * </pre>
 *
 * <p>Version 1.0. A reader refuses another major version, once there is a second one the one before
 * it excepted. Tables without rows are left out.
 */
public final class Manifest {
  private static final byte[] NO_ROWS = {};

  private final SnapshotHeader header;
  private final long liveBytes;
  private final List<TableRows> tables;
  private final List<SequencePosition> sequences;
  private final boolean inline;
  private final byte[] inlineRows;

  private Manifest(
      SnapshotHeader header,
      long liveBytes,
      List<TableRows> tables,
      List<SequencePosition> sequences,
      boolean inline,
      byte[] inlineRows) {
    this.header = header;
    this.liveBytes = liveBytes;
    this.tables = List.copyOf(tables);
    this.sequences = List.copyOf(sequences);
    this.inline = inline;
    this.inlineRows = inlineRows;
  }

  static Manifest ofChunks(
      SnapshotHeader header,
      long liveBytes,
      List<TableRows> tables,
      List<SequencePosition> sequences) {
    return new Manifest(header, liveBytes, tables, sequences, false, NO_ROWS);
  }

  static Manifest ofInlineRows(
      SnapshotHeader header,
      long liveBytes,
      List<TableRows> tables,
      List<SequencePosition> sequences,
      byte[] rows) {
    return new Manifest(header, liveBytes, tables, sequences, true, rows);
  }

  /**
   * One table's rows.
   *
   * @param table id of the table
   * @param rows how many
   * @param bytes of the encoded rows
   * @param chunks where they are, in order; none if they are inline
   */
  public record TableRows(int table, long rows, long bytes, List<ChunkRows> chunks) {
    public TableRows {
      chunks = List.copyOf(chunks);
    }
  }

  /**
   * One chunk of a table.
   *
   * @param hash which chunk
   * @param rows how many it holds
   * @param bytes of its encoded rows
   */
  public record ChunkRows(ChunkHash hash, int rows, int bytes) {}

  /**
   * Where a sequence stands: its next value, a signed 128-bit number in two halves.
   *
   * @param sequence id of the sequence
   */
  public record SequencePosition(int sequence, long high, long low) {}

  /** What it is a snapshot of. */
  public SnapshotHeader header() {
    return header;
  }

  /** Bytes of all rows. */
  public long liveBytes() {
    return liveBytes;
  }

  /** The tables that have rows, in ascending order of ids. */
  public List<TableRows> tables() {
    return tables;
  }

  /** The sequences in ascending order of ids. */
  public List<SequencePosition> sequences() {
    return sequences;
  }

  /** Whether it holds its rows itself. */
  public boolean isInline() {
    return inline;
  }

  byte[] inlineRows() {
    return inlineRows;
  }

  /** The chunks in the order in which a restore reads them; one may stand there twice. */
  public List<ChunkHash> chunks() {
    return tables.stream().flatMap(table -> table.chunks().stream()).map(ChunkRows::hash).toList();
  }

  /** Its bytes. */
  public byte[] encode() {
    return ManifestFormat.encode(this);
  }

  /**
   * Reads a manifest and checks every byte of it.
   *
   * @throws DecodeException if it is damaged, too large for the limits, or of an unknown version
   */
  public static Manifest decode(byte[] bytes, SnapshotLimits limits) {
    return ManifestFormat.decode(bytes, limits);
  }

  @Override
  public String toString() {
    return "snapshot of %s/%s below tx offset %d, %d bytes"
        .formatted(header.database(), header.generation(), header.nextOffset(), liveBytes);
  }
}
