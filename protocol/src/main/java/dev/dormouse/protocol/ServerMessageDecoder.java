package dev.dormouse.protocol;

import dev.dormouse.protocol.ServerMessage.QuerySetUpdate;
import dev.dormouse.protocol.ServerMessage.SetResult;
import dev.dormouse.protocol.ServerMessage.TableRows;
import dev.dormouse.protocol.ServerMessage.TableUpdate;
import dev.dormouse.protocol.ServerMessage.UpdateRows;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Decodes what a server sends, for clients of our own and tests. Rows and values are views of the
 * bytes decoded. Whatever is malformed is a {@link DecodeException}.
 */
public final class ServerMessageDecoder {
  private ServerMessageDecoder() {}

  /** Decodes a WebSocket payload: its tag, then one or more messages, compressed or not. */
  public static List<ServerMessage> decodePayload(byte[] payload, ProtocolLimits limits) {
    ByteSlice body = PayloadCompressor.body(payload, limits);
    BsatnReader reader = new BsatnReader(body.array(), body.offset(), body.length());
    List<ServerMessage> messages = new ArrayList<>();
    do {
      messages.add(decode(reader));
    } while (reader.remaining() > 0);
    return messages;
  }

  /** Decodes one message. */
  public static ServerMessage decode(BsatnReader reader) {
    int tag = reader.readTag();
    return switch (tag) {
      case ServerMessage.InitialConnection.TAG ->
          new ServerMessage.InitialConnection(
              Identity.read(reader), ConnectionId.read(reader), reader.readString());
      case ServerMessage.SubscribeApplied.TAG ->
          new ServerMessage.SubscribeApplied(reader.readI32(), reader.readI32(), queryRows(reader));
      case ServerMessage.UnsubscribeApplied.TAG ->
          new ServerMessage.UnsubscribeApplied(
              reader.readI32(),
              reader.readI32(),
              some(reader) ? Optional.of(queryRows(reader)) : Optional.empty());
      case ServerMessage.SubscriptionError.TAG ->
          new ServerMessage.SubscriptionError(
              some(reader) ? OptionalInt.of(reader.readI32()) : OptionalInt.empty(),
              reader.readI32(),
              reader.readString());
      case ServerMessage.TransactionUpdate.TAG ->
          new ServerMessage.TransactionUpdate(querySets(reader));
      case ServerMessage.OneOffQueryResult.TAG ->
          new ServerMessage.OneOffQueryResult(reader.readI32(), queryOutcome(reader));
      case ServerMessage.ReducerResult.TAG ->
          new ServerMessage.ReducerResult(
              reader.readI32(), reader.readI64(), reducerOutcome(reader));
      case ServerMessage.ProcedureResult.TAG ->
          new ServerMessage.ProcedureResult(
              procedureStatus(reader), reader.readI64(), reader.readI64(), reader.readI32());
      case ServerMessage.SubscribeBatchApplied.TAG ->
          new ServerMessage.SubscribeBatchApplied(
              reader.readI32(),
              list(reader, 5, "results", from -> new SetResult(from.readI32(), setOutcome(from))));
      default -> throw unknown("server message", tag, reader);
    };
  }

  private static QueryOutcome queryOutcome(BsatnReader reader) {
    int tag = reader.readTag();
    return switch (tag) {
      case SumTags.OK -> new QueryOutcome.Rows(queryRows(reader));
      case SumTags.ERR -> new QueryOutcome.Failed(reader.readString());
      default -> throw unknown("query result", tag, reader);
    };
  }

  private static ReducerOutcome reducerOutcome(BsatnReader reader) {
    int tag = reader.readTag();
    return switch (tag) {
      case ReducerOutcome.Ok.TAG -> new ReducerOutcome.Ok(bytes(reader), querySets(reader));
      case ReducerOutcome.OkEmpty.TAG -> new ReducerOutcome.OkEmpty();
      case ReducerOutcome.Err.TAG -> new ReducerOutcome.Err(bytes(reader));
      case ReducerOutcome.Internal.TAG -> new ReducerOutcome.Internal(reader.readString());
      default -> throw unknown("reducer outcome", tag, reader);
    };
  }

  private static ProcedureStatus procedureStatus(BsatnReader reader) {
    int tag = reader.readTag();
    return switch (tag) {
      case ProcedureStatus.Returned.TAG -> new ProcedureStatus.Returned(bytes(reader));
      case ProcedureStatus.Internal.TAG -> new ProcedureStatus.Internal(reader.readString());
      default -> throw unknown("procedure status", tag, reader);
    };
  }

  private static SetOutcome setOutcome(BsatnReader reader) {
    int tag = reader.readTag();
    return switch (tag) {
      case SetOutcome.Applied.TAG -> new SetOutcome.Applied(queryRows(reader));
      case SetOutcome.Failed.TAG -> new SetOutcome.Failed(reader.readString());
      default -> throw unknown("set outcome", tag, reader);
    };
  }

  private static List<TableRows> queryRows(BsatnReader reader) {
    return list(reader, 12, "tables", from -> new TableRows(from.readString(), RowList.read(from)));
  }

  private static List<QuerySetUpdate> querySets(BsatnReader reader) {
    return list(
        reader,
        8,
        "query sets",
        from ->
            new QuerySetUpdate(
                from.readI32(), list(from, 8, "tables", ServerMessageDecoder::tableUpdate)));
  }

  private static TableUpdate tableUpdate(BsatnReader reader) {
    return new TableUpdate(
        reader.readString(), list(reader, 9, "rows", ServerMessageDecoder::updateRows));
  }

  private static UpdateRows updateRows(BsatnReader reader) {
    int tag = reader.readTag();
    return switch (tag) {
      case EncodedTableUpdate.PERSISTENT_TABLE ->
          new UpdateRows.Persistent(RowList.read(reader), RowList.read(reader));
      case EncodedTableUpdate.EVENT_TABLE -> new UpdateRows.Events(RowList.read(reader));
      default -> throw unknown("table update rows", tag, reader);
    };
  }

  static ByteSlice bytes(BsatnReader reader) {
    int length = reader.readCount(1, "bytes");
    return new ByteSlice(reader.array(), reader.skip(length), length);
  }

  private static boolean some(BsatnReader reader) {
    int tag = reader.readTag();
    return switch (tag) {
      case SumTags.SOME -> true;
      case SumTags.NONE -> false;
      default -> throw unknown("option", tag, reader);
    };
  }

  private static <T> List<T> list(
      BsatnReader reader, int minimumBytes, String what, Function<BsatnReader, T> element) {
    int count = reader.readCount(minimumBytes, what);
    List<T> elements = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      elements.add(element.apply(reader));
    }
    return elements;
  }

  private static DecodeException unknown(String what, int tag, BsatnReader reader) {
    return new DecodeException(
        "unknown %s tag %d at offset %d".formatted(what, tag, reader.position() - 1));
  }
}
