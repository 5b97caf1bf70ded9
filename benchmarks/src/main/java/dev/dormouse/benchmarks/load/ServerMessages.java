package dev.dormouse.benchmarks.load;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads payloads of a v2 or v3 server: what matters to a load generator, the rest is stepped over.
 * Source: spec client-protocol §3.2, §4, §9, §10.
 */
final class ServerMessages {
  /** Who is told. */
  interface Receiver {
    /** The connection is accepted; the first message on it. */
    void connected();

    /** A call has ended. */
    void result(int requestId, Outcome outcome, String text) throws ProtocolException;

    /** A query set is applied. */
    void applied(int requestId);

    /** A query set was refused or dropped. */
    void refused(String error);

    /** Another client's transaction touched a query set. */
    void update();
  }

  private static final Outcome[] OUTCOMES = Outcome.values();

  private final Receiver receiver;
  private ByteBuffer in = ByteBuffer.allocate(0);
  private int at;
  private int end;

  ServerMessages(Receiver receiver) {
    this.receiver = receiver;
  }

  /** Reads the payload of one WebSocket message, compression tag included. */
  void read(ByteBuffer buffer, int from, int to) throws ProtocolException {
    in = buffer;
    at = from;
    end = to;
    int tag = u8();
    if (tag != 0) {
      throw new ProtocolException("payload with compression tag " + tag + ", asked for none");
    }
    do {
      message();
    } while (at < end);
  }

  private void message() throws ProtocolException {
    int tag = u8();
    switch (tag) {
      case 0 -> {
        step(32 + 16);
        step(u32());
        receiver.connected();
      }
      case 1 -> {
        int requestId = u32();
        step(4);
        queryRows();
        receiver.applied(requestId);
      }
      case 3 -> {
        if (u8() == 0) {
          step(4);
        }
        step(4);
        receiver.refused(text());
      }
      case 4 -> {
        querySets();
        receiver.update();
      }
      case 6 -> reducerResult();
      default -> throw new ProtocolException("server message with tag " + tag);
    }
  }

  private void reducerResult() throws ProtocolException {
    int requestId = u32();
    step(8);
    int tag = u8();
    if (tag >= OUTCOMES.length) {
      throw new ProtocolException("reducer outcome with tag " + tag);
    }
    Outcome outcome = OUTCOMES[tag];
    String text = "";
    switch (outcome) {
      case OK -> {
        step(u32());
        querySets();
      }
      case OK_EMPTY -> {}
      case ERROR -> step(u32());
      case INTERNAL_ERROR -> text = text();
    }
    receiver.result(requestId, outcome, text);
  }

  private void queryRows() throws ProtocolException {
    for (int tables = u32(); tables > 0; tables--) {
      step(u32());
      rowList();
    }
  }

  private void querySets() throws ProtocolException {
    for (int sets = u32(); sets > 0; sets--) {
      step(4);
      for (int tables = u32(); tables > 0; tables--) {
        step(u32());
        for (int rows = u32(); rows > 0; rows--) {
          if (u8() == 0) {
            rowList();
          }
          rowList();
        }
      }
    }
  }

  private void rowList() throws ProtocolException {
    if (u8() == 0) {
      step(2);
    } else {
      int offsets = u32();
      if (offsets < 0 || offsets > (end - at) / 8) {
        throw new ProtocolException(offsets + " row offsets in " + (end - at) + " bytes");
      }
      step(offsets * 8);
    }
    step(u32());
  }

  private String text() throws ProtocolException {
    int bytes = u32();
    int from = at;
    step(bytes);
    byte[] utf8 = new byte[bytes];
    in.get(from, utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private int u8() throws ProtocolException {
    int from = at;
    step(1);
    return in.get(from) & 0xff;
  }

  private int u32() throws ProtocolException {
    int from = at;
    step(4);
    return in.getInt(from);
  }

  private void step(int bytes) throws ProtocolException {
    if (bytes < 0 || bytes > end - at) {
      throw new ProtocolException(
          "%d bytes wanted, %d left of the message".formatted(bytes & 0xffffffffL, end - at));
    }
    at += bytes;
  }
}
