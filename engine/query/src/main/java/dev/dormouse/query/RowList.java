package dev.dormouse.query;

import dev.dormouse.datastore.RowVisitor;
import dev.dormouse.sats.BsatnWriter;
import java.util.Arrays;
import java.util.Objects;

/** Rows copied one behind another. Not thread safe while it grows. */
public final class RowList implements Rows, RowVisitor {
  private final BsatnWriter bytes;
  private int[] ends;
  private int count;

  /** An empty list. */
  public RowList() {
    this(16);
  }

  RowList(int rows) {
    bytes = new BsatnWriter(rows * 16);
    ends = new int[rows];
  }

  @Override
  public void row(byte[] source, int offset, int length) {
    bytes.writeRaw(source, offset, length);
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, Math.max(16, 2 * count));
    }
    ends[count] = bytes.size();
    count++;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public long bytes() {
    return bytes.size();
  }

  @Override
  public void forEach(RowVisitor visitor) {
    for (int i = 0; i < count; i++) {
      visitor.row(bytes.array(), offset(i), length(i));
    }
  }

  /** The array that holds the rows; valid until the next row is added. */
  public byte[] array() {
    return bytes.array();
  }

  /** Index of a row's first byte. */
  public int offset(int row) {
    return row == 0 ? 0 : ends[Objects.checkIndex(row, count) - 1];
  }

  /** Bytes of a row. */
  public int length(int row) {
    return ends[Objects.checkIndex(row, count)] - offset(row);
  }
}
