package dev.dormouse.residence;

import dev.dormouse.database.CallResult;
import dev.dormouse.database.Caller;
import dev.dormouse.database.Client;
import dev.dormouse.database.EncodedRows;
import dev.dormouse.database.EncodedUpdate;
import dev.dormouse.database.HeldSet;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.query.Rows;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.subscription.QuerySetId;
import dev.dormouse.subscription.SetDelta;
import dev.dormouse.subscription.SubscribeOutcome;
import dev.dormouse.subscription.UnsubscribeOutcome;
import dev.dormouse.subscription.WireForm;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client that notes what it is told, in words. */
class Listener extends Client {
  private static final long PATIENCE_SECONDS = 20;
  private static final Form FORM = new Form();

  private final Caller caller;
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

  Listener(String name) {
    caller = new Caller(Identity.fromClaims("test", name), new ConnectionId(name.hashCode(), 9));
  }

  /** What it is told next. */
  String next() throws InterruptedException {
    String next = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return next == null ? "nothing" : next;
  }

  /** Whether it has heard all that it was told. */
  boolean hasHeardAll() {
    return told.isEmpty();
  }

  private record Encoded() implements EncodedRows, EncodedUpdate {}

  private static final class Form implements WireForm<EncodedRows, EncodedUpdate> {
    @Override
    public EncodedRows rows(TableSchema table, Rows rows) {
      return new Encoded();
    }

    @Override
    public EncodedUpdate update(TableSchema table, Rows inserted, Rows deleted) {
      return new Encoded();
    }
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
    return FORM;
  }

  @Override
  public List<HeldSet> heldSets() {
    return List.of();
  }

  @Override
  public void connected(long offset) {
    told.add("connected");
  }

  @Override
  public void connectionRefused(String why) {
    told.add("refused: " + why);
  }

  @Override
  public void requestRefused(EngineException why) {
    told.add("ended: " + why.text());
  }

  @Override
  public void reducerResult(
      int requestId,
      long timestamp,
      CallResult result,
      List<SetDelta<EncodedUpdate>> changes,
      long offset) {
    told.add("result: " + result);
  }

  @Override
  public void procedureRefused(int requestId, String why) {
    told.add("procedure refused");
  }

  @Override
  public void changed(List<SetDelta<EncodedUpdate>> changes, long offset) {
    told.add("changed");
  }

  @Override
  public void setDropped(QuerySetId set, String error) {
    told.add("dropped: " + error);
  }

  @Override
  public void subscribed(
      int requestId, HeldSet set, SubscribeOutcome<EncodedRows> outcome, long offset) {
    told.add(
        outcome instanceof SubscribeOutcome.Refused<EncodedRows>(String error)
            ? "not subscribed: " + error
            : "subscribed");
  }

  @Override
  public void batchSubscribed(
      int requestId,
      List<HeldSet> sets,
      List<SubscribeOutcome<EncodedRows>> outcomes,
      long offset) {
    told.add("subscribed");
  }

  @Override
  public void unsubscribed(
      int requestId,
      QuerySetId set,
      boolean withRows,
      UnsubscribeOutcome<EncodedRows> outcome,
      long offset) {
    told.add("unsubscribed");
  }

  @Override
  public void oneOffRows(int requestId, EncodedRows rows, long offset) {
    told.add("rows");
  }

  @Override
  public void oneOffError(int requestId, String error) {
    told.add("no rows: " + error);
  }

  @Override
  public void lost() {
    told.add("lost");
  }

  @Override
  public boolean flush(long durable) {
    return false;
  }
}
