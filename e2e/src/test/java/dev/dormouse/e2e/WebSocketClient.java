package dev.dormouse.e2e;

import dev.dormouse.protocol.ClientMessage;
import dev.dormouse.protocol.ProtocolLimits;
import dev.dormouse.protocol.ServerMessage;
import dev.dormouse.protocol.ServerMessageDecoder;
import dev.dormouse.sats.BsatnWriter;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client of protocol v3 on the JDK's own WebSocket. */
final class WebSocketClient implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 30;

  private final LinkedBlockingQueue<ServerMessage> received;
  private final CompletableFuture<Closed> closed;
  private final WebSocket socket;

  private WebSocketClient(Listener listener, WebSocket socket) {
    this.received = listener.received;
    this.closed = listener.closed;
    this.socket = socket;
  }

  static WebSocketClient connect(Platform platform, String database, String token) {
    Listener listener = new Listener();
    String query = "?compression=None" + (token.isEmpty() ? "" : "&token=" + token);
    URI address =
        URI.create(
            platform.address().toString().replace("http://", "ws://")
                + "/v1/database/"
                + database
                + "/subscribe"
                + query);
    WebSocket socket =
        Platform.HTTP
            .newWebSocketBuilder()
            .subprotocols("v3.bsatn.spacetimedb")
            .buildAsync(address, listener)
            .join();
    return new WebSocketClient(listener, socket);
  }

  private static final class Listener implements WebSocket.Listener {
    private final LinkedBlockingQueue<ServerMessage> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<Closed> closed = new CompletableFuture<>();
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closed.complete(new Closed(code, reason));
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      closed.completeExceptionally(error);
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      byte[] part = new byte[data.remaining()];
      data.get(part);
      message.writeBytes(part);
      if (last) {
        received.addAll(
            ServerMessageDecoder.decodePayload(message.toByteArray(), ProtocolLimits.DEFAULT));
        message.reset();
      }
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }
  }

  void send(ClientMessage message) {
    BsatnWriter out = new BsatnWriter();
    message.write(out);
    socket.sendBinary(ByteBuffer.wrap(out.toByteArray()), true).join();
  }

  /** The next message, which must be of a kind. */
  <T extends ServerMessage> T expect(Class<T> kind) throws InterruptedException {
    ServerMessage next = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (!kind.isInstance(next)) {
      throw new IllegalStateException("expected " + kind.getSimpleName() + ", got " + next);
    }
    return kind.cast(next);
  }

  /** How the server has closed. */
  record Closed(int code, String reason) {}

  /** Waits until the server has closed the socket. */
  Closed awaitClosed() {
    return closed.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    if (!closed.isDone()) {
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }
  }
}
