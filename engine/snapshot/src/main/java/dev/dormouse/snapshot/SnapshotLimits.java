package dev.dormouse.snapshot;

/**
 * Every bound of this module.
 *
 * @param inlineBytesMax encoded rows up to which a snapshot is a manifest alone, without chunks
 * @param chunkBytesMin encoded rows below which a chunk is not closed, unless its table ends
 * @param chunkBytesMean what a chunk of a large table has on average
 * @param chunkBytesMax encoded rows of one chunk; only a single larger row makes a larger one
 * @param rowBytesMax bytes of one row
 * @param manifestBytesMax bytes of one manifest
 */
public record SnapshotLimits(
    int inlineBytesMax,
    int chunkBytesMin,
    int chunkBytesMean,
    int chunkBytesMax,
    int rowBytesMax,
    int manifestBytesMax) {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;

  /** Row lengths are written with up to four times seven bits. */
  private static final int ROW_BYTES_CEILING = 1 << 28;

  /** What a node uses unless it is told otherwise. */
  public static final SnapshotLimits DEFAULTS =
      new SnapshotLimits(256 * KIB, 128 * KIB, 384 * KIB, MIB, ROW_BYTES_CEILING, 64 * MIB);

  public SnapshotLimits {
    if (inlineBytesMax < 0 || manifestBytesMax < inlineBytesMax) {
      throw new IllegalArgumentException(
          "a manifest (%d bytes) must hold inline rows (%d bytes)"
              .formatted(manifestBytesMax, inlineBytesMax));
    }
    if (chunkBytesMin < 0 || chunkBytesMean <= chunkBytesMin || chunkBytesMax < chunkBytesMean) {
      throw new IllegalArgumentException(
          "chunk bytes must rise from least (%d) to mean (%d) to most (%d)"
              .formatted(chunkBytesMin, chunkBytesMean, chunkBytesMax));
    }
    if (rowBytesMax <= 0 || rowBytesMax > ROW_BYTES_CEILING) {
      throw new IllegalArgumentException(
          "rows of %d bytes, must be 1 to %d".formatted(rowBytesMax, ROW_BYTES_CEILING));
    }
  }

  /** Bytes of the largest chunk there can be. */
  int largestChunkBytes() {
    return Math.max(chunkBytesMax, rowBytesMax + RowCoding.LENGTH_BYTES_MAX);
  }
}
