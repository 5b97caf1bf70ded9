package dev.dormouse.database;

import dev.dormouse.sats.EngineException;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection has ended: its subscriptions go, its disconnect reducer runs, its rows are
 * deleted. Nothing happens if it has no rows, so that it may be said twice.
 */
public final class Leave extends Request {
  private final Caller caller;
  private final @Nullable Client client;

  /** The end of a connection whose socket died with an earlier process. */
  public Leave(Caller caller) {
    this.caller = caller;
    this.client = null;
  }

  /** The end of a connection. */
  public Leave(Client client) {
    this.caller = client.caller();
    this.client = client;
  }

  @Override
  boolean isOwed() {
    return true; // There are not more than there are connections, and nobody would say it again.
  }

  @Override
  boolean isWrite() {
    return false; // It is one, and small, and who has left must not seem to be there.
  }

  @Override
  void execute(Session session) {
    if (client != null) {
      session.audience().leave(client);
    }
    session.connections().disconnect(caller);
  }

  @Override
  public void refuse(EngineException why) {
    // Nobody waits. The rows stay, and the next life of the database ends the connection; it comes
    // by itself where no life is on its way.
  }
}
