package dev.dormouse.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Drives some of the connections on one thread. Buffers are shared by its connections: one socket
 * is worked on at a time, and a small working set leaves the cache to the server.
 */
final class LoadThread implements Runnable, AutoCloseable {
  private static final int IN_BYTES = 256 << 10;
  private static final long SELECT_MILLIS_MAX = 10;

  private final Selector selector;
  private final List<Connection> connections = new ArrayList<>();
  private final Calls calls;
  private final Tally tally = new Tally();
  private final ByteBuffer out;
  private ByteBuffer in = Frames.buffer(IN_BYTES);
  private long callsLeft;
  private volatile Phase phase = Phase.CONNECTING;
  private Phase seen = Phase.CONNECTING;
  private volatile String failure = "";

  LoadThread(Options options, Calls calls, long callsMax) throws IOException {
    this.calls = calls;
    this.callsLeft = callsMax;
    this.selector = Selector.open();
    this.out =
        Frames.buffer(
            options.inFlight() * (calls.bytes() + Frames.HEAD_BYTES_MAX)
                + Frames.HEAD_BYTES_MAX
                + 125);
  }

  /** Takes a socket behind its handshake. Before the thread starts. */
  void add(SocketChannel channel, Options options) throws IOException {
    channel.configureBlocking(false);
    SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
    var connection = new Connection(channel, key, this, options);
    key.attach(connection);
    connections.add(connection);
  }

  /** Moves on to a later phase. Any thread. */
  void enter(Phase next) {
    phase = next;
    selector.wakeup();
  }

  /** Why the thread has ended early; empty if it has not. Any thread. */
  String failure() {
    return failure;
  }

  Tally tally() {
    return tally;
  }

  Calls calls() {
    return calls;
  }

  /** Calls without a result; once the thread is over. */
  long waiting() {
    return connections.stream().mapToLong(Connection::waiting).sum();
  }

  @Override
  public void run() {
    Consumer<SelectionKey> ready = LoadThread::ready;
    try {
      while (true) {
        Phase now = phase;
        if (now != seen) {
          boolean begins = seen == Phase.CONNECTING && now != Phase.OVER;
          seen = now;
          if (begins) {
            for (Connection connection : connections) {
              connection.fill();
            }
          }
        }
        if (now == Phase.OVER || (now == Phase.DRAINING && waiting() == 0)) {
          return;
        }
        selector.select(ready, SELECT_MILLIS_MAX);
      }
    } catch (IOException | RuntimeException e) {
      failure = e.toString();
    }
  }

  private static void ready(SelectionKey key) {
    try {
      ((Connection) key.attachment()).ready();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The buffer to read into, with the beginning of a frame in front. */
  ByteBuffer in(ByteBuffer unread) {
    if (unread.capacity() > in.capacity() / 2) {
      in = Frames.buffer(2 * unread.capacity());
    }
    return in.clear().put(unread);
  }

  /** The buffer to write from, empty. */
  ByteBuffer out() {
    return out.clear();
  }

  /** How many of these calls may be sent; they count as sent. */
  int allowance(int free) {
    if (seen != Phase.WARMING_UP && seen != Phase.MEASURING) {
      return 0;
    }
    int count = (int) Math.min(free, callsLeft);
    callsLeft -= count;
    tally.sent(count);
    return count;
  }

  /** A call has its result. */
  void settled(Outcome outcome, long nanos) {
    tally.settled(outcome);
    if (seen == Phase.MEASURING) {
      tally.latencies.record(nanos);
    }
  }

  @Override
  public void close() throws IOException {
    for (Connection connection : connections) {
      connection.close();
    }
    selector.close();
  }
}
