package dev.dormouse.datastore;

import java.util.Arrays;

/**
 * Rows of st_sequence with the column {@code allocated} as it is now: what is stored is where the
 * sequence began, for a draw does not rewrite a row.
 */
final class SequenceRowCursor implements RowCursor {
  private final StoreView view;
  private final RowCursor stored;

  SequenceRowCursor(StoreView view, RowCursor stored) {
    this.view = view;
    this.stored = stored;
  }

  @Override
  public boolean next() {
    return stored.next();
  }

  @Override
  public byte[] buffer() {
    return withPosition(view, stored.buffer(), stored.offset(), stored.length());
  }

  /** A copy of a stored row with the sequence's position put in. */
  static byte[] withPosition(StoreView view, byte[] buffer, int offset, int length) {
    byte[] row = Arrays.copyOfRange(buffer, offset, offset + length);
    SequenceState sequence = view.catalog().sequence(Words.littleInt(row, 0));
    if (sequence != null) {
      boolean own = view.seesTransaction();
      int at = length - SystemRows.ALLOCATED_BYTES;
      Words.setLittleLong(row, at, own ? sequence.low() : sequence.committedLow());
      Words.setLittleLong(row, at + 8, own ? sequence.high() : sequence.committedHigh());
    }
    return row;
  }

  @Override
  public int offset() {
    return 0;
  }

  @Override
  public int length() {
    return stored.length();
  }

  @Override
  public int rowPointer() {
    return stored.rowPointer();
  }
}
