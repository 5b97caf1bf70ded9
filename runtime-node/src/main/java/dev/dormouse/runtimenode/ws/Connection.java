package dev.dormouse.runtimenode.ws;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.database.CallResult;
import dev.dormouse.database.Caller;
import dev.dormouse.database.Client;
import dev.dormouse.database.EncodedRows;
import dev.dormouse.database.EncodedUpdate;
import dev.dormouse.database.HeldSet;
import dev.dormouse.protocol.ByteSlice;
import dev.dormouse.protocol.Closing;
import dev.dormouse.protocol.EncodedTableRows;
import dev.dormouse.protocol.EncodedTableUpdate;
import dev.dormouse.protocol.ServerMessageWriter;
import dev.dormouse.protocol.SessionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.subscription.QuerySetId;
import dev.dormouse.subscription.SetDelta;
import dev.dormouse.subscription.SubscribeOutcome;
import dev.dormouse.subscription.TableDelta;
import dev.dormouse.subscription.UnsubscribeOutcome;
import dev.dormouse.subscription.WireForm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One client's connection: what its database tells it becomes messages on its socket. It lives as
 * long as the socket, through the sleeps of its database.
 *
 * <p>The methods of {@link Client} are called on the lane; the others say where.
 */
final class Connection extends Client {
  /** The database has let the client in. */
  private static final int JOINED = 1;

  /** The connection is over, for one side or the other. */
  private static final int ENDED = 2;

  /** The database does not need to hear of the end. */
  private static final int UNMOURNED = 4;

  private final OpenSockets sockets;
  private final Handshake handshake;
  private final Caller caller;
  private final Wire wire;
  private final Backlog backlog;
  private final Received received;
  private final Outbox outbox;
  private final Intake intake;
  private final Pulse pulse;
  private final AtomicInteger life = new AtomicInteger();

  // Used on the lane.
  private final Map<QuerySetId, HeldSet> heldSets = new LinkedHashMap<>();
  private long keptBytes;
  private int answered;

  Connection(OpenSockets sockets, Handshake handshake, Wire wire, Backlog backlog) {
    this.received = sockets.received();
    this.sockets = sockets;
    this.handshake = handshake;
    this.caller = new Caller(handshake.guest().identity(), handshake.connectionId());
    this.wire = wire;
    this.backlog = backlog;
    this.intake = new Intake(this, sockets, handshake, wire, backlog, received);
    Wire.Watcher watcher = intake::written;
    this.outbox =
        new Outbox(
            sockets.limits(),
            handshake,
            backlog,
            sockets.packers(),
            new Outbox.Exit() {
              @Override
              public void payload(byte[] bytes, int length, int messages) {
                wire.send(bytes, length, messages, watcher);
              }

              @Override
              public void frames(FrameRow row) {
                wire.send(row, watcher);
              }
            });
    this.pulse = new Pulse(sockets.limits(), wire, backlog, intake, sockets.now());
  }

  // ---- who it is; any thread ----

  DatabaseKey database() {
    return handshake.database();
  }

  Optional<SessionId> session() {
    return handshake.session();
  }

  /** Whether its database has let it in: only then are there rows of it. */
  boolean isJoined() {
    return (life.get() & JOINED) != 0;
  }

  boolean isEnded() {
    return (life.get() & ENDED) != 0;
  }

  /** Bytes that it has sent, as far as they count for the node. */
  long incomingBytes() {
    return received.bytes();
  }

  /** Bytes that wait for it. */
  long outgoingBytes() {
    return backlog.bytes();
  }

  @Override
  public Caller caller() {
    return caller;
  }

  @Override
  public String claims() {
    return handshake.guest().claims();
  }

  @Override
  public WireForm<EncodedRows, EncodedUpdate> form() {
    return MessageForm.INSTANCE;
  }

  // ---- its life ----

  /** Begins to listen; on the event loop. */
  void listen() {
    new FrameReader(sockets.limits(), pulse, intake, this, received).listenTo(wire.socket());
    wire.watchArrivals(received, sockets::watchReceived);
  }

  /** Lets the client join its database; on the event loop, before anything was heard. */
  void start() {
    pulse.start();
    intake.open();
  }

  /** Looks at the clock: pings, and drops a client that is not there any more; one thread. */
  void tick(long now) {
    if (!isEnded() && !pulse.isAlive(now)) {
      abort();
    }
  }

  /** Ends the connection with a close frame; any thread. */
  void close(Closing closing) {
    if (end(ENDED)) {
      wire.close(closing);
    }
  }

  /** Ends the connection with a close frame; what it still sends is thrown away; any thread. */
  void refuse(Closing closing) {
    received.refuse();
    close(closing);
  }

  /** Ends the connection with a close frame, without telling the database; any thread. */
  void closeUnmourned(Closing closing) {
    if (end(ENDED | UNMOURNED)) {
      wire.close(closing);
    }
  }

  /** Ends the connection without a close frame; any thread. */
  void abort() {
    end(ENDED);
    wire.abort();
  }

  /** The socket has ended. */
  void socketClosed() {
    end(ENDED);
  }

  /** Ends it once; false if it has ended before. */
  private boolean end(int bits) {
    int before = life.getAndUpdate(now -> (now & ENDED) != 0 ? now : now | bits);
    if ((before & ENDED) != 0) {
      return false;
    }
    backlog.writeOff();
    received.writeOff();
    wire.run(intake::end);
    sockets.remove(this);
    if ((bits & UNMOURNED) != 0) {
      sockets.freeSession(this);
    } else if ((before & JOINED) != 0) {
      sockets.depart(this);
    }
    return true;
  }

  @Override
  public void connected(long offset) {
    answered++;
    int before = life.getAndUpdate(now -> now | JOINED);
    if ((before & ENDED) == 0) {
      outbox
          .message()
          .initialConnection(caller.identity(), caller.connection(), handshake.guest().token());
      outbox.end(offset);
    } else {
      sockets.depart(this); // It left while it waited to be let in.
    }
  }

  @Override
  public void connectionRefused(String why) {
    abort();
    sockets.freeSession(this);
  }

  @Override
  public void requestRefused(EngineException why) {
    close(Closing.failure(why.text()));
    if (!isJoined()) {
      sockets.freeSession(this);
    }
  }

  // ---- what it is told ----

  /** Whether a message may be written; if it is too much, the connection is cut off. */
  private boolean mayWrite(long bytes) {
    if (isEnded()) {
      return false;
    }
    if (outbox.admits(bytes) && (bytes <= Outbox.LARGE_BYTES || hasRoom(bytes))) {
      return true;
    }
    sockets.cutOff(this, bytes);
    outbox.clear();
    return false;
  }

  /** Takes room for a large message; others may have to go for it. */
  private boolean hasRoom(long bytes) {
    if (!backlog.reserve(bytes)) {
      sockets.makeRoom(this, bytes);
      if (isEnded() || !backlog.reserve(bytes)) {
        return false;
      }
    }
    outbox.expect(bytes);
    return true;
  }

  /** What it was told leaves memory: it has ended, and the lane that tells it is the caller's. */
  void forgetTold() {
    outbox.clear();
  }

  @Override
  public void lost() {
    outbox.clear();
  }

  @Override
  public void reducerResult(
      int requestId,
      long timestamp,
      CallResult result,
      List<SetDelta<EncodedUpdate>> changes,
      long offset) {
    answered++;
    if (!mayWrite(bytes(changes))) {
      return;
    }
    ServerMessageWriter message = outbox.message();
    switch (result) {
      case CallResult.Committed() -> {
        message.beginReducerOk(requestId, timestamp, ByteSlice.EMPTY);
        write(message, changes);
      }
      case CallResult.Failed(String error) -> message.reducerError(requestId, timestamp, error);
      case CallResult.FailedInternally(String error) ->
          message.reducerInternalError(requestId, timestamp, error);
      case CallResult.OutOfBudget() ->
          message.reducerInternalError(requestId, timestamp, CallResult.BUDGET_EXHAUSTED);
      case CallResult.InvalidArguments(String error) ->
          message.reducerInternalError(requestId, timestamp, error);
      case CallResult.NoSuchFunction(String error) ->
          message.reducerInternalError(requestId, timestamp, error);
      case CallResult.LifecycleReducer(String error) ->
          message.reducerInternalError(requestId, timestamp, error);
      case CallResult.NotBuiltYet(String error) ->
          message.reducerInternalError(requestId, timestamp, error);
      case CallResult.ConnectionRefused(String error, boolean _) ->
          message.reducerInternalError(requestId, timestamp, error);
    }
    outbox.end(offset);
  }

  @Override
  public void procedureRefused(int requestId, String why) {
    answered++;
    if (mayWrite(0)) {
      outbox.message().procedureInternalError(requestId, why);
      outbox.end(Outbox.NOTHING);
    }
  }

  @Override
  public void changed(List<SetDelta<EncodedUpdate>> changes, long offset) {
    if (mayWrite(bytes(changes))) {
      ServerMessageWriter message = outbox.message();
      message.beginTransactionUpdate();
      write(message, changes);
      outbox.end(offset);
    }
  }

  @Override
  public void setDropped(QuerySetId set, String error) {
    letGo(set);
    if (mayWrite(0)) {
      outbox.message().subscriptionDropped(set.value(), error);
      outbox.end(Outbox.NOTHING);
    }
  }

  @Override
  public void subscribed(
      int requestId, HeldSet set, SubscribeOutcome<EncodedRows> outcome, long offset) {
    answered++;
    switch (outcome) {
      case SubscribeOutcome.Applied<EncodedRows>(List<EncodedRows> rows) -> {
        hold(set);
        List<EncodedTableRows> tables = tables(rows);
        if (mayWrite(size(tables))) {
          outbox.message().subscribeApplied(requestId, set.id().value(), tables);
          outbox.end(offset);
        }
      }
      case SubscribeOutcome.Refused<EncodedRows>(String error) ->
          subscriptionError(requestId, set.id(), error);
    }
  }

  @Override
  public void batchSubscribed(
      int requestId,
      List<HeldSet> sets,
      List<SubscribeOutcome<EncodedRows>> outcomes,
      long offset) {
    answered++;
    long bytes = 0;
    for (int i = 0; i < sets.size(); i++) {
      if (outcomes.get(i) instanceof SubscribeOutcome.Applied<EncodedRows>(var rows)) {
        hold(sets.get(i));
        bytes += size(tables(rows));
      }
    }
    if (!mayWrite(bytes)) {
      return;
    }
    ServerMessageWriter message = outbox.message();
    message.beginSubscribeBatchApplied(requestId);
    for (int i = 0; i < sets.size(); i++) {
      int id = sets.get(i).id().value();
      switch (outcomes.get(i)) {
        case SubscribeOutcome.Applied<EncodedRows>(List<EncodedRows> rows) ->
            message.batchSetApplied(id, tables(rows));
        case SubscribeOutcome.Refused<EncodedRows>(String error) ->
            message.batchSetError(id, error);
      }
    }
    message.end();
    outbox.end(offset);
  }

  @Override
  public void unsubscribed(
      int requestId,
      QuerySetId set,
      boolean withRows,
      UnsubscribeOutcome<EncodedRows> outcome,
      long offset) {
    answered++;
    letGo(set);
    switch (outcome) {
      case UnsubscribeOutcome.Applied<EncodedRows>(List<EncodedRows> rows) -> {
        List<EncodedTableRows> tables = tables(rows);
        if (mayWrite(size(tables))) {
          if (withRows) {
            outbox.message().unsubscribeApplied(requestId, set.value(), tables);
          } else {
            outbox.message().unsubscribeApplied(requestId, set.value());
          }
          outbox.end(offset);
        }
      }
      case UnsubscribeOutcome.Refused<EncodedRows>(String error) ->
          subscriptionError(requestId, set, error);
    }
  }

  private void subscriptionError(int requestId, QuerySetId set, String error) {
    if (mayWrite(0)) {
      outbox.message().subscriptionError(requestId, set.value(), error);
      outbox.end(Outbox.NOTHING);
    }
  }

  @Override
  public void oneOffRows(int requestId, EncodedRows rows, long offset) {
    answered++;
    EncodedTableRows table = table(rows);
    if (mayWrite(table.size())) {
      outbox.message().oneOffQueryRows(requestId, table);
      outbox.end(offset);
    }
  }

  @Override
  public void oneOffError(int requestId, String error) {
    answered++;
    if (mayWrite(0)) {
      outbox.message().oneOffQueryError(requestId, error);
      outbox.end(Outbox.NOTHING);
    }
  }

  @Override
  public boolean flush(long durable) {
    boolean holding = false;
    if (isEnded()) {
      outbox.clear();
    } else {
      holding = outbox.release(durable);
      sockets.makeRoom(this, 0);
    }
    intake.answered(answered);
    return holding;
  }

  private void hold(HeldSet set) {
    HeldSet before = heldSets.put(set.id(), set);
    keep(set.bytes() - (before == null ? 0 : before.bytes()));
  }

  private void letGo(QuerySetId set) {
    HeldSet gone = heldSets.remove(set);
    if (gone != null) {
      keep(-gone.bytes());
    }
  }

  /** The texts of its queries are kept for as long as it holds them. */
  private void keep(long bytes) {
    keptBytes += bytes;
    received.kept(keptBytes);
    if (bytes > 0) {
      sockets.watchReceived();
    }
  }

  /** Copied, since the sets may change while they are attached again. */
  @Override
  public List<HeldSet> heldSets() {
    return List.copyOf(heldSets.values());
  }

  // ---- encodings ----

  private static void write(ServerMessageWriter message, List<SetDelta<EncodedUpdate>> changes) {
    for (SetDelta<EncodedUpdate> set : changes) {
      message.querySet(set.id().value());
      for (TableDelta<EncodedUpdate> table : set.tables()) {
        for (EncodedUpdate update : table.updates()) {
          message.tableUpdate(table(update));
        }
      }
    }
    message.end();
  }

  private static long bytes(List<SetDelta<EncodedUpdate>> changes) {
    long bytes = 0;
    for (SetDelta<EncodedUpdate> set : changes) {
      for (TableDelta<EncodedUpdate> table : set.tables()) {
        for (EncodedUpdate update : table.updates()) {
          bytes += table(update).size();
        }
      }
    }
    return bytes;
  }

  private static EncodedTableUpdate table(EncodedUpdate update) {
    return ((MessageForm.QueryUpdate) update).table();
  }

  private static EncodedTableRows table(EncodedRows rows) {
    return ((MessageForm.QueryRows) rows).table();
  }

  private static List<EncodedTableRows> tables(List<EncodedRows> rows) {
    List<EncodedTableRows> tables = new ArrayList<>(rows.size());
    for (EncodedRows each : rows) {
      tables.add(table(each));
    }
    return tables;
  }

  private static long size(List<EncodedTableRows> tables) {
    long bytes = 0;
    for (EncodedTableRows table : tables) {
      bytes += table.size();
    }
    return bytes;
  }

  @Override
  public String toString() {
    return caller.connection() + " of " + database();
  }
}
