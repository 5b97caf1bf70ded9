package dev.dormouse.runtimenode.ws;

import dev.dormouse.database.Arguments;
import dev.dormouse.database.ClientCall;
import dev.dormouse.database.ClientProcedure;
import dev.dormouse.database.ClientQuery;
import dev.dormouse.database.ClientSubscribe;
import dev.dormouse.database.ClientUnsubscribe;
import dev.dormouse.database.Database;
import dev.dormouse.database.HeldSet;
import dev.dormouse.database.Join;
import dev.dormouse.database.Request;
import dev.dormouse.protocol.ByteSlice;
import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.ClientMessageDecoder;
import dev.dormouse.protocol.Closing;
import dev.dormouse.residence.WakeReason;
import dev.dormouse.runtimenode.http.Refusal;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.subscription.QuerySetId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What one client says, on its way to the database: payloads wait undecoded, and messages are
 * decoded as fast as the database answers. Used on the event loop, except for {@link #answered}.
 *
 * <p>Requests reach the database in the order of the messages: they go straight to it while it is
 * awake, and through the residence, one at a time, otherwise. A request changes from one way to the
 * other only when all before it are answered, so that none can overtake.
 */
final class Intake {
  private static final Logger LOG = Logger.getLogger(Intake.class);

  private final Connection connection;
  private final OpenSockets sockets;
  private final SocketLimits limits;
  private final Handshake handshake;
  private final Wire wire;
  private final Backlog backlog;
  private final Received received;
  private final Runnable pump = this::pump;
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>(1);
  private final FrameMarks marks = new FrameMarks();

  /** The payload that is being decoded, and the decoder that is at it. */
  private byte @Nullable [] payload;

  private @Nullable ClientMessageDecoder decoder;

  /** What a worker has decoded of the payload, and why it could not go on. */
  private List<ClientMessage> decoded = List.of();

  private int nextDecoded;
  private @Nullable DecodeException undecodable;
  private boolean decoding;

  /** A request that was not taken: the next to go. */
  private @Nullable Request unsent;

  /** The database's queue was full; it is tried again soon. */
  private boolean full;

  /** The database, while requests go straight to it. */
  private @Nullable Database direct;

  /** Requests handed over so far; wraps around, as {@link #answered} does. */
  private int submitted;

  /** Bytes of payloads that are not answered. */
  private long unprocessed;

  private volatile boolean paused;
  private volatile int answered;

  /** Whether the pump wants to be run when something is answered. */
  private volatile boolean stalled;

  Intake(
      Connection connection,
      OpenSockets sockets,
      Handshake handshake,
      Wire wire,
      Backlog backlog,
      Received received) {
    this.connection = connection;
    this.sockets = sockets;
    this.limits = sockets.limits();
    this.handshake = handshake;
    this.wire = wire;
    this.backlog = backlog;
    this.received = received;
  }

  /** Lets the client join its database, waking it if it sleeps. */
  void open() {
    submitted++;
    sockets.residence().submit(handshake.database(), WakeReason.CONNECT, new Join(connection));
  }

  /** Takes the payload of one binary message. */
  void payload(byte[] bytes) {
    unprocessed += bytes.length;
    if (payload == null && waiting.isEmpty()) {
      begin(bytes);
    } else if (waiting.size() < limits.protocol().incomingMessagesMax()) {
      waiting.add(bytes);
    } else {
      connection.close(Closing.TOO_MANY_REQUESTS);
    }
    pump();
  }

  /** Whether the socket is not read, because too much of what was read is unanswered. */
  boolean isPaused() {
    return paused;
  }

  /**
   * Requests were answered; by the lane.
   *
   * @param total how many so far
   */
  void answered(int total) {
    answered = total;
    if (stalled) {
      stalled = false;
      wire.run(pump);
    }
  }

  /** The socket has taken something, which the intake may have waited for. */
  void written() {
    if (stalled) {
      pump();
    }
  }

  /** The connection has ended: what is not handed over never will be. */
  void end() {
    waiting.clear();
    payload = null;
    unsent = null;
    if (!decoding) {
      decoder = null;
      decoded = List.of();
    }
  }

  private void pump() {
    if (decoding || full) {
      watchReading();
      return;
    }
    while (!connection.isEnded()) {
      if (!isOpen()) {
        stalled = true;
        if (!isOpen()) {
          break;
        }
        stalled = false; // An answer came before the lane could see the flag.
      }
      Request request = unsent;
      if (request == null) {
        request = nextRequest();
      }
      if (request == null) {
        break;
      }
      unsent = submit(request) ? null : request;
      if (full) {
        break;
      }
    }
    watchReading();
  }

  /** Reads on or not, by what is unanswered here and at the whole node. */
  private void watchReading() {
    unprocessed -= marks.settle(answered);
    long most = sockets.isPressed() ? limits.uncountedBytes() : limits.unprocessedBytes();
    if (!paused && unprocessed > most) {
      paused = true;
      wire.pause();
    }
    if (paused || unprocessed > limits.uncountedBytes()) {
      stalled = true; // What counts for the node is counted down as soon as it is answered.
      unprocessed -= marks.settle(answered);
      if (paused && unprocessed <= most / 2) {
        paused = false;
        wire.resume();
      }
    }
    received.payloads(unprocessed);
  }

  // ---- from payloads to requests ----

  /** The next request, or null if there is none for now. */
  private @Nullable Request nextRequest() {
    while (!connection.isEnded()) {
      if (nextDecoded < decoded.size()) {
        return request(decoded.get(nextDecoded++));
      }
      if (undecodable != null) {
        connection.close(Closing.undecodable(undecodable));
        return null;
      }
      byte[] current = payload;
      if (current == null) {
        byte[] next = waiting.poll();
        if (next == null) {
          return null;
        }
        begin(next);
        continue;
      }
      ClientMessageDecoder messages = decoder();
      if (!messages.hasNext()) {
        finish(current);
      } else if (current.length > limits.inlineDecodeBytes()) {
        decodeOnWorker(messages);
        return null;
      } else {
        try {
          return request(messages.next());
        } catch (DecodeException e) {
          connection.close(Closing.undecodable(e));
        }
      }
    }
    return null;
  }

  private void begin(byte[] bytes) {
    payload = bytes;
    try {
      decoder().start(handshake.protocol(), bytes, 0, bytes.length);
    } catch (DecodeException e) {
      connection.close(Closing.undecodable(e));
    }
  }

  private ClientMessageDecoder decoder() {
    ClientMessageDecoder present = decoder;
    if (present == null) {
      present = new ClientMessageDecoder(limits.protocol(), sockets.names());
      decoder = present;
    }
    return present;
  }

  private void finish(byte[] current) {
    marks.add(submitted, current.length);
    payload = null;
    decoded = List.of();
    nextDecoded = 0;
    if (current.length > limits.inlineDecodeBytes()) {
      decoder = null; // It would keep the payload for as long as the client is silent.
    }
  }

  /** Decodes as many messages as may be in flight, away from the event loop. */
  private void decodeOnWorker(ClientMessageDecoder messages) {
    decoding = true;
    List<ClientMessage> batch = new ArrayList<>();
    sockets
        .workers()
        .run(
            () -> {
              while (batch.size() < limits.inFlight() && messages.hasNext()) {
                batch.add(messages.next());
              }
              return batch;
            })
        .onComplete(done -> wire.run(() -> decoded(batch, done.cause())));
  }

  private void decoded(List<ClientMessage> batch, @Nullable Throwable failure) {
    decoding = false;
    switch (failure) {
      case null -> {}
      case DecodeException e -> undecodable = e;
      case Refusal noWorkerIsFree -> {
        retryLater();
        return;
      }
      default -> {
        LOG.error("a message could not be decoded", failure);
        connection.close(Closing.failure("internal error"));
        return;
      }
    }
    decoded = batch;
    nextDecoded = 0;
    pump();
  }

  private Request request(ClientMessage message) {
    return switch (message) {
      case ClientMessage.CallReducer(int id, String reducer, ByteSlice args) ->
          new ClientCall(
              connection,
              id,
              reducer,
              new Arguments.Bsatn(args.array(), args.offset(), args.length()));
      case ClientMessage.Subscribe(int id, int set, List<String> queries) ->
          ClientSubscribe.one(connection, id, new HeldSet(new QuerySetId(set), queries));
      case ClientMessage.Unsubscribe(int id, int set, boolean rows) ->
          new ClientUnsubscribe(connection, id, new QuerySetId(set), rows);
      case ClientMessage.OneOffQuery(int id, String query) ->
          new ClientQuery(connection, id, query);
      case ClientMessage.CallProcedure(int id, String procedure, ByteSlice _) ->
          new ClientProcedure(connection, id, procedure);
      case ClientMessage.SubscribeBatch(int id, List<ClientMessage.QuerySet> sets) ->
          ClientSubscribe.batch(
              connection,
              id,
              sets.stream()
                  .map(set -> new HeldSet(new QuerySetId(set.querySetId()), set.queries()))
                  .toList());
    };
  }

  // ---- from requests to the database ----

  private int inFlight() {
    return submitted - answered;
  }

  /** Whether another request may be handed over, as far as those before it go. */
  private boolean isOpen() {
    if (direct == null) {
      return inFlight() == 0;
    }
    return inFlight() < limits.inFlight()
        && backlog.messages() < limits.protocol().outgoingMessagesMax() / 2;
  }

  /** Hands a request over; false if it is to be tried again. */
  private boolean submit(Request request) {
    Database awake = direct;
    if (awake == null) {
      awake = sockets.residence().serving(handshake.database()).orElse(null);
      direct = awake;
    }
    if (awake != null) {
      switch (awake.submit(request)) {
        case QUEUED -> {
          submitted++;
          return true;
        }
        case FULL -> {
          retryLater();
          return false;
        }
        case OVER -> {
          direct = null;
          if (inFlight() > 0) {
            return false;
          }
        }
      }
    }
    submitted++;
    sockets.residence().submit(handshake.database(), WakeReason.MESSAGE, request);
    return true;
  }

  private void retryLater() {
    full = true;
    wire.later(
        limits.retryDelay().toNanos(),
        () -> {
          full = false;
          pump();
        });
  }
}
