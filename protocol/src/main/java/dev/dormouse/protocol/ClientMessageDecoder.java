package dev.dormouse.protocol;

import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.DecodeException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Decodes the payload of a client's binary WebSocket message, one client message at a time.
 *
 * <p>{@link #start}, then {@link #next} while {@link #hasNext}. In v2 a payload is one message and
 * what is behind it is ignored; in v3 it is one or more, back to back. Arguments are views of the
 * payload: its array belongs to the messages from then on. Every refusal is a {@link
 * DecodeException}, for which the connection is closed with 1011 ({@link Closing#undecodable}). One
 * decoder serves one thread at a time. Source: spec client-protocol §3.1, §8, §10.
 */
public final class ClientMessageDecoder {
  private static final int STRING_BYTES_MIN = Integer.BYTES;
  private static final int QUERY_SET_BYTES_MIN = 2 * Integer.BYTES;

  private final ProtocolLimits limits;
  private final NameCache names;
  private final BsatnReader reader = new BsatnReader(new byte[0]);
  private boolean many;
  private boolean more;

  /** The cache may be shared with any other decoder. */
  public ClientMessageDecoder(ProtocolLimits limits, NameCache names) {
    this.limits = limits;
    this.names = names;
  }

  /**
   * Begins a payload.
   *
   * @param protocol a binary protocol of version 2 or 3
   */
  public void start(Subprotocol protocol, byte[] payload, int offset, int length) {
    many =
        switch (protocol) {
          case V3_BSATN -> true;
          case V2_BSATN -> false;
          case V1_BSATN, V1_JSON ->
              throw new IllegalArgumentException(protocol + " has other client messages");
        };
    more = false;
    if (length > limits.messageBytesMax()) {
      throw new DecodeException(
          "message of " + length + " bytes, limit " + limits.messageBytesMax() + " bytes");
    }
    if (length == 0) {
      throw new DecodeException("empty payload, at least one message is required");
    }
    reader.reset(payload, offset, length);
    more = true;
  }

  /** Whether {@link #next} has another message to decode, or to refuse. */
  public boolean hasNext() {
    return more;
  }

  /** Decodes the next message. */
  public ClientMessage next() {
    if (!more) {
      throw new NoSuchElementException("the payload is exhausted");
    }
    // After a refusal there is no next message: where it would begin is unknown.
    more = false;
    ClientMessage message = message();
    more = many && reader.remaining() > 0;
    return message;
  }

  private ClientMessage message() {
    int tag = reader.readTag();
    return switch (tag) {
      case ClientMessage.CallReducer.TAG ->
          new ClientMessage.CallReducer(callId("CallReducer"), name("reducer"), args());
      case ClientMessage.CallProcedure.TAG ->
          new ClientMessage.CallProcedure(callId("CallProcedure"), name("procedure"), args());
      case ClientMessage.Subscribe.TAG ->
          new ClientMessage.Subscribe(
              reader.readI32(), reader.readI32(), queries(limits.queriesMax()));
      case ClientMessage.Unsubscribe.TAG ->
          new ClientMessage.Unsubscribe(reader.readI32(), reader.readI32(), sendDroppedRows());
      case ClientMessage.OneOffQuery.TAG ->
          new ClientMessage.OneOffQuery(reader.readI32(), reader.readString());
      case ClientMessage.SubscribeBatch.TAG ->
          new ClientMessage.SubscribeBatch(reader.readI32(), querySets());
      default ->
          throw new DecodeException(
              "unknown client message tag %d at offset %d".formatted(tag, reader.position() - 1));
    };
  }

  /** The request id of a call and its flags, of which there are none. */
  private int callId(String what) {
    int requestId = reader.readI32();
    int flags = reader.readU8();
    if (flags != 0) {
      throw new DecodeException("invalid " + what + " flags " + flags + ", must be 0");
    }
    return requestId;
  }

  private boolean sendDroppedRows() {
    int flags = reader.readTag();
    return switch (flags) {
      case 0 -> false;
      case 1 -> true;
      default ->
          throw new DecodeException("invalid Unsubscribe flags " + flags + ", must be 0 or 1");
    };
  }

  private String name(String what) {
    int at = reader.position();
    int length = reader.readCount(1, what);
    if (length > limits.nameBytesMax()) {
      throw new DecodeException(
          "%s name of %d bytes, limit %d bytes".formatted(what, length, limits.nameBytesMax()));
    }
    reader.skip(length);
    return names.name(reader.array(), at, length);
  }

  private ByteSlice args() {
    int length = reader.readCount(1, "args");
    return new ByteSlice(reader.array(), reader.skip(length), length);
  }

  private List<String> queries(int most) {
    int count = reader.readCount(STRING_BYTES_MIN, "query_strings");
    if (count > most) {
      throw new DecodeException(
          "more than " + limits.queriesMax() + " queries in one message, the limit");
    }
    List<String> queries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      queries.add(reader.readString());
    }
    return queries;
  }

  private List<ClientMessage.QuerySet> querySets() {
    int count = reader.readCount(QUERY_SET_BYTES_MIN, "sets");
    if (count > limits.querySetsMax()) {
      throw new DecodeException(
          "%d query sets in one message, limit %d".formatted(count, limits.querySetsMax()));
    }
    List<ClientMessage.QuerySet> sets = new ArrayList<>(count);
    int left = limits.queriesMax();
    for (int i = 0; i < count; i++) {
      ClientMessage.QuerySet set = new ClientMessage.QuerySet(reader.readI32(), queries(left));
      left -= set.queries().size();
      sets.add(set);
    }
    return sets;
  }
}
