package dev.dormouse.commitlog;

import java.io.IOException;

/** Records asked for are not in this log; they may be in the archive or on another node. */
public final class MissingRecordsException extends IOException {
  private static final long serialVersionUID = 1L;

  private final DatabaseKey key;
  private final TxOffset first;
  private final TxOffset last;

  MissingRecordsException(DatabaseKey key, TxOffset first, TxOffset last) {
    super("records of %s at tx offsets %s to %s are not in this log".formatted(key, first, last));
    this.key = key;
    this.first = first;
    this.last = last;
  }

  /** Whose records. */
  public DatabaseKey key() {
    return key;
  }

  /** The first missing. */
  public TxOffset first() {
    return first;
  }

  /** The last missing. */
  public TxOffset last() {
    return last;
  }
}
