package dev.dormouse.simulation;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.CallResult;
import dev.dormouse.database.Caller;
import dev.dormouse.database.Client;
import dev.dormouse.database.EncodedRows;
import dev.dormouse.database.EncodedUpdate;
import dev.dormouse.database.HeldSet;
import dev.dormouse.sats.EngineException;
import dev.dormouse.subscription.QuerySetId;
import dev.dormouse.subscription.SetDelta;
import dev.dormouse.subscription.SubscribeOutcome;
import dev.dormouse.subscription.UnsubscribeOutcome;
import dev.dormouse.subscription.WireForm;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The node's end of one app's connection: holds back what may not go yet. */
final class Socket extends Client {
  private final Edge edge;
  private final DatabaseKey key;
  private final Caller caller;
  private final boolean confirmed;
  private final App app;
  private final Fate fate;
  private final TreeMap<QuerySetId, HeldSet> sets = new TreeMap<>();
  private final ArrayDeque<Told> held = new ArrayDeque<>();
  private boolean joined;
  private boolean closed;

  /** It is to be closed, and nothing is written to it any more. */
  private boolean ending;

  Socket(Edge edge, DatabaseKey key, Caller caller, boolean confirmed, App app, Fate fate) {
    this.edge = edge;
    this.key = key;
    this.caller = caller;
    this.confirmed = confirmed;
    this.app = app;
    this.fate = fate;
  }

  DatabaseKey key() {
    return key;
  }

  /** Whether its database has let it in. */
  boolean isJoined() {
    return joined;
  }

  boolean isClosed() {
    return closed;
  }

  /** The socket is closed, by whichever side. */
  void close(String why) {
    if (!closed) {
      closed = true;
      held.clear();
      app.closed(this, why);
    }
  }

  @Override
  public Caller caller() {
    return caller;
  }

  @Override
  public String claims() {
    return "{\"sub\":\"app\"}";
  }

  @Override
  public WireForm<EncodedRows, EncodedUpdate> form() {
    return PlainForm.INSTANCE;
  }

  @Override
  public List<HeldSet> heldSets() {
    return new ArrayList<>(sets.values());
  }

  private void tell(Told what) {
    if (!closed && !ending) {
      held.add(what);
    }
    fate.step("tell");
  }

  @Override
  public void connected(long offset) {
    joined = true;
    tell(new Told.Connected(offset));
  }

  @Override
  public void connectionRefused(String why) {
    fate.step("connection refused");
    ending = true;
    held.clear();
    edge.refused(this, why);
  }

  @Override
  public void requestRefused(EngineException why) {
    connectionRefused(why.text());
  }

  @Override
  public void reducerResult(
      int requestId,
      long timestamp,
      CallResult result,
      List<SetDelta<EncodedUpdate>> changes,
      long offset) {
    tell(new Told.Result(requestId, timestamp, result, changes, offset));
  }

  @Override
  public void procedureRefused(int requestId, String why) {
    fate.violated("a procedure was refused that nobody called: " + why);
  }

  @Override
  public void changed(List<SetDelta<EncodedUpdate>> changes, long offset) {
    tell(new Told.Changes(changes, offset));
  }

  @Override
  public void setDropped(QuerySetId set, String error) {
    sets.remove(set);
    tell(new Told.Dropped(set, error, -1));
  }

  @Override
  public void subscribed(
      int requestId, HeldSet set, SubscribeOutcome<EncodedRows> outcome, long offset) {
    if (outcome instanceof SubscribeOutcome.Applied) {
      sets.put(set.id(), set);
    }
    tell(new Told.Subscribed(requestId, set, outcome, offset));
  }

  @Override
  public void batchSubscribed(
      int requestId,
      List<HeldSet> asked,
      List<SubscribeOutcome<EncodedRows>> outcomes,
      long offset) {
    fate.violated("a batch was answered that nobody asked for");
  }

  @Override
  public void unsubscribed(
      int requestId,
      QuerySetId set,
      boolean withRows,
      UnsubscribeOutcome<EncodedRows> outcome,
      long offset) {
    sets.remove(set);
    tell(new Told.Unsubscribed(requestId, set, outcome, offset));
  }

  @Override
  public void oneOffRows(int requestId, EncodedRows rows, long offset) {
    tell(new Told.Rows(requestId, rows, offset));
  }

  @Override
  public void oneOffError(int requestId, String error) {
    tell(new Told.RowsRefused(requestId, error, -1));
  }

  @Override
  public void lost() {
    held.clear();
  }

  @Override
  public boolean flush(long durable) {
    while (true) {
      Told first = held.peek();
      if (first == null) {
        return false;
      }
      if (confirmed && first.offset() > durable) {
        return true;
      }
      held.remove();
      app.receive(this, first);
    }
  }
}
