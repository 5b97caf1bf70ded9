package dev.dormouse.datastore;

/**
 * Moves what a transaction has done to one table into the committed state.
 *
 * <p>{@link #prepare} finds a place for every row and makes every page writable; it may fail and is
 * undone by {@link #unprepare}. {@link #merge} then only writes. A row that replaces another of the
 * same size takes its place, so that an update leaves every index alone whose key it does not
 * change. Index nodes are the one thing merge may allocate: running out of memory there ends the
 * process, and until it does the store refuses all use.
 */
final class Merge {
  private Merge() {}

  /** Reserves places; the overlay is settled. */
  static void prepare(Table table, TableOverlay overlay) {
    if (table.schema.isEvent()) {
      return;
    }
    RowPages pages = table.pages;
    for (int number = 0; number < overlay.rowCount(); number++) {
      if (overlay.isLive(number)) {
        int length = overlay.length(number);
        int replaced = overlay.replaces(number);
        if (replaced >= 0 && pages.fitsInPlace(replaced, length) && overlay.takePlace(replaced)) {
          pages.ownPageOf(replaced);
        } else {
          overlay.place(number, pages.reserve(length));
        }
      }
      overlay.prepared(number + 1);
    }
    for (int i = 0; i < overlay.goneCount(); i++) {
      pages.ownPageOf(overlay.gonePointer(i));
    }
  }

  /** Gives reserved places back. */
  static void unprepare(Table table, TableOverlay overlay) {
    for (int number = 0; number < overlay.preparedRows(); number++) {
      int place = overlay.placeOf(number);
      if (overlay.isLive(number) && place >= 0) {
        table.pages.unreserve(place, overlay.length(number));
      }
    }
    overlay.prepared(0);
  }

  /** Writes. The overlay is prepared. */
  static void merge(Table table, TableOverlay overlay) {
    for (SequenceState sequence : table.sequences) {
      sequence.merge();
    }
    if (table.schema.isEvent()) {
      return;
    }
    for (int number = 0; number < overlay.rowCount(); number++) {
      if (overlay.isLive(number) && overlay.placeOf(number) < 0) {
        replace(table, overlay, number);
      }
    }
    for (int i = 0; i < overlay.goneCount(); i++) {
      if (!overlay.placeIsTaken(i)) {
        table.removeCommitted(overlay.gonePointer(i));
      }
    }
    for (int number = 0; number < overlay.rowCount(); number++) {
      int place = overlay.placeOf(number);
      if (overlay.isLive(number) && place >= 0) {
        byte[] bytes = overlay.bytes(number);
        int offset = overlay.offset(number);
        int length = overlay.length(number);
        table.pages.publish(place, bytes, offset, length);
        for (Index index : table.indexes) {
          index.insert(bytes, offset, length, place);
        }
        table.rowCount++;
        table.liveBytes += length;
      }
    }
    overlay.prepared(0);
  }

  /** Overwrites a committed row with the one that replaces it. */
  private static void replace(Table table, TableOverlay overlay, int number) {
    RowPages pages = table.pages;
    int pointer = overlay.replaces(number);
    byte[] bytes = overlay.bytes(number);
    int offset = overlay.offset(number);
    int length = overlay.length(number);
    int oldLength = pages.length(pointer);
    for (Index index : table.indexes) {
      if (!index.sameKey(
          pages.bytes(pointer), pages.offset(pointer), oldLength, bytes, offset, length)) {
        index.remove(pointer);
        index.insert(bytes, offset, length, pointer);
      }
    }
    pages.publish(pointer, bytes, offset, length);
    table.liveBytes += length - oldLength;
  }
}
