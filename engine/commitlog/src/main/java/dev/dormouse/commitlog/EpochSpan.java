package dev.dormouse.commitlog;

/**
 * A gapless stretch of one database's records, all written in one epoch and found in one place.
 *
 * @param source where they are
 * @param epoch the epoch of each
 * @param first the first offset
 * @param last the last offset, not below the first
 * @param <S> what names a place: a journal, a segment object, a commit stream
 */
public record EpochSpan<S>(S source, Epoch epoch, TxOffset first, TxOffset last) {
  public EpochSpan {
    if (last.compareTo(first) < 0) {
      throw new IllegalArgumentException("span ends at %s before %s".formatted(last, first));
    }
  }

  /** Where the span ends, exclusive. */
  long end() {
    return last.value() + 1;
  }
}
