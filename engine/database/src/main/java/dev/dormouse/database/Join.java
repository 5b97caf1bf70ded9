package dev.dormouse.database;

import dev.dormouse.sats.EngineException;
import java.util.Optional;

/** A client has opened a connection: its rows go in and the connect reducer runs. */
public final class Join extends Request {
  private final Client client;

  /** A new connection. */
  public Join(Client client) {
    this.client = client;
  }

  @Override
  void execute(Session session) {
    Optional<CallResult> refused = session.connections().connect(client.caller(), client.claims());
    if (refused.isPresent()) {
      client.connectionRefused(HttpCall.refusal(refused.get()).error());
      return;
    }
    session.audience().join(client, session.isOwner(client.caller()));
    client.connected(session.commits().lastOffset());
    session.audience().touch(client);
  }

  @Override
  public void refuse(EngineException why) {
    client.requestRefused(why);
  }
}
