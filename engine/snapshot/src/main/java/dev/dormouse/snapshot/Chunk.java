package dev.dormouse.snapshot;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import dev.dormouse.sats.DecodeException;
import java.util.Arrays;

/**
 * Rows of one table, up to about 1 MiB, addressed by their hash. A chunk in memory always has the
 * hash it claims: it is either made from its rows or checked when it is unpacked.
 *
 * <p>Packed form, which stores keep:
 *
 * <pre>
 * packed = format:u8 rawBytes:u32 body     ; little-endian
 * body   = the rows                        ; format 0
 *        | one zstd frame of the rows      ; format 1
 * </pre>
 *
 * The hash is that of the rows and not of the packed form, so a chunk that is stored already need
 * not be packed to be recognised, and stays the same chunk whatever packed it.
 */
public final class Chunk {
  private static final int HEADER_BYTES = 5;
  private static final byte PLAIN = 0;
  private static final byte ZSTD = 1;

  /** 1 packs three times faster than 3 and some percent less; a sleep waits for it. */
  private static final int ZSTD_LEVEL = 1;

  private final ChunkHash hash;
  private final byte[] rows;

  private Chunk(ChunkHash hash, byte[] rows) {
    this.hash = hash;
    this.rows = rows;
  }

  /** The chunk of these encoded rows, which are copied. */
  static Chunk of(ChunkHash hash, byte[] rows, int length) {
    return new Chunk(hash, Arrays.copyOf(rows, length));
  }

  /** Which chunk. */
  public ChunkHash hash() {
    return hash;
  }

  /** Bytes of its encoded rows. */
  public int size() {
    return rows.length;
  }

  byte[] rows() {
    return rows;
  }

  /** The packed form. */
  public byte[] pack() {
    byte[] packed = new byte[HEADER_BYTES + Math.toIntExact(Zstd.compressBound(rows.length))];
    long bodyBytes =
        Zstd.compressByteArray(
            packed, HEADER_BYTES, packed.length - HEADER_BYTES, rows, 0, rows.length, ZSTD_LEVEL);
    if (Zstd.isError(bodyBytes)) {
      throw new IllegalStateException("zstd: " + Zstd.getErrorName(bodyBytes));
    }
    byte format = ZSTD;
    if (bodyBytes >= rows.length) {
      System.arraycopy(rows, 0, packed, HEADER_BYTES, rows.length);
      bodyBytes = rows.length;
      format = PLAIN;
    }
    packed[0] = format;
    for (int i = 0; i < Integer.BYTES; i++) {
      packed[1 + i] = (byte) (rows.length >>> (8 * i));
    }
    return Arrays.copyOf(packed, HEADER_BYTES + (int) bodyBytes);
  }

  /**
   * Unpacks and verifies a chunk.
   *
   * @param hash the chunk wanted
   * @throws DecodeException if the bytes are not the packed form of this chunk
   */
  public static Chunk unpack(ChunkHash hash, byte[] packed, SnapshotLimits limits) {
    require(packed.length >= HEADER_BYTES, hash, "has no header");
    long size = 0;
    for (int i = 0; i < Integer.BYTES; i++) {
      size |= (packed[1 + i] & 0xffL) << (8 * i);
    }
    // Before allocating: the size is whatever the bytes' maker wrote.
    require(size <= limits.largestChunkBytes(), hash, "claims " + size + " bytes of rows");
    byte[] rows =
        switch (packed[0]) {
          case PLAIN -> {
            require(packed.length - HEADER_BYTES == size, hash, "has not the size it claims");
            yield Arrays.copyOfRange(packed, HEADER_BYTES, packed.length);
          }
          case ZSTD -> inflate(hash, packed, HEADER_BYTES, packed.length, (int) size);
          default -> throw new DecodeException(message(hash, "has format " + packed[0]));
        };
    ChunkHash found = ChunkHash.of(rows, 0, rows.length);
    require(found.equals(hash), hash, "holds rows of hash " + found);
    return new Chunk(hash, rows);
  }

  private static byte[] inflate(ChunkHash hash, byte[] packed, int from, int to, int size) {
    byte[] rows = new byte[size];
    try {
      long found = Zstd.decompressByteArray(rows, 0, size, packed, from, to - from);
      require(found == size, hash, "unpacks to " + found + " bytes");
      return rows;
    } catch (ZstdException e) {
      throw new DecodeException(message(hash, "cannot be unpacked"), e);
    }
  }

  private static void require(boolean holds, ChunkHash hash, String what) {
    if (!holds) {
      throw new DecodeException(message(hash, what));
    }
  }

  private static String message(ChunkHash hash, String what) {
    return "chunk " + hash + " " + what;
  }
}
