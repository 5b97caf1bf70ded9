package dev.dormouse.snapshot;

import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import java.util.UUID;

/**
 * What a manifest says of its snapshot besides the rows, enough to rebuild a catalog from.
 *
 * @param database whose state it is
 * @param generation in which of its lives
 * @param nextOffset the tx offset of the first commit that is not in it; 0 if none is
 * @param lastTimestampMicros the last timestamp a call saw, in microseconds since 1970
 * @param module the program that ran then
 * @param owner to whom the database belonged then
 */
public record SnapshotHeader(
    Identity database,
    UUID generation,
    long nextOffset,
    long lastTimestampMicros,
    ModuleHash module,
    Identity owner) {
  public SnapshotHeader {
    if (nextOffset < 0) {
      throw new IllegalArgumentException("tx offset is unsigned, got " + nextOffset);
    }
  }
}
