package dev.dormouse.datastore;

/** Takes rows one after another. */
@FunctionalInterface
public interface RowVisitor {
  /** One row; the bytes are valid during the call and must not be written. */
  void row(byte[] buffer, int offset, int length);
}
