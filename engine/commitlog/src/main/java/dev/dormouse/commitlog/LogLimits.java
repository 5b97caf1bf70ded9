package dev.dormouse.commitlog;

/**
 * Every bound of this module.
 *
 * @param commitBytesMax one encoded commit record, length and checksum included
 * @param groupBytesMax gathered records at which a group is closed and the next one begun; a group
 *     exceeds it only to hold one larger record
 * @param fileBytesMax one journal file; the next group that does not fit opens a new file
 * @param undurableBytesMax records reserved, gathered or in flight but not yet durable; at the
 *     bound lanes wait
 * @param segmentBytesMax records of one segment object before compression
 * @param stragglerBytesMax unarchived bytes of a journal file that are few enough to be archived
 *     early, so that the file can go
 * @param indexGapBytesMax foreign bytes between two stretches of one database that are read over
 *     rather than indexed apart
 * @param indexRunsMax index entries of one database in one journal file
 */
public record LogLimits(
    int commitBytesMax,
    int groupBytesMax,
    long fileBytesMax,
    long undurableBytesMax,
    int segmentBytesMax,
    long stragglerBytesMax,
    int indexGapBytesMax,
    int indexRunsMax) {
  private static final int MIB = 1 << 20;

  /** What a node uses unless it is told otherwise. */
  public static final LogLimits DEFAULT =
      new LogLimits(64 * MIB, 8 * MIB, 128L * MIB, 128L * MIB, 64 * MIB, MIB, MIB / 16, 64);

  public LogLimits {
    if (commitBytesMax < RecordFormat.BYTES_MIN || commitBytesMax > RecordFormat.BYTES_MAX) {
      throw new IllegalArgumentException(
          "a commit must hold %d to %d bytes, got %d"
              .formatted(RecordFormat.BYTES_MIN, RecordFormat.BYTES_MAX, commitBytesMax));
    }
    if (groupBytesMax <= 0 || groupBytesMax > RecordFormat.BYTES_MAX) {
      throw new IllegalArgumentException(
          "a group must hold 1 to %d bytes, got %d"
              .formatted(RecordFormat.BYTES_MAX, groupBytesMax));
    }
    long fileBytesMin =
        (long) Math.max(commitBytesMax, groupBytesMax)
            + JournalFormat.HEADER_BYTES
            + JournalFormat.GROUP_BYTES;
    if (fileBytesMax < fileBytesMin) {
      throw new IllegalArgumentException(
          "a journal file (%d bytes) must hold one group (%d bytes with headers)"
              .formatted(fileBytesMax, fileBytesMin));
    }
    if (undurableBytesMax < commitBytesMax) {
      throw new IllegalArgumentException(
          "undurable bytes (%d) must hold one commit (%d bytes)"
              .formatted(undurableBytesMax, commitBytesMax));
    }
    if (segmentBytesMax < commitBytesMax) {
      throw new IllegalArgumentException(
          "a segment object (%d bytes) must hold one commit (%d bytes)"
              .formatted(segmentBytesMax, commitBytesMax));
    }
    if (stragglerBytesMax < 0 || indexGapBytesMax < 0 || indexRunsMax < 1) {
      throw new IllegalArgumentException(
          "straggler bytes (%d) and index gap (%d bytes) must not be negative, index runs (%d) not zero"
              .formatted(stragglerBytesMax, indexGapBytesMax, indexRunsMax));
    }
  }
}
