package dev.dormouse.subscription;

import java.util.List;

/**
 * What became of an unsubscribe request. Source: spec client-protocol §12.4.
 *
 * @param <R> the encoded rows of one query
 */
public sealed interface UnsubscribeOutcome<R> {
  /**
   * The set is gone.
   *
   * @param rows the rows that its queries had, as in {@link SubscribeOutcome.Applied}; none if they
   *     were not asked for
   */
  record Applied<R>(List<R> rows) implements UnsubscribeOutcome<R> {
    public Applied {
      rows = List.copyOf(rows);
    }
  }

  /** There was no such set, or its rows cannot be sent; it is gone in either case. */
  record Refused<R>(String error) implements UnsubscribeOutcome<R> {}
}
