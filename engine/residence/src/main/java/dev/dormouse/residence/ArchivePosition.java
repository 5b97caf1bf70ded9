package dev.dormouse.residence;

import dev.dormouse.commitlog.TxOffset;

/**
 * How far a database's log is archived.
 *
 * @param next the first offset that is not
 * @param lastTimestampMicros of the last commit that is, in microseconds since 1970; 0 before it
 * @param nextSequence sequence of the first segment that is not known to be there
 */
public record ArchivePosition(TxOffset next, long lastTimestampMicros, long nextSequence) {
  public ArchivePosition {
    if (nextSequence < 0) {
      throw new IllegalArgumentException("segment sequence is unsigned, got " + nextSequence);
    }
  }
}
