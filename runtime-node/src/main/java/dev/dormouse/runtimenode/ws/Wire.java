package dev.dormouse.runtimenode.ws;

import dev.dormouse.protocol.Closing;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.concurrent.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * One open WebSocket as the rest of the package writes to it, and the only class that knows what
 * lies below Vert.x. Thread safe; nothing blocks or throws.
 *
 * <p>Payloads go to the channel without a detour, so that a lane sends without a task per message
 * and its writes to one connection share a flush. Two threads must not send payloads at the same
 * time: fragments would mix.
 */
final class Wire {
  private static final Logger LOG = Logger.getLogger(Wire.class);

  /** Hears what happens to the socket; on its event loop. */
  interface Watcher {
    /** A part of a payload was written, or never will be. */
    void written();
  }

  private final SocketLimits limits;
  private final ServerWebSocket socket;
  private final ConnectionBase connection;
  private final ChannelHandlerContext channel;
  private final Backlog backlog;

  private Wire(
      SocketLimits limits,
      ServerWebSocket socket,
      ConnectionBase connection,
      ChannelHandlerContext channel,
      Backlog backlog) {
    this.limits = limits;
    this.socket = socket;
    this.connection = connection;
    this.channel = channel;
    this.backlog = backlog;
  }

  /**
   * Takes an accepted WebSocket over.
   *
   * @param upgraded the connection of its request
   */
  static Wire of(
      SocketLimits limits, HttpConnection upgraded, ServerWebSocket socket, Backlog backlog) {
    if (upgraded instanceof ConnectionBase connection) {
      return new Wire(limits, socket, connection, connection.channelHandlerContext(), backlog);
    }
    throw new IllegalStateException("not a connection of Vert.x 4: " + upgraded.getClass());
  }

  /**
   * Counts what arrives, from now on; on the event loop.
   *
   * @param arrived told after each read
   */
  void watchArrivals(Received received, Runnable arrived) {
    Arrivals.watch(channel.pipeline(), received, arrived);
  }

  /** The socket, for its handlers. */
  ServerWebSocket socket() {
    return socket;
  }

  /**
   * Sends one payload as a message, in fragments if it is long.
   *
   * @param bytes given away
   * @param messages of the protocol that are in it
   */
  void send(byte[] bytes, int length, int messages, Watcher watcher) {
    backlog.send(length, messages);
    int from = 0;
    do {
      int to = (int) Math.min(length, (long) from + limits.fragmentBytes());
      boolean last = to == length;
      ByteBuf part = Unpooled.wrappedBuffer(bytes, from, to - from);
      WebSocketFrame frame =
          from == 0
              ? new BinaryWebSocketFrame(last, 0, part)
              : new ContinuationWebSocketFrame(last, 0, part);
      Sent sent = new Sent(backlog, to - from, last ? messages : 0, watcher);
      ChannelFuture written = last ? channel.writeAndFlush(frame) : channel.write(frame);
      written.addListener(sent);
      from = to;
    } while (from < length);
  }

  /** Sends messages that are frames already, in one write. */
  void send(FrameRow row, Watcher watcher) {
    backlog.send(row.length(), row.messages());
    // Not a frame to the channel, so that no handler puts another head before it.
    channel
        .writeAndFlush(Unpooled.wrappedBuffer(row.bytes(), 0, row.length()))
        .addListener(new Sent(backlog, row.length(), row.messages(), watcher));
  }

  /** Lowers the backlog, whether the bytes were written or the channel has failed. */
  private record Sent(Backlog backlog, int bytes, int messages, Watcher watcher)
      implements ChannelFutureListener {
    @Override
    public void operationComplete(ChannelFuture future) {
      backlog.written(bytes, messages);
      watcher.written();
    }
  }

  /** Sends a ping; the step is run on the event loop when it was written. */
  void ping(Runnable written) {
    channel
        .writeAndFlush(new PingWebSocketFrame())
        .addListener(
            future -> {
              if (future.isSuccess()) {
                written.run();
              }
            });
  }

  /** Sends a close frame, and drops the connection if the client does not answer in time. */
  void close(Closing closing) {
    socket
        .close((short) closing.code(), closing.reason())
        .onFailure(cause -> LOG.debugf(cause, "the close frame was not sent"));
    later(limits.closeTimeout().toNanos(), this::abort);
  }

  /** Drops the connection without a close frame, and with it what was not written. */
  @SuppressWarnings("FutureReturnValueIgnored") // the listener hears of the end
  void abort() {
    // Not the channel's own method, with which Vert.x would send a close frame.
    channel.close().addListener(this::closed);
  }

  private void closed(Future<?> done) {
    if (!done.isSuccess()) {
      LOG.debug("the connection was not closed in order", done.cause());
    }
  }

  /** Reads no more from the socket; what was read already still comes. */
  void pause() {
    connection.doPause();
  }

  /** Reads from the socket again. */
  void resume() {
    connection.doResume();
  }

  /** Runs a step on the event loop. */
  void run(Runnable step) {
    try {
      channel.executor().execute(step);
    } catch (RejectedExecutionException e) {
      LOG.debug("the event loop has ended, and all of its connections with it", e);
    }
  }

  /** Runs a step on the event loop after a while. */
  void later(long nanos, Runnable step) {
    try {
      var _ = channel.executor().schedule(step, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the event loop has ended, and all of its connections with it", e);
    }
  }
}
