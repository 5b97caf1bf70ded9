package dev.dormouse.benchmarks.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Opens WebSockets. Source: spec client-protocol §2, RFC 6455 §4. */
final class Handshake {
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
  private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; // of that key, RFC 6455 §1.3
  private static final int HEAD_BYTES_MAX = 16 << 10;

  private Handshake() {}

  /** A socket in blocking mode, behind the 101. */
  static SocketChannel open(Options options) throws IOException {
    int port = options.url().getPort() < 0 ? 80 : options.url().getPort();
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(options.url().getHost(), port));
    try {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer request =
          ByteBuffer.wrap(request(options, port).getBytes(StandardCharsets.ISO_8859_1));
      while (request.hasRemaining()) {
        channel.write(request);
      }
      String head = head(channel);
      String lower = head.toLowerCase(Locale.ROOT);
      if (!head.startsWith("HTTP/1.1 101 ")
          || !head.contains(ACCEPT)
          || !lower.contains(options.protocol().subprotocol())) {
        throw new ProtocolException(
            "the upgrade was answered: " + head.lines().findFirst().orElse(""));
      }
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static String request(Options options, int port) {
    String authorization =
        options.token().map(token -> "Authorization: Bearer " + token + "\r\n").orElse("");
    return "GET /v1/database/"
        + options.database()
        + "/subscribe?compression=None&confirmed="
        + options.confirmed()
        + " HTTP/1.1\r\nHost: "
        + options.url().getHost()
        + ":"
        + port
        + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: "
        + KEY
        + "\r\nSec-WebSocket-Protocol: "
        + options.protocol().subprotocol()
        + "\r\n"
        + authorization
        + "\r\n";
  }

  /** Reads up to the blank line, byte by byte so that nothing behind it is taken. */
  private static String head(SocketChannel channel) throws IOException {
    var bytes = new ByteArrayOutputStream();
    ByteBuffer one = ByteBuffer.allocate(1);
    int newlines = 0;
    while (newlines < 2) {
      one.clear();
      if (channel.read(one) < 0) {
        throw new ProtocolException("the server closed during the upgrade: " + bytes);
      }
      byte next = one.get(0);
      bytes.write(next);
      if (next == '\n') {
        newlines++;
      } else if (next != '\r') {
        newlines = 0;
      }
      if (bytes.size() > HEAD_BYTES_MAX) {
        throw new ProtocolException("an answer head of more than " + HEAD_BYTES_MAX + " bytes");
      }
    }
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }
}
