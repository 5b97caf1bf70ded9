package dev.dormouse.datastore;

/**
 * What became of an operation of a transaction, with its number in the module ABI.
 *
 * <p>Source: spec module-abi §3.
 */
public enum Outcome {
  /** Done. */
  DONE(0),
  /** Done: an equal row was there already, so nothing changed. */
  UNCHANGED(0),
  /** A key or a row is not encoded as its type demands. */
  BSATN_DECODE_ERROR(3),
  NO_SUCH_TABLE(4),
  NO_SUCH_INDEX(5),
  /** A range asked of an index that knows points only. */
  WRONG_INDEX_ALGORITHM(10),
  /** Another row holds the key of a unique index. */
  UNIQUE_ALREADY_EXISTS(12),
  /** An update through an index that is not unique. */
  INDEX_NOT_UNIQUE(14),
  /** An update of a row that is not there. */
  NO_SUCH_ROW(15);

  private final int errno;

  Outcome(int errno) {
    this.errno = errno;
  }

  /** The number in the module ABI; 0 means done. */
  public int errno() {
    return errno;
  }

  /** Whether the operation was done. */
  public boolean isDone() {
    return errno == 0;
  }
}
