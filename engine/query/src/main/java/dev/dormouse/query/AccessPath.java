package dev.dormouse.query;

import dev.dormouse.datastore.IndexRange;
import dev.dormouse.datastore.ReadView;
import dev.dormouse.datastore.RowCursor;
import dev.dormouse.datastore.Scan;

/** How the rows that may match are found. */
sealed interface AccessPath {
  /** Opens the rows that may match. */
  RowCursor open(ReadView view);

  private static RowCursor cursor(Scan scan) {
    return switch (scan) {
      case RowCursor cursor -> cursor;
      case Scan.Refused refused ->
          throw new IllegalStateException("a plan of another schema: " + refused);
    };
  }

  /** All rows of a table. */
  record EveryRow(int table) implements AccessPath {
    @Override
    public RowCursor open(ReadView view) {
      return cursor(view.scan(table));
    }
  }

  /**
   * The rows with one key.
   *
   * @param unique whether there is one at most
   * @param key BSATN of the values of all key columns, one after another
   */
  @SuppressWarnings("ArrayRecordComponent") // private to this package, never compared
  record IndexPoint(int index, boolean unique, byte[] key) implements AccessPath {
    @Override
    public RowCursor open(ReadView view) {
      return cursor(view.point(index, key, 0, key.length));
    }
  }

  /**
   * The rows whose key begins with some values and goes on between two bounds.
   *
   * @param prefixElements how many
   * @param prefix BSATN of the values, one after another
   */
  @SuppressWarnings("ArrayRecordComponent") // private to this package, never compared
  record IndexInterval(int index, int prefixElements, byte[] prefix, Bound start, Bound end)
      implements AccessPath {
    @Override
    public RowCursor open(ReadView view) {
      return cursor(
          view.range(
              index,
              new IndexRange()
                  .prefix(prefixElements, prefix, 0, prefix.length)
                  .start(start.tag(), start.value())
                  .end(end.tag(), end.value())));
    }
  }

  /** One end of an interval: a tag of {@link IndexRange}, and BSATN unless it is unbounded. */
  @SuppressWarnings("ArrayRecordComponent") // private to this package, never compared
  record Bound(int tag, byte[] value) {
    static final Bound NONE = new Bound(IndexRange.UNBOUNDED, new byte[0]);

    /** Whether this bounds nothing. */
    boolean isOpen() {
      return tag == IndexRange.UNBOUNDED;
    }
  }
}
