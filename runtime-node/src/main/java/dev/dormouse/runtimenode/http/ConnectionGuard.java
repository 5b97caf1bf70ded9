package dev.dormouse.runtimenode.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What one connection may take before it asks for something: a place among the port's connections,
 * and time. Without it a client that sends nothing, or a byte now and then, would be waited for as
 * long as it likes. Used on the connection's event loop.
 */
final class ConnectionGuard extends ChannelInboundHandlerAdapter {
  private static final AttributeKey<ConnectionGuard> GUARD =
      AttributeKey.valueOf(ConnectionGuard.class, "guard");
  private static final long NEVER = Long.MAX_VALUE;

  private final HttpLimits limits;
  private final AtomicInteger open;
  private @Nullable ChannelHandlerContext context;
  private boolean counted;

  /** Requests under way: several at a time with HTTP/2. */
  private int requests;

  private boolean lastRequest;

  /** When the connection is closed, unless a request begins; nanoseconds since {@link #origin}. */
  private long deadline = NEVER;

  private long timerAt = NEVER;
  private @Nullable ScheduledFuture<?> timer;
  private final long origin = System.nanoTime();

  /**
   * Guards a connection.
   *
   * @param open how many connections its port has
   */
  ConnectionGuard(HttpLimits limits, AtomicInteger open) {
    this.limits = limits;
    this.open = open;
  }

  /** Guards a channel from its first moment. */
  void guard(Channel channel) {
    channel.attr(GUARD).set(this);
    channel.pipeline().addFirst(this);
  }

  /** The guard of a request's connection; one that was not guarded so far is from now on. */
  static ConnectionGuard of(HttpConnection connection, HttpLimits limits) {
    if (!(connection instanceof ConnectionBase base)) {
      throw new IllegalStateException("not a connection of Vert.x 4: " + connection.getClass());
    }
    Channel channel = base.channel();
    ConnectionGuard present = channel.attr(GUARD).get();
    if (present != null) {
      return present;
    }
    ConnectionGuard late = new ConnectionGuard(limits, new AtomicInteger());
    late.guard(channel);
    return late;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    if (added.channel().isActive()) {
      opened(added);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    opened(active);
    active.fireChannelActive();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the connection is gone either way
  private void opened(ChannelHandlerContext active) {
    if (counted) {
      return;
    }
    counted = true;
    if (open.incrementAndGet() > limits.connections()) {
      active.close();
    } else {
      closeAfter(limits.headTime());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext inactive) {
    if (counted) {
      open.decrementAndGet();
    }
    never();
    if (timer != null) {
      timer.cancel(false);
    }
    inactive.fireChannelInactive();
  }

  /** A request's head was read; false if the connection takes no more. */
  boolean requestBegan() {
    if (lastRequest) {
      return false;
    }
    requests++;
    never();
    return true;
  }

  /** A request was answered. */
  void requestEnded() {
    requests--;
    if (requests == 0) {
      closeAfter(lastRequest ? limits.lingerTime() : limits.idleTime());
    }
  }

  /** The request under way is the connection's last. */
  void noMore() {
    lastRequest = true;
  }

  /** Whether another request may follow. */
  boolean takesMore() {
    return !lastRequest;
  }

  /** The connection became something else, which looks after itself. */
  void handedOver() {
    never();
  }

  /** A timer that is set fires in vain, which is cheaper than one per request. */
  private void never() {
    deadline = NEVER;
  }

  private void closeAfter(Duration time) {
    deadline = now() + time.toNanos();
    if (timer != null && timerAt <= deadline) {
      return; // It fires early enough to look again.
    }
    if (timer != null) {
      timer.cancel(false);
    }
    schedule();
  }

  private void schedule() {
    ChannelHandlerContext present = context;
    if (present != null) {
      timerAt = deadline;
      timer =
          present
              .executor()
              .schedule(this::look, Math.max(0, deadline - now()), TimeUnit.NANOSECONDS);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the connection is gone either way
  private void look() {
    timer = null;
    ChannelHandlerContext present = context;
    if (deadline == NEVER || present == null) {
      return;
    }
    if (now() >= deadline) {
      present.close();
    } else {
      schedule();
    }
  }

  private long now() {
    return System.nanoTime() - origin;
  }
}
