package dev.dormouse.runtimenode.ws;

import dev.dormouse.protocol.Closing;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Puts the frames of one socket together to payloads. Used on the event loop. */
final class FrameReader {
  private static final Logger LOG = Logger.getLogger(FrameReader.class);

  /** Source: RFC 6455 §7.4.1. */
  private static final int MESSAGE_TOO_BIG = 1009;

  private final SocketLimits limits;
  private final Pulse pulse;
  private final Intake intake;
  private final Connection connection;
  private final Received received;

  /** The fragments so far of a message that is not complete. */
  private @Nullable Buffer fragments;

  FrameReader(
      SocketLimits limits, Pulse pulse, Intake intake, Connection connection, Received received) {
    this.limits = limits;
    this.pulse = pulse;
    this.intake = intake;
    this.connection = connection;
    this.received = received;
  }

  void listenTo(ServerWebSocket socket) {
    socket.exceptionHandler(failure -> LOG.debugf(failure, "connection %s broke", connection));
    socket.closeHandler(ignored -> connection.socketClosed());
    socket.frameHandler(this::frame);
  }

  private void frame(WebSocketFrame frame) {
    pulse.heard();
    if (connection.isEnded()) {
      drop();
      return; // What comes after the end is read and thrown away.
    }
    switch (frame.type()) {
      case TEXT -> connection.close(Closing.TEXT_FRAME);
      case BINARY, CONTINUATION -> data(frame);
      case PONG -> pulse.pong();
      case PING, CLOSE -> {
        // Vert.x answers both; a close ends in the close handler.
      }
    }
  }

  private void data(WebSocketFrame frame) {
    Buffer part = frame.binaryData();
    Buffer before = fragments;
    int length = part.length() + (before == null ? 0 : before.length());
    if (length > limits.protocol().messageBytesMax()) {
      drop();
      connection.close(
          new Closing(
              MESSAGE_TOO_BIG,
              "message larger than the limit of %d bytes"
                  .formatted(limits.protocol().messageBytesMax())));
    } else if (!frame.isFinal()) {
      fragments = (before == null ? Buffer.buffer() : before).appendBuffer(part);
      received.fragments(length);
    } else {
      drop();
      intake.payload(before == null ? part.getBytes() : before.appendBuffer(part).getBytes());
    }
  }

  private void drop() {
    fragments = null;
    received.fragments(0);
  }
}
