package dev.dormouse.database;

import dev.dormouse.query.Budget;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.subscription.SubscribeOutcome;
import java.util.ArrayList;
import java.util.List;

/** A wish for query sets on a client's connection. Source: spec client-protocol §12. */
public final class ClientSubscribe extends Request {
  private final Client client;
  private final int requestId;
  private final List<HeldSet> sets;
  private final boolean batch;
  private final long bytes;

  private ClientSubscribe(Client client, int requestId, List<HeldSet> sets, boolean batch) {
    this.client = client;
    this.requestId = requestId;
    this.sets = List.copyOf(sets);
    this.batch = batch;
    this.bytes = this.sets.stream().mapToLong(HeldSet::bytes).sum();
  }

  /** A wish for one set. */
  public static ClientSubscribe one(Client client, int requestId, HeldSet set) {
    return new ClientSubscribe(client, requestId, List.of(set), false);
  }

  /** A wish for several sets, answered at once. */
  public static ClientSubscribe batch(Client client, int requestId, List<HeldSet> sets) {
    return new ClientSubscribe(client, requestId, sets, true);
  }

  @Override
  public long bytes() {
    return bytes;
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
      subscribe(session, session.audience().registry().budget(memory));
    }
    session.audience().touch(client);
  }

  private void subscribe(Session session, Budget budget) {
    List<SubscribeOutcome<EncodedRows>> outcomes = new ArrayList<>(sets.size());
    for (HeldSet set : sets) {
      outcomes.add(
          session
              .audience()
              .registry()
              .subscribe(client, set.id(), set.queries(), session.store().committed(), budget));
    }
    long offset = session.commits().lastOffset();
    if (batch) {
      client.batchSubscribed(requestId, sets, outcomes, offset);
    } else {
      client.subscribed(requestId, sets.getFirst(), outcomes.getFirst(), offset);
    }
  }

  @Override
  public void refuse(EngineException why) {
    client.requestRefused(why);
  }
}
