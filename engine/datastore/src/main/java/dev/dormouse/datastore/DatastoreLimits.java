package dev.dormouse.datastore;

/**
 * What one database may hold and one transaction may do.
 *
 * @param rowBytesMax bytes of one row
 * @param overlayBytesMax bytes of what one transaction keeps until its end: rows, their index
 *     entries, deletions, results of its index scans
 * @param liveBytesMax bytes of all committed rows together
 * @param tablesMax tables, those of the system included
 * @param columnsPerTableMax columns of one table
 * @param indexesPerTableMax indexes of one table
 * @param columnsPerIndexMax columns of one index
 */
public record DatastoreLimits(
    int rowBytesMax,
    long overlayBytesMax,
    long liveBytesMax,
    int tablesMax,
    int columnsPerTableMax,
    int indexesPerTableMax,
    int columnsPerIndexMax) {
  /** More would not fit the 31-bit positions of the overlay. */
  private static final long OVERLAY_BYTES_CEILING = 1L << 30;

  /** Row pointers have 31 bits, of which at worst 13 address bytes within a page. */
  private static final int ROW_BYTES_CEILING = 1 << 28;

  /** 16 MiB rows, 256 MiB transactions, 4 GiB data. */
  public static final DatastoreLimits DEFAULTS =
      new DatastoreLimits(16 << 20, 256L << 20, 4L << 30, 4096, 1024, 256, 64);

  public DatastoreLimits {
    if (rowBytesMax <= 0 || rowBytesMax > ROW_BYTES_CEILING) {
      throw new IllegalArgumentException(
          "rows of %d bytes, must be 1 to %d".formatted(rowBytesMax, ROW_BYTES_CEILING));
    }
    if (overlayBytesMax < rowBytesMax || overlayBytesMax > OVERLAY_BYTES_CEILING) {
      throw new IllegalArgumentException(
          "a transaction (%d bytes) must hold one row (%d bytes) and at most %d bytes"
              .formatted(overlayBytesMax, rowBytesMax, OVERLAY_BYTES_CEILING));
    }
    if (liveBytesMax < rowBytesMax
        || tablesMax <= 0
        || columnsPerTableMax <= 0
        || indexesPerTableMax <= 0
        || columnsPerIndexMax <= 0) {
      throw new IllegalArgumentException("every limit must leave room for one row and one table");
    }
  }
}
