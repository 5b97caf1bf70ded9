package dev.dormouse.benchmarks.micro;

import dev.dormouse.database.CallResult;
import dev.dormouse.database.Caller;
import dev.dormouse.database.Client;
import dev.dormouse.database.EncodedRows;
import dev.dormouse.database.EncodedUpdate;
import dev.dormouse.database.HeldSet;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.subscription.QuerySetId;
import dev.dormouse.subscription.SetDelta;
import dev.dormouse.subscription.SubscribeOutcome;
import dev.dormouse.subscription.UnsubscribeOutcome;
import dev.dormouse.subscription.WireForm;
import java.util.List;

/** A client that calls reducers and counts which committed; anything else is an error. */
final class CountingClient extends Client {
  private final Caller caller;
  private final BytesForm form = new BytesForm();
  private long committed;

  CountingClient(Identity identity) {
    caller = new Caller(identity, new ConnectionId(1, 2));
  }

  long committed() {
    return committed;
  }

  @Override
  public Caller caller() {
    return caller;
  }

  @Override
  public String claims() {
    return "{}";
  }

  @Override
  public WireForm<EncodedRows, EncodedUpdate> form() {
    return form;
  }

  @Override
  public List<HeldSet> heldSets() {
    return List.of();
  }

  @Override
  public void connected(long offset) {}

  @Override
  public void connectionRefused(String why) {
    throw new IllegalStateException(why);
  }

  @Override
  public void requestRefused(EngineException why) {
    throw why;
  }

  @Override
  public void reducerResult(
      int requestId,
      long timestamp,
      CallResult result,
      List<SetDelta<EncodedUpdate>> changes,
      long offset) {
    if (!(result instanceof CallResult.Committed)) {
      throw new IllegalStateException("a call ended with " + result);
    }
    committed++;
  }

  @Override
  public void procedureRefused(int requestId, String why) {
    throw new IllegalStateException(why);
  }

  @Override
  public void changed(List<SetDelta<EncodedUpdate>> changes, long offset) {
    throw new IllegalStateException("nothing was subscribed");
  }

  @Override
  public void setDropped(QuerySetId set, String error) {
    throw new IllegalStateException(error);
  }

  @Override
  public void subscribed(
      int requestId, HeldSet set, SubscribeOutcome<EncodedRows> outcome, long offset) {
    throw new IllegalStateException("nothing was subscribed");
  }

  @Override
  public void batchSubscribed(
      int requestId,
      List<HeldSet> sets,
      List<SubscribeOutcome<EncodedRows>> outcomes,
      long offset) {
    throw new IllegalStateException("nothing was subscribed");
  }

  @Override
  public void unsubscribed(
      int requestId,
      QuerySetId set,
      boolean withRows,
      UnsubscribeOutcome<EncodedRows> outcome,
      long offset) {
    throw new IllegalStateException("nothing was subscribed");
  }

  @Override
  public void oneOffRows(int requestId, EncodedRows rows, long offset) {
    throw new IllegalStateException("nothing was asked");
  }

  @Override
  public void oneOffError(int requestId, String error) {
    throw new IllegalStateException(error);
  }

  @Override
  public void lost() {}

  @Override
  public boolean flush(long durable) {
    return false;
  }
}
