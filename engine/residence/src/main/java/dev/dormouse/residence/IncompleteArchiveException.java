package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.TxOffset;
import java.io.IOException;

/** Records asked for are not in the archive. */
public final class IncompleteArchiveException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient DatabaseKey key;
  private final transient TxOffset first;
  private final transient TxOffset last;

  IncompleteArchiveException(DatabaseKey key, TxOffset first, TxOffset last) {
    super(
        "records of %s at tx offsets %s to %s are not in the archive".formatted(key, first, last));
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
