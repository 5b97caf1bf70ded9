package dev.dormouse.runtimenode.databases;

import dev.dormouse.runtimenode.logs.ModuleLogs;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * New log lines on their way to one response. Lines come on the log's thread; what comes before the
 * response is ready waits. A reader that does not keep up is cut off at a bound.
 */
final class FollowedLog implements ModuleLogs.Follower {
  private final int waitingMax;
  private Buffer waiting = Buffer.buffer();
  private @Nullable Context context;
  private @Nullable HttpServerResponse response;
  private boolean scheduled;
  private boolean over;

  /**
   * Lines for one reader.
   *
   * @param waitingMax bytes that may wait for it
   */
  FollowedLog(int waitingMax) {
    this.waitingMax = waitingMax;
  }

  @Override
  public synchronized void line(byte[] json) {
    HttpServerResponse open = response;
    if (waiting.length() + json.length > waitingMax) {
      if (open != null) {
        open.reset();
      }
      return;
    }
    waiting.appendBytes(json);
    schedule();
  }

  @Override
  public synchronized void ended() {
    over = true;
    schedule();
  }

  private synchronized void schedule() {
    Context loop = context;
    if (loop != null && !scheduled) {
      scheduled = true;
      loop.runOnContext(ignored -> write());
    }
  }

  private void write() {
    Buffer lines;
    HttpServerResponse open;
    boolean last;
    synchronized (this) {
      scheduled = false;
      open = response;
      last = over;
      if (open == null || open.closed() || open.ended() || (open.writeQueueFull() && !last)) {
        return;
      }
      lines = waiting;
      waiting = Buffer.buffer();
    }
    if (last) {
      open.end(lines);
    } else if (lines.length() > 0) {
      open.write(lines);
    }
  }

  /**
   * Begins with what there is already; what has come since follows.
   *
   * @param stop called when the reader has gone
   */
  void stream(HttpServerResponse to, byte[] tail, Runnable stop) {
    to.setChunked(true);
    to.closeHandler(ignored -> stop.run());
    to.drainHandler(ignored -> write());
    to.write(Buffer.buffer(tail));
    synchronized (this) {
      response = to;
      context = Vertx.currentContext();
      schedule();
    }
  }
}
