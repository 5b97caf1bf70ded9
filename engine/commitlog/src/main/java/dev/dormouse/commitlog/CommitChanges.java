package dev.dormouse.commitlog;

/**
 * Receives what a commit changed, in the order written; see {@link CommitRecord#forEachChange}.
 * Byte ranges are views that hold only during the call.
 */
public interface CommitChanges {
  /** A row that the commit deleted. */
  void deletedRow(int tableId, byte[] bytes, int offset, int length);

  /** A row that the commit inserted. */
  void insertedRow(int tableId, byte[] bytes, int offset, int length);

  /**
   * The next value of a sequence after the commit.
   *
   * @param high the upper 64 bits of the signed 128-bit value
   * @param low the lower 64 bits
   */
  void sequence(int sequenceId, long high, long low);

  /**
   * Something to know about the commit that replay does not need.
   *
   * @param tag 128 to 255, such as {@link CommitRecord#ARGUMENTS}
   */
  default void attribute(int tag, byte[] bytes, int offset, int length) {}
}
