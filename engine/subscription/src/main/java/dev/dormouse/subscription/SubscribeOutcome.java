package dev.dormouse.subscription;

import java.util.List;

/**
 * What became of a subscribe request. Source: spec client-protocol §12.4, §12.5.
 *
 * @param <R> the encoded rows of one query
 */
public sealed interface SubscribeOutcome<R> {
  /**
   * Registered.
   *
   * @param rows one element per query over a table that is not empty, in the order of the queries
   */
  record Applied<R>(List<R> rows) implements SubscribeOutcome<R> {
    public Applied {
      rows = List.copyOf(rows);
    }
  }

  /** Nothing was registered, and a set that had the id before stays. */
  record Refused<R>(String error) implements SubscribeOutcome<R> {}
}
