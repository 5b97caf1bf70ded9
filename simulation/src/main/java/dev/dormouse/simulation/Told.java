package dev.dormouse.simulation;

import dev.dormouse.database.CallResult;
import dev.dormouse.database.EncodedRows;
import dev.dormouse.database.EncodedUpdate;
import dev.dormouse.database.HeldSet;
import dev.dormouse.subscription.QuerySetId;
import dev.dormouse.subscription.SetDelta;
import dev.dormouse.subscription.SubscribeOutcome;
import dev.dormouse.subscription.UnsubscribeOutcome;
import java.util.List;

/** A message from a database to an app. */
sealed interface Told {
  /** The commit it rests on; -1 for none. */
  long offset();

  /** The connection is open. */
  record Connected(long offset) implements Told {}

  /** The answer to a call. */
  record Result(
      int request,
      long timestamp,
      CallResult result,
      List<SetDelta<EncodedUpdate>> changes,
      long offset)
      implements Told {}

  /** What a commit of somebody else changed. */
  record Changes(List<SetDelta<EncodedUpdate>> changes, long offset) implements Told {}

  /** The answer to a wish for a set. */
  record Subscribed(int request, HeldSet set, SubscribeOutcome<EncodedRows> outcome, long offset)
      implements Told {}

  /** The answer to a wish to end a set. */
  record Unsubscribed(
      int request, QuerySetId set, UnsubscribeOutcome<EncodedRows> outcome, long offset)
      implements Told {}

  /** The answer to a query. */
  record Rows(int request, EncodedRows rows, long offset) implements Told {}

  /** A query was refused. */
  record RowsRefused(int request, String error, long offset) implements Told {}

  /** A set was dropped. */
  record Dropped(QuerySetId set, String error, long offset) implements Told {}
}
