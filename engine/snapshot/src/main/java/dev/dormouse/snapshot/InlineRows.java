package dev.dormouse.snapshot;

import dev.dormouse.datastore.Capture;
import dev.dormouse.datastore.Capture.CapturedPage;
import dev.dormouse.datastore.Capture.CapturedTable;
import dev.dormouse.snapshot.Manifest.TableRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Gathers the rows of a small capture, or gives up when they are too many. */
final class InlineRows {
  private final int bytesMax;
  private final List<TableRows> tables = new ArrayList<>();
  private byte[] rows = new byte[8192];
  private int length;
  private long rowCount;
  private long liveBytes;
  private boolean overflown;

  InlineRows(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Whether all rows of the capture fit. */
  boolean add(Capture capture) {
    for (CapturedTable table : capture.tables()) {
      int start = length;
      long before = rowCount;
      for (CapturedPage page : table.pages()) {
        page.forEachRow(this::add);
        if (overflown) {
          return false;
        }
      }
      if (rowCount > before) {
        tables.add(
            new TableRows(table.schema().id(), rowCount - before, length - start, List.of()));
      }
    }
    return true;
  }

  private void add(byte[] row, int offset, int rowBytes) {
    int encoded = RowCoding.encodedBytes(rowBytes);
    overflown |= encoded > bytesMax - length;
    if (overflown) {
      return;
    }
    if (encoded > rows.length - length) {
      rows = Arrays.copyOf(rows, Math.max(length + encoded, 2 * rows.length));
    }
    length = RowCoding.write(rows, length, row, offset, rowBytes);
    rowCount++;
    liveBytes += rowBytes;
  }

  List<TableRows> tables() {
    return tables;
  }

  byte[] rows() {
    return Arrays.copyOf(rows, length);
  }

  long liveBytes() {
    return liveBytes;
  }
}
