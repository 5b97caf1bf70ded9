package dev.dormouse.commitlog;

/** Receives records one after another, in the order of their offsets. */
@FunctionalInterface
public interface RecordVisitor {
  /**
   * The next record.
   *
   * @param record a view that holds only during the call
   */
  void record(CommitRecord record);
}
