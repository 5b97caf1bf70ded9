package dev.dormouse.benchmarks.load;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** One WebSocket, used by one thread. */
final class Connection implements FrameReader.Sink, ServerMessages.Receiver {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SocketChannel channel;
  private final SelectionKey key;
  private final LoadThread thread;
  private final Outstanding outstanding;
  private final FrameReader frames;
  private final ServerMessages messages = new ServerMessages(this);
  private final int callsPerFrame;

  /** Beginning of a frame whose end has not come; between position and limit. */
  private ByteBuffer unread = NOTHING;

  /** What the socket did not take; between position and limit. */
  private ByteBuffer unsent = NOTHING;

  private byte[] pong = {};
  private boolean pongDue;
  private long readAt;

  Connection(SocketChannel channel, SelectionKey key, LoadThread thread, Options options) {
    this.channel = channel;
    this.key = key;
    this.thread = thread;
    this.outstanding = new Outstanding(options.inFlight());
    this.frames = new FrameReader(this, LoadLimits.STANDARD.messageBytesMax());
    this.callsPerFrame =
        switch (options.protocol()) {
          case V2 -> 1;
          case V3 -> LoadLimits.STANDARD.frameBytesMax() / thread.calls().bytes();
        };
  }

  int waiting() {
    return outstanding.waiting();
  }

  /** The selector found the socket ready. */
  void ready() throws IOException {
    if (key.isWritable() && unsent.hasRemaining()) {
      flush();
    }
    if (key.isReadable()) {
      read();
    }
    fill();
  }

  private void read() throws IOException {
    ByteBuffer in = thread.in(unread);
    int read = channel.read(in);
    if (read < 0) {
      throw new ProtocolException("the server closed the connection");
    }
    in.flip();
    readAt = System.nanoTime();
    int wanted = frames.read(in);
    if (wanted == 0) {
      unread.position(unread.limit());
    } else {
      if (unread.capacity() < wanted) {
        unread = Frames.buffer(wanted);
      }
      unread.clear().put(in).flip();
    }
  }

  /** Sends what may be sent. */
  void fill() throws IOException {
    if (unsent.hasRemaining()) {
      return;
    }
    int count = thread.allowance(outstanding.free());
    if (count == 0 && !pongDue) {
      return;
    }
    Calls calls = thread.calls();
    ByteBuffer out = thread.out();
    if (pongDue) {
      Frames.head(out, Frames.PONG, pong.length);
      out.put(pong);
      pongDue = false;
    }
    long now = System.nanoTime();
    for (int left = count; left > 0; ) {
      int joined = Math.min(left, callsPerFrame);
      Frames.head(out, Frames.BINARY, joined * calls.bytes());
      for (int i = 0; i < joined; i++) {
        calls.put(out, outstanding.take(now));
      }
      left -= joined;
    }
    out.flip();
    channel.write(out);
    if (out.hasRemaining()) {
      if (unsent.capacity() < out.remaining()) {
        unsent = Frames.buffer(out.capacity());
      }
      unsent.clear().put(out).flip();
      key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    }
  }

  private void flush() throws IOException {
    channel.write(unsent);
    if (!unsent.hasRemaining()) {
      key.interestOps(SelectionKey.OP_READ);
    }
  }

  /** Ends the connection; the server learns it from the socket. */
  void close() throws IOException {
    channel.close();
  }

  @Override
  public void message(ByteBuffer buffer, int from, int to) throws ProtocolException {
    messages.read(buffer, from, to);
  }

  @Override
  public void ping(byte[] payload) {
    pong = payload;
    pongDue = true;
  }

  @Override
  public void closed(int code, String reason) {
    throw new IllegalStateException("the server closed with " + code + " " + reason);
  }

  @Override
  public void connected() {
    thread.tally().connected();
  }

  @Override
  public void result(int requestId, Outcome outcome, String text) {
    long sentAt = outstanding.settle(requestId);
    if (sentAt == Outstanding.UNKNOWN) {
      thread.tally().stranger();
      return;
    }
    if (outcome == Outcome.INTERNAL_ERROR) {
      thread.tally().internalError(text);
    }
    thread.settled(outcome, readAt - sentAt);
  }

  @Override
  public void applied(int requestId) {
    throw new IllegalStateException("a subscription that nobody asked for was applied");
  }

  @Override
  public void refused(String error) {
    throw new IllegalStateException("a subscription that nobody asked for was refused: " + error);
  }

  @Override
  public void update() {
    throw new IllegalStateException("an update without a subscription");
  }
}
