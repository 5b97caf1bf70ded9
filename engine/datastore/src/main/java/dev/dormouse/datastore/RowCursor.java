package dev.dormouse.datastore;

/**
 * The rows of a scan, one after another.
 *
 * <p>The rows are those of the moment the scan was opened: later writes of the same transaction
 * neither add nor remove any. Valid until the end of the transaction, or, for a cursor on committed
 * rows, until the next merge. A row's bytes are valid until the next call of {@link #next} and must
 * not be written.
 */
public non-sealed interface RowCursor extends Scan {
  /** Moves to the next row, or returns false at the end. */
  boolean next();

  /** The array that holds the row. */
  byte[] buffer();

  /** Index of the row's first byte. */
  int offset();

  /** Bytes of the row. */
  int length();

  /** What names the row until the end of the transaction: committed from 0 on, else below 0. */
  int rowPointer();
}
