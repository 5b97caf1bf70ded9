package dev.dormouse.runtimenode.databases;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * New log lines on their way to one response. Lines come on the log's thread; what comes before the
 * response is ready waits. A reader that does not keep up is cut off at a bound.
 */
final class FollowedLog {
  /** Bytes that may wait for a slow reader. */
  private static final int WAITING_MAX = 8 << 20;

  private Buffer waiting = Buffer.buffer();
  private @Nullable Context context;
  private @Nullable HttpServerResponse response;
  private boolean scheduled;

  synchronized void line(byte[] json) {
    HttpServerResponse open = response;
    if (waiting.length() + json.length > WAITING_MAX) {
      if (open != null) {
        open.reset();
      }
      return;
    }
    waiting.appendBytes(json);
    Context loop = context;
    if (loop != null && !scheduled) {
      scheduled = true;
      loop.runOnContext(ignored -> write());
    }
  }

  private void write() {
    Buffer lines;
    HttpServerResponse open;
    synchronized (this) {
      scheduled = false;
      open = response;
      if (open == null || open.closed() || open.writeQueueFull()) {
        return;
      }
      lines = waiting;
      waiting = Buffer.buffer();
    }
    if (lines.length() > 0) {
      open.write(lines);
    }
  }

  /** Begins with what there is already; lines that came meanwhile may be told twice, never lost. */
  void stream(HttpServerResponse to, byte[] tail, Runnable stop) {
    to.setChunked(true);
    to.closeHandler(ignored -> stop.run());
    to.drainHandler(ignored -> write());
    to.write(Buffer.buffer(tail));
    synchronized (this) {
      // What came between the beginning of the following and the reading of the tail is in the
      // tail: it was written to the file before.
      waiting = Buffer.buffer();
      response = to;
      context = Vertx.currentContext();
    }
  }
}
