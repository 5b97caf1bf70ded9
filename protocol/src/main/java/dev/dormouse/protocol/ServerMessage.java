package dev.dormouse.protocol;

import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the server sends in v2 and v3, decoded: for clients of our own and tests; the server writes
 * with {@link ServerMessageWriter}. Ids are the 32 bits of a U32, times are microseconds. Source:
 * spec client-protocol §9, since-2.8 §5.
 */
public sealed interface ServerMessage {
  /** The first message of a connection. */
  record InitialConnection(Identity identity, ConnectionId connectionId, String token)
      implements ServerMessage {
    static final int TAG = 0;
  }

  /** A query set was registered. */
  record SubscribeApplied(int requestId, int querySetId, List<TableRows> tables)
      implements ServerMessage {
    static final int TAG = 1;

    public SubscribeApplied {
      tables = List.copyOf(tables);
    }
  }

  /** A query set was ended; its rows if they were asked for. */
  record UnsubscribeApplied(int requestId, int querySetId, Optional<List<TableRows>> tables)
      implements ServerMessage {
    static final int TAG = 2;

    public UnsubscribeApplied {
      tables = tables.map(List::copyOf);
    }
  }

  /** A request failed, or without a request id: a registered query set was dropped. */
  record SubscriptionError(OptionalInt requestId, int querySetId, String error)
      implements ServerMessage {
    static final int TAG = 3;
  }

  /** A transaction of somebody else changed query sets of the receiver. */
  record TransactionUpdate(List<QuerySetUpdate> querySets) implements ServerMessage {
    static final int TAG = 4;

    public TransactionUpdate {
      querySets = List.copyOf(querySets);
    }
  }

  /** The answer to a one-off query. */
  record OneOffQueryResult(int requestId, QueryOutcome result) implements ServerMessage {
    static final int TAG = 5;
  }

  /** The answer to a reducer call. */
  record ReducerResult(int requestId, long timestamp, ReducerOutcome result)
      implements ServerMessage {
    static final int TAG = 6;
  }

  /** The answer to a procedure call. */
  record ProcedureResult(ProcedureStatus status, long timestamp, long durationMicros, int requestId)
      implements ServerMessage {
    static final int TAG = 7;
  }

  /** The answer to a SubscribeBatch. */
  record SubscribeBatchApplied(int requestId, List<SetResult> results) implements ServerMessage {
    static final int TAG = 8;

    public SubscribeBatchApplied {
      results = List.copyOf(results);
    }
  }

  /** The complete rows of one query (SingleTableRows). */
  record TableRows(String table, RowList rows) {}

  /** The changes of one query set. */
  record QuerySetUpdate(int querySetId, List<TableUpdate> tables) {
    public QuerySetUpdate {
      tables = List.copyOf(tables);
    }
  }

  /** The changes of one table in one query set: an element per changed query. */
  record TableUpdate(String table, List<UpdateRows> rows) {
    public TableUpdate {
      rows = List.copyOf(rows);
    }
  }

  /** The changes of one query (TableUpdateRows). */
  sealed interface UpdateRows {
    /** Of a table that keeps its rows. */
    record Persistent(RowList inserts, RowList deletes) implements UpdateRows {}

    /** Of an event table. */
    record Events(RowList events) implements UpdateRows {}
  }

  /** One set's result in a {@link SubscribeBatchApplied}. */
  record SetResult(int querySetId, SetOutcome outcome) {}
}
