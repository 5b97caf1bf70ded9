package dev.dormouse.runtimenode.ws;

import dev.dormouse.protocol.ProtocolLimits;
import dev.dormouse.protocol.Subprotocol;
import dev.dormouse.runtimenode.http.HttpLimits;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;
import java.util.List;

/** Prepares the HTTP server for our limits and for the protocol's WebSockets. */
@Singleton
public final class SocketServerOptions implements HttpServerOptionsCustomizer {
  private final HttpLimits http;

  SocketServerOptions(HttpLimits http) {
    this.http = http;
  }

  @Override
  public void customizeHttpServer(HttpServerOptions options) {
    prepare(options, ProtocolLimits.DEFAULT)
        .setMaxInitialLineLength(http.requestLineBytes())
        .setMaxHeaderSize(http.headBytes());
  }

  @Override
  public void customizeHttpsServer(HttpServerOptions options) {
    customizeHttpServer(options);
  }

  /** No extensions, messages of the protocol's size, our own time limit for closing. */
  static HttpServerOptions prepare(HttpServerOptions options, ProtocolLimits limits) {
    return options
        .setWebSocketSubProtocols(
            List.of(Subprotocol.V3_BSATN.headerValue(), Subprotocol.V2_BSATN.headerValue()))
        .setPerMessageWebSocketCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false)
        .setMaxWebSocketFrameSize(limits.messageBytesMax())
        .setMaxWebSocketMessageSize(limits.messageBytesMax())
        .setWebSocketClosingTimeout(-1);
  }
}
