package dev.dormouse.protocol;

import dev.dormouse.sats.BsatnWriter;
import java.util.Arrays;

/**
 * Collects encoded rows and writes them as one BsatnRowList with the hint that its rows call for.
 *
 * <p>{@link #begin} or {@link #beginFixed}, {@link #addRow} per row, then {@link #writeTo}; can be
 * kept and begun again. Offsets are only collected once sizes differ. Not thread safe. Source: spec
 * client-protocol §4.1, §4.2.
 */
public final class RowListWriter {
  static final int HINT_FIXED_SIZE = 0;
  static final int HINT_ROW_OFFSETS = 1;
  static final int FIXED_SIZE_MAX = 0xffff;

  private final BsatnWriter rows = new BsatnWriter(256);
  private int count;

  /** Bytes of every row so far, or of the row type; meaningless while {@link #offsetsKept}. */
  private int rowSize;

  private boolean sizeIsStatic;

  /** Whether {@link #offsets} holds the start of every row, since their sizes differ. */
  private boolean offsetsKept;

  private int[] offsets = new int[0];

  /** Starts a list of rows of a type whose size varies, or is not known. */
  public RowListWriter begin() {
    rows.reset();
    count = 0;
    rowSize = 0;
    sizeIsStatic = false;
    offsetsKept = false;
    return this;
  }

  /** Starts a list of rows of a type of which every value has {@code size} bytes. */
  public RowListWriter beginFixed(int size) {
    if (size < 0) {
      throw new IllegalArgumentException("row size " + size);
    }
    begin();
    rowSize = size;
    sizeIsStatic = true;
    return this;
  }

  /** Adds one row, copying its bytes. */
  public void addRow(byte[] bytes, int offset, int length) {
    if (sizeIsStatic) {
      if (length != rowSize) {
        throw new IllegalStateException(
            "row of " + length + " bytes, its type has " + rowSize + " bytes");
      }
    } else if (offsetsKept) {
      keepOffset(rows.size());
    } else if (count == 0) {
      rowSize = length;
    } else if (length != rowSize) {
      offsetsKept = true;
      growOffsets(count + 1);
      for (int i = 0; i <= count; i++) {
        offsets[i] = i * rowSize;
      }
    }
    rows.writeRaw(bytes, offset, length);
    count++;
  }

  private void keepOffset(int start) {
    growOffsets(count + 1);
    offsets[count] = start;
  }

  private void growOffsets(int wanted) {
    if (offsets.length < wanted) {
      offsets = Arrays.copyOf(offsets, Math.max(wanted, Math.max(16, 2 * offsets.length)));
    }
  }

  /** Rows added since the beginning. */
  public int rowCount() {
    return count;
  }

  /** Bytes of the rows added since the beginning, without hint and length. */
  public int rowBytes() {
    return rows.size();
  }

  /** Writes the list; the rows stay until the next beginning. */
  public void writeTo(BsatnWriter out) {
    if (count > 0 && !offsetsKept && rowSize > 0 && rowSize <= FIXED_SIZE_MAX) {
      out.writeTag(HINT_FIXED_SIZE).writeU16(rowSize);
    } else {
      out.writeTag(HINT_ROW_OFFSETS).writeI32(count);
      for (int i = 0; i < count; i++) {
        out.writeI64(offsetsKept ? offsets[i] : (long) i * rowSize);
      }
    }
    out.writeBytes(rows.array(), 0, rows.size());
  }

  /** Writes the list of no rows. */
  static void writeEmpty(BsatnWriter out) {
    out.writeTag(HINT_ROW_OFFSETS).writeI32(0).writeI32(0);
  }
}
