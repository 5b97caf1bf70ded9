package dev.dormouse.commitlog;

/**
 * Position in one database's log: 0, 1, 2, … without gaps.
 *
 * @param value 0 or more
 */
public record TxOffset(long value) implements Comparable<TxOffset> {
  /** The first position of a log. */
  public static final TxOffset ZERO = new TxOffset(0);

  public TxOffset {
    if (value < 0) {
      throw new IllegalArgumentException("tx offset is unsigned, got " + value);
    }
  }

  /** The position after this one. */
  public TxOffset next() {
    return new TxOffset(Math.addExact(value, 1));
  }

  @Override
  public int compareTo(TxOffset other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
