package dev.dormouse.runtimenode.ws;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.protocol.Subprotocol;
import dev.dormouse.protocol.SubscribeParameters;
import dev.dormouse.protocol.UpgradeCheck;
import dev.dormouse.runtimenode.http.Answer;
import dev.dormouse.runtimenode.http.Exchange;
import dev.dormouse.runtimenode.http.Refusal;
import dev.dormouse.runtimenode.http.RouteGroup;
import dev.dormouse.runtimenode.http.RouteTable;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * {@code GET /v1/database/:db/subscribe}: the upgrade to a WebSocket, and what may be wrong with
 * it, in the order of the spec. Source: spec client-protocol §2.
 */
public final class SubscribeRoute implements RouteGroup {
  private static final String PATH = "/v1/database/:db/subscribe";
  private static final String SUBPROTOCOL = "sec-websocket-protocol";

  /** Tells who makes a request. Source: spec auth §5. */
  public interface Guests {
    /**
     * The caller by its credentials, or a fresh anonymous one.
     *
     * @return fails with a {@link Refusal} if the credentials are not valid
     */
    Future<Guest> authenticate(Exchange exchange);
  }

  /** Tells which database a request means. Source: spec http-api §1.1. */
  public interface Addresses {
    /**
     * The database by its path.
     *
     * @return fails with a {@link Refusal}: 400 if it is no address, 404 if there is none
     */
    Future<DatabaseKey> database(Exchange exchange);
  }

  private final Guests guests;
  private final Addresses addresses;
  private final OpenSockets sockets;
  private final RandomGenerator connectionIds;

  /**
   * Upgrades to sockets of a node.
   *
   * @param connectionIds must not be predictable, and thread safe
   */
  public SubscribeRoute(
      Guests guests, Addresses addresses, OpenSockets sockets, RandomGenerator connectionIds) {
    this.guests = guests;
    this.addresses = addresses;
    this.sockets = sockets;
    this.connectionIds = connectionIds;
  }

  /** Every method, since credentials are looked at before the method is. */
  @Override
  public void mount(RouteTable routes) {
    routes.anyMethod(PATH, this::subscribe);
  }

  private Future<Answer> subscribe(Exchange exchange) {
    return guests
        .authenticate(exchange)
        .compose(
            guest -> {
              HttpServerResponse response = exchange.raw().response();
              response.putHeader("spacetime-identity", guest.identity().toHex());
              response.putHeader("spacetime-identity-token", guest.token());
              return check(exchange, guest);
            });
  }

  private Future<Answer> check(Exchange exchange, Guest guest) {
    HttpServerRequest request = exchange.raw().request();
    MultiMap headers = request.headers();
    Optional<UpgradeCheck.Refusal> refusal =
        UpgradeCheck.refusal(
            request.method().name(),
            headers.getAll(HttpHeaders.CONNECTION),
            headers.getAll(HttpHeaders.UPGRADE),
            headers.getAll("sec-websocket-version"),
            headers.getAll("sec-websocket-key"));
    if (refusal.isPresent()) {
      return Future.succeededFuture(answer(refusal.get()));
    }
    SubscribeParameters parameters = parameters(request);
    return addresses
        .database(exchange)
        .compose(
            database -> {
              List<String> offered = headers.getAll(SUBPROTOCOL);
              Subprotocol protocol =
                  Subprotocol.negotiate(offered)
                      .orElseThrow(() -> Refusal.text(400, Subprotocol.refusal(offered)));
              return upgrade(request, handshake(database, guest, parameters, protocol));
            });
  }

  private static Answer answer(UpgradeCheck.Refusal refusal) {
    Answer answer = Answer.text(refusal.status(), refusal.text());
    if (refusal.upgradeRequired()) {
      return answer.with("connection", "upgrade").with("upgrade", "websocket");
    }
    return refusal.status() == 405 ? answer.with("allow", "GET") : answer;
  }

  private static SubscribeParameters parameters(HttpServerRequest request) {
    String query = request.query();
    try {
      return query == null ? SubscribeParameters.DEFAULT : SubscribeParameters.parse(query);
    } catch (EngineException e) {
      throw Refusal.text(400, e.text());
    }
  }

  private Handshake handshake(
      DatabaseKey database, Guest guest, SubscribeParameters parameters, Subprotocol protocol) {
    return new Handshake(
        database,
        guest,
        parameters.connectionId().orElseGet(this::freshConnectionId),
        protocol,
        parameters.compression(),
        parameters.confirmed(protocol),
        parameters.sessionId());
  }

  /** 128 random bits, of which one is set. */
  private ConnectionId freshConnectionId() {
    return new ConnectionId(connectionIds.nextLong(), connectionIds.nextLong() | 1L);
  }

  private Future<Answer> upgrade(HttpServerRequest request, Handshake handshake) {
    // Vert.x would follow the client's order of preference, and see one Connection line only.
    request
        .headers()
        .set(SUBPROTOCOL, handshake.protocol().headerValue())
        .set(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE);
    return request
        .toWebSocket()
        .map(
            socket -> {
              opened(request.connection(), socket, handshake);
              return new Answer.TakenOver();
            });
  }

  private void opened(HttpConnection upgraded, ServerWebSocket socket, Handshake handshake) {
    if (socket.isClosed()) {
      return;
    }
    Backlog backlog = sockets.backlog();
    Wire wire = Wire.of(sockets.limits(), upgraded, socket, backlog);
    Connection connection = new Connection(sockets, handshake, wire, backlog);
    connection.listen();
    sockets.open(connection);
  }
}
