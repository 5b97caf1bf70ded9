package dev.dormouse.database;

import dev.dormouse.datastore.TxChanges;
import dev.dormouse.query.QueryCompiler;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.subscription.Deltas;
import dev.dormouse.subscription.DroppedSet;
import dev.dormouse.subscription.SetDelta;
import dev.dormouse.subscription.SubscriptionLimits;
import dev.dormouse.subscription.SubscriptionRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The clients of an awake database, their query sets, and who is to be flushed. Used on the lane.
 *
 * <p>A client that throws as it is told or flushed is ended and reported, and nobody else misses
 * anything for it. An Error is no client's: it ends the database, whose clients are told again from
 * the log.
 */
final class Audience implements Commits.BeforeMerge {
  private final SubscriptionRegistry<Client, EncodedRows, EncodedUpdate> registry;
  private ArrayList<Client> active = new ArrayList<>();
  private ArrayList<Client> flushing = new ArrayList<>();
  private @Nullable Deltas<Client, EncodedUpdate> deltas;
  private final DatabaseObserver observer;
  private boolean delivering;

  Audience(
      QueryCompiler compiler,
      SubscriptionLimits limits,
      LongSupplier nanoTime,
      MemoryBudget memory,
      DatabaseObserver observer) {
    this.observer = observer;
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
    delivering = true;
    for (DroppedSet<Client> dropped : told.dropped()) {
      tell(dropped.subscriber(), client -> client.setDropped(dropped.id(), dropped.error()));
    }
    List<SetDelta<EncodedUpdate>> own = List.of();
    for (Map.Entry<Client, List<SetDelta<EncodedUpdate>>> each : told.updates().entrySet()) {
      Client client = each.getKey();
      if (client.equals(caller)) {
        own = each.getValue();
      } else {
        tell(client, listener -> listener.changed(each.getValue(), offset));
      }
    }
    delivering = false;
    return own;
  }

  /** Whether an error broke off where some may know of a commit and others not. */
  boolean isDelivering() {
    return delivering;
  }

  private void tell(Client client, Consumer<Client> telling) {
    try {
      telling.accept(client);
    } catch (RuntimeException e) {
      end(client, e);
    }
    touch(client); // Also if it is ended: what it holds back goes as it is flushed.
  }

  private void end(Client client, RuntimeException cause) {
    leave(client);
    try {
      client.requestRefused(EngineException.operator("the server failed to tell of a change"));
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
    observer.clientFailed(client.caller(), cause);
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
      if (flush(client, durable)) {
        touch(client);
      }
    }
    list.clear();
  }

  private boolean flush(Client client, long durable) {
    try {
      return client.flush(durable);
    } catch (RuntimeException e) {
      end(client, e);
      return false;
    }
  }

  /** Whether anybody waits for something to become durable. */
  boolean isHolding() {
    return !active.isEmpty();
  }
}
