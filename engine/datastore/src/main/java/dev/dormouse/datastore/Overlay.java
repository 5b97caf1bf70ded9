package dev.dormouse.datastore;

import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryAccount;
import java.util.Arrays;

/** What a transaction has over all tables: row bytes, an account, a clock of its writes. */
final class Overlay {
  private static final int TOUCHED_KEPT = 64;

  /** Small transactions take from what is covered with the store, see {@link StoreMemory}. */
  static final int FREE_BYTES = 32 << 10;

  /** A charged byte is there once more in the commit record. */
  private static final int COPIES = 2;

  private final DatastoreLimits limits;
  private final MemoryAccount account;
  final RowBuffer rows = new RowBuffer();

  /** Auto-inc values drawn by the last insert or update: BSATN in column order. */
  final BsatnWriter generated = new BsatnWriter(16);

  /** The row that the last insert or update left in place. */
  int lastRow;

  /** Number of the last write; the first is 1. */
  int sequence;

  /** The tables with changes; what is behind {@link #touchedCount} is of earlier transactions. */
  TableOverlay[] touched = new TableOverlay[4];

  int touchedCount;

  private long charged;

  /** What may be charged without a look at the account. */
  private long covered = FREE_BYTES;

  /** Whether a write is going on; still set after one that did not end. */
  boolean writing;

  private boolean closed;

  Overlay(DatastoreLimits limits, MemoryAccount account) {
    this.limits = limits;
    this.account = account;
  }

  /** Charges bytes that stay allocated until the end of the transaction, before they are. */
  void charge(long bytes) {
    long total = charged + bytes;
    if (total > limits.overlayBytesMax()) {
      throw EngineException.tenant(
          "transaction overlay %d bytes, limit %d bytes"
              .formatted(total, limits.overlayBytesMax()));
    }
    if (total > covered) {
      account.cover(COPIES * total, "a transaction");
      covered = account.heldBytes() / COPIES;
    }
    charged = total;
  }

  /** Bytes charged so far. */
  long charged() {
    return charged;
  }

  /** Gives back what it covers; it must not be used any more. */
  void close() {
    if (!closed) {
      closed = true;
      account.close();
    }
  }

  /** Takes back a charge for what is not kept after all. */
  void refund(long bytes) {
    charged -= bytes;
  }

  void touch(TableOverlay table) {
    if (touchedCount == touched.length) {
      touched = Arrays.copyOf(touched, 2 * touchedCount);
    }
    touched[touchedCount++] = table;
  }

  /** Sorts the touched tables by id. */
  void sortTouched() {
    for (int i = 1; i < touchedCount; i++) {
      TableOverlay moved = touched[i];
      int at = i;
      while (at > 0 && touched[at - 1].tableId() > moved.tableId()) {
        touched[at] = touched[at - 1];
        at--;
      }
      touched[at] = moved;
    }
  }

  /** Starts anew; tables that may be gone are not held on to. */
  void reset(boolean forgetTables) {
    for (int i = 0; i < touchedCount; i++) {
      touched[i].reset(writing);
    }
    if (forgetTables || touched.length > TOUCHED_KEPT) {
      touched = new TableOverlay[4];
    }
    touchedCount = 0;
    rows.reset();
    generated.reset();
    sequence = 0;
    charged = 0;
    if (covered != FREE_BYTES) {
      covered = FREE_BYTES;
      account.settle(0);
    }
    writing = false;
  }
}
