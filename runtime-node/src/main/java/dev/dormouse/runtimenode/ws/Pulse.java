package dev.dormouse.runtimenode.ws;

/**
 * Whether a client is still there: pings it and notices silence. The database hears nothing of it.
 *
 * <p>Any frame received is a sign of life. So that a client on a slow line is not dropped while it
 * is being sent more than it can take in time, output that the socket takes is a sign as well, as
 * long as the last ping waits behind it; and silence does not count while the socket is not read.
 * Source: spec client-protocol §16.
 */
final class Pulse {
  private final SocketLimits limits;
  private final Wire wire;
  private final Backlog backlog;
  private final Intake intake;

  // Written by the event loop.
  private volatile boolean heard;
  private volatile boolean pingAnswered;
  private volatile boolean pingWritten;

  // Used by the thread that ticks.
  private long lastSign;
  private long lastPing;
  private long lastProgress;
  private long progressAt;

  /** The connection is open, and a first ping is on its way. */
  Pulse(SocketLimits limits, Wire wire, Backlog backlog, Intake intake, long now) {
    this.limits = limits;
    this.wire = wire;
    this.backlog = backlog;
    this.intake = intake;
    this.lastSign = now;
    this.lastPing = now;
    this.progressAt = now;
  }

  /** Sends the first ping. */
  void start() {
    wire.ping(() -> pingWritten = true);
  }

  /** A frame was received. */
  void heard() {
    if (!heard) {
      heard = true;
    }
  }

  /** A pong was received. */
  void pong() {
    pingAnswered = true;
  }

  private void ping(long now) {
    lastPing = now;
    pingAnswered = false;
    pingWritten = false;
    wire.ping(() -> pingWritten = true);
  }

  /** Looks at the clock; false if the client is gone. */
  boolean isAlive(long now) {
    long progress = backlog.progress();
    boolean moves = progress != lastProgress;
    if (moves || backlog.sentBytes() == 0) {
      lastProgress = progress;
      progressAt = now;
    }
    if (heard || intake.isPaused() || (moves && !pingWritten)) {
      heard = false;
      lastSign = now;
    }
    long idle = limits.idleTimeout().toNanos();
    if (now - lastSign >= idle || now - progressAt >= idle) {
      return false;
    }
    if (pingAnswered && now - lastPing >= limits.pingInterval().toNanos()) {
      ping(now);
    }
    return true;
  }
}
