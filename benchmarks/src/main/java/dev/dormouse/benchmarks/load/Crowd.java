package dev.dormouse.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Connections that mostly listen: they answer pings, subscribe when they are told to, and count
 * what comes. One selector thread serves all; used by one thread, step by step.
 */
public final class Crowd implements AutoCloseable {
  /** What all members wait for at a time. */
  private enum Step {
    CONNECTED,
    APPLIED,
    UPDATED
  }

  private static final int IN_BYTES = 64 << 10;
  private static final long SELECT_MILLIS_MAX = 10;
  private static final long GLANCE_MILLIS = 20;

  private final Options options;
  private final Selector selector = Selector.open();
  private final List<Member> members = new ArrayList<>();
  private final ByteBuffer in = Frames.buffer(IN_BYTES);
  private final Thread thread = new Thread(this::run, "crowd");
  private volatile boolean over;
  private volatile String failure = "";
  private volatile Step step = Step.CONNECTED;
  private volatile CountDownLatch left;
  private volatile long lastAt;

  private Crowd(Options options) throws IOException {
    this.options = options;
    this.left = new CountDownLatch(options.connections());
  }

  /** Opens as many connections as the options say; each was accepted by its database. */
  public static Crowd connect(Options options) throws IOException, InterruptedException {
    var crowd = new Crowd(options);
    boolean connected = false;
    try {
      crowd.thread.start();
      for (int i = 0; i < options.connections(); i++) {
        crowd.add(Handshake.open(options));
      }
      crowd.await(LoadLimits.STANDARD.connectWait());
      connected = true;
      return crowd;
    } finally {
      if (!connected) {
        crowd.close();
      }
    }
  }

  private void add(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    var member = new Member(channel);
    members.add(member);
    channel.register(selector, SelectionKey.OP_READ, member);
  }

  /** Each subscribes to a query and has its rows. */
  public void subscribe(int querySetId, String query) throws IOException, InterruptedException {
    expect(Step.APPLIED);
    byte[] message = Subscribe.message(querySetId, querySetId, List.of(query));
    for (Member member : members) {
      member.send(Frames.BINARY, message);
    }
    await(LoadLimits.STANDARD.connectWait());
  }

  /** Every member will be told of the next change; before whatever makes it. */
  public void expectUpdate() {
    expect(Step.UPDATED);
  }

  /** Waits until all have been told, and gives when the last was, by {@link System#nanoTime}. */
  public long awaitUpdate() throws InterruptedException {
    await(LoadLimits.STANDARD.drainWait());
    return lastAt;
  }

  private void expect(Step next) {
    left = new CountDownLatch(members.size());
    step = next;
  }

  private void await(Duration wait) throws InterruptedException {
    long until = System.nanoTime() + wait.toNanos();
    CountDownLatch latch = left;
    while (!latch.await(GLANCE_MILLIS, TimeUnit.MILLISECONDS)) {
      if (!failure.isEmpty()) {
        throw new IllegalStateException(failure);
      }
      if (System.nanoTime() > until) {
        throw new IllegalStateException(
            "%d of %d were not %s after %s"
                .formatted(latch.getCount(), options.connections(), step, wait));
      }
    }
  }

  private void run() {
    Consumer<SelectionKey> ready = key -> ((Member) key.attachment()).ready();
    try {
      while (!over) {
        selector.select(ready, SELECT_MILLIS_MAX);
      }
    } catch (IOException | RuntimeException e) {
      failure = e.toString();
    }
  }

  /** Ends all connections, without a word as clients do that crash. */
  @Override
  public void close() throws IOException {
    over = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (Member member : members) {
      member.channel.close();
    }
    selector.close();
  }

  /** One connection. */
  private final class Member implements FrameReader.Sink, ServerMessages.Receiver {
    private final SocketChannel channel;
    private final FrameReader frames = new FrameReader(this, LoadLimits.STANDARD.messageBytesMax());
    private final ServerMessages messages = new ServerMessages(this);
    private byte[] unread = {};

    Member(SocketChannel channel) {
      this.channel = channel;
    }

    void ready() {
      try {
        in.clear().put(unread);
        if (channel.read(in) < 0) {
          throw new ProtocolException("the server closed a connection");
        }
        frames.read(in.flip());
        unread = new byte[in.remaining()];
        in.get(unread);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** A socket that nobody writes to takes a short frame whole. */
    void send(int opcode, byte[] payload) throws IOException {
      ByteBuffer out = Frames.buffer(Frames.HEAD_BYTES_MAX + payload.length);
      Frames.head(out, opcode, payload.length);
      channel.write(out.put(payload).flip());
      if (out.hasRemaining()) {
        throw new IOException("%d bytes were not taken".formatted(out.remaining()));
      }
    }

    private void reached(Step reached) {
      if (step != reached) {
        throw new IllegalStateException(reached + " while waiting for " + step);
      }
      lastAt = System.nanoTime();
      left.countDown();
    }

    @Override
    public void message(ByteBuffer buffer, int from, int to) throws ProtocolException {
      messages.read(buffer, from, to);
    }

    @Override
    public void ping(byte[] payload) {
      try {
        send(Frames.PONG, payload);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void closed(int code, String reason) {
      throw new IllegalStateException("the server closed with " + code + " " + reason);
    }

    @Override
    public void connected() {
      reached(Step.CONNECTED);
    }

    @Override
    public void result(int requestId, Outcome outcome, String text) {
      throw new IllegalStateException("the result of a call that nobody made: " + outcome);
    }

    @Override
    public void applied(int requestId) {
      reached(Step.APPLIED);
    }

    @Override
    public void refused(String error) {
      throw new IllegalStateException("a subscription was refused: " + error);
    }

    @Override
    public void update() {
      reached(Step.UPDATED);
    }
  }
}
