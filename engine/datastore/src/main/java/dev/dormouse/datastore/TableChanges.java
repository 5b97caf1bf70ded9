package dev.dormouse.datastore;

/**
 * What a transaction has done to one table, net: a row deleted and inserted again is no change.
 *
 * <p>Rows inserted into an event table are changes, though no later transaction sees them.
 */
public final class TableChanges {
  private final TableOverlay overlay;
  private long insertedBytes;
  private long deletedBytes;

  TableChanges(TableOverlay overlay) {
    this.overlay = overlay;
  }

  void compute() {
    overlay.settle();
    insertedBytes = 0;
    for (int number = 0; number < overlay.rowCount(); number++) {
      if (overlay.isLive(number)) {
        insertedBytes += overlay.length(number);
      }
    }
    deletedBytes = 0;
    RowPages pages = overlay.table().pages;
    for (int i = 0; i < overlay.goneCount(); i++) {
      deletedBytes += pages.length(overlay.gonePointer(i));
    }
  }

  /** The table as the transaction has left it. */
  public TableSchema schema() {
    return overlay.table().schema;
  }

  /** How many rows were inserted. */
  public int insertedCount() {
    return overlay.liveCount();
  }

  /** How many rows were deleted. */
  public int deletedCount() {
    return overlay.goneCount();
  }

  /** Bytes of the inserted rows. */
  public long insertedBytes() {
    return insertedBytes;
  }

  /** Bytes of the deleted rows. */
  public long deletedBytes() {
    return deletedBytes;
  }

  /** Shows the inserted rows in the order of their insertion. */
  public void forEachInserted(RowVisitor visitor) {
    for (int number = 0; number < overlay.rowCount(); number++) {
      if (overlay.isLive(number)) {
        visitor.row(overlay.bytes(number), overlay.offset(number), overlay.length(number));
      }
    }
  }

  /** Shows the deleted rows; their order is not specified. */
  public void forEachDeleted(RowVisitor visitor) {
    RowPages pages = overlay.table().pages;
    for (int i = 0; i < overlay.goneCount(); i++) {
      int pointer = overlay.gonePointer(i);
      visitor.row(pages.bytes(pointer), pages.offset(pointer), pages.length(pointer));
    }
  }

  /** The inserted rows in the order of their insertion. */
  public RowCursor inserted() {
    return new ChangeCursor(overlay, true);
  }

  /** The deleted rows; their order is not specified. */
  public RowCursor deleted() {
    return new ChangeCursor(overlay, false);
  }

  private static final class ChangeCursor implements RowCursor {
    private final TableOverlay overlay;
    private final RowPages pages;
    private final boolean inserted;
    private int at = -1;

    ChangeCursor(TableOverlay overlay, boolean inserted) {
      this.overlay = overlay;
      this.pages = overlay.table().pages;
      this.inserted = inserted;
    }

    @Override
    public boolean next() {
      at++;
      if (!inserted) {
        return at < overlay.goneCount();
      }
      while (at < overlay.rowCount() && !overlay.isLive(at)) {
        at++;
      }
      return at < overlay.rowCount();
    }

    @Override
    public int rowPointer() {
      return inserted ? ~at : overlay.gonePointer(at);
    }

    @Override
    public byte[] buffer() {
      return inserted ? overlay.bytes(at) : pages.bytes(overlay.gonePointer(at));
    }

    @Override
    public int offset() {
      return inserted ? overlay.offset(at) : pages.offset(overlay.gonePointer(at));
    }

    @Override
    public int length() {
      return inserted ? overlay.length(at) : pages.length(overlay.gonePointer(at));
    }
  }
}
