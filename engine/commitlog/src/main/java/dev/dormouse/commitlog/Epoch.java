package dev.dormouse.commitlog;

/**
 * One ownership of a database by a node. Epochs of a database only rise; a record of an epoch
 * counts only below the first offset of the next one (see {@link EpochMerge}).
 *
 * @param value 0 or more
 */
public record Epoch(long value) implements Comparable<Epoch> {
  public Epoch {
    if (value < 0) {
      throw new IllegalArgumentException("epoch is unsigned, got " + value);
    }
  }

  /** The epoch after this one. */
  public Epoch next() {
    return new Epoch(Math.addExact(value, 1));
  }

  @Override
  public int compareTo(Epoch other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
