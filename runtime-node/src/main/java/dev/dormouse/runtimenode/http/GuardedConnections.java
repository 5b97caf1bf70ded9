package dev.dormouse.runtimenode.http;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import io.netty.util.AttributeKey;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Puts a {@link ConnectionGuard} before everything else on each connection that a port of this
 * process accepts. Netty finds it as a service once {@link #install} was called.
 */
public final class GuardedConnections extends ChannelInitializerExtension {
  private static final AttributeKey<AtomicInteger> OPEN =
      AttributeKey.valueOf(GuardedConnections.class, "open");

  private final HttpLimits limits = HttpLimits.standard();

  /** Lets Netty find this; to be called before anything listens. */
  public static void install() {
    System.setProperty(EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
  }

  @Override
  public void postInitializeServerListenerChannel(ServerChannel port) {
    port.attr(OPEN).set(new AtomicInteger());
  }

  @Override
  public void postInitializeServerChildChannel(Channel accepted) {
    new ConnectionGuard(limits, accepted.parent().attr(OPEN).get()).guard(accepted);
  }
}
