package dev.dormouse.commitlog;

import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;

/**
 * What every segment object says of itself, so that a catalog can be rebuilt from objects alone.
 *
 * @param key whose segment
 * @param sequence its place among the database's segments: 0, 1, 2, … over all epochs
 * @param epoch under which it was written
 * @param module the program that ran then
 * @param owner to whom the database belonged then
 */
public record SegmentHeader(
    DatabaseKey key, long sequence, Epoch epoch, ModuleHash module, Identity owner) {
  public SegmentHeader {
    if (sequence < 0) {
      throw new IllegalArgumentException("segment sequence is unsigned, got " + sequence);
    }
  }

  /** The object's name: {@code <database hex>/<generation>/<sequence, 10 digits or more>.seg}. */
  public String name() {
    return SegmentName.of(key, sequence).path();
  }
}
