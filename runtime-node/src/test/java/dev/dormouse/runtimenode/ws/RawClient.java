package dev.dormouse.runtimenode.ws;

import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.ProtocolLimits;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.protocol.ServerMessageDecoder;
import dev.dormouse.sats.BsatnWriter;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A WebSocket client over a bare socket, so that a test decides about every byte. */
final class RawClient implements AutoCloseable {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  /** How a connection ended: a close code, or -1 if there was no close frame. */
  record End(int code, String reason) {
    static final End WITHOUT_FRAME = new End(-1, "");
  }

  /** A frame that was received. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Frame(int opcode, boolean last, byte[] payload) {}

  /** The connection has ended. */
  static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient End end;

    Ended(End end) {
      super(end.toString());
      this.end = end;
    }

    End end() {
      return end;
    }
  }

  final int status;
  final Map<String, List<String>> headers = new TreeMap<>();
  final String body;

  /** Whether pings are answered. */
  boolean answersPings = true;

  /** Pings received. */
  int pings;

  /** Uncompressed payloads received, in bytes and by the tag they came with. */
  final List<byte[]> payloads = new ArrayList<>();

  private final Socket socket;
  private final DataInputStream in;
  private final ArrayDeque<ServerMessage> messages = new ArrayDeque<>();
  private final ByteArrayOutputStream fragments = new ByteArrayOutputStream();

  /** Sends a request and reads the head of the answer. */
  RawClient(int port, String method, String target, List<String> headerLines, int receiveBuffer) {
    try {
      socket = new Socket();
      if (receiveBuffer > 0) {
        socket.setReceiveBufferSize(receiveBuffer);
      }
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) Await.PATIENCE.toMillis());
      in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
      var head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n");
      headerLines.forEach(line -> head.append(line).append("\r\n"));
      socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      status = Integer.parseInt(line().substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3));
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        headers
            .computeIfAbsent(
                line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
            .add(line.substring(colon + 1).strip());
      }
      body = status == 101 ? "" : new String(in.readNBytes(length()), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int length() {
    return Integer.parseInt(headers.getOrDefault("content-length", List.of("0")).getFirst());
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("in the head: " + line);
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  /** The only value of a header. */
  String header(String name) {
    List<String> values = headers.getOrDefault(name, List.of());
    if (values.size() != 1) {
      throw new AssertionError("header " + name + ": " + values);
    }
    return values.getFirst();
  }

  // ---- out ----

  /** Sends a frame, masked with zeros. */
  void frame(int opcode, boolean last, byte[] payload) {
    var out = new ByteArrayOutputStream(payload.length + 14);
    out.write((last ? 0x80 : 0) | opcode);
    if (payload.length < 126) {
      out.write(0x80 | payload.length);
    } else if (payload.length < 65_536) {
      out.write(0x80 | 126);
      out.write(payload.length >>> 8);
      out.write(payload.length);
    } else {
      out.write(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.write((int) ((long) payload.length >>> shift));
      }
    }
    out.writeBytes(new byte[4]);
    out.writeBytes(payload);
    raw(out.toByteArray());
  }

  void raw(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends messages in one frame. */
  void send(ClientMessage... sent) {
    frame(BINARY, true, encoded(sent));
  }

  static byte[] encoded(ClientMessage... messages) {
    var out = new BsatnWriter();
    for (ClientMessage message : messages) {
      message.write(out);
    }
    return out.toByteArray();
  }

  // ---- in ----

  /** The next frame of any kind; pings are answered on the way if they are to be. */
  Frame frame() {
    try {
      int first = in.read();
      if (first < 0) {
        throw new Ended(End.WITHOUT_FRAME);
      }
      long length = in.readUnsignedByte();
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = in.readLong();
      }
      byte[] payload = new byte[(int) length];
      in.readFully(payload);
      var frame = new Frame(first & 0xf, (first & 0x80) != 0, payload);
      if (frame.opcode == PING) {
        pings++;
        if (answersPings) {
          frame(PONG, true, payload);
        }
      }
      return frame;
    } catch (SocketTimeoutException e) {
      throw new AssertionError("nothing came", e);
    } catch (EOFException | SocketException e) {
      throw new Ended(End.WITHOUT_FRAME);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next payload, fragments put together. */
  byte[] payload() {
    while (true) {
      Frame frame = frame();
      switch (frame.opcode) {
        case BINARY, CONTINUATION -> {
          fragments.writeBytes(frame.payload);
          if (frame.last) {
            byte[] payload = fragments.toByteArray();
            fragments.reset();
            payloads.add(payload);
            return payload;
          }
        }
        case CLOSE -> throw new Ended(end(frame.payload));
        default -> {}
      }
    }
  }

  private static End end(byte[] payload) {
    if (payload.length < 2) {
      return new End(1005, "");
    }
    int code = (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
    return new End(code, new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8));
  }

  /** The next message. */
  ServerMessage message() {
    while (messages.isEmpty()) {
      messages.addAll(ServerMessageDecoder.decodePayload(payload(), ProtocolLimits.DEFAULT));
    }
    return messages.remove();
  }

  /** The next message, of that type. */
  <T extends ServerMessage> T message(Class<T> type) {
    ServerMessage message = message();
    if (!type.isInstance(message)) {
      throw new AssertionError("wanted " + type.getSimpleName() + ", got " + message);
    }
    return type.cast(message);
  }

  /** Reads on until the connection ends. */
  End end() {
    while (true) {
      try {
        payload();
      } catch (Ended e) {
        return e.end();
      }
    }
  }

  /** Whether bytes are there to be read; pings and pongs apart. */
  boolean isSilent() {
    try {
      while (messages.isEmpty() && in.available() > 0) {
        Frame frame = frame();
        if (frame.opcode != PING && frame.opcode != PONG) {
          throw new AssertionError("not silent: opcode " + frame.opcode);
        }
      }
      return messages.isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the connection without a word. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
