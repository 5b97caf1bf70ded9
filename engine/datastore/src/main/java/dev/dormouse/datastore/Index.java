package dev.dormouse.datastore;

import org.jspecify.annotations.Nullable;

/**
 * Finds the rows of one table by a key: those committed, and apart from them those inserted by the
 * transaction.
 *
 * <p>For a few inserted rows the latter is a list that is looked through, beyond {@link
 * #LINEAR_MAX} the same structure as for committed rows.
 */
abstract sealed class Index permits TreeIndex, HashIndex {
  /** Inserted rows that are looked through one by one. */
  static final int LINEAR_MAX = 16;

  /** Null for the index by whole rows, which the system tables do not know. */
  final @Nullable IndexSchema schema;

  final boolean unique;
  final StoreContext context;
  RowPages pages;
  final TableOverlay overlay;

  Index(
      @Nullable IndexSchema schema,
      boolean unique,
      StoreContext context,
      RowPages pages,
      TableOverlay overlay) {
    this.schema = schema;
    this.unique = unique;
    this.context = context;
    this.pages = pages;
    this.overlay = overlay;
  }

  /** A committed row with the key of this row, or -1. Of a unique index. */
  abstract int find(byte[] row, int offset, int length);

  /** Number of a live inserted row with the key of this row, or -1. Of a unique index. */
  abstract int findInserted(byte[] row, int offset, int length);

  /** A committed row with this valid key, or -1. Of a unique index. */
  abstract int findKey(byte[] key, int offset);

  /** Number of a live inserted row with this valid key, or -1. Of a unique index. */
  abstract int findKeyInserted(byte[] key, int offset);

  /** Whether two rows have the same key. */
  abstract boolean sameKey(
      byte[] row1, int offset1, int length1, byte[] row2, int offset2, int length2);

  /** Adds a committed row whose bytes are here. */
  abstract void insert(byte[] row, int offset, int length, int pointer);

  /** Removes a committed row whose bytes are still in its page. */
  abstract void remove(int pointer);

  /**
   * Adds many committed rows, in ascending order of pointers, to the empty index.
   *
   * @return whether the index is not unique, or no two of the rows have the same key
   */
  abstract boolean build(int[] pointers);

  /** The transaction has inserted row {@code number}, or changed it. */
  abstract void inserted(int number);

  /** Takes over all rows the transaction has inserted, into an index that is new. */
  abstract void adopt();

  /** The transaction is about to take back its row {@code number}, or to change it. */
  abstract void takingBack(int number);

  /** The transaction has ended. */
  abstract void reset();

  /** Rows with this valid key. */
  abstract RowCursor openPoint(byte[] key, int offset, int length, boolean withInserted);

  /** As {@link #openPoint}, of a unique index: the one row with this valid key, or none. */
  final RowCursor openUnique(byte[] key, int offset, boolean withInserted) {
    if (withInserted) {
      int number = findKeyInserted(key, offset);
      if (number >= 0) {
        overlay.openCursor();
        return new SingleCursor(
            overlay.bytes(number), overlay.offset(number), overlay.length(number), ~number);
      }
    }
    int pointer = findKey(key, offset);
    if (pointer < 0 || (withInserted && overlay.deletedAt(pointer) != 0)) {
      return EmptyCursor.EMPTY;
    }
    return new SingleCursor(
        pages.bytes(pointer), pages.offset(pointer), pages.length(pointer), pointer);
  }

  /** Checks a whole key; throws a DecodeException. */
  abstract void validateKey(byte[] key, int offset, int length);

  /** Rough bytes of heap. */
  abstract long heapBytes();
}
