package dev.dormouse.datastore;

import dev.dormouse.sats.MemoryAccount;

/**
 * What the committed state of a store holds of the node's memory. Commits add to an estimate; every
 * now and then the heap that the tables take is counted instead. Used by one thread at a time.
 */
final class StoreMemory {
  /** What a store takes that holds nothing, and small transactions. */
  static final int EMPTY_BYTES = 128 << 10;

  /** Commits of so many bytes may pass until the heap is counted again. */
  private static final int UNCOUNTED_BYTES_MAX = MemoryAccount.STEP_BYTES;

  /** A row's bytes are once in its page, and so many times in pages' slack and indexes. */
  private static final int HEAP_PER_ROW_BYTE = 2;

  private final MemoryAccount account;
  private long counted;
  private long uncounted;

  /** What a merge that is being prepared will add. */
  private long growth;

  /** Pages that are kept for captures besides their copies. */
  private long copied;

  private boolean closed;

  StoreMemory(MemoryAccount account) {
    this.account = account;
    boolean there = false;
    try {
      account.cover(EMPTY_BYTES, "a database");
      there = true;
    } finally {
      if (!there) {
        account.close();
      }
    }
  }

  /** Covers rows that are about to be restored. */
  void coverRows(long bytes) {
    account.cover(
        EMPTY_BYTES + HEAP_PER_ROW_BYTE * bytes, "a database of %d bytes".formatted(bytes));
  }

  /** Covers what a merge will add. */
  void coverGrowth(long bytes) {
    growth = bytes;
    account.cover(taken(), "a database's rows");
  }

  /** A merge is being prepared that adds nothing. */
  void noGrowth() {
    growth = 0;
  }

  private long taken() {
    return EMPTY_BYTES + counted + uncounted + growth + copied;
  }

  /** Covers a page that is about to be copied, since a capture keeps it as it is. */
  void coverCopy(long bytes) {
    account.cover(taken() + bytes, "rows kept for a snapshot");
    copied += bytes;
  }

  /** As {@link #coverCopy} for a page of a system table, which is never refused. */
  void addCopy(long bytes) {
    copied += bytes;
    account.settle(Math.max(account.heldBytes(), taken()));
  }

  /** No capture keeps pages any more, and the heap was counted. */
  void copiesGone(long heapBytes) {
    copied = 0;
    counted(heapBytes);
  }

  /** Adds what was written; whether the heap should be counted. */
  boolean grown(long bytes) {
    uncounted += bytes;
    growth = 0;
    return uncounted > UNCOUNTED_BYTES_MAX;
  }

  /** The heap was counted after a commit, which cannot be refused any more. */
  void counted(long heapBytes) {
    counted = heapBytes;
    uncounted = 0;
    account.settle(taken());
  }

  /** The heap was counted while a store is being filled, which can be refused. */
  void coverCounted(long heapBytes) {
    counted = heapBytes;
    uncounted = 0;
    account.cover(taken(), "a database's rows");
  }

  /** A capture holds on to the pages too, and closes the account when it lets go. */
  MemoryAccount share() {
    account.share();
    return account;
  }

  void close() {
    if (!closed) {
      closed = true;
      account.close();
    }
  }
}
