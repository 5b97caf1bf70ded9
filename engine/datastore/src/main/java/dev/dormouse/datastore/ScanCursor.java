package dev.dormouse.datastore;

import org.jspecify.annotations.Nullable;

/** All rows of a table: committed ones page by page, then inserted ones. */
final class ScanCursor implements RowCursor {
  private final RowPages pages;
  private final @Nullable TableOverlay overlay;
  private final int insertedRows;
  private final int sequence;
  private int page;
  private int word = -1;
  private long bits;
  private int inserted;
  private int pointer;

  ScanCursor(RowPages pages, @Nullable TableOverlay overlay) {
    this.pages = pages;
    this.overlay = overlay;
    this.insertedRows = overlay == null ? 0 : overlay.rowCount();
    this.sequence = overlay == null ? 0 : overlay.sequence();
  }

  @Override
  public boolean next() {
    TableOverlay changes = overlay;
    while (page < pages.pageCount()) {
      while (bits != 0) {
        int slot = word << 6 | Long.numberOfTrailingZeros(bits);
        bits &= bits - 1;
        int candidate = page << pages.shift() | slot;
        if (changes == null || changes.goneCount() == 0 || isVisible(changes, candidate)) {
          pointer = candidate;
          return true;
        }
      }
      word++;
      long[] starts = pages.starts[page];
      if (word < starts.length) {
        bits = starts[word];
      } else {
        page++;
        word = -1;
      }
    }
    while (changes != null && inserted < insertedRows) {
      int number = inserted++;
      if (changes.insertedVisible(number, sequence)) {
        pointer = ~number;
        return true;
      }
    }
    return false;
  }

  private boolean isVisible(TableOverlay changes, int candidate) {
    int deletedAt = changes.deletedAt(candidate);
    return deletedAt == 0 || deletedAt > sequence;
  }

  private TableOverlay overlay() {
    TableOverlay present = overlay;
    if (present == null) {
      throw new IllegalStateException("an inserted row among committed ones");
    }
    return present;
  }

  @Override
  public byte[] buffer() {
    return pointer >= 0 ? pages.bytes(pointer) : overlay().bytes(~pointer);
  }

  @Override
  public int offset() {
    return pointer >= 0 ? pages.offset(pointer) : overlay().offset(~pointer);
  }

  @Override
  public int length() {
    return pointer >= 0 ? pages.length(pointer) : overlay().length(~pointer);
  }

  @Override
  public int rowPointer() {
    return pointer;
  }
}
