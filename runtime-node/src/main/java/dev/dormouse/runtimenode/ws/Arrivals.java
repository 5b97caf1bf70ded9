package dev.dormouse.runtimenode.ws;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.util.ReferenceCountUtil;

/**
 * Sees bytes before they are frames, for Netty gathers a frame of up to the largest message without
 * a word: one handler before its decoder, one behind it. Used on the event loop.
 */
final class Arrivals extends ChannelInboundHandlerAdapter {
  private final Received received;
  private final Runnable arrived;

  private Arrivals(Received received, Runnable arrived) {
    this.received = received;
    this.arrived = arrived;
  }

  /**
   * Counts what arrives at a WebSocket.
   *
   * @param arrived told after each read, when what could be made of it was
   */
  static void watch(ChannelPipeline pipeline, Received received, Runnable arrived) {
    ChannelHandlerContext decoder = pipeline.context(WebSocketFrameDecoder.class);
    if (decoder == null) {
      throw new IllegalStateException("no WebSocket in " + pipeline.names());
    }
    pipeline.addBefore(decoder.name(), "arrivals", new Arrivals(received, arrived));
    pipeline.addAfter(decoder.name(), "frames", new Frames(received));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (received.isUnwanted()) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof ByteBuf bytes) {
      received.arrived(bytes.readableBytes());
    }
    context.fireChannelRead(message);
    received.count();
    arrived.run();
  }

  private static final class Frames extends ChannelInboundHandlerAdapter {
    private final Received received;

    Frames(Received received) {
      this.received = received;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof WebSocketFrame frame) {
        received.completed(frame.content().readableBytes());
      }
      context.fireChannelRead(message);
    }
  }
}
