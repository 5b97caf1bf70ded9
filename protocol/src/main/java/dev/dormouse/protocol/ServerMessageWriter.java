package dev.dormouse.protocol;

import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Appends v2 and v3 server messages to a writer, without an object per message.
 *
 * <p>Most methods write one whole message. A transaction update is written in steps: {@link
 * #beginTransactionUpdate} or {@link #beginReducerOk}, then for each changed query set {@link
 * #querySet} and its tables by {@link #tableUpdate}, then {@link #end}. A batch's answer likewise.
 * The producer keeps the order: query sets by id, then tables by name; updates of one table must
 * follow each other. Ids are the 32 bits of a U32. Times are microseconds. Out of step is {@link
 * IllegalStateException}. Not thread safe. Source: spec client-protocol §9, since-2.8 §5.
 */
public final class ServerMessageWriter {
  private enum Step {
    /** Between messages. */
    WHOLE,
    /** Inside the list of query sets of an update. */
    UPDATE,
    /** Inside the list of results of a batch's answer. */
    BATCH
  }

  private final BsatnWriter out;
  private Step step = Step.WHOLE;

  /** Where the counts of the open lists are. */
  private int outerCountAt;

  private int outerCount;
  private int tableCountAt;
  private int tableCount;
  private int rowsCountAt;
  private int rowsCount;
  private @Nullable EncodedTableUpdate last;

  /** Appends to {@code out}; whatever it holds stays. */
  public ServerMessageWriter(BsatnWriter out) {
    this.out = out;
  }

  /** The first message of a connection. */
  public void initialConnection(Identity identity, ConnectionId connectionId, String token) {
    tag(ServerMessage.InitialConnection.TAG);
    identity.write(out);
    connectionId.write(out);
    out.writeString(token);
  }

  /** A query set was registered; its rows, one entry per query over non-empty tables. */
  public void subscribeApplied(int requestId, int querySetId, List<EncodedTableRows> tables) {
    tag(ServerMessage.SubscribeApplied.TAG);
    out.writeI32(requestId).writeI32(querySetId);
    queryRows(tables);
  }

  /** A query set was ended; its rows were not asked for. */
  public void unsubscribeApplied(int requestId, int querySetId) {
    tag(ServerMessage.UnsubscribeApplied.TAG);
    out.writeI32(requestId).writeI32(querySetId).writeTag(SumTags.NONE);
  }

  /** A query set was ended; the rows it held. */
  public void unsubscribeApplied(int requestId, int querySetId, List<EncodedTableRows> tables) {
    tag(ServerMessage.UnsubscribeApplied.TAG);
    out.writeI32(requestId).writeI32(querySetId).writeTag(SumTags.SOME);
    queryRows(tables);
  }

  /** A subscribe or unsubscribe request failed. */
  public void subscriptionError(int requestId, int querySetId, String error) {
    tag(ServerMessage.SubscriptionError.TAG);
    out.writeTag(SumTags.SOME).writeI32(requestId).writeI32(querySetId).writeString(error);
  }

  /** A registered query set failed later on, and is dropped. */
  public void subscriptionDropped(int querySetId, String error) {
    tag(ServerMessage.SubscriptionError.TAG);
    out.writeTag(SumTags.NONE).writeI32(querySetId).writeString(error);
  }

  /** The rows of a one-off query. */
  public void oneOffQueryRows(int requestId, EncodedTableRows rows) {
    tag(ServerMessage.OneOffQueryResult.TAG);
    out.writeI32(requestId).writeTag(SumTags.OK).writeI32(1);
    rows.writeTo(out);
  }

  /** A one-off query failed. */
  public void oneOffQueryError(int requestId, String error) {
    tag(ServerMessage.OneOffQueryResult.TAG);
    out.writeI32(requestId).writeTag(SumTags.ERR).writeString(error);
  }

  /** A reducer returned an error; it is sent as a BSATN string inside bytes. */
  public void reducerError(int requestId, long timestamp, String error) {
    reducerResult(requestId, timestamp, ReducerOutcome.Err.TAG);
    int lengthAt = out.size();
    out.writeI32(0).writeString(error);
    out.setI32(lengthAt, out.size() - lengthAt - Integer.BYTES);
  }

  /** A reducer was refused before it ran, trapped or exceeded its budget. */
  public void reducerInternalError(int requestId, long timestamp, String error) {
    reducerResult(requestId, timestamp, ReducerOutcome.Internal.TAG);
    out.writeString(error);
  }

  /** A procedure returned. */
  public void procedureReturned(
      int requestId, long timestamp, long durationMicros, ByteSlice value) {
    tag(ServerMessage.ProcedureResult.TAG);
    out.writeTag(ProcedureStatus.Returned.TAG)
        .writeBytes(value.array(), value.offset(), value.length());
    out.writeI64(timestamp).writeI64(durationMicros).writeI32(requestId);
  }

  /** A procedure failed; such an answer carries neither time nor duration. */
  public void procedureInternalError(int requestId, String error) {
    tag(ServerMessage.ProcedureResult.TAG);
    out.writeTag(ProcedureStatus.Internal.TAG).writeString(error);
    out.writeI64(0).writeI64(0).writeI32(requestId);
  }

  /** Starts the message about a transaction that the receiver did not call for. */
  public void beginTransactionUpdate() {
    tag(ServerMessage.TransactionUpdate.TAG);
    beginList(Step.UPDATE);
  }

  /** Starts the answer to the caller of a committed reducer; it may hold no query set. */
  public void beginReducerOk(int requestId, long timestamp, ByteSlice returned) {
    reducerResult(requestId, timestamp, ReducerOutcome.Ok.TAG);
    out.writeBytes(returned.array(), returned.offset(), returned.length());
    beginList(Step.UPDATE);
  }

  /** Starts the changes of one query set. */
  public void querySet(int querySetId) {
    require(Step.UPDATE);
    endQuerySet();
    outerCount++;
    out.writeI32(querySetId);
    tableCountAt = out.size();
    tableCount = 0;
    out.writeI32(0);
  }

  /** Adds a changed query of the query set; joined to the one before if the table is the same. */
  public void tableUpdate(EncodedTableUpdate update) {
    require(Step.UPDATE);
    if (outerCount == 0) {
      throw new IllegalStateException("a table update needs a query set");
    }
    if (last == null || !last.sameTable(update)) {
      endTable();
      tableCount++;
      update.writeNameTo(out);
      rowsCountAt = out.size();
      rowsCount = 0;
      out.writeI32(0);
    }
    update.writeTo(out);
    rowsCount++;
    last = update;
  }

  /** Starts the answer to a SubscribeBatch. */
  public void beginSubscribeBatchApplied(int requestId) {
    tag(ServerMessage.SubscribeBatchApplied.TAG);
    out.writeI32(requestId);
    beginList(Step.BATCH);
  }

  /** A set of the batch was registered. */
  public void batchSetApplied(int querySetId, List<EncodedTableRows> tables) {
    require(Step.BATCH);
    outerCount++;
    out.writeI32(querySetId).writeTag(SetOutcome.Applied.TAG);
    queryRows(tables);
  }

  /** A set of the batch failed. */
  public void batchSetError(int querySetId, String error) {
    require(Step.BATCH);
    outerCount++;
    out.writeI32(querySetId).writeTag(SetOutcome.Failed.TAG).writeString(error);
  }

  /** Ends a message that was begun. */
  public void end() {
    switch (step) {
      case UPDATE -> endQuerySet();
      case BATCH -> {}
      case WHOLE -> throw new IllegalStateException("no message was begun");
    }
    out.setI32(outerCountAt, outerCount);
    step = Step.WHOLE;
  }

  /** Bytes in the underlying writer, those before the first message included. */
  public int size() {
    return out.size();
  }

  private void tag(int tag) {
    require(Step.WHOLE);
    out.writeTag(tag);
  }

  private void reducerResult(int requestId, long timestamp, int outcome) {
    tag(ServerMessage.ReducerResult.TAG);
    out.writeI32(requestId).writeI64(timestamp).writeTag(outcome);
  }

  private void beginList(Step next) {
    step = next;
    outerCountAt = out.size();
    outerCount = 0;
    tableCount = 0;
    last = null;
    out.writeI32(0);
  }

  private void endQuerySet() {
    if (outerCount > 0) {
      endTable();
      out.setI32(tableCountAt, tableCount);
    }
  }

  private void endTable() {
    if (last != null) {
      out.setI32(rowsCountAt, rowsCount);
      last = null;
    }
  }

  private void queryRows(List<EncodedTableRows> tables) {
    out.writeI32(tables.size());
    for (EncodedTableRows table : tables) {
      table.writeTo(out);
    }
  }

  private void require(Step needed) {
    if (step != needed) {
      throw new IllegalStateException("in step " + step + ", needs " + needed);
    }
  }
}
