package dev.dormouse.simulation;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All that the world outside knows of one database: what was asked, answered and shown. */
final class Ledger {
  private final DatabaseKey key;
  private final Example example;
  private final Map<ConnectionId, Connection> connections = new LinkedHashMap<>();
  private final List<Seen> seen = new ArrayList<>();
  private final List<Selected> selected = new ArrayList<>();
  private boolean isCreated;
  private boolean isDeleted;

  Ledger(DatabaseKey key, Example example) {
    this.key = key;
    this.example = example;
  }

  /** What is known of a call. */
  enum Outcome {
    /** Nobody heard; it may have happened, once. */
    UNKNOWN,
    /** It is told to be durable. */
    DURABLE,
    /** It was told before it was durable, and may be lost with the connection. */
    COMMITTED,
    /** It did not happen. */
    NOTHING
  }

  /** One call on a connection. */
  static final class Call {
    final Deed deed;
    Outcome outcome = Outcome.UNKNOWN;

    /** Epoch, offset and timestamp that were told with the outcome, or -1. */
    long epoch = -1;

    long offset = -1;
    long timestamp = -1;

    Call(Deed deed) {
      this.deed = deed;
    }
  }

  /** A connection and its calls, in order. */
  static final class Connection {
    final Identity identity;
    final ConnectionId id;
    final List<Call> calls = new ArrayList<>();

    /** Whether its end was told to be durable. */
    boolean isOver;

    /** Whether its socket is closed, so that what it saw before it was durable may be lost. */
    boolean isClosed;

    /**
     * Whether the journal failed since it came, under a process that went on: other commits may
     * stand now where it saw some, in the same epoch.
     */
    boolean mayHaveLost;

    Connection(Identity identity, ConnectionId id) {
      this.identity = identity;
      this.id = id;
    }

    Call call(Deed deed) {
      Call call = new Call(deed);
      calls.add(call);
      return call;
    }
  }

  /**
   * What an app saw of its query sets at an offset.
   *
   * @param epoch of the life that told it
   * @param rows how often each row was there, by table
   */
  record Seen(
      Connection by,
      boolean confirmed,
      long epoch,
      long offset,
      List<List<Query>> sets,
      Map<String, Map<Row, Integer>> rows) {}

  /** What a statement over HTTP returned, between its connect and its disconnect. */
  record Selected(ConnectionId connection, boolean confirmed, Query query, List<Row> rows) {}

  DatabaseKey key() {
    return key;
  }

  Example example() {
    return example;
  }

  Connection connection(Identity identity, ConnectionId id) {
    Connection connection = new Connection(identity, id);
    connections.put(id, connection);
    return connection;
  }

  Map<ConnectionId, Connection> connections() {
    return connections;
  }

  void saw(Seen what) {
    seen.add(what);
  }

  List<Seen> seen() {
    return seen;
  }

  void selected(Selected what) {
    selected.add(what);
  }

  List<Selected> selected() {
    return selected;
  }

  /** Its owner was told that it is there. */
  void created() {
    isCreated = true;
  }

  boolean isCreated() {
    return isCreated;
  }

  /** Its owner asked for its end. */
  void deleted() {
    isDeleted = true;
  }

  boolean isDeleted() {
    return isDeleted;
  }
}
