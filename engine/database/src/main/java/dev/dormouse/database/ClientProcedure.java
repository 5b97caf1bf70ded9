package dev.dormouse.database;

import dev.dormouse.sats.EngineException;

/**
 * A call of a procedure on a client's connection. Procedures are not run yet: the client is told
 * so, in its turn. Source: spec client-protocol §14.
 */
public final class ClientProcedure extends Request {
  private final Client client;
  private final int requestId;
  private final String function;

  /** A call; the client is told that it is refused. */
  public ClientProcedure(Client client, int requestId, String function) {
    this.client = client;
    this.requestId = requestId;
    this.function = function;
  }

  @Override
  boolean isWrite() {
    return false;
  }

  @Override
  void execute(Session session) {
    if (!session.audience().has(client)) {
      return;
    }
    client.procedureRefused(requestId, session.calls().procedureRefusal(client.caller(), function));
    session.audience().touch(client);
  }

  @Override
  public void refuse(EngineException why) {
    client.requestRefused(why);
  }
}
