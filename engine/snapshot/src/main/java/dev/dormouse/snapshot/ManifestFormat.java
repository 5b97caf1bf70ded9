package dev.dormouse.snapshot;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import dev.dormouse.snapshot.Manifest.ChunkRows;
import dev.dormouse.snapshot.Manifest.SequencePosition;
import dev.dormouse.snapshot.Manifest.TableRows;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** The layout of {@link Manifest} in bytes; the grammar stands there. */
final class ManifestFormat {
  private static final int MAJOR = 1;
  private static final int MINOR = 0;

  /** "DORMSNAP". */
  private static final long MAGIC = 0x50414e534d524f44L;

  private static final int CHUNKED = 1;
  private static final int INLINE = 2;

  /** An inline manifest is most of what a sleeping small database costs. */
  private static final int ZSTD_LEVEL = 3;

  private static final int TABLE_BYTES = 4 + 8 + 8 + 4;
  private static final int CHUNK_BYTES = 4 + 4 + ChunkHash.BYTES;
  private static final int SEQUENCE_BYTES = 4 + 8 + 8;
  private static final int SHA_BYTES = 32;

  private ManifestFormat() {}

  static byte[] encode(Manifest manifest) {
    SnapshotHeader header = manifest.header();
    BsatnWriter writer = new BsatnWriter(1024);
    writer.writeI64(MAGIC).writeU16(MAJOR).writeU16(MINOR);
    writer.writeI32(manifest.isInline() ? INLINE : CHUNKED);
    header.database().write(writer);
    writer.writeI64(header.generation().getLeastSignificantBits());
    writer.writeI64(header.generation().getMostSignificantBits());
    writer.writeI64(header.nextOffset()).writeI64(header.lastTimestampMicros());
    writer.writeRaw(header.module().toByteArray());
    header.owner().write(writer);
    writer.writeI64(manifest.liveBytes());
    writer.writeI32(manifest.tables().size()).writeI32(manifest.sequences().size());
    for (TableRows table : manifest.tables()) {
      writer.writeI32(table.table()).writeI64(table.rows()).writeI64(table.bytes());
      writer.writeI32(table.chunks().size());
      for (ChunkRows chunk : table.chunks()) {
        writer.writeI32(chunk.rows()).writeI32(chunk.bytes());
        chunk.hash().write(writer);
      }
    }
    for (SequencePosition sequence : manifest.sequences()) {
      writer.writeI32(sequence.sequence()).writeI64(sequence.low()).writeI64(sequence.high());
    }
    if (manifest.isInline()) {
      byte[] packed = Zstd.compress(manifest.inlineRows(), ZSTD_LEVEL);
      writer.writeI32(manifest.inlineRows().length).writeI32(packed.length).writeRaw(packed);
    }
    MessageDigest digest = ChunkHash.sha256();
    digest.update(writer.array(), 0, writer.size());
    return writer.writeRaw(digest.digest()).toByteArray();
  }

  static Manifest decode(byte[] bytes, SnapshotLimits limits) {
    require(
        bytes.length <= limits.manifestBytesMax(),
        () -> "%d bytes, limit %d bytes".formatted(bytes.length, limits.manifestBytesMax()));
    int length = bytes.length - SHA_BYTES;
    require(length >= 12, () -> "%d bytes are no manifest".formatted(bytes.length));
    BsatnReader reader = new BsatnReader(bytes, 0, length);
    require(reader.readI64() == MAGIC, () -> "no manifest of a snapshot");
    int major = reader.readU16();
    require(major == MAJOR, () -> "format version %d is unknown".formatted(major));
    MessageDigest digest = ChunkHash.sha256();
    digest.update(bytes, 0, length);
    require(
        Arrays.equals(digest.digest(), 0, SHA_BYTES, bytes, length, bytes.length),
        () -> "its SHA-256 is wrong");
    reader.readU16();
    return body(reader, limits);
  }

  private static Manifest body(BsatnReader reader, SnapshotLimits limits) {
    int kind = reader.readI32();
    require(kind == CHUNKED || kind == INLINE, () -> "kind %d is unknown".formatted(kind));
    boolean inline = kind == INLINE;
    Identity database = Identity.read(reader);
    long generationLow = reader.readI64();
    UUID generation = new UUID(reader.readI64(), generationLow);
    long nextOffset = reader.readI64();
    require(nextOffset >= 0, () -> "tx offset %d is out of range".formatted(nextOffset));
    long lastTimestamp = reader.readI64();
    ModuleHash module = ModuleHash.ofBytes(reader.readRaw(ModuleHash.BYTES));
    SnapshotHeader header =
        new SnapshotHeader(
            database, generation, nextOffset, lastTimestamp, module, Identity.read(reader));
    long liveBytes = reader.readI64();
    require(liveBytes >= 0, () -> "%d live bytes are out of range".formatted(liveBytes));
    int tableCount = reader.readI32();
    int sequenceCount = reader.readI32();
    List<TableRows> tables = tables(reader, tableCount, inline, limits);
    List<SequencePosition> sequences = sequences(reader, sequenceCount);
    if (!inline) {
      require(
          reader.remaining() == 0, () -> "%d bytes behind its end".formatted(reader.remaining()));
      return Manifest.ofChunks(header, liveBytes, tables, sequences);
    }
    byte[] rows = inlineRows(reader, limits);
    long expected = tables.stream().mapToLong(TableRows::bytes).reduce(0, Math::addExact);
    require(
        rows.length == expected,
        () -> "%d bytes of rows, tables have %d".formatted(rows.length, expected));
    return Manifest.ofInlineRows(header, liveBytes, tables, sequences, rows);
  }

  private static List<TableRows> tables(
      BsatnReader reader, int count, boolean inline, SnapshotLimits limits) {
    requireCount(count, TABLE_BYTES, reader, "tables");
    List<TableRows> tables = new ArrayList<>(count);
    int lastId = 0;
    for (int i = 0; i < count; i++) {
      int previous = lastId;
      int id = reader.readI32();
      require(id > previous, () -> "table id %d follows %d".formatted(id, previous));
      lastId = id;
      long rows = reader.readI64();
      long bytes = reader.readI64();
      long bytesMax = inline ? limits.inlineBytesMax() : Long.MAX_VALUE;
      require(
          rows > 0 && rows <= bytes && bytes <= bytesMax,
          () -> "table %d cannot have %d rows in %d bytes".formatted(id, rows, bytes));
      List<ChunkRows> chunks = chunks(reader, limits);
      if (inline) {
        require(chunks.isEmpty(), () -> "table %d has chunks in an inline manifest".formatted(id));
      } else {
        require(
            rows == chunks.stream().mapToLong(ChunkRows::rows).sum()
                && bytes == chunks.stream().mapToLong(ChunkRows::bytes).sum(),
            () -> "table %d has not the rows of its chunks".formatted(id));
      }
      tables.add(new TableRows(id, rows, bytes, chunks));
    }
    return tables;
  }

  private static List<ChunkRows> chunks(BsatnReader reader, SnapshotLimits limits) {
    int count = reader.readI32();
    requireCount(count, CHUNK_BYTES, reader, "chunks");
    List<ChunkRows> chunks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int rows = reader.readI32();
      int bytes = reader.readI32();
      require(
          rows > 0 && rows <= bytes && bytes <= limits.largestChunkBytes(),
          () -> "a chunk cannot have %d rows in %d bytes".formatted(rows, bytes));
      chunks.add(new ChunkRows(ChunkHash.read(reader), rows, bytes));
    }
    return chunks;
  }

  private static List<SequencePosition> sequences(BsatnReader reader, int count) {
    requireCount(count, SEQUENCE_BYTES, reader, "sequences");
    List<SequencePosition> sequences = new ArrayList<>(count);
    int lastId = 0;
    for (int i = 0; i < count; i++) {
      int previous = lastId;
      int id = reader.readI32();
      require(id > previous, () -> "sequence id %d follows %d".formatted(id, previous));
      lastId = id;
      long low = reader.readI64();
      sequences.add(new SequencePosition(id, reader.readI64(), low));
    }
    return sequences;
  }

  private static byte[] inlineRows(BsatnReader reader, SnapshotLimits limits) {
    int size = reader.readI32();
    int packedBytes = reader.readI32();
    require(
        size >= 0 && size <= limits.inlineBytesMax(),
        () -> "%d bytes of rows inline, limit %d bytes".formatted(size, limits.inlineBytesMax()));
    require(
        packedBytes == reader.remaining(), () -> "%d bytes of packed rows".formatted(packedBytes));
    byte[] packed = reader.readRaw(packedBytes);
    byte[] rows = new byte[size];
    try {
      long found = Zstd.decompressByteArray(rows, 0, size, packed, 0, packedBytes);
      require(found == size, () -> "rows unpack to %d bytes instead of %d".formatted(found, size));
      return rows;
    } catch (ZstdException e) {
      throw new DecodeException("manifest: rows cannot be unpacked", e);
    }
  }

  // Before allocating: the count is whatever the manifest's maker wrote.
  private static void requireCount(int count, int bytesEach, BsatnReader reader, String what) {
    require(
        count >= 0 && count <= reader.remaining() / bytesEach,
        () -> "%d %s in %d bytes".formatted(count, what, reader.remaining()));
  }

  private static void require(boolean holds, Supplier<String> what) {
    if (!holds) {
      throw new DecodeException("manifest: " + what.get());
    }
  }
}
