package dev.dormouse.runtimenode;

import dev.dormouse.auth.Claims;
import dev.dormouse.auth.SigningKeys;
import dev.dormouse.auth.TokenIssuer;
import dev.dormouse.catalog.Catalog;
import dev.dormouse.runtimenode.http.Answer;
import dev.dormouse.runtimenode.http.Caller;
import dev.dormouse.runtimenode.http.Exchange;
import dev.dormouse.runtimenode.http.Refusal;
import dev.dormouse.runtimenode.http.RouteGroup;
import dev.dormouse.runtimenode.http.RouteTable;
import dev.dormouse.sats.Identity;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.stream.Collectors;

/** Identities and tokens. Source: spec http-api §4. */
@Singleton
public final class IdentityRoutes implements RouteGroup {
  private static final String PUBLIC_KEY_TYPE = "application/pem-certificate-chain";
  private static final int HEX_DIGITS = 64;

  private final TokenIssuer issuer;
  private final SigningKeys keys;
  private final Catalog catalog;

  IdentityRoutes(TokenIssuer issuer, SigningKeys keys, Catalog catalog) {
    this.issuer = issuer;
    this.keys = keys;
    this.catalog = catalog;
  }

  @Override
  public void mount(RouteTable routes) {
    routes
        .open(HttpMethod.POST, "/v1/identity", this::create)
        .open(HttpMethod.GET, "/v1/identity/public-key", this::publicKey)
        .authenticated(HttpMethod.POST, "/v1/identity/websocket-token", this::websocketToken)
        .authenticated(HttpMethod.GET, "/v1/identity/:identity/verify", this::verify)
        .open(HttpMethod.GET, "/v1/identity/:identity/databases", this::databases);
  }

  private Future<Answer> create(Exchange exchange) {
    Claims claims = issuer.anonymous();
    return exchange
        .work(() -> issuer.sign(claims))
        .map(
            token ->
                Answer.json(
                    200,
                    "{\"identity\":\"%s\",\"token\":\"%s\"}"
                        .formatted(claims.identity().toHex(), token)));
  }

  private Future<Answer> publicKey(Exchange exchange) {
    return Future.succeededFuture(Answer.of(200, PUBLIC_KEY_TYPE, Buffer.buffer(keys.publicPem())));
  }

  private Future<Answer> websocketToken(Exchange exchange, Caller caller) {
    return exchange
        .work(() -> issuer.sign(issuer.shortLived(caller.claims())))
        .map(token -> Answer.json(200, "{\"token\":\"%s\"}".formatted(token)));
  }

  private Future<Answer> verify(Exchange exchange, Caller caller) {
    boolean same = identity(exchange).equals(caller.identity());
    return Future.succeededFuture(Answer.empty(same ? 204 : 400));
  }

  private Future<Answer> databases(Exchange exchange) {
    Identity owner = identity(exchange);
    return exchange
        .work(() -> catalog.databases().ownedBy(owner))
        .map(owned -> Answer.json(200, "{\"identities\":[%s]}".formatted(quoted(owned))));
  }

  private static String quoted(List<Identity> identities) {
    return identities.stream()
        .map(identity -> "\"" + identity.toHex() + "\"")
        .collect(Collectors.joining(","));
  }

  /** Exactly 64 digits: other routes also take a prefix, these do not. */
  private static Identity identity(Exchange exchange) {
    String text = exchange.pathParameter("identity");
    if (text.length() != HEX_DIGITS || !Identity.isHex(text)) {
      throw Refusal.text(400, "`%s` is not an identity of 64 hex digits".formatted(text));
    }
    return Identity.fromHex(text);
  }
}
