package dev.dormouse.query;

import dev.dormouse.datastore.RowVisitor;

/** Rows of one shape, as BSATN; a bag in no particular order. */
public interface Rows {
  /** How many rows. */
  int count();

  /** Bytes of all rows together. */
  long bytes();

  /** Hands every row to a visitor. */
  void forEach(RowVisitor visitor);

  /** No rows. */
  Rows NONE = new RowList(0);
}
