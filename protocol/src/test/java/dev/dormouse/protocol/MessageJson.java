package dev.dormouse.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.protocol.ServerMessage.QuerySetUpdate;
import dev.dormouse.protocol.ServerMessage.TableRows;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.math.BigInteger;
import java.util.List;

/** Messages in the JSON notation of the vectors. */
final class MessageJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private MessageJson() {}

  static JsonNode of(ClientMessage message) {
    return switch (message) {
      case ClientMessage.Subscribe(int request, int set, List<String> queries) ->
          variant(
              "Subscribe",
              request(request)
                  .<ObjectNode>set("query_set_id", one("id", u32(set)))
                  .<ObjectNode>set("query_strings", texts(queries)));
      case ClientMessage.Unsubscribe(int request, int set, boolean dropped) ->
          variant(
              "Unsubscribe",
              request(request)
                  .<ObjectNode>set("query_set_id", one("id", u32(set)))
                  .<ObjectNode>set(
                      "flags", one(dropped ? "SendDroppedRows" : "Default", JSON.arrayNode())));
      case ClientMessage.OneOffQuery(int request, String query) ->
          variant(
              "OneOffQuery",
              request(request).<ObjectNode>set("query_string", JSON.textNode(query)));
      case ClientMessage.CallReducer(int request, String name, ByteSlice args) ->
          variant(
              "CallReducer",
              request(request)
                  .<ObjectNode>set("flags", u32(0))
                  .<ObjectNode>set("reducer", JSON.textNode(name))
                  .<ObjectNode>set("args", hex(args)));
      case ClientMessage.CallProcedure(int request, String name, ByteSlice args) ->
          variant(
              "CallProcedure",
              request(request)
                  .<ObjectNode>set("flags", u32(0))
                  .<ObjectNode>set("procedure", JSON.textNode(name))
                  .<ObjectNode>set("args", hex(args)));
      case ClientMessage.SubscribeBatch batch ->
          throw new IllegalArgumentException("no JSON notation for " + batch);
    };
  }

  static JsonNode of(ServerMessage message) {
    return switch (message) {
      case ServerMessage.InitialConnection(Identity identity, ConnectionId id, String token) ->
          variant(
              "InitialConnection",
              JSON.objectNode()
                  .<ObjectNode>set(
                      "identity", one("__identity__", JSON.textNode("0x" + identity.toHex())))
                  .<ObjectNode>set(
                      "connection_id",
                      one("__connection_id__", JSON.numberNode(new BigInteger(id.toHex(), 16))))
                  .<ObjectNode>set("token", JSON.textNode(token)));
      case ServerMessage.SubscribeApplied applied ->
          variant(
              "SubscribeApplied",
              request(applied.requestId())
                  .<ObjectNode>set("query_set_id", one("id", u32(applied.querySetId())))
                  .<ObjectNode>set("rows", rows(applied.tables())));
      case ServerMessage.UnsubscribeApplied applied ->
          variant(
              "UnsubscribeApplied",
              request(applied.requestId())
                  .<ObjectNode>set("query_set_id", one("id", u32(applied.querySetId())))
                  .<ObjectNode>set(
                      "rows",
                      applied
                          .tables()
                          .map(tables -> one("some", rows(tables)))
                          .orElseGet(() -> one("none", JSON.arrayNode()))));
      case ServerMessage.SubscriptionError error ->
          variant(
              "SubscriptionError",
              JSON.objectNode()
                  .<ObjectNode>set(
                      "request_id",
                      error.requestId().isPresent()
                          ? one("some", u32(error.requestId().getAsInt()))
                          : one("none", JSON.arrayNode()))
                  .<ObjectNode>set("query_set_id", one("id", u32(error.querySetId())))
                  .<ObjectNode>set("error", JSON.textNode(error.error())));
      case ServerMessage.TransactionUpdate(List<QuerySetUpdate> sets) ->
          variant("TransactionUpdate", update(sets));
      case ServerMessage.OneOffQueryResult result ->
          variant(
              "OneOffQueryResult",
              request(result.requestId())
                  .<ObjectNode>set(
                      "result",
                      switch (result.result()) {
                        case QueryOutcome.Rows(List<TableRows> tables) -> one("ok", rows(tables));
                        case QueryOutcome.Failed(String error) -> one("err", JSON.textNode(error));
                      }));
      case ServerMessage.ReducerResult result ->
          variant(
              "ReducerResult",
              request(result.requestId())
                  .<ObjectNode>set("timestamp", timestamp(result.timestamp()))
                  .<ObjectNode>set("result", outcome(result.result())));
      case ServerMessage.ProcedureResult result ->
          variant(
              "ProcedureResult",
              JSON.objectNode()
                  .<ObjectNode>set(
                      "status",
                      switch (result.status()) {
                        case ProcedureStatus.Returned(ByteSlice value) ->
                            one("Returned", hex(value));
                        case ProcedureStatus.Internal(String error) ->
                            one("InternalError", JSON.textNode(error));
                      })
                  .<ObjectNode>set("timestamp", timestamp(result.timestamp()))
                  .<ObjectNode>set(
                      "total_host_execution_duration",
                      one("__time_duration_micros__", number(result.durationMicros())))
                  .<ObjectNode>set("request_id", u32(result.requestId())));
      case ServerMessage.SubscribeBatchApplied batch ->
          throw new IllegalArgumentException("no JSON notation for " + batch);
    };
  }

  static JsonNode hint(RowList.RowSizeHint hint) {
    return switch (hint) {
      case RowList.RowSizeHint.FixedSize(int size) -> one("FixedSize", number(size));
      case RowList.RowSizeHint.RowOffsets offsets -> {
        ArrayNode starts = JSON.arrayNode();
        for (int i = 0; i < offsets.count(); i++) {
          starts.add(number(offsets.start(i)));
        }
        yield one("RowOffsets", starts);
      }
    };
  }

  private static JsonNode outcome(ReducerOutcome outcome) {
    return switch (outcome) {
      case ReducerOutcome.Ok(ByteSlice returned, List<QuerySetUpdate> sets) ->
          one(
              "Ok",
              JSON.objectNode()
                  .<ObjectNode>set("ret_value", hex(returned))
                  .<ObjectNode>set("transaction_update", update(sets)));
      case ReducerOutcome.OkEmpty() -> one("OkEmpty", JSON.arrayNode());
      case ReducerOutcome.Err(ByteSlice error) -> one("Err", hex(error));
      case ReducerOutcome.Internal(String error) -> one("InternalError", JSON.textNode(error));
    };
  }

  private static JsonNode update(List<QuerySetUpdate> sets) {
    ArrayNode array = JSON.arrayNode();
    for (QuerySetUpdate set : sets) {
      ArrayNode tables = JSON.arrayNode();
      for (ServerMessage.TableUpdate table : set.tables()) {
        ArrayNode rows = JSON.arrayNode();
        for (ServerMessage.UpdateRows element : table.rows()) {
          rows.add(
              switch (element) {
                case ServerMessage.UpdateRows.Persistent(RowList inserts, RowList deletes) ->
                    one(
                        "PersistentTable",
                        JSON.objectNode()
                            .<ObjectNode>set("inserts", list(inserts))
                            .<ObjectNode>set("deletes", list(deletes)));
                case ServerMessage.UpdateRows.Events(RowList events) ->
                    one("EventTable", one("events", list(events)));
              });
        }
        tables.add(
            (JsonNode)
                JSON.objectNode()
                    .<ObjectNode>set("table_name", JSON.textNode(table.table()))
                    .<ObjectNode>set("rows", rows));
      }
      array.add(
          (JsonNode)
              JSON.objectNode()
                  .<ObjectNode>set("query_set_id", one("id", u32(set.querySetId())))
                  .<ObjectNode>set("tables", tables));
    }
    return one("query_sets", array);
  }

  private static JsonNode rows(List<TableRows> tables) {
    ArrayNode array = JSON.arrayNode();
    for (TableRows table : tables) {
      array.add(
          (JsonNode)
              JSON.objectNode()
                  .<ObjectNode>set("table", JSON.textNode(table.table()))
                  .<ObjectNode>set("rows", list(table.rows())));
    }
    return one("tables", array);
  }

  private static JsonNode list(RowList rows) {
    return JSON.objectNode()
        .<ObjectNode>set("size_hint", hint(rows.hint()))
        .<ObjectNode>set("rows_data", hex(rows.data()));
  }

  private static ObjectNode request(int id) {
    ObjectNode node = JSON.objectNode();
    node.set("request_id", u32(id));
    return node;
  }

  private static JsonNode texts(List<String> texts) {
    ArrayNode array = JSON.arrayNode();
    texts.forEach(array::add);
    return array;
  }

  private static JsonNode timestamp(long micros) {
    return one("__timestamp_micros_since_unix_epoch__", number(micros));
  }

  private static JsonNode u32(int bits) {
    return number(Integer.toUnsignedLong(bits));
  }

  private static JsonNode number(long value) {
    return JSON.numberNode(BigInteger.valueOf(value));
  }

  private static JsonNode hex(ByteSlice bytes) {
    return JSON.textNode(Vectors.hex(bytes));
  }

  private static JsonNode variant(String name, JsonNode payload) {
    return one(name, payload);
  }

  private static ObjectNode one(String key, JsonNode value) {
    ObjectNode node = JSON.objectNode();
    node.set(key, value);
    return node;
  }
}
