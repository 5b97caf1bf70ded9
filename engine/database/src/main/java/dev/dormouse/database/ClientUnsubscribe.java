package dev.dormouse.database;

import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.subscription.QuerySetId;
import dev.dormouse.subscription.UnsubscribeOutcome;

/** The end of a query set. Source: spec client-protocol §12.4. */
public final class ClientUnsubscribe extends Request {
  private final Client client;
  private final int requestId;
  private final QuerySetId set;
  private final boolean withRows;

  /**
   * A wish to end a set.
   *
   * @param withRows whether the answer repeats the set's rows
   */
  public ClientUnsubscribe(Client client, int requestId, QuerySetId set, boolean withRows) {
    this.client = client;
    this.requestId = requestId;
    this.set = set;
    this.withRows = withRows;
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
    try (MemoryAccount memory = session.context().memory().open()) {
      UnsubscribeOutcome<EncodedRows> outcome =
          session
              .audience()
              .registry()
              .unsubscribe(
                  client,
                  set,
                  withRows,
                  session.store().committed(),
                  session.audience().registry().budget(memory));
      client.unsubscribed(requestId, set, withRows, outcome, session.commits().lastOffset());
    }
    session.audience().touch(client);
  }

  @Override
  public void refuse(EngineException why) {
    client.requestRefused(why);
  }
}
