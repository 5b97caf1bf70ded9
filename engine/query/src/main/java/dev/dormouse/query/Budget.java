package dev.dormouse.query;

import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.MemoryBudget;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What one request may use: rows looked at, bytes returned, time. Crossing a limit is a refusal
 * that names it. One per request; not thread safe.
 */
public final class Budget {
  /** Rows between two looks at the clock. */
  private static final int ROWS_PER_LOOK = 256;

  /** Results up to this size take too little of the node's memory to be counted. */
  private static final int UNCOUNTED_BYTES = 32 << 10;

  /** Lists of rows grow by doubling: while that goes on, a byte is there three times. */
  private static final int LIST_COPIES = 3;

  /**
   * Rows for a client: while they are encoded they are in their list, with what it has room for
   * besides, and three times in what they are encoded into; later encoded and three times in the
   * message.
   */
  public static final int MESSAGE_COPIES = 5;

  private final long rowsScannedMax;
  private final long resultBytesMax;
  private final LongSupplier nanos;
  private final long startNanos;
  private final Duration timeMax;
  private final MemoryAccount memory;
  private final int copies;
  private long covered = UNCOUNTED_BYTES;
  private long rowsScanned;
  private long resultBytes;

  /**
   * A fresh budget; its time runs from now on.
   *
   * @param nanos a monotonic clock, in nanoseconds
   */
  public Budget(long rowsScannedMax, long resultBytesMax, Duration timeMax, LongSupplier nanos) {
    this(rowsScannedMax, resultBytesMax, timeMax, nanos, MemoryBudget.unlimited().open());
  }

  /**
   * A fresh budget whose result takes from the node's memory.
   *
   * @param memory covers the result; whoever has the result closes it
   */
  public Budget(
      long rowsScannedMax,
      long resultBytesMax,
      Duration timeMax,
      LongSupplier nanos,
      MemoryAccount memory) {
    this(rowsScannedMax, resultBytesMax, timeMax, nanos, memory, LIST_COPIES);
  }

  /**
   * As above.
   *
   * @param copies how often a byte of the result is on the heap at a time, at most
   */
  public Budget(
      long rowsScannedMax,
      long resultBytesMax,
      Duration timeMax,
      LongSupplier nanos,
      MemoryAccount memory,
      int copies) {
    this.copies = copies;
    this.memory = memory;
    this.rowsScannedMax = rowsScannedMax;
    this.resultBytesMax = resultBytesMax;
    this.timeMax = timeMax;
    this.nanos = nanos;
    this.startNanos = nanos.getAsLong();
  }

  /** A budget without bounds, for work that was admitted before. */
  public static Budget unlimited() {
    return new Budget(Long.MAX_VALUE, Long.MAX_VALUE, Duration.ofNanos(Long.MAX_VALUE), () -> 0);
  }

  /** Rows looked at so far. */
  public long rowsScanned() {
    return rowsScanned;
  }

  /** Bytes returned so far. */
  public long resultBytes() {
    return resultBytes;
  }

  /** Counts bytes of rows that are returned once more without being looked for. */
  public void reused(long bytes) {
    count(bytes);
  }

  void scanned() {
    rowsScanned++;
    if (rowsScanned > rowsScannedMax) {
      throw Refusals.rowsScanned(rowsScannedMax);
    }
    if (rowsScanned % ROWS_PER_LOOK == 0 && nanos.getAsLong() - startNanos > timeMax.toNanos()) {
      throw Refusals.timeUsed(timeMax.toMillis());
    }
  }

  void returned(int bytes) {
    count(bytes);
  }

  private void count(long bytes) {
    resultBytes += bytes;
    if (resultBytes > resultBytesMax) {
      throw Refusals.resultBytes(resultBytesMax);
    }
    if (resultBytes > covered) {
      memory.cover(copies * resultBytes, "the result of a query");
      covered = memory.heldBytes() / copies;
    }
  }
}
