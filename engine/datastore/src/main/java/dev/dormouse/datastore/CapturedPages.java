package dev.dormouse.datastore;

/**
 * The pages of one table at the moment of a capture, numbered from 0 as in the table: a later
 * capture of the same store knows a page by the same number. A page may be without rows.
 */
public final class CapturedPages {
  private final RowPages layout;
  private final byte[][] data;
  private final long[][] starts;
  private final int[] written;

  CapturedPages(RowPages layout, byte[][] data, long[][] starts, int[] written) {
    this.layout = layout;
    this.data = data;
    this.starts = starts;
    this.written = written;
  }

  /** How many pages. */
  public int count() {
    return data.length;
  }

  /**
   * The capture generation in which a page was last written: if that is not above the {@link
   * Capture#generation} of an earlier capture of the store, the page was the same there.
   */
  public int generation(int page) {
    return written[page];
  }

  /** Shows the rows of a page, in an order that depends on the page alone. */
  public void forEachRow(int page, RowVisitor visitor) {
    byte[] bytes = data[page];
    long[] bits = starts[page];
    int slots = bits.length << 6;
    for (int slot = RowPages.nextSet(bits, 0, slots);
        slot < slots;
        slot = RowPages.nextSet(bits, slot + 1, slots)) {
      int length = layout.fixedSize() >= 0 ? layout.fixedSize() : RowPages.lengthIn(bytes, slot);
      visitor.row(bytes, layout.offsetOfSlot(slot), length);
    }
  }

  /** Shows all rows, page by page. */
  public void forEachRow(RowVisitor visitor) {
    for (int page = 0; page < data.length; page++) {
      forEachRow(page, visitor);
    }
  }
}
