package dev.dormouse.database;

import dev.dormouse.datastore.TxChanges;
import dev.dormouse.query.QueryCompiler;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.subscription.Deltas;
import dev.dormouse.subscription.DroppedSet;
import dev.dormouse.subscription.SetDelta;
import dev.dormouse.subscription.SubscriptionLimits;
import dev.dormouse.subscription.SubscriptionRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The clients of an awake database, their query sets, and who is to be flushed. Used on the lane.
 */
final class Audience implements Commits.BeforeMerge {
  private final SubscriptionRegistry<Client, EncodedRows, EncodedUpdate> registry;
  private ArrayList<Client> active = new ArrayList<>();
  private ArrayList<Client> flushing = new ArrayList<>();
  private @Nullable Deltas<Client, EncodedUpdate> deltas;

  Audience(
      QueryCompiler compiler,
      SubscriptionLimits limits,
      LongSupplier nanoTime,
      MemoryBudget memory) {
    this.registry = new SubscriptionRegistry<>(compiler, limits, nanoTime, memory);
  }

  SubscriptionRegistry<Client, EncodedRows, EncodedUpdate> registry() {
    return registry;
  }

  /** Gives its memory back to the node; what clients were told and is held back is lost. */
  void close() {
    for (Client client : active) {
      client.active = false;
      client.lost();
    }
    active.clear();
    registry.close();
  }

  void join(Client client, boolean owner) {
    registry.connect(
        client, new dev.dormouse.query.Caller(client.caller().identity(), owner), client.form());
    client.audience = this;
  }

  void leave(Client client) {
    registry.disconnect(client);
    client.audience = null;
  }

  /** Whether this awake life has met a client, and it has not left. */
  boolean has(Client client) {
    return client.audience == this;
  }

  /** Works out what a commit means to whom; {@link #deliver} tells them once it is merged. */
  @Override
  public void changed(TxChanges changes) {
    deltas = registry.planCount() == 0 ? null : registry.evaluate(changes);
  }

  /**
   * Tells everybody but the caller what the last commit changed.
   *
   * @param caller who gets its changes with its answer, or null
   * @return the caller's changes
   */
  List<SetDelta<EncodedUpdate>> deliver(@Nullable Client caller, long offset) {
    Deltas<Client, EncodedUpdate> told = deltas;
    deltas = null;
    if (told == null) {
      return List.of();
    }
    for (DroppedSet<Client> dropped : told.dropped()) {
      dropped.subscriber().setDropped(dropped.id(), dropped.error());
      touch(dropped.subscriber());
    }
    List<SetDelta<EncodedUpdate>> own = List.of();
    for (Map.Entry<Client, List<SetDelta<EncodedUpdate>>> each : told.updates().entrySet()) {
      Client client = each.getKey();
      if (client.equals(caller)) {
        own = each.getValue();
      } else {
        client.changed(each.getValue(), offset);
        touch(client);
      }
    }
    return own;
  }

  /** The client was told something and is to be flushed. */
  void touch(Client client) {
    if (!client.active) {
      client.active = true;
      active.add(client);
    }
  }

  /** Lets clients send what may go; those that hold something back stay on the list. */
  void flush(long durable) {
    registry.delivered();
    if (active.isEmpty()) {
      return;
    }
    ArrayList<Client> list = active;
    active = flushing;
    flushing = list;
    for (Client client : list) {
      client.active = false;
      if (client.flush(durable)) {
        touch(client);
      }
    }
    list.clear();
  }

  /** Whether anybody waits for something to become durable. */
  boolean isHolding() {
    return !active.isEmpty();
  }
}
