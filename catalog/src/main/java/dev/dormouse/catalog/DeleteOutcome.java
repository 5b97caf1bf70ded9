package dev.dormouse.catalog;

/** What became of an attempt to delete a database. */
public enum DeleteOutcome {
  /** It is deleted; its names stay. */
  DELETED,
  /** It is locked. */
  LOCKED,
  /** There is none. */
  ABSENT
}
