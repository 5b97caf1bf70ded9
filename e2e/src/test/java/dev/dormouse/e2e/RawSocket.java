package dev.dormouse.e2e;

import dev.dormouse.protocol.ProtocolLimits;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.protocol.ServerMessageDecoder;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A bare connection to the platform, so that a test decides about every byte. */
final class RawSocket implements AutoCloseable {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;

  /** How long an answer may take before the test calls it missing. */
  private static final int PATIENCE_MILLIS = 60_000;

  /** An answer over HTTP; status 0 if the connection ended without one. */
  record Response(int status, Map<String, String> headers, String body) {
    static final Response NONE = new Response(0, Map.of(), "");
  }

  /** How a WebSocket ended: a close code, or -1 if there was no close frame. */
  record End(int code, String reason) {
    static final End WITHOUT_FRAME = new End(-1, "");
  }

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final ArrayDeque<ServerMessage> messages = new ArrayDeque<>();
  private final ByteArrayOutputStream fragments = new ByteArrayOutputStream();

  private RawSocket(URI address, int receiveBuffer) throws IOException {
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort()));
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  static RawSocket open(Platform platform) throws IOException {
    return new RawSocket(platform.address(), 0);
  }

  /** With a receive buffer of so many bytes. */
  static RawSocket open(Platform platform, int receiveBuffer) throws IOException {
    return new RawSocket(platform.address(), receiveBuffer);
  }

  /** An open WebSocket of version 3, whose first message was not read yet. */
  static RawSocket upgraded(Platform platform, String database, int receiveBuffer)
      throws IOException {
    RawSocket socket = open(platform, receiveBuffer);
    Response response =
        socket.request(
            upgrade(database, "v3.bsatn.spacetimedb", "compression=None&confirmed=false", ""));
    if (response.status != 101) {
      throw new IllegalStateException("not upgraded: " + response);
    }
    return socket;
  }

  /** The text of an upgrade request; further header lines end with CR LF each. */
  static String upgrade(String database, String subprotocol, String query, String lines) {
    return "GET /v1/database/"
        + database
        + "/subscribe?"
        + query
        + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        + (subprotocol.isEmpty() ? "" : "Sec-WebSocket-Protocol: " + subprotocol + "\r\n")
        + lines
        + "\r\n";
  }

  // ---- out ----

  /** Sends bytes; false if the other side has closed the connection. */
  boolean write(byte[] bytes) throws IOException {
    try {
      socket.getOutputStream().write(bytes);
      return true;
    } catch (SocketException closed) {
      return false;
    }
  }

  boolean write(String text) throws IOException {
    return write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends a frame as clients do: masked, here with zeros; false as for {@link #write}. */
  boolean frame(int opcode, boolean last, byte[] payload) throws IOException {
    return write(header((last ? 0x80 : 0) | opcode, true, payload.length)) && write(payload);
  }

  /** The head of a frame that announces a length. */
  static byte[] header(int first, boolean masked, long length) {
    var out = new ByteArrayOutputStream(14);
    int mask = masked ? 0x80 : 0;
    out.write(first);
    if (length >= 0 && length < 126) {
      out.write(mask | (int) length);
    } else if (length >= 0 && length < 65_536) {
      out.write(mask | 126);
      out.write((int) (length >>> 8));
      out.write((int) length);
    } else {
      out.write(mask | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.write((int) (length >>> shift));
      }
    }
    out.writeBytes(new byte[masked ? 4 : 0]);
    return out.toByteArray();
  }

  // ---- in ----

  /** Sends a request and reads the answer. */
  Response request(String text) throws IOException {
    write(text);
    return response();
  }

  /** The next answer; {@link Response#NONE} if the connection ends before it. */
  Response response() throws IOException {
    try {
      String first = line();
      Map<String, String> headers = new TreeMap<>();
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      int status = Integer.parseInt(first.substring("HTTP/1.1 ".length()).substring(0, 3));
      int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
      String body = status == 101 ? "" : new String(in.readNBytes(length), StandardCharsets.UTF_8);
      return new Response(status, headers, body);
    } catch (EOFException | SocketException closed) {
      return Response.NONE;
    }
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

  /** The next message; pings stay unanswered. */
  ServerMessage message() throws IOException {
    while (messages.isEmpty()) {
      int first = in.readUnsignedByte();
      byte[] payload = in.readNBytes((int) length());
      int opcode = first & 0xf;
      if (opcode == BINARY || opcode == CONTINUATION) {
        fragments.writeBytes(payload);
        if ((first & 0x80) != 0) {
          messages.addAll(
              ServerMessageDecoder.decodePayload(fragments.toByteArray(), ProtocolLimits.DEFAULT));
          fragments.reset();
        }
      } else if (opcode == CLOSE) {
        throw new EOFException("closed instead of a message");
      }
    }
    return messages.remove();
  }

  private long length() throws IOException {
    int length = in.readUnsignedByte();
    return length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
  }

  /** Reads whatever comes until the connection ends; pings stay unanswered. */
  End end() throws IOException {
    try {
      while (true) {
        int first = in.read();
        if (first < 0) {
          return End.WITHOUT_FRAME;
        }
        long bytes = length();
        if ((first & 0xf) == CLOSE && bytes >= 2) {
          int code = in.readUnsignedShort();
          byte[] reason = in.readNBytes((int) bytes - 2);
          return new End(code, new String(reason, StandardCharsets.UTF_8));
        }
        in.skipNBytes(bytes);
      }
    } catch (EOFException | SocketException closed) {
      return End.WITHOUT_FRAME;
    }
  }

  /** Reads until the other side closes the connection. */
  void awaitClosed() throws IOException {
    byte[] rest = new byte[1 << 16];
    try {
      while (true) {
        if (in.read(rest) < 0) {
          return;
        }
      }
    } catch (SocketException closed) {
      return;
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the connection was left open", e);
    }
  }

  /** Ends without a goodbye: the peer is reset. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
