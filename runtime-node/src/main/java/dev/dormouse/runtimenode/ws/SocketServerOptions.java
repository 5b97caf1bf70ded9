package dev.dormouse.runtimenode.ws;

import dev.dormouse.protocol.ProtocolLimits;
import dev.dormouse.protocol.Subprotocol;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;
import java.util.List;

/** Prepares the HTTP server for the protocol's WebSockets. */
@Singleton
public final class SocketServerOptions implements HttpServerOptionsCustomizer {
  @Override
  public void customizeHttpServer(HttpServerOptions options) {
    prepare(options, ProtocolLimits.DEFAULT);
  }

  @Override
  public void customizeHttpsServer(HttpServerOptions options) {
    prepare(options, ProtocolLimits.DEFAULT);
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
