package dev.dormouse.protocol;

import dev.dormouse.protocol.ServerMessage.QuerySetUpdate;
import dev.dormouse.protocol.ServerMessage.TableRows;
import dev.dormouse.sats.BsatnWriter;
import java.util.List;

/** Writes decoded server messages as the server would. */
final class Rewriting {
  private Rewriting() {}

  static byte[] bytes(ServerMessage message) {
    BsatnWriter out = new BsatnWriter();
    write(message, new ServerMessageWriter(out));
    return out.toByteArray();
  }

  static void write(ServerMessage message, ServerMessageWriter out) {
    switch (message) {
      case ServerMessage.InitialConnection first ->
          out.initialConnection(first.identity(), first.connectionId(), first.token());
      case ServerMessage.SubscribeApplied applied ->
          out.subscribeApplied(
              applied.requestId(), applied.querySetId(), encoded(applied.tables()));
      case ServerMessage.UnsubscribeApplied applied -> {
        if (applied.tables().isPresent()) {
          out.unsubscribeApplied(
              applied.requestId(), applied.querySetId(), encoded(applied.tables().get()));
        } else {
          out.unsubscribeApplied(applied.requestId(), applied.querySetId());
        }
      }
      case ServerMessage.SubscriptionError error -> {
        if (error.requestId().isPresent()) {
          out.subscriptionError(error.requestId().getAsInt(), error.querySetId(), error.error());
        } else {
          out.subscriptionDropped(error.querySetId(), error.error());
        }
      }
      case ServerMessage.TransactionUpdate(List<QuerySetUpdate> sets) -> {
        out.beginTransactionUpdate();
        update(sets, out);
      }
      case ServerMessage.OneOffQueryResult(int request, QueryOutcome result) -> {
        switch (result) {
          case QueryOutcome.Rows(List<TableRows> tables) ->
              out.oneOffQueryRows(request, encoded(tables).getFirst());
          case QueryOutcome.Failed(String error) -> out.oneOffQueryError(request, error);
        }
      }
      case ServerMessage.ReducerResult(int request, long timestamp, ReducerOutcome result) -> {
        switch (result) {
          case ReducerOutcome.Ok(ByteSlice returned, List<QuerySetUpdate> sets) -> {
            out.beginReducerOk(request, timestamp, returned);
            update(sets, out);
          }
          case ReducerOutcome.Err error -> out.reducerError(request, timestamp, error.text());
          case ReducerOutcome.Internal(String error) ->
              out.reducerInternalError(request, timestamp, error);
          case ReducerOutcome.OkEmpty() ->
              throw new IllegalArgumentException("the server never sends OkEmpty");
        }
      }
      case ServerMessage.ProcedureResult result -> {
        switch (result.status()) {
          case ProcedureStatus.Returned(ByteSlice value) ->
              out.procedureReturned(
                  result.requestId(), result.timestamp(), result.durationMicros(), value);
          case ProcedureStatus.Internal(String error) ->
              out.procedureInternalError(result.requestId(), error);
        }
      }
      case ServerMessage.SubscribeBatchApplied batch -> {
        out.beginSubscribeBatchApplied(batch.requestId());
        for (ServerMessage.SetResult result : batch.results()) {
          switch (result.outcome()) {
            case SetOutcome.Applied(List<TableRows> tables) ->
                out.batchSetApplied(result.querySetId(), encoded(tables));
            case SetOutcome.Failed(String error) -> out.batchSetError(result.querySetId(), error);
          }
        }
        out.end();
      }
    }
  }

  static RowListWriter rows(RowList list) {
    RowListWriter writer = new RowListWriter().begin();
    for (int i = 0; i < list.rowCount(); i++) {
      ByteSlice row = list.row(i);
      writer.addRow(row.array(), row.offset(), row.length());
    }
    return writer;
  }

  private static void update(List<QuerySetUpdate> sets, ServerMessageWriter out) {
    for (QuerySetUpdate set : sets) {
      out.querySet(set.querySetId());
      for (ServerMessage.TableUpdate table : set.tables()) {
        for (ServerMessage.UpdateRows rows : table.rows()) {
          out.tableUpdate(
              switch (rows) {
                case ServerMessage.UpdateRows.Persistent(RowList inserts, RowList deletes) ->
                    EncodedTableUpdate.persistent(table.table(), rows(inserts), rows(deletes));
                case ServerMessage.UpdateRows.Events(RowList events) ->
                    EncodedTableUpdate.events(table.table(), rows(events));
              });
        }
      }
    }
    out.end();
  }

  private static List<EncodedTableRows> encoded(List<TableRows> tables) {
    return tables.stream()
        .map(table -> EncodedTableRows.of(table.table(), rows(table.rows())))
        .toList();
  }
}
