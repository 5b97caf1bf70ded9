package dev.dormouse.datastore;

import dev.dormouse.datastore.Capture.CapturedPage;
import java.util.ArrayList;
import java.util.List;

/** The pages of one table at the moment of a capture: three copied arrays, and no more. */
final class CapturedPages {
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

  /** The pages with rows, in ascending order of numbers. Made when asked for, by the reader. */
  List<CapturedPage> pages() {
    List<CapturedPage> pages = new ArrayList<>(data.length);
    for (int number = 0; number < data.length; number++) {
      int slots = starts[number].length << 6;
      if (RowPages.nextSet(starts[number], 0, slots) < slots) {
        pages.add(new CapturedPage(layout, number, written[number], data[number], starts[number]));
      }
    }
    return pages;
  }
}
