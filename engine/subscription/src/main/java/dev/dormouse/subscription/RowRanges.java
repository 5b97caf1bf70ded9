package dev.dormouse.subscription;

import dev.dormouse.datastore.RowVisitor;
import dev.dormouse.query.Rows;
import java.util.Arrays;

/** Rows by reference to where they lie; kept and cleared, so that a change allocates nothing. */
final class RowRanges implements Rows {
  /** Few, since every query that is held has two of these. */
  private static final int CAPACITY_KEPT = 16;

  /** Heap that a row takes here, besides its bytes. */
  private static final int ROW_BYTES = 16;

  private static final byte[][] NO_BUFFERS = {};
  private static final int[] NO_OFFSETS = {};

  private byte[][] buffers = NO_BUFFERS;
  private int[] offsets = NO_OFFSETS;
  private int[] lengths = NO_OFFSETS;
  private int count;
  private long bytes;

  /** Bytes of heap that adding another row would take anew; mostly 0. */
  long growth() {
    return count == offsets.length && count >= CAPACITY_KEPT ? (long) ROW_BYTES * 2 * count : 0;
  }

  void add(byte[] buffer, int offset, int length) {
    if (count == offsets.length) {
      int capacity = Math.max(4, 2 * count);
      buffers = Arrays.copyOf(buffers, capacity);
      offsets = Arrays.copyOf(offsets, capacity);
      lengths = Arrays.copyOf(lengths, capacity);
    }
    buffers[count] = buffer;
    offsets[count] = offset;
    lengths[count] = length;
    count++;
    bytes += length;
  }

  void clear() {
    if (offsets.length > CAPACITY_KEPT) {
      buffers = NO_BUFFERS;
      offsets = NO_OFFSETS;
      lengths = NO_OFFSETS;
    } else {
      // The buffers belong to a transaction that is over.
      Arrays.fill(buffers, 0, count, null);
    }
    count = 0;
    bytes = 0;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void forEach(RowVisitor visitor) {
    for (int i = 0; i < count; i++) {
      visitor.row(buffers[i], offsets[i], lengths[i]);
    }
  }
}
