package dev.dormouse.database;

import dev.dormouse.sats.EngineException;
import dev.dormouse.subscription.SubscribeOutcome;

/**
 * Makes a client known again whose socket stayed open while its database slept. No message is sent:
 * the state is the one that the client was last told of.
 */
public final class Attach extends Request {
  private final Client client;

  /** A connection that outlived a sleep. */
  public Attach(Client client) {
    this.client = client;
  }

  @Override
  boolean isWrite() {
    return false;
  }

  @Override
  void execute(Session session) {
    if (session.audience().has(client)) {
      return;
    }
    session.audience().join(client, session.isOwner(client.caller()));
    for (HeldSet set : client.heldSets()) {
      SubscribeOutcome<EncodedRows> outcome =
          session
              .audience()
              .registry()
              .resume(client, set.id(), set.queries(), session.store().committed());
      if (outcome instanceof SubscribeOutcome.Refused<EncodedRows>(String error)) {
        client.setDropped(set.id(), error);
        session.audience().touch(client);
      }
    }
  }

  @Override
  public void refuse(EngineException why) {
    client.requestRefused(why);
  }
}
