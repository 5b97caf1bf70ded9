package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import java.io.IOException;

/**
 * Another owner has a newer epoch: whoever gets this must stop at once and acknowledge nothing; see
 * {@code DatabaseState.FENCED}.
 */
public final class FencedException extends IOException {
  private static final long serialVersionUID = 1L;

  /** The owner under {@code ours} finds the mark of {@code theirs}. */
  public FencedException(DatabaseKey key, Epoch ours, Epoch theirs) {
    super("%s is owned under epoch %s, this is epoch %s".formatted(key, theirs, ours));
  }
}
