package dev.dormouse.database;

import dev.dormouse.sats.EngineException;
import dev.dormouse.subscription.QuerySetId;
import dev.dormouse.subscription.SetDelta;
import dev.dormouse.subscription.SubscribeOutcome;
import dev.dormouse.subscription.UnsubscribeOutcome;
import dev.dormouse.subscription.WireForm;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection as its database sees it, made by the edge that holds the socket. It lives
 * through the sleeps of its database.
 *
 * <p>All methods are called on the lane, in the order in which things happened; none may block or
 * throw; one that throws as it is told of others' changes or flushed is ended. What is told with an
 * {@code offset} rests on the commit of that offset: a client with confirmed reads must not be sent
 * it, nor anything told later, before {@link #flush} says that the offset is durable. Offset -1
 * rests on nothing.
 */
public abstract class Client {
  /** Whether the lane will flush it at the end of the drain. */
  boolean active;

  /** The audience it belongs to: that of the awake life that has met it, until it leaves. */
  @Nullable Audience audience;

  /** Who it is. */
  public abstract Caller caller();

  /** The payload of its token: JSON text. */
  public abstract String claims();

  /** How rows are encoded for it; one instance for all that speak the same protocol. */
  public abstract WireForm<EncodedRows, EncodedUpdate> form();

  /** The query sets it held when its database fell asleep. */
  public abstract List<HeldSet> heldSets();

  /** Its rows are in and the connect reducer has run. */
  public abstract void connected(long offset);

  /**
   * The module refused the connection: to be dropped without a message. Source: spec
   * client-protocol §11.
   */
  public abstract void connectionRefused(String why);

  /**
   * A request of it will not be carried out, or it could not be told of something, so that nothing
   * behind it makes sense: to be closed with the reason. Any thread.
   */
  public abstract void requestRefused(EngineException why);

  /**
   * The answer to a call of a reducer.
   *
   * @param changes what the call changed in the client's own query sets
   */
  public abstract void reducerResult(
      int requestId,
      long timestamp,
      CallResult result,
      List<SetDelta<EncodedUpdate>> changes,
      long offset);

  /** A procedure was called, which this server does not run yet. */
  public abstract void procedureRefused(int requestId, String why);

  /** Somebody else's commit changed its query sets. */
  public abstract void changed(List<SetDelta<EncodedUpdate>> changes, long offset);

  /** One of its query sets failed and was dropped. */
  public abstract void setDropped(QuerySetId set, String error);

  /** The answer to a subscribe request. */
  public abstract void subscribed(
      int requestId, HeldSet set, SubscribeOutcome<EncodedRows> outcome, long offset);

  /** The answer to a request for several sets, in the order asked for. */
  public abstract void batchSubscribed(
      int requestId, List<HeldSet> sets, List<SubscribeOutcome<EncodedRows>> outcomes, long offset);

  /** The answer to an unsubscribe request. */
  public abstract void unsubscribed(
      int requestId,
      QuerySetId set,
      boolean withRows,
      UnsubscribeOutcome<EncodedRows> outcome,
      long offset);

  /** The rows of a one-off query. */
  public abstract void oneOffRows(int requestId, EncodedRows rows, long offset);

  /** A one-off query was refused. */
  public abstract void oneOffError(int requestId, String error);

  /** This life of the database has ended: what was told and is held back will never be sent. */
  public abstract void lost();

  /**
   * Sends what may go.
   *
   * @param durable offset up to which everything is durable
   * @return whether anything is held back until a later offset is durable
   */
  public abstract boolean flush(long durable);
}
